"""TOML files that people write and editors save: settings, extraction forms, prompt packs. One reader, so that all stand the same.

Notepad puts a byte order mark before UTF-8, which is read over, and can save as UTF-16, which is said. Some texts are TOML and take a
reader for ever: keys of very many parts are refused unread.
"""

from __future__ import annotations

import codecs
import re
import tomllib
from typing import Any

LARGEST = 1_000_000  # bytes
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_MANY_PARTS = re.compile(r"""(?<![\w"'-])(?:[\w"'-]{1,200}[ \t]*\.[ \t]*){50}""")


def table(data: bytes) -> dict[str, Any]:
    """What the file's bytes say. Raises ValueError with a reason that can end a sentence."""
    if len(data) > LARGEST:
        raise ValueError(f"it has {len(data):,} bytes, and {LARGEST:,} are more than any needs")
    if data.startswith(_UTF16):
        raise ValueError("it is saved as UTF-16; save it as UTF-8")
    text = data.decode("utf-8-sig").replace("\r\n", "\n")
    if _MANY_PARTS.search(text):
        raise ValueError("it has a key of more than 50 parts")
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error
