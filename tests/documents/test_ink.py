"""Writing in a picture of a page is told from drawings and from nothing."""

from __future__ import annotations

from leads_local.documents.ink import STRIP, Picture, count_written
from leads_local.records import Box

WIDTH, HEIGHT = 3 * STRIP, 120


def picture(*lines: tuple[int, int, int], stroke: int = 2, high: int = 6) -> Picture:
    """White but for lines of strokes: each (top, from, to), a stroke on every other ``stroke`` points."""
    made = bytearray(b"\xff" * WIDTH * HEIGHT)
    for top, left, right in lines:
        for y in range(top, top + high):
            for x in range(left, right):
                if x // stroke % 2:
                    made[y * WIDTH + x] = 0
    return Picture(WIDTH, HEIGHT, bytes(made))


LINES = [(10 + 12 * line, 0, WIDTH) for line in range(5)]


def test_lines_of_strokes_are_counted_in_each_strip() -> None:
    assert count_written(picture(*LINES)) == 5 * 3
    assert count_written(picture(*((top, 0, STRIP) for top, _, _ in LINES))) == 5


def test_one_line_alone_is_no_writing() -> None:
    assert count_written(picture(LINES[0])) == 0
    assert count_written(picture((5, 0, WIDTH), (90, 0, WIDTH))) == 0, "too far apart"


def test_bars_bands_and_white_are_no_writing() -> None:
    assert count_written(picture(*LINES, stroke=20)) == 0, "few strokes"
    assert count_written(picture(*((10 + 30 * line, 0, WIDTH) for line in range(3)), high=25)) == 0, "too high"
    assert count_written(Picture(WIDTH, HEIGHT, bytes(WIDTH * HEIGHT))) == 0, "black"
    assert count_written(picture()) == 0 and picture().blank and not picture(LINES[0]).blank


def test_what_is_known_to_be_text_is_left_out_of_account() -> None:
    assert count_written(picture(*LINES).without([Box(0, 0, WIDTH, HEIGHT)])) == 0
    assert count_written(picture(*LINES).without([Box(0, 0, STRIP - 2, HEIGHT)])) == 10


def test_a_part_and_a_turned_page() -> None:
    assert count_written(picture(*LINES).cut(Box(0, 0, STRIP - 1, 45))) == 3
    assert count_written(picture(*LINES).turned()) == 0
    assert picture(*LINES).turned().turned() == picture(*LINES)
    assert count_written(picture(*LINES).cut(Box(WIDTH + 5, 0, WIDTH + 9, 9))) == 0
