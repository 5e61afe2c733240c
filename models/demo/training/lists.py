"""The word lists as they are kept, and which words training never sees.

A stable checksum of each word decides whether it is held out: training never draws a held-out word, tests draw nothing
else. So both sides are endless, and no list has to be kept.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

_ONE_IN = 6  # words that are held out
_FOLDER = Path(__file__).resolve().parent / "words"


def held_out(word: str) -> bool:
    """Whether training must never see ``word``; the same for every spelling in capitals."""
    return zlib.crc32(word.casefold().encode()) % _ONE_IN == 0


@cache
def listed(name: str) -> tuple[str, ...]:
    """The lines of the file ``words/NAME.txt``, mostly a word each, without remarks."""
    lines = (_FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return once(line.strip() for line in lines if line.strip() and not line.startswith("#"))


def once(words: Iterable[str]) -> tuple[str, ...]:
    """``words`` in their order, of those that differ in capitals only one."""
    return tuple({word.casefold(): word for word in words}.values())
