"""JSON Lines: one citation a line, every field of ours under its name. What other programs add is kept in ``extra``."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from typing import Any

from leads_local.citations import normalise, roundtrip
from leads_local.citations.formats.fields import ParsedFile
from leads_local.records import Citation, ReadProblem

_YEARS_END = 10_000
_NAMES = tuple(field.name for field in fields(Citation))


def format_line(citation: Citation) -> str:
    """The citation as one line of JSON, without its line end."""
    return json.dumps(asdict(citation), ensure_ascii=False)


def _read_strings(value: Any, split: Any) -> tuple[str, ...]:
    if isinstance(value, list):
        return tuple(str(item) for item in value)
    return tuple(split(str(value))) if value not in (None, "") else ()


def _read_year(value: Any) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value if 0 < value < _YEARS_END else None
    return normalise.find_year(str(value)) if value else None


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _read_extra(table: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """The pairs under ``extra``, then what else there is that no field of ours holds, as it stands."""
    extra = table.get("extra")
    pairs = (
        extra if isinstance(extra, list) and all(isinstance(pair, list) and len(pair) == 2 for pair in extra) else []
    )
    kept = tuple((_as_text(tag), _as_text(value)) for tag, value in pairs)
    unread = [("extra", extra)] if extra and not pairs else []
    unread += [("year", table["year"])] if table.get("year") and _read_year(table["year"]) is None else []
    return kept + tuple(
        (tag, _as_text(value)) for tag, value in (*unread, *((k, v) for k, v in table.items() if k not in _NAMES))
    )


def _read_citation(table: dict[str, Any], number: int) -> Citation:
    plain = {
        name: "" if table.get(name) is None else str(table[name]) for name in roundtrip.PLAIN_COLUMNS if name in table
    }
    return Citation(
        **plain,
        authors=_read_strings(table.get("authors"), normalise.split_authors),
        keywords=_read_strings(table.get("keywords"), normalise.split_items),
        urls=_read_strings(table.get("urls"), normalise.split_links),
        year=_read_year(table.get("year")),
        extra=_read_extra(table),
        number=number,
    )


def read(text: str) -> ParsedFile:
    """Read JSON Lines. A line that is no JSON object is a Problem with its text."""
    citations: list[Citation] = []
    problems: list[ReadProblem] = []
    for number, raw in enumerate(text.split("\n"), start=1):
        if not raw.strip("\ufeff \t"):
            continue
        try:
            table = json.loads(raw.strip("\ufeff"))
        except (ValueError, RecursionError):  # also a number of more digits than Python reads
            table = None
        if isinstance(table, dict):
            citations.append(_read_citation(table, len(citations) + 1))
        else:
            problems.append(ReadProblem("This line is no JSON object; it was left out.", number, raw, whole=True))
    return ParsedFile(tuple(citations), tuple(problems))
