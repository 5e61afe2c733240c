"""Searching finds what a reader would call the same words, and what the command line finds, in the order of the
list."""

from pathlib import Path

import pytest

from leads_local.app.conditions import parse_term
from leads_local.errors import InputError
from leads_local.records import Stage
from leads_local.review.outcomes import Rule, RuleKind
from leads_local.review.review import Review
from leads_local.tui import searching

A = Stage.ABSTRACT


@pytest.mark.parametrize(
    ("term", "title"),
    [
        ("etude", "Étude du sommeil"),
        ("SLEEP walking", "Walking and sleep"),
        ("strasse", "Straße"),
        ("[red]", "[red]x[/]"),
        ("", "anything"),
    ],
)
def test_matches(term: str, title: str) -> None:
    assert searching.matches(term, title)
    assert not searching.matches(term + " qqq", title)


@pytest.mark.parametrize(
    ("term", "conditions", "texts"),
    [
        ("walking knees", [], ["walking", "knees"]),
        ('"walking knees" year<2010', ["year<2010"], ["walking knees"]),
        ('title~"knee pain" !high #rct', ["title~knee pain"], ["!high", "#rct"]),
        ("tag=rct duplicates>0 note~ask", ["tag=rct", "duplicates>0", "note~ask"], []),
        ("all maybe included", [], ["all", "maybe", "included"]),
        ("a=b p<0.05", [], ["a=b", "p<0.05"]),
        ('"open', [], ["open"]),
        ('  ""  ', [], []),
    ],
)
def test_what_is_typed(term: str, conditions: list[str], texts: list[str]) -> None:
    assert parse_term(term) == (conditions, texts)


def search(path: Path, term: str, reviewer: str = "Kim", among: list[int] | None = None) -> list[int]:
    ids = list(range(20, 0, -1)) if among is None else among
    return searching.search_file(path, ids, term, A, reviewer, lambda: False)


def test_it_finds_what_the_command_finds_in_the_order_of_the_list(review_path: Path) -> None:
    with Review.open(review_path) as review:
        review.acting = "Ann"
        review.set_tags(3, ["pilot"])
        review.set_tags(9, ["pilot"])
        review.set_note(5, "ask the authors")
    assert search(review_path, "trial walking") == list(range(20, 8, -1))
    assert search(review_path, '"walking and sleep"') == list(range(20, 8, -1))
    assert search(review_path, "ASK authors") == [5]
    assert search(review_path, "randomised") == list(range(20, 0, -1)), "the abstract, too"
    assert search(review_path, "title~randomised") == []
    assert search(review_path, "#pilot") == search(review_path, "tag=pilot") == [9, 3]
    assert search(review_path, "#pilot trial") == [9]
    assert search(review_path, "year<1993", among=[1, 4, 2]) == [1, 2]
    with pytest.raises(InputError, match="no import of this review is called so"):
        search(review_path, "source=other.ris")


def test_what_one_may_not_read_is_not_found(review_path: Path) -> None:
    with Review.open(review_path) as review:
        review.set_rule(A, Rule(RuleKind.TWO))
        review.set_note(5, "secret", "Ann")
    assert (search(review_path, "secret", "Kim"), search(review_path, "secret", "Ann")) == ([], [5])
    assert (search(review_path, "note~secret", "Kim"), search(review_path, "note~secret", "Ann")) == ([], [5])


def test_it_stops_when_told(review_path: Path) -> None:
    assert searching.search_file(review_path, [1, 2], "randomised", A, "Kim", lambda: True) == []
