"""The model's work: what is to be asked now, and every reply there ever was.

A row of work is one question (record, task, stage, item). Its ``key`` is a hash of all that the answer depends on; when the key changes
the question is pending again. Replies stay for ever; one that has the same key is the answer, without asking again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from leads_local.records import Finish, ModelInfo, Reply
from leads_local.review.database import Database, Row, now
from leads_local.review.views import Failure, WorkState


@dataclass(frozen=True, slots=True)
class Question:
    """One thing to ask the model. ``key`` stands for all that the answer depends on (see ``review.asking``)."""

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


Slot = tuple[int, str, str]


def rows(db: Database, stage: str) -> dict[Slot, Work]:
    """The questions of ``stage`` as they stand, by record, task and item."""
    found = (_work(row) for row in db.stream(f"SELECT {_COLUMNS} FROM work w WHERE w.stage = ?", (stage,)))
    return {slot(work.question): work for work in found}


def slot(question: Question) -> Slot:
    return (question.record_id, question.task, question.item)


def ask_anew(db: Database, question: Question) -> Work:
    """The row for ``question``, pending whatever it was before."""
    q = question
    work_id = db.number(
        "INSERT INTO work (task, stage, record_id, item, key, state, reason) VALUES (?, ?, ?, ?, ?, 'pending', '') "
        "ON CONFLICT (record_id, task, stage, item) DO UPDATE SET key = excluded.key, state = 'pending', reason = '', reply_id = NULL "
        "RETURNING id",
        (q.task, q.stage, q.record_id, q.item, q.key),
    )
    return Work(work_id, question, "pending", "", 0)


def drop(db: Database, works: Iterable[Work]) -> None:
    """Forget questions that are no longer asked. Their replies stay."""
    db.write_many("DELETE FROM work WHERE id = ?", [(work.id,) for work in works])


def settle(db: Database, row: Work, state: str, reason: str = "", reply_id: int | None = None) -> bool:
    """Unless the question has been changed, dropped or answered meanwhile, perhaps by another process: False then, and nothing changes."""
    changed = db.write(
        "UPDATE work SET state = ?, reason = ?, reply_id = ? WHERE id = ? AND key = ? AND state <> 'done'",
        (state, reason, reply_id, row.id, row.question.key),
    )
    return changed == 1


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
