"""A page drawn with the dots of braille: two across and four down in each cell of a terminal, which every font has.

Pictures proper need a terminal that can show them, and a library that asks it whether it can; half blocks need nothing
but have a quarter of the dots, and no letter of a printed page can be read in them.
"""

from __future__ import annotations

from dataclasses import dataclass

ACROSS, DOWN = 2, 4
_FIRST = 0x2800
_DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
"""What each dot adds to the first sign of the braille block, by column and row of the cell."""


@dataclass(frozen=True, slots=True)
class DottedPage:
    """A page in bytes of gray, row by row, ``width`` by ``height`` pixels, each of which is a dot. Darker than ``ink``
    is printed."""

    gray: bytes
    width: int
    height: int
    ink: int

    @property
    def columns(self) -> int:
        return -(-self.width // ACROSS)

    @property
    def rows(self) -> int:
        return -(-self.height // DOWN)

    def row(self, number: int, first: int = 0, last: int | None = None) -> str:
        """The cells of a row, from column ``first`` to before ``last``."""
        end = min(self.columns, self.columns if last is None else last)
        cells = [0] * max(0, end - first)
        for down in range(DOWN):
            y = number * DOWN + down
            if y >= self.height:
                break
            start = y * self.width
            line = self.gray[start + first * ACROSS : start + min(self.width, end * ACROSS)]
            for x, value in enumerate(line):
                if value < self.ink:
                    cells[x // ACROSS] |= _DOTS[x % ACROSS][down]
        return "".join(chr(_FIRST + dots) for dots in cells)
