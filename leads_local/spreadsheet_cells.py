"""Texts as cells that a spreadsheet program opens: what it would run, what is only figures, and what no cell may hold.

Excel, LibreOffice and Google Sheets take a cell for a formula that begins with one of a few characters, some of them also behind white
space or characters that show nothing. Results of trials begin with such a character too, ``-2.1 (-3.0 to -1.2)``, and must stay as they
are: whoever reads the table with R would get text instead of numbers. So what is made of figures alone, and could not be calculated, is
told apart from a formula by a small grammar, in which no name of a function or of a cell has a place.
"""

from __future__ import annotations

import re
import unicodedata

_STARTS = "=+-@＝＋－＠﹦﹢﹣﹫"  # also the wide and small forms, which an input method or a program may turn into the plain ones
_PASSED_OVER = ("Cc", "Cf", "Zs", "Zl", "Zp")

_UNHOLDABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

_SIGN = "[+\\-−–]"
_FIGURE = rf"(?:\d+(?:[.,·]\d+)*|[.,·]\d+)(?:[eE]{_SIGN}?\d{{1,3}}\b)?(?:\s?[%‰])?(?:[*†‡]{{1,3}}(?!\s*[\w(.+\-]))?"
_WORDS = "to|and|or|vs|versus|range|mean|median|difference|CI|CrI|HDI|IQR|SD|SE|SEM|MD|SMD|WMD|RR|OR|HR|RD|ARR|NNT|P|p|n|N|NS|ns"
_TOKEN = re.compile(
    rf"(?P<figure>{_SIGN}?{_FIGURE})(?![A-Za-z_])|(?P<word>(?:{_WORDS})(?![\w(]))\.?|(?P<compared>[<>≤≥=≈])|(?P<open>[(\[])|(?P<close>[)\]])"
    r"|(?P<joint>[,;:±–—])|(?P<space>[ \u00a0\u2009\u202f]+)"
)


def would_run(text: str) -> bool:
    """Whether a spreadsheet would take ``text`` for a formula."""
    return _begins_as_formula(text) and not is_figures(text)


def _begins_as_formula(text: str) -> bool:
    first = next((character for character in text if unicodedata.category(character) not in _PASSED_OVER), "")
    return first != "" and first in _STARTS


def is_figures(text: str) -> bool:
    """Whether ``text`` is a number, an effect with its interval, a range, a share, a p-value, or a list of these, that calculates nothing.

    A sign right after a number would be a calculation (``-3-5``), and so would a colon between two; neither is let through.
    """
    position, before = 0, ""
    text = text.strip(" ")
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None or found.lastgroup is None or not _may_follow(before, found):
            return False
        if found.lastgroup != "space":
            before = found.group("word") or found.group("joint") or found.lastgroup
        position = found.end()
    return before not in ("", ":", "compared")


def _may_follow(before: str, found: re.Match[str]) -> bool:
    """Whether the token ``found`` may stand after ``before``: the kind of the last one, or the very word or sign; "" at the start."""
    kind, text = found.lastgroup, found.group()
    if before == "":
        return kind == "figure"
    if kind == "figure":
        return not (before in ("figure", "close") and text[0] in "+-")
    if kind == "compared":
        return before in ("p", "P", "n", "N")
    if text == ":":
        return before not in ("figure", ":")
    return True


def printable(text: str) -> str:
    """``text`` without what a terminal obeys or a workbook can't hold: such characters as the pictures that Unicode has for them."""
    return _UNHOLDABLE.sub(_picture, text)


def _picture(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else "\N{REPLACEMENT CHARACTER}"
