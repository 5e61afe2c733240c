"""Web of Science and ISI plain text: two letters, a space, a value; continuation lines indented by three spaces; ER,
EF.

In AU, AF, CR and C1 every continuation line is a value of its own, elsewhere it goes on with the sentence.
"""

from __future__ import annotations

import re
from dataclasses import replace

from leads_local.citations.formats.boundaries import Signals, divide
from leads_local.citations.formats.fields import (
    Draft,
    FieldLabels,
    Labelled,
    ParsedFile,
    build_citation,
    entries_of,
)
from leads_local.records import Citation, ReadProblem

LABELS = FieldLabels(
    title=("TI", "CT"),
    abstract=("AB",),
    journal=("SO", "J9", "JI", "SE"),
    volume=("VL",),
    issue=("IS",),
    pages=("PS", "AR"),
    start_page=("BP",),
    end_page=("EP",),
    language=("LA",),
    year=("PY", "PD", "EY"),
    doi=("DI",),
    pmid=("PM",),
    kind=("DT", "PT"),
    authors=("AF", "AU"),
    keywords=("DE", "ID"),
    urls=("UR",),
    doi_hints=("D2", "UT"),
    pmid_hints=("UT",),
)
_TAG_NAMES = "PT AU AF TI SO DT AB DE ID PY PD VL IS BP EP AR DI UT ER EF FN VR LA C1 RP CR NR TC PU SN J9 JI"
TAGS = frozenset(_TAG_NAMES.split())
"""Those by which the format is known; there are more."""
_TAGGED = re.compile(r"\ufeff?([A-Z][A-Z0-9])(?: (.*))?", re.DOTALL)
_LISTS = frozenset(("AU", "AF", "BA", "BF", "CA", "GP", "BE", "CR", "C1", "C3", "EM", "OI", "RI", "FU"))
_ONE_LINE = frozenset(("PY", "VL", "IS", "BP", "EP", "DI", "UT", "AR"))
_FILE = frozenset(("FN", "VR", "EF"))


SIGNALS = Signals(
    titles=frozenset(("TI",)),
    openers=frozenset(("PT",)),
    enders=frozenset(("ER",)),
    once=frozenset(("AB", "PY", "DI", "VL", "UT", "SO", "BP", "EP")),
    compared=LABELS.compared,
)


def _read_lines(text: str) -> tuple[list[Draft], list[ReadProblem]]:
    drafts: list[Draft] = []
    problems: list[ReadProblem] = []
    blank = 0
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip("\ufeff \t"):
            blank += 1
            continue
        match = None if line[:1].isspace() else _TAGGED.fullmatch(line.rstrip())
        tag, value = (match.group(1), (match.group(2) or "").strip()) if match else ("", "")
        between = not drafts or drafts[-1].tag == "ER"
        if tag in _FILE and (between or tag == "EF"):
            continue
        if tag == "ER" and between and not value:
            continue
        if tag and (tag != "ER" or not value):
            drafts.append(Draft(tag, value, number, blank))
        elif between:
            problems.append(ReadProblem("This line stands outside every record; it was left out.", number, line))
            continue  # the blank line above it stands before what follows, too
        else:
            if not line[:1].isspace() or drafts[-1].tag in _ONE_LINE:
                what = "neither a field nor indented" if not line[:1].isspace() else "below a field of one line"
                told = f"This line is {what}; it was taken with the field above."
                problems.append(ReadProblem(told, number, doubtful=True))
            drafts[-1].add(line.strip(), "\n" if drafts[-1].tag in _LISTS else " ")
        blank = 0
    return drafts, problems


def _choose_labels(entries: list[Labelled]) -> FieldLabels:
    """Full names instead of short ones where the record has both; the document type instead of a bare ``J``."""
    tags = {entry.tag for entry in entries if entry.value.strip(" -")}
    return replace(LABELS, authors=("AF",) if "AF" in tags else ("AU",), kind=("DT",) if "DT" in tags else ("PT",))


def read(text: str) -> ParsedFile:
    """Read Web of Science text. A record that holds nothing but its type is a Problem with its text."""
    lines, problems = _read_lines(text)
    found = divide(lines, SIGNALS, problems)
    problems.extend(found.doubts)
    citations: list[Citation] = []
    for drafts in found.pieces:
        entries, line = entries_of([draft for draft in drafts if draft.tag != "ER"]), drafts[0].line
        if not any(entry.value for entry in entries if entry.tag != "PT"):
            raw = "\n".join(f"{entry.tag} {entry.value}" for entry in entries)
            problems.append(
                ReadProblem("This record holds nothing but its type; it was left out.", line, raw, whole=True)
            )
            continue
        if all(draft.tag != "ER" for draft in drafts):
            problems.append(ReadProblem("The record has no last line (ER); check whether it is whole.", line))
        citation, notices = build_citation(entries, _choose_labels(entries), len(citations) + 1)
        citations.append(citation)
        problems.extend(notices)
    return ParsedFile(tuple(citations), tuple(sorted(problems, key=lambda problem: problem.line)))
