"""What leads-local itself writes of a review, known when somebody imports it as citations.

Read as citations, a table of ours would give a second record without its abstract for each that it tells of, and the
list of everything a record for each act. So it is refused, with what to use in its place.
"""

from __future__ import annotations

import json

from leads_local.errors import InputError

_TABLES = {
    ("record", "report", "study", "study label", "title"): "records",
    ("report", "study", "study label", "title", "authors", "year", "doi"): "evidence",
    ("study", "study label", "label by"): "studies",
    ("report", "stage", "criterion"): "judgements",
    ("value", "report", "study", "study label", "task"): "values",
}
_INSTEAD = (
    "`leads-local merge` brings the records and decisions of another review over; included.ris of the same export can "
    "be imported."
)


def refuse_table(columns: tuple[str, ...], name: str) -> None:
    """Raise InputError where the columns are those of a table that we exported."""
    plain = tuple(column.strip("\ufeff '\"").lower() for column in columns)
    for start, table in _TABLES.items():
        if plain[: len(start)] == start:
            raise InputError(
                f"{name} is the table {table} that leads-local exported of a review, without the abstracts; it is not "
                "imported again.",
                _INSTEAD,
            )


def refuse_lines(text: str, name: str) -> None:
    """Raise InputError where the first lines are of everything.jsonl or of rescued acts."""
    lines = (line for line in text.lstrip("\ufeff \n").split("\n", 3)[:3] if line.startswith("{"))
    for line in lines:
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if "leads-local" in str(row.get("format")):
            raise InputError(
                f"{name} holds what people said in a review, rescued from its file; these are no citations.",
                "`leads-local rescue` puts it back.",
            )
        if next(iter(row), "") == "table":
            raise InputError(
                f"{name} is the list of everything that leads-local exported of a review; it is not imported again.",
                _INSTEAD,
            )
