"""CSL-JSON, as Zotero, Crossref and most tools that format references give it: a list of items."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from leads_local.citations.formats import json_tree
from leads_local.citations.formats.fields import Entry, FieldLabels, ParsedFile, build_citation
from leads_local.citations.normalise import one_line
from leads_local.records import Citation, ReadProblem

LABELS = FieldLabels(
    title=("title", "title-short"),
    abstract=("abstract",),
    journal=("container-title", "container-title-short", "journalAbbreviation"),
    volume=("volume",),
    issue=("issue",),
    pages=("page",),
    language=("language",),
    year=("issued", "issued/raw", "issued/literal", "published", "original-date"),
    doi=("DOI",),
    kind=("type",),
    authors=("author",),
    keywords=("keyword", "categories"),
    urls=("URL",),
    doi_hints=("URL",),
    doi_notes=("note",),
    pmid=("PMID",),
    pmid_hints=("note", "URL"),
)
_DATES = ("issued", "published", "original-date")


def read(text: str) -> ParsedFile:
    """Read CSL-JSON. An item that is no object, or holds nothing, is a Problem with its text. Raises InputError where
    the text is no JSON."""
    found = json_tree.load(text)
    citations: list[Citation] = []
    problems: list[ReadProblem] = list(found.doubts)
    for place, item in enumerate(json_tree.records_below(found.value, ("items",), "title"), start=1):
        entries = list(_read_entries(item)) if isinstance(item, dict) else []
        if not any(entry.value.strip() for entry in entries):
            raw = "\n".join(text for _, text in json_tree.leaves(item)) or f"item {place}"
            problems.append(ReadProblem(f"Item {place} holds no record; it was left out.", 0, raw, whole=True))
            continue
        citation, notices = build_citation(entries, LABELS, len(citations) + 1)
        citations.append(citation)
        problems.extend(notices)
    return ParsedFile(tuple(citations), tuple(problems))


def _read_entries(item: Mapping[str, Any]) -> Iterator[Entry]:
    for key, value in item.items():
        if key == "author" and isinstance(value, list):
            for author in value:
                yield Entry("author", _name(author))
        elif key in _DATES and isinstance(value, dict) and (date := _date(value)):
            yield Entry(key, date)
            rest = {name: part for name, part in value.items() if name != "date-parts"}
            yield from (Entry(path, text) for path, text in json_tree.leaves(rest, key))
        else:
            yield from (Entry(path, text) for path, text in json_tree.leaves(value, key))


def _name(author: Any) -> str:
    """``Family, Given``, with what stands before and behind a family's name, or the name of a group."""
    if not isinstance(author, dict):
        return one_line(str(author or ""))
    parts = {key: str(author.get(key) or "").strip() for key in ("family", "given", "suffix")}
    before = str(author.get("non-dropping-particle") or author.get("dropping-particle") or "").strip()
    family = " ".join(part for part in (before, parts["family"]) if part)
    named = ", ".join(part for part in (family, parts["given"], parts["suffix"]) if part)
    return one_line(named or str(author.get("literal") or author.get("name") or ""))


def _date(value: Mapping[str, Any]) -> str:
    """``2018-03-09`` of the first of the date's parts."""
    parts = value.get("date-parts")
    first = parts[0] if isinstance(parts, list) and parts and isinstance(parts[0], list) else []
    return "-".join(f"{int(part):02}" for part in first if str(part).isdecimal())
