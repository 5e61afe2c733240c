"""Lists of many reports are fast, because they never touch a text that is not on the screen."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from leads_local.records import Citation, Question, Stage
from leads_local.review.review import Review
from leads_local.review.store import citations
from leads_local.review.views import Order, Show

MANY = 20_000  # a fifth of what must be possible, at a fifth of the time


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Review]:
    with Review.create(tmp_path_factory.mktemp("large") / "r.leads", Question(population="adults")) as review:
        with review.db.transaction():
            source = citations.add_source(review.db, "a.ris", "0", "ris", "utf-8")
            citations.add(
                review.db, source, [Citation(title=f"Title {n}", abstract="word " * 200, authors=("Doe, J",)) for n in range(MANY)]
            )
            review.db.write(
                "INSERT INTO decision SELECT 'abstract', id, CASE id % 3 WHEN 1 THEN 'include' ELSE 'exclude' END, '', 'Ann', '', id, 0 "
                "FROM record WHERE id % 2 = 1"
            )
        yield review


def best(action: object) -> float:
    times = []
    for _ in range(5):
        begun = time.perf_counter()
        action()  # type: ignore[operator]
        times.append(time.perf_counter() - begun)
    return min(times)


@pytest.mark.parametrize("order", list(Order))
@pytest.mark.parametrize("show", list(Show))
def test_ids_of_many_reports(large: Review, show: Show, order: Order) -> None:
    for stage in Stage:
        assert best(lambda stage=stage: large.record_ids(stage, show, order)) < 0.2 / 5 * 3  # three times, for a busy machine


def test_lines_on_the_screen(large: Review) -> None:
    ids = large.record_ids(Stage.ABSTRACT)[MANY // 2 :][:50]
    assert best(lambda: large.summaries(ids)) < 0.02
    assert [summary.id for summary in large.summaries(ids)] == ids


def test_no_list_reads_a_text(large: Review) -> None:
    """The plan of every list of ids leaves the wide tables alone."""
    from leads_local.review.store import lists

    statements: list[str] = []
    large.db._connection.set_trace_callback(statements.append)
    for stage in Stage:
        for show in Show:
            for order in Order:
                lists.ids(large.db, stage, show, order)
    large.db._connection.set_trace_callback(None)
    assert len(statements) == len(Stage) * len(Show) * len(Order)
    for statement in statements:
        plan = " ".join(row["detail"] for row in large.db.rows(f"EXPLAIN QUERY PLAN {statement}"))
        assert "citation" not in plan
        assert "passage" not in plan


def test_a_summary_searches_and_never_scans(large: Review) -> None:
    from leads_local.review.store.lists import _SUMMARY

    plan = [row["detail"] for row in large.db.rows(f"EXPLAIN QUERY PLAN {_SUMMARY}", {"ids": "[1]", "stage": "abstract"})]
    scans = [detail for detail in plan if detail.startswith("SCAN")]
    assert scans == ["SCAN i VIRTUAL TABLE INDEX 1:"]


def test_an_empty_list(tmp_path: Path) -> None:
    with Review.create(tmp_path / "e.leads", Question(population="adults")) as review:
        assert review.record_ids(Stage.ABSTRACT) == review.summaries([]) == []
