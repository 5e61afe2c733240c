"""Ovid's citation text: ``<1>``, then labels in the first column and their values indented below.

Source is one sentence with journal, volume, issue, pages and date; its parts are read from it and the sentence is kept.
"""

from __future__ import annotations

import re

from leads_local.citations import normalise
from leads_local.citations.formats.fields import Draft, Entry, FieldLabels, ParsedFile, build_citation, entries_of
from leads_local.records import Citation, ReadProblem

_NUMBER = re.compile(r"\ufeff?<(\d+)>\s*")
_SOURCE = re.compile(
    r"(?P<journal>.+?)\.\s+(?P<volume>\d+)(?:\((?P<issue>[^)]*)\))?\s*:\s*(?P<pages>[^,]+?),\s*(?P<year>.+?)\.?",
    re.DOTALL,
)
_SOURCE_LABELS = frozenset(("source", "journal name"))
_MARK = re.compile(r"(?:\s+(?:\d+(?:,\s*\d+)*|[*+#^]+))+$")


def _split_authors(text: str) -> list[str]:
    return [
        name
        for author in normalise.split_keywords(text.replace("\n", " "))
        if (name := _MARK.sub("", author).rstrip(".,"))
    ]


def _split_keywords(text: str) -> list[str]:
    return [word.rstrip(".") for word in normalise.split_keywords(text.replace("\n", " "))]


LABELS = FieldLabels(
    title=("title", "article title", "chapter title", "book title"),
    abstract=("abstract",),
    journal=("journal", "journal name", "publisher journal"),
    volume=("volume",),
    issue=("issue", "issue part", "issue/part"),
    pages=("pages", "page"),
    language=("language",),
    year=("year", "year of publication", "publication date", "date of publication", "entry date", "status"),
    doi=("doi number", "digital object identifier", "doi", "article identifier"),
    kind=("document type", "publication type"),
    authors=("author", "authors", "author/editor"),
    keywords=("author keywords", "keyword heading", "mesh subject headings", "subject headings"),
    urls=("link to the ovid full text or citation", "link to the external link resolver", "url"),
    pmid_hints=("other id", "pmid"),
    pmid=("pmid", "pubmed id", "pubmed identifier"),
    accession=("unique identifier", "accession number"),
    database=("database",),
    split_authors=_split_authors,
    split_keywords=_split_keywords,
)


def _split_records(text: str) -> tuple[list[list[Draft]], list[ReadProblem]]:
    records: list[list[Draft]] = []
    problems: list[ReadProblem] = []
    record: list[Draft] = []
    for number, line in enumerate(text.split("\n"), start=1):
        label = line.strip("\ufeff").rstrip()
        if _NUMBER.fullmatch(line):
            records.append(record)
            record = []
        elif label and not line[0].isspace():
            if record and label.lower() == record[0].tag.lower():
                records.append(record)
                record = []
            record.append(Draft(label, "", number))
        elif record:
            record[-1].add(line.strip(), "\n")
        elif line.strip():
            problems.append(ReadProblem("This line stands outside every record; it was left out.", number, line))
    return [found for found in [*records, record] if found], problems


def _split_source(entry: Entry) -> list[Entry]:
    match = _SOURCE.fullmatch(normalise.one_line(entry.value)) if entry.tag.lower() in _SOURCE_LABELS else None
    if match:
        return [Entry(part, value, entry.line) for part, value in match.groupdict().items() if value]
    if entry.tag.lower() in _SOURCE_LABELS and re.fullmatch(r"[^\d.]{3,120}\.", entry.value.strip()):
        return [Entry("journal", entry.value.strip().rstrip("."), entry.line)]
    return []


def read(text: str) -> ParsedFile:
    """Read Ovid's text. Labels that are not known are kept as they stand. A record without any value is a Problem with
    its text."""
    records, problems = _split_records(text)
    known = {
        label for role in LABELS.__slots__ if isinstance(labels := getattr(LABELS, role), tuple) for label in labels
    }
    citations: list[Citation] = []
    for drafts in records:
        record = entries_of(drafts)
        if not any(entry.value.strip() for entry in record):
            problems.append(
                ReadProblem(
                    "This record has labels but no values; it was left out.", record[0].line, record[0].tag, whole=True
                )
            )
            continue
        entries = [more for entry in record for more in (*_split_source(entry), entry)]
        entries = [Entry(e.tag.lower() if e.tag.lower() in known else e.tag, e.value, e.line) for e in entries]
        citation, notices = build_citation(entries, LABELS, len(citations) + 1)
        citations.append(citation)
        problems.extend(notices)
    return ParsedFile(tuple(citations), tuple(sorted(problems, key=lambda problem: problem.line)))
