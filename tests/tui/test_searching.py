"""Searching finds what a reader would call the same words, and what the command line finds, in the order of the
list."""

import threading
from pathlib import Path

import pytest

from leads_local.app.conditions import parse_term
from leads_local.errors import InputError
from leads_local.records import Stage
from leads_local.review.annotations import Field
from leads_local.review.outcomes import Rule, RuleKind
from leads_local.review.review import Review
from leads_local.tui import searching
from tests.patience import patience

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
    with Review.read(path) as review:
        return searching.search(review, searching.Search(term, ids, A, reviewer))


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
    with Review.read(review_path) as review:
        assert searching.search(review, searching.Search("randomised", [1, 2], A, "Kim"), lambda: True) == []


@pytest.mark.parametrize("end", ["year<", "title~", "#", "!hi", "source="])
def test_what_is_not_finished_yet_says_nothing(review_path: Path, end: str) -> None:
    with Review.read(review_path) as review:
        typed = searching.Search(f"trial walking {end}", list(range(1, 21)), A, "Kim", typing=True)
        assert len(searching.search(review, typed)) == 12


def test_each_search_is_answered_but_those_that_another_follows(review_path: Path) -> None:
    answered = list[tuple[str, list[int]]]()
    failed, done = list[str](), threading.Semaphore(0)

    def found(wanted: searching.Search, ids: list[int]) -> None:
        answered.append((wanted.term, ids))
        done.release()

    def fails(wanted: searching.Search, error: Exception) -> None:
        failed.append(f"{wanted.term}: {error}")
        done.release()

    searcher = searching.Searcher(review_path, found, lambda progress: None, fails)
    try:
        for term in ("source=other.ris", "title~walking"):
            searcher.ask(searching.Search(term, [3, 9], A, "Kim"))
            assert done.acquire(timeout=patience(20))
        assert [term for term, _ in answered] == ["title~walking"]
        assert failed[0].startswith("source=other.ris: other.ris: no import")
        searcher.close()
        searcher.ask(searching.Search("randomised", [3, 9], A, "Kim"))
        assert done.acquire(timeout=patience(20))
        assert answered[-1] == ("randomised", [3, 9])
    finally:
        searcher.close()


def test_a_year_is_the_corrected_one(review_path: Path) -> None:
    with Review.open(review_path) as review:
        review.acting = "Ann"
        review.correct(4, Field.YEAR, "1950")
        review.correct(5, Field.YEAR, "")
    assert search(review_path, "year<1960") == [4]
    assert 5 not in search(review_path, "year>0") and 6 in search(review_path, "year>0")
