"""What each way of asking said of each report: a model, its prompts and the method, found in the review's replies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from leads_local.judgements import Judgement
from leads_local.records import ScreeningMethod, Stage
from leads_local.review import suggestions
from leads_local.review.database import Database
from leads_local.review.store import screenings
from leads_local.review.store.screenings import JudgedReply


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


def find_variants(
    db: Database, stage: Stage, criteria: Sequence[int] = ()
) -> dict[Variant, dict[int, tuple[Judgement, ...]]]:
    """The newest judgements of each report by each variant, also those that were only made for comparing; those about
    ``criteria`` (their ids, in order) before newer ones about others.

    Answers about the parts of a paper belong together where they are about the same criteria and none of their
    questions has changed since.
    """
    newest: dict[Variant, dict[int, list[int]]] = {}
    wanted: set[tuple[Variant, int]] = set()
    pieces: dict[tuple[Variant, int, tuple[int, ...], int], dict[int, JudgedReply]] = {}
    for reply in screenings.judged_replies(db, stage):
        variant = Variant(reply.model, reply.sha256, reply.pack, reply.way)
        piece = pieces.setdefault((variant, reply.head, reply.about, reply.parts), {})
        if reply.part in piece and piece[reply.part].question != reply.question:
            piece.clear()
        piece[reply.part] = reply
        if len(piece) < reply.parts:
            continue
        if reply.about == tuple(criteria):
            wanted.add((variant, reply.head))
        elif (variant, reply.head) in wanted:
            continue
        newest.setdefault(variant, {})[reply.head] = [piece[part].id for part in sorted(piece)]
    return {
        variant: {head: suggestions.combine_replies(db, replies) for head, replies in found.items()}
        for variant, found in newest.items()
    }
