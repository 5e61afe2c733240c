"""The Cochrane Library's text export: ``Record #1 of 2``, then a line for each value, ``TI: …``.

The heading says how many records there are; where another number was read, that is told.
"""

from __future__ import annotations

import re

from leads_local.citations import normalise
from leads_local.citations.formats.fields import Draft, FieldLabels, ParsedFile, build_citation, entries_of
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


def read(text: str) -> ParsedFile:
    """Read Cochrane's text. A record without any value is a Problem with its text."""
    citations: list[Citation] = []
    problems: list[ReadProblem] = []
    records, said = _split_records(text, problems)
    for line, drafts in records:
        if not any(draft.entry().value.strip() for draft in drafts):
            raw = "\n".join(f"{draft.tag}:" for draft in drafts) or f"line {line}"
            problems.append(ReadProblem("This record holds no value; it was left out.", line, raw, whole=True))
            continue
        citation, notices = build_citation(entries_of(drafts), LABELS, len(citations) + 1)
        citations.append(citation)
        problems.extend(notices)
    if said and said != len(records):
        problems.append(
            ReadProblem(f"The file says that it holds {said} records; {len(records)} are in it.", 0, doubtful=True)
        )
    return ParsedFile(tuple(citations), tuple(sorted(problems, key=lambda problem: problem.line)))


def _split_records(text: str, problems: list[ReadProblem]) -> tuple[list[tuple[int, list[Draft]]], int]:
    """Each record with the line that it begins on, and how many the file says that it holds."""
    records: list[tuple[int, list[Draft]]] = []
    said = 0
    for number, line in enumerate(text.split("\n"), start=1):
        if heading := HEADING.fullmatch(line.rstrip()):
            records.append((number, []))
            said = max(said, int(heading[2]))
        elif not records:
            if line.strip("\ufeff \t"):
                problems.append(ReadProblem("This line stands before the first record; it was left out.", number, line))
        elif tagged := _TAGGED.fullmatch(line.rstrip()):
            records[-1][1].append(Draft(tagged[1], tagged[2] or "", number))
        elif line.strip() and records[-1][1]:
            records[-1][1][-1].add(line.strip(), "\n")
        elif line.strip():
            problems.append(ReadProblem("This line has no tag; it was left out.", number, line))
    return records, said
