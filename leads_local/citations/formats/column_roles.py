"""What a person says that the columns of a table hold, and what is remembered of that for tables with the same columns.

What is said comes before what the names of columns tell. A column of which neither says anything is kept beside the
record, and named.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from leads_local.citations import normalise
from leads_local.errors import InputError

BESIDE = "extra"
ROLES = (
    *("title", "abstract", "authors", "year", "journal", "volume", "issue", "pages", "doi", "pmid"),
    *("language", "kind", "keywords", "urls", BESIDE),
)
"""What can be said of a column; ``BESIDE``: none of the others, though its name tells one."""
_PAIR = re.compile(rf"\s*(?P<column>[^\n]+?)\s*=\s*(?P<role>{'|'.join(ROLES)})\s*(?:[,;\n]|$)", re.IGNORECASE)

Roles = tuple[tuple[str, str], ...]
"""Columns by their names, each with what it holds."""
Remembered = tuple[frozenset[str], Roles]
"""All columns of a table, and what was said of them."""


@dataclass(frozen=True, slots=True)
class TableColumns:
    """The columns of a table that was read: all their names, what a person said of some, and which are kept beside the
    record, since nothing is known of them."""

    names: tuple[str, ...] = ()
    said: Roles = ()
    kept: tuple[str, ...] = ()


NO_TABLE = TableColumns()


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """What was said of the columns of the file that is read now, and what was said before of tables, by their names."""

    given: Roles = ()
    remembered: tuple[Remembered, ...] = ()

    def roles_of(self, columns: Sequence[str]) -> Roles:
        """What was said of these columns, which may be those of a table; () where nothing was."""
        known = {_key(column): column for column in named(columns)}
        if self.given:
            roles = tuple((known[_key(name)], role) for name, role in self.given if _key(name) in known)
            return roles if len(roles) == len(self.given) else ()
        found = next((roles for names, roles in self.remembered if names == known.keys()), ())
        return tuple((known[_key(name)], role) for name, role in found)

    def refuse_unused(self, used: Roles, columns: Iterable[str], name: str) -> None:
        """Raise InputError where something was said of columns that the file ``name`` does not have."""
        if self.given and not used:
            known = {_key(column) for column in columns}
            missing = next((column for column, _ in self.given if _key(column) not in known), self.given[0][0])
            told = ", ".join(column for column in columns if column.strip()) or "none, as it is no table"
            raise InputError(
                f"{name} has no column {missing}; its columns are: {told}.", "Write the name as it stands there."
            )


NOTHING_SAID = ColumnChoice()


def parse(text: str) -> Roles:
    """``Titel der Arbeit=title, Fazit=abstract``, also a line for each. Raises InputError where it says something
    else, or says two things of one column."""
    roles, end = [], 0
    while match := _PAIR.match(text, end):
        roles.append((match["column"], match["role"].lower()))
        end = match.end()
    if text[end:].strip() or not roles:
        raise InputError(
            f"“{text[end:].strip()}” does not say what a column holds.",
            f"Write COLUMN=FIELD, for several with commas between them; the fields are {', '.join(ROLES)}.",
        )
    if len({_key(name) for name, _ in roles}) < len(roles):
        raise InputError("One column is said to hold two things.", "Name each column once.")
    return tuple(roles)


def in_words(roles: Roles) -> str:
    """What was said, as ``parse`` reads it."""
    return "\n".join(f"{normalise.one_line(name)}={role}" for name, role in roles)


def remembered(names: Sequence[str], roles: Roles) -> Remembered:
    """What was said of a table with these columns, for ``ColumnChoice``."""
    return frozenset(map(_key, named(names))), roles


def named(columns: Sequence[str]) -> tuple[str, ...]:
    """The names of columns; one without any is called by its number."""
    return tuple(name.strip("\ufeff \t\n") or f"column {number}" for number, name in enumerate(columns, start=1))


def held_by(said: Roles, columns: Sequence[str]) -> Roles:
    """What was said of the columns of one table, for another's that are called the same."""
    if not said:
        return ()
    roles = {_key(name): role for name, role in said}
    return tuple((column, roles[_key(column)]) for column in dict.fromkeys(columns) if _key(column) in roles)


def _key(name: str) -> str:
    return normalise.one_line(name.strip("\ufeff \"'")).casefold()
