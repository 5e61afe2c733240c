"""What the lines of each format look like, and which format a run of lines has.

One line says little: an abstract can quote any format's. So the first lines are counted, and the format that first
comes up several times is theirs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import islice

from leads_local.citations.formats import cochrane, nbib, ovid, ris, wos

_WINDOW = 80  # lines that are not blank
_ENOUGH = 3  # lines of a format before there were as many of another
_RIS = re.compile(r"\s{0,8}([A-Za-z][A-Za-z0-9])[^\S\n]{0,4}[-\u2010-\u2015\u2212](?:\s|$)")
RIS_EDGE = re.compile(
    r" {0,3}(?:TY[^\S\n]{0,4}[-\u2010-\u2015\u2212]\s*[A-Z]{2,10}\s*|ER[^\S\n]{0,4}[-\u2010-\u2015\u2212]\s*)$",
    re.IGNORECASE,
)
_NBIB = re.compile(r"(?=.{4,5}-)([A-Z][A-Z0-9]{1,3}) {0,2}-(?=[ \d]|$)")
_ENW = re.compile(r"%[0-9A-Z!@#$&()*+<=>?\[\]^~](?: |$)")
_WOS = re.compile(r"([A-Z][A-Z0-9])(?: \S|$)")
FIELD = re.compile(r"[A-Za-z][\w-]*\s*=\s*[{\"\d]")
_BIB = re.compile(r"\s*@[A-Za-z]+\s*[{(]|\s*[A-Za-z][\w-]*\s*=\s*[{\"]")
_COCHRANE = re.compile(r"(?:ID|AU|TI|SO|YR|VL|NO|PG|PM|PT|DOI|AB|US|KY|XR|AN|LA|OP): ")
_OVID_NUMBER = re.compile(r"<\d+>\s*$|Score$")
_ONLY_NBIB = frozenset(tag for tag in nbib.TAGS if len(tag) > 2) | {"UI"}
_ONLY_RIS = (
    frozenset(tag for role in ("title", "authors", "journal", "year", "urls") for tag in getattr(ris.LABELS, role))
    | {"TY", "ER", "DO", "SN", "N1", "N2", "SP", "EP", "KW"}
) - nbib.TAGS
_OVID_LABELS = frozenset(ovid.KNOWN) | {"source"}


def _is_ris(line: str) -> bool:
    return bool(RIS_EDGE.match(line)) or bool((found := _RIS.match(line)) and found.group(1).upper() in _ONLY_RIS)


def _is_nbib(line: str) -> bool:
    return bool((found := _NBIB.match(line)) and found.group(1) in _ONLY_NBIB)


def _is_wos(line: str) -> bool:
    return bool((found := _WOS.match(line)) and found.group(1) in wos.TAGS)


def _is_ovid(line: str) -> bool:
    return bool(_OVID_NUMBER.match(line)) or line.rstrip().lower() in _OVID_LABELS


LINES: dict[str, Callable[[str], bool]] = {
    "ris": _is_ris,
    "nbib": _is_nbib,
    "wos": _is_wos,
    "enw": lambda line: bool(_ENW.match(line)),
    "bibtex": lambda line: bool(_BIB.match(line)),
    "ovid": _is_ovid,
    "cochrane": lambda line: bool(cochrane.HEADING.match(line) or _COCHRANE.match(line)),
    "jsonl": lambda line: line.startswith('{"'),
}
"""Whether a line is one that this format has and the others mostly have not."""
_LEAST = {"cochrane": 2, "wos": 3, "ovid": 2, "enw": 2, "ris": 1, "nbib": 1, "bibtex": 1}


def is_tagged(line: str) -> bool:
    """A field of RIS or PubMed text, which share many tags."""
    return bool(_NBIB.match(line) or (line[:1].isalpha() and _RIS.match(line)))


def filled_lines(text: str, start: int = 0) -> Iterator[str]:
    """The lines from the position ``start`` on that are not blank, without copying the text."""
    while start < len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        if line := text[start:end].strip("\ufeff").rstrip():
            yield line
        start = end + 1


def first_shape(text: str) -> tuple[str, int]:
    """The format that the first lines have, and how many filled lines stand before the first of them; "" where they
    have none that is known here."""
    counts, first = dict.fromkeys(LINES, 0), dict.fromkeys(LINES, 0)
    tagged = 0
    lines = list(islice(filled_lines(text), _WINDOW))
    for number, line in enumerate(lines):
        after = lines[number + 1] if number + 1 < len(lines) else ""
        tagged += is_tagged(line)
        for name, has in LINES.items():
            if has(line) and (name != "ovid" or after[:1].isspace() or line[0] == "<"):
                first[name] = number if not counts[name] else first[name]
                counts[name] += 1
                if counts[name] == _ENOUGH:
                    return name, first[name]
    found = [name for name, count in counts.items() if count >= _LEAST.get(name, 1)]
    if not found:
        return ("ris", 0) if tagged > 2 else ("", 0)
    best = max(found, key=lambda name: (counts[name], -first[name]))
    return best, first[best]
