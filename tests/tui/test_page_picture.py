"""The page as it is printed, on the screen: at the place of a value, with all that are on it marked; and as a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.color import Color
from textual.widgets import Input

from leads_local.app import pages
from leads_local.app.pages import MarkedPage
from leads_local.documents.marks import PagePicture
from leads_local.errors import InputError
from leads_local.tui.screens.extraction import ExtractionScreen
from leads_local.tui.screens.page_picture import PagePictureScreen
from leads_local.tui.screens.paper import PaperScreen
from leads_local.tui.widgets.page_dots import PageDots
from tests.export import real_papers
from tests.tui.conftest import Opened, shown, until


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    with real_papers.make(tmp_path) as review:
        review.verify(next(one.id for one in review.values(1) if one.value.item == "Pain"), "accepted", "", "", "Kim")
    yield tmp_path / "r.leads"


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, float]]:
    """Pages are drawn at once, as white paper with one black line. The numbers and scales that were asked for."""
    asked: list[tuple[int, float]] = []

    def draw(page: MarkedPage, scale: float = 2.0, *, gray: bool = False) -> PagePicture:
        asked.append((page.number, scale))
        width, height = round(page.width * scale), round(page.height * scale)
        line = b"\x00" * width if gray else b""
        return PagePicture(line + b"\xff" * (width * (height - 1)) if gray else b"\x89PNG", width, height)

    monkeypatch.setattr(pages, "draw", draw)
    return asked


def backgrounds(dots: PageDots) -> set[Color | None]:
    lines = [dots.render_line(y) for y in range(dots.size.height)]
    return {part.style.bgcolor for line in lines for part in line if part.style is not None}


async def test_a_value_s_page_is_a_key_away_and_can_be_saved(
    opened: Opened, path: Path, drawn: list[tuple[int, float]], tmp_path: Path
) -> None:
    async with opened(path=path) as pilot:
        await pilot.press("3", "j", "j", "w")
        await until(pilot, lambda: isinstance(pilot.app.screen, PagePictureScreen) and bool(drawn))
        await pilot.pause()
        screen = pilot.app.screen
        assert "paper one.pdf, page 1 of 1, 4 values on it" in shown(pilot.app)
        assert "esc Back" in shown(pilot.app), "the way back is in sight"
        dots = screen.query_one(PageDots)
        await until(pilot, lambda: dots.scroll_offset.y > 0)
        seen = {str(colour.name) for colour in backgrounds(dots) if colour is not None and colour.triplet is not None}
        assert "#a6eda6" in seen, "the value that was accepted, in its colour"
        await pilot.press("plus", "minus", "minus", "n", "p")
        await until(pilot, lambda: len(drawn) == 4)
        assert [scale for _, scale in drawn[:2]] == [1.0, 1.5] and drawn[-1][1] < 1.0
        await pilot.press("l")
        await pilot.pause()
        assert "Pain: 12.5 (accepted by Kim" in shown(pilot.app)
        await pilot.press("escape", "s")
        await pilot.pause()
        pilot.app.screen.query_one(Input).value = str(tmp_path / "page.png")
        await pilot.press("enter")
        await until(pilot, lambda: (tmp_path / "page.png").exists())
        await pilot.press("escape", "v", "w")
        await until(pilot, lambda: isinstance(pilot.app.screen, PagePictureScreen) and len(drawn) == 6)
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(pilot.app.screen, PaperScreen)


async def test_a_paper_that_is_gone_is_a_sentence(opened: Opened, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> PagePicture:
        raise InputError("paper one.pdf: there is no such file.", "Attach it.")

    monkeypatch.setattr(pages, "draw", refuse)
    async with opened(path=path) as pilot:
        await pilot.press("3", "w")
        await until(pilot, lambda: "there is no such file" in shown(pilot.app))
        await pilot.press("escape", "3")
        await until(pilot, lambda: isinstance(pilot.app.screen, ExtractionScreen))
