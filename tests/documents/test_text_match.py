"""The reduced wording knows where each of its characters comes from, and digits are never joined or parted."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from leads_local.documents.text_match import normalised, piece, search, whole


@given(st.text(max_size=200))
def test_offsets_rise_and_lie_in_the_text(text: str) -> None:
    flat, offsets = normalised(text)
    assert len(flat) == len(offsets)
    assert all(0 <= a < len(text) for a in offsets)
    assert list(offsets) == sorted(offsets)


@given(st.text(st.sampled_from("ab12 -–"), min_size=1, max_size=40))
def test_reducing_does_not_depend_on_what_is_left_out(text: str) -> None:
    padded = text.replace(" ", " \u200b ").replace("-", "–")
    assert normalised(padded)[0] == normalised(text)[0]


def test_numbers_keep_their_bounds() -> None:
    assert normalised("1 2")[0] != normalised("12")[0]
    assert normalised("1,234")[0] == normalised("1234")[0] != normalised("1, 234")[0]
    assert normalised("0·5")[0] == normalised("0.5")[0]
    assert normalised("−5")[0] == normalised("-5")[0] != normalised("5")[0]
    assert search("n = 120", normalised("12")[0]) is None
    assert search("was 1.25 mg", normalised("1.2")[0]) is None
    assert search("was 3.25 mg", normalised("25 mg")[0]) is None


def test_whole_finds_the_place_that_cuts_no_word() -> None:
    assert whole("strands and rands", "rands") == (12, 17)
    assert whole("strands", "rands") is None


def test_a_piece_may_cut_a_word_but_no_number_nor_its_sign() -> None:
    assert piece("strands", "rands") == (2, 7)
    assert piece("15 mg and 5 mg", "5 mg") == (10, 14)
    assert piece("−1.2 to 1.2", "1.2") == (8, 11)
    assert whole("−1.2 to 1.2", "1.2") == (8, 11)
    assert search("-1.2", "1.2") is None
    assert piece("1,234", "1") is None
