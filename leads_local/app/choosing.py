"""Which reports to decide at once: by number, DOI, PMID or title, or by ``conditions``; and how they are shown before
anything is done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from leads_local import files
from leads_local.app.conditions import summaries_of, where
from leads_local.app.outcome import first_of, format_count
from leads_local.citations import normalise, title_notes
from leads_local.errors import InputError
from leads_local.records import Stage

if TYPE_CHECKING:
    from leads_local.review.review import Review


@dataclass(frozen=True, slots=True)
class Chosen:
    """The reports that were meant, each once, and what could not be told of, a line each."""

    records: list[int]
    unknown: tuple[str, ...] = ()


def choose(
    review: Review, stage: Stage, numbers: Sequence[int], file: Path | None, conditions: Sequence[str], known: bool
) -> Chosen:
    """The reports that a command means: by ``numbers``, by a ``file`` of names, or by ``conditions``.

    Raises InputError unless it is one of the three, and where something is unknown, unless only what is ``known`` is
    meant.
    """
    if (bool(numbers) + (file is not None) + bool(conditions)) != 1:
        raise InputError(
            "Which records? Name them by number, or with --from FILE, or with --where; one of these.",
            "Say for instance: decide REVIEW.leads 3 4 5 exclude",
        )
    if conditions:
        return Chosen(where(review, stage, conditions))
    chosen = named(review, read_names(file) if file is not None else map(str, numbers))
    if chosen.unknown and not (known and file is not None):
        listed = "; ".join(first_of(chosen.unknown, str(file) if file is not None else "what you typed"))
        raise InputError(
            f"{format_count(len(chosen.unknown), 'name')} of no record, or of several, so nothing was done: {listed}.",
            "Correct it (PubMed numbers as: PMID 123)" + (", or add --known to decide the others." if file else "."),
        )
    return chosen


# ---------------------------------------------------------------- by their names


def read_names(file: Path) -> list[str]:
    """The lines of a file that names reports, without empty ones. Raises InputError."""
    files.require_file(file, "a text file", "Name a file with a record number, DOI, PMID or title in each line.")
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{file} is no text in UTF-8.", "Save it as UTF-8 and try again.") from error
    except OSError as error:
        raise InputError(f"{file} can't be read: {error.strerror}.", "Correct its permissions.") from error
    return [line.strip() for line in text.splitlines() if line.strip()]


def named(review: Review, names: Iterable[str]) -> Chosen:
    """The reports that these name: a record's number, a DOI, ``PMID 123``, or a title. A title or identifier that
    several reports have names none of them."""
    known = _Names(review)
    found: dict[int, None] = {}
    unknown = []
    for name in names:
        heads = known.find(name)
        if len(heads) == 1:
            found.update(dict.fromkeys(heads))
        elif heads:
            unknown.append(f"{name} (several: {', '.join(map(str, sorted(heads)))})")
        else:
            unknown.append(name)
    return Chosen(list(found), tuple(unknown))


class _Names:
    """What the records of a review are called, read once."""

    def __init__(self, review: Review) -> None:
        self._heads: dict[int, int] = {}
        self._by: dict[tuple[str, str], set[int]] = {}
        for record, head, citation in review.named_records():
            self._heads[record] = head
            for what, name in (
                ("doi", normalise.find_doi(citation.doi)),
                ("pmid", normalise.parse_pmid(citation.pmid)),
                ("title", title_notes.bare_key(citation.title)),
            ):
                if name:
                    self._by.setdefault((what, name), set()).add(head)

    def find(self, name: str) -> set[int]:
        """Digits alone are a record's number; a title may hold a DOI, but a DOI no title."""
        if name.isascii() and name.isdecimal():
            return {self._heads[int(name)]} if int(name) in self._heads else set()
        doi, only = normalise.parse_doi(name)
        pmid = normalise.parse_pmid(name) or normalise.find_pmid(name)
        for what, key in (("doi", doi if only else ""), ("pmid", pmid), ("title", title_notes.bare_key(name))):
            if key and (found := self._by.get((what, key))):
                return found
        return set()


# ---------------------------------------------------------------- the look before


def preview(review: Review, ids: Sequence[int], stage: Stage) -> list[str]:
    """What a person should see before they decide these reports at once, a line each: how many, what of their own would
    be replaced (in sight on every screen), and the first titles."""
    own: Counter[str] = Counter()
    titles: list[str] = []
    for summary in summaries_of(review, ids, stage):
        titles.append(f"{summary.id}: {summary.shown_title}")
        if summary.own is not None:
            own[summary.own] += 1
    told = []
    if own:
        counted = ", ".join(f"{choice} {number:,}" for choice, number in sorted(own.items()))
        told.append(f"You have decided {own.total():,} of these before ({counted}): that is replaced.")
    return [*told, f"{format_count(len(ids), 'record')} at the {stage} stage:", *first_of(titles, "not shown here")]
