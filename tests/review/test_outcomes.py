"""What holds of several reviewers' decisions, by each rule."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads_local.records import Choice
from leads_local.review.outcomes import OutcomeState, Rule, RuleKind, Vote, derive, is_drawn

IN, EX, MB = Choice.INCLUDE, Choice.EXCLUDE, Choice.MAYBE
SETTLED, WAITING, CONFLICT = OutcomeState.SETTLED, OutcomeState.WAITING, OutcomeState.CONFLICT


def votes(*choices: Choice) -> list[Vote]:
    """One each of Ann, Bob, Cem, in this order."""
    return [
        Vote(name, choice, f"{name}'s reason", "now", (number, "s", number))
        for number, (name, choice) in enumerate(zip(("Ann", "Bob", "Cem"), choices, strict=False), start=1)
    ]


@pytest.mark.parametrize(
    ("kind", "choices", "expected"),
    [
        (RuleKind.ONE, (IN,), IN),
        (RuleKind.ONE, (EX, EX), EX),
        (RuleKind.ONE, (IN, EX), CONFLICT),
        (RuleKind.ONE, (IN, MB), CONFLICT),
        (RuleKind.TWO, (IN,), WAITING),
        (RuleKind.TWO, (EX, EX), EX),
        (RuleKind.TWO, (EX, IN), CONFLICT),
        (RuleKind.TWO, (IN, IN, EX), CONFLICT),
        (RuleKind.SECOND_CHECK, (IN,), IN),
        (RuleKind.SECOND_CHECK, (MB,), MB),
        (RuleKind.SECOND_CHECK, (EX,), WAITING),
        (RuleKind.SECOND_CHECK, (EX, EX), EX),
        (RuleKind.SECOND_CHECK, (EX, IN), CONFLICT),
        (RuleKind.LATEST, (IN, EX), EX),
        (RuleKind.LATEST, (EX, IN, MB), MB),
    ],
)
def test_what_holds(kind: RuleKind, choices: tuple[Choice, ...], expected: Choice | OutcomeState) -> None:
    found = derive(Rule(kind), votes(*choices))
    assert found is not None
    if isinstance(expected, Choice):
        assert found.state is SETTLED and found.vote is not None and found.vote.choice is expected
    else:
        assert (found.state, found.vote) == (expected, None)


def test_of_a_share_two_must_agree() -> None:
    rule = Rule(RuleKind.SHARE, 0.2)
    alone, doubled = derive(rule, votes(IN)), derive(rule, votes(IN), drawn=True)
    assert alone is not None and alone.state is SETTLED
    assert doubled is not None and doubled.state is WAITING
    assert not is_drawn(Rule(RuleKind.TWO, 1.0), [("a", 1)])


def test_nobody_has_said_anything() -> None:
    assert derive(Rule(), []) is None


@pytest.mark.parametrize("kind", list(RuleKind))
def test_an_adjudication_holds_whatever_is_said(kind: RuleKind) -> None:
    settled = Vote("Dee", MB, "", "now", (2, "t", 1))
    for said in (votes(IN), votes(IN, EX), votes(EX, EX, EX)):
        found = derive(Rule(kind), said, settled)
        assert found is not None and (found.state, found.vote) == (SETTLED, settled)


def test_the_first_who_gave_a_reason_gives_it() -> None:
    said = votes(EX, EX)
    said[0] = Vote("Ann", EX, "", "now", (1, "s", 1))
    found = derive(Rule(RuleKind.TWO), said)
    assert found is not None and found.vote is not None and found.vote.reason == "Bob's reason"


@given(
    st.sampled_from(list(RuleKind)),
    st.lists(st.sampled_from(list(Choice)), max_size=3),
    st.permutations(range(3)),
    st.booleans(),
)
def test_the_order_in_which_votes_are_read_does_not_matter(
    kind: RuleKind, choices: list[Choice], order: list[int], drawn: bool
) -> None:
    said = votes(*choices)
    shuffled = [said[place] for place in order if place < len(said)]
    assert derive(Rule(kind, 0.5), said, drawn=drawn) == derive(Rule(kind, 0.5), shuffled, drawn=drawn)


def test_the_share_that_is_drawn_is_about_what_was_asked_for_and_the_same_everywhere() -> None:
    rule = Rule(RuleKind.SHARE, 0.2)
    drawn = [number for number in range(10_000) if is_drawn(rule, [("source", number)])]
    assert 1_800 < len(drawn) < 2_200
    more = {number for number in range(10_000) if is_drawn(Rule(RuleKind.SHARE, 0.4), [("source", number)])}
    assert more > set(drawn), "a larger share takes nothing away"
    assert is_drawn(rule, [("b", 7), ("a", 3)]) == is_drawn(rule, [("a", 3), ("b", 7)])
