"""Decisions of other tools on the command line: shown first, taken when told to."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Done

Leads = Callable[..., Done]
EXPORT = """title,doi,notes,Bo
Walking for knees,10.5555/walk.1,"RAYYAN-INCLUSION: {""Anna""=>""Included""} | RAYYAN-LABELS: RCT",no
Walking for cats,10.5555/cats,"RAYYAN-INCLUSION: {""Anna""=>""Excluded""}",yes
"""


@pytest.fixture
def export(tmp_path: Path) -> Path:
    file = tmp_path / "rayyan.csv"
    file.write_text(EXPORT, encoding="utf-8")
    return file


def test_decisions_are_shown_then_taken_then_undone(leads: Leads, review: Path, export: Path) -> None:
    leads("dedupe", review)
    done = leads("decisions", review, export)
    assert done.code == 1, "one of its records is not in the review"
    assert "2 of 2 records say something; 1 are reports of the review." in done.out
    assert "- abstract stage, Anna: include 1, exclude 0, maybe 0" in done.out and "tags: RCT 1" in done.out
    assert "Walking for cats" in done.err and "--take" in done.err
    assert "Anna" not in leads("show", review, "1").out
    assert "Taken: 1 decision, 1 tag, 0 notes." in leads("decisions", review, export, "--take", "--reviewer", "Kim").out
    assert "- Anna: include" in leads("show", review, "1").out
    assert "taking of 1 decision out of rayyan.csv" in leads("undo", review, "--reviewer", "Kim").out
    assert "- Anna: include" not in leads("show", review, "1").out
    assert leads("check", review).code == 0


def test_an_import_says_that_it_holds_decisions(leads: Leads, review: Path, export: Path) -> None:
    done = leads("import", review, export)
    assert "decisions, labels or notes of Rayyan" in done.err and "`leads-local decisions" in done.err
    assert "Anna: include 1, exclude 1" in leads("decisions", review, "2").out
    (told,) = json.loads(leads("import", review, export, "--json").out)
    assert told["tells"] == ["Rayyan"]


def test_a_column_is_named_and_its_labels_explained(leads: Leads, review: Path, export: Path) -> None:
    leads("import", review, export)
    done = leads("decisions", review, "2", "--column", "Bo=Bo Li", "--label", "no=maybe", "--json")
    told = json.loads(done.out)
    assert [(one["reviewer"], one["choice"]) for one in told["decisions"]] == [("Bo Li", "maybe"), ("Bo Li", "include")]
    assert told["taken"] is None
    done = leads("decisions", review, "1")
    assert "no decisions are found" in done.out and "--column" in done.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--label", "no"], "LABEL=CHOICE"),
        (["--label", "no=never"], "include, exclude, maybe, nothing"),
        (["--reviewer-name", "Anna"], "NAME THERE=NAME HERE"),
        (["--column", "Bo"], "No record says anything in a column Bo. Its columns are: none"),
    ],
)
def test_what_makes_no_sense_is_one_sentence(leads: Leads, review: Path, arguments: list[str], said: str) -> None:
    done = leads("decisions", review, "1", *arguments)
    assert done.code == 2 and said in done.err


def test_records_go_out_for_another_program(leads: Leads, review: Path, tmp_path: Path) -> None:
    leads("decide", review, "1", "include", "--reviewer", "Kim")
    out = tmp_path / "rayyan.ris"
    done = leads("export", review, "--records", out, "--for", "rayyan", "--only", "included")
    assert done.out == f"1 record written to {out}, with 1 decision.\n" and done.code == 0
    assert 'RAYYAN-INCLUSION: {"Kim"=>"Included"}' in out.read_text(encoding="utf-8")
    assert leads("export", review, "--records", out).code == 2
    assert leads("export", review, "--records", out, "--replace", "--where", "title~knees").code == 0
    assert out.read_text(encoding="utf-8").count("TY  -") == 2
    assert "No record is meant" in leads("export", review, "--records", tmp_path / "b.csv", "--tag", "none").err
    assert "Where to?" in leads("export", review).err


def test_duplicates_that_stand_behind_are_told(leads: Leads, review: Path, tmp_path: Path) -> None:
    leads("dedupe", review)
    done = leads("export", review, "--records", tmp_path / "all.ris")
    assert done.out.startswith("2 records written") and "1 duplicate of theirs left out." in done.err


def test_what_others_decided_is_in_no_file_before_ones_own(leads: Leads, review: Path, tmp_path: Path) -> None:
    leads("rule", review, "--rule", "two")
    leads("decide", review, "1", "include", "--reviewer", "Kim")
    out = tmp_path / "a.ris"
    assert "--unblind" in leads("export", review, "--records", out, "--reviewer", "Ann").err and not out.exists()
    assert leads("export", review, "--records", out, "--where", "title~hips", "--reviewer", "Ann").code == 0
    assert leads("export", review, "--records", out, "--replace", "--unblind", "--reviewer", "Ann").code == 0
