"""`merge` says what came from whom, and what is to be looked at."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

from tests.cli.conftest import Done

Leads = Callable[..., Done]


def test_a_copy_is_merged_and_told_in_words(leads: Leads, review: Path, tmp_path: Path) -> None:
    theirs = Path(shutil.copy(review, tmp_path / "ben.leads"))
    assert leads("decide", review, 3, "exclude", "--reviewer", "Ann").code == 0
    for record, choice in ((1, "include"), (3, "include")):
        assert leads("decide", theirs, record, choice, "--reviewer", "Ben").code == 0
    done = leads("merge", review, theirs)
    assert done.code == 1, "a conflict is to be looked at"
    assert "0 records, 0 PDFs, 0 answers of the model and 2 acts of people came." in done.out
    assert "From Ben: 2 decisions.\n" in done.out
    assert "The reviewers differ on 1 report more by that:\n3: Diet for hips (abstract stage)" in done.err
    assert "before-merge" in done.err
    again = leads("merge", review, theirs)
    assert (again.code, again.err) == (0, "")
    assert again.out == f"{theirs}: nothing in it was new.\n"


def test_it_is_told_to_programs(leads: Leads, review: Path, tmp_path: Path) -> None:
    theirs = Path(shutil.copy(review, tmp_path / "ben.leads"))
    leads("decide", theirs, 1, "include", "--reviewer", "Ben")
    told = json.loads(leads("merge", review, theirs, "--json").out)
    (report,) = told["reports"]
    assert (report["acts"], report["conflicts"], report["reviewers"][0]["decisions"]) == (1, [], 1)
    assert Path(told["kept"]).exists()
    assert json.loads(leads("merge", review, theirs, "--json").out)["kept"] is None


def test_another_review_is_refused_in_a_sentence(leads: Leads, review: Path, tmp_path: Path) -> None:
    assert leads("init", tmp_path / "x.leads", "--population", "adults").code == 0
    done = leads("merge", review, tmp_path / "x.leads")
    assert done.code == 2 and "is another review than" in done.err and done.out == ""
