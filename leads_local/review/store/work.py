"""The model's work: what is to be asked now, and every reply there ever was.

A row of work is one question (record, task, stage, item). Its ``key`` is a hash of all that the answer depends on; when the key changes
the question is pending again. Replies stay for ever; one that has the same key is the answer, without asking again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from leads_local.records import Finish, ModelInfo, Reply
from leads_local.review.database import Database, Row, now
from leads_local.review.views import Failure, WorkState


@dataclass(frozen=True, slots=True)
class Question:
    """One thing to ask the model. ``key`` is "" while what is to be asked depends on an answer that is not there yet."""

    task: str
    stage: str
    record_id: int
    item: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Work:
    """A question as it stands: ``state`` is pending, done or failed; ``reply_id`` is 0 while there is no reply."""

    id: int
    question: Question
    state: str
    reason: str
    reply_id: int


_COLUMNS = "w.id, w.task, w.stage, w.record_id, w.item, w.key, w.state, w.reason, coalesce(w.reply_id, 0) AS reply_id"


def next_plan(db: Database) -> int:
    return db.number("SELECT max(plan) FROM work") + 1


def plan(db: Database, question: Question, number: int, *, retry: bool) -> Work:
    """The row for ``question``, made if there is none, pending again if its key has changed or it failed and ``retry`` is set."""
    q = question
    db.write(
        "INSERT INTO work (task, stage, record_id, item, key, state, reason, plan) VALUES (?, ?, ?, ?, ?, 'pending', '', ?) "
        "ON CONFLICT (record_id, task, stage, item) DO UPDATE SET plan = excluded.plan, key = excluded.key, "
        "state = CASE WHEN key = excluded.key AND NOT (state = 'failed' AND ?) THEN state ELSE 'pending' END, "
        "reason = CASE WHEN key = excluded.key AND NOT (state = 'failed' AND ?) THEN reason ELSE '' END, "
        "reply_id = CASE WHEN key = excluded.key AND NOT (state = 'failed' AND ?) THEN reply_id ELSE NULL END",
        (q.task, q.stage, q.record_id, q.item, q.key, number, retry, retry, retry),
    )
    row = db.row(
        f"SELECT {_COLUMNS} FROM work w WHERE w.record_id = ? AND w.task = ? AND w.stage = ? AND w.item = ?",
        (q.record_id, q.task, q.stage, q.item),
    )
    assert row is not None
    return _work(row)


def drop_unplanned(db: Database, stage: str, number: int) -> None:
    """Forget questions of ``stage`` that the plan ``number`` no longer has. Their replies stay."""
    db.write("DELETE FROM work WHERE stage = ? AND plan <> ?", (stage, number))


def settle(db: Database, row: Work, state: str, reason: str = "", reply_id: int | None = None) -> None:
    """Unless the question has been changed or dropped meanwhile: then its new form is asked in its turn."""
    db.write(
        "UPDATE work SET state = ?, reason = ?, reply_id = ? WHERE id = ? AND key = ?",
        (state, reason, reply_id, row.id, row.question.key),
    )


def set_key(db: Database, row: Work, key: str) -> Work:
    """The row, pending, once it is known what is to be asked."""
    db.write("UPDATE work SET key = ?, state = 'pending', reason = '', reply_id = NULL WHERE id = ?", (key, row.id))
    return replace(row, question=replace(row.question, key=key), state="pending", reason="", reply_id=0)


def add_reply(db: Database, question: Question, reply: Reply, reason: str, model: ModelInfo, pack: str, left_out: Iterable[str]) -> int:
    """Keep ``reply``; ``reason`` says why it is no answer ("" if it is one). Returns its id."""
    counts = (reply.prompt_tokens, reply.shared_tokens, reply.output_tokens, reply.forced_tokens, reply.seconds, reply.margin)
    kept = (model.name, model.sha256, pack, json.dumps(list(left_out), ensure_ascii=False), now())
    q = question
    return db.insert(
        "INSERT INTO reply (key, task, stage, record_id, item, text, finish, reason, prompt_tokens, shared_tokens, output_tokens, "
        "forced_tokens, seconds, margin, model, model_sha256, pack, left_out, at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (q.key, q.task, q.stage, q.record_id, q.item, reply.text, reply.finish, reason, *counts, *kept),
    )


def answered(db: Database, key: str) -> tuple[int, Reply] | None:
    """The newest good reply to exactly this question, with its id."""
    row = db.row("SELECT * FROM reply WHERE key = ? AND reason = '' ORDER BY id DESC LIMIT 1", (key,))
    return (row["id"], _reply(row)) if row is not None else None


def reply(db: Database, reply_id: int) -> Reply | None:
    row = db.row("SELECT * FROM reply WHERE id = ?", (reply_id,))
    return _reply(row) if row is not None else None


def state(db: Database, stage: str | None = None) -> WorkState:
    rows = db.rows("SELECT state, count(*) FROM work WHERE ? IS NULL OR stage = ? GROUP BY state", (stage, stage))
    found = {row[0]: row[1] for row in rows}
    return WorkState(found.get("pending", 0), found.get("done", 0), found.get("failed", 0))


def failures(db: Database, head: int | None = None) -> list[Failure]:
    """Questions whose last answer was none: of one group, or all of them."""
    rows = db.rows(
        "SELECT r.head, w.task, w.item, w.reason, coalesce(y.text, '') AS raw, w.stage FROM work w JOIN record r ON r.id = w.record_id "
        "LEFT JOIN reply y ON y.id = w.reply_id WHERE w.state = 'failed' AND (? IS NULL OR r.head = ?) ORDER BY r.head, w.id",
        (head, head),
    )
    return [Failure(*row) for row in rows]


def stream_replies(db: Database) -> Iterator[Row]:
    """Every reply there ever was, oldest first, with all its columns."""
    yield from db.stream("SELECT * FROM reply ORDER BY id")


def _work(row: Row) -> Work:
    question = Question(row["task"], row["stage"], row["record_id"], row["item"], row["key"])
    return Work(row["id"], question, row["state"], row["reason"], row["reply_id"])


def _reply(row: Row) -> Reply:
    return Reply(
        id=row["key"],
        text=row["text"],
        finish=Finish(row["finish"]),
        prompt_tokens=row["prompt_tokens"],
        shared_tokens=row["shared_tokens"],
        output_tokens=row["output_tokens"],
        forced_tokens=row["forced_tokens"],
        seconds=row["seconds"],
        margin=row["margin"],
    )
