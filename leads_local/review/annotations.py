"""What people add to a record beside their decisions: notes, tags, a priority, and corrections of what was imported.

Why it exists: these four are registers of one form (a kind, a record, what of it is meant, a text or nothing), so that
one table, one derivation and one comparison serve them all. Here is what their texts may be; no SQL.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from leads_local.citations import normalise
from leads_local.errors import InputError
from leads_local.records import Citation

LONGEST_TAG = 60


class Priority(StrEnum):
    """Which reports are to be looked at first, or last. A report of which nobody has said anything has none."""

    HIGH = "high"
    LOW = "low"

    @staticmethod
    def first(*said: Priority) -> Priority:
        """What holds of a report whose records are said to have these."""
        return min(said, key=list(Priority).index)


class Field(StrEnum):
    """What of an imported record a person may correct: columns of ``citation``."""

    TITLE = "title"
    ABSTRACT = "abstract"
    AUTHORS = "authors"
    YEAR = "year"
    JOURNAL = "journal"
    VOLUME = "volume"
    ISSUE = "issue"
    PAGES = "pages"
    DOI = "doi"
    PMID = "pmid"
    LANGUAGE = "language"
    KIND = "kind"


@dataclass(frozen=True, slots=True)
class Note:
    """One reviewer's note on a record."""

    record_id: int
    text: str
    reviewer: str
    at: str


@dataclass(frozen=True, slots=True)
class Correction:
    """A field that a person has corrected, or a newer export that they imported (``newer``): ``text`` is what holds,
    ``imported`` what the source has, both for people."""

    record_id: int
    field: Field
    text: str
    imported: str
    reviewer: str
    at: str
    newer: bool = False


@dataclass(frozen=True, slots=True)
class Annotations:
    """What people added to a report: the notes that the person who looks may see and how many they may not, the tags
    and the priority of its records, and the corrections of the record that stands for it."""

    notes: tuple[Note, ...] = ()
    tags: tuple[str, ...] = ()
    priority: Priority | None = None
    corrections: tuple[Correction, ...] = ()
    hidden_notes: int = 0


NOTHING_ADDED = Annotations()


def tidy_tags(given: Iterable[str]) -> tuple[str, ...]:
    """Tags as they are stored, each once: without ``#``, a hyphen in the place of white space, several of them where
    commas stand. Raises InputError where one is too long to be one."""
    found: dict[str, str] = {}
    for part in (part for text in given for part in text.split(",")):
        tag = "-".join(unicodedata.normalize("NFC", part).strip().lstrip("#").split())
        if len(tag) > LONGEST_TAG:
            raise InputError(f"The tag {tag[:20]}… is longer than {LONGEST_TAG} characters.", "Put the rest in a note.")
        if tag:
            found.setdefault(tag.casefold(), tag)
    return tuple(found.values())


def stored_text(field: Field, text: str) -> str:
    """A correction as the column of ``citation`` would hold it. Raises InputError where it can't be what the field
    holds; an empty text says that there is none."""
    said = text.strip()
    if field is Field.AUTHORS:
        return json.dumps(normalise.split_authors(said) if said else [], ensure_ascii=False)
    if field is Field.ABSTRACT:
        return normalise.trim_lines(said)
    said = normalise.one_line(said)
    if not said or field not in _IDENTIFIERS:
        return said
    found = _IDENTIFIERS[field](said)
    if not found:
        raise InputError(f"“{said}” is no {_NAMES[field]}.", _HINTS[field])
    return found


def stored_of(citation: Citation, field: Field) -> str:
    """``stored_text`` of what a record has."""
    value = getattr(citation, field)
    if field is Field.AUTHORS:
        return json.dumps(value, ensure_ascii=False)
    return "" if value is None else str(value)


def in_words(field: Field, stored: str) -> str:
    """``stored_text`` as a person reads and writes it."""
    return "; ".join(json.loads(stored)) if field is Field.AUTHORS else stored


def _whole_doi(text: str) -> str:
    doi, whole = normalise.parse_doi(text)
    return doi if whole else ""


def _whole_year(text: str) -> str:
    year = normalise.find_year(text)
    return text if text == str(year) else ""


_IDENTIFIERS = {Field.YEAR: _whole_year, Field.DOI: _whole_doi, Field.PMID: normalise.parse_pmid}
_NAMES = {Field.YEAR: "year", Field.DOI: "DOI", Field.PMID: "PubMed identifier"}
_HINTS = {
    Field.YEAR: "Give four digits, such as 2019.",
    Field.DOI: "Give it as 10.1000/xyz123 or as its link.",
    Field.PMID: "Give its digits alone.",
}
