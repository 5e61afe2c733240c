"""What the file itself keeps, whoever writes to it: history by trigger, logs that can't be changed, records that can't
be deleted.

These tests write with sqlite3 directly, as a careless program would, without this program's settings of a connection.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from leads_local.engine.types import FinishReason, ModelInfo, Reply
from leads_local.records import Choice, Citation, ExtractedValue, ReadProblem, ScreeningMethod, Stage
from leads_local.review import opening, schema
from leads_local.review.review import Review
from leads_local.review.store import citations, job_rows, values
from tests.review import old_reviews


@pytest.fixture
def raw(review: Review, add: object) -> Iterator[sqlite3.Connection]:
    """A review with a row in every table that must last, and a bare connection to it."""
    add([Citation(title="One", abstract="a"), Citation(title="Two", abstract="b")])  # type: ignore[operator]
    review.decide(1, Stage.ABSTRACT, Choice.INCLUDE, "first", "Ann")
    review.decide(1, Stage.ABSTRACT, Choice.EXCLUDE, "second", "Bob")
    with review.db.transaction():
        question = job_rows.RowQuestion("arms", "extraction", 1, "", "key")
        reply_id = job_rows.add_reply(
            review.db, question, Reply("x", "text", FinishReason.STOP), "", ModelInfo("m", "m"), "p", ()
        )
        review.db.write(
            "INSERT INTO document (sha256, path, problem, notice, how, at) VALUES ('s', 'p', '', '', '', '')"
        )
        review.db.write("INSERT INTO page (document_id, number, width, height, characters) VALUES (1, 1, 1.0, 1.0, 1)")
        review.db.write(
            "INSERT INTO passage (document_id, position, kind, section, text, spans) VALUES (1, 0, 'title', '', "
            "'t', '[]')"
        )
        citations.add_problems(review.db, 1, [ReadProblem("unreadable", 3, "raw")])
        values.add(review.db, 1, reply_id, 1, ExtractedValue("arms", "A", "text"), current=True)
    review.verify(1, "accepted", reviewer="Ann")
    review.close()
    connection = sqlite3.connect(review.path, isolation_level=None)
    yield connection
    connection.close()


LASTING = [
    *("act", "event", "reply", "record", "source", "value", "document"),
    *("citation", "criterion", "source_problem", "page", "passage", "generation"),
]


@pytest.mark.parametrize("table", LASTING)
def test_rows_that_must_last_can_not_be_deleted(raw: sqlite3.Connection, table: str) -> None:
    before = raw.execute(f"SELECT * FROM {table}").fetchall()
    assert before
    with pytest.raises(sqlite3.IntegrityError, match="never deleted"):
        raw.execute(f"DELETE FROM {table}")
    assert raw.execute(f"SELECT * FROM {table}").fetchall() == before


NEVER_CHANGED = [
    "act",
    "event",
    "reply",
    "citation",
    "source_problem",
    "page",
    "passage",
    "generation",
]


@pytest.mark.parametrize("table", NEVER_CHANGED)
def test_logs_and_what_was_imported_can_not_be_changed(raw: sqlite3.Connection, table: str) -> None:
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


def test_the_words_of_a_criterion_can_not_be_changed_but_whether_it_is_asked_can(raw: sqlite3.Connection) -> None:
    for column in ("origin", "stage", "name", "text"):
        with pytest.raises(sqlite3.IntegrityError):
            raw.execute(f"UPDATE criterion SET {column} = 'abstract'")
    raw.execute("UPDATE criterion SET active = 0, position = 7")


@pytest.mark.parametrize("table", ["source", "document", "criterion", "passage"])
def test_rows_can_not_be_replaced_by_others_that_are_the_same_to_people(raw: sqlite3.Connection, table: str) -> None:
    columns = [row[1] for row in raw.execute(f"PRAGMA table_info({table})") if row[1] != "id"]
    with pytest.raises(sqlite3.IntegrityError, match="never replaced"):
        raw.execute(
            f"INSERT OR REPLACE INTO {table} ({', '.join(columns)}) SELECT {', '.join(columns)} FROM {table} LIMIT 1"
        )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE decision SET choice = 'maybe'",
        "UPDATE decision SET reviewer = 'Cem'",
        "UPDATE decision SET at = 'tomorrow'",
        "UPDATE decision SET stage = 'fulltext'",
        "INSERT OR REPLACE INTO decision SELECT stage, record_id, reviewer, 'maybe', '', at, act_id, 99 FROM decision",
        "INSERT INTO decision VALUES ('abstract', 1, 'Cem', 'maybe', '', '', 1, 99)",
    ],
)
def test_a_decision_follows_from_an_act(raw: sqlite3.Connection, statement: str) -> None:
    before = raw.execute("SELECT * FROM decision").fetchall()
    assert len(before) == 2
    with pytest.raises(sqlite3.IntegrityError, match="follows from an act"):
        raw.execute(statement)
    assert raw.execute("SELECT * FROM decision").fetchall() == before


def test_a_decision_stays_until_it_is_taken_back(raw: sqlite3.Connection) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="until it is taken back"):
        raw.execute("DELETE FROM decision")


def test_a_proposed_value_is_never_edited(raw: sqlite3.Connection) -> None:
    for change in ("text = 'other'", "arm = 'B'", "quote = 'other'", "record_id = 2"):
        with pytest.raises(sqlite3.IntegrityError, match="never edited"):
            raw.execute(f"UPDATE value SET {change}")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE outcome SET choice = 'perhaps'",
        "UPDATE outcome SET state = 'settled', choice = ''",
        "INSERT INTO outcome VALUES ('title', 2, 'settled', 'include', '', '', '', 100)",
        "UPDATE verification SET status = 'seen'",
        "UPDATE record SET separate = 1, head = 1 WHERE id = 2",
        "INSERT INTO work (task, stage, record_id, item, key, state, reason) VALUES ('t', 's', 1, '', '', "
        "'failed', '')",
        "INSERT INTO review VALUES (2, '', '', '', '', '', '', '')",
    ],
)
def test_states_that_make_no_sense_are_refused(raw: sqlite3.Connection, statement: str) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        raw.execute(statement)


def test_every_statement_of_a_migration_is_one_statement() -> None:
    for statements in schema.MIGRATIONS:
        for statement in statements:
            assert statement in (schema.FILL_LOG, schema.DERIVE_OUTCOMES) or sqlite3.complete_statement(statement + ";")


def test_a_file_of_the_first_version_is_upgraded_with_all_that_it_held(review: Review, path: Path) -> None:
    review.close()
    path.unlink()
    old_reviews.make(path, 1, rows=False)
    old = sqlite3.connect(path, isolation_level=None)
    assert old.execute("PRAGMA user_version").fetchone() == (1,)
    for statement in (
        "INSERT INTO source (id, path, sha256, format, encoding, origin, at) VALUES (1, 'a.ris', 's', 'RIS', "
        "'utf-8', 'file', '')",
        "INSERT INTO record (id, source_id, head) VALUES (1, 1, 1)",
        "INSERT INTO citation VALUES (1, 1, 'Title', '[]', NULL, '', '', '', '', '', '', '', '', '[]', '[]', '[]', "
        "'Abstract')",
        "INSERT INTO reply VALUES (1, 'k', 'screening', 'abstract', 1, '', '{}', 'stop', '', 1, 0, 1, 0, 0.5, 1.5, "
        "'m', '', 'p', '[]', '')",
        "INSERT INTO work VALUES (7, 'screening', 'abstract', 1, '', 'k', 'done', '', 1)",
        "INSERT INTO judgement VALUES (1, 0, 1, 'YES', 'because')",
        "INSERT INTO judgement VALUES (1, 1, 2, 'NO', 'because')",
        "INSERT INTO screening VALUES ('abstract', 1, 1, 0.0)",
        "INSERT INTO decision VALUES ('abstract', 1, 'include', 'r', 'Ann', 'now', 1, 0)",
    ):
        old.execute(statement)
    kept = {table: old.execute(f"SELECT * FROM {table}").fetchall() for table in ("work", "judgement", "reply")}
    old.close()
    opening.upgrade(path, lambda db: path)
    with Review.open(path) as opened:
        screening = opened.record(1).screenings[Stage.ABSTRACT]
        assert [(j.eligibility, j.rationale, j.chances) for j in screening.judgements] == [
            ("YES", "because", None),
            ("NO", "because", None),
        ]
        assert (screening.score, screening.expected, screening.way, screening.margin) == (
            0.0,
            None,
            ScreeningMethod(),
            1.5,
        )
        assert opened.begun_method(Stage.ABSTRACT) == ScreeningMethod()
        assert opened.record(1).decisions[Stage.ABSTRACT].choice is Choice.INCLUDE
        (entry,) = opened.record(1).history
        assert (entry.action, entry.decision.reason, entry.by, entry.at) == ("decided", "r", "Ann", "now")
        assert opened.summaries([1])[0].score == 0.0
    new = sqlite3.connect(path)
    assert new.execute("PRAGMA user_version").fetchone() == (len(schema.MIGRATIONS),)
    assert new.execute("PRAGMA foreign_key_check").fetchall() == []
    for table, rows in kept.items():
        columns = "id, task, stage, record_id, item, key, state, reason, reply_id" if table == "work" else "*"
        found = new.execute(f"SELECT {columns} FROM {table}").fetchall()
        assert [row[: len(rows[0])] for row in found] == rows
    new.close()


def test_a_judgement_and_its_reasons_are_never_changed(raw: sqlite3.Connection) -> None:
    raw.execute(
        "INSERT INTO judgement (reply_id, position, criterion_id, eligibility, rationale) VALUES (1, 0, 1, 'YES', '')"
    )
    raw.execute("INSERT INTO rationale (judged_by, position, reply_id, text) VALUES (1, 0, 1, 'because')")
    for table in ("judgement", "rationale"):
        before = raw.execute(f"SELECT * FROM {table}").fetchall()
        for statement in (
            f"UPDATE {table} SET position = position",
            f"DELETE FROM {table}",
            f"REPLACE INTO {table} SELECT * FROM {table}",
        ):
            with pytest.raises(sqlite3.IntegrityError, match="never"):
                raw.execute(statement)
        assert raw.execute(f"SELECT * FROM {table}").fetchall() == before
