"""Where files in several formats were put together in one: each part is then read as what it is.

A part begins where a record of another format certainly does: with its first line, and with more of its lines after it.
A line of another format alone is a quotation.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import islice

from leads_local.citations.formats import by_row, column_names, rows, tabular
from leads_local.citations.shapes import FIELD, LINES, RIS_EDGE, filled_lines, is_tagged

_FIRST_LINE = re.compile(
    r"\n(?!(?!UI|TY|ER)[A-Z][A-Z0-9]  - |      )(?:\ufeff|ER  - ?)?"
    r"(?:(?P<ris> {0,2}TY {1,4}- ?\w)|(?P<nbib>(?:[A-Z][A-Z0-9]{2,3} ?- ?|UI  - )\S)|(?P<enw>%[0A-Z] \S)|"
    r"(?P<wos>FN \S|PT [A-Z][^\S\n]*$)|(?P<bibtex>@[A-Za-z]+\s*[{(])|"
    r"(?P<clinicaltrials_gov_json>\{\s*\"studies\"\s*:)|(?P<jsonl>\{\")|"
    r"(?P<cochrane>Record #\d+ of \d+[^\S\n]*$)|(?P<csl_json>\[\s*\{\s*\")|(?P<ictrp_xml><(?:\?xml[^>]*>\s*<)?Trials_)|"
    r"(?P<ovid><\d{1,7}>[^\S\n]*$|[A-Z][A-Za-z ]{3,20}$)|"
    r"(?P<pubmed_xml><(?:\?xml[^>]*>\s*<)?Pubmed)|(?P<endnote_xml><(?:\?xml[^>]*>\s*<)?(?:xml|records?|RECORDS?)>)|"
    r"(?P<csv_by_row>\"?(?i:title)\"?,\"))",
    re.MULTILINE,
)
_JOINED = {
    "bibtex": re.compile(r"@[A-Za-z]+\{[^\s,{}]+,\s*$", re.MULTILINE),
    "jsonl": re.compile(r"\{\"[^\n]*\}$", re.MULTILINE),
}
"""First lines that follow the last line of another file in the same line."""
_TITLE = (re.compile(r"itle\b"), re.compile(r"ITLE\b"))  # found fast, what stands before it is looked at then
_JOINED_TABLE = re.compile(r"[Tt]itle(?:(?:,[A-Za-z ]+){2,}|(?:\t[A-Za-z ]+){2,}|(?:;[A-Za-z ]+){2,})$", re.MULTILINE)
_LAST_TAG = re.compile(r"\ufeff|ER  - ?")
_LONGEST_BEFORE_TITLE = 200  # characters
_LAST_LINE = re.compile(r"(?:ER  -.*|ER|EF|\}|\{\".*\}|<?/\w+>|.*</\w+>)\s*")
_CERTAIN_COLUMNS = 3
_LOOKED_AT = 5_000  # characters


def _ends_before(text: str, position: int) -> bool:
    """Whether a record can end before ``position``: a blank line or a last line stands there."""
    end = text.rfind("\n", 0, position)
    line = text[end + 1 : position] or text[text.rfind("\n", 0, max(end, 0)) + 1 : max(end, 0)]
    return not line.strip("\ufeff \t") or bool(_LAST_LINE.fullmatch(line.strip("\ufeff \t")))


def _is_table(lines: list[str]) -> bool:
    """Whether the first line names columns, and the second has as many cells."""
    fewest = _CERTAIN_COLUMNS - 1  # delimiters in both lines, which are counted fast
    if not any(all(line.count(one) >= fewest for line in lines[:2]) for one in tabular.DELIMITERS):
        return False
    header = tabular.find_header(lines[0])
    width = len(header.columns)
    enough = header.title and column_names.count_known(header.columns) >= _CERTAIN_COLUMNS
    return enough and len(lines) > 1 and len(rows.split_line(lines[1], header.delimiter)) == width


def _is_json_record(text: str, position: int) -> bool:
    """Whether the line is a whole record as JSON, with more than a title, which a text may quote."""
    try:
        found = json.loads(next(filled_lines(text, position)))
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and "title" in found and len(found) >= _CERTAIN_COLUMNS


def _goes_on(text: str, position: int, name: str) -> bool:
    """Whether what begins at ``position`` is a record of the format, and no text that quotes its first line."""
    lines = list(islice(filled_lines(text, position), 4))
    after = [line for line in lines[1:] if not line[0].isspace()][:2]
    if name in ("ris", "enw", "wos", "cochrane"):
        return bool(after) and all(map(is_tagged if name == "ris" else LINES[name], after))
    if name == "bibtex":
        return any(map(FIELD.search, lines[:2]))
    if name == "clinicaltrials.gov json":
        return '"protocolSection"' in text[position : position + _LOOKED_AT]
    if name == "csl json":
        return '"title"' in text[position : position + _LOOKED_AT]
    if name == "jsonl":
        return lines[0].endswith("}") and '"title"' in lines[0]
    if name == "nbib":
        end = text.find("\n\n", position)
        edges = map(RIS_EDGE.match, text[position : end if end >= 0 else len(text)].split("\n"))
        return LINES["nbib"](lines[0]) and bool(after) and all(map(is_tagged, after)) and not any(edges)
    if name == "ovid":
        labels = lines[1:] if lines[0].startswith("<") else lines
        return len(labels) > 2 and LINES["ovid"](labels[0]) and labels[1][0].isspace()
    if name == "csv by row":
        return by_row.is_by_row(text[position : position + _LOOKED_AT])
    return name.endswith("xml") or _is_table(lines)


def _tables(text: str) -> Iterator[tuple[int, str]]:
    """Lines with a word that the line of column names has, or what follows the last line of a file in the same line."""
    for match in (one for word in _TITLE for one in word.finditer(text)):
        place = match.start() - 1
        if place < 0 or text[place] not in "Tt":
            continue
        if _JOINED_TABLE.match(text, place) and _is_joined(text, place):
            yield place, "csv"
        start = text.rfind("\n", 0, place) + 1
        if place - start <= _LONGEST_BEFORE_TITLE:
            last = _LAST_TAG.match(text, start)
            yield (last.end() if last else start), "csv"


def _is_joined(text: str, place: int) -> bool:
    before = text[max(place - 1, 0) : place]
    return bool(before.strip()) and before != "{"


def _joined(text: str) -> Iterator[tuple[int, str]]:
    if "{" not in text:  # found fast
        return
    for name, pattern in _JOINED.items():
        for match in pattern.finditer(text):
            if _is_joined(text, match.start()):
                yield match.start(), name


def _found(text: str) -> list[tuple[int, str]]:
    """Positions where a record of a format seems to begin, in order. No part begins in the first line but the first."""
    groups = ((one.start(str(one.lastgroup)), str(one.lastgroup)) for one in _FIRST_LINE.finditer(text))
    found = ((position, name.replace("_", " ").replace("trials gov", "trials.gov")) for position, name in groups)
    return sorted([*found, *_tables(text), *_joined(text)])


def split(text: str, first: str) -> list[tuple[int, str]]:
    """Positions and formats of the parts, of which ``first`` is the first's. Almost always there is one."""
    found = [(0, first)]
    for position, name in _found(text):
        now = found[-1][1]
        if name == now or not position or (now.startswith("csv") and text.count('"', found[-1][0], position) % 2):
            continue
        sure = name in _SURE or now in _INDENTED or (name == "nbib" and now != "ris")
        sure = sure or (name == "jsonl" and "json" not in now and _is_json_record(text, position))
        if (sure or _ends_before(text, position)) and _goes_on(text, position, name):
            found.append((position, name))
    return found


_INDENTED = frozenset(("nbib", "wos", "ovid", "jsonl", "csv", "csv by row"))
"""Formats in which a quoted line would be indented, or within quotation marks."""
_SURE = frozenset(("ris", "enw", "wos", "cochrane", "csv", "csv by row", "ovid"))
"""Formats of which several lines are looked at, where a quotation is one."""


def first_in(text: str) -> tuple[int, str]:
    """Where the first record that certainly begins somewhere in the text does, and its format; "" where none does."""
    text = f"\n{text}"
    found = ((at, name) for at, name in _found(text) if name != "jsonl" and _goes_on(text, at, name))
    at, name = next(found, (1, ""))
    return max(at - 1, 0), name
