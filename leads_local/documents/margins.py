"""Notes in the margin: small type beside the running text, which belongs to none of its lines."""

from __future__ import annotations

from collections.abc import Sequence

from leads_local.documents.geometry import Fragment

_LINE = 30  # characters of a line of running text, at least
_LEAST = 8  # such lines that a page must have before it is said where its text begins and ends
_APART = 6.0  # points between the text and a note
_WIDEST = 0.25  # of the width of the text: what is wider is a column of small type, as of references
_SMALL = 0.93  # of the size of the running text


def split_off_notes(fragments: Sequence[Fragment], body: float) -> tuple[list[Fragment], list[Fragment]]:
    """What is no note in the margin, and what is one. ``body`` is the type size of the running text."""
    lines = [f for f in fragments if f.characters >= _LINE and f.size > _SMALL * body]
    if len(lines) < _LEAST:
        return list(fragments), []
    left = sorted(f.x0 for f in lines)[len(lines) // 20]
    right = sorted(f.x1 for f in lines)[-1 - len(lines) // 20]
    notes: set[int] = set()
    for side in ([f for f in fragments if f.x1 < left - _APART], [f for f in fragments if f.x0 > right + _APART]):
        small = [f for f in side if f.size <= _SMALL * body]
        if max((f.x1 for f in small), default=0.0) - min((f.x0 for f in small), default=0.0) < _WIDEST * (right - left):
            notes.update(id(f) for f in small if sum(c.isalpha() for c in f.text) > 2)
    return [f for f in fragments if id(f) not in notes], [f for f in fragments if id(f) in notes]
