"""How the records of an imported file were searched for, as a review has to report it (PRISMA-S).

Each file has one register in the log, which is said as a whole: what was said last holds, and undo brings back what
was said before.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from enum import StrEnum
from typing import Any, Self

from leads_local.errors import InputError, ReviewError
from leads_local.review import standing
from leads_local.review.act_log import ActLog
from leads_local.review.acts import ActKind, canonical
from leads_local.review.database import Database
from leads_local.review.store import acts, events, sources

_LONGEST = 200  # characters of a name
_LONGEST_TEXT = 200_000
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


class SourceKind(StrEnum):
    """Where records come from, as PRISMA's flow tells them apart."""

    DATABASE = "database"
    REGISTER = "register"
    WEBSITE = "website"
    ORGANISATION = "organisation"
    CITATIONS = "citation searching"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class SearchDetails:
    """``kind``: a SourceKind, "" where that was not said; ``searched``: a day as 2026-11-29; ``strategy``: as it was
    run; ``claimed``: how many hits the database said there were. "" and None are what was not said."""

    kind: str = ""
    database: str = ""
    platform: str = ""
    searched: str = ""
    strategy: str = ""
    limits: str = ""
    claimed: int | None = None

    @classmethod
    def from_said(cls, said: Mapping[str, Any]) -> Self:
        """Of what an act says; what a later version of this program adds to it is left out."""
        known = {one.name for one in fields(cls)}
        return cls(**{name: value for name, value in said.items() if name in known})

    @property
    def is_empty(self) -> bool:
        return self == SearchDetails()


NOTHING = SearchDetails()
FIELDS = tuple(one.name for one in fields(SearchDetails))


def changed(details: SearchDetails, typed: Mapping[str, str]) -> SearchDetails:
    """The details with what a person typed in the fields of these names; "" takes away what was said. Raises
    InputError where a field can't hold that."""
    told: dict[str, Any] = {name: _read(name, text.strip()) for name, text in typed.items()}
    return replace(details, **told)


def _read(name: str, text: str) -> str | int | None:
    if name == "claimed":
        return _number(text) if text else None
    if len(text) > (_LONGEST_TEXT if name == "strategy" else _LONGEST):
        raise InputError(f"The {name} is too long: {len(text):,} characters.", "Say it shorter.")
    if text and name == "kind":
        return _kind(text)
    if text and name == "searched":
        return _day(text)
    return text if name == "strategy" else " ".join(text.split())


def _number(text: str) -> int:
    digits = re.sub(r"[\s,.'\u2019]", "", text)
    if not (digits.isascii() and digits.isdecimal() and len(digits) < 12):
        raise InputError(f"{text!r} is no number of hits.", "Write digits: 1234.")
    return int(digits)


def _kind(text: str) -> str:
    """By its name or by how that begins."""
    found = [kind for kind in SourceKind if kind.startswith(text.casefold())]
    if len(found) != 1:
        raise InputError(f"{text!r} is no kind of source.", f"Say one of: {', '.join(SourceKind)}.")
    return str(found[0])


def _day(text: str) -> str:
    try:
        if not _DATE.fullmatch(text):
            raise ValueError
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise InputError(f"{text!r} is no day.", "Write year, month and day: 2026-11-29.") from None


def describe(db: Database, log: ActLog, sha256: str, details: SearchDetails) -> bool:
    """Say how the records of the file with this SHA-256 were searched for. Inside a transaction. Returns whether that
    was new. Raises ReviewError where no such file was imported."""
    source = next((one for one in sources.imports(db) if one.sha256 == sha256), None)
    if source is None:
        raise ReviewError(
            f"{db.path}: no file with SHA-256 {sha256} was imported.", "`leads-local sources` lists them."
        )
    if read(db).get(sha256, NOTHING) == details:
        return False
    _, act = log.write(ActKind.DESCRIBE, canonical([sha256]), {**asdict(details), "name": source.path})
    events.add(db, "describe", f"{source.path}: how it was searched", act.reviewer)
    standing.bring_up_to_date(db, [(act, 0)])
    return True


def read(db: Database) -> dict[str, SearchDetails]:
    """What is said of each file, by its SHA-256."""
    found: dict[str, SearchDetails] = {}
    for _, act, _ in acts.holding(db, ActKind.DESCRIBE):
        (sha256,) = act.subject_parts()
        found[sha256] = SearchDetails.from_said(act.said_parts())
    return found
