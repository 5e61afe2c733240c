"""Verifying extracted values on the command line."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from leads_local.records import ExtractedValue
from leads_local.review.review import Review
from leads_local.review.store import values

from .conftest import Done

Leads = Callable[..., Done]
ANNA = ("--reviewer", "Anna")


@pytest.fixture
def extracted(review: Path) -> Path:
    with Review.open(review) as opened, opened.db.transaction():
        values.add(opened.db, 3, None, None, ExtractedValue("characteristics", "Age", "54 [b]y[/b]"), current=True)  # type: ignore[arg-type]
    return review


def test_a_value_is_verified_by_the_number_that_show_tells(leads: Leads, extracted: Path) -> None:
    shown = leads("show", extracted, 3).out
    found = re.search(r"^Value (\d+): characteristics, Age, value: 54 \[b\]y\[/b\] \(proposed\)$", shown, re.M)
    assert found is not None, shown
    number = found[1]
    for said, told in (
        (("accept",), "54 [b]y[/b] (accepted by Anna)"),
        (("edit", "54.2 years", "--note", "table 1"), "54.2 years (edited by Anna)"),
        (("reject",), "– (rejected by Anna)"),
        (("back",), "54 [b]y[/b] (proposed)"),
    ):
        done = leads("verify", extracted, number, *said, *ANNA)
        assert (done.code, done.out) == (0, f"Record 3: Value {number}: characteristics, Age, value: {told}\n")
    assert leads("undo", extracted, *ANNA).out == "Undone: Age: proposed on record 3 by Anna.\n"
    assert "(rejected by Anna)" in leads("show", extracted, 3).out


def test_what_cannot_be_is_one_sentence(leads: Leads, extracted: Path) -> None:
    for wrong, told in (
        (("1", "edit"), "verify edit needs a text."),
        (("1", "accept", "54"), "verify accept has no text."),
        (("99", "accept"), "there is no value 99."),
        (("1", "maybe"), "'maybe' is not one of"),
    ):
        done = leads("verify", extracted, *wrong)
        assert done.code == 2
        assert told in done.err


def test_status_counts_what_is_to_be_checked(leads: Leads, extracted: Path) -> None:
    assert "nobody has looked at" not in leads("status", extracted).out
    leads("decide", extracted, 3, "include")
    row = next(line for line in leads("status", extracted).out.splitlines() if "nobody has looked at" in line)
    assert row.split()[-1] == "1"
    leads("verify", extracted, 1, "accept")
    assert "nobody has looked at" not in leads("status", extracted).out
