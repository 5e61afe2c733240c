"""A review as people have them: forty records, some of them hostile, and an app that opens it.

``opened`` runs the app in a terminal that isn't there and fails the test when an error was met that is no LeadsError: the guards keep the
program alive, and must not keep a test green.
"""

from __future__ import annotations

import csv
import html
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from leads_local.config import Settings
from leads_local.records import Criterion, Question
from leads_local.review.review import Review
from leads_local.tui.app import LeadsApp
from leads_local.tui.session import Session
from leads_local.tui.work import OpenEngine
from tests.fake_engine import FakeEngine

HOSTILE = [
    "[red]x[/]",
    "[@click=app.quit]quit[/]",
    "[/] closing nothing [bold",
    "{curly} %s \\[escaped] $text-error",
    "تأثير التمارين على جودة النوم",
    "睡眠の質に対する運動の効果",
    "Emoji 👩‍⚕️ and combining é à la carte",
    "Never ending " + "title " * 200,
]
CELL = 12.2  # the width of a cell in Textual's SVG
NARROW, WIDE = (80, 24), (140, 40)
SIZES = [NARROW, WIDE]

Opened = Callable[..., AbstractAsyncContextManager[Pilot[int]]]


def write_records(file: Path, titles: list[str], abstract: str = "We randomised {n} adults to walking or usual care.") -> Path:
    """A CSV export with these titles, each with an abstract of its own."""
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["title", "abstract", "authors", "year", "journal"])
        for number, title in enumerate(titles):
            writer.writerow([title, abstract.format(n=100 + number), "Ilves, K; Okafor, B", 1990 + number % 30, "Journal of Made-up Sleep"])
    return file


@pytest.fixture
def review_path(tmp_path: Path) -> Path:
    """``sleep.leads``: forty records, the first eight with hostile titles, nothing decided."""
    path = tmp_path / "sleep.leads"
    question = Question("Exercise for sleep", "Adults with insomnia", "Exercise", "Usual care", "Sleep quality")
    titles = HOSTILE + [f"Trial {number} of walking and sleep" for number in range(40 - len(HOSTILE))]
    with Review.create(path, question, [Criterion("Design", "Randomised trial")]) as review:
        review.import_file(write_records(tmp_path / "export.csv", titles))
    return path


@pytest.fixture
def opened(review_path: Path) -> Opened:
    """``async with opened(size=…, open_engine=…) as pilot``: the app on the review, in view and at rest."""

    @asynccontextmanager
    async def start(
        size: tuple[int, int] = NARROW,
        open_engine: OpenEngine = lambda settings, loading: FakeEngine(),
        settings: Settings | None = None,
        path: Path | None = review_path,
        faults: int = 0,
    ) -> AsyncIterator[Pilot[int]]:
        settings = settings or Settings(model="fake.gguf", reviewer="Kim")
        app = LeadsApp(settings, Session.open(path, settings) if path else None, open_engine)
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            yield pilot
            await app.workers.wait_for_complete()
        assert len(app.faults) == faults, app.faults
        if app.session is not None:
            app.session.close()

    return start


def shown(app: LeadsApp) -> str:
    """All that is on the screen, one line a row, as a terminal would show it."""
    rows: dict[float, str] = {}
    texts = re.findall(r'<text class="[^"]*?-r\d+" x="([\d.]+)" y="([\d.]+)"[^>]*>(.*?)</text>', app.export_screenshot(), re.DOTALL)
    for x, y, text in texts:  # runs of spaces have no element of their own
        row = rows.get(float(y), "")
        rows[float(y)] = row + " " * (round(float(x) / CELL) - cell_len(row)) + html.unescape(text).replace("\xa0", " ")
    return "\n".join(row for _, row in sorted(rows.items()))


def told(app: LeadsApp) -> str:
    """All notices that are in view, one a line."""
    return "\n".join(notification.message for notification in app._notifications)
