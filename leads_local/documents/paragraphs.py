"""Fragments of one column become lines, and lines become blocks: paragraphs, headings and captions that belong
together.

Where a paragraph ends is judged as a typesetter marks it: by white space, an indented line, a line left short though
the next word would have fitted, a change of type. A paragraph that runs on in the next column or page is joined again
in ``layout``.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from leads_local.documents.captions import is_caption
from leads_local.documents.geometry import Fragment, Frame, Word
from leads_local.records import PassageKind

SENTENCE_END = re.compile(r"[.?!:;][\"'”’)\]]*(?:\s?\[?[\d,;–-]+\]?)?$")
ENUMERATOR = re.compile(r"(?:\[\d{1,3}\]|\(?(?:\d{1,3}|[a-z]|[ivx]{1,4})[.)]|[•▪●○◦■–—*-])$")

_ROW = 0.6  # of the type size: how far a raised or lowered mark may stand from the baseline of its row
_COUNTED = re.compile(r"(?P<said>\d{1,2})\.|\(?(?P<other>\d{1,2}|[a-z]{1,4})\)")
_PAUSES = (";", ":", ",", ".")  # what stands before a number that could end a sentence
_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x")
_LETTERS = tuple("abcdefghijklmnop")


@dataclass(frozen=True, slots=True)
class Line:
    """One printed line and where it stands."""

    page: int
    frame: Frame
    printed: Fragment


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that belong together. ``first`` says whether it begins its column, ``room`` is the white space at the end
    of its last line, and ``cells`` holds a table row's cells, each as its own lines. ``aside``: it stands in a figure
    or in the margin, and no sentence goes on in it. ``begins``: it is the first row of a table, ``head``: its column
    heads, ``note``: it stands under a table's rows and belongs to them."""

    kind: PassageKind
    lines: tuple[Line, ...]
    size: float
    bold: bool = False
    first: bool = False
    indented: bool = False
    room: float = 0.0
    cells: tuple[tuple[Line, ...], ...] = ()
    aside: bool = False
    begins: bool = False
    head: bool = False
    note: bool = False

    @property
    def text(self) -> str:
        return " ".join(line.printed.text for line in self.lines)

    @property
    def page(self) -> int:
        return self.lines[0].page


def join_rows(fragments: Iterable[Fragment]) -> list[Fragment]:
    """Fragments on one baseline as one, sub- and superscripts that were printed apart included; from top to bottom."""
    ordered = sorted(fragments, key=lambda f: (-f.size, f.base))
    reach = _ROW * ordered[0].size if ordered and ordered[0].size else 1.0  # between the baselines of one row, at most
    groups: list[list[Fragment]] = []
    levels: dict[int, list[list[Fragment]]] = {}  # the groups by their baselines, in steps of that
    for fragment in ordered:
        level = int(fragment.base // reach)
        near = [g for n in (level - 1, level, level + 1) for g in levels.get(n, ()) if _same_row(g[0], fragment)]
        if near:
            min(near, key=lambda g: abs(g[0].base - fragment.base)).append(fragment)
        else:
            groups.append([fragment])
            levels.setdefault(level, []).append(groups[-1])
    merged = [_merge_fragments(group) for group in groups]
    return sorted(merged, key=lambda f: (f.base, f.x0))


def _same_row(row: Fragment, fragment: Fragment) -> bool:
    apart = abs(row.base - fragment.base)
    if apart <= 0.25 * row.size:
        return True
    small = fragment.size < 0.88 * row.size
    return (
        small
        and apart <= _ROW * row.size
        and fragment.characters <= 12
        and row.y0 - 0.3 * row.size < fragment.y0 < row.y1
    )


def _merge_fragments(group: Sequence[Fragment]) -> Fragment:
    if len(group) == 1:
        return group[0]
    row = group[0]
    words: list[Word] = []
    for fragment in group:
        if fragment.size < 0.88 * row.size and abs(fragment.base - row.base) > 0.08 * row.size:
            raised = 1 if fragment.base < row.base else -1
            words.extend(replace(word, raised=raised) for word in fragment.words)
        else:
            words.extend(fragment.words)
    words.sort(key=lambda w: w.x0)
    for place in range(1, len(words)):
        before, word = words[place - 1], words[place]
        if (word.raised or before.raised) and word.x0 - before.x1 < 0.12 * row.size and not word.glued:
            words[place] = replace(word, glued=True)
    return Fragment.of(words)


@dataclass(frozen=True, slots=True)
class _Column:
    """What is usual in one column: its edges and the distance of its baselines."""

    left: float
    right: float
    leading: Mapping[int, float]  # by type size, rounded


def build_blocks(fragments: Sequence[Fragment], page: int, frame: Frame) -> list[Block]:
    """The blocks of one column, from top to bottom. ``kind`` is PARAGRAPH or CAPTION; headings are told from these
    later."""
    lines = join_rows(fragments)
    if not lines:
        return []
    column = _measure_column(lines)
    runs: list[list[Fragment]] = []
    for line in lines:
        if runs and not _begins_block(runs[-1], line, column):
            runs[-1].append(line)
        else:
            runs.append([line])
    return [_build_block(run, page, frame, column, place == 0) for place, run in enumerate(runs)]


def _build_block(run: Sequence[Fragment], page: int, frame: Frame, column: _Column, first: bool) -> Block:
    lines = tuple(Line(page, frame, line) for line in run)
    size = main_type_size(run)
    bold = all(line.bold for line in run)
    kind = PassageKind.CAPTION if is_caption(run[0], len(run)) else PassageKind.PARAGRAPH
    indented = run[0].x0 - column.left > 0.6 * size
    right = max(line.x1 for line in run) if len(run) > 2 else column.right
    return Block(kind, lines, size, bold, first, indented, right - run[-1].x1)


def main_type_size(lines: Iterable[Fragment]) -> float:
    """The type size that most characters have, to a tenth of a point."""
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[round(line.size, 1)] += line.characters
    return sizes.most_common(1)[0][0] if sizes else 0.0


def _measure_column(lines: Sequence[Fragment]) -> _Column:
    lefts = Counter(round(line.x0) for line in lines)
    left = min((x for x, n in lefts.items() if n >= max(1, 0.2 * len(lines))), default=min(line.x0 for line in lines))
    rights = sorted(line.x1 for line in lines)
    gaps: dict[int, Counter[float]] = {}
    for a, b in itertools.pairwise(lines):
        if round(a.size) == round(b.size) and 0.8 * b.size < b.base - a.base < 2.2 * b.size:
            gaps.setdefault(round(b.size), Counter())[round((b.base - a.base) * 2) / 2] += 1
    leading = {
        size: min(gap for gap, n in seen.items() if n >= 0.25 * max(seen.values())) for size, seen in gaps.items()
    }
    return _Column(float(left), rights[int(0.95 * (len(rights) - 1))], leading)


def _begins_block(run: Sequence[Fragment], line: Fragment, column: _Column) -> bool:
    """Whether ``line`` begins a block of its own after the lines of ``run``."""
    before = run[-1]
    gap = line.base - before.base
    scale = max(before.size, line.size) / max(1.0, min(before.size, line.size))
    size = max(before.size, line.size)
    leading = max(column.leading.get(round(size), 1.3 * size), 1.05 * size)
    usual = run[-1].base - run[-2].base if len(run) > 1 else leading
    if gap > 1.45 * leading or (gap > 1.3 * max(usual, 1.0) and gap > 1.12 * leading):
        return True
    if is_caption(line) and (SENTENCE_END.search(before.text) or before.bold != line.bold or gap > 1.15 * leading):
        return True
    if scale > 1.06 and min(before.characters, line.characters) >= 4:
        return True
    if before.bold != line.bold and _weight_changes_at_break(before, line):
        return True
    return _begins_paragraph(run, line, column)


def _weight_changes_at_break(before: Fragment, line: Fragment) -> bool:
    """Whether a change between bold and plain falls on the line break, as after a heading, and not within a
    sentence."""
    return before.words[-1].bold != line.words[0].bold or (
        before.bold and before.words[0].bold and before.words[-1].bold
    )


def _begins_paragraph(run: Sequence[Fragment], line: Fragment, column: _Column) -> bool:
    before = run[-1]
    size = line.size
    room = column.right - before.x1 > line.words[0].x1 - line.words[0].x0 + 0.6 * size
    text = line.text
    ended = SENTENCE_END.search(before.text) is not None
    marked = ENUMERATOR.fullmatch(line.words[0].text) is not None and len(line.words) > 1
    if marked and _counts_on(run, line):
        return False
    if marked and (ended or before.x0 > line.x0 + 0.4 * size):
        return True
    if _is_centred(before, line, column):
        return False
    if line.x0 > run[0].x0 + 0.5 * size and ENUMERATOR.fullmatch(run[0].words[0].text):
        return False  # under a hanging number
    if line.x0 - column.left > 0.6 * size and before.x0 - column.left < 0.4 * size and line.x0 - column.left < 5 * size:
        hanging = len(run) == 1 and not ended and not room
        return not hanging and (ended or room)
    if (
        len(run) > 1
        and run[0].x0 < run[1].x0 - 0.5 * size
        and line.x0 < run[1].x0 - 0.5 * size
        and abs(line.x0 - run[0].x0) < 2
    ):
        return True  # a hanging indent ends
    return room and (ended or not text[0].islower()) and (ended or before.width < 0.75 * (column.right - column.left))


def _counts_on(run: Sequence[Fragment], line: Fragment) -> bool:
    """Whether a line begins with the next number of a list that is counted within the sentence: "(1) …; (2) …"."""
    before = number_before(line.words[0].text)
    flush = abs(line.x0 - run[-1].x0) < 0.4 * line.size or len(run) == 1
    if not before or not flush:
        return False
    words = [word.text for other in run for word in other.words]
    if not before.endswith("."):
        return before in words[1:]
    within = not ENUMERATOR.fullmatch(words[0])  # no list whose entries begin lines
    return within and any(word == before and last.endswith(_PAUSES) for last, word in itertools.pairwise(words))


def number_before(mark: str) -> str:
    """The mark that stands before this one in a list counted within a sentence, "" for the first and for any other
    word: "(1)" for "(2)", "2." for "3.", "a)" for "b)", "(ii)" for "(iii)"."""
    found = _COUNTED.fullmatch(mark)
    if found is None:
        return ""
    group = "said" if found["said"] else "other"
    said = found[group]
    names = next((n for n in (_ROMAN, _LETTERS) if said in n[1:]), ())
    if said.isdigit():
        before = str(int(said) - 1) if int(said) > 1 else ""
    else:
        before = names[names.index(said) - 1] if names else ""
    return f"{mark[: found.start(group)]}{before}{mark[-1]}" if before else ""


def _is_centred(before: Fragment, line: Fragment, column: _Column) -> bool:
    middle = abs((before.x0 + before.x1) - (line.x0 + line.x1)) < 4
    return middle and abs(before.x0 - line.x0) > 3 and before.x0 - column.left > 2
