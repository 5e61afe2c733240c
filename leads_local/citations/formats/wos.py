"""Web of Science and ISI plain text: two letters, a space, a value; continuation lines indented by three spaces; ER,
EF.

In AU, AF, CR and C1 every continuation line is a value of its own, elsewhere it goes on with the sentence.
"""

from __future__ import annotations

import re
from dataclasses import replace

from leads_local.citations.formats.fields import Draft, Entry, FieldLabels, ParsedFile, build_citation, entries_of
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
_TAGGED = re.compile(r"\ufeff?([A-Z][A-Z0-9])(?: (.*))?", re.DOTALL)
_LISTS = frozenset(("AU", "AF", "BA", "BF", "CA", "GP", "BE", "CR", "C1", "C3", "EM", "OI", "RI", "FU"))
_FILE = frozenset(("FN", "VR", "EF"))


def _split_records(text: str) -> tuple[list[tuple[list[Draft], bool]], list[ReadProblem]]:
    """The entries of each record, with whether its ER was there."""
    records: list[tuple[list[Draft], bool]] = []
    problems: list[ReadProblem] = []
    record: list[Draft] = []
    for number, line in enumerate(text.split("\n"), start=1):
        match = None if line[:1].isspace() else _TAGGED.fullmatch(line.rstrip())
        if not line.strip("\ufeff \t"):
            continue
        if match and match.group(1) == "ER":
            records.extend([(record, True)] if record else [])
            record = []
        elif match and match.group(1) in _FILE and not record:
            continue
        elif match:
            if match.group(1) in ("PT", "EF") and record:
                records.append((record, False))
                record = []
            if match.group(1) != "EF":
                record.append(Draft(match.group(1), (match.group(2) or "").strip(), number))
        elif record:
            record[-1].add(line.strip(), "\n" if record[-1].tag in _LISTS else " ")
        else:
            problems.append(ReadProblem("This line stands outside every record; it was left out.", number, line))
    return [*records, *([(record, False)] if record else [])], problems


def _choose_labels(entries: list[Entry]) -> FieldLabels:
    """Full names instead of short ones where the record has both; the document type instead of a bare ``J``."""
    tags = {entry.tag for entry in entries if entry.value.strip(" -")}
    return replace(LABELS, authors=("AF",) if "AF" in tags else ("AU",), kind=("DT",) if "DT" in tags else ("PT",))


def read(text: str) -> ParsedFile:
    """Read Web of Science text. A record that holds nothing but its type is a Problem with its text."""
    records, problems = _split_records(text)
    citations: list[Citation] = []
    for drafts, ended in records:
        entries, line = entries_of(drafts), drafts[0].line
        if not any(entry.value for entry in entries if entry.tag != "PT"):
            raw = "\n".join(f"{entry.tag} {entry.value}" for entry in entries)
            problems.append(
                ReadProblem("This record holds nothing but its type; it was left out.", line, raw, whole=True)
            )
            continue
        if not ended:
            problems.append(ReadProblem("The record has no last line (ER); check whether it is whole.", line))
        citation, notices = build_citation(entries, _choose_labels(entries), len(citations) + 1)
        citations.append(citation)
        problems.extend(notices)
    return ParsedFile(tuple(citations), tuple(sorted(problems, key=lambda problem: problem.line)))
