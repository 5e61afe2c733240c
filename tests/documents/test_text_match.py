"""The reduced wording knows where each of its characters comes from, and digits are never joined or parted."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from leads_local.documents.text_match import find_exact, find_normalised, find_part, normalise_wording


@given(st.text(max_size=200))
def test_offsets_rise_and_lie_in_the_text(text: str) -> None:
    flat, offsets = normalise_wording(text)
    assert len(flat) == len(offsets)
    assert all(0 <= a < len(text) for a in offsets)
    assert list(offsets) == sorted(offsets)


@given(st.text(st.sampled_from("ab12 -–"), min_size=1, max_size=40))
def test_reducing_does_not_depend_on_what_is_left_out(text: str) -> None:
    padded = text.replace(" ", " \u200b ").replace("-", "–")
    assert normalise_wording(padded)[0] == normalise_wording(text)[0]


def test_numbers_keep_their_bounds() -> None:
    assert normalise_wording("1 2")[0] != normalise_wording("12")[0]
    assert normalise_wording("1,234")[0] == normalise_wording("1234")[0] != normalise_wording("1, 234")[0]
    assert normalise_wording("0·5")[0] == normalise_wording("0.5")[0]
    assert normalise_wording("−5")[0] == normalise_wording("-5")[0] != normalise_wording("5")[0]
    assert find_normalised("n = 120", normalise_wording("12")[0]) is None
    assert find_normalised("was 1.25 mg", normalise_wording("1.2")[0]) is None
    assert find_normalised("was 3.25 mg", normalise_wording("25 mg")[0]) is None


def test_whole_finds_the_place_that_cuts_no_word() -> None:
    assert find_exact("strands and rands", "rands") == (12, 17)
    assert find_exact("strands", "rands") is None


def test_a_piece_may_cut_a_word_but_no_number_nor_its_sign() -> None:
    assert find_part("strands", "rands") == (2, 7)
    assert find_part("15 mg and 5 mg", "5 mg") == (10, 14)
    assert find_part("−1.2 to 1.2", "1.2") == (8, 11)
    assert find_exact("−1.2 to 1.2", "1.2") == (8, 11)
    assert find_normalised("-1.2", "1.2") is None
    assert find_part("1,234", "1") is None
