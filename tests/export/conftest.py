"""A review that has everything an export can hold, hostile texts included."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from leads_local.records import Choice, Citation, Criterion, Question, Stage
from leads_local.review.review import Review
from leads_local.review.store import citations, groups
from tests.jobs.work_fixture import engine, make, work

HOSTILE = (
    '=HYPERLINK("http://x","y")',
    "@SUM(A1)",
    "+cmd",
    "-2+3",
    'Ünïcödé 👩‍🔬, "quoted"\nand; more',
    "[bold]markup[/]",
    "\t=1+1",
)


def fill(opened: Review) -> None:
    """Twelve records that a model has screened and extracted, one excluded at full text, and seven hostile ones, two of
    them grouped."""
    opened.set_criteria([Criterion("=Design", "+randomised")])
    for job in ("abstract", "fulltext", "extract"):
        list(work(opened, job, engine(errors={"abstract/screening/7": "No."})))
    opened.decide(1, Stage.FULLTEXT, Choice.INCLUDE, reviewer="Ann")
    opened.decide(2, Stage.FULLTEXT, Choice.EXCLUDE, "=wrong design", "Bob")
    opened.decide(3, Stage.FULLTEXT, Choice.INCLUDE, reviewer="Ann")
    opened.undo(Stage.FULLTEXT)
    for stored, status in zip(opened.values(1), ("accepted", "edited", "rejected"), strict=False):
        opened.verify(stored.id, status, "=mine", "a note", "Ann")
    with opened.db.transaction():
        source = citations.add_source(opened.db, "C:\\exports\\hostile.ris", "1" * 64, "ris", "utf-8")
        ids = citations.add(opened.db, source, [Citation(title=title, abstract=title, year=2001) for title in HOSTILE])
        groups.form_group(opened.db, ids[0], ids[:2], ["same title"])


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("filled") / "r.leads"
    make(file)
    with Review.open(file) as opened:
        fill(opened)
    return file


@pytest.fixture
def review(filled: Path, tmp_path: Path) -> Iterator[Review]:
    """A copy of the review that ``fill`` makes."""
    shutil.copy(filled, tmp_path / "r.leads")
    with Review.open(tmp_path / "r.leads") as opened:
        yield opened


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Review]:
    with Review.create(tmp_path / "e.leads", Question(population="adults")) as made:
        yield made
