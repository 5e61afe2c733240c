"""What an export of a screening tool says of a record beside its citation: who decided what, labels, notes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from leads_local.records import Choice, Stage


class Tool(StrEnum):
    """Whose way of telling decisions it is. COLUMN: a column of labels, whoever wrote it; OURS: our own exports."""

    RAYYAN = "Rayyan"
    ASREVIEW = "ASReview"
    COVIDENCE = "Covidence"
    EPPI = "EPPI-Reviewer"
    OURS = "leads-local"
    COLUMN = "a column of labels"


@dataclass(frozen=True, slots=True)
class ToldDecision:
    """``stage`` is None where the tool doesn't say at which stage; ``reviewer`` is "" where it doesn't say who. ``at``
    is as the tool writes it, "" where it doesn't."""

    choice: Choice
    reviewer: str = ""
    stage: Stage | None = None
    reason: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class ToldNote:
    """``at`` as the tool writes it, "" where it doesn't."""

    text: str
    reviewer: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What one tool says of one record. ``unclear`` names what is there and can't be told, a few words each."""

    tool: Tool
    decisions: tuple[ToldDecision, ...] = ()
    tags: tuple[str, ...] = ()
    notes: tuple[ToldNote, ...] = ()
    unclear: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.decisions or self.tags or self.notes or self.unclear)


def each_once(texts: Iterable[str]) -> tuple[str, ...]:
    """Texts without empty ones and repetitions, in their order."""
    return tuple(dict.fromkeys(text.strip() for text in texts if text.strip()))
