"""One page as MuPDF's dictionary of characters becomes frames of words and rules.

MuPDF gives characters in the coordinates of the unturned page, line by line; what is wanted is words in the direction
that they are read in. Everything is kept that is printed; what it means is for others to find out. This module never
opens a file and does not import MuPDF.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from leads_local.documents.characters import repair_characters
from leads_local.documents.geometry import Fragment, Frame, Rule, Shape, Word

Affine = tuple[float, float, float, float, float, float]
Corners = tuple[float, float, float, float]

_GUTTER = 1.0  # a gap of this many type sizes may be a gutter between columns or cells
_BOLD = re.compile(r"bold|demi|heavy|black", re.IGNORECASE)
_ITALIC = re.compile(r"italic|oblique", re.IGNORECASE)
_OVERPRINT = 0.12  # of the type size: how far the second print of a word may stand from the first
_WHITE = 0xFFFFFF  # what is filled with it hides or does nothing
_THIN, _SHORT = 2.5, 12.0  # points: a rule is no thicker and no shorter
_NOWHERE: Corners = (0.0, 0.0, 0.0, 0.0)


def frames_of(raw: dict[str, Any], matrix: Affine, width: float, height: float) -> tuple[Frame, ...]:
    """The frames of a page, the one with most text first.

    ``raw`` is a page's "rawdict" with its vectors, ``matrix`` turns its coordinates into those of the page as
    displayed, whose size is ``width`` by ``height`` points.
    """
    found: dict[int, list[Fragment]] = {}
    for block in raw["blocks"]:
        if block["type"] == 0:
            for line in block["lines"]:
                turn, to_frame = _find_direction(line["dir"], matrix, width, height)
                found.setdefault(turn, []).extend(_fragments(line, to_frame))
    drawn = [block for block in raw["blocks"] if block["type"] == 3]
    frames = []
    once = {turn: list(_without_doubles(fragments)) for turn, fragments in found.items()}
    for turn, fragments in sorted(once.items(), key=lambda item: -sum(f.characters for f in item[1])):
        if fragments:
            across, down = (height, width) if turn in (90, 270) else (width, height)
            to_frame = _page_to_frame(turn, matrix, width, height)
            rules, shapes = _drawings(drawn, to_frame)
            frames.append(Frame(turn, across, down, tuple(fragments), tuple(rules), tuple(shapes)))
    return tuple(frames)


def _without_doubles(fragments: Sequence[Fragment]) -> Iterator[Fragment]:
    """The fragments without words that are printed a second time over themselves, which is how some programs make bold
    type."""
    seen: dict[str, list[Word]] = {}
    for fragment in fragments:
        kept = [word for word in fragment.words if not _is_printed_over(word, seen)]
        if len(kept) == len(fragment.words):
            yield fragment
        elif kept:
            yield Fragment.of(kept)


def _is_printed_over(word: Word, seen: dict[str, list[Word]]) -> bool:
    """Whether the same word stands in the same place; if not, it is noted in ``seen``."""
    near = _OVERPRINT * word.size
    alike = seen.setdefault(word.text, [])
    if any(abs(other.x0 - word.x0) < near and abs(other.base - word.base) < near for other in alike):
        return True
    alike.append(word)
    return False


def _page_to_frame(turn: int, matrix: Affine, width: float, height: float) -> Affine:
    """From the page's own coordinates to the frame's: u = a x + c y + e, v = b x + d y + f."""
    a, b, c, d, e, f = matrix
    if turn == 90:
        return (b, -a, d, -c, f, width - e)
    if turn == 180:
        return (-a, -b, -c, -d, width - e, height - f)
    if turn == 270:
        return (-b, a, -d, c, height - f, e)
    return (a, b, c, d, e, f)


def _find_direction(direction: tuple[float, float], matrix: Affine, width: float, height: float) -> tuple[int, Affine]:
    """Which way a line runs on the displayed page, as a turn, and the way from its coordinates into that frame."""
    a, b, c, d = matrix[:4]
    x, y = direction[0] * a + direction[1] * c, direction[0] * b + direction[1] * d
    turn = (0 if x > 0 else 180) if abs(x) >= abs(y) else (90 if y > 0 else 270)
    return turn, _page_to_frame(turn, matrix, width, height)


def _drawings(drawn: list[dict[str, Any]], to_frame: Affine) -> tuple[list[Rule], list[Shape]]:
    """The thin lines, the sides of drawn boxes among them, and everything else that is drawn and can be seen."""
    rules: list[Rule] = []
    shapes: list[Shape] = []
    for block in drawn:
        box = _transform_box(block["bbox"], to_frame)
        filled = not block.get("stroked", True)
        if filled and block.get("color") == _WHITE:
            continue
        if (thin := _thin_rule(*box)) is not None:
            rules.append(thin)
            continue
        shapes.append(Shape(*box, filled and block.get("isrect", False)))
        if not filled and block.get("isrect", False):
            x0, y0, x1, y1 = box
            sides = ((x0, y0, x1, y0), (x0, y1, x1, y1), (x0, y0, x0, y1), (x1, y0, x1, y1))
            rules.extend(side for side in (_thin_rule(*corners) for corners in sides) if side is not None)
    return rules, shapes


def _thin_rule(x0: float, y0: float, x1: float, y1: float) -> Rule | None:
    if y1 - y0 < _THIN and x1 - x0 > _SHORT:
        return Rule(x0, y0, x1, y1, True)
    if x1 - x0 < _THIN and y1 - y0 > _SHORT:
        return Rule(x0, y0, x1, y1, False)
    return None


def _transform_box(box: Corners, to_frame: Affine) -> Corners:
    a, b, c, d, e, f = to_frame
    u0, v0 = a * box[0] + c * box[1] + e, b * box[0] + d * box[1] + f
    u1, v1 = a * box[2] + c * box[3] + e, b * box[2] + d * box[3] + f
    return min(u0, u1), min(v0, v1), max(u0, u1), max(v0, v1)


def _fragments(line: dict[str, Any], to_frame: Affine) -> Iterator[Fragment]:
    """The line's words, parted where a gap is as wide as a gutter may be."""
    words = _words(line, to_frame)
    if len(line["spans"]) > 1:
        words.sort(key=lambda w: w.x0)
    run: list[Word] = []
    for word in words:
        if run and word.x0 - run[-1].x1 > _GUTTER * max(word.size, run[-1].size):
            yield Fragment.of(run)
            run = []
        run.append(word)
    if run:
        yield Fragment.of(run)


def _words(line: dict[str, Any], to_frame: Affine) -> list[Word]:
    spans = [s for s in line["spans"] if s["chars"]]
    found: list[Word] = []
    if not spans:
        return found
    main = max(spans, key=lambda s: (len(s["chars"]), s["size"]))
    _, b, _, d, _, f = to_frame
    base = b * main["origin"][0] + d * main["origin"][1] + f
    glued = False
    for span in spans:
        origin = b * span["origin"][0] + d * span["origin"][1] + f
        raised = _script_position(span, main, origin, base)
        letters: list[str] = []
        first = last = _NOWHERE
        for char in span["chars"]:
            symbol = char["c"]
            if symbol.isspace():
                if letters:
                    found += _make_words(letters, first, last, to_frame, span, origin, raised, glued)
                    letters = []
                glued = False
            else:
                last = char["bbox"]
                if not letters:
                    first = last
                letters.append(symbol)
        if letters:
            found += _make_words(letters, first, last, to_frame, span, origin, raised, glued)
            glued = True
    return found


def _script_position(span: dict[str, Any], main: dict[str, Any], origin: float, base: float) -> int:
    """1 for superscript, -1 for subscript, against the line's main span, whose baseline is ``base``."""
    if span["size"] >= 0.88 * main["size"] or abs(origin - base) <= 0.08 * main["size"]:
        return 0
    return 1 if origin < base else -1


def _make_words(
    letters: list[str],
    first: Corners,
    last: Corners,
    to_frame: Affine,
    span: dict[str, Any],
    origin: float,
    raised: int,
    glued: bool,
) -> list[Word]:
    """The word that the letters make, its box spanned by the first and the last; more than one where a repair puts a
    space."""
    box = (min(first[0], last[0]), min(first[1], last[1]), max(first[2], last[2]), max(first[3], last[3]))
    x0, y0, x1, y1 = _transform_box(box, to_frame)
    name: str = span["font"]
    bold, italic = _weight_and_slant(name, span["flags"])
    parts = repair_characters("".join(letters)).split()
    return [Word(part, x0, y0, x1, y1, origin, span["size"], bold, italic, raised, glued, name) for part in parts]


@lru_cache(maxsize=256)
def _weight_and_slant(font: str, flags: int) -> tuple[bool, bool]:
    """Whether a font is bold, and whether it is italic, by its name or by its flags."""
    return bool(flags & 16) or _BOLD.search(font) is not None, bool(flags & 2) or _ITALIC.search(font) is not None
