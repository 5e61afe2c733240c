"""The model's work: what is to be asked now, and every reply there ever was.

A row of work is one question (record, task, stage, item). Its ``key`` is a hash of all that the answer depends on; when
the key changes the question is pending again. Replies stay for ever; one that has the same key is the answer, without
asking again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from leads_local.engine.types import FinishReason, ModelInfo, Reply
from leads_local.records import AS_TRAINED, PaperPosition, ScreeningMethod, ScreeningMode
from leads_local.review.database import Database, Row, utc_now
from leads_local.review.read_models import IncompletePaper, ModelFailure, WorkState
from leads_local.review.store.rows import read_row, read_rows


@dataclass(frozen=True, slots=True)
class RowQuestion:
    """One thing to ask the model. ``key`` stands for all that the answer depends on (see ``jobs.job_queue``).

    A paper beyond the context is asked in ``parts``, each with a question of its own (``part`` from 1); 0 of 0 is the
    paper as one text. ``comparison``: it is asked only to compare ways of asking, and stands once for each way.
    """

    task: str
    stage: str
    record_id: int
    item: str = ""
    key: str = ""
    way: ScreeningMethod = AS_TRAINED
    part: int = 0
    parts: int = 0
    comparison: bool = False


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """A question as it stands: ``state`` is pending, done or failed; ``reply_id`` is 0 while there is no reply."""

    id: int
    question: RowQuestion
    state: str
    reason: str
    reply_id: int


_COLUMNS = (
    "w.id, w.task, w.stage, w.record_id, w.item, w.mode, w.layout, w.part, w.parts, w.comparison, w.key, w.state, "
    "w.reason, coalesce(w.reply_id, 0) AS reply_id"
)


RowAddress = tuple[int, str, str, int, int]


def rows(
    db: Database, stage: str, task: str = "", comparison: ScreeningMethod | None = None
) -> dict[RowAddress, QuestionRow]:
    """The questions of ``stage`` as they stand (of ``task`` only, unless that is ""), by record, task, item and part;
    those that only compare this way of asking with others where ``comparison`` is one.

    A paper's parts are asked in full whatever the way is, so they are questions of both modes."""
    where = "w.comparison = 0"
    if comparison is not None:
        where = "w.comparison = 1 AND w.layout = :layout AND (w.mode = :mode OR w.parts > 0)"
    way = comparison or AS_TRAINED
    sql = f"SELECT {_COLUMNS} FROM work w WHERE w.stage = :stage AND (:task = '' OR w.task = :task) AND {where}"
    values = {"stage": stage, "task": task, "mode": way.mode, "layout": way.layout}
    found = read_rows(db, "model work", db.stream(sql, values), _to_row)
    return {row_address(work.question): work for work in found}


def row_address(question: RowQuestion) -> RowAddress:
    return (question.record_id, question.task, question.item, question.part, question.parts)


def begun_method(db: Database, stage: str, task: str) -> ScreeningMethod | None:
    """The way in which ``task`` was asked last at ``stage``, what is pending first; None while nothing has been
    asked."""
    row = db.row(
        "SELECT mode, layout FROM work WHERE stage = ? AND task = ? AND comparison = 0 "
        "ORDER BY parts > 0, state = 'pending' DESC, reply_id DESC LIMIT 1",
        (stage, task),
    )
    return read_row(db, "the way of asking", row, _to_method) if row is not None else None


_ASK_AGAIN = (
    "DO UPDATE SET mode = excluded.mode, layout = excluded.layout, key = excluded.key, state = 'pending', "
    "reason = '', reply_id = NULL"
)


def make_pending(db: Database, question: RowQuestion) -> QuestionRow:
    """The row for ``question``, pending whatever it was before."""
    q = question
    work_id = db.number(
        "INSERT INTO work (task, stage, record_id, item, mode, layout, part, parts, comparison, key, state, reason) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'pending', '') "
        f"ON CONFLICT (record_id, task, stage, item, part, parts) WHERE comparison = 0 {_ASK_AGAIN} "
        "ON CONFLICT (record_id, task, stage, item, part, parts, mode, layout) WHERE comparison = 1 "
        f"{_ASK_AGAIN} RETURNING id",
        (q.task, q.stage, q.record_id, q.item, q.way.mode, q.way.layout, q.part, q.parts, int(q.comparison), q.key),
    )
    return QuestionRow(work_id, question, "pending", "", 0)


def drop_rows(db: Database, works: Iterable[QuestionRow]) -> None:
    """Forget questions that are no longer asked. Their replies stay."""
    db.write_many("DELETE FROM work WHERE id = ?", [(work.id,) for work in works])


def settle_row(db: Database, row: QuestionRow, state: str, reason: str = "", reply_id: int | None = None) -> bool:
    """Unless the question has been changed, dropped or answered meanwhile, perhaps by another process: False then, and
    nothing changes."""
    changed = db.write(
        "UPDATE work SET state = ?, reason = ?, reply_id = ? WHERE id = ? AND key = ? AND state <> 'done'",
        (state, reason, reply_id, row.id, row.question.key),
    )
    return changed == 1


def add_reply(
    db: Database, question: RowQuestion, reply: Reply, reason: str, model: ModelInfo, pack: str, left_out: Iterable[str]
) -> int:
    """Keep ``reply``; ``reason`` says why it is no answer ("" if it is one). Returns its id."""
    counts = (
        reply.prompt_tokens,
        reply.shared_tokens,
        reply.output_tokens,
        reply.forced_tokens,
        reply.seconds,
        reply.margin,
    )
    kept = (model.name, model.sha256, pack, json.dumps(list(left_out), ensure_ascii=False), utc_now())
    q = question
    how = (
        q.way.mode,
        q.way.layout,
        q.part,
        q.parts,
        int(q.comparison),
        json.dumps(reply.choices, ensure_ascii=False, separators=(",", ":")),
    )
    return db.insert(
        "INSERT INTO reply (key, task, stage, record_id, item, text, finish, reason, prompt_tokens, shared_tokens, "
        "output_tokens, forced_tokens, seconds, margin, model, model_sha256, pack, left_out, at, mode, layout, part, "
        "parts, comparison, choices) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (q.key, q.task, q.stage, q.record_id, q.item, reply.text, reply.finish, reason, *counts, *kept, *how),
    )


def newest_answer(db: Database, key: str) -> tuple[int, Reply] | None:
    """The newest good reply to exactly this question, with its id."""
    row = db.row("SELECT * FROM reply WHERE key = ? AND reason = '' ORDER BY id DESC LIMIT 1", (key,))
    return (row["id"], read_row(db, "reply", row, _to_reply)) if row is not None else None


def newest_answers(db: Database, keys: Iterable[str]) -> list[tuple[int, Reply]] | None:
    """The newest good reply to each of these questions, in order; None while one has none."""
    found = [newest_answer(db, key) for key in keys]
    whole = [one for one in found if one is not None]
    return whole if len(whole) == len(found) else None


def left_out(db: Database, reply_id: int) -> tuple[str, ...]:
    """What of the paper was not in the prompt that this reply answers."""
    row = db.row("SELECT id, left_out FROM reply WHERE id = ?", (reply_id,))
    return read_row(db, "reply", row, lambda row: tuple(json.loads(row["left_out"]))) if row is not None else ()


def count_states(db: Database, stage: str | None = None) -> WorkState:
    rows = db.rows(
        "SELECT state, count(*) FROM work WHERE (? IS NULL OR (stage = ? AND comparison = 0)) AND record_id NOT IN "
        "(SELECT r.id FROM record r JOIN record h ON h.id = r.head WHERE h.absent = 1) GROUP BY state",
        (stage, stage),
    )
    found = {row[0]: row[1] for row in rows}
    return WorkState(found.get("pending", 0), found.get("done", 0), found.get("failed", 0))


def failures(db: Database, head: int | None = None) -> list[ModelFailure]:
    """Questions whose last answer was none: of one group those whose answers count, else all of them."""
    rows = db.rows(
        "SELECT r.head, w.task, w.item, w.reason, coalesce(y.text, '') AS raw, w.stage, w.comparison = 1 FROM work w "
        "JOIN record r ON r.id = w.record_id JOIN record h ON h.id = r.head AND h.absent = 0 "
        "LEFT JOIN reply y ON y.id = w.reply_id "
        "WHERE w.state = 'failed' AND (? IS NULL OR (r.head = ? AND w.comparison = 0)) ORDER BY r.head, w.id",
        (head, head),
    )
    return [ModelFailure(*row) for row in rows]


def incomplete_papers(db: Database, stage: str | None = None) -> list[IncompletePaper]:
    """The papers that answers which stand now did not see as one whole text, by record; comparisons are left out."""
    rows = db.rows(
        "SELECT DISTINCT r.head, w.stage, y.left_out, y.parts "
        "FROM work w JOIN reply y ON y.id = w.reply_id JOIN record r ON r.id = w.record_id "
        "JOIN record h ON h.id = r.head AND h.absent = 0 "
        "WHERE w.state = 'done' AND w.comparison = 0 AND (y.left_out <> '[]' OR y.parts > 0) "
        "AND (:stage IS NULL OR w.stage = :stage) ORDER BY r.head, w.stage",
        {"stage": stage},
    )
    found: dict[tuple[int, str], tuple[dict[str, None], int]] = {}
    for row, left_out in read_rows(
        db, "what was left out of record", rows, lambda row: (row, dict.fromkeys(json.loads(row["left_out"])))
    ):
        sections, most = found.get((row["head"], row["stage"]), ({}, 0))
        found[row["head"], row["stage"]] = (sections | left_out, max(most, row["parts"]))
    return [IncompletePaper(head, at, tuple(sections), parts) for (head, at), (sections, parts) in found.items()]


def _to_row(row: Row) -> QuestionRow:
    where = (row["task"], row["stage"], row["record_id"], row["item"])
    question = RowQuestion(*where, row["key"], _to_method(row), row["part"], row["parts"], bool(row["comparison"]))
    return QuestionRow(row["id"], question, row["state"], row["reason"], row["reply_id"])


def _to_method(row: Row) -> ScreeningMethod:
    return ScreeningMethod(ScreeningMode(row["mode"]), PaperPosition(row["layout"]))


def _to_reply(row: Row) -> Reply:
    return Reply(
        id=row["key"],
        text=row["text"],
        finish=FinishReason(row["finish"]),
        prompt_tokens=row["prompt_tokens"],
        shared_tokens=row["shared_tokens"],
        output_tokens=row["output_tokens"],
        forced_tokens=row["forced_tokens"],
        seconds=row["seconds"],
        margin=row["margin"],
        choices=tuple(tuple((text, part) for text, part in choice) for choice in json.loads(row["choices"])),
    )
