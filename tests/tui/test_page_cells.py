"""Dots of a page: each pixel is the dot that it should be, and what lies beside the page is empty."""

from __future__ import annotations

import random

import pytest

from leads_local.tui.page_cells import DottedPage

_ORDER = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3))  # of the dots, as Unicode numbers them


@pytest.mark.parametrize(("width", "height"), [(2, 4), (7, 9), (16, 8), (1, 1)])
def test_every_pixel_is_its_dot(width: int, height: int) -> None:
    ink = random.Random(7)
    gray = bytes(ink.choice((0, 255)) for _ in range(width * height))
    page = DottedPage(gray, width, height, 128)
    assert (page.columns, page.rows) == (-(-width // 2), -(-height // 4))
    for row in range(page.rows):
        for column, sign in enumerate(page.row(row)):
            for number, (across, down) in enumerate(_ORDER):
                x, y = 2 * column + across, 4 * row + down
                printed = x < width and y < height and gray[y * width + x] == 0
                assert bool(ord(sign) - 0x2800 & 1 << number) == printed
        assert page.row(row, 1, 3) == page.row(row)[1:3]
    assert page.row(0, page.columns + 5, page.columns + 9) == ""


def test_ink_is_what_is_darker() -> None:
    assert DottedPage(bytes([100, 180]), 2, 1, 176).row(0) == "\u2801"
    assert DottedPage(bytes([100, 180]), 2, 1, 224).row(0) == "\u2809"
