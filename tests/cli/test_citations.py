"""Imports from the command line: every record counted, every unusable file named, the rest goes on."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from leads_local.errors import ReviewError
from leads_local.review.review import Review

from .conftest import Done

Leads = Callable[..., Done]


def test_a_bad_file_does_not_stop_the_others(leads: Leads, review: Path, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text("title,year\nOne more,2020\n")
    bad.write_text("colour,size\nred,1\n")
    done = leads("import", review, bad, tmp_path / "missing.ris", good)
    assert done.code == 1
    assert "bad.csv" in done.err
    assert "title" in done.err
    assert "missing.ris" in done.err
    assert "1 records read" in done.out


def test_importing_twice_adds_nothing_and_says_so(leads: Leads, review: Path, citations: Path) -> None:
    done = leads("import", review, citations)
    assert done.code == 0
    assert "imported before" in done.err
    assert json.loads(leads("status", review, "--json").out)["counts"]["identified"] == 3


def test_dedupe_reports_groups(leads: Leads, review: Path) -> None:
    assert json.loads(leads("dedupe", review, "--json").out)["duplicates"] == 1
    assert "1 groups" in leads("dedupe", review).out


def test_json_lists_every_file(leads: Leads, review: Path, tmp_path: Path) -> None:
    done = leads("import", review, tmp_path / "missing.ris", "--json")
    assert "missing.ris" in json.loads(done.out)[0]["path"]


def test_the_exit_code_is_two_when_no_file_could_be_read(leads: Leads, review: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("colour,size\nred,1\n")
    assert leads("import", review, bad).code == 2
    assert leads("import", review, bad, tmp_path / "missing.ris", "--json").code == 2


def test_what_is_wrong_with_the_review_ends_the_import(
    leads: Leads, review: Path, citations: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_: object) -> None:
        raise ReviewError(f"{review} is in use by another program.")

    monkeypatch.setattr(Review, "import_file", locked)
    done = leads("import", review, citations, citations)
    assert done.code == 2
    assert done.err.count("is in use") == 1


def test_control_characters_of_a_file_reach_no_terminal(leads: Leads, review: Path, tmp_path: Path) -> None:
    file = tmp_path / "odd.ris"
    file.write_text("TY  - JOUR\nTI  - Knees\nPY  - \x1b[31m99\nER  - \n")
    done = leads("import", review, file)
    assert "can't be read as a year" in done.err
    assert "\x1b" not in done.err
