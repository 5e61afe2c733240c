"""PubMed and MEDLINE text (``.nbib``, ``.txt``): four columns of tag, a dash, a value, continuation lines indented.

A record begins with its identifier or after a blank line, as ``boundaries`` finds it to be in the file: ERIC's have no
identifier, files with doubled line ends have blank lines everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from leads_local.citations.formats.boundaries import Signals, divide
from leads_local.citations.formats.fields import (
    AFTER_A_BLANK_LINE,
    Draft,
    Entry,
    FieldLabels,
    Labelled,
    ParsedFile,
    build_citation,
    entries_of,
)
from leads_local.records import Citation, ReadProblem

LABELS = FieldLabels(
    title=("TI", "BTI", "CTI", "TT"),
    abstract=("AB", "OAB"),
    journal=("JT", "TA"),
    volume=("VI",),
    issue=("IP",),
    pages=("PG",),
    language=("LA",),
    year=("DP", "DEP", "CDAT"),
    kind=("PT",),
    authors=("FAU", "AU", "CN"),
    keywords=("MH", "OT", "KW"),
    pmid=("PMID",),
    doi_hints=("LID", "AID", "DO", "SO"),
    accession=("UI",),
    database=("DB",),
)
_TAG_NAMES = (
    "AB AD AID AU AUID BTI CDAT CDRF CI CIN CN COI COIS CON CP CRDT CRF CRI CTDT CTI DA DCOM DDIN DEP DP DRDT DRIN "
    "ECF ECI EDAT EFR EIN ED "
    "EN FAU FED FIR FPS GN GR GS IP IR IRAD IS ISBN JID JT LA LID LR MH MHDA MID NM OAB OABL OCI OID ORI OT OTO "
    "OWN PB PG PHST PL PMC PMCR "
    "PMID PS PST PT PUBM RF RIN RN ROF RPF RPI RRF RRI SB SFM SI SO SPIN STAT TA TI TT UI UIN UOF VI VTI"
)
TAGS = frozenset(_TAG_NAMES.split())
_TAGGED = re.compile(r"([A-Z][A-Z0-9]{1,3})( {0,3})-(?: (.*)|(.*))", re.DOTALL)
_COLUMNS = (4, 5)  # of a tag with its spaces; ERIC puts a space after tags of four letters
_OPENERS = frozenset(("PMC", "PMCR"))
_ONCE = frozenset(("OWN", "STAT", "TI", "TA", "JT", "DP", "JID", "EDAT", "SO"))


def _read_line(line: str, number: int) -> Draft | None:
    match = _TAGGED.fullmatch(line.lstrip("\ufeff"))
    if not match or (match.group(1) not in TAGS and len(match.group(1) + match.group(2)) not in _COLUMNS):
        return None
    return Draft(match.group(1), (match.group(3) or match.group(4) or "").strip(), number)


def _usual_starts(drafts: Sequence[Draft]) -> Iterator[int]:
    """A record begins with its identifier or after a blank line; neither is believed alone."""
    tags: set[str] = set()
    for index, draft in enumerate(drafts):
        known = draft.tag in tags
        if draft.tag in SIGNALS.openers:
            begins = draft.gap or known
        else:
            begins = SIGNALS.opens(draft) or (draft.gap and draft.tag in _ONCE and known)
        if begins:
            yield index
            tags = set()
        tags.add(draft.tag)


SIGNALS = Signals(
    titles=frozenset(("TI",)),
    openers=frozenset(("PMID", "UI")),
    after_blank=_OPENERS,
    once=_ONCE - {"TI"} | {"AB", "VI", "IP", "PG"},
    usual=_usual_starts,
    compared=LABELS.compared,
)
_WITHOUT_PMID = replace(SIGNALS, once=SIGNALS.once | {"OID"})  # ERIC's number; in MEDLINE there are several


def _read_lines(text: str) -> tuple[list[Draft], list[ReadProblem]]:
    drafts: list[Draft] = []
    left_out: list[Draft] = []
    blank = 0
    strays: list[int] = []  # below a blank line, in a field that has no paragraphs
    lost = True  # the lines in hand are no field's
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip("\ufeff \t"):
            blank += 1
            continue
        draft = None if line[0].isspace() else _read_line(line, number)
        if draft:
            draft.gap, lost, blank = blank, False, 0
            drafts.append(draft)
        elif line[0].isspace() and not lost:
            if blank and drafts[-1].tag not in LABELS.abstract:
                strays.append(number)
            drafts[-1].add(line.strip(), " ")
            blank = 0
        elif line[0].isspace() and left_out:
            left_out[-1].add(line, "\n")
        elif not re.fullmatch(r"<?\d+[>.]?", line.strip()):
            left_out.append(Draft("", line, number))
            lost = True
    told = "This line is neither a field nor the continuation of one; it was left out."
    problems = [ReadProblem(told, entry.line, entry.value) for entry in entries_of(left_out)]
    if 2 * sum(draft.gap > 0 for draft in drafts) <= len(drafts):  # else blank lines stand everywhere
        problems += [ReadProblem(AFTER_A_BLANK_LINE, number, doubtful=True) for number in strays]
    return drafts, problems


def _prefer_full_names(record: list[Labelled]) -> list[Labelled]:
    """AU repeats in short what the FAU before it says in full; it then counts as a field of its own, not as one more
    author."""
    result: list[Labelled] = []
    full = False
    for entry in record:
        if entry.tag == "AU" and full:
            result.append(Entry("AU (short)", entry.value, entry.line))
            full = False
            continue
        full = (entry.tag == "FAU" and bool(entry.value)) or (full and entry.tag not in ("FAU", "CN"))
        result.append(entry)
    return result


def read(text: str) -> ParsedFile:
    """Read PubMed text. A record that holds no value at all is a Problem with its text."""
    lines, problems = _read_lines(text)
    numbered = any(draft.tag in SIGNALS.openers for draft in lines)
    found = divide(lines, SIGNALS if numbered else _WITHOUT_PMID, problems)
    problems.extend(found.doubts)
    citations: list[Citation] = []
    for drafts in found.pieces:
        record = entries_of(drafts)
        if not any(entry.value for entry in record):
            raw = "\n".join(f"{entry.tag:<4}-" for entry in record)
            problems.append(
                ReadProblem("This record has labels but no values; it was left out.", record[0].line, raw, whole=True)
            )
            continue
        citation, notices = build_citation(_prefer_full_names(record), LABELS, len(citations) + 1)
        citations.append(citation)
        problems.extend(notices)
    return ParsedFile(tuple(citations), tuple(sorted(problems, key=lambda problem: problem.line)))
