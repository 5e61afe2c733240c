"""How alike two titles are, and whether what differs is spelling or meaning.

One word can make another paper: a part number, ``protocol``, ``without``, ``hypo-`` for ``hyper-``. So titles count as
the same only when every word that differs is a variant of its counterpart; how many letters two titles share is not
asked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum

from rapidfuzz import fuzz
from rapidfuzz.distance import Indel

from leads_local.citations import normalise

_ROMAN = frozenset(("ii", "iii", "iv", "vi", "vii", "viii", "ix"))
_MARKER_WORDS = (
    "erratum errata corrigendum correction corrections retraction retracted withdrawn reply response comment "
    "commentary protocol protocols "
    "rationale editorial interim preliminary addendum update updated abstract"
)
_MARKERS = frozenset(_MARKER_WORDS.split())
_STOP_WORD_LIST = "a an the of in and for on to with by at from as de la le les et und der die das el los e y s"
STOP_WORDS = frozenset(_STOP_WORD_LIST.split())
_BRITISH = (
    ("ae", "e"),
    ("oe", "e"),
    ("our", "or"),
    ("ll", "l"),
    ("mme", "m"),
    ("tre", "ter"),
    ("ys", "yz"),
    ("is", "iz"),
)
_OPPOSITES = (("hyper", "hypo"), ("inter", "intra"), ("over", "under"), ("pre", "post"))
_SPELLING = 0.82
_GENERIC_WORDS, _GENERIC_LENGTH = 4, 25


class TitleLikeness(IntEnum):
    """How alike two titles are: not, in part, but for spelling, or altogether."""

    OTHER = 0
    SIMILAR = 1
    NEAR = 2
    SAME = 3


@dataclass(frozen=True, slots=True)
class FoldedTitle:
    """A title folded for comparing, with the numbers and the telling words in it."""

    text: str
    words: tuple[str, ...]
    numbers: str
    markers: frozenset[str]

    @property
    def generic(self) -> bool:
        """Whether many papers can have this title (``Editorial``, ``Copper toxicity``)."""
        return len(self.words) <= _GENERIC_WORDS or len(self.text) < _GENERIC_LENGTH


def fold_title(title: str) -> FoldedTitle:
    """Fold a title once, to compare it often."""
    text = normalise.title_key(title)
    words = tuple(text.split())
    digits = "".join(
        character for character in text if character.isdigit()
    )  # "B12" and "B 12", "10(7)" and "107" are one
    romans = " ".join(word for word in words if word in _ROMAN)
    return FoldedTitle(text, words, f"{digits} {romans}", frozenset(words) & _MARKERS)


def _spell_american(text: str) -> str:
    for british, american in _BRITISH:
        text = text.replace(british, american)
    return text


def _are_variants(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    """Whether two runs of words are one in two spellings: joined, plural, British, a letter wrong, a small word
    more."""
    one, other = ("".join(word for word in words if word not in STOP_WORDS) for words in (a, b))
    if one == other:
        return True
    if any(word.isdigit() or word in _ROMAN for word in (*a, *b)):
        return False
    one, other = _spell_american(one), _spell_american(other)
    opposed = any({one.startswith(x), other.startswith(x)} == {True, False} for pair in _OPPOSITES for x in pair)
    if opposed or min(len(one), len(other)) < 4 or one[:3] != other[:3]:
        return one == other
    return Indel.normalized_similarity(one, other) >= _SPELLING


def _differing_runs(a: tuple[str, ...], b: tuple[str, ...]) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """The runs of words that differ, counterpart by counterpart."""
    runs: list[tuple[int, int, int, int]] = []
    for code in Indel.opcodes(a, b):
        if code.tag == "equal":
            continue
        if runs and runs[-1][1] == code.src_start and runs[-1][3] == code.dest_start:
            runs[-1] = (runs[-1][0], code.src_end, runs[-1][2], code.dest_end)
        else:
            runs.append((code.src_start, code.src_end, code.dest_start, code.dest_end))
    return [(a[i:j], b[k:m]) for i, j, k, m in runs]


def compare_titles(a: FoldedTitle, b: FoldedTitle) -> TitleLikeness:
    """Compare two titles. Where a number or a word such as ``erratum`` or ``protocol`` stands in one only, they are
    OTHER."""
    if not a.words or not b.words:
        return TitleLikeness.OTHER
    if a.text == b.text:
        return TitleLikeness.SAME
    if a.numbers != b.numbers or a.markers != b.markers:
        return TitleLikeness.OTHER
    short, long = sorted((a.text, b.text), key=len)
    if len(short) >= 30 and long.startswith(short + " "):
        return TitleLikeness.SIMILAR
    ratio = fuzz.ratio(a.text, b.text, score_cutoff=60)
    if ratio < 75:
        return TitleLikeness.SIMILAR if ratio and fuzz.token_sort_ratio(a.text, b.text) >= 90 else TitleLikeness.OTHER
    if ratio >= 85 and all(_are_variants(one, other) for one, other in _differing_runs(a.words, b.words)):
        return TitleLikeness.NEAR
    return TitleLikeness.SIMILAR


def abstracts_begin_alike(a: str, b: str) -> bool:
    """Whether two abstracts, folded to words, begin alike."""
    return bool(a and b) and fuzz.ratio(a, b, score_cutoff=85) > 0


def fold_abstract(abstract: str) -> str:
    """The first words of an abstract for ``same_words``, without the heading that some databases put first."""
    return re.sub(
        r"^(?:background|objectives?|introduction|abstract|aims?|purpose)\s+",
        "",
        " ".join(normalise.fold_words(abstract[:500])),
    )
