"""How far the reviewers agree, on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from .conftest import Done

Leads = Callable[..., Done]


def test_figures_and_counts_of_two_reviewers(leads: Leads, review: Path) -> None:
    nothing = leads("agreement", review)
    assert nothing.code == 0 and "No report has been decided by two reviewers yet." in nothing.out
    leads("rule", review, "--rule", "two")
    for record, ann, ben in ((1, "include", "include"), (3, "exclude", "include")):
        leads("decide", review, record, ann, "--reviewer", "Ann")
        leads("decide", review, record, ben, "--reviewer", "Ben")
    leads("decide", review, 3, "include", "--reviewer", "Ann")
    done = leads("agreement", review)
    assert done.code == 0
    assert "raw agreement                    0.500   0.095 to  0.905  of 2" in done.out
    assert "Cohen’s kappa                    0.000" in done.out
    assert "agreement on exclude (negative)  0.000   0.000 to  0.885  of 1" in done.out
    assert "agreement on maybe                   –                    of 0" in done.out
    assert "Agreement at the fulltext stage" in leads("agreement", review, "--stage", "fulltext").out


def test_as_json_undefined_is_null(leads: Leads, review: Path) -> None:
    for reviewer in ("Ann", "Ben"):
        leads("decide", review, 1, "include", "--reviewer", reviewer)
    found = json.loads(leads("agreement", review, "--json").out)
    assert (found["stage"], found["reviewers"], found["alpha"], found["model"]) == (
        "abstract",
        ["Ann", "Ben"],
        None,
        [],
    )
    (two,) = found["people"]
    assert (two["one"], two["other"], two["seen"], two["late"]) == ("Ann", "Ben", 1, 0)
    assert two["agreement"]["counts"]["include"] == {"include": 1, "exclude": 0, "maybe": 0}
    assert two["agreement"]["raw"]["value"] == 1
    for figure in ("kappa", "pabak", "ac1"):
        assert two["agreement"][figure] == {"value": None, "low": None, "high": None, "of": 1}
