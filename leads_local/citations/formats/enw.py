"""EndNote's tagged format (``.enw``, also ``refer``): a percent sign, one character, a space, a value; ``%0`` begins a
record."""

from __future__ import annotations

import re

from leads_local.citations.formats.fields import Draft, FieldLabels, ParsedFile, build_citation, entries_of
from leads_local.records import Citation, ReadProblem

LABELS = FieldLabels(
    title=("%T", "%Q", "%!"),
    abstract=("%X",),
    journal=("%J", "%B"),
    volume=("%V",),
    issue=("%N",),
    pages=("%P",),
    language=("%G",),
    year=("%D", "%8"),
    doi=("%R",),
    kind=("%0",),
    authors=("%A", "%H"),
    keywords=("%K",),
    urls=("%U",),
    doi_hints=("%U",),
    pmid_hints=("%U", "%M", "%2"),
    accession=("%M",),
    database=("%W", "%~"),
)
_TAGGED = re.compile(r"\ufeff?%(\S)(?:\s(.*))?", re.DOTALL)


def _begins_record(tag: str, tags: set[str], after_blank: bool) -> bool:
    """Whether ``tag`` begins a record after one that has ``tags``."""
    if tag == "%0":
        return bool(tags - {"%0"})
    return after_blank and tag in ("%T", "%A") and "%T" in tags


def _split_records(text: str) -> tuple[list[list[Draft]], list[ReadProblem]]:
    records: list[list[Draft]] = []
    problems: list[ReadProblem] = []
    record: list[Draft] = []
    tags: set[str] = set()
    blank = False
    for number, line in enumerate(text.split("\n"), start=1):
        match = _TAGGED.fullmatch(line)
        if match:
            if _begins_record(tag := f"%{match.group(1)}", tags, blank):
                records.append(record)
                record, tags = [], set()
            tags.add(tag)
            record.append(Draft(tag, (match.group(2) or "").strip(), number))
        elif record and line.strip():
            record[-1].add(line.strip(), "\n\n" if blank else "\n")
        elif line.strip("\ufeff \t"):
            problems.append(ReadProblem("This line stands outside every record; it was left out.", number, line))
        blank = not line.strip()
    return [*records, *([record] if record else [])], problems


def read(text: str) -> ParsedFile:
    """Read EndNote's tagged format. A record that holds nothing but its type is a Problem with its text."""
    records, problems = _split_records(text)
    citations: list[Citation] = []
    for drafts in records:
        entries = entries_of(drafts)
        if not any(entry.value for entry in entries if entry.tag != "%0"):
            raw = "\n".join(f"{entry.tag} {entry.value}" for entry in entries)
            problems.append(
                ReadProblem(
                    "This record holds nothing but its type; it was left out.", entries[0].line, raw, whole=True
                )
            )
            continue
        citation, notices = build_citation(entries, LABELS, len(citations) + 1)
        citations.append(citation)
        problems.extend(notices)
    return ParsedFile(tuple(citations), tuple(sorted(problems, key=lambda problem: problem.line)))
