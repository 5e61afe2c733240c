"""Rows of tables with their columns under each other, for people who read them.

A row's text stays what is stored, since quotes count its characters: what is said here is where spaces go.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from leads_local.records import Passage, PassageKind

_SEPARATOR = " | "
_WIDEST = 40  # characters: a longer cell does not widen its column

Padding = dict[int, int]
"""For places in a row's text, how many spaces are put in there."""


def pad_rows(passages: Iterable[Passage], room: int | None = None) -> dict[int, Padding]:
    """By the order of each table row its padding. ``room``: the characters that a line may have; a table that is wider
    than that is not padded, because its lines would break anywhere."""
    found: dict[int, Padding] = {}
    rows = [(passage, _cells(passage)) for passage in passages]
    for is_table, group in groupby(rows, key=lambda row: len(row[1]) if row[1] else 0):
        together = list(group)
        widths = [max(_counted(cells[n]) for _, cells in together) for n in range(is_table)]
        if is_table < 2 or (room is not None and sum(widths) + len(_SEPARATOR) * (is_table - 1) > room):
            continue
        for passage, cells in together:
            found[passage.order] = _pad(cells, widths)
    return found


def aligned(passage: Passage, padding: Padding) -> str:
    """The row's text with its spaces."""
    text, at = "", 0
    for place, spaces in sorted(padding.items()):
        text += passage.text[at:place] + " " * spaces
        at = place
    return text + passage.text[at:]


def _cells(passage: Passage) -> list[str]:
    return passage.text.split(_SEPARATOR) if passage.kind is PassageKind.TABLE_ROW else []


def _counted(cell: str) -> int:
    return len(cell) if len(cell) <= _WIDEST else 0


def _pad(cells: list[str], widths: list[int]) -> Padding:
    padding: Padding = {}
    at = 0
    for cell, width in zip(cells[:-1], widths, strict=False):
        at += len(cell)
        if width > len(cell):
            padding[at] = width - len(cell)
        at += len(_SEPARATOR)
    return padding
