"""Texts from outside are shown whole and never obeyed."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st
from textual.content import Content

from leads_local.tui.verbatim import block, line

ANYTHING = st.text(st.characters(codec=None))


@given(ANYTHING)
def test_nothing_that_a_terminal_would_obey_is_left(text: str) -> None:
    for safe in (block(text), line(text)):
        assert not [c for c in safe if unicodedata.category(c) in ("Cc", "Cs") and c != "\n"]
        safe.encode("utf-8")
    assert "\n" not in line(text)


@given(st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"))))
def test_everything_else_is_left_as_it_is(text: str) -> None:
    assert block(text) == text
    assert line(text) == " ".join(text.split())


@given(ANYTHING)
def test_what_is_made_safe_is_drawn_as_it_is(text: str) -> None:
    assert Content(block(text)).plain == block(text)


def test_an_escape_sequence_becomes_visible() -> None:
    assert line("a\x1b[2Jb\x07\x7f\x9b") == "a␛[2Jb␇␡\N{REPLACEMENT CHARACTER}"
    assert block("one\r\ntwo\rthree\tfour") == "one\ntwo\nthree   four"
