"""Lists of many reports never touch a text that is not on the screen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from leads_local.records import Choice, Citation, Question, Stage
from leads_local.review.read_models import RecordFilter, RecordOrder
from leads_local.review.review import Review
from leads_local.review.store import citations

MANY = 20_000


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Review]:
    with Review.create(tmp_path_factory.mktemp("large") / "r.leads", Question(population="adults")) as review:
        with review.db.transaction():
            source = citations.add_source(review.db, "a.ris", "0", "ris", "utf-8")
            citations.add(
                review.db,
                source,
                [Citation(title=f"Title {n}", abstract="word " * 200, authors=("Doe, J",)) for n in range(MANY)],
            )
            review.db.write(
                "INSERT INTO outcome SELECT 'abstract', id, 'settled', CASE id % 3 WHEN 1 THEN 'include' ELSE "
                "'exclude' END, '', 'Ann', '', id FROM record WHERE id % 2 = 1"
            )
        yield review


@pytest.mark.parametrize("order", list(RecordOrder))
def test_every_report_stands_in_one_list(large: Review, order: RecordOrder) -> None:
    def ids(show: RecordFilter) -> list[int]:
        return large.record_ids(Stage.ABSTRACT, show, order)

    everything = ids(RecordFilter.ALL)
    assert len(everything) == len(set(everything)) == MANY
    apart = [
        ids(show) for show in (RecordFilter.UNDECIDED, RecordFilter.INCLUDED, RecordFilter.EXCLUDED, RecordFilter.MAYBE)
    ]
    assert sorted(one for part in apart for one in part) == sorted(everything)
    assert large.record_ids(Stage.FULLTEXT, RecordFilter.ALL, order) == ids(RecordFilter.INCLUDED)


def test_lines_come_in_the_order_that_was_asked_for(large: Review) -> None:
    ids = large.record_ids(Stage.ABSTRACT)[MANY // 2 :][:50][::-1]
    assert [summary.id for summary in large.summaries(ids)] == ids


def test_no_list_reads_a_text(large: Review) -> None:
    """The plan of every list of ids leaves the wide tables alone."""
    from leads_local.review.store import lists

    listed = set(RecordFilter) - {RecordFilter.EARLIER_WORDING}  # told from what was said and judged, and then listed
    statements: list[str] = []
    large.db._connection.set_trace_callback(statements.append)
    for stage in Stage:
        for show in listed:
            for order in RecordOrder:
                lists.report_ids(large.db, stage, show, order)
    large.db._connection.set_trace_callback(None)
    assert len(statements) == len(Stage) * len(listed) * len(RecordOrder)
    for statement in statements:
        plan = " ".join(row["detail"] for row in large.db.rows(f"EXPLAIN QUERY PLAN {statement}"))
        assert "citation" not in plan
        assert "passage" not in plan


def test_a_summary_searches_and_never_scans(large: Review) -> None:
    from leads_local.review.store.lists import _SUMMARY

    asked = {"ids": "[1]", "stage": "abstract", "reviewer": ""}
    plan = [row["detail"] for row in large.db.rows(f"EXPLAIN QUERY PLAN {_SUMMARY}", asked)]
    scans = {detail for detail in plan if detail.startswith("SCAN")}
    few = ("SCAN criterion", "SCAN (subquery-")  # the criteria that are asked, a dozen, once for the whole list
    assert [detail for detail in sorted(scans) if not detail.startswith(few)] == ["SCAN i VIRTUAL TABLE INDEX 1:"]


def test_an_empty_list(tmp_path: Path) -> None:
    with Review.create(tmp_path / "e.leads", Question(population="adults")) as review:
        assert review.record_ids(Stage.ABSTRACT) == review.summaries([]) == []


_SHORT = (
    "criterion",
    "generation",
    "rule",
    "main.sqlite_schema",
    "i VIRTUAL TABLE",
    "n VIRTUAL TABLE",
    "json_each VIRTUAL TABLE",
    "act USING INDEX act_by_clock",
)
"""What may be read from one end to the other: as long with 100,000 records as with ten; of acts only the last is."""


def test_what_a_key_does_searches_and_never_scans(large: Review) -> None:
    """Looking at a report, deciding it, and taking that back cost with 100,000 records what they cost with ten."""
    statements: list[str] = []
    large.db._connection.set_trace_callback(statements.append)
    large.record(5)
    large.decide(5, Stage.ABSTRACT, Choice.INCLUDE, reviewer="Ben")
    large.undo_last("Ben")
    large.db._connection.set_trace_callback(None)
    found = set()
    for statement in statements:
        if statement.lstrip().startswith(("SELECT", "DELETE", "UPDATE")):
            plan = [row["detail"] for row in large.db.rows(f"EXPLAIN QUERY PLAN {statement}")]
            scans = [detail for detail in plan if detail.startswith("SCAN ")]
            found |= {
                f"{detail}: {statement}"
                for detail in scans
                if not detail.startswith(tuple(f"SCAN {name}" for name in _SHORT))
            }
    assert found == set()
