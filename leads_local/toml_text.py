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
