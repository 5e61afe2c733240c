"""Extraction forms: which fields, outcomes and participant measures are to be taken from each report. Data, in TOML.

    title = "My form"
    [[field]]    name, description
    [[outcome]]  name, definition
    [[measure]]  name, definition, param_type, unit

A form is read whole or refused with one sentence that names the file and the place: a misspelt key would silently lose
a column of the evidence table.
"""

from __future__ import annotations

import reprlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, TypeVar

from leads_local import files, toml_text
from leads_local.config import toml_value
from leads_local.errors import InputError
from leads_local.records import Field, Measure, Outcome, Question

_KEYS: Mapping[str, tuple[str, ...]] = {
    "field": ("name", "description"),
    "outcome": ("name", "definition"),
    "measure": ("name", "definition", "param_type", "unit"),
}
_MOST_ENTRIES = 500  # of all kinds together; each is a column of a table and a question to the model about every paper
LONGEST = 5_000  # characters of one text
_T = TypeVar("_T", Field, Outcome, Measure)
_ADVICE = "Correct the form and try again."


@dataclass(frozen=True, slots=True)
class Form:
    """What to extract. Names are unique within each kind, but for case; at least one of the three holds something."""

    title: str
    fields: tuple[Field, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    measures: tuple[Measure, ...] = ()


def load(path: Path | str) -> Form:
    """The form in the TOML file ``path``. Raises InputError in one sentence that names the file and the place in it."""
    path = Path(path)
    files.require_file(path, "a form", "Check the name of the file.")
    return _read(path, str(path))


def default() -> Form:
    """The form for randomised trials that comes with the program; it has no outcomes, for these are each review's
    own."""
    return _read(resources.files("leads_local.tasks").joinpath("rct_form.toml"), "the form that comes with the program")


def for_question(question: Question) -> Form:
    """The default form with the question's outcome as outcomes: one for each part between semicolons or line ends."""
    parts = (" ".join(part.split()) for part in question.outcome.replace("\n", ";").split(";"))
    unique = {part.casefold(): Outcome(part) for part in parts if part}
    return replace(default(), outcomes=tuple(unique.values()))


def dumps(form: Form, within: str = "") -> str:
    """The form as TOML that ``load`` reads back to an equal form; ``within`` is the table of a larger document that it
    stands in."""
    table = to_table(form)
    lines = [f"title = {toml_value(table.pop('title'))}"]
    for kind, entries in table.items():
        for entry in entries:
            lines += ["", f"[[{within and within + '.'}{kind}]]"]
            lines += [f"{key} = {toml_value(text)}" for key, text in entry.items()]
    return "\n".join(lines) + "\n"


def to_table(form: Form) -> dict[str, Any]:
    """The form as plain data, as its TOML has it."""
    entries = {
        "field": [asdict(one) for one in form.fields],
        "outcome": [asdict(one) for one in form.outcomes],
        "measure": [asdict(one) for one in form.measures],
    }
    return {"title": form.title, **{kind: found for kind, found in entries.items() if found}}


def _read(file: Path | Traversable, where: str) -> Form:
    try:
        table = toml_text.read(file)
    except OSError as error:
        raise InputError(
            f"{where}: the form can't be read: {error.strerror}.", "Name a TOML file that you may read."
        ) from error
    except ValueError as error:
        raise InputError(f"{where}: the form is not TOML in UTF-8: {error}.", _ADVICE) from error
    return from_table(table, where)


def from_table(table: Mapping[str, Any], where: str, place: Callable[[str, int], str] | None = None) -> Form:
    """The form that is plain data (``to_table``). ``where`` it stands is named in errors, and with ``place`` where its
    entry of a kind and number does. Raises InputError."""
    place = place or (lambda kind, number: f"{where}, [[{kind}]] number {number}")
    _check_keys(table, ("title", *_KEYS), f"{where}:")
    title = table.get("title", "")
    if not isinstance(title, str):
        raise InputError(f"{where}: the title must be text in quotation marks, it is {reprlib.repr(title)}.", _ADVICE)
    _check_size(table, where)
    form = Form(
        title,
        _entries(table, "field", Field, where, place),
        _entries(table, "outcome", Outcome, where, place),
        _entries(table, "measure", Measure, where, place),
    )
    if not (form.fields or form.outcomes or form.measures):
        raise InputError(
            f"{where}: the form asks for nothing.", "Write at least one [[field]], [[outcome]] or [[measure]]."
        )
    return form


def _check_size(table: Mapping[str, Any], where: str) -> None:
    counts = {kind: len(rows) for kind in _KEYS if isinstance(rows := table.get(kind), list)}
    if sum(counts.values()) > _MOST_ENTRIES:
        told = ", ".join(f"{count:,} [[{kind}]]" for kind, count in counts.items() if count)
        raise InputError(
            f"{where}: the form has {told}; it may have {_MOST_ENTRIES} in all.",
            "Leave out what is not needed, or make several forms and use one after the other.",
        )
    if len(table.get("title", "")) > LONGEST:
        raise InputError(f"{where}: the title is longer than {LONGEST:,} characters.", _ADVICE)


def _entries(
    table: Mapping[str, Any], kind: str, make: Callable[..., _T], where: str, place_of: Callable[[str, int], str]
) -> tuple[_T, ...]:
    rows = table.get(kind, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise InputError(f"{where}: {kind} must be written as [[{kind}]] with its name below.", _ADVICE)
    places: dict[str, int] = {}
    found = []
    for number, row in enumerate(rows, 1):
        name = row.get("name", "")
        place = place_of(kind, number) + (f' ("{name[:100]}")' if isinstance(name, str) and name else "")
        _check_keys(row, _KEYS[kind], f"{place}:")
        wrong = [key for key, value in row.items() if not isinstance(value, str)]
        if wrong:
            raise InputError(f"{place}: {', '.join(wrong)} must be text in quotation marks.", _ADVICE)
        long = [key for key, value in row.items() if len(value) > LONGEST]
        if long:
            raise InputError(f"{place}: {', '.join(long)} is longer than {LONGEST:,} characters.", _ADVICE)
        key = " ".join(name.split()).casefold()
        if not key:
            raise InputError(f"{place} has no name.", _ADVICE)
        if key in places:
            raise InputError(f"{place} has the same name as number {places[key]}.", "Give each a name of its own.")
        places[key] = number
        found.append(make(**row))
    return tuple(found)


def _check_keys(table: Mapping[str, Any], keys: tuple[str, ...], where: str) -> None:
    unknown = sorted(set(table) - set(keys))
    if unknown:
        more = f" and {len(unknown) - 10:,} more" if len(unknown) > 10 else ""
        raise InputError(
            f"{where} unknown key {', '.join(name[:40] for name in unknown[:10])}{more}.",
            f"The keys here are: {', '.join(keys)}.",
        )
