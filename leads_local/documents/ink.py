"""Lines of writing in a picture of a page: what is printed there and is not text in the file.

Letters that are drawn as curves, and tables that are pictures, look like text and hold none. Writing is told from
drawings by its rhythm: rows with many short strokes, as high as letters are, one under the other at the distance of
lines. This module sees grey pixels only, one for each point of the page; it never opens a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from leads_local.records import Box

_DARK = bytes(1 if grey < 150 else 0 for grey in range(256))
_PRINTED = bytes(1 if grey < 240 else 0 for grey in range(256))
STRIP = 60  # points: columns beside each other have lines at other heights, so the page is looked at in strips
_STROKES = 5  # in one row of a strip: letters of 10 points have about twelve
_MOST_INK = 0.75  # of a row of letters; a hatched area has more
_LOWEST, _HIGHEST = 3, 14  # points: a row of letters, without what rises above it
_CLOSEST, _FARTHEST = 6, 32  # points from one line to the next


@dataclass(frozen=True, slots=True)
class Picture:
    """A page in grey: ``samples`` has ``width`` times ``height`` bytes, 0 for black, one for each square point."""

    width: int
    height: int
    samples: bytes

    def without(self, boxes: Iterable[Box]) -> Picture:
        """The same with these places made white."""
        made = bytearray(self.samples)
        for box in boxes:
            left, right = max(int(box.x0) - 1, 0), min(int(box.x1) + 2, self.width)
            if left < right:
                white = b"\xff" * (right - left)
                for y in range(max(int(box.y0) - 1, 0), min(int(box.y1) + 2, self.height)):
                    made[y * self.width + left : y * self.width + right] = white
        return Picture(self.width, self.height, bytes(made))

    def cut(self, box: Box) -> Picture:
        """What of it stands in a box."""
        left, right = max(int(box.x0), 0), min(int(box.x1) + 1, self.width)
        top, bottom = max(int(box.y0), 0), min(int(box.y1) + 1, self.height)
        if left >= right or top >= bottom:
            return Picture(0, 0, b"")
        rows = (self.samples[y * self.width + left : y * self.width + right] for y in range(top, bottom))
        return Picture(right - left, bottom - top, b"".join(rows))

    def turned(self) -> Picture:
        """The same with rows for columns, so that what runs up or down runs across."""
        columns = (self.samples[x :: self.width] for x in range(self.width))
        return Picture(self.height, self.width, b"".join(columns))

    @property
    def blank(self) -> bool:
        """Whether nothing at all is printed on it."""
        return not any(self.samples.translate(_PRINTED))


def count_written(picture: Picture) -> int:
    """How many pieces of lines look like writing: one for each line in each strip of ``STRIP`` points."""
    dark = picture.samples.translate(_DARK)
    return sum(
        _count_in_rhythm(_rows_of_letters(dark, picture.width, left, min(left + STRIP, picture.width), picture.height))
        for left in range(0, picture.width, STRIP)
    )


def _rows_of_letters(dark: bytes, width: int, left: int, right: int, height: int) -> Iterator[int]:
    """Where the bands of a strip begin that are as high as letters and have their strokes."""
    begun = None
    for y in range(height + 1):
        row = dark[y * width + left : y * width + right] if y < height else b""
        strokes = row.count(b"\x00\x01") + row.startswith(b"\x01")
        if strokes >= _STROKES and sum(row) < _MOST_INK * len(row):
            begun = y if begun is None else begun
        elif begun is not None:
            if _LOWEST <= y - begun <= _HIGHEST:
                yield begun
            begun = None


def _count_in_rhythm(tops: Iterable[int]) -> int:
    """How many of the bands have another one at a line's distance."""
    found = list(tops)
    near = [_CLOSEST <= below - above <= _FARTHEST for above, below in pairwise(found)]
    return sum(before or after for before, after in pairwise([False, *near, False])) if found else 0
