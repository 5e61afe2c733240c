"""Criteria as people write them, on the command line and in a form."""

from __future__ import annotations

import pytest

from leads_local.app import criteria
from leads_local.errors import InputError
from leads_local.records import Criterion, Question


@pytest.mark.parametrize(
    ("text", "marks", "expected"),
    [
        ("Design=trial: randomised", criteria.OPTION_MARKS, ("Design", "trial: randomised")),
        ("Design : trial", criteria.OPTION_MARKS, ("Design", "trial")),
        ("a:b=c=d", criteria.OPTION_MARKS, ("a:b", "c=d")),
        ("a=b: c: d", criteria.LINE_MARKS, ("a=b", "c: d")),
        ("Design=trial", criteria.LINE_MARKS, ("Design", "trial")),
    ],
)
def test_the_own_mark_comes_first_and_the_other_is_taken_too(text: str, marks: str, expected: tuple[str, str]) -> None:
    found = criteria.parse_criterion(text, marks)
    assert (found.name, found.text) == expected


@pytest.mark.parametrize("text", ["no mark", "=x", "x=", " = ", ":"])
def test_what_is_no_criterion_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="is not NAME=TEXT"):
        criteria.parse_criterion(text)


def test_what_a_review_holds_comes_back_from_the_form_as_it_was() -> None:
    held = [Criterion("PaO2:FiO2", "at\nleast  200", 4), Criterion("a=b", "c: d", 5), Criterion("Design", "trial", 6)]
    assert criteria.parse_criteria(criteria.format_criteria(held), held) == held


def test_a_review_asks_something() -> None:
    criteria.require_criterion(Question(outcome="pain"), [])
    criteria.require_criterion(Question(), [Criterion("Design", "trial")])
    with pytest.raises(InputError):
        criteria.require_criterion(Question(title="t", population=" "), [])


def test_criteria_are_lines_with_a_name() -> None:
    found = criteria.parse_criteria("Design: randomised: yes\n\n  Language :English ")
    assert [(c.name, c.text) for c in found] == [("Design", "randomised: yes"), ("Language", "English")]
    assert criteria.parse_criteria(criteria.format_criteria(found)) == found


@pytest.mark.parametrize("text", ["no colon", "ok: fine\n: no name", "no text:"])
def test_a_line_that_is_no_criterion_is_named(text: str) -> None:
    with pytest.raises(InputError, match=f"Line {len(text.splitlines())}"):
        criteria.parse_criteria(text)
