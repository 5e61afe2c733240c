"""RIS, as Embase, Ovid, Scopus, ProQuest, Web of Science, PubMed, Rayyan, Covidence, Zotero, EndNote and Mendeley write
it.

The exports agree on little more than two letters, two spaces and a dash. What matters here is that no record is lost
and none gets another's lines: ``boundaries`` says where each begins, whatever its first and last lines are, a line that
belongs nowhere is a Problem with its text, and unknown tags are kept in order. ``leads_local.citations.roundtrip`` says
how our own files carry what RIS has no tag for.
"""

from __future__ import annotations

import re
from itertools import pairwise

from leads_local.citations import roundtrip
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
    title=("TI", "T1", "CT", "BT", "ST"),
    same_title=("TI", "T1"),
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

SIGNALS = Signals(
    titles=frozenset(("TI", "T1")),
    openers=frozenset(("TY",)),
    enders=frozenset(("ER",)),
    once=frozenset(("AB", "N2", "PY", "DO", "VL", "IS", "SP", "EP")),
    compared=LABELS.compared,
)

_STRICT = re.compile(r"[\ufeff ]{0,3}([A-Z][A-Z0-9])  -(.*)", re.DOTALL)
_LOOSE = re.compile(r"[\ufeff\s]{0,8}([A-Z][A-Z0-9])\s{0,4}-(?:\s+(.*)|())", re.DOTALL)
_LOOSE_END = re.compile(r"[\ufeff\s]{0,8}(ER)\s{0,4}-(\s*)")
_LOOSE_TYPE = re.compile(r"[\ufeff\s]{0,8}(TY)\s{0,4}-(\s*[A-Za-z]{3,10}\s*|\s*)", re.DOTALL)
_ODD_TYPE = re.compile(r"^[\ufeff\s]{0,3}ty[^\S\n]{1,4}[-\u2010-\u2015\u2212](?=\s)", re.MULTILINE | re.IGNORECASE)
_ODD_TAG = re.compile(
    r"^([\ufeff ]{0,3})([A-Z][A-Z0-9])[^\S\n]{1,4}[-\u2010-\u2015\u2212](?=\s)", re.MULTILINE | re.IGNORECASE
)
_MOVED = frozenset(("M1", "C7", "C2", roundtrip.LITERAL_TAG))
_USUAL_PLACES = frozenset((LABELS.issue[0], LABELS.start_page[0], LABELS.pmid[0]))
_LAST_LINES = ("ER  - ", "ER  -")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_PLAIN_TAGS = {f"{one}{two}  -": one + two for one in _LETTERS for two in f"{_LETTERS}0123456789" if one + two != "ER"}
_TEXTS = frozenset(("AB", "N2", "N1", "RN", "NT", roundtrip.EXTRA_TAG))
_ISSUE = re.compile(r"[1-9]\d{0,3}(?:[-/]\d{1,4})?")
_ARTICLE_NUMBER = re.compile(r"[A-Za-z]{0,4}[ -]?\d{1,9}")
_PMID = re.compile(r"\d{7,8}")
_BETWEEN_RECORDS = re.compile(
    r"(?:\d{1,7}\.?|<\d+>|Record #\d+ of \d+|"
    r"(?:Provider|Content|Database|Source|Search date|Search name|Last saved|ID|Date Run)\s*:.*|)"
)


def _with_usual_tags(text: str) -> str:
    """The text with the tags of a file that writes them in small letters, with other spaces or with another dash, as
    all others do."""
    if "TY  -" in text or not _ODD_TYPE.search(text):
        return text
    return _ODD_TAG.sub(lambda match: f"{match.group(1)}{match.group(2).upper()}  -", text)


class _Reader:
    """Walks over the lines once. ``open`` says that a record's TY was there and its ER was not."""

    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")
        self.drafts: list[Draft] = []
        self.loose_ends: list[tuple[int, str]] = []
        self.after_blank: list[int] = []
        self.open = self.loose = False
        self.gap = 0

    def read(self) -> None:
        """Lines as every export writes them are taken here at once; all others where they are looked at closely."""
        drafts, plain = self.drafts, _PLAIN_TAGS.get
        for number, line in enumerate(self.lines, start=1):
            tag = plain(line[:5])
            if tag is None:
                if line in _LAST_LINES:
                    self._end(number, "")
                else:
                    self._line(number, line)
                continue
            if tag == "TY":
                self.open, self.loose = True, False
            elif self.loose and self._between:
                self.loose = False
            drafts.append(Draft(tag, line[5:].strip(), number, self.gap))
            self.gap = 0

    @property
    def _between(self) -> bool:
        """Whether nothing stands here since the end of a record."""
        return not self.drafts or self.drafts[-1].tag == "ER"

    def _line(self, number: int, line: str) -> None:
        if not line:
            return self._other(number, line)
        tagged = _STRICT.fullmatch(line)
        loose = tagged is None
        if loose and (self.loose or not self.open):
            tagged = _LOOSE_TYPE.fullmatch(line) or (_LOOSE.fullmatch(line) if self.loose or self._between else None)
        if tagged is None:
            tagged = _LOOSE_END.fullmatch(line)
        if tagged is None:
            return self._other(number, line)
        tag, value = tagged.group(1), (tagged.group(2) or "").strip()
        if tag == "ER":
            return self._end(number, value)
        if tag == "TY" or self._between:
            self.loose = loose
        self.open = self.open or tag == "TY"
        return self._add(Draft(tag, value, number))

    def _add(self, draft: Draft) -> None:
        draft.gap, self.gap = self.gap, 0
        self.drafts.append(draft)

    def _end(self, number: int, value: str) -> None:
        """The end of a record, or of nothing. Where files were put together, the next record can follow in its line."""
        joined = _STRICT.fullmatch(value)
        if not self._between or (value and not joined):
            self._add(Draft("ER", "" if joined else value, number))
        self.open = self.loose = False
        if joined:
            self._line(number, value)

    def _other(self, number: int, line: str) -> None:
        """A line without a tag goes on with the value before it; outside a record it is numbering, or it is
        reported."""
        blank, gap = not line.strip(), self.gap
        numbering = not self.open and _BETWEEN_RECORDS.fullmatch(line.strip("\ufeff \t"))
        if numbering and not blank and (self._between or self.gap):
            return
        self.gap = self.gap + 1 if blank else 0 if self.open else self.gap
        if blank and self._between:
            return
        if not self._between and self.drafts[-1].tag != "TY":
            text = roundtrip.unguard_line(line)
            if gap and not blank and self.drafts[-1].tag not in _TEXTS:
                self.after_blank.append(number)
            if not blank and self.drafts[-1].tag in _TEXTS:
                self.gap = 0  # the blank line above was one between paragraphs
            wrapped = text and line[:2].isspace() and self.lines[number - 2].strip()
            self.drafts[-1].add(text.strip(), " " if wrapped else "\n")
        elif not blank:
            self.loose_ends.append((number, line))

    def stray_problems(self) -> list[ReadProblem]:
        """What stands after a blank line at the end of the last record, in a field that has no paragraphs, where no
        other record has such."""
        if not self.after_blank or self.after_blank[0] < self.drafts[-1].line:
            return []
        return [ReadProblem(AFTER_A_BLANK_LINE, self.after_blank[0], doubtful=True)]

    def loose_problems(self) -> list[ReadProblem]:
        """Neighbouring lines outside all records make one Problem."""
        runs: list[list[tuple[int, str]]] = []
        for number, line in self.loose_ends:
            if runs and number - runs[-1][-1][0] <= 2:
                runs[-1].append((number, line))
            else:
                runs.append([(number, line)])
        message = "This text stands outside every record (before TY or after ER); it was left out."
        return [ReadProblem(message, run[0][0], "\n".join(line for _, line in run)) for run in runs]


def _in_usual_places(entries: list[Labelled]) -> list[Labelled]:
    """EndNote's issue in M1 and article number in C7, and Scopus' PMID in C2, where the usual tags are empty. Others
    write much else there."""
    entries = [entry for entry in entries if entry.tag != roundtrip.LITERAL_TAG]
    scopus = any(entry.tag in LABELS.database and "scopus" in entry.value.lower() for entry in entries)
    places = (("M1", LABELS.issue, _ISSUE), ("C7", LABELS.start_page, _ARTICLE_NUMBER), ("C2", LABELS.pmid, _PMID))
    for odd, usual, form in places if scopus else places[:2]:
        there = any(entry.tag in usual and entry.value.strip() for entry in entries)
        found = [place for place, entry in enumerate(entries) if entry.tag == odd]
        if not there and len(found) == 1 and form.fullmatch(entries[found[0]].value.strip()):
            entries[found[0]] = Entry(usual[0], entries[found[0]].value, entries[found[0]].line)
    return entries


def _notices(record: list[Draft]) -> list[ReadProblem]:
    if record[0].tag == "TY" and record[-1].tag == "ER":
        return []
    tags = {draft.tag for draft in record}
    if "TY" not in tags:
        return [ReadProblem("The record has no first line (TY); it was read all the same.", record[0].line)]
    if "ER" not in tags:
        return [ReadProblem("The record has no last line (ER); check whether it is whole.", record[0].line)]
    return []


def _holds_a_value(record: list[Draft]) -> bool:
    for draft in record:
        if draft.tag not in SIGNALS.openers and draft.tag not in SIGNALS.enders and (draft.value or draft.more):
            return True
    return False


def read(text: str) -> ParsedFile:
    """Read RIS. Every record with any content becomes a Citation; one that holds only its type is a Problem with its
    text."""
    reader = _Reader(_with_usual_tags(text))
    reader.read()
    problems = [*reader.loose_problems(), *reader.stray_problems()]
    found = divide(reader.drafts, SIGNALS, problems)
    problems.extend(found.doubts)
    citations: list[Citation] = []
    tags = {draft.tag for draft in reader.drafts}
    moved, ours = _MOVED & tags, not tags.isdisjoint(roundtrip.OWN_TAGS)
    labels = LABELS.only(tags | _USUAL_PLACES)
    begins = [*(record[0].line for record in found.pieces), len(reader.lines) + 1]
    for record, (line, after) in zip(found.pieces, pairwise(begins), strict=True):
        if not _holds_a_value(record):
            raw = "\n".join(reader.lines[line - 1 : max(after - 1, line)]).strip()
            only = "This record holds nothing but its type; it was left out."
            problems.append(ReadProblem(only, line, raw, whole=True))
            continue
        entries, here = entries_of(record), moved.intersection([draft.tag for draft in record]) if moved else moved
        if here:
            entries = _in_usual_places(entries)
        literal = roundtrip.LITERAL_TAG in here
        citation, notices = build_citation(entries, labels, len(citations) + 1, literal=literal)
        citations.append(roundtrip.restore_fields(citation) if ours else citation)
        problems.extend((*_notices(record), *notices))
    return ParsedFile(tuple(citations), tuple(sorted(problems, key=lambda problem: problem.line)))
