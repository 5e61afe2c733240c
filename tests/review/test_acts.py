"""The log of acts: one text for each, a chain that tells of every change, and what holds of acts that take others
back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads_local.review.acts import Act, ActKind, ActName, canonical, find_breaks, gesture_subject, revoked


def chain(kinds: Sequence[tuple[str, str]], session: str = "s") -> list[Act]:
    """Acts of one session, each (kind, subject), one following the other."""
    made: list[Act] = []
    for number, (kind, subject) in enumerate(kinds, start=1):
        before = made[-1].hash if made else ""
        made.append(Act(ActName(session, number), number, number, kind, subject, "{}", "Ann", "now", before))
    return made


def stored(acts: Sequence[Act]) -> list[tuple[Act, str]]:
    return [(act, act.hash) for act in acts]


def decisions(count: int) -> list[Act]:
    return chain([("decide", canonical(["x", number, "abstract"])) for number in range(count)])


def test_what_is_said_has_one_text() -> None:
    assert canonical({"b": 1, "a": "é ≠"}) == canonical({"a": "é ≠", "b": 1}) == '{"a":"é ≠","b":1}'


def test_a_whole_chain_has_no_breaks() -> None:
    assert list(find_breaks(stored(decisions(20)))) == []


@pytest.mark.parametrize(
    "change",
    [
        {"reviewer": "Eve"},
        {"at": "tomorrow"},
        {"said": '{"choice":"include"}'},
        {"subject": "[]"},
        {"kind": "adjudicate"},
        {"clock": 99},
        {"gesture": 1},
    ],
)
def test_any_changed_word_breaks_the_chain(change: dict[str, str]) -> None:
    known = decisions(5)
    changed = [(replace(act, **change) if act.name.number == 3 else act, act.hash) for act in known]  # type: ignore[arg-type]
    assert list(find_breaks(changed)) == ["act 3 of session s is not as it was written"]


def test_a_change_that_mends_its_own_hash_breaks_the_next_act() -> None:
    known = decisions(5)
    forged = [replace(act, reviewer="Eve") if act.name.number == 3 else act for act in known]
    assert list(find_breaks(stored(forged))) == ["act 4 of session s does not follow the act before it"]


@pytest.mark.parametrize("gone", [1, 2, 4])
def test_an_act_that_is_missing_is_told(gone: int) -> None:
    left = [act for act in decisions(5) if act.name.number != gone]
    assert f"1 acts of session s are missing, the first is number {gone}" in list(find_breaks(stored(left)))


def test_the_first_act_of_a_session_follows_one_that_is_there() -> None:
    first = decisions(2)
    (later,) = chain([("decide", "[]")], "t")
    later = replace(later, before=first[-1].hash)
    assert list(find_breaks(stored([*first, later]))) == []
    assert "act 1 of session t follows an act that is missing" in list(find_breaks(stored([first[0], later])))


def revoking(acts: Sequence[Act], targets: Sequence[int]) -> list[Act]:
    """``acts``, then an act that takes back each of ``targets`` (numbers of acts), one after the other."""
    kinds = [(act.kind, act.subject) for act in acts]
    kinds += [(ActKind.REVOKE.value, canonical(["s", number])) for number in targets]
    return chain(kinds)


def numbers(found: dict[ActName, ActName]) -> set[int]:
    return {name.number for name in found}


def test_undo_redo_undo() -> None:
    assert numbers(revoked(revoking(decisions(2), [1]))) == {1}
    assert numbers(revoked(revoking(decisions(2), [1, 3]))) == {3}
    assert numbers(revoked(revoking(decisions(2), [1, 3, 4]))) == {1, 4}


def test_what_two_have_taken_back_holds_only_when_both_think_again() -> None:
    twice = revoking(decisions(1), [1, 1])
    assert numbers(revoked(twice)) == {1}
    assert numbers(revoked(revoking(decisions(1), [1, 1, 2]))) == {1, 2}
    assert numbers(revoked(revoking(decisions(1), [1, 1, 2, 3]))) == {2, 3}


@given(st.lists(st.integers(1, 12), max_size=12), st.randoms(use_true_random=False))
def test_what_holds_does_not_depend_on_the_order_in_which_acts_came(targets: list[int], chance: object) -> None:
    known = revoking(decisions(3), [min(target, 3 + place) for place, target in enumerate(targets)])
    shuffled = list(known)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert revoked(shuffled) == revoked(known)
    holding = {act.name for act in known} - revoked(known)
    takers = {act.subject for act in known if act.name in holding and act.kind == ActKind.REVOKE}
    for act in known:  # an act does not hold exactly when a later act that holds takes it back
        later = [one for one in known if one.name in holding and one.order > act.order]
        taken = any(one.kind == ActKind.REVOKE and one.subject == gesture_subject(act) for one in later)
        assert (act.name not in holding) == taken
    assert all(subject.startswith("[") for subject in takers)
