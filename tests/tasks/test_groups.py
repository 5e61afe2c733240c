"""Groups are told apart, and an answer is mapped back only by what was in the prompt."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads_local.errors import ReplyError
from leads_local.records import Arm
from leads_local.tasks import groups


@given(
    st.lists(
        st.sampled_from(["G1", "g2", "G3 ", "Drug", "drug", "", "G2: Drug"]) | st.text(max_size=6),
        min_size=1,
        max_size=8,
    )
)
def test_ids_and_titles_are_unique_and_find_their_group(labels: list[str]) -> None:
    found = groups.from_arms([Arm(label) for label in labels])
    assert [group.label for group in found] == labels
    for group in found:
        assert groups.find(group.id, found) is group
        assert groups.find(group.title, found) is group
    assert len(groups.format_lines(found).splitlines()) == len(labels)


def test_a_study_without_arms_has_one_group_of_everyone() -> None:
    (group,) = groups.from_arms([])
    assert (group.id, group.title, group.label) == ("G1", "All participants", "")


def test_lines_name_id_title_and_what_the_arm_received(two_arms: tuple[Arm, ...]) -> None:
    assert groups.format_lines(groups.from_arms(two_arms)).splitlines() == [
        "G1: Melatonin 2 mg - one tablet each night for 8 weeks | Drug: melatonin",
        "G2: Placebo - matching tablets",
    ]


@pytest.mark.parametrize("name", ["G2", "g2", "Placebo", " placebo ", "G2: Placebo"])
def test_id_title_and_both_are_understood(two_arms: tuple[Arm, ...], name: str) -> None:
    assert groups.find(name, groups.from_arms(two_arms)).label == "Placebo"


@pytest.mark.parametrize("name", ["", "Total", "Plac", "G3", "Melatonin"])
def test_the_nearest_arm_is_never_taken(two_arms: tuple[Arm, ...], name: str) -> None:
    with pytest.raises(ReplyError, match="was not asked for"):
        groups.find(name, groups.from_arms(two_arms))


def test_the_same_said_twice_is_one_value_and_different_ones_are_all_kept() -> None:
    (group,) = groups.from_arms([Arm("Placebo")])
    (nothing,) = groups.make_values("results", "Pain", group, [])
    assert (nothing.text, nothing.group, nothing.note) == ("", "Placebo", groups.NO_VALUE)
    (one,) = groups.make_values("results", "Pain", group, [("31", "SD"), ("31", "SD")])
    assert (one.text, one.note) == ("31", "SD")
    two = groups.make_values("results", "Pain", group, [("31", ""), ("29", "n")])
    assert [value.text for value in two] == ["31", "29"]
    assert all("2 different values" in value.note for value in two)
