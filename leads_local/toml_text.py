"""TOML files that people write and editors save: settings, extraction forms, prompt packs. One reader, so that all
stand the same.

Notepad puts a byte order mark before UTF-8, which is read over, and can save as UTF-16, which is said. Some texts are
TOML and take a reader for ever: keys of very many parts are refused unread. What is too large for any of ours is not
even held in memory.
"""

from __future__ import annotations

import codecs
import re
import tomllib
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

LARGEST_BYTES = 1_000_000  # bytes
MOST_KEY_PARTS = 50  # of one key; the reader needs the square of their number
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_TOKEN = re.compile(
    r"""(?P<dot>\.)|(?P<part>[\w-]++|[ \t]++)"""
    r"""|(?P<other>\#[^\n]*+"""
    r"""|\"{3}(?:[^"\\]|\\[\s\S]?|"(?!""))*+"{0,5}|'{3}(?:[^']|'(?!''))*+'{0,5}"""
    r"""|[^\w\-.\#"' \t]++)"""
    r"""|(?P<quoted>"(?:[^"\\\n]|\\[^\n]?)*+"?|'[^'\n]*+'?)"""
)  # each character belongs to one token, closed or not, so that no text is looked through twice


def read(file: Path | Traversable) -> dict[str, Any]:
    """What ``file`` says. Raises OSError, or ValueError like ``table``."""
    with file.open("rb") as stream:
        return parse_table(stream.read(LARGEST_BYTES + 1))


def parse_table(data: bytes) -> dict[str, Any]:
    """What the file's bytes say. Raises ValueError with a reason that can end a sentence."""
    if len(data) > LARGEST_BYTES:
        raise ValueError(f"it has more than {LARGEST_BYTES:,} bytes, and none needs so many")
    if data.startswith(_UTF16):
        raise ValueError("it is saved as UTF-16; save it as UTF-8")
    text = data.decode("utf-8-sig").replace("\r\n", "\n")
    if _has_long_key(text):
        raise ValueError(f"it has a key of more than {MOST_KEY_PARTS} parts")
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error


_HEADER = re.compile(r"[ \t]*(\[\[?)[ \t]*([\w.\-]+)[ \t]*\]")
_KEY = re.compile(r"[ \t]*([\w\-]+)[ \t]*=")


def lines_of_tables(data: bytes) -> dict[tuple[str, int], int]:
    """The line (from 1) in which each table begins, by its name and which one of that name it is (from 1), and each key
    of it as ``table.key``. Only plain names are found, which are all that ours have."""
    text = data.decode("utf-8-sig", "replace").replace("\r\n", "\n")
    found: dict[tuple[str, int], int] = {}
    counts: dict[str, int] = {}
    table = ""
    for number, line in enumerate(_without_texts(text).split("\n"), 1):
        if header := _HEADER.match(line):
            table = header[2]
            counts[table] = counts.get(table, 0) + 1
            found[table, counts[table]] = number
        elif key := _KEY.match(line):
            found.setdefault((f"{table}.{key[1]}" if table else key[1], counts.get(table, 1)), number)
    return found


def _without_texts(text: str) -> str:
    """The same lines with nothing left of texts and comments, in which anything may stand."""
    return _TOKEN.sub(lambda token: _emptied(token[0]) if token.lastgroup in ("other", "quoted") else token[0], text)


def _emptied(token: str) -> str:
    return "\n" * token.count("\n") if token[0] in "#\"'" else token


def _has_long_key(text: str) -> bool:
    """Whether parts with full stops between them follow each other more often than in any key of ours; texts and
    comments don't count."""
    dots = 0
    for token in _TOKEN.finditer(text):
        if token.lastgroup == "dot":
            dots += 1
            if dots >= MOST_KEY_PARTS:
                return True
        elif token.lastgroup == "other":
            dots = 0
    return False
