"""What a model said of each criterion for each record: suggestions, kept apart from decisions.

What is stored is what each reply said; ``suggestions`` brings together those about the parts of one paper. A judgement
is never changed. In triage it comes without a reason; one that is given later stands in a table of its own,
with the reply that it is from, and is shown beside the judgement.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from leads_local.judgements import Judgement, WordProbabilities
from leads_local.records import Criterion, Eligibility, PaperPosition, ScreeningMethod, ScreeningMode, Stage
from leads_local.review.database import Database, Row
from leads_local.review.store.rows import AT_ANY_STAGE, read_rows

_COLUMNS = (
    "n.record_id, n.stage, n.score, n.expected, n.reply_id, n.replies, y.model, y.pack, y.at, y.margin, "
    "y.left_out, y.mode, y.layout"
)
JUDGED_BY = (
    "(SELECT json_group_array(i) FROM (SELECT DISTINCT criterion_id AS i FROM judgement WHERE reply_id = ? ORDER BY i))"
)
"""The criteria that a reply judged, as the column ``criteria`` has them."""
IS_STALE = (
    "(n.criteria <> (SELECT json_group_array(i) FROM (SELECT id AS i FROM criterion WHERE active = 1 AND stage IN "
    "('', {stage}) ORDER BY i)))"
)
"""Whether the screening n is by other criteria, or other words of them, than ``stage`` asks now."""
_FROM = "FROM screening n JOIN reply y ON y.id = n.reply_id"


@dataclass(frozen=True, slots=True)
class StoredScreening:
    """The newest screening of a record at one stage. ``replies`` judged the parts of its paper, or the one the whole;
    what each says of the criteria is in ``judgements``, in the same order."""

    record_id: int
    stage: Stage
    replies: tuple[int, ...]
    judgements: tuple[tuple[Judgement, ...], ...]
    score: float
    expected: float | None
    model: str
    pack: str
    way: ScreeningMethod
    at: str
    margin: float | None
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class JudgedReply:
    """A good reply that judged the report of ``head`` by the criteria ``about`` (their ids, in order), or a part of its
    paper; ``question`` is the key of what was asked."""

    id: int
    head: int
    question: str
    model: str
    sha256: str
    pack: str
    way: ScreeningMethod
    part: int
    parts: int
    about: tuple[int, ...]


def add_judgements(db: Database, reply_id: int, judgements: Sequence[Judgement]) -> None:
    """Store what one reply judged. A reply that is used again keeps its judgements."""
    if not db.number("SELECT count(*) FROM judgement WHERE reply_id = ?", (reply_id,)):
        db.write_many(
            "INSERT INTO judgement (reply_id, position, criterion_id, eligibility, rationale, p_yes, p_partial, "
            "p_no, p_uncertain) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (reply_id, place, j.criterion.id, j.eligibility, j.rationale, *_chance_columns(j.chances))
                for place, j in enumerate(judgements)
            ],
        )


def set_newest(
    db: Database, record_id: int, stage: Stage, replies: Sequence[int], score: float, expected: float | None
) -> None:
    """Make what these replies judged the record's newest screening at ``stage``, with the score that they give
    together."""
    db.write(
        "INSERT INTO screening (stage, record_id, reply_id, replies, score, expected, criteria) "
        f"VALUES (?, ?, ?, ?, ?, ?, {JUDGED_BY}) "
        "ON CONFLICT (stage, record_id) DO UPDATE SET reply_id = excluded.reply_id, replies = excluded.replies, "
        "score = excluded.score, expected = excluded.expected, criteria = excluded.criteria",
        (
            stage,
            record_id,
            replies[0],
            json.dumps(list(replies) if len(replies) > 1 else []),
            score,
            expected,
            replies[0],
        ),
    )


def add_reason(db: Database, judged_by: int, position: int, reply_id: int, text: str) -> None:
    """Add a reason to the judgement at ``position`` of the reply ``judged_by``. An answer that is used again adds
    nothing."""
    known = "SELECT count(*) FROM rationale WHERE judged_by = ? AND position = ? AND reply_id = ?"
    if not db.number(known, (judged_by, position, reply_id)):
        db.write(
            "INSERT INTO rationale (judged_by, position, reply_id, text) VALUES (?, ?, ?, ?)",
            (judged_by, position, reply_id, text),
        )


def newest(db: Database, record_id: int) -> list[StoredScreening]:
    """The record's newest screening at each stage that has one."""
    rows = db.rows(f"SELECT {_COLUMNS} {_FROM} WHERE n.{AT_ANY_STAGE} AND n.record_id = ?", (record_id,))
    return list(read_rows(db, "screening of record", rows, lambda row: _to_screening(db, row)))


def stale(db: Database, stage: Stage) -> list[int]:
    """The records whose newest screening is by other criteria, or other words of them, than ``stage`` asks now."""
    return db.numbers(
        f"SELECT n.record_id FROM screening n WHERE n.stage = :stage AND {IS_STALE.format(stage=':stage')} ORDER BY 1",
        {"stage": stage},
    )


def scores(db: Database) -> dict[tuple[int, Stage], tuple[float, float | None]]:
    """The model's newest score and expected score by record and stage, of every record that has one by the criteria
    that are asked now."""
    rows = db.rows(
        f"SELECT record_id, stage, score, expected FROM screening n WHERE NOT {IS_STALE.format(stage='n.stage')}"
    )
    return dict(
        read_rows(
            db,
            "score of record",
            rows,
            lambda row: ((row["record_id"], Stage(row["stage"])), (row["score"], row["expected"])),
        )
    )


def stream(db: Database) -> Iterator[StoredScreening]:
    """Every record's newest screening, by record and stage."""
    rows = db.stream(f"SELECT {_COLUMNS} {_FROM} ORDER BY n.record_id, n.stage")
    yield from read_rows(db, "screening of record", rows, lambda row: _to_screening(db, row))


def judgements(db: Database, reply_id: int) -> tuple[Judgement, ...]:
    """What one reply judged, each with its newest reason."""
    rows = db.rows(
        "SELECT c.name, c.text, c.id, j.eligibility, coalesce((SELECT t.text FROM rationale t JOIN reply z ON "
        "z.id = t.reply_id WHERE t.judged_by = j.reply_id AND t.position = j.position ORDER BY z.at DESC, z.id DESC "
        "LIMIT 1), j.rationale) AS rationale, "
        "j.p_yes, j.p_partial, j.p_no, j.p_uncertain FROM judgement j JOIN criterion c ON c.id = j.criterion_id "
        "WHERE j.reply_id = ? ORDER BY j.position",
        (reply_id,),
    )
    return tuple(_to_judgement(row) for row in rows)


def judged_replies(db: Database, stage: Stage) -> Iterable[JudgedReply]:
    """Every good reply that judged a report at ``stage``, oldest first, also those that only compare ways of asking."""
    rows = db.rows(
        "SELECT y.id, r.head, y.key, y.model, y.model_sha256, y.pack, y.mode, y.layout, y.part, y.parts, "
        "(SELECT json_group_array(j.criterion_id) FROM (SELECT * FROM judgement WHERE reply_id = y.id ORDER BY "
        "position) j) AS about "
        "FROM reply y JOIN record r ON r.id = y.record_id "
        "WHERE y.reason = '' AND y.stage = ? AND y.id IN (SELECT reply_id FROM judgement) ORDER BY y.id",
        (stage,),
    )
    return read_rows(db, "reply", rows, _to_judged_reply)


def _to_judged_reply(row: Row) -> JudgedReply:
    return JudgedReply(
        id=row["id"],
        head=row["head"],
        question=row["key"],
        model=row["model"],
        sha256=row["model_sha256"],
        pack=row["pack"],
        way=ScreeningMethod(ScreeningMode(row["mode"]), PaperPosition(row["layout"])),
        part=row["part"],
        parts=row["parts"],
        about=tuple(json.loads(row["about"])),
    )


def _to_screening(db: Database, row: Row) -> StoredScreening:
    replies = tuple(json.loads(row["replies"])) or (row["reply_id"],)
    return StoredScreening(
        record_id=row["record_id"],
        stage=Stage(row["stage"]),
        replies=replies,
        judgements=tuple(judgements(db, reply_id) for reply_id in replies),
        score=row["score"],
        expected=row["expected"],
        model=row["model"],
        pack=row["pack"],
        way=ScreeningMethod(ScreeningMode(row["mode"]), PaperPosition(row["layout"])),
        at=row["at"],
        margin=row["margin"],
        left_out=tuple(json.loads(row["left_out"])),
    )


def _to_judgement(row: Row) -> Judgement:
    known = (row["p_yes"], row["p_partial"], row["p_no"], row["p_uncertain"])
    chances = None if known[0] is None else WordProbabilities(*known)
    return Judgement(
        Criterion(row["name"], row["text"], row["id"]), Eligibility(row["eligibility"]), row["rationale"], chances
    )


def _chance_columns(chances: WordProbabilities | None) -> tuple[float | None, ...]:
    return (None,) * 4 if chances is None else (chances.yes, chances.partial, chances.no, chances.uncertain)
