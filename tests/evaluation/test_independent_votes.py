"""The votes that agreement is measured on: nothing that was done after both had voted is in them."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads_local.evaluation.independent_votes import PairOfVotes, ReportVotes, find_votes
from leads_local.records import Choice, Stage
from leads_local.review import derivation
from leads_local.review.acts import Act, ActKind, ActName, canonical, gesture_subject, record_subject
from leads_local.review.outcomes import RuleKind

IN, OUT, PERHAPS = Choice.INCLUDE, Choice.EXCLUDE, Choice.MAYBE
A = Stage.ABSTRACT
BOTH = ("Ann", "Ben")


class Log:
    """Acts one after the other; record n is number n of one source."""

    def __init__(self) -> None:
        self.acts: list[tuple[Act, int]] = []

    def add(self, kind: ActKind, subject: str, said: object, reviewer: str = "", record: int = 0) -> Act:
        number = len(self.acts) + 1
        name = ActName("s", number)
        act = Act(name, number, number, kind, subject, canonical(said), reviewer, "2026-01-01", "")
        self.acts.append((act, record))
        return act

    def decide(self, reviewer: str, choice: Choice, record: int = 1, stage: Stage = A) -> Act:
        said = {"choice": choice, "reason": ""}
        return self.add(ActKind.DECIDE, record_subject("f", record, stage), said, reviewer, record)

    def adjudicate(self, choice: Choice, record: int = 1, stage: Stage = A) -> Act:
        said = {"choice": choice, "reason": ""}
        return self.add(ActKind.ADJUDICATE, record_subject("f", record, stage), said, "Zoe", record)

    def rule(self, kind: RuleKind, stage: Stage = A) -> Act:
        return self.add(ActKind.RULE, canonical([stage]), {"kind": kind, "share": 0.5})

    def revoke(self, act: Act) -> Act:
        return self.add(ActKind.REVOKE, gesture_subject(act), {}, act.reviewer)

    def votes(self, record: int = 1, stage: Stage = A) -> ReportVotes:
        return find_votes(self.acts, stage, {number: number for number in range(1, 9)})[record]

    def pair(self) -> tuple[Choice, Choice] | None:
        found = self.votes().pairs.get(BOTH)
        return (found.one, found.other) if found is not None else None


@pytest.fixture
def log() -> Log:
    return Log()


def test_a_change_of_mind_counts_until_the_other_has_voted_too(log: Log) -> None:
    log.decide("Ben", PERHAPS)
    log.decide("Ben", OUT)
    assert log.pair() is None
    log.decide("Ann", IN)
    assert log.pair() == (IN, OUT)
    log.decide("Ben", IN)
    log.decide("Ann", OUT)
    assert log.pair() == (IN, OUT)


def test_what_was_taken_back_before_is_no_vote(log: Log) -> None:
    first = log.decide("Ann", OUT)
    second = log.decide("Ann", PERHAPS)
    log.revoke(second)
    log.revoke(first)
    log.decide("Ben", IN)
    assert log.pair() is None
    log.decide("Ann", IN)
    assert log.pair() == (IN, IN)


def test_undo_and_redo_before_the_other_votes(log: Log) -> None:
    log.decide("Ann", OUT)
    undone = log.revoke(log.decide("Ann", IN))
    log.revoke(undone)
    log.decide("Ben", OUT)
    assert log.pair() == (IN, OUT)


def test_undoing_a_difference_does_not_hide_it(log: Log) -> None:
    log.decide("Ann", IN)
    slip = log.decide("Ben", OUT)
    log.revoke(slip)
    assert log.pair() == (IN, OUT)
    log.decide("Ben", IN)
    assert log.pair() == (IN, OUT)


def test_who_votes_after_an_adjudication_makes_no_pair(log: Log) -> None:
    log.decide("Ann", IN)
    settled = log.adjudicate(OUT)
    log.decide("Ben", OUT)
    assert log.votes() == ReportVotes({}, {"Ann": IN}, {BOTH})
    log.revoke(settled)
    log.decide("Ben", IN)
    assert log.votes() == ReportVotes({}, {"Ann": IN}, {BOTH})


def test_an_adjudication_after_both_changes_nothing(log: Log) -> None:
    log.decide("Ann", IN)
    log.decide("Ben", OUT)
    log.adjudicate(IN)
    log.decide("Ben", IN)
    assert log.votes() == ReportVotes({BOTH: PairOfVotes(IN, OUT, seen=True)}, {"Ann": IN, "Ben": OUT}, set())


def test_each_reviewers_own_vote_is_fixed_once_another_has_voted(log: Log) -> None:
    log.decide("Ann", IN)
    log.decide("Ann", PERHAPS)
    assert log.votes().own == {"Ann": PERHAPS}
    log.decide("Ben", OUT)
    log.decide("Ann", OUT)
    log.decide("Cem", PERHAPS)
    assert log.votes().own == {"Ann": PERHAPS, "Ben": OUT, "Cem": PERHAPS}


def test_stages_and_reports_are_apart(log: Log) -> None:
    log.decide("Ann", IN, stage=Stage.FULLTEXT)
    log.decide("Ben", OUT)
    log.decide("Ann", PERHAPS, record=2)
    log.decide("Ann", OUT)
    assert log.pair() == (OUT, OUT)
    assert log.votes(stage=Stage.FULLTEXT).own == {"Ann": IN}
    assert log.votes(record=2).own == {"Ann": PERHAPS}


def test_votes_on_any_record_of_a_report_are_votes_on_it(log: Log) -> None:
    log.decide("Ann", OUT, record=1)
    log.decide("Ann", IN, record=2)
    log.decide("Ben", OUT, record=1)
    found = find_votes(log.acts, A, {1: 2, 2: 2})
    assert list(found) == [2]
    assert found[2].pairs == {BOTH: PairOfVotes(IN, OUT, seen=True)}


@pytest.mark.parametrize("kind", RuleKind)
def test_whether_the_second_could_know_of_the_first_is_said(log: Log, kind: RuleKind) -> None:
    """Whoever checks what was excluded knows that it was."""
    log.rule(kind, Stage.FULLTEXT if kind is RuleKind.LATEST else A)
    log.decide("Ann", OUT)
    log.decide("Ben", OUT)
    log.rule(RuleKind.TWO)
    assert log.votes().pairs[BOTH].seen is (kind not in (RuleKind.TWO, RuleKind.SHARE))


def test_a_rule_that_was_taken_back_hides_nothing(log: Log) -> None:
    log.rule(RuleKind.ONE)
    log.revoke(log.rule(RuleKind.TWO))
    log.decide("Ann", OUT)
    log.decide("Ben", OUT)
    assert log.votes().pairs[BOTH].seen


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["decide", "decide", "decide", "adjudicate", "revoke"]),
        st.sampled_from(["Ann", "Ben", "Cem"]),
        st.sampled_from([IN, OUT, PERHAPS]),
        st.integers(1, 2),
        st.integers(0, 20),
    ),
    max_size=14,
)


@given(STEPS)
def test_a_pair_is_what_stood_when_both_first_had_a_vote_and_never_changes(
    steps: list[tuple[str, str, Choice, int, int]],
) -> None:
    """Told by what ``derivation``, which has other code for undo, says of each beginning of the log."""
    log, heads = Log(), {1: 1, 2: 2}
    expected: dict[int, ReportVotes] = {}
    for what, who, choice, record, place in steps:
        if what == "decide":
            log.decide(who, choice, record)
        elif what == "adjudicate":
            log.adjudicate(choice, record)
        elif log.acts:
            log.revoke(log.acts[place % len(log.acts)][0])
        state = derivation.derive(act for act, _ in log.acts)
        for number in heads:
            mine = {who: vote.choice for (_, named, who), vote in state.decisions.items() if named == ("f", number)}
            adjudicated = (A, ("f", number)) in state.adjudications
            said = expected.setdefault(number, ReportVotes())
            closed = getattr(log, f"closed{number}", False)
            for names in combinations(sorted(mine), 2):
                if names in said.pairs:
                    continue
                if closed:
                    said.late.add(names)
                else:
                    said.pairs[names] = PairOfVotes(mine[names[0]], mine[names[1]], seen=True)
            setattr(log, f"closed{number}", closed or adjudicated)
        found = find_votes(log.acts, A, heads)
        for number, report in found.items():
            assert (report.pairs, report.late) == (expected[number].pairs, expected[number].late)
            for (one, other), pair in report.pairs.items():
                assert {one, other} <= set(report.own)
                if len(report.own) == 2 and len(report.pairs) == 1:
                    assert report.own == {one: pair.one, other: pair.other}


@given(STEPS, STEPS)
def test_a_reviewer_who_joins_later_changes_no_old_pair(
    steps: list[tuple[str, str, Choice, int, int]], later: list[tuple[str, str, Choice, int, int]]
) -> None:
    log, heads = Log(), {1: 1, 2: 2}
    for what, who, choice, record, _ in steps:
        if what == "decide" and who != "Cem":
            log.decide(who, choice, record)
    before = {number: dict(report.pairs) for number, report in find_votes(log.acts, A, heads).items()}
    for _, _, choice, record, _ in later:
        log.decide("Cem", choice, record)
    after = find_votes(log.acts, A, heads)
    for number, pairs in before.items():
        assert {names: pair for names, pair in after[number].pairs.items() if "Cem" not in names} == pairs
