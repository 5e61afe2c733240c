"""Texts from outside are shown whole and never obeyed."""

import json
import os
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.content import Content

from leads_local.terminal_text import safe_block, safe_json, safe_line

ANYTHING = st.text(
    st.characters(codec=None) | st.sampled_from("\x1b\x9b\u202e\u2066\u200b\u200d\u200e\ufeff\U000e0041\u061c\n\tאبक")
)
SEEN = set(range(0x600, 0x606)) | {0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD}  # of category Cf, and shown
JOINERS = "\u200c\u200d"


@given(ANYTHING)
def test_nothing_that_a_terminal_would_obey_is_left(text: str) -> None:
    for safe in (safe_block(text), safe_line(text)):
        assert not [c for c in safe if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") and c != "\n"]
        assert not [c for c in safe if unicodedata.category(c) == "Cf" and c not in JOINERS and ord(c) not in SEEN]
        safe.encode("utf-8")
    assert "\n" not in safe_line(text)


def test_every_format_character_that_shows_nothing_is_known() -> None:
    hidden = [
        chr(code) for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) == "Cf" and code not in SEEN
    ]
    kept = [f"U+{ord(character):04X}" for character in hidden if character in safe_block(f"a{character}b")]
    assert kept == []
    assert all(chr(code) in safe_block(chr(code)) for code in SEEN)


@given(
    st.text(
        st.characters(exclude_categories=("Cc", "Cs", "Cf", "Zl", "Zp")).filter(
            lambda c: not 0xE0000 <= ord(c) <= 0xE007F
        )
    )
)
def test_everything_else_is_left_as_it_is(text: str) -> None:
    assert safe_block(text) == text
    assert safe_line(text) == " ".join(text.split())


@given(ANYTHING)
def test_what_is_made_safe_is_drawn_as_it_is(text: str) -> None:
    assert Content(safe_block(text)).plain == safe_block(text)


def test_an_escape_sequence_becomes_visible() -> None:
    assert safe_line("a\x1b[2Jb\x07\x7f\x9b") == "a␛[2Jb␇␡\N{REPLACEMENT CHARACTER}"
    assert safe_block("one\r\ntwo\rthree\tfour") == "one\ntwo\nthree   four"


def test_a_name_can_not_be_turned_around() -> None:
    assert safe_line("trial\u202efdp.exe") == "trial\N{REPLACEMENT CHARACTER}fdp.exe"
    assert safe_line("pa\u200bper\U000e0061\ufeff\u200e.ris") == "paper.ris"


@pytest.mark.parametrize("word", ["می‌خواهم", "ශ්‍රී", "क्‍ष"])
def test_joiners_stay_where_letters_need_them(word: str) -> None:
    assert any(joiner in word for joiner in JOINERS)
    assert safe_block(word) == word
    assert safe_line("ad\u200cmin\u200d") == "admin"


@given(ANYTHING)
def test_json_is_the_same_and_obeyed_by_no_terminal(text: str) -> None:
    shown = safe_json({"text": text})
    assert json.loads(shown) == {"text": text}
    assert not [
        c
        for c in shown
        if c != "\n" and unicodedata.category(c) in ("Cc", "Cs", "Cf", "Zl", "Zp") and ord(c) not in SEEN
    ]


def test_bytes_of_a_file_name_are_shown_by_their_numbers() -> None:
    name = os.fsdecode(b"caf\xe9 \xff.pdf")
    assert safe_line(name) == safe_block(name) == "caf\\xe9 \\xff.pdf"
    assert safe_line("\ud800") == "\N{REPLACEMENT CHARACTER}"


@given(st.text(st.characters(codec=None)))
def test_json_in_ascii_says_the_same(text: str) -> None:
    found = safe_json({"a": text}, ascii_only=True)
    assert found.isascii() and "\x7f" not in found and json.loads(found) == {"a": text}
