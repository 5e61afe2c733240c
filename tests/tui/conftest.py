"""A review as people have them: twenty records, some of them hostile, and an app that opens it.

``opened`` runs the app in a terminal that isn't there and fails the test when an error was met that is no LeadsError:
the guards keep the program alive, and must not keep a test green.
"""

from __future__ import annotations

import asyncio
import contextlib
import csv
import html
import re
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot
from textual.widgets import Footer
from textual.worker import WorkerCancelled

from leads_local.config import Settings
from leads_local.jobs import model_jobs
from leads_local.records import (
    Box,
    Choice,
    Criterion,
    Document,
    Field,
    Measure,
    Outcome,
    Page,
    Passage,
    PassageKind,
    Question,
    Span,
    Stage,
)
from leads_local.review.review import Review
from leads_local.review.store import documents
from leads_local.tasks import prompts
from leads_local.tasks.forms import Form
from leads_local.tui.app import LeadsApp
from leads_local.tui.model_job import OpenEngine
from leads_local.tui.session import Session
from tests.fake_engine import FakeEngine
from tests.patience import patience

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
BOX = Box(50, 50, 300, 70)
FORM = Form(
    "Small",
    (Field("Country", "where"), Field("[b]Design[/b]", "how")),
    (Outcome("Sleep quality"),),
    (Measure("Age", "age in years"),),
)
CELL = 12.2  # the width of a cell in Textual's SVG
NARROW, WIDE = (80, 24), (140, 40)
SIZES = [NARROW, WIDE]

Opened = Callable[..., AbstractAsyncContextManager[Pilot[int]]]


def write_records(
    file: Path, titles: list[str], abstract: str = "We randomised {n} adults to walking or usual care."
) -> Path:
    """A CSV export with these titles, each with an abstract of its own."""
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["title", "abstract", "authors", "year", "journal"])
        for number, title in enumerate(titles):
            writer.writerow(
                [
                    title,
                    abstract.format(n=100 + number),
                    "Ilves, K; Okafor, B",
                    1990 + number % 30,
                    "Journal of Made-up Sleep",
                ]
            )
    return file


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the reviews that tests get copies of: each is made once."""
    folder = tmp_path_factory.mktemp("reviews")
    question = Question("Exercise for sleep", "Adults with insomnia", "Exercise", "Usual care", "Sleep quality")
    titles = HOSTILE + [f"Trial {number} of walking and sleep" for number in range(20 - len(HOSTILE))]
    path = folder / "sleep.leads"
    with Review.create(path, question, [Criterion("Design", "Randomised trial")]) as review:
        review.import_file(write_records(folder / "export.csv", titles))
    extracted = shutil.copy(path, folder / "extracted.leads")
    with Review.open(extracted) as review:
        _extract(review)
    return folder


@pytest.fixture
def review_path(made_once: Path, tmp_path: Path) -> Path:
    """``sleep.leads``: twenty records, the first eight with hostile titles, nothing decided."""
    return Path(shutil.copy(made_once / "sleep.leads", tmp_path / "sleep.leads"))


@pytest.fixture
def extracted_path(made_once: Path, tmp_path: Path) -> Path:
    """The review with three studies included by abstract, two of them with a paper, and a model's values for those."""
    return Path(shutil.copy(made_once / "extracted.leads", tmp_path / "extracted.leads"))


def _extract(review: Review) -> None:
    ids = review.record_ids(Stage.ABSTRACT)[:3]
    for record_id in ids:
        review.decide(record_id, Stage.ABSTRACT, Choice.INCLUDE)
    for record_id in ids[:2]:
        document = paper(f"{record_id:064d}")
        with review.db.transaction():
            documents.put(review.db, document)
            documents.link(review.db, document.sha256, record_id, "by the test")
    assert list(model_jobs.extract(review, FakeEngine(), FORM, prompts.load("default")))


def paper(sha256: str, pages: int = 3) -> Document:
    """A paper whose passages hold the words that the fake engine answers with, so that some values are found in it."""
    passages = [
        Passage(0, PassageKind.TITLE, "A paper with [b]markup[/b]", (Span(0, 26, 1, BOX),)),
        Passage(1, PassageKind.HEADING, "Methods", (Span(0, 7, 1, BOX),), "methods"),
    ]
    for page in range(1, pages + 1):
        text = f"On page {page} adults and children had aspirin or placebo at baseline; the dose lasted {page} weeks."
        passages.append(Passage(page + 1, PassageKind.PARAGRAPH, text, (Span(0, len(text), page, BOX),), "results"))
    sheets = tuple(Page(number, 595, 842, 1000) for number in range(1, pages + 1))
    return Document(f"{sha256}.pdf", sha256, sheets, tuple(passages))


async def whole(pilot: Pilot[int]) -> None:
    """Wait until all of the screen is there: a footer fills itself later than the rest."""
    await pilot.pause()
    async with asyncio.timeout(20):
        while pilot.app.screen.query(Footer) and not pilot.app.screen.query("FooterKey"):
            await pilot.pause(0.01)
    await pilot.pause()


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
        settings = settings or Settings(model="fake.gguf", reviewer="Kim", keep_awake=False)
        app = LeadsApp(settings, Session.open(path, settings) if path else None, open_engine)
        app.animation_level = "none"
        async with app.run_test(size=size) as pilot:
            await whole(pilot)
            try:
                yield pilot
            finally:
                app.stop_work()
            with contextlib.suppress(WorkerCancelled):  # the app has left, and its last thread with it
                await app.workers.wait_for_complete()
        assert len(app.faults) == faults, app.faults
        if app.session is not None:
            app.session.close()

    return start


def app_of(pilot: Pilot[int]) -> LeadsApp:
    assert isinstance(pilot.app, LeadsApp)
    return pilot.app


async def until(pilot: Pilot[int], true: Callable[[], bool]) -> None:
    """Let the app go on until it is so; what the screen shows, where that never comes."""
    for _ in range(int(patience(20) * 20)):
        if true():
            return
        await pilot.pause(0.05)
    raise AssertionError(shown(app_of(pilot)))


def shown(app: LeadsApp) -> str:
    """All that is on the screen, one line a row, as a terminal would show it."""
    rows: dict[float, str] = {}
    texts = re.findall(
        r'<text class="[^"]*?-r\d+" x="([\d.]+)" y="([\d.]+)"[^>]*>(.*?)</text>', app.export_screenshot(), re.DOTALL
    )
    for x, y, text in texts:  # runs of spaces have no element of their own
        row = rows.get(float(y), "")
        rows[float(y)] = (
            row + " " * (round(float(x) / CELL) - cell_len(row)) + html.unescape(text).replace("\xa0", " ").rstrip("\n")
        )
    return "\n".join(row for _, row in sorted(rows.items()))


def told(app: LeadsApp) -> str:
    """All notices that are in view, one a line."""
    return "\n".join(notification.message for notification in app._notifications)
