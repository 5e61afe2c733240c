"""The Cochrane Library's text export: ``Record #1 of 2``, then a line for each value, ``TI: …``.

The heading says how many records there are; where another number was read, that is told.
"""

from __future__ import annotations

import re

from leads_local.citations import normalise
from leads_local.citations.formats.boundaries import Signals, divide
from leads_local.citations.formats.fields import (
    AFTER_A_BLANK_LINE,
    Draft,
    FieldLabels,
    ParsedFile,
    build_citation,
    entries_of,
)
from leads_local.records import Citation, ReadProblem

HEADING = re.compile(r"^\ufeff?Record #(\d+) of (\d+)\s*$", re.MULTILINE)
_TAGGED = re.compile(r"\ufeff?([A-Z][A-Z0-9]{1,3}):(?: (.*)|)")

LABELS = FieldLabels(
    title=("TI", "OT"),
    abstract=("AB",),
    journal=("SO", "JT"),
    volume=("VL",),
    issue=("NO",),
    pages=("PG",),
    language=("LA",),
    year=("YR",),
    doi=("DOI",),
    kind=("PT",),
    authors=("AU",),
    keywords=("KY",),
    urls=("US",),
    pmid=("PM",),
    pmid_hints=("PM", "AN", "XR"),
    split_keywords=lambda text: [word for part in normalise.split_keywords(text) for word in _split_commas(part)],
)


def _split_commas(text: str) -> list[str]:
    """Cochrane parts keywords by commas, with none inside of them."""
    return [word.strip() for word in re.split(r",\s+|,(?=\*)", text) if word.strip()]


_MARK = "Record #"

SIGNALS = Signals(
    titles=frozenset(("TI",)),
    openers=frozenset((_MARK,)),
    once=frozenset(("AB", "YR", "VL", "NO", "PG", "DOI", "SO", "ID")),
    compared=LABELS.compared,
)


def _read_lines(text: str) -> tuple[list[Draft], list[ReadProblem], int]:
    """The lines with tags and the headings, what is wrong with others, and how many records the file says it holds."""
    drafts: list[Draft] = []
    problems: list[ReadProblem] = []
    said = blank = 0
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip("\ufeff \t"):
            blank += 1
            continue
        if heading := HEADING.fullmatch(line.rstrip()):
            drafts.append(Draft(_MARK, "", number, blank))
            said = max(said, int(heading[2]))
        elif tagged := _TAGGED.fullmatch(line.rstrip()):
            drafts.append(Draft(tagged[1], tagged[2] or "", number, blank))
        elif drafts and drafts[-1].tag != _MARK:
            if blank and drafts[-1].tag not in LABELS.abstract:
                problems.append(ReadProblem(AFTER_A_BLANK_LINE, number, doubtful=True))
            drafts[-1].add(line.strip(), "\n")
        else:
            problems.append(ReadProblem("This line stands outside every record; it was left out.", number, line))
        blank = 0
    return drafts, problems, said


def read(text: str) -> ParsedFile:
    """Read Cochrane's text. A record without any value is a Problem with its text."""
    lines, problems, said = _read_lines(text)
    found = divide(lines, SIGNALS, problems)
    problems.extend(found.doubts)
    citations: list[Citation] = []
    for drafts in found.pieces:
        entries = entries_of([draft for draft in drafts if draft.tag != _MARK])
        if not any(entry.value.strip() for entry in entries):
            raw = "\n".join(f"{entry.tag}:" for entry in entries) or f"line {drafts[0].line}"
            told = "This record holds no value; it was left out."
            problems.append(ReadProblem(told, drafts[0].line, raw, whole=True))
            continue
        citation, notices = build_citation(entries, LABELS, len(citations) + 1)
        citations.append(citation)
        problems.extend(notices)
    if said and said != len(found.pieces):
        told = f"The file says that it holds {said} records; {len(found.pieces)} are in it."
        problems.append(ReadProblem(told, 0, doubtful=True))
    return ParsedFile(tuple(citations), tuple(sorted(problems, key=lambda problem: problem.line)))
