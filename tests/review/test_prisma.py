"""The flow's lines are the counts, each once."""

from __future__ import annotations

from pathlib import Path

from leads_local.records import Choice, Citation, Stage
from leads_local.review.prisma import flow_lines
from leads_local.review.review import Review
from tests.review.conftest import Import


def test_every_number_of_the_counts_has_its_line(review: Review, add: Import) -> None:
    ids = add([Citation(title=f"Title {n}", doi=f"10.1/{n % 5}") for n in range(7)])
    review.dedupe()
    for record in ids[:3]:
        review.decide(record, Stage.ABSTRACT, Choice.INCLUDE)
    review.decide(ids[0], Stage.FULLTEXT, Choice.EXCLUDE, "wrong design")
    review.decide(ids[1], Stage.FULLTEXT, Choice.EXCLUDE)
    counts = review.counts()
    lines = {line.key: line for line in flow_lines(counts)}
    assert len(lines) == len(flow_lines(counts))
    for key, line in lines.items():
        if hasattr(counts, key):
            assert line.number == getattr(counts, key)
    assert lines["source 1"].number == 7
    assert lines["source 1"].label.endswith("records.jsonl")
    labels = {line.label: line.number for line in lines.values()}
    assert labels["Reports excluded: wrong design"] == labels["Reports excluded: no reason given"] == 1


def test_phases_come_in_their_order(review: Review) -> None:
    phases = [line.phase for line in flow_lines(review.counts())]
    assert sorted(phases, key=["identification", "screening", "included"].index) == phases


def test_a_windows_path_shows_its_file(review: Review, tmp_path: Path) -> None:
    from leads_local.review.store import citations

    with review.db.transaction():
        citations.add_source(review.db, "C:\\Users\\me\\pubmed.ris", "0", "ris", "utf-8")
    assert flow_lines(review.counts())[0].label == "Records identified in pubmed.ris"


def test_the_parts_add_up_to_what_they_are_parts_of(review: Review, add: Import) -> None:
    ids = add([Citation(title=f"Title {n}", doi=f"10.1/{n}") for n in range(9)])
    for record, choice in zip(ids, [Choice.INCLUDE, Choice.EXCLUDE, Choice.MAYBE, Choice.INCLUDE], strict=False):
        review.decide(record, Stage.ABSTRACT, choice)
    review.decide(ids[0], Stage.FULLTEXT, Choice.EXCLUDE, "x")
    n = {line.key: line.number for line in flow_lines(review.counts())}
    assert n["identified"] == n["duplicates"] + n["to_screen"] == 9
    assert n["to_screen"] == n["screened"] + n["unscreened"]
    assert n["screened"] == n["excluded"] + n["maybe"] + n["sought"] == 4
    assert n["sought"] == n["not_retrieved"] + n["awaiting"] + n["assessed"] == 2
    assert n["assessed"] == n["fulltext_excluded"] + n["included"] == 1
