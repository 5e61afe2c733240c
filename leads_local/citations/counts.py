"""How many records a text should hold, counted by means that share nothing with the readers.

A reader can be wrong in a way that it can't see. So its records are compared with what a plain search finds: first
lines, last lines, titles, and the number that the file itself gives.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from leads_local.errors import InputError
from leads_local.records import ReadProblem


@dataclass(frozen=True, slots=True)
class _Sign:
    """What is counted and how it looks. ``title`` says that no record has two of it."""

    what: str
    pattern: re.Pattern[str]
    title: bool = False
    words: str = ""
    """What stands in the text wherever the pattern is found, if that is always the same: it is searched for first."""
    alone: bool = False
    """Whether the words are all of the pattern."""

    def count(self, text: str) -> int:
        there = text.count(self.words) if self.words else 1
        return there if self.alone or not there else len(self.pattern.findall(text))


def _sign(what: str, pattern: str) -> _Sign:
    alone = pattern.replace(" ", "").replace("-", "").isalpha()
    return _Sign(what, re.compile(r"\n" + pattern, re.MULTILINE), words=f"\n{pattern}" if alone else "", alone=alone)


def _title(what: str, tag: str) -> _Sign:
    """Title lines; of several one below the other only the last."""
    return _Sign(what, re.compile(rf"\n{tag} ?\S[^\n]*(?=\n(?!{tag})|\Z)"), title=True, words=f"\n{tag}")


_SIGNS: dict[str, tuple[_Sign, ...]] = {
    "ris": (
        _sign("TY", "TY  -"),
        _sign("ER", "ER  -"),
        _title("TI", "TI  -"),
        _title("T1", "T1  -"),
    ),
    "nbib": (_sign("PMID", r"PMID- *\d"), _title("TI", "TI  -")),
    "enw": (_sign("%0", r"%0 \S"), _title("%T", "%T")),
    "wos": (_sign("PT", r"PT [A-Z]\s*$"), _sign("ER", r"ER\s*$"), _title("TI", "TI")),
    "ovid": (_sign("numbers", r"<\d+>\s*$"), _sign("Title", r"Title[ \t]*$")),
    "pubmed xml": (_Sign("articles", re.compile(r"<(?:PubmedArticle|PubmedBookArticle)[\s>/]")),),
    "endnote xml": (_Sign("record elements", re.compile(r"<(?:record|RECORD)[\s>/]")),),
}
_STATES = r"(?=[RrDd])(?i:Record|Document|Result) #?\d{1,7} (?i:of) (\d{1,7})\b"
_STATED = re.compile(rf"\n{_STATES}")
_AT_ONCE = {
    format: re.compile(rf"\n(?:{'|'.join(sign.words.strip() for sign in signs)}|{_STATES})")
    for format, signs in _SIGNS.items()
    if all(sign.alone or sign.title for sign in signs)
}
"""For formats whose first and last lines are always the same: those, the lines of titles, and the number of records."""


def _plainly_agree(text: str, format: str, records: int) -> bool:
    """Whether there are as many first lines or last lines as records, no more titles, and no number that the file
    gives; in one pass, as that is so of nearly every file. False says nothing."""
    if format not in _AT_ONCE:
        return False
    found = Counter(match.group() for match in _AT_ONCE[format].finditer(text))
    counts = [(sign.title, found.pop(sign.words, 0)) for sign in _SIGNS[format]]
    agree = any(count == records for title, count in counts if not title)
    return agree and not found and all(count <= records for title, count in counts if title)


def compare(text: str, format: str, records: int, *, whole: bool = True) -> list[ReadProblem]:
    """What there is to say where no count of the text agrees with ``records``, or there are more titles. Of a part of a
    file that is not the ``whole``, the number that the file gives says nothing.

    Raises InputError where there are several times as many titles: then the file was not understood.
    """
    text = "\n" + text.lstrip("\ufeff")  # a pattern that begins with a line end is found fast
    if _plainly_agree(text, format, records):
        return []
    counts = [(sign, sign.count(text)) for sign in _SIGNS.get(format, ())]
    titles = max((count for sign, count in counts if sign.title), default=0)
    edges = [count for sign, count in counts if count and not sign.title]
    told = [f"{count:,} {sign.what}" for sign, count in counts if count]
    stated = (
        0 if format == "cochrane" or not whole else max(map(int, _STATED.findall(text)), default=0)
    )  # its reader says so itself
    if stated and stated != records:
        told.append(f"says that it holds {stated:,}")
    elif titles <= records and (not (edges or titles) or records in (titles, *edges)):
        return []
    shown = f"{records:,} {'record was' if records == 1 else 'records were'} read, but the file has {', '.join(told)}."
    if titles - records >= max(2, records) and records not in edges:
        raise InputError(f"this file can't be taken apart into its records: {shown}", "Export it again, as RIS or CSV.")
    return [ReadProblem(f"Compare the records with the file: {shown}", doubtful=True)]
