"""Small PDFs made on the spot, and the passages of made-up papers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pymupdf
import pytest

from leads_local.records import Box, Passage, PassageKind, Span

Typeset = Callable[..., Path]


def passage(
    text: str, order: int = 0, kind: PassageKind = PassageKind.PARAGRAPH, section: str = "", width: int = 60, page: int = 1
) -> Passage:
    """A passage whose lines are ``width`` characters long, each 10 points under the one before; every tenth line begins a new page."""
    spans = []
    for number, start in enumerate(range(0, len(text), width)):
        y = 50.0 + 10 * (number % 10)
        spans.append(Span(start, min(len(text), start + width), page + number // 10, Box(50, y, 550, y + 9)))
    return Passage(order, kind, text, tuple(spans), section)


@pytest.fixture
def typeset(tmp_path: Path) -> Typeset:
    """A function that writes a PDF: each page is a list of ``(x, y, size, text)`` or ``(x, y, size, text, font)``."""

    def make(*pages: list[tuple[object, ...]], name: str = "paper.pdf", **save: object) -> Path:
        pdf = pymupdf.open()
        for lines in pages:
            page = pdf.new_page(width=595, height=842)
            for x, y, size, text, *font in lines:
                page.insert_text((x, y), text, fontsize=size, fontname=font[0] if font else "helv")
        path = tmp_path / name
        pdf.save(path, **save)
        return path

    return make
