"""Who agrees with whom in a review: from its log to the figures."""

from __future__ import annotations

import dataclasses
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from leads_local.app.agreement import report_lines
from leads_local.evaluation.comparison import compare_variants
from leads_local.evaluation.raters import RatersReport, compare_all
from leads_local.records import Choice, ScreeningMethod, Stage
from leads_local.review.outcomes import Rule, RuleKind
from leads_local.review.review import Review
from leads_local.review.store import groups
from tests.jobs.test_triage import asked
from tests.jobs.work_fixture import make, work

IN, OUT, PERHAPS = Choice.INCLUDE, Choice.EXCLUDE, Choice.MAYBE
A = Stage.ABSTRACT
ANN = [IN, IN, IN, OUT, OUT, OUT, OUT, PERHAPS, IN, OUT]
BEN = [IN, IN, OUT, OUT, OUT, OUT, OUT, OUT, PERHAPS, OUT]


@pytest.fixture
def review(tmp_path: Path) -> Iterator[Review]:
    make(tmp_path / "pain.leads")
    with Review.open(tmp_path / "pain.leads") as opened:
        while opened.undo(A):  # what nobody named has decided
            pass
        opened.set_rule(A, Rule(RuleKind.TWO))
        yield opened


def decide(review: Review, reviewer: str, choices: list[Choice]) -> None:
    for record, choice in enumerate(choices, start=1):
        review.decide(record, A, choice, reviewer=reviewer)


def told(report: RatersReport) -> str:
    return "\n".join(report_lines(report))


def test_two_reviewers(review: Review) -> None:
    decide(review, "Ann", ANN)
    assert compare_all(review, A).people == ()
    assert "No report has been decided by two reviewers yet." in told(compare_all(review, A))
    decide(review, "Ben", BEN)
    report = compare_all(review, A)
    (two,) = report.people
    assert (two.one, two.other, two.seen, two.late, report.alpha) == ("Ann", "Ben", 0, 0, None)
    assert two.agreement.counts[IN] == {IN: 2, OUT: 1, PERHAPS: 1}
    assert two.agreement.counts[OUT] == {IN: 0, OUT: 5, PERHAPS: 0}
    assert two.agreement.raw.value == pytest.approx(0.7)
    said = told(report)
    assert "Ann and Ben: 10 reports decided by both" in said
    assert "agreement on include (positive)  0.667   0.261 to  0.919  of 4" in said
    assert "could know" not in said and "left out" not in said
    assert compare_all(review, Stage.FULLTEXT).reviewers == ()


def test_what_comes_later_changes_no_figure(review: Review) -> None:
    decide(review, "Ann", ANN)
    decide(review, "Ben", BEN)
    before = compare_all(review, A)
    review.acting = "Ben"
    review.decide(3, A, IN)
    review.undo_last()
    review.redo()
    review.adjudicate(8, A, OUT)
    review.decide(8, A, PERHAPS)
    review.set_rule(A, Rule(RuleKind.ONE))
    assert compare_all(review, A) == before


def test_who_joins_later_changes_no_old_pair_and_all_have_an_alpha(review: Review) -> None:
    decide(review, "Ann", ANN)
    decide(review, "Ben", BEN)
    before = compare_all(review, A).people
    decide(review, "Cem", [IN, OUT, OUT])
    report = compare_all(review, A)
    assert [(two.one, two.other) for two in report.people] == [("Ann", "Ben"), ("Ann", "Cem"), ("Ben", "Cem")]
    assert report.people[0] == before[0]
    assert [two.agreement.cases for two in report.people] == [10, 3, 3]
    assert report.alpha is not None and report.alpha.of == 10
    assert "All 3 reviewers (Ann, Ben, Cem):\n" in told(report)
    assert f"  {'Krippendorff’s alpha':31}  0.371  -0.165 to  0.755  of 10" in told(report)


def test_what_stands_in_the_way_is_said(review: Review) -> None:
    review.set_rule(A, Rule(RuleKind.ONE))
    review.decide(1, A, IN, reviewer="Ann")
    review.decide(1, A, IN, reviewer="Ben")
    review.decide(2, A, IN, reviewer="Ann")
    review.adjudicate(2, A, OUT, reviewer="Zoe")
    review.decide(2, A, OUT, reviewer="Ben")
    (two,) = compare_all(review, A).people
    assert (two.agreement.cases, two.seen, two.late) == (1, 1, 1)
    said = told(compare_all(review, A))
    assert "On 1 of them the second could know the first's vote" in said
    assert "1 more are left out: the second voted after an adjudication." in said
    assert "Cohen’s kappa                        –                    of 1" in said


def test_duplicates_are_one_report(review: Review) -> None:
    decide(review, "Ann", [IN, OUT])
    review.decide(1, A, OUT, reviewer="Ben")
    with review.db.transaction():
        groups.form_group(review.db, 2, [1, 2], ["for a test"])
    (two,) = compare_all(review, A).people
    assert (two.agreement.cases, two.agreement.counts[OUT][OUT]) == (1, 1)


def test_people_and_the_model(review: Review) -> None:
    decide(review, "Ann", ANN)
    list(work(review, "abstract", asked(), way=ScreeningMethod()))
    review.set_rule(A, Rule(RuleKind.ONE))
    (one,) = compare_all(review, A).model
    (measured,) = compare_variants(review, A).results
    counts, table = measured.confusion, one.agreement.counts
    assert (one.reviewer, one.model, one.maybe) == ("Ann", str(measured.variant), 1)
    assert one.agreement.cases == counts.records == 9
    assert table[IN] == {IN: counts.kept_included, OUT: counts.dropped_included}
    assert table[OUT] == {IN: counts.kept_excluded, OUT: counts.dropped_excluded}
    assert one.agreement.kappa == counts.kappa
    said = told(compare_all(review, A))
    assert "Ann and the model" in said and "1 more that Ann called maybe are left out." in said
    assert "people judge no criteria by themselves" in said and "not independent of it" in said


def test_reports_are_json(review: Review) -> None:
    decide(review, "Ann", ANN)
    decide(review, "Ben", BEN)
    said = json.loads(json.dumps(dataclasses.asdict(compare_all(review, A))))
    assert said["people"][0]["agreement"]["counts"]["include"] == {"include": 2, "exclude": 1, "maybe": 1}


@pytest.mark.parametrize(
    "damage",
    [
        *("SET said = '{' WHERE kind = 'decide' AND reviewer = 'Ben'", "SET said = '{}' WHERE reviewer = 'Ben'"),
        *("SET record_id = NULL WHERE reviewer = 'Ben'", "SET subject = '[]' WHERE kind IN ('revoke', 'rule')"),
        "SET subject = 'no JSON' WHERE kind IN ('decide', 'rule')",
    ],
)
def test_acts_that_cannot_be_read_are_left_out_and_named(review: Review, damage: str) -> None:
    decide(review, "Ann", ANN)
    decide(review, "Ben", BEN)
    review.close()
    connection = sqlite3.connect(review.path)
    connection.execute("DROP TRIGGER act_keep")
    connection.execute(f"UPDATE act {damage}")
    connection.commit()
    connection.close()
    with Review.read(review.path) as opened:
        compare_all(opened, A)
        assert any(named.startswith("act ") for named in opened.unreadable())
