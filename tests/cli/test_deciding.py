"""Several reviewers on the command line: conflicts, adjudication, rules, undo and redo."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Done

Leads = Callable[..., Done]


def test_two_reviewers_and_an_adjudicator(leads: Leads, review: Path) -> None:
    assert leads("decide", review, 1, "include", "--reviewer", "Anna").code == 0
    done = leads("decide", review, 1, "exclude", "--reason", "a pilot", "--reviewer", "Ben")
    assert "decided by Ben" in done.out
    assert "The reviewers differ (Anna include and Ben exclude): nothing holds" in done.err
    counts = json.loads(leads("status", review, "--json").out)["counts"]
    assert (counts["screened"], counts["unscreened"], counts["conflicts"]) == (0, 3, 1)

    listed = leads("conflicts", review)
    assert listed.code == 1, "something to look at"
    assert "1: Walking for knees: Anna: include; Ben: exclude (a pilot)" in listed.out
    (told,) = json.loads(leads("conflicts", review, "--json").out)
    assert [(vote["reviewer"], vote["choice"]) for vote in told["votes"]] == [("Anna", "include"), ("Ben", "exclude")]

    settled = leads("adjudicate", review, 1, "exclude", "--reason", "a pilot", "--reviewer", "Cem")
    assert settled.out == "Record 1: adjudicated as exclude at the abstract stage by Cem.\n"
    assert leads("conflicts", review).code == 0
    assert leads("undo", review, "--reviewer", "Cem").out.startswith("Undone: adjudication exclude on record 1")
    assert leads("conflicts", review).code == 1
    assert leads("redo", review, "--reviewer", "Cem").out.startswith("Redone: adjudication exclude on record 1")
    assert leads("conflicts", review).code == 0


def test_conflicts_tell_nothing_of_what_somebody_has_yet_to_decide(leads: Leads, review: Path) -> None:
    leads("rule", review, "--rule", "two")
    leads("decide", review, 1, "include", "--reviewer", "Anna")
    leads("decide", review, 1, "exclude", "--reason", "a pilot", "--reviewer", "Ben")
    before = [leads("conflicts", review, *form, "--reviewer", "Cem") for form in ((), ("--json",))]
    assert "Ben: exclude (a pilot)" in before[0].out, "who settles it has to know"
    leads("decide", review, 3, "exclude", "--reviewer", "Anna")
    assert [leads("conflicts", review, *form, "--reviewer", "Cem") for form in ((), ("--json",))] == before


def test_an_export_that_would_unblind_is_refused_unless_one_says_so(leads: Leads, review: Path, tmp_path: Path) -> None:
    def export(who: str, *more: str) -> Done:
        return leads("export", review, "--to", tmp_path / "out", "--reviewer", who, *more)

    leads("rule", review, "--rule", "two")
    assert export("Ben").code == 0
    page = (tmp_path / "out" / "README.txt").read_text(encoding="utf-8")
    assert "Screening was not finished" not in page
    leads("decide", review, 3, "exclude", "--reviewer", "Anna")
    done = export("Ben")
    assert done.code == 2
    told = "An export tells what others decided and noted on 1 report that Ben has yet to decide without knowing of it."
    assert f"{told} Decide them first, or export with --unblind." in done.err
    assert (tmp_path / "out" / "README.txt").read_text(encoding="utf-8") == page, "nothing is written"
    assert export("Anna").code == 0
    page = " ".join((tmp_path / "out" / "README.txt").read_text(encoding="utf-8").split())
    assert "Screening was not finished: reports that waited for a second reviewer, 1 by title and abstract." in page
    assert export("Ben", "--unblind").code == 0
    leads("undo", review, "--reviewer", "Anna")
    assert export("Ben").code == 2, "what she took back is in the log"
    leads("decide", review, 3, "exclude", "--reviewer", "Anna")
    leads("decide", review, 3, "include", "--reviewer", "Ben")
    assert (export("Ben").code, export("Cem").code) == (0, 0), "a conflict is everybody's"
    leads("note", review, 1, "a pilot?", "--reviewer", "Anna")
    assert (export("Ben").code, export("Anna").code) == (2, 0), "a note tells, too"


def test_a_reviewer_who_thinks_again_ends_the_conflict(leads: Leads, review: Path) -> None:
    leads("decide", review, 1, "include", "--reviewer", "Anna")
    leads("decide", review, 1, "exclude", "--reviewer", "Ben")
    done = leads("decide", review, 1, "include", "--reviewer", "Ben")
    assert done.err == ""
    assert leads("conflicts", review).code == 0


def test_rules_are_shown_and_set(leads: Leads, review: Path) -> None:
    assert leads("rule", review).out == "abstract: one reviewer decides\nfulltext: one reviewer decides\n"
    assert leads("rule", review, "--stage", "abstract", "--rule", "two").code == 0
    assert "abstract: two reviewers must agree" in leads("rule", review).out
    done = leads("decide", review, 3, "exclude", "--reviewer", "Anna")
    assert "A second reviewer has to decide it (Anna exclude)." in done.err
    assert leads("conflicts", review, "--reviewer", "Anna").err == "Waiting for a second reviewer: 1 report.\n"
    assert leads("conflicts", review, "--reviewer", "Ben").err == "", "of what she decided he is told nothing"
    leads("rule", review, "--rule", "share", "--share", "0.2")
    assert "two reviewers decide 20% of the reports, one the others" in leads("rule", review).out


@pytest.mark.parametrize("given", [["--rule", "share"], ["--rule", "two", "--share", "0.5"], ["--rule", "three"]])
def test_a_rule_that_is_none_is_refused(leads: Leads, review: Path, given: list[str]) -> None:
    assert leads("rule", review, *given).code == 2
    assert leads("rule", review).out.startswith("abstract: one reviewer decides")


def test_undo_and_redo_of_anything(leads: Leads, review: Path) -> None:
    leads("dedupe", review)
    leads("dedupe", review, "--separate", 2)
    assert leads("undo", review).out == "Undone: record 1 and another said to be two reports by Tess Tester.\n"
    assert leads("undo", review).out == "Undone: grouping of 1 report with duplicates.\n"
    assert leads("redo", review).out == "Redone: grouping of 1 report with duplicates.\n"
    assert leads("redo", review).out == "Redone: record 1 and another said to be two reports by Tess Tester.\n"
    assert leads("redo", review).code == 1


def test_there_is_nothing_to_undo(leads: Leads, review: Path) -> None:
    done = leads("undo", review, "--reviewer", "Nobody")
    assert (done.code, done.err) == (1, "There is nothing to undo.\n")
    done = leads("redo", review, "--reviewer", "Nobody")
    assert (done.code, done.err) == (1, "There is nothing to redo.\n")
