"""What parts of a paper say is brought together without losing, averaging or outvoting anything."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from leads_local.judgements import Judgement
from leads_local.records import Arm, Criterion, Eligibility, ExtractedValue, Quote
from leads_local.tasks import arms, parts, replies, schemas

CRITERION = Criterion("Design", "randomised trial")
WORDS = st.lists(st.sampled_from(list(Eligibility)), min_size=1, max_size=6)


@given(WORDS)
def test_words_that_differ_are_shown_and_silence_agrees_with_all(words: list[Eligibility]) -> None:
    said = [Judgement(CRITERION, word, f"reason {n}") for n, word in enumerate(words)]
    merged = parts.merge_judgement(said)
    telling = [(n, word) for n, word in enumerate(words) if word is not Eligibility.UNCERTAIN]
    if len({word for _, word in telling}) > 1:
        assert merged.eligibility is Eligibility.UNCERTAIN
        assert merged.parts_disagree
        assert all(f"Part {n + 1} of {len(words)} says {word}: reason {n}" in merged.rationale for n, word in telling)
    else:
        n, word = telling[0] if telling else (0, Eligibility.UNCERTAIN)
        assert (merged.eligibility, merged.rationale) == (word, f"Part {n + 1} of {len(words)}: reason {n}")
        assert not merged.parts_disagree


TEXTS = st.lists(
    st.lists(st.sampled_from(["", "84", "90", " 84 ", "eighty"]), min_size=2, max_size=2), min_size=1, max_size=5
)


@given(TEXTS)
def test_every_different_value_stays_once_and_says_so(texts: list[list[str]]) -> None:
    said = [[ExtractedValue("characteristics", f"Field {n}", text) for n, text in enumerate(row)] for row in texts]
    merged = parts.merge_values(said)
    for n in range(2):
        mine = [(place, value) for place, value in merged if value.item == f"Field {n}"]
        different = {row[n].strip() for row in texts} - {""}
        assert {value.text.strip() for _, value in mine} == (different or {""})
        assert len(mine) == max(len(different), 1)
        for place, value in mine:
            assert texts[place][n] == value.text
            assert value.parts_disagree == bool(value.note) == (len(different) > 1)
            assert replace(value, note="", parts_disagree=False) in said[place]


def test_of_equal_values_the_one_with_its_place_in_the_paper_is_kept() -> None:
    bare = ExtractedValue("characteristics", "Size", "84", quote=Quote("84"))
    found = replace(bare, text="84", quote=Quote("84 adults", "exact", 3))
    assert parts.merge_values([[bare], [found]]) == [(1, found)]
    assert parts.merge_values([[found], [bare]]) == [(0, found)]


def test_arms_of_all_parts_once() -> None:
    one, other = Arm("Walking", "EXPERIMENTAL"), Arm("Usual care")
    assert parts.merge_arms([[one], [Arm("walking", "OTHER"), other], []]) == (one, other)
    assert parts.merge_arms([[], []]) == ()


@settings(deadline=None)
@given(st.lists(st.integers(0, 24), min_size=2, max_size=4))
def test_every_arm_is_asked_about_or_marked(counts: list[int]) -> None:
    """Up to as many arms as one answer may name; each further one says in the list that it is left out."""
    said = [[Arm(f"Arm {part} {n}") for n in range(count)] for part, count in enumerate(counts)]
    asked = [arm.label for arm in parts.merge_arms(said)]
    assert asked == [arm.label for found in said for arm in found][: schemas.MOST_ARMS]
    merged = [value for _, value in parts.merge_values([arms.make_values(found) for found in said])]
    labels = [value for value in merged if value.part == "label"]
    assert [value.text for value in labels] == [arm.label for found in said for arm in found]
    for value in merged:
        left_out = value.part == "label" and value.item not in asked
        assert (replies.FULL_REMARK in value.note) == left_out
