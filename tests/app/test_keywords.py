"""The protocol's keywords are marked where they stand, whole words, whatever their case and accents."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads_local.app import keywords
from leads_local.app.keywords import find_keywords, mark_in_words, pieces
from leads_local.review.protocol import Keywords

WORDS = Keywords(("randomis*", "knee  pain", "Müller", "trial"), ("rat", "knee", "trial"))


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("We Randomísed adults.", "We [+Randomísed+] adults."),
        ("Knee\n pain, knees, KNEE", "[+Knee\n pain+], knees, [-KNEE-]"),
        ("ratio, rat, rats, b-rat", "ratio, [-rat-], rats, b-[-rat-]"),
        ("MULLER and Mu\u0308ller's", "[+MULLER+] and [+Mu\u0308ller+]'s"),
        ("a trial", "a [-trial-]"),
        ("a tria\u0301l", "a [-tria\u0301l-]"),
        ("knee pa", "[-knee-] pa"),
        ("", ""),
    ],
)
def test_marks(text: str, marked: str) -> None:
    assert mark_in_words(text, WORDS) == marked


@pytest.mark.parametrize("word", ["", " ", "*", ".*", "(", "[+", "\\"])
def test_what_has_no_letter_is_no_keyword_and_no_pattern(word: str) -> None:
    assert find_keywords("any text ( with [+ \\ .*", Keywords((word,), (word,))) == []


def test_a_keyword_is_never_a_pattern() -> None:
    assert mark_in_words("a.c abc a+c", Keywords(("a.c",), ("a+c",))) == "[+a.c+] abc [-a+c-]"


@given(st.text("aáßŉ rt\n\u0301İ", max_size=40), st.lists(st.text("aáßŉ rt\u0301İ*", max_size=4), max_size=4))
def test_nothing_of_the_text_is_lost(text: str, words: list[str]) -> None:
    marks = find_keywords(text, Keywords(tuple(words[:2]), tuple(words[2:])))
    assert "".join(part for part, _ in pieces(text, marks)) == text
    assert all(one.start < one.end for one in marks)
    assert all(one.end <= other.start for one, other in itertools.pairwise(marks))


def test_they_are_counted() -> None:
    texts = ("a trial", "randomised rats; a rat")
    assert keywords.describe_marks(texts, WORDS) == (
        "Marked of the protocol: 1 keyword [+for including+], 2 keywords [-for excluding-]."
    )
    assert keywords.describe_marks(("nothing",), WORDS) == ""
    assert keywords.keywords_as_data(texts, WORDS) == {
        "for including": ["randomised"],
        "for excluding": ["trial", "rat"],
    }
