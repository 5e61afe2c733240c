"""RIS, as Embase, Ovid, Scopus, ProQuest, Web of Science, PubMed, Rayyan, Covidence, Zotero, EndNote and Mendeley write
it.

The exports agree on little more than two letters, two spaces and a dash. What matters here is that a record is never
lost: one without TY or ER is read and reported, a line that belongs nowhere is a Problem with its text, and unknown
tags are kept in order. ``leads_local.citations.roundtrip`` says how our own files carry what RIS has no tag for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from leads_local.citations import roundtrip
from leads_local.citations.formats.fields import Draft, FieldLabels, ParsedFile, build_citation, entries_of
from leads_local.records import Citation, ReadProblem

LABELS = FieldLabels(
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
_LOOSE_END = re.compile(r"[\ufeff\s]{0,8}(ER)\s{0,4}-(\s*)")
_LOOSE_TYPE = re.compile(r"[\ufeff\s]{0,8}(TY)\s{0,4}-(\s*[A-Za-z].*|\s*)", re.DOTALL)
_BETWEEN_RECORDS = re.compile(
    r"(?:\d{1,7}\.?|<\d+>|Record #\d+ of \d+|"
    r"(?:Provider|Content|Database|Source|Search date|Search name|Last saved|ID|Date Run)\s*:.*|)"
)
_CONTENT_TAGS = frozenset((*LABELS.title, *LABELS.authors, *LABELS.abstract))


@dataclass(slots=True)
class _OpenRecord:
    """A record that is being read: where it began, its entries, and whether TY and ER were there."""

    line: int
    entries: list[Draft] = field(default_factory=list)
    typed: bool = True
    ended: bool = False
    loose: bool = False
    last_line: int = 0


class _Reader:
    """Walks over the lines once. ``open`` is the record in hand, ``stray`` what stands after an ER and before the next
    TY."""

    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")
        self.records: list[_OpenRecord] = []
        self.problems: list[ReadProblem] = []
        self.open: _OpenRecord | None = None
        self.stray: _OpenRecord | None = None
        self.loose_ends: list[tuple[int, str]] = []

    def read(self) -> None:
        for number, line in enumerate(self.lines, start=1):
            self._line(number, line)
        self._close(len(self.lines), ended=False)
        self._settle_stray(len(self.lines))
        self._settle_loose_ends()

    def _line(self, number: int, line: str) -> None:
        current = self.open or self.stray
        tagged = _STRICT.fullmatch(line)
        loose = tagged is None
        if loose and (current is None or current.loose or self.open is None):
            tagged = _LOOSE_TYPE.fullmatch(line) or (
                _LOOSE.fullmatch(line) if current is None or current.loose else None
            )
        if tagged is None:
            tagged = _LOOSE_END.fullmatch(line)
        if tagged is None:
            return self._other(number, line)
        tag, value = tagged.group(1), (tagged.group(2) or "").strip()
        if tag == "TY":
            return self._type(Draft(tag, value, number), loose)
        if tag == "ER" and current:
            return self._end(Draft(tag, value, number), current)
        return self._tag(Draft(tag, value, number), loose) if tag != "ER" or value else None

    def _type(self, draft: Draft, loose: bool) -> None:
        """A new record begins, unless the one in hand holds nothing but its type yet: then it has two types."""
        if self.open and self.open.entries[-1].tag == "TY":  # as are all before it, for elsewhere it begins a record
            self.open.entries.append(draft)
            return
        self._close(draft.line - 1, ended=False)
        self._settle_stray(draft.line - 1)
        self.open = _OpenRecord(draft.line, [draft], loose=loose)

    def _end(self, draft: Draft, current: _OpenRecord) -> None:
        self.open, self.stray = current, None
        if draft.value:
            current.entries.append(draft)
        self._close(draft.line, ended=True)

    def _tag(self, draft: Draft, loose: bool) -> None:
        current = self.open or self.stray
        if current and current is self.stray and self._again(draft, current):
            self._settle_stray(draft.line - 1)
            current = None
        if current is None:
            current = self.stray = _OpenRecord(draft.line, typed=False, loose=loose)
        current.entries.append(draft)

    def _again(self, draft: Draft, current: _OpenRecord) -> bool:
        """Whether a title after a blank line begins one more of the records that have neither TY nor ER."""
        if draft.tag not in LABELS.title[:2] or self.lines[draft.line - 2].strip():
            return False
        return any(present.tag == draft.tag for present in current.entries)

    def _other(self, number: int, line: str) -> None:
        """A line without a tag goes on with the value before it; outside a record it is numbering, or it is
        reported."""
        current = self.open or self.stray
        if (
            self.open is None
            and _BETWEEN_RECORDS.fullmatch(line.strip("\ufeff \t"))
            and (line.strip() or current is None)
        ):
            return
        if current and current.entries and current.entries[-1].tag != "TY":
            text = roundtrip.unguard_line(line)
            wrapped = text and line[:2].isspace() and self.lines[number - 2].strip()
            current.entries[-1].add(text.strip(), " " if wrapped else "\n")
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
        if any(entry.tag in _CONTENT_TAGS and entry.value for entry in stray.entries) or not self.records:
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
        self.problems.extend(ReadProblem(message, run[0][0], "\n".join(line for _, line in run)) for run in runs)

    def raw(self, record: _OpenRecord) -> str:
        return "\n".join(self.lines[record.line - 1 : record.last_line]).strip()


def read(text: str) -> ParsedFile:
    """Read RIS. Every record with any content becomes a Citation; one that holds only its type is a Problem with its
    text."""
    reader = _Reader(text)
    reader.read()
    citations: list[Citation] = []
    problems = reader.problems
    for record in reader.records:
        if not any(draft.value or draft.more for draft in record.entries if draft.tag not in ("TY", "ER")):
            problems.append(
                ReadProblem(
                    "This record holds nothing but its type; it was left out.",
                    record.line,
                    reader.raw(record),
                    whole=True,
                )
            )
            continue
        if not record.typed:
            problems.append(ReadProblem("The record has no first line (TY); it was read all the same.", record.line))
        if not record.ended and record.typed:
            problems.append(ReadProblem("The record has no last line (ER); check whether it is whole.", record.line))
        citation, notices = build_citation(entries_of(record.entries), LABELS, len(citations) + 1)
        citations.append(roundtrip.restore_fields(citation))
        problems.extend(notices)
    return ParsedFile(tuple(citations), tuple(sorted(problems, key=lambda problem: problem.line)))
