"""How alike two titles are, and whether what differs is spelling or meaning.

One word can make another paper: a part number, ``protocol``, ``without``, ``hypo-`` for ``hyper-``. So titles count as
the same only when every word that differs is a variant of its counterpart; how many letters two titles share is not
asked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from rapidfuzz import fuzz
from rapidfuzz.distance import Indel

from leads_local.citations import normalise, title_notes

_ROMAN = {"ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8", "ix": "9"}
_COUNTED = {"i": "1", "v": "5", "x": "10", **_ROMAN}
_COUNTING_WORDS = "phase part type stage class grade level group study trial section volume chapter"
_COUNTING = frozenset(_COUNTING_WORDS.split())
"""A Roman number follows."""
_LETTERED = re.compile(
    r"\b(phase|part|type|stage|class|grade|group|factor|arm|cohort|vitamins?|hepatit(?:is|ides)|influenza|"
    r"protein|immunoglobulin|ha?emophilia|toxin|streptococc\w+|c[iy]closporine?|apolipoprotein|interferon)"
    r"([ -])([A-Z])\b(?!'| ?\d)",
    re.IGNORECASE,
)
"""A letter follows that tells one from another; behind a colon it would be an article."""
_CLASSES = {
    **dict.fromkeys(("erratum", "errata", "corrigendum", "correction", "corrections", "addendum"), "correction"),
    **dict.fromkeys(("reply", "response"), "reply"),
    **dict.fromkeys(("comment", "commentary"), "comment"),
    **dict.fromkeys(("protocol", "protocols"), "protocol"),
    **dict.fromkeys(("update", "updated"), "update"),
}
_MARKER_WORDS = "retraction withdrawn rationale editorial interim preliminary abstract"
MARKERS = frozenset((*_MARKER_WORDS.split(), *_CLASSES))
_STOP_WORD_LIST = "a an the of in and for on to with by at as de la le les et und der die das el los e y s"
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
    ("sulph", "sulf"),
    ("ogue", "og"),
    ("aluminium", "aluminum"),
    ("grey", "gray"),
)
_OPPOSITES = (("hyper", "hypo"), ("inter", "intra"), ("over", "under"), ("pre", "post"))
_SPELLING = 0.82
_GENERIC_WORDS, _GENERIC_LENGTH = 4, 25
_ENOUGH_ABSTRACT, _OTHER_ABSTRACT = 40, 60  # letters; of 100


class TitleLikeness(IntEnum):
    """How alike two titles are: not, in part, but for words that are nearly the same (a typing mistake, or another
    treatment), but for spelling, or altogether."""

    OTHER = 0
    SIMILAR = 1
    DOUBTFUL = 2
    NEAR = 3
    SAME = 4


@dataclass(frozen=True, slots=True)
class FoldedTitle:
    """A title folded for comparing, with the numbers and the telling words in it. ``beside``: such words that are said
    of it and not in it; the others are as in ``BareTitle``."""

    text: str
    words: tuple[str, ...]
    numbers: str
    markers: frozenset[str]
    beside: frozenset[str]
    about: tuple[str, str]
    letter: str
    other: str
    serial: bool = False
    """Whether papers of several places are known to have this title, as those of a column have."""

    @property
    def generic(self) -> bool:
        """Whether many papers can have this title (``Editorial``, ``Copper toxicity``)."""
        return self.serial or len(self.words) <= _GENERIC_WORDS or len(self.text) < _GENERIC_LENGTH


def fold_title(title: str, notice: str = "") -> FoldedTitle:
    """Fold a title once, to compare it often. ``notice``: what the record says to be, as ``BareTitle`` has it."""
    bare = title_notes.take_off(title)
    key = normalise.title_key(_LETTERED.sub(rf"\1\2{_TELLING}\3", bare.text))
    words = tuple(key.split())
    if _TELLING in key or not _COUNTED.keys().isdisjoint(words):
        words = _as_numbers(words)
    text = " ".join(words)
    # "B12" and "B 12", "10(7)" and "107" are one; of letters, those that tell one from another
    digits = "".join(_DIGITS.findall(text))
    letters = " ".join(word for word in words if word.startswith(_TELLING)) if _TELLING in text else ""
    markers = frozenset(_CLASSES.get(word, word) for word in words if word in MARKERS)
    in_title = markers | ({bare.notice} - {""} if not bare.about[0] else frozenset())
    return FoldedTitle(
        text,
        words,
        f"{digits} {letters}",
        in_title,
        frozenset({notice, bare.notice} - {""}) - in_title,
        (normalise.first_number(bare.about[0]), normalise.first_page_key(bare.about[1])),
        bare.letter,
        normalise.title_key(bare.other),
    )


_DIGITS = re.compile(r"\d+")
_TELLING = "\u01c3"
"""Before a letter that tells one from another, as the A of hepatitis A, which is no article. It counts as a letter."""


def _as_numbers(words: Sequence[str]) -> tuple[str, ...]:
    """The words, Roman numbers as digits."""
    told = []
    for before, word in zip(("", *words), words, strict=False):
        bare = word.removeprefix(_TELLING)
        told.append(_COUNTED[bare] if bare in _ROMAN or (bare in _COUNTED and before in _COUNTING) else word)
    return tuple(told)


def _spell_american(text: str) -> str:
    for british, american in _BRITISH:
        text = text.replace(british, american)
    return text


def _likeness_of_runs(a: tuple[str, ...], b: tuple[str, ...]) -> TitleLikeness:
    """Whether two runs of words are one in two spellings: joined, plural, British, a small word more (NEAR); or nearly
    one, as a typing mistake is and another treatment may be (DOUBTFUL); or not (SIMILAR)."""
    singles = [{word for word in words if len(word) == 1} for words in (a, b)]
    if singles[0] and singles[1] and singles[0] != singles[1]:
        return TitleLikeness.OTHER
    ones, others = ([word for word in words if word not in STOP_WORDS] for words in (a, b))
    one, other = "".join(ones), "".join(others)
    if one == other:
        return TitleLikeness.NEAR
    if any(word.isdigit() or word.startswith(_TELLING) for word in (*a, *b)):
        return TitleLikeness.SIMILAR
    one, other = _spell_american(one), _spell_american(other)
    if one == other or _singular(ones) == _singular(others):
        return TitleLikeness.NEAR
    opposed = any({one.startswith(x), other.startswith(x)} == {True, False} for pair in _OPPOSITES for x in pair)
    if opposed or min(len(one), len(other)) < 4 or one[:3] != other[:3]:
        return TitleLikeness.SIMILAR
    alike = Indel.normalized_similarity(one, other) >= _SPELLING
    return TitleLikeness.DOUBTFUL if alike else TitleLikeness.SIMILAR


def _singular(words: Sequence[str]) -> str:
    """The words without the endings of English plurals, joined."""
    return "".join(re.sub(r"(?<=[a-z]{3})(?:(?<=[sxzh])es|(?<!s)s)$", "", _spell_american(word)) for word in words)


def differing_runs(a: tuple[str, ...], b: tuple[str, ...]) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
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
    """Compare two titles. Where a number, a letter that counts as one, or a word such as ``erratum`` or ``protocol``
    stands in one only, they are OTHER."""
    if not a.words or not b.words or (a.letter and b.letter and a.letter != b.letter):
        return TitleLikeness.OTHER
    likeness = _compare_texts(a, b)
    return max(likeness, TitleLikeness.SIMILAR) if a.other == b.text or b.other == a.text else likeness


def _compare_texts(a: FoldedTitle, b: FoldedTitle) -> TitleLikeness:
    if a.numbers != b.numbers or not (a.markers ^ b.markers) <= a.beside | b.beside:
        return TitleLikeness.OTHER
    if a.text == b.text:
        return TitleLikeness.SAME
    short, long = sorted((a.text, b.text), key=len)
    if len(short) >= 30 and long.startswith(short + " "):
        return TitleLikeness.SIMILAR
    ratio = fuzz.ratio(a.text, b.text, score_cutoff=60)
    if ratio < 75:
        return TitleLikeness.SIMILAR if ratio and fuzz.token_sort_ratio(a.text, b.text) >= 90 else TitleLikeness.OTHER
    if ratio < 85:
        return TitleLikeness.SIMILAR
    return min(_likeness_of_runs(one, other) for one, other in differing_runs(a.words, b.words))


def abstracts_begin_alike(a: str, b: str) -> bool:
    """Whether two abstracts, folded to words, begin alike."""
    return bool(a and b) and fuzz.ratio(a, b, score_cutoff=85) > 0


def abstracts_differ(a: str, b: str) -> bool:
    """Whether two abstracts, folded to words, are of two papers: both are given, and share neither beginning nor most
    words."""
    return min(len(a), len(b)) >= _ENOUGH_ABSTRACT and fuzz.token_set_ratio(a, b, score_cutoff=_OTHER_ABSTRACT) == 0


def fold_abstract(abstract: str) -> str:
    """The first words of an abstract for ``same_words``, without the heading that some databases put first."""
    return re.sub(
        r"^(?:background|objectives?|introduction|abstract|aims?|purpose)\s+",
        "",
        " ".join(normalise.fold_words(abstract[:500])),
    )
