"""What single databases put together in one cell, taken apart: the parts beside the cell, which stays as it is."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from leads_local.citations.formats.fields import Entry

SOURCE_PARTS = {role: f"{role} in source" for role in ("journal", "year", "volume", "issue", "pages")}
PMID_PART, DOI_PART = "pmid in accession number", "doi in external ids"
PARTS = frozenset((*SOURCE_PARTS.values(), PMID_PART, DOI_PART))
"""Labels of what is added, which no file has."""
_SOURCE_FORMS = {
    "source": re.compile(
        r"(?P<journal>.+?) \((?P<year>\d{4})\) (?P<volume>[^:()]*):(?P<issue>[^()]*?) \((?P<pages>[^()]*)\)\.?.*",
        re.DOTALL,
    ),
    "citation": re.compile(
        r"(?P<journal>[^;]+?)\. (?P<year>\d{4})[^;:.]*;(?P<volume>[^(:;]*)(?:\((?P<issue>[^()]*)\))?:"
        r"(?P<pages>[^.;]+)\..*",
        re.DOTALL,
    ),
}
_LONGEST = 10_000  # characters of a cell that is taken apart as a dict


def add_parts(entries: list[Entry]) -> list[Entry]:
    """The entries of a row, and before them the parts of those that are put together."""
    named = {entry.tag.strip("\ufeff ").lower(): entry for entry in entries if entry.value.strip()}
    return [*_pmid(named), *_external_ids(named), *_source_parts(entries), *entries]


def _source_parts(entries: list[Entry]) -> list[Entry]:
    """Embase writes ``Journal (2014) 3:3 (152-160). Date of Publication: 2014`` into one cell, PubMed
    ``J Abbr. 2014 Jan;3(3):152-60. doi: 10.1000/x.``."""
    for entry in entries:
        form = _SOURCE_FORMS.get(entry.tag.strip("\ufeff ").lower())
        if match := form.fullmatch(entry.value.strip()) if form else None:
            return [Entry(SOURCE_PARTS[role], text or "", entry.line) for role, text in match.groupdict().items()]
    return []


def _pmid(named: dict[str, Entry]) -> Iterator[Entry]:
    """Covidence names no database beside its accession numbers; those of seven or eight digits are PubMed's. Europe PMC
    names it in a column of its own."""
    source, number = named.get("source"), named.get("ext_id") or named.get("external id")
    if source and number and source.value.strip().upper() == "MED":
        yield Entry(PMID_PART, number.value, number.line)
    given = named.get("accession number")
    if "covidence #" in named and given and re.fullmatch(r"\s*\d{7,8}\s*", given.value):
        yield Entry(PMID_PART, given.value, given.line)


def _external_ids(named: dict[str, Entry]) -> Iterator[Entry]:
    """Semantic Scholar's ``{'DOI': '10.1000/x', 'PubMed': '123'}``."""
    entry = named.get("externalids")
    if entry is None or len(entry.value) > _LONGEST or not entry.value.strip().startswith("{"):
        return
    try:
        told = ast.literal_eval(entry.value.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return
    for key, part in (("DOI", DOI_PART), ("PubMed", PMID_PART)):
        if isinstance(told, dict) and told.get(key):
            yield Entry(part, str(told[key]), entry.line)
