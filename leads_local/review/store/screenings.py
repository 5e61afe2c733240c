"""What a model said of each criterion for each record: suggestions, kept apart from decisions.

A judgement is never changed. In triage it comes without a reason; one that is given later stands in a table of its own,
with the reply that it is from, and is shown beside the judgement.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from leads_local.records import (
    Criterion,
    Eligibility,
    Judgement,
    PaperPosition,
    ScreeningMethod,
    ScreeningMode,
    Stage,
    WordProbabilities,
)
from leads_local.review.database import Database, Row
from leads_local.review.read_models import ScreeningView
from leads_local.review.store.rows import read_rows
from leads_local.tasks import parts
from leads_local.tasks import screening as task

_COLUMNS = (
    "n.record_id, n.stage, n.score, n.expected, n.reply_id, n.replies, y.model, y.pack, y.at, y.margin, "
    "y.left_out, y.mode, y.layout"
)
_COMPARISON = "evaluation"
_FROM = "FROM screening n JOIN reply y ON y.id = n.reply_id"


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
    db: Database, record_id: int, stage: Stage, replies: Sequence[int], judgements: Sequence[Judgement]
) -> None:
    """Make these the record's newest judgements at ``stage``: those of a reply, or of the replies about each part of
    its paper together."""
    db.write(
        "INSERT INTO screening (stage, record_id, reply_id, replies, score, expected) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (stage, record_id) DO UPDATE SET reply_id = excluded.reply_id, replies = excluded.replies, "
        "score = excluded.score, "
        "expected = excluded.expected",
        (
            *(stage, record_id, replies[0], json.dumps(list(replies) if len(replies) > 1 else [])),
            *(task.score(judgements), task.expected_score(judgements)),
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


def read(db: Database, record_id: int) -> dict[Stage, ScreeningView]:
    rows = db.rows(f"SELECT {_COLUMNS} {_FROM} WHERE n.record_id = ?", (record_id,))
    return dict(read_rows(db, "screening of record", rows, lambda row: (Stage(row["stage"]), _to_screening(db, row))))


def scores(db: Database) -> dict[tuple[int, Stage], tuple[float, float | None]]:
    """The model's newest score and expected score of every record that has one, by record and stage."""
    rows = db.rows("SELECT record_id, stage, score, expected FROM screening")
    return dict(
        read_rows(
            db,
            "score of record",
            rows,
            lambda row: ((row["record_id"], Stage(row["stage"])), (row["score"], row["expected"])),
        )
    )


def stream(db: Database) -> Iterator[tuple[int, Stage, ScreeningView]]:
    """Every record's newest screening, by record and stage."""
    rows = db.stream(f"SELECT {_COLUMNS} {_FROM} ORDER BY n.record_id, n.stage")
    yield from read_rows(
        db, "screening of record", rows, lambda row: (row["record_id"], Stage(row["stage"]), _to_screening(db, row))
    )


def judgements(db: Database, reply_id: int) -> tuple[Judgement, ...]:
    """What one reply judged, each with its newest reason."""
    rows = db.rows(
        "SELECT c.name, c.text, c.id, j.eligibility, coalesce((SELECT t.text FROM rationale t WHERE t.judged_by = "
        "j.reply_id "
        "AND t.position = j.position ORDER BY t.reply_id DESC LIMIT 1), j.rationale) AS rationale, "
        "j.p_yes, j.p_partial, j.p_no, j.p_uncertain FROM judgement j JOIN criterion c ON c.id = j.criterion_id "
        "WHERE j.reply_id = ? ORDER BY j.position",
        (reply_id,),
    )
    return tuple(_to_judgement(row) for row in rows)


@dataclass(frozen=True, slots=True)
class Variant:
    """A model, the prompts that it was asked with, and the way of asking. Models of one name are told apart by their
    content."""

    model: str
    sha256: str
    pack: str
    way: ScreeningMethod

    def __str__(self) -> str:
        content = f" ({self.sha256[:8]})" if self.sha256 else ""
        return f"{self.model}{content}, prompts {self.pack}, mode {self.way.mode}, layout {self.way.layout}"


def comparison_stage(stage: Stage, way: ScreeningMethod) -> str:
    """The name under which work stands that is only for comparing ways of asking."""
    return f"{_COMPARISON} {stage} {way.mode} {way.layout}"


def variants(
    db: Database, stage: Stage, criteria: Sequence[int] = ()
) -> dict[Variant, dict[int, tuple[Judgement, ...]]]:
    """The newest judgements of each report by each variant, also those that were only made for comparing; those about
    ``criteria`` (their ids, in order) before newer ones about others.

    Answers about the parts of a paper belong together where they are about the same criteria and none of their
    questions has changed since.
    """
    rows = db.rows(
        "SELECT y.id, r.head, y.key, y.model, y.model_sha256, y.pack, y.mode, y.layout, y.part, y.parts, "
        "(SELECT json_group_array(j.criterion_id) FROM (SELECT * FROM judgement WHERE reply_id = y.id ORDER BY "
        "position) j) AS about "
        "FROM reply y JOIN record r ON r.id = y.record_id "
        "WHERE y.reason = '' AND (y.stage = :stage OR y.stage LIKE :trial || ' ' || :stage || ' %') "
        "AND y.id IN (SELECT reply_id FROM judgement) ORDER BY y.id",
        {"stage": stage, "trial": _COMPARISON},
    )
    newest: dict[Variant, dict[int, list[int]]] = {}
    wanted: set[tuple[Variant, int]] = set()
    pieces: dict[tuple[Variant, int, str, int], dict[int, Row]] = {}
    for variant, row in read_rows(db, "reply", rows, lambda row: (_to_variant(row), row)):
        piece = pieces.setdefault((variant, row["head"], row["about"], row["parts"]), {})
        if row["part"] in piece and piece[row["part"]]["key"] != row["key"]:
            piece.clear()
        piece[row["part"]] = row
        if len(piece) < row["parts"]:
            continue
        if json.loads(row["about"]) == list(criteria):
            wanted.add((variant, row["head"]))
        elif (variant, row["head"]) in wanted:
            continue
        newest.setdefault(variant, {})[row["head"]] = [piece[part]["id"] for part in sorted(piece)]
    return {
        variant: {head: combine_replies(db, replies) for head, replies in found.items()}
        for variant, found in newest.items()
    }


def _to_variant(row: Row) -> Variant:
    return Variant(
        row["model"],
        row["model_sha256"],
        row["pack"],
        ScreeningMethod(ScreeningMode(row["mode"]), PaperPosition(row["layout"])),
    )


def combine_replies(db: Database, replies: Sequence[int]) -> tuple[Judgement, ...]:
    """What these replies judged: one about a whole paper, or those about its parts brought together."""
    found = [judgements(db, reply_id) for reply_id in replies]
    return parts.merge_judgements(found) if len(found) > 1 else found[0]


def _to_screening(db: Database, row: Row) -> ScreeningView:
    replies = json.loads(row["replies"])
    return ScreeningView(
        judgements=combine_replies(db, replies or [row["reply_id"]]),
        parts=len(replies),
        score=row["score"],
        expected=row["expected"],
        model=row["model"],
        pack=row["pack"],
        way=ScreeningMethod(ScreeningMode(row["mode"]), PaperPosition(row["layout"])),
        at=row["at"],
        margin=row["margin"],
        left_out=tuple(json.loads(row["left_out"])),
        reply_id=row["reply_id"],
    )


def _to_judgement(row: Row) -> Judgement:
    known = (row["p_yes"], row["p_partial"], row["p_no"], row["p_uncertain"])
    chances = None if known[0] is None else WordProbabilities(*known)
    return Judgement(
        Criterion(row["name"], row["text"], row["id"]), Eligibility(row["eligibility"]), row["rationale"], chances
    )


def _chance_columns(chances: WordProbabilities | None) -> tuple[float | None, ...]:
    return (None,) * 4 if chances is None else (chances.yes, chances.partial, chances.no, chances.uncertain)
