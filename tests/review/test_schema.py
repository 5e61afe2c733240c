"""What the file itself keeps, whoever writes to it: history by trigger, logs that can't be changed, records that can't be deleted.

These tests write with sqlite3 directly, as a careless program would, without this program's settings of a connection.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest

from leads_local.records import Choice, Citation, Finish, ModelInfo, Reply, Stage, Value
from leads_local.review import schema
from leads_local.review.review import Review
from leads_local.review.store import values, work


@pytest.fixture
def raw(review: Review, add: object) -> Iterator[sqlite3.Connection]:
    """A review with a row in every table that must last, and a bare connection to it."""
    add([Citation(title="One", abstract="a"), Citation(title="Two", abstract="b")])  # type: ignore[operator]
    review.decide(1, Stage.ABSTRACT, Choice.INCLUDE, "first", "Ann")
    review.decide(1, Stage.ABSTRACT, Choice.EXCLUDE, "second", "Bob")
    with review.db.transaction():
        question = work.Question("arms", "extraction", 1, "", "key")
        reply_id = work.add_reply(review.db, question, Reply("x", "text", Finish.STOP), "", ModelInfo("m", "m"), "p", ())
        review.db.write("INSERT INTO document (sha256, path, problem, notice, record_id, how, at) VALUES ('s', 'p', '', '', 1, '', '')")
        values.add(review.db, 1, reply_id, 1, Value("arms", "A", "text"), current=True)
    review.verify(1, "accepted", reviewer="Ann")
    connection = sqlite3.connect(review.path, isolation_level=None)
    yield connection
    connection.close()


LASTING = ["decision_history", "verification_history", "event", "reply", "record", "source", "value", "document"]


@pytest.mark.parametrize("table", LASTING)
def test_rows_that_must_last_can_not_be_deleted(raw: sqlite3.Connection, table: str) -> None:
    before = raw.execute(f"SELECT * FROM {table}").fetchall()
    assert before
    with pytest.raises(sqlite3.IntegrityError, match="never deleted"):
        raw.execute(f"DELETE FROM {table}")
    assert raw.execute(f"SELECT * FROM {table}").fetchall() == before


@pytest.mark.parametrize("table", ["decision_history", "verification_history", "event", "reply"])
def test_logs_can_not_be_changed(raw: sqlite3.Connection, table: str) -> None:
    columns = [row[1] for row in raw.execute(f"PRAGMA table_info({table})")]
    for column in columns:
        with pytest.raises(sqlite3.IntegrityError, match="never changed"):
            raw.execute(f"UPDATE {table} SET {column} = {column}")


@pytest.mark.parametrize("table", LASTING)
def test_rows_that_must_last_can_not_be_replaced(raw: sqlite3.Connection, table: str) -> None:
    before = raw.execute(f"SELECT * FROM {table}").fetchall()
    for form in ("INSERT OR REPLACE", "REPLACE"):
        with pytest.raises(sqlite3.IntegrityError, match="never replaced"):
            raw.execute(f"{form} INTO {table} SELECT * FROM {table} LIMIT 1")
    assert raw.execute(f"SELECT * FROM {table}").fetchall() == before


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE decision SET choice = 'maybe', seq = seq + 10",
        "INSERT OR REPLACE INTO decision VALUES ('abstract', 1, 'maybe', '', 'x', 'now', 99, 0)",
        "DELETE FROM decision",
    ],
)
def test_no_writer_can_forget_the_history(raw: sqlite3.Connection, statement: str) -> None:
    kept = raw.execute("SELECT choice, reason, reviewer FROM decision_history").fetchall()
    raw.execute(statement)
    now = raw.execute("SELECT choice, reason, reviewer FROM decision_history").fetchall()
    assert now[: len(kept)] == kept == [("include", "first", "Ann"), ("exclude", "second", "Bob")]
    assert len(now) == len(kept) + 1


def test_a_decision_is_never_edited_in_place(raw: sqlite3.Connection) -> None:
    for change in ("choice = 'include'", "reason = 'other'", "record_id = 2, seq = 50"):
        with pytest.raises(sqlite3.IntegrityError, match="never edited"):
            raw.execute(f"UPDATE decision SET {change}")


def test_a_proposed_value_is_never_edited(raw: sqlite3.Connection) -> None:
    for change in ("text = 'other'", "arm = 'B'", "quote = 'other'", "record_id = 2"):
        with pytest.raises(sqlite3.IntegrityError, match="never edited"):
            raw.execute(f"UPDATE value SET {change}")


def test_a_verification_keeps_its_history(raw: sqlite3.Connection) -> None:
    raw.execute("UPDATE verification SET status = 'edited', text = 'mine'")
    raw.execute("DELETE FROM verification")
    rows = raw.execute("SELECT action, status, text FROM verification_history ORDER BY id").fetchall()
    assert rows == [("verified", "accepted", "text"), ("verified", "edited", "mine"), ("undone", "edited", "mine")]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE decision SET choice = 'perhaps', seq = 100",
        "INSERT INTO decision VALUES ('title', 2, 'include', '', '', '', 100, 0)",
        "UPDATE verification SET status = 'seen'",
        "UPDATE record SET separate = 1, head = 1 WHERE id = 2",
        "INSERT INTO work (task, stage, record_id, item, key, state, reason) VALUES ('t', 's', 1, '', '', 'failed', '')",
        "INSERT INTO review VALUES (2, '', '', '', '', '', '', '')",
    ],
)
def test_states_that_make_no_sense_are_refused(raw: sqlite3.Connection, statement: str) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        raw.execute(statement)


def test_every_statement_of_a_migration_is_one_statement() -> None:
    for statements in schema.MIGRATIONS:
        for statement in statements:
            assert sqlite3.complete_statement(statement + ";")
