"""Ovid's citation text: ``<1>``, then labels in the first column and their values indented below.

Source is one sentence with journal, volume, issue, pages and date; its parts are read from it and the sentence is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from leads_local.citations import normalise
from leads_local.citations.formats.boundaries import Signals, divide
from leads_local.citations.formats.fields import (
    Draft,
    Entry,
    FieldLabels,
    Labelled,
    ParsedFile,
    build_citation,
    entries_of,
)
from leads_local.records import Citation, ReadProblem

_NUMBER = re.compile(r"\ufeff?<(\d+)>\s*")
_SOURCE = re.compile(
    r"(?P<journal>.+?)\.\s+(?P<volume>\d+)(?:\((?P<issue>[^)]*)\))?\s*:\s*(?P<pages>[^,]+?),\s*(?P<year>.+?)\.?",
    re.DOTALL,
)
_SOURCE_LABELS = frozenset(("source", "journal name"))
_AUTHOR_MARK = re.compile(r"(?:\s+(?:\d+(?:,\s*\d+)*|[*+#^]+))+$")


def _split_authors(text: str) -> list[str]:
    return [
        name
        for author in normalise.split_keywords(text.replace("\n", " "))
        if (name := _AUTHOR_MARK.sub("", author).rstrip(".,"))
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


KNOWN = {label for role in LABELS.__slots__ if isinstance(named := getattr(LABELS, role), tuple) for label in named}
_MARK = "<number>"


def _usual_starts(drafts: Sequence[Draft]) -> Iterator[int]:
    """A record begins with its number, or with the label that the one in hand began with."""
    leader = ""
    for index, draft in enumerate(drafts):
        if draft.tag == _MARK or (leader and draft.tag == leader):
            yield index
        if not index or drafts[index - 1].tag == _MARK:
            leader = "" if draft.tag == _MARK else draft.tag


SIGNALS = Signals(
    titles=frozenset(("title", "article title")),
    openers=frozenset((_MARK,)),
    once=frozenset(("abstract", "Source", "unique identifier", "accession number", "digital object identifier")),
    usual=_usual_starts,
    compared=LABELS.compared,
)
_BELONGS_BELOW = "This text stands after a blank line, and the next record begins without one; it may be that record's."


def _read_lines(text: str) -> tuple[list[Draft], list[ReadProblem]]:
    drafts: list[Draft] = []
    problems: list[ReadProblem] = []
    blank = below = 0  # blank lines above, and the line of the first text below one in the field in hand
    for number, line in enumerate(text.split("\n"), start=1):
        label = line.strip("\ufeff").rstrip()
        if _NUMBER.fullmatch(line):
            drafts.append(Draft(_MARK, "", number, blank))
            if below and not blank:
                problems.append(ReadProblem(_BELONGS_BELOW, below, doubtful=True))
            below = 0
        elif label and not line[0].isspace():
            drafts.append(Draft(label.lower() if label.lower() in KNOWN else label, "", number, blank))
            below = 0
        elif drafts and drafts[-1].tag != _MARK:
            below = below or (number if blank and label and drafts[-1].more else 0)
            drafts[-1].add(line.strip(), "\n")
        elif line.strip():
            problems.append(ReadProblem("This line stands outside every record; it was left out.", number, line))
        blank = 0 if label else blank + 1
    return drafts, problems


def _split_source(entry: Labelled) -> list[Entry]:
    match = _SOURCE.fullmatch(normalise.one_line(entry.value)) if entry.tag.lower() in _SOURCE_LABELS else None
    if match:
        return [Entry(part, value, entry.line) for part, value in match.groupdict().items() if value]
    if entry.tag.lower() in _SOURCE_LABELS and re.fullmatch(r"[^\d.]{3,120}\.", entry.value.strip()):
        return [Entry("journal", entry.value.strip().rstrip("."), entry.line)]
    return []


def read(text: str) -> ParsedFile:
    """Read Ovid's text. Labels that are not known are kept as they stand. A record without any value is a Problem with
    its text."""
    lines, problems = _read_lines(text)
    found = divide(lines, SIGNALS, problems)
    problems.extend(found.doubts)
    citations: list[Citation] = []
    for drafts in found.pieces:
        record = entries_of([draft for draft in drafts if draft.tag != _MARK])
        if not any(entry.value.strip() for entry in record):
            only = "This record has labels but no values; it was left out."
            problems.extend([ReadProblem(only, record[0].line, record[0].tag, whole=True)] if record else [])
            continue
        entries = [more for entry in record for more in (*_split_source(entry), entry)]
        citation, notices = build_citation(entries, LABELS, len(citations) + 1)
        citations.append(citation)
        problems.extend(notices)
    return ParsedFile(tuple(citations), tuple(sorted(problems, key=lambda problem: problem.line)))
