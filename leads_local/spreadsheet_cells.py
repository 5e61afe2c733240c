"""Texts as cells that a spreadsheet program opens: what it would run, what is only figures, and what no cell may hold.

Excel, LibreOffice and Google Sheets take a cell for a formula that begins with one of a few characters, some of them
also behind white space or characters that show nothing. Results of trials begin with such a character too, ``-2.1 (-3.0
to -1.2)``, and must stay as they are: whoever reads the table with R would get text instead of numbers. So what is made
of figures alone, and could not be calculated, is told apart from a formula by a small grammar, in which no name of a
function or of a cell has a place. A unit has one, ``-5 mmHg``, only where a blank parts it from a number: to a
spreadsheet that blank is the operator that intersects two references, a number is none, and what can't be a formula is
kept as text.

Where the comma is the decimal mark, Excel parts the cells of a CSV file at semicolons and its rows at line ends, and
takes no quotation mark for one that stands inside what it then reads as a cell. So each part of a text between those
begins a cell of its own. A part that is figures could still be carried on by the next cell; the quotation marks that
``csv_line`` puts around such a text prevent that. Beside a tab even figures are taken for a formula: some programs
part cells there, and to the others the tab and what lies beyond it belong to the same cell.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable

# also the wide and small forms, which an input method or a program may turn into the plain ones
_FORMULA_STARTS = "=+-@＝＋－＠﹦﹢﹣﹫"
_PASSED_OVER = ("Cc", "Cf", "Zs", "Zl", "Zp")

_SEPARATOR = re.compile(r"([;\t\r\n])")
_NEEDS_QUOTES = re.compile(r'[,;"\t\r\n]')

_UNHOLDABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

_SIGN = "[+\\-−–]"
_FIGURE = rf"(?:\d+(?:[.,·]\d+)*|[.,·]\d+)(?:[eE]{_SIGN}?\d{{1,3}}\b)?(?:\s?[%‰])?(?:[*†‡]{{1,3}}(?!\s*[\w(.+\-]))?"
_WORDS = (
    "to|and|or|vs|versus|range|mean|median|difference"
    "|CI|CrI|HDI|IQR|SD|SE|SEM|MD|SMD|WMD|RR|OR|HR|RD|ARR|NNT|P|p|n|N|NS|ns"
)
_BLANKS = " \u00a0\u2009\u202f"
_LETTERS = "[A-Za-zµμ°Å]{1,20}[²³]?"
_UNIT = rf"{_LETTERS}(?:/(?:{_LETTERS}|[kcdm]?m[23])){{0,3}}"
_TOKEN = re.compile(
    rf"(?P<figure>{_SIGN}?{_FIGURE})(?:(?![A-Za-z_])|(?<=%)(?=Cr?I\b))|(?P<word>(?:{_WORDS})(?![\w(]))\.?|(?P<compared>[<>≤≥=≈])|(?P<open>[(\[])|(?P<close>[)\]])"
    rf"|(?P<joint>[,;:±–—])|(?P<space>[{_BLANKS}]+)"
    rf"|(?P<unit>(?<=[{_BLANKS}]){_UNIT}(?![\w(]))"
)


def would_run(text: str) -> bool:
    """Whether a spreadsheet would take ``text`` for a formula."""
    return _begins_as_formula(text) and not is_figures(text)


def part_would_run(part: str, beside_tab: bool = False) -> bool:
    """Whether a spreadsheet that parts cells at semicolons could take ``part`` for a formula; it drops a quotation mark
    in front. ``beside_tab``: a tab stands right before or behind the part."""
    return _begins_as_formula(part, '"') and (beside_tab or not is_figures(part))


def change_each_part(text: str, change: Callable[[str, bool], str]) -> str:
    """``text`` with each part behind a semicolon, a tab or a line break as ``change`` gives it, which is also told
    whether a tab stands beside the part; what stands before the first is left."""
    first, *rest = _SEPARATOR.split(text)
    changed = [first]
    for place in range(0, len(rest), 2):
        separator, part = rest[place : place + 2]
        changed += separator, change(part, "\t" in (separator, *rest[place + 2 : place + 3]))
    return "".join(changed)


def guard_formulas(text: str) -> str:
    """``text`` with an apostrophe before it, and before each part of it, that a spreadsheet would run."""
    changed = change_each_part(text, lambda part, by_tab: f"'{part}" if part_would_run(part, by_tab) else part)
    return f"'{changed}" if would_run(text) else changed


def csv_line(cells: Iterable[object]) -> str:
    """One row of a CSV file. In quotation marks is what holds a comma, or anything else that some program parts cells
    at."""
    return ",".join(_quote_cell(str(cell)) for cell in cells) + "\r\n"


def _quote_cell(text: str) -> str:
    return '"{}"'.format(text.replace('"', '""')) if _NEEDS_QUOTES.search(text) else text


def _begins_as_formula(text: str, passed_over: str = "") -> bool:
    seen = (
        character
        for character in text
        if character not in passed_over and unicodedata.category(character) not in _PASSED_OVER
    )
    first = next(seen, "")
    return first != "" and first in _FORMULA_STARTS


def is_figures(text: str) -> bool:
    """Whether ``text`` is a number, an effect with its unit and interval, a range, a share, a p-value, or a list of
    these.

    It calculates nothing: a sign right after a number would (``-3-5``), and so would a colon between two; neither is
    let through. Each part of such a list is figures, too.
    """
    position, before = 0, ""
    text = text.strip(_BLANKS)
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None or found.lastgroup is None or not _may_follow(before, found):
            return False
        if found.lastgroup != "space":
            before = found.group("word") or found.group("joint") or found.lastgroup
        position = found.end()
    return before not in ("", ":", "compared")


def _may_follow(before: str, found: re.Match[str]) -> bool:
    """Whether the token ``found`` may stand after ``before``: the kind of the last one, or the very word or sign; "" at
    the start."""
    kind, text = found.lastgroup, found.group()
    if before == "":
        return kind == "figure"
    if kind == "figure":
        return not (before in ("figure", "close", "unit") and text[0] in "+-")
    if kind == "unit":
        return before in ("figure", "close", "unit")
    if before in (":", "compared"):
        return kind in ("space", "open") or (before == ":" and kind == "word")
    if kind == "compared":
        return before in ("p", "P", "n", "N")
    if text == ":":
        return before not in ("figure", "unit")
    return True


def make_printable(text: str) -> str:
    """``text`` without what a terminal obeys or a workbook can't hold: such characters as the pictures that Unicode has
    for them."""
    return _UNHOLDABLE.sub(_control_picture, text)


def _control_picture(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else "\N{REPLACEMENT CHARACTER}"
