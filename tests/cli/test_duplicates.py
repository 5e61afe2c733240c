"""`dedupe`: groups, what may be one report with both records' fields, and what a person says of two records."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from leads_local.records import Choice, Stage
from leads_local.review.review import Review
from tests.cli.conftest import Done

Leads = Callable[..., Done]

TWO = """TY  - JOUR
TI  - Gait training with music after stroke in adults
AU  - Okoye, Ada
PY  - 2014
JO  - Journal of Invented Trials
ER  -

TY  - JOUR
TI  - Gait training with music after stroke in adults
AU  - Okoye, Ada
PY  - 2017
JO  - Journal of Invented Trials
ER  -
"""


@pytest.fixture
def unsure(leads: Leads, review: Path, tmp_path: Path) -> Path:
    """Records 4 and 5 may be one report."""
    (file := tmp_path / "two.ris").write_text(TWO, encoding="utf-8")
    leads("import", review, file)
    return review


def test_what_may_be_one_report_is_told_and_listed_side_by_side(leads: Leads, unsure: Path) -> None:
    done = leads("dedupe", unsure)
    assert done.code == 0 and "5 records: 1 duplicate in 1 group" in done.out
    assert "1 pair of records may be one report, and you have to say" in done.err
    listed = leads("dedupe", unsure, "--list")
    assert (
        "One report? 4 and 5: same title; first author, journal agree; but the years differ (2014, 2017)" in listed.out
    )
    assert "≠ year: 2014 | 2017\n" in listed.out
    assert "- authors: Okoye, Ada\n" in listed.out
    assert "One report: 1, 2: Walking for knees\n- because: same DOI 10.5555/walk.1\n" in listed.out
    assert listed.out.endswith("1 group; 1 pair that may be one report.\n")
    assert "--join 3 17" in listed.err


def test_what_is_listed_for_a_program(leads: Leads, unsure: Path) -> None:
    leads("dedupe", unsure)
    told = json.loads(leads("dedupe", unsure, "--list", "--json").out)
    assert [(one["one"], one["other"]) for one in told["doubts"]] == [(4, 5)]
    (year,) = (field for field in told["doubts"][0]["fields"] if field["name"] == "year")
    assert year == {"name": "year", "one": "2014", "other": "2017", "differs": True}
    assert [group["records"] for group in told["groups"]] == [[1, 2]]


def test_a_pair_is_said_to_be_one_report_or_two_and_that_stays(leads: Leads, unsure: Path) -> None:
    leads("dedupe", unsure)
    assert (
        leads("dedupe", unsure, "--separate", 4, 5).out == "Record 4 is another report than record 5, and stays so.\n"
    )
    assert json.loads(leads("dedupe", unsure, "--json").out)["doubts"] == 0
    assert "it is another report than record 5" in leads("show", unsure, 4).out
    assert leads("dedupe", unsure, "--back", 4).out.startswith("Record 4 may be grouped again")
    assert json.loads(leads("dedupe", unsure, "--json").out)["doubts"] == 1
    assert leads("dedupe", unsure, "--join", 4, 5).out == "Records 4 and 5 are one report.\n"
    assert "One report: 4, 5: " in leads("dedupe", unsure, "--list").out
    assert leads("undo", unsure).out == "Undone: record 4 and another said to be one report by Tess Tester.\n"


def test_a_record_set_apart_stays_apart_until_it_may_be_grouped_again(leads: Leads, review: Path) -> None:
    leads("dedupe", review)
    assert leads("dedupe", review, "--separate", 2).out == "Record 2 is another report than record 1, and stays so.\n"
    assert json.loads(leads("dedupe", review, "--json").out)["groups"] == 0
    leads("dedupe", review, "--back", 2)
    assert json.loads(leads("dedupe", review, "--json").out)["groups"] == 1


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["1"], "What of these records?"),
        (["--list", "1"], "What of these records?"),
        (["--list", "--anew"], "--anew compares all records; --list does not."),
        (["--join", "1"], "--join takes two records"),
        (["--join", "1", "1"], "--join takes two records"),
        (["--join", "1", "2", "3"], "--join takes two records"),
        (["--separate"], "--separate needs the number of a record"),
        (["--back"], "--back needs the number of a record"),
        (["--back", "1", "2"], "--back takes one record"),
        (["--separate", "3"], "Record 3 is grouped with no other record."),
        (["--back", "3"], "Record 3 was not set apart"),
    ],
)
def test_what_makes_no_sense_is_refused(leads: Leads, review: Path, given: list[str], told: str) -> None:
    done = leads("dedupe", review, *given)
    assert done.code == 2 and told in done.err and done.out == ""


def test_groups_that_were_decided_differently_are_to_be_looked_at(leads: Leads, review: Path) -> None:
    with Review.open(review) as opened:
        opened.decide(1, Stage.ABSTRACT, Choice.INCLUDE, reviewer="Ann")
        opened.decide(2, Stage.ABSTRACT, Choice.EXCLUDE, reviewer="Ann")
    done = leads("dedupe", review)
    assert done.code == 1 and "1 group had been decided differently" in done.err
    assert "\n1: Walking for knees\n" in done.err
    assert leads("dedupe", review, "--json").code == 1
    listed = leads("conflicts", review, "--reviewer", "Ann")
    assert (
        listed.code == 1 and "its records had been decided differently before they were known to be one" in listed.out
    )
    assert "1: Walking for knees (2019): not decided" in leads("find", review, "Walking").out
    leads("decide", review, 1, "include", "--reviewer", "Ann")
    assert leads("dedupe", review).code == 0


def test_what_is_joined_and_was_decided_differently_is_to_be_looked_at(leads: Leads, review: Path) -> None:
    leads("dedupe", review)
    leads("decide", review, 1, "include", "--reviewer", "Ann")
    leads("decide", review, 3, "exclude", "--reviewer", "Bob")
    assert leads("dedupe", review).code == 0, "nothing is in one group yet"
    done = leads("dedupe", review, "--join", 1, 3)
    assert done.code == 1 and "1 group had been decided differently" in done.err
    assert leads("conflicts", review, "--reviewer", "Ann").code == 1
