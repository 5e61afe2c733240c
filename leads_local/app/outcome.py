"""What a person is told of what was done: the same sentences on the command line and on the screen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

SHOWN = 10  # how many of what may be thousands are told one by one


@dataclass(frozen=True, slots=True)
class Outcome:
    """``results`` say what was done, ``notices`` what a person should know of it. ``failed``: something is left to be
    looked at."""

    results: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    failed: bool = False

    @property
    def lines(self) -> tuple[str, ...]:
        return (*self.results, *self.notices)


def first_of(lines: Iterable[str], where: str, shown: int = SHOWN) -> tuple[str, ...]:
    """The first few, and how many more there are and ``where``."""
    every = tuple(lines)
    return every if len(every) <= shown else (*every[:shown], f"… and {len(every) - shown:,} more: {where}")


def format_count(number: int, one: str, many: str = "") -> str:
    """``1 record``, ``4,000 records``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
