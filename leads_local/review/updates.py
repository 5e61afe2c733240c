"""An update of the review, as PRISMA has it: what was included before is the previous version's, and the flow counts
what is new. Pure records."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Update:
    """``label`` is what the update is called. What came, and what held, before the act of that ``order`` is of the
    review's previous version."""

    label: str
    by: str
    at: str
    order: tuple[int, str, int]
