"""The printed page as data: words with boxes and type, rules, and the frame that they are read in.

The reader fills these from a PDF; everything that decides on columns, paragraphs and tables works on them alone, so
that it can be tested without a PDF. Coordinates are points in a *reading frame*: text runs to the right, lines go down.
``Frame.turn`` says how that frame lies on the page as displayed, and ``displayed`` takes a box back there. Nothing in
here guesses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from leads_local.records import Box


@dataclass(frozen=True, slots=True)
class Word:
    """Characters without white space between them, of one size and one height above the line.

    ``base`` is the y of the baseline, ``raised`` 1 for superscript, -1 for subscript. ``glued`` says that no white
    space stood before it.
    """

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    base: float
    size: float
    bold: bool = False
    italic: bool = False
    raised: int = 0
    glued: bool = False
    font: str = ""


@dataclass(frozen=True)
class Fragment:
    """Words side by side on one baseline, without a gap that could be a gutter. At least one word."""

    words: tuple[Word, ...]
    x0: float
    y0: float
    x1: float
    y1: float
    base: float
    size: float

    @classmethod
    def of(cls, words: Iterable[Word]) -> Fragment:
        found = tuple(words)
        if len(found) == 1:
            return cls(found, (one := found[0]).x0, one.y0, one.x1, one.y1, one.base, one.size)
        weight: dict[tuple[float, float], int] = {}
        for word in found:
            key = (word.size, word.base)
            weight[key] = weight.get(key, 0) + (len(word.text) if not word.raised else 0)
        size, base = max(weight, key=lambda key: weight[key])
        x0, x1 = min([w.x0 for w in found]), max([w.x1 for w in found])
        plain = [w for w in found if not w.raised] or found
        return cls(found, x0, min([w.y0 for w in plain]), x1, max([w.y1 for w in plain]), base, size)

    @property
    def width(self) -> float:
        return self.x1 - self.x0

    @cached_property
    def characters(self) -> int:
        return sum(len(w.text) for w in self.words)

    @cached_property
    def bold(self) -> bool:
        return sum(len(w.text) for w in self.words if w.bold) > 0.6 * self.characters

    @cached_property
    def italic(self) -> bool:
        return sum(len(w.text) for w in self.words if w.italic) > 0.6 * self.characters

    @cached_property
    def font(self) -> str:
        """The font of most characters."""
        weight: dict[str, int] = {}
        for word in self.words:
            weight[word.font] = weight.get(word.font, 0) + len(word.text)
        return max(weight, key=lambda name: weight[name])

    @cached_property
    def text(self) -> str:
        """The words with their separators: see ``joined``."""
        return join_words(self.words)


@dataclass(frozen=True, slots=True)
class Rule:
    """A thin horizontal line (``across`` true) or vertical one."""

    x0: float
    y0: float
    x1: float
    y1: float
    across: bool


@dataclass(frozen=True, slots=True)
class Shape:
    """What is drawn and is no thin line: a filled band of a table, a box, a curve. ``filled`` is true for a rectangle
    with a ground of its own."""

    x0: float
    y0: float
    x1: float
    y1: float
    filled: bool


@dataclass(frozen=True, slots=True)
class Frame:
    """What is printed in one direction on a page. ``turn`` is 0, 90, 180 or 270: the angle, clockwise, by which its
    text is turned.

    ``width`` and ``height`` are of this frame, so exchanged against the page's for 90 and 270.
    """

    turn: int
    width: float
    height: float
    fragments: tuple[Fragment, ...]
    rules: tuple[Rule, ...] = ()
    shapes: tuple[Shape, ...] = ()

    def displayed(self, x0: float, y0: float, x1: float, y1: float) -> Box:
        """The box on the page as displayed."""
        if self.turn == 90:
            x0, y0, x1, y1 = self.height - y1, x0, self.height - y0, x1
        elif self.turn == 180:
            x0, y0, x1, y1 = self.width - x1, self.height - y1, self.width - x0, self.height - y0
        elif self.turn == 270:
            x0, y0, x1, y1 = y0, self.width - x1, y1, self.width - x0
        return Box(round(x0, 2), round(y0, 2), round(x1, 2), round(y1, 2))


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page: the frame that most of its text stands in first. No frames: nothing is printed as text on it.
    ``shapes``: how many things are drawn on it that are no thin lines."""

    number: int
    width: float
    height: float
    frames: tuple[Frame, ...]
    shapes: int = 0

    @property
    def characters(self) -> int:
        return sum(f.characters for frame in self.frames for f in frame.fragments)


_UNITS = frozenset(["m", "cm", "mm", "km", "µm", "μm", "nm", "dm", "kg", "g", "s", "h", "min", "L", "l", "ft", "in"])
_ORDINALS = frozenset({"st", "nd", "rd", "th"})
_MARKS = frozenset("®™°©℠′″")
_CHARGES = frozenset({"+", "-", "−", "2+", "3+", "++"})
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_ENDS_NUMBER = frozenset("0123456789)]%")
_UNIT_BREAK = re.compile(r"[\s/·(×]+")


def separator(before: str, last: Word, word: Word) -> str:
    """What belongs between the text so far, whose last word is ``last``, and a word that is glued to it.

    An exponent stays an exponent (``10^9``, ``kg/m2``), an ordinal and a trade mark stay where they are, and a mark
    that points to a note or reference is set apart, because "0.689b" and "trial12" would be other words; behind a
    number it stays a raised figure ("61.2 ²"). Subscripts are part of their word (``CO2``).
    """
    if word.raised <= 0:
        leading = last.raised > 0 and not last.glued and word.text[0].isalpha()
        return " " if leading and (not last.text.isdigit() or word.text[1:2].islower()) else ""
    mark = word.text
    if mark[0] in _MARKS or not (mark[0].isalnum() or mark[0] in "*∗†‡§¶#[-−–+"):
        return ""
    number = mark.lstrip("-−–+")
    if before.endswith("10") and not before[-3:-2].isdigit() and number.isdigit():
        return "^"
    tail = _UNIT_BREAK.split(before)[-1]
    if number[:1].isdigit() and len(number) == 1 and (tail in _UNITS or (len(tail) == 1 and tail.isalpha())):
        return ""
    if mark.lower() in _ORDINALS and before[-1].isdigit():
        return ""
    return "" if mark in _CHARGES else " "


def _is_note(before: str, word: Word) -> bool:
    """Whether a raised number points from a number to a note or a reference, and is no digit of the number."""
    return word.raised > 0 and before.endswith(" ") and before[-2:-1] in _ENDS_NUMBER and word.text[0].isdigit()


def join_words(words: Iterable[Word]) -> str:
    """The text of words in order, one space between those that were apart."""
    text = ""
    last: Word | None = None
    for word in words:
        if last is not None:
            text += separator(text, last, word) if word.glued else " "
        text += word.text.translate(_RAISED) if _is_note(text, word) else word.text
        last = word
    return text
