"""What medical names mean: other names for the same thing and broader terms, as facts without sentences.

Each line of a file ``words/known_*.txt`` is one thing: its names, then ``<`` and the broader terms that are true of
every case of it, then ``?`` and the terms of the file that are true of some cases or that opinions differ about; ``;``
between them. In known_treatments.txt the kind stands first (``drug:``, ``activity:`` or ``procedure:``), in
known_countries.txt the second name is the adjective.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from models.demo.training.lists import held_out, listed

FILES = CONDITIONS, TREATMENTS, OUTCOMES, COUNTRIES = (
    "known_conditions",
    "known_treatments",
    "known_outcomes",
    "known_countries",
)
KINDS = ("drug", "activity", "procedure")


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing. ``names`` all mean the same; ``broader`` is true of it always, ``unsure`` sometimes, every other term
    of its file never.

    ``kind`` is one of ``KINDS`` in the file of treatments, "" elsewhere.
    """

    names: tuple[str, ...]
    broader: tuple[str, ...]
    kind: str = ""
    unsure: tuple[str, ...] = ()

    def usable(self, unseen: bool) -> tuple[str, ...]:
        """The names on one side of the split of words: held-out ones, or those that training may see. Either may be
        none."""
        return tuple(name for name in self.names if held_out(name) is unseen)

    def related(self, term: str) -> bool:
        """Whether ``term`` is one of the names or is true of some cases at least."""
        return term.casefold() in {known.casefold() for known in (*self.names, *self.broader, *self.unsure)}


@cache
def entries(file: str) -> tuple[Entry, ...]:
    """All entries of one of ``FILES``. Raises ValueError for a line of another form."""
    return tuple(_entry(line) for line in listed(file))


def of(file: str, name: str) -> Entry | None:
    """The entry that has ``name`` among its names, however it is capitalised."""
    return _index(file).get(name.casefold())


@cache
def unlike(entry: Entry, file: str) -> tuple[str, ...]:
    """The broader terms of the file that are true of no case of ``entry``."""
    return tuple(term for term in terms(file) if not entry.related(term))


def keep_apart(file: str, asked: str, names: Iterable[str]) -> None:
    """Raises LookupError where ``asked`` may be another word for one of ``names`` or for some cases of it."""
    for name in names:
        if (entry := of(file, name)) and entry.related(asked):
            raise LookupError(f"{asked} may be true of {name}")


@cache
def terms(file: str) -> tuple[str, ...]:
    """Every broader term of the file, once."""
    return tuple(dict.fromkeys(term for entry in entries(file) for term in entry.broader))


def _entry(line: str) -> Entry:
    left, _, unsure = line.partition(" ? ")
    left, _, broader = left.partition(" < ")
    kind, colon, names = left.partition(": ")
    if not colon or kind not in KINDS:
        kind, names = "", left
    entry = Entry(_split(names), _split(broader), kind, _split(unsure))
    if not all((*entry.names, *entry.broader, *entry.unsure)) or not entry.names:
        raise ValueError(f"an empty name or term: {line}")
    return entry


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(";")) if text else ()


@cache
def _index(file: str) -> dict[str, Entry]:
    return {name.casefold(): entry for entry in entries(file) for name in entry.names}
