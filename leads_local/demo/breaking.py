"""Running text into justified lines, with words broken at hyphens where that keeps the gaps even.

Pure arithmetic over widths that the caller measures, so that it can be tested without a PDF. Breaking must never lose,
add or reorder a character apart from the hyphen at the end of a line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

MeasureText = Callable[[str, str], float]  # (text, font name) -> width in points

_LOOSEST = 2.2  # a gap wider than this many spaces is worth a broken word
_LONG_WORD = 11  # letters: such a word may also be cut after a vowel
_WIDEST = 3.0  # no gap gets wider than this many spaces: rather a short line
_ENDINGS = re.compile(r"(?:ing|tion|tions|ment|ments|ness|less|able|ance|ence|tive|ly)$")
_VOWEL = "aeiouyáéíóúäöåøæ"
_INSEPARABLE = re.compile(
    r"[bcfgp]l|[bcdfgptw]r|[cgpstw]h|ck|kn|ng|qu|s[cklmnptw]|tw"
)  # consonants that are not parted


@dataclass(frozen=True, slots=True)
class Word:
    text: str
    font: str


@dataclass(frozen=True, slots=True)
class Line:
    """Words and the x at which each starts, from the left edge of the column."""

    words: tuple[Word, ...]
    starts: tuple[float, ...]

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)


def break_points(word: str) -> Iterator[tuple[str, str]]:
    """Where ``word`` may be cut, the longest first part first. A hyphen of its own counts; figures and names are left
    whole."""
    own = [
        at + 1
        for at in range(2, len(word) - 3)
        if word[at] in "-–" and word[at - 1].isalpha() and word[at + 1].isalpha()
    ]
    core = re.fullmatch(r"\(?([a-zà-ö]{7,})[.,;:)]*", word)
    soft = [core.start(1) + at for at in _syllables(core[1])] if core else []
    for at in sorted({*own, *soft}, reverse=True):
        yield (word[:at] if at in own else word[:at] + "-", word[at:])


def _syllables(word: str) -> list[int]:
    ending = _ENDINGS.search(word)
    places = {ending.start()} if ending and ending.start() >= 4 else set()
    for at in range(3, len(word) - 3):
        before, after, following = word[at - 1], word[at], word[at + 1]
        between = before not in _VOWEL and after not in _VOWEL and not _INSEPARABLE.fullmatch(before + after)
        open_syllable = (
            len(word) >= _LONG_WORD
            and before in _VOWEL
            and after not in _VOWEL
            and following in _VOWEL
            and 4 <= at <= len(word) - 5
        )
        if open_syllable or (
            between and word[at - 2] in _VOWEL and (following in _VOWEL or _INSEPARABLE.fullmatch(after + following))
        ):
            places.add(at)
    return [at for at in sorted(places) if any(letter in _VOWEL for letter in word[at:])]


def break_into_lines(
    words: Sequence[Word],
    width: float,
    measure: MeasureText,
    justify: bool = True,
    indent: float = 0.0,
    hanging: float = 0.0,
) -> list[Line]:
    """``words`` in lines of ``width`` points, the first one indented and the others hanging by so much.

    Justified text is hyphenated, and its last line not stretched; other text keeps its words whole.
    """
    queue = list(words)
    made: list[Line] = []
    while queue:
        room = width - (hanging if made else indent)
        taken, queue = _fill_line(queue, room, measure, justify)
        made.append(_place_words(taken, room, width - room, measure, justify and bool(queue)))
    return made


def _fill_line(queue: list[Word], room: float, measure: MeasureText, hyphenate: bool) -> tuple[list[Word], list[Word]]:
    """As many words as fit into ``room``, at least one, with a part of the next one where the line would else be
    loose."""
    taken: list[Word] = []
    used = 0.0
    for at, word in enumerate(queue):
        space = measure(" ", word.font) if taken else 0.0
        if used + space + measure(word.text, word.font) <= room:
            taken.append(word)
            used += space + measure(word.text, word.font)
            continue
        loose = hyphenate and (
            not taken or (room - used) / max(1, len(taken) - 1) > (_LOOSEST - 1) * measure(" ", word.font)
        )
        if loose:
            for first, rest in break_points(word.text):
                if used + space + measure(first, word.font) <= room:
                    return [*taken, Word(first, word.font)], [Word(rest, word.font), *queue[at + 1 :]]
        if not taken:
            return [word], queue[at + 1 :]
        return taken, queue[at:]
    return taken, []


def _place_words(words: list[Word], room: float, indent: float, measure: MeasureText, stretch: bool) -> Line:
    widths = [measure(word.text, word.font) for word in words]
    gap = measure(" ", words[0].font)
    if stretch and len(words) > 1:
        gap = min(_WIDEST * gap, (room - sum(widths)) / (len(words) - 1))
    starts = []
    x = indent
    for width in widths:
        starts.append(x)
        x += width + gap
    return Line(tuple(words), tuple(starts))
