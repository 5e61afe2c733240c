"""RIS, as Embase, Ovid, Scopus, ProQuest, Web of Science, PubMed, Rayyan, Covidence, Zotero, EndNote and Mendeley write it.

The exports agree on little more than two letters, two spaces and a dash. What matters here is that a record is never lost: one without
TY or ER is read and reported, a line that belongs nowhere is a Problem with its text, and unknown tags are kept in order.
``leads_local.citations.lossless`` says how our own files carry what RIS has no tag for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from leads_local.citations import lossless
from leads_local.citations.formats.fields import Entry, Labels, Parsed, build
from leads_local.records import Citation, Problem

LABELS = Labels(
    title=("TI", "T1", "CT", "BT", "ST"),
    abstract=("AB", "N2"),
    journal=("JF", "T2", "JO", "JA", "J2", "J1", "SO"),
    volume=("VL", "VO"),
    issue=("IS", "CP"),
    start_page=("SP",),
    end_page=("EP",),
    language=("LA",),
    year=("PY", "Y1", "DA", "YR"),
    doi=("DO", "DI"),
    kind=("TY",),
    authors=("AU", "A1"),
    keywords=("KW",),
    urls=("UR",),
    doi_hints=("L3", "L2", "UR", "LK", "L1"),
    doi_notes=("M3", "N1"),
    pmid=("PM",),
    pmid_hints=("U1", "C5", "C3", "C6", "UR", "L2", "N1", "AN", "ID"),
    accession=("AN", "C5", "ID"),
    database=("DB", "DP"),
)

_STRICT = re.compile(r"[\ufeff ]{0,3}([A-Z][A-Z0-9])  -(.*)", re.DOTALL)
_LOOSE = re.compile(r"[\ufeff\s]{0,8}([A-Z][A-Z0-9])\s{0,4}-(?:\s+(.*)|())", re.DOTALL)
_TYPE = re.compile(r"[\ufeff\s]{0,8}TY(?:  -(.*)|\s{0,4}-(\s*[A-Za-z].*|\s*))", re.DOTALL)
_END = re.compile(r"[\ufeff\s]{0,8}ER\s{0,4}-\s*(.*)", re.DOTALL)
_BETWEEN = re.compile(
    r"\s*(?:\d{1,7}\.?|<\d+>|Record #\d+ of \d+|"
    r"(?:Provider|Content|Database|Source|Search date|Search name|Last saved|ID|Date Run)\s*:.*|)\s*"
)
_OWN_RECORD = frozenset((*LABELS.title, *LABELS.authors, *LABELS.abstract))


@dataclass(slots=True)
class _Open:
    """A record that is being read: where it began, its entries, and whether TY and ER were there."""

    line: int
    entries: list[Entry] = field(default_factory=list)
    typed: bool = True
    ended: bool = False
    loose: bool = False
    last_line: int = 0


class _Reader:
    """Walks over the lines once. ``open`` is the record in hand, ``stray`` what stands after an ER and before the next TY."""

    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")
        self.records: list[_Open] = []
        self.problems: list[Problem] = []
        self.open: _Open | None = None
        self.stray: _Open | None = None
        self.loose_ends: list[tuple[int, str]] = []

    def read(self) -> None:
        for number, line in enumerate(self.lines, start=1):
            self._line(number, line)
        self._close(len(self.lines), ended=False)
        self._settle_stray(len(self.lines))
        self._settle_loose_ends()

    def _line(self, number: int, line: str) -> None:
        if (kind := _TYPE.fullmatch(line)) and (self.open is None or _STRICT.match(line) or self.open.loose):
            return self._type(number, line, kind.group(1) or kind.group(2) or "")
        current = self.open or self.stray
        if (end := _END.fullmatch(line)) and current and (_STRICT.match(line) or not end.group(1)):
            if self.open is None:
                self.open, self.stray = current, None
            if end.group(1).strip():
                current.entries.append(Entry("ER", end.group(1).strip(), number))
            return self._close(number, ended=True)
        tagged = _STRICT.fullmatch(line) or (_LOOSE.fullmatch(line) if current is None or current.loose else None)
        if tagged:
            return self._tag(number, tagged)
        return self._other(number, line)

    def _type(self, number: int, line: str, kind: str) -> None:
        """A new record begins, unless the one in hand holds nothing but its type yet: then it has two types."""
        if self.open and all(entry.tag == "TY" for entry in self.open.entries):
            self.open.entries.append(Entry("TY", kind.strip(), number))
            return
        self._close(number - 1, ended=False)
        self._settle_stray(number - 1)
        self.open = _Open(number, [Entry("TY", kind.strip(), number)], loose=not _STRICT.match(line))

    def _tag(self, number: int, match: re.Match[str]) -> None:
        current = self.open or self.stray
        again = match.group(1) in LABELS.title[:2] and current is self.stray and current is not None
        if current and again and not self.lines[number - 2].strip() and any(entry.tag == match.group(1) for entry in current.entries):
            self._settle_stray(number - 1)
            current = None
        if current is None:
            current = self.stray = _Open(number, typed=False, loose=not _STRICT.match(match.group()))
        current.entries.append(Entry(match.group(1), (match.group(2) or "").strip(), number))

    def _other(self, number: int, line: str) -> None:
        """A line without a tag goes on with the value before it; outside a record it is numbering, or it is reported."""
        current = self.open or self.stray
        if self.open is None and _BETWEEN.fullmatch(line.strip("\ufeff")) and (line.strip() or current is None):
            return
        if current and current.entries and current.entries[-1].tag != "TY":
            last = current.entries[-1]
            text = lossless.bare_line(line)
            joint = " " if text and line[:2].isspace() and not last.value.endswith("\n") else "\n"
            current.entries[-1] = Entry(last.tag, f"{last.value}{joint}{text.strip()}", last.line)
        elif line.strip():
            self.loose_ends.append((number, line))

    def _close(self, number: int, *, ended: bool) -> None:
        if self.open is None:
            return
        self.open.ended, self.open.last_line = ended, number
        self.records.append(self.open)
        self.open = None

    def _settle_stray(self, number: int) -> None:
        """Tags between an ER and a TY: a record that lost its TY if they say so, else the tail of the record before."""
        stray, self.stray = self.stray, None
        if stray is None:
            return
        stray.last_line = number
        if any(entry.tag in _OWN_RECORD and entry.value for entry in stray.entries) or not self.records:
            self.records.append(stray)
        else:
            self.records[-1].entries.extend(stray.entries)
            self.records[-1].last_line = number

    def _settle_loose_ends(self) -> None:
        """Neighbouring lines outside all records make one Problem."""
        runs: list[list[tuple[int, str]]] = []
        for number, line in self.loose_ends:
            if runs and number - runs[-1][-1][0] <= 2:
                runs[-1].append((number, line))
            else:
                runs.append([(number, line)])
        message = "This text stands outside every record (before TY or after ER); it was left out."
        self.problems.extend(Problem(message, run[0][0], "\n".join(line for _, line in run)) for run in runs)

    def raw(self, record: _Open) -> str:
        return "\n".join(self.lines[record.line - 1 : record.last_line]).strip()


def read(text: str) -> Parsed:
    """Read RIS. Every record with any content becomes a Citation; one that holds only its type is a Problem with its text."""
    reader = _Reader(text)
    reader.read()
    citations: list[Citation] = []
    problems = reader.problems
    for record in reader.records:
        if not any(entry.value.strip() for entry in record.entries if entry.tag not in ("TY", "ER")):
            problems.append(
                Problem("This record holds nothing but its type; it was left out.", record.line, reader.raw(record), whole=True)
            )
            continue
        if not record.typed:
            problems.append(Problem("The record has no first line (TY); it was read all the same.", record.line))
        if not record.ended and record.typed:
            problems.append(Problem("The record has no last line (ER); check whether it is whole.", record.line))
        citation, notices = build(record.entries, LABELS, len(citations) + 1)
        citations.append(lossless.from_ris(citation))
        problems.extend(notices)
    return Parsed(tuple(citations), tuple(sorted(problems, key=lambda problem: problem.line)))
