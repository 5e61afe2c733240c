"""Small PDFs made on the spot, printed pages made without a PDF, and the passages of made-up papers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pymupdf
import pytest

from leads_local.documents.geometry import Fragment, Frame, Rule, Sheet, Word
from leads_local.records import Box, Passage, PassageKind, Span

Typeset = Callable[..., Path]
WIDTH, HEIGHT = 595.0, 842.0


def passage(
    text: str,
    order: int = 0,
    kind: PassageKind = PassageKind.PARAGRAPH,
    section: str = "",
    width: int = 60,
    page: int = 1,
) -> Passage:
    """A passage whose lines are ``width`` characters long, each 10 points under the one before; every tenth line begins
    a new page."""
    spans = []
    for number, start in enumerate(range(0, len(text), width)):
        y = 50.0 + 10 * (number % 10)
        spans.append(Span(start, min(len(text), start + width), page + number // 10, Box(50, y, 550, y + 9)))
    return Passage(order, kind, text, tuple(spans), section)


def printed(x: float, base: float, text: str, size: float = 10.0, bold: bool = False, font: str = "Serif") -> Fragment:
    """A fragment in a type whose letters are half as wide as high."""
    words = []
    for part in text.split(" "):
        width = 0.5 * size * len(part)
        if part:
            words.append(Word(part, x, base - 0.75 * size, x + width, base + 0.25 * size, base, size, bold, font=font))
        x += width + 0.3 * size
    return Fragment.of(words)


def sheet(number: int, fragments: Iterable[Fragment], rules: Sequence[Rule] = (), turn: int = 0) -> Sheet:
    return Sheet(number, WIDTH, HEIGHT, (Frame(turn, WIDTH, HEIGHT, tuple(fragments), tuple(rules)),))


def column(x: float, top: float, lines: Sequence[str], size: float = 10.0, leading: float = 12.0) -> list[Fragment]:
    return [printed(x, top + leading * place, line, size) for place, line in enumerate(lines)]


def rule(y: float, x0: float = 50.0, x1: float = 545.0) -> Rule:
    return Rule(x0, y, x1, y + 0.5, True)


@pytest.fixture
def typeset(tmp_path: Path) -> Typeset:
    """A function that writes a PDF: each page is a list of ``(x, y, size, text)`` or ``(x, y, size, text, font)``."""

    def make(*pages: list[tuple[object, ...]], name: str = "paper.pdf", rotate: int = 0, **save: object) -> Path:
        pdf = pymupdf.open()
        for lines in pages:
            page = pdf.new_page(width=WIDTH, height=HEIGHT)
            for x, y, size, text, *font in lines:
                page.insert_text((x, y), text, fontsize=size, fontname=font[0] if font else "helv")
            page.set_rotation(rotate)
        path = tmp_path / name
        pdf.save(path, **save)
        return path

    return make
