"""EndNote's tagged format (``.enw``, also ``refer``): a percent sign, one character, a space, a value; ``%0`` mostly
begins a record."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

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
_TEXTS = frozenset(("%X", "%Z", "%O", "%<", "%>"))
_TAGGED = re.compile(r"\ufeff?%(\S)(?:\s(.*))?", re.DOTALL)
_BELOW_THE_TYPE = "This text stands right below a type (%0), which may be quoted in it; it may be another paper's."


def _usual_starts(drafts: Sequence[Draft]) -> Iterator[int]:
    """A record begins with its type, or with a title or an author after a blank line."""
    tags: set[str] = set()
    for index, draft in enumerate(drafts):
        if bool(tags - {"%0"}) if draft.tag == "%0" else draft.gap and draft.tag in ("%T", "%A") and "%T" in tags:
            yield index
            tags = set()
        tags.add(draft.tag)


SIGNALS = Signals(
    titles=frozenset(("%T",)),
    openers=frozenset(("%0",)),
    once=frozenset(("%X", "%D", "%V", "%N", "%P")),
    usual=_usual_starts,
    compared=LABELS.compared,
)


def _read_lines(text: str) -> tuple[list[Draft], list[ReadProblem]]:
    drafts: list[Draft] = []
    problems: list[ReadProblem] = []
    blank = 0
    for number, line in enumerate(text.split("\n"), start=1):
        match = _TAGGED.fullmatch(line)
        if match:
            drafts.append(Draft(f"%{match.group(1)}", (match.group(2) or "").strip(), number, blank))
        elif drafts and line.strip():
            if drafts[-1].tag == "%0":
                problems.append(ReadProblem(_BELOW_THE_TYPE, number, doubtful=True))
            elif blank and drafts[-1].tag not in _TEXTS:
                problems.append(ReadProblem(AFTER_A_BLANK_LINE, number, doubtful=True))
            drafts[-1].add(line.strip(), "\n\n" if blank else "\n")
        elif line.strip("\ufeff \t"):
            problems.append(ReadProblem("This line stands outside every record; it was left out.", number, line))
        blank = 0 if line.strip() else blank + 1
    return drafts, problems


def read(text: str) -> ParsedFile:
    """Read EndNote's tagged format. A record that holds nothing but its type is a Problem with its text."""
    lines, problems = _read_lines(text)
    found = divide(lines, SIGNALS, problems)
    problems.extend(found.doubts)
    citations: list[Citation] = []
    for drafts in found.pieces:
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
