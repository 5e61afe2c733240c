"""Damage is repaired, meaning is not touched, and gibberish is told from text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads_local.documents.characters import is_gibberish, repair_characters, unreadable_share


@pytest.mark.parametrize(
    ("damaged", "whole"),
    [
        ("eﬃcacy of ﬁve", "efficacy of five"),
        ("p\u00a0<\u20090.05", "p < 0.05"),
        ("follow\u2010up", "follow-up"),
        ("2.1 \uf0b1 0.3", "2.1 ± 0.3"),
        ("Mu¨ller", "Müller"),
        ("e\u0301tude", "étude"),
        ("𝑝 = 0.03", "p = 0.03"),
        ("\ufffdFirst item", "• First item"),
        ("5\ufffdg", "5\ufffdg"),
        ("\ufffdGy", "\ufffdGy"),
        ("\x012.03\x85", "\ufffd2.03\ufffd"),
        ("a\x00b\u200bc", "abc"),
    ],
)
def test_damage_is_repaired(damaged: str, whole: str) -> None:
    assert repair_characters(damaged) == whole


@pytest.mark.parametrize(
    "text", ["m²", "10⁹", "½", "µg", "±", "≤", "β-blocker", "soft\u00adhyphen", "5′", "100 °C", "™"]
)
def test_meaning_is_not_touched(text: str) -> None:
    assert repair_characters(text) == text


@given(st.text())
def test_repairing_twice_changes_nothing_more(text: str) -> None:
    assert repair_characters(repair_characters(text)) == repair_characters(text)


def test_gibberish() -> None:
    assert is_gibberish('"7+%- #$!) &/(=')
    assert is_gibberish(
        "Wkh txlfn eurzq ira mxpsv ryhu wkh odcb grj".replace("u", "x")
        .replace("i", "x")
        .replace("o", "z")
        .replace("y", "z")
    )
    assert not is_gibberish("The quick brown fox jumps over the lazy dog")
    assert not is_gibberish("Alter 45,2 (12,1) 44,9 (11,8) p=0,83")
    assert not is_gibberish("")
    assert unreadable_share("\ufffd\ufffd\ue000a") == 0.75
    assert unreadable_share("") == 0.0
