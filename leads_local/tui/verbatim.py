"""Texts from papers and exports as they may be put on a terminal: every character shown, none obeyed.

Textual strips a few control characters from what it draws, but lets others through, and a terminal obeys them: an escape sequence in
a title could clear the screen or write to the clipboard. Whatever comes from outside passes here before it becomes ``Content``.
Markup needs no care here: nothing in this package parses markup in a text that it did not write.
"""

from __future__ import annotations

import re

_CONTROL_PICTURES = 0x2400
_DELETE_PICTURE = "␡"
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
# C0 (but tab and line feed), DEL, C1, lone surrogates, which can't be written to any terminal, and the two Unicode line breaks
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029]")


def _picture(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x20:
        return chr(_CONTROL_PICTURES + code)
    if code == 0x7F:
        return _DELETE_PICTURE
    return " " if code in (0x2028, 0x2029) else _REPLACEMENT


def block(text: str) -> str:
    """``text`` with its line breaks, safe to draw: control characters become the pictures that Unicode has for them."""
    return _UNSAFE.sub(_picture, text.replace("\r\n", "\n").replace("\r", "\n")).expandtabs(4)


def line(text: str) -> str:
    """``text`` on one line, safe to draw: every run of white space becomes one space."""
    return _UNSAFE.sub(_picture, " ".join(text.split()))
