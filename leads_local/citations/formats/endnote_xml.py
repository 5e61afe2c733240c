"""EndNote XML, as EndNote, Bookends, SRA and systematic-review tools write it.

Every text is wrapped in ``style`` elements that say nothing, line breaks are carriage returns, and Embase, PubMed and
Cochrane each put the PMID into a field of their own.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element

from leads_local.citations.formats.fields import Entry, FieldLabels, ParsedFile, build_citation
from leads_local.citations.formats.xmltree import leaf_texts, read_records, repeated
from leads_local.records import Citation, ReadProblem

LABELS = FieldLabels(
    title=("titles/title", "titles/short-title", "titles/translated-title", "orig-pub"),
    abstract=("abstract",),
    journal=(
        "periodical/full-title",
        "titles/secondary-title",
        "periodical/abbr-1",
        "titles/alt-title",
        "alt-periodical/full-title",
    ),
    volume=("volume",),
    issue=("number",),
    pages=("pages",),
    language=("language",),
    year=("dates/year", "dates/pub-dates/date"),
    doi=("electronic-resource-num",),
    kind=("ref-type",),
    authors=("contributors/authors/author",),
    keywords=("keywords/keyword",),
    urls=("urls/related-urls/url", "urls/web-urls/url", "urls/text-urls/url", "urls/pdf-urls/url"),
    doi_hints=("urls/related-urls/url", "urls/web-urls/url"),
    doi_notes=("notes",),
    pmid_hints=("custom3", "custom5", "urls/related-urls/url", "accession-num"),
    accession=("accession-num", "custom5"),
    database=("remote-database-name", "remote-database-provider"),
)
_MARKUP = frozenset(("style",))
_ONE_OF_EACH = ("contributors", "titles", "titles/title", "dates", "periodical", "electronic-resource-num", "urls")
_PLAIN_PATHS = {"ref-type": "ref-type", "database": "database", "source-app": "source-app"}


def _read_entries(record: Element, line: int) -> list[Entry]:
    entries: list[Entry] = []
    for path, text in leaf_texts(record, _MARKUP):
        plain = path.partition("[")[0]
        if plain == "ref-type":
            element = record.find("ref-type")
            text = (element.get("name") or text) if element is not None else text
        entries.append(Entry(plain if plain in _PLAIN_PATHS else path, text, line))
    return entries


def read(text: str) -> ParsedFile:
    """Read EndNote XML. A record without any text is a Problem."""
    citations: list[Citation] = []
    notices: list[ReadProblem] = []

    def take(record: Element, line: int) -> None:
        entries = _read_entries(record, line)
        if not entries:
            notices.append(ReadProblem("This record is empty; it was left out.", line, "<record/>", whole=True))
            return
        citation, found = build_citation(entries, LABELS, len(citations) + 1)
        citations.append(citation)
        notices.extend((*found, *repeated(record, _ONE_OF_EACH, line)))

    problems = read_records(text, frozenset(("record", "RECORD")), take)
    return ParsedFile(tuple(citations), tuple(sorted([*problems, *notices], key=lambda problem: problem.line)))
