"""MuPDF's characters become words in the direction that they are read in, without a PDF."""

from __future__ import annotations

from typing import Any

import pytest

from leads_local.documents.textpage import frames_of

UPRIGHT = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def span(text: str, x: float, y: float, size: float = 10.0, font: str = "Serif", flags: int = 0) -> dict[str, Any]:
    chars = [{"c": c, "bbox": (x + 5 * n, y - 8, x + 5 * n + 5, y + 2)} for n, c in enumerate(text)]
    return {"size": size, "font": font, "flags": flags, "origin": (x, y), "chars": chars}


def page(
    *lines: list[dict[str, Any]], direction: tuple[float, float] = (1.0, 0.0), vectors: tuple[Any, ...] = ()
) -> dict[str, Any]:
    blocks: list[dict[str, Any]] = [{"type": 0, "lines": [{"dir": direction, "spans": spans} for spans in lines]}]
    return {"blocks": blocks + [{"type": 3, "bbox": box} for box in vectors]}


def test_words_boxes_and_type() -> None:
    raw = page([span("Two words ", 50, 100), span("bold", 100, 100, font="Serif-Bold"), span("2", 120, 96, size=6)])
    (frame,) = frames_of(raw, UPRIGHT, 595, 842)
    (fragment,) = frame.fragments
    assert [(w.text, w.x0, w.x1, w.bold, w.raised, w.glued) for w in fragment.words] == [
        ("Two", 50, 65, False, 0, False),
        ("words", 70, 95, False, 0, False),
        ("bold", 100, 120, True, 0, False),
        ("2", 120, 125, False, 1, True),
    ]


def test_a_gap_as_wide_as_a_gutter_parts_fragments() -> None:
    (frame,) = frames_of(page([span("left", 50, 100), span("right", 82, 100)]), UPRIGHT, 595, 842)
    assert [f.text for f in frame.fragments] == ["left", "right"]


def test_rules_are_thin_and_long() -> None:
    vectors = ((50, 100, 500, 100.5), (50, 100, 50.5, 300), (50, 100, 60, 110), (50, 50, 500, 300))
    (frame,) = frames_of(page([span("text", 50, 90)], vectors=vectors), UPRIGHT, 595, 842)
    assert [r.across for r in frame.rules] == [True, False]


@pytest.mark.parametrize(
    ("direction", "turn"), [((1.0, 0.0), 0), ((0.0, 1.0), 90), ((-1.0, 0.0), 180), ((0.0, -1.0), 270), ((0.99, 0.1), 0)]
)
def test_direction_gives_the_turn(direction: tuple[float, float], turn: int) -> None:
    (frame,) = frames_of(page([span("text", 50, 90)], direction=direction), UPRIGHT, 595, 842)
    assert frame.turn == turn
    assert (frame.width, frame.height) == ((842, 595) if turn in (90, 270) else (595, 842))
    word = frame.fragments[0].words[0]
    box = frame.displayed(word.x0, word.y0, word.x1, word.y1)
    assert (box.x0, box.y0, box.x1, box.y1) == (50, 82, 70, 92)


def test_nothing_printed_no_frame() -> None:
    assert frames_of({"blocks": []}, UPRIGHT, 595, 842) == ()
    assert frames_of(page([span("   ", 50, 90)]), UPRIGHT, 595, 842) == ()
