"""Imports from the command line: listed with their counts, a wrong one taken out and had back."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Done

Leads = Callable[..., Done]


def test_imports_are_listed_withdrawn_and_had_back(leads: Leads, review: Path, citations: Path) -> None:
    leads("dedupe", review)
    done = leads("sources", review)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("1: some.ris: 3 records (ris, 20") and "1 of them duplicates." in done.out
    done = leads("sources", review, "--withdraw", "some.ris", "--reason", "a wrong search", "--reviewer", "Ann")
    assert done.out == "some.ris is withdrawn with its 3 records. The review has 0 now.\n"
    assert "undo brings all back" in done.err
    assert "Withdrawn by Ann on 20" in leads("sources", review).out
    (told,) = json.loads(leads("sources", review, "--json").out)
    assert (told["withdrawn"], told["reason"], told["records"]) == (True, "a wrong search", 3)
    done = leads("import", review, citations)
    assert done.code == 2 and "withdrawn" in done.err and "--back" in done.err
    assert "undone: withdrawal of some.ris" in leads("undo", review, "--reviewer", "Ann").out.lower()
    leads("sources", review, "--withdraw", "1")
    done = leads("sources", review, "--back", "1")
    assert done.out == "some.ris is back with its 3 records. The review has 3 now.\n"
    assert leads("check", review).code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--withdraw", "2"], "2: no import of this review is called so. Name it by its number"),
        (["--withdraw", "1", "--back", "1"], "can't be given together"),
        (["--reason", "x"], "Give it with --withdraw"),
        (["--back", "1"], "it was not withdrawn"),
    ],
)
def test_what_makes_no_sense_is_one_sentence(leads: Leads, review: Path, arguments: list[str], said: str) -> None:
    done = leads("sources", review, *arguments)
    assert done.code == 2
    assert said in done.err


def test_a_review_without_imports(leads: Leads, tmp_path: Path) -> None:
    assert leads("init", tmp_path / "new.leads", "--population", "adults").code == 0
    assert leads("sources", tmp_path / "new.leads").out == "Nothing has been imported yet.\n"
