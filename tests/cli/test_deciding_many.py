"""Many decisions at once on the command line: which are meant, the look before, one undo."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from leads_local.records import Choice, Stage
from leads_local.review.review import Review
from tests.terminal import LEADS, Terminal

from .conftest import Done

Leads = Callable[..., Done]
A = Stage.ABSTRACT


def choices(review: Path) -> dict[int, Choice]:
    with Review.read(review) as opened:
        views = [opened.record(record) for record in opened.record_ids(A)]
        return {view.id: view.decisions[A].choice for view in views if A in view.decisions}


def test_the_title_of_a_single_record_is_echoed(leads: Leads, review: Path) -> None:
    done = leads("decide", review, 3, "exclude")
    assert done.out == "Record 3 (“Diet for hips”): exclude at the abstract stage, decided by Tess Tester.\n"
    assert done.err == ""


def test_several_are_shown_decided_as_one_and_taken_back_by_one_undo(leads: Leads, review: Path) -> None:
    leads("decide", review, 3, "maybe")
    done = leads("decide", review, 1, 2, 3, "exclude", "--reason", "animals", "--yes")
    assert done.code == 0
    assert done.err.splitlines() == [
        "You have decided 1 of these before (maybe 1): that is replaced.",
        "3 records at the abstract stage:",
        *("1: Walking for knees", "2: Walking for knees", "3: Diet for hips"),
        "`undo` takes all of them back.",
    ]
    assert done.out == "3 records: exclude at the abstract stage, decided by Tess Tester.\n"
    assert choices(review) == dict.fromkeys([1, 2, 3], Choice.EXCLUDE)
    assert leads("undo", review).out.count("Undone: exclude on record") == 3
    assert choices(review) == {3: Choice.MAYBE}


def test_a_script_has_to_say_yes(leads: Leads, review: Path) -> None:
    done = leads("decide", review, 1, 3, "exclude")
    assert done.code == 2
    assert "1: Walking for knees" in done.err
    assert "2 records would be decided at once, which needs --yes in a script. Nothing was done." in done.err
    assert choices(review) == {}


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("3", {3}),
        ("https://doi.org/10.5555/WALK.1", {1}),
        ("doi:10.5555/walk.1", {1}),
        ("PMID 7654321", {3}),
        ("https://pubmed.ncbi.nlm.nih.gov/7654321/", {3}),
        ("Diét for  HIPS.", {3}),
        ("\ufeffDiet for hips", {3}),
    ],
)
def test_a_file_names_records(leads: Leads, review: Path, tmp_path: Path, line: str, meant: set[int]) -> None:
    leads("dedupe", review)
    names = tmp_path / "names.txt"
    names.write_text(f"\n{line}\r\n\n", encoding="utf-8")
    if "7654321" in line:
        pubmed = tmp_path / "one.nbib"
        pubmed.write_text("PMID- 7654321\nTI  - Rest for backs\nDP  - 2001\n", encoding="utf-8")
        leads("import", review, pubmed)
        meant = {4}
    done = leads("decide", review, "include", "--from", names, "--yes")
    assert done.code == 0, done.err
    assert set(choices(review)) == meant


def test_what_a_file_names_must_be_known(leads: Leads, review: Path, tmp_path: Path) -> None:
    names = tmp_path / "names.txt"
    names.write_text("3\n99\nWalking for knees\n10.5555/none\n", encoding="utf-8")
    done = leads("decide", review, "exclude", "--from", names, "--yes")
    assert done.code == 2
    said = "3 names of no record, or of several, so nothing was done: "
    assert f"{said}99; Walking for knees (several: 1, 2); 10.5555/none." in done.err
    assert "--known" in done.err
    assert choices(review) == {}
    done = leads("decide", review, "exclude", "--from", names, "--yes", "--known")
    assert done.code == 0
    assert "Left out, no record or several: 99\n" in done.err
    assert choices(review) == {3: Choice.EXCLUDE}
    names.write_text("nothing of the kind\n", encoding="utf-8")
    done = leads("decide", review, "exclude", "--from", names, "--yes", "--known")
    assert (done.code, done.err.splitlines()[-1]) == (1, "No record is meant; nothing was decided.")
    names.write_bytes(b"\xff\xfe3\x00")
    assert f"{names} is no text in UTF-8." in leads("decide", review, "exclude", "--from", names, "--yes").err
    done = leads("decide", review, "exclude", "--from", tmp_path / "none.txt", "--yes")
    assert done.code == 2 and "none.txt" in done.err


@pytest.mark.parametrize(
    ("conditions", "meant"),
    [
        (["undecided"], {2, 3}),
        (["all"], {1, 2, 3}),
        (["included"], {1}),
        (["year<2020"], {1, 2}),
        (["year >= 2019", "undecided"], {2}),
        (["year=2019"], {1, 2}),
        (["year<2019"], set()),
        (["score<1"], set()),
        (["title ~ hips DIET"], {3}),
        (["tag=PILOT"], {1, 3}),
        (["tag = #pilot", "year=2019"], {1}),
        (["tag=pil"], set()),
        (["priority=high"], {3}),
        (["priority=low"], {2}),
        (["priority=normal"], {1}),
        (["note~AUTHORS ask"], {3}),
        (["note~secret"], {2}),
        (["source=some.ris"], {1, 2, 3}),
        (["source=1", "year=2019"], {1, 2}),
        (["duplicates>0"], set()),
        (["duplicates=0"], {1, 2, 3}),
        (["needs-look"], set()),
    ],
)
def test_conditions(leads: Leads, review: Path, conditions: list[str], meant: set[int]) -> None:
    for record in (1, 3):
        leads("tag", review, record, "Pilot")
    leads("priority", review, 3, "high")
    leads("priority", review, 2, "low")
    leads("note", review, 3, "Ask the authors")
    leads("note", review, 2, "secret", "--reviewer", "Ben")
    leads("decide", review, 1, "include", "--reviewer", "Ben")
    given = [part for condition in conditions for part in ("--where", condition)]
    done = leads("decide", review, "maybe", *given, "--yes")
    assert done.code == (0 if meant else 1), done.err
    with Review.read(review) as opened:
        own = {one for one in (1, 2, 3) for vote in opened.record(one).votes.get(A, ()) if vote.choice is Choice.MAYBE}
    assert own == meant


def test_a_note_that_one_may_not_read_is_not_found(leads: Leads, review: Path) -> None:
    leads("rule", review, "--rule", "two")
    leads("note", review, 2, "secret", "--reviewer", "Ben")
    for reviewer, meant in (("Ann", ""), ("Ben", "2: Walking for knees (2019): not decided\n")):
        assert leads("find", review, "--where", "note~secret", "--reviewer", reviewer).out == meant


def test_duplicates_and_what_is_unknown(leads: Leads, review: Path) -> None:
    leads("dedupe", review)
    assert leads("decide", review, "maybe", "--where", "duplicates>=1", "--yes").code == 0
    assert set(choices(review)) == {1}
    for condition, told in (
        ("priority=urgent", "'urgent' is no priority. Say one of high, low, normal."),
        ("source=other.ris", "other.ris: no import of this review is called so."),
    ):
        done = leads("decide", review, "exclude", "--where", condition, "--yes")
        assert done.code == 2 and told in done.err


@pytest.mark.parametrize("condition", ["year<x", "1=1", "year<2000; DROP TABLE act", "title~ ", "tag", "note~", ""])
def test_a_condition_that_says_nothing_is_refused(leads: Leads, review: Path, condition: str) -> None:
    done = leads("decide", review, "exclude", "--where", condition, "--yes")
    assert done.code == 2
    assert f"--where {condition.strip()!r} says nothing that can be looked up. Of all: all, undecided" in done.err
    assert choices(review) == {}


def test_records_are_meant_in_one_way(leads: Leads, review: Path) -> None:
    for given in ([], [1, "--where", "all"]):
        done = leads("decide", review, *given, "exclude", "--yes")
        assert done.code == 2 and "Which records?" in done.err
    assert choices(review) == {}


def test_what_does_not_hold_is_told_of_many(leads: Leads, review: Path) -> None:
    leads("decide", review, 1, "include", "--reviewer", "Ben")
    done = leads("decide", review, 1, 3, "exclude", "--yes")
    assert "Of 1 record: the reviewers differ, so nothing holds; `conflicts` lists them." in done.err


@pytest.mark.skipif(sys.platform == "win32", reason="a terminal of POSIX")
def test_at_a_terminal_one_is_asked_and_what_changed_meanwhile_is_not_replaced(review: Path) -> None:
    command = [*LEADS, "decide", review, "1", "3", "exclude", "--reviewer", "Ann"]

    def answer(key: str, meanwhile: Callable[[], object] = lambda: None) -> tuple[int | None, str]:
        with Terminal(command) as terminal:
            terminal.until(lambda: b"Decide exclude on all 2 records?" in terminal.seen)
            meanwhile()
            terminal.type(f"{key}\n")
            return terminal.ended(20.0), " ".join(terminal.seen.decode().split())

    def by_ben() -> None:
        with Review.open(review) as other:
            other.decide(3, A, Choice.INCLUDE, reviewer="Ben")

    assert answer("n")[0] == 0
    assert choices(review) == {}
    code, said = answer("y", by_ben)
    assert code == 2
    assert "Not as you saw it is record 3: Ben decided include. Nothing was stored." in said
    assert choices(review) == {3: Choice.INCLUDE}
    assert answer("y")[0] == 0
    assert choices(review) == {1: Choice.EXCLUDE}
