"""Fonts that do not say which signs they show are told to, before the pages are read.

A font's own table of Unicode stays as it is; what it lacks is added from the names of its glyphs (``sign_names``). The
change is to the open document in memory, never to the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from leads_local.documents.characters import is_unreadable
from leads_local.documents.sign_names import UNKNOWN, sign_of, signs_by_code

_TOKEN = re.compile(r"/([^\s/\[\]<>()]+)|(\d+)")
_REFERENCE = re.compile(r"(\d+) 0 R")
_BLOCK = re.compile(rb"beginbf(char|range)(.*?)endbf", re.DOTALL)
_CHAR = re.compile(rb"<([0-9a-fA-F]{2})>\s*<([0-9a-fA-F]+)>")
_RANGE = re.compile(rb"<([0-9a-fA-F]{2})>\s*<([0-9a-fA-F]{2})>\s*(?:<([0-9a-fA-F]+)>|\[([^\]]*)\])")
_LATIN_1 = frozenset("ðÞþ¼")
_HEAD = (
    "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Signs def /CMapType 2 def\n"
    "1 begincodespacerange <00> <FF> endcodespacerange\n"
)
_TAIL = "endcmap CMapName currentdict /CMap defineresource pop end end\n"


class FontMender:
    """Goes through the fonts of each page as it is read; each font once."""

    def __init__(self, pdf: Any) -> None:
        self._pdf = pdf
        self._seen: set[int] = set()

    def mend(self, page: int) -> None:
        """Look at the fonts of a page (from 0) that were not looked at yet. Never raises: an unreadable font stays as
        it is, and MuPDF warns of it."""
        with suppress(Exception):  # of MuPDF's own classes
            for xref, _, kind, name, *_ in self._pdf.get_page_fonts(page):
                if xref and xref not in self._seen:
                    self._seen.add(xref)
                    if kind != "Type0":
                        with suppress(Exception):
                            self._mend_font(xref, name)

    def _mend_font(self, xref: int, name: str) -> None:
        signs = dict(signs_by_code(name))
        signs.update((code, sign) for code, glyph in self._differences(xref) if (sign := sign_of(name, glyph)))
        if not signs:
            return
        kind, value = self._pdf.xref_get_key(xref, "ToUnicode")
        before = b""
        if kind == "xref" and (found := _REFERENCE.match(value)):
            before = self._pdf.xref_stream(int(found[1])) or b""
            told = _told_by(before)
            signs = {code: sign for code, sign in signs.items() if _is_disguise(code, told.get(code, UNKNOWN))}
        if signs:
            self._write_table(xref, before, signs)

    def _differences(self, xref: int) -> Iterator[tuple[int, str]]:
        """(code, name of its glyph) where the font's encoding differs from a usual one."""
        kind, value = self._pdf.xref_get_key(xref, "Encoding")
        if kind == "xref" and (found := _REFERENCE.match(value)):
            kind, value = self._pdf.xref_get_key(int(found[1]), "Differences")
        elif kind == "dict":
            kind, value = self._pdf.xref_get_key(xref, "Encoding/Differences")
        if kind == "xref" and (found := _REFERENCE.match(value)):
            value = self._pdf.xref_object(int(found[1]))
        elif kind != "array":
            return
        code = 0
        for token in _TOKEN.finditer(value):
            if token[2]:
                code = int(token[2])
            else:
                yield code, token[1]
                code += 1

    def _write_table(self, xref: int, before: bytes, signs: Mapping[int, str]) -> None:
        lines = "".join(f"<{code:02X}> <{_utf16(sign)}>\n" for code, sign in sorted(signs.items()))
        block = f"{len(signs)} beginbfchar\n{lines}endbfchar\n"
        at = before.rfind(b"endcmap")
        table = before[:at] + block.encode() + before[at:] if at >= 0 else (_HEAD + block + _TAIL).encode()
        new = self._pdf.get_new_xref()
        self._pdf.update_object(new, "<<>>")
        self._pdf.update_stream(new, table)
        self._pdf.xref_set_key(xref, "ToUnicode", f"{new} 0 R")


def _told_by(table: bytes) -> dict[int, str]:
    """What a font's own table says of its codes of one byte."""
    told: dict[int, str] = {}
    for kind, block in _BLOCK.findall(table):
        if kind == b"char":
            told.update((int(code, 16), _text(sign)) for code, sign in _CHAR.findall(block))
            continue
        for first, last, start, each in _RANGE.findall(block):
            codes = range(int(first, 16), int(last, 16) + 1)
            if start:
                beginning = _text(start) or UNKNOWN
                told.update((code, beginning[:-1] + chr(ord(beginning[-1]) + code - codes[0])) for code in codes)
            else:
                signs = re.findall(rb"<([0-9a-fA-F]+)>", each)
                told.update((code, _text(sign)) for code, sign in zip(codes, signs, strict=False))
    return told


def _text(utf16: bytes) -> str:
    return bytes.fromhex(utf16.decode() if len(utf16) % 2 == 0 else "0" + utf16.decode()).decode("utf-16-be", "replace")


def _is_disguise(code: int, told: str) -> bool:
    """Whether what a font says of a code is no more than the code's usual letter, or nothing."""
    return not told or is_unreadable(told[0]) or told in _LATIN_1 or (told == chr(code) and told.isalpha())


def _utf16(sign: str) -> str:
    return (sign or UNKNOWN).encode("utf-16-be").hex().upper()
