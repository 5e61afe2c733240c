"""JSON Lines: one citation a line, every field of ours under its name. What other programs add is kept in ``extra``.

A line that we wrote is taken as it stands; what another program wrote passes through what all other formats do, so that
its DOI and PMID are found by those of other files.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, fields, replace
from typing import Any

from leads_local.citations import normalise, roundtrip
from leads_local.citations.formats.fields import Entry, FieldLabels, ParsedFile, build_citation
from leads_local.records import Citation, ReadProblem

_YEARS_END = 10_000
_NAMES = tuple(field.name for field in fields(Citation))
_SPLITS = {
    "authors": normalise.split_authors,
    "keywords": normalise.split_items,
    "urls": normalise.split_links,
}
_IDENTIFIERS = {"doi": normalise.find_doi, "pmid": normalise.parse_pmid}
_LABELS = FieldLabels(
    **{name: (name,) for name in (*roundtrip.PLAIN_COLUMNS, *roundtrip.LIST_COLUMNS)},
    doi_hints=("urls",),
    pmid_hints=("urls",),
    split_authors=lambda text: [text],
    split_keywords=lambda text: [text],
    split_urls=lambda text: [text],
)


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


def _is_ours(table: dict[str, Any]) -> bool:
    """Whether the line has every field of ours, each of the kind that we write, as no other program's has."""
    if not all(name in table for name in _NAMES) or not isinstance(table["extra"], list):
        return False
    plain = all(isinstance(table[name], str) for name in roundtrip.PLAIN_COLUMNS)
    lists = all(isinstance(table[name], list) for name in roundtrip.LIST_COLUMNS)
    known = all(read(table[name]) in ("", table[name]) for name, read in _IDENTIFIERS.items())
    return plain and lists and known


def _read_own(table: dict[str, Any], number: int) -> Citation:
    return Citation(
        **{name: table[name] for name in roundtrip.PLAIN_COLUMNS},
        authors=_read_strings(table["authors"], None),
        keywords=_read_strings(table["keywords"], None),
        urls=_read_strings(table["urls"], None),
        year=_read_year(table["year"]),
        extra=_read_extra(table),
        number=number,
    )


def _entries(table: dict[str, Any], line: int) -> Iterator[Entry]:
    for name in (*roundtrip.PLAIN_COLUMNS, *roundtrip.LIST_COLUMNS):
        value = table.get(name)
        if name in _SPLITS:
            yield from (Entry(name, item, line) for item in _read_strings(value, _SPLITS[name]))
        elif value is not None:
            yield Entry(name, _as_text(value), line)


def _read_foreign(table: dict[str, Any], number: int, line: int) -> tuple[Citation, list[ReadProblem]]:
    """The citation of a line that another program wrote, read as those of all other formats."""
    citation, notices = build_citation(list(_entries(table, line)), _LABELS, number)
    return replace(citation, year=_read_year(table.get("year")), extra=citation.extra + _read_extra(table)), notices


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
        if isinstance(table, dict) and _is_ours(table):
            citations.append(_read_own(table, len(citations) + 1))
        elif isinstance(table, dict):
            citation, notices = _read_foreign(table, len(citations) + 1, number)
            citations.append(citation)
            problems.extend(notices)
        else:
            problems.append(ReadProblem("This line is no JSON object; it was left out.", number, raw, whole=True))
    return ParsedFile(tuple(citations), tuple(problems))
