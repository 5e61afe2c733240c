"""From printed pages to passages: text in reading order, each passage whole, each with the place of its lines.

The steps are drop caps, furniture, columns, tables, blocks, headings, joining across columns and pages, hyphens,
sections, floats; each has its own module and this one only puts them in order. Invariant: the texts of a passage's
spans, one after the other, are the passage's text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from leads_local.documents import (
    columns,
    continued,
    drop_caps,
    figures,
    floats,
    furniture,
    headings,
    joining,
    margins,
    outline,
    paragraphs,
    tables,
)
from leads_local.documents.cells import is_value
from leads_local.documents.geometry import Fragment, Frame, Rule, Sheet
from leads_local.documents.hyphens import Vocabulary
from leads_local.documents.line_numbers import find_line_numbers
from leads_local.documents.paragraphs import Block, Line
from leads_local.records import Passage, PassageKind, Span

CELL_SEPARATOR = " | "


def build_passages(sheets: Sequence[Sheet]) -> tuple[Passage, ...]:
    """The passages of a document in reading order, furniture after the page that it stands on."""
    numbers = find_line_numbers(sheets)
    sheets = drop_caps.put_back([_without(sheet, numbers) for sheet in sheets] if numbers else sheets)
    parted = furniture.split_off(sheets)
    body = paragraphs.main_type_size(f for content, _ in parted.values() for f in content)
    lines = furniture.repeated_rules(sheets)
    blocks: list[Block] = []
    known = _common_gutters([content for content, _ in parted.values()])
    for sheet in sheets:
        aside: list[Block] = []
        for place, frame in enumerate(sheet.frames):
            content, edge = parted[sheet.number, place]
            blocks.extend(_frame_blocks(content, sheet.number, frame, body, lines, known))
            aside.extend(Block(PassageKind.FURNITURE, (Line(sheet.number, frame, f),), f.size) for f in edge)
            if counted := numbers.get((sheet.number, place)):
                printed = tuple(Line(sheet.number, frame, f) for f in counted)
                aside.append(Block(PassageKind.FURNITURE, printed, counted[0].size))
        blocks.extend(aside)
    blocks = continued.carry_heads(blocks)
    blocks = joining.join_paragraphs(headings.mark_headings(blocks, body))
    vocabulary = Vocabulary(line.printed.text for block in blocks for line in block.lines)
    found = [_make_passage(order, block, vocabulary) for order, block in enumerate(blocks)]
    return tuple(floats.place_floats(outline.assign_sections(found, blocks, body), blocks, body))


def _without(sheet: Sheet, numbers: Mapping[tuple[int, int], Sequence[Fragment]]) -> Sheet:
    """The sheet without its line numbers."""
    frames = list(sheet.frames)
    for place, frame in enumerate(frames):
        if gone := {id(f) for f in numbers.get((sheet.number, place), ())}:
            frames[place] = replace(frame, fragments=tuple(f for f in frame.fragments if id(f) not in gone))
    return replace(sheet, frames=tuple(frames))


def _common_gutters(pages: Sequence[Sequence[Fragment]]) -> list[float]:
    """Where the pages that show it have their gutter, the commonest first; none unless a third of them do."""
    found = Counter(round(gutter) for page in pages if (gutter := columns.find_gutter(page)) is not None)
    return [float(x) for x, _ in found.most_common(2) if 3 * found.total() >= len(pages)]


def _frame_blocks(
    content: Sequence[Fragment],
    page: int,
    frame: Frame,
    body: float,
    lines: set[tuple[int, int, int]],
    known: Sequence[float],
) -> list[Block]:
    """The blocks of one frame of a page in reading order, tables as rows, what stands in figures and in the margin
    aside."""
    rules = [rule for rule in frame.rules if furniture.rule_key(rule) not in lines]
    drawn = figures.find_figures(content, rules, frame.shapes, body)
    content = _without_figures(content, drawn)
    rules = [rule for rule in rules if not any(_lies_in(rule, figure) for figure in drawn)]
    found, rest = tables.find_tables(content, rules, body, frame.shapes, known)
    rest, notes = margins.split_off_notes(rest, body)
    result: list[Block] = []
    items: list[Fragment | tables.Table | figures.Figure] = [*rest, *found, *drawn]
    for leaf in columns.split_columns(items, known):
        run: list[Fragment] = []
        for item in leaf:
            if isinstance(item, Fragment):
                run.append(item)
                continue
            result.extend(paragraphs.build_blocks(run, page, frame))
            result.extend(_item_blocks(item, page, frame))
            run = []
        result.extend(paragraphs.build_blocks(run, page, frame))
    result.extend(_aside(notes, page, frame))
    return result


def _without_figures(content: Sequence[Fragment], drawn: Sequence[figures.Figure]) -> list[Fragment]:
    taken = {id(fragment) for figure in drawn for fragment in figure.fragments}
    return [fragment for fragment in content if id(fragment) not in taken]


def _lies_in(rule: Rule, figure: figures.Figure) -> bool:
    return rule.x0 >= figure.x0 - 2 and rule.x1 <= figure.x1 + 2 and figure.y0 - 2 <= rule.y0 <= figure.y1 + 2


def _item_blocks(item: tables.Table | figures.Figure, page: int, frame: Frame) -> list[Block]:
    return _table_blocks(item, page, frame) if isinstance(item, tables.Table) else _figure_blocks(item, page, frame)


def _figure_blocks(figure: figures.Figure, page: int, frame: Frame) -> list[Block]:
    """The words in a figure, the rows of values under it, and, as furniture, the numbers of its axes."""
    result: list[Block] = []
    rows = figure.rows()
    used = {(word.x0, word.base) for row in rows for cell in row for word in cell.words}
    left = [f for f in figure.fragments if not any((word.x0, word.base) in used for word in f.words)]
    result.extend(_aside([f for f in left if not is_value(f.text)], page, frame))
    for row in rows:
        cells = tuple((Line(page, frame, cell),) for cell in row)
        printed = tuple(cell[0] for cell in cells)
        result.append(Block(PassageKind.TABLE_ROW, printed, paragraphs.main_type_size(row), cells=cells, aside=True))
    axis = tuple(Line(page, frame, f) for f in left if is_value(f.text))
    if axis:
        result.append(Block(PassageKind.FURNITURE, axis, axis[0].printed.size, aside=True))
    return result


def _aside(fragments: Sequence[Fragment], page: int, frame: Frame) -> list[Block]:
    """The blocks of what stands in a figure or in the margin."""
    leaves = columns.split_columns(list(fragments))
    blocks = [block for leaf in leaves for block in paragraphs.build_blocks(leaf, page, frame)]
    return [replace(block, aside=True) for block in blocks]


def _table_blocks(table: tables.Table, page: int, frame: Frame) -> list[Block]:
    result: list[Block] = []
    if table.caption:
        lines = tuple(Line(page, frame, line) for line in table.caption)
        result.append(Block(PassageKind.CAPTION, lines, paragraphs.main_type_size(table.caption)))
    for place, row in enumerate(table.rows):
        cells = tuple(tuple(Line(page, frame, line) for line in cell.lines) for cell in row)
        lines = tuple(line for cell in cells for line in cell)
        size = paragraphs.main_type_size(line.printed for line in lines)
        block = Block(PassageKind.TABLE_ROW, lines, size, cells=cells, begins=place == 0)
        result.append(replace(block, head=table.head and place == 0))
    result.extend(replace(block, note=True) for block in paragraphs.build_blocks(table.notes, page, frame))
    return result


def _make_passage(order: int, block: Block, vocabulary: Vocabulary) -> Passage:
    if not block.cells:
        return Passage(order, block.kind, *_running_text(block.lines, vocabulary))
    text = ""
    spans: list[Span] = []
    for place, cell in enumerate(block.cells):
        piece, parts = _running_text(cell, vocabulary)
        spans.extend(replace(s, start=s.start + len(text), end=s.end + len(text)) for s in parts)
        text += piece
        if place + 1 < len(block.cells):
            text += CELL_SEPARATOR
            if spans:
                spans[-1] = replace(spans[-1], end=len(text))
    if spans:
        spans[0] = replace(spans[0], start=0)
    return Passage(order, block.kind, text, tuple(spans))


def _running_text(lines: Sequence[Line], vocabulary: Vocabulary) -> tuple[str, tuple[Span, ...]]:
    """The text of lines that follow each other, and a span for each."""
    text = ""
    spans: list[Span] = []
    for place, line in enumerate(lines):
        piece = (
            line.printed.text.replace("\u00ad", "") if not line.printed.text.endswith("\u00ad") else line.printed.text
        )
        if place + 1 < len(lines):
            after = lines[place + 1].printed.text
            piece = _close_line(piece, after, vocabulary)
        else:
            piece = piece.rstrip("\u00ad")
        frame, printed = line.frame, line.printed
        box = frame.displayed(printed.x0, printed.y0, printed.x1, printed.y1)
        spans.append(Span(len(text), len(text) + len(piece), line.page, box))
        text += piece
    return text, tuple(spans)


def _close_line(piece: str, after: str, vocabulary: Vocabulary) -> str:
    """A line's text with what parts it from the next: a space, nothing, or nothing and no hyphen either."""
    if not piece.endswith(("-", "\u00ad")) or len(piece) < 2 or not piece[-2].isalnum():
        return piece.replace("\u00ad", "") + (
            "" if piece.endswith(("–", "/")) and after[:1].isalnum() and piece[-2:-1].isalnum() else " "
        )
    if vocabulary.is_broken(piece, after):
        return piece[:-1].replace("\u00ad", "")
    return piece.replace("\u00ad", "")
