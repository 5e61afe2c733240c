"""Where everything in a sample paper goes: the flow of text and tables through the columns of a journal's pages.

Pure geometry in PDF points, origin at the top left; widths come from the caller. A table is never cut: where it does
not fit, the text goes on and the table stands at the top of the next column (of the next page, when it spans both), as
in a real journal. Nothing may be lost: what was queued at the end of the text still gets its place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from leads_local.demo.breaking import Line, MeasureText, Word, break_into_lines
from leads_local.demo.source import Block, Heading, Paragraph, SamplePaper, Table
from leads_local.demo.styles import FICTIONAL, Style

Ruler = Callable[[str, str, float], float]  # (text, font name, size) -> width in points


@dataclass(frozen=True, slots=True)
class Text:
    """``text`` with its baseline at ``y``, from ``x`` on."""

    page: int
    x: float
    y: float
    text: str
    font: str
    size: float


@dataclass(frozen=True, slots=True)
class Rule:
    page: int
    x0: float
    x1: float
    y: float
    thickness: float


Mark = Text | Rule


@dataclass(slots=True)
class PageFlow:
    """The pages of one paper in the making: the place that the next line will take, and all marks made so far."""

    style: Style
    ruler: Ruler
    marks: list[Mark] = field(default_factory=list)
    page: int = 0
    column: int = 0
    y: float = 0.0
    top: float = 0.0  # of the columns on this page
    waiting: list[Table] = field(default_factory=list)

    @property
    def x(self) -> float:
        return self.style.margin + self.column * (self.style.column_width + self.style.gutter)

    @property
    def room(self) -> float:
        return self.style.bottom - self.y

    def measure(self, size: float) -> MeasureText:
        return lambda text, font: self.ruler(text, font, size)

    def set(self, made: Sequence[Line], x: float, size: float, leading: float) -> None:
        """Lines one below the other from ``y`` on, wherever that is."""
        for line in made:
            self.y += leading
            self.marks += [
                Text(self.page, x + start, self.y - 0.25 * leading, word.text + " ", word.font, size)
                for word, start in zip(line.words, line.starts, strict=True)
            ]

    def rule(self, x0: float, x1: float, thickness: float) -> None:
        self.marks.append(Rule(self.page, x0, x1, self.y, thickness))

    def advance(self) -> None:
        """To the next column or page, and there first to the tables that wait for it."""
        if self.column + 1 < self.style.columns:
            self.column += 1
        else:
            self.page, self.column, self.top = self.page + 1, 0, self.style.top
        self.y = self.top
        waiting, self.waiting = self.waiting, []
        for table in waiting:
            if table.wide and self.column == 0 and self.y == self.top:
                self.wide(table)
            elif table.wide or table_height(self, table) > self.room:
                self.waiting.append(table)
            else:
                draw_table(self, table, self.x, self.style.column_width)

    def wide(self, table: Table) -> None:
        draw_table(self, table, self.style.margin, self.style.width)
        self.top = self.y

    def paragraph(self, words: Sequence[Word], indent: float) -> None:
        self.pour(
            break_into_lines(words, self.style.column_width, self.measure(self.style.size), indent=indent),
            self.style.size,
            self.style.leading,
        )
        self.y += self.style.after_paragraph

    def reference(self, words: Sequence[Word]) -> None:
        size = self.style.size - 1.2
        made = break_into_lines(
            words, self.style.column_width, self.measure(size), justify=self.style.justified_references, hanging=11.0
        )
        self.pour(made, size, size * 1.2)
        self.y += 1.5

    def pour(self, made: Sequence[Line], size: float, leading: float) -> None:
        """Lines into the columns; the first and the last line of a paragraph don't stand alone."""
        for at, line in enumerate(made):
            alone = self.room < 2 * leading and len(made) > 1 and at in (0, len(made) - 2)
            if self.room < leading or alone:
                self.advance()
            self.set([line], self.x, size, leading)

    def heading(self, heading: Heading) -> None:
        font, size = ("heading", self.style.size + 1.5) if heading.level == 2 else ("subheading", self.style.size + 0.2)
        text = heading.text.upper() if heading.level == 2 and self.style.capitals else heading.text
        before = 9.0 if heading.level == 2 else 5.0
        if self.room < before + 4 * self.style.leading:
            self.advance()
        elif self.y > self.top:
            self.y += before
        words = [Word(word, font) for word in text.split()]
        self.set(
            break_into_lines(words, self.style.column_width, self.measure(size), justify=False),
            self.x,
            size,
            size * 1.25,
        )
        self.y += 2.0

    def table(self, table: Table) -> None:
        if table.wide or table_height(self, table) + 6 > self.room:
            self.waiting.append(table)
        else:
            draw_table(self, table, self.x, self.style.column_width)


def lay_out(paper: SamplePaper, style: Style, ruler: Ruler) -> tuple[list[Mark], int]:
    """All marks of ``paper`` and its number of pages."""
    flow = PageFlow(style, ruler, y=style.margin)
    _set_front_matter(flow, paper)
    flow.top = flow.y
    _set_body(flow, paper.body)
    while flow.waiting:
        flow.advance()
    for page in range(flow.page + 1):
        flow.marks += _page_furniture(paper, style, page, ruler)
    return flow.marks, flow.page + 1


def _set_body(flow: PageFlow, blocks: Sequence[Block]) -> None:
    after_heading = True
    references = False
    for block in blocks:
        if isinstance(block, Heading):
            references = block.text == "References"
            flow.heading(block)
        elif isinstance(block, Table):
            flow.table(block)
        elif references:
            flow.reference(split_words(block))
        else:
            flow.paragraph(split_words(block), 0.0 if after_heading else flow.style.indent)
        after_heading = not isinstance(block, Paragraph)


def split_words(paragraph: Paragraph) -> list[Word]:
    return [
        *(Word(word, "bold") for word in paragraph.label.split()),
        *(Word(word, "regular") for word in paragraph.text.split()),
    ]


def _set_front_matter(flow: PageFlow, paper: SamplePaper) -> None:
    """The head of the first page: journal, title, authors, and the abstract across both columns."""
    style = flow.style

    def block(text: str, font: str, size: float, before: float) -> None:
        flow.y += before
        made = break_into_lines(
            [Word(word, font) for word in text.split()], style.width, flow.measure(size), justify=False
        )
        flow.set(made, style.margin, size, size * 1.22)

    block(f"{paper.journal}. {paper.issue}", "italic", 9.0, 0.0)
    flow.y += 4
    flow.rule(style.margin, style.margin + style.width, 1.4)
    block(paper.kind, "bold", 8.5, 8.0)
    block(paper.title, "title", style.title_size, 4.0)
    block(paper.authors, "regular", 10.5, 6.0)
    block(paper.affiliation, "italic", 8.0, 3.0)
    flow.y += 8
    flow.rule(style.margin, style.margin + style.width, 0.6)
    block("Abstract", "heading", style.size + 1.5, 4.0)
    flow.y += 1
    for paragraph in paper.abstract:
        made = break_into_lines(split_words(paragraph), style.width, flow.measure(style.size), justify=True)
        flow.set(made, style.margin, style.size, style.leading)
        flow.y += 2
    block(f"Keywords: {paper.keywords}", "regular", 8.0, 3.0)
    flow.y += 5
    flow.rule(style.margin, style.margin + style.width, 0.6)
    flow.y += 10


def _surname(name: str) -> str:
    """The last word of ``name``, with the small words before it ("van der Hoeven")."""
    parts = name.split()
    small = [at for at, word in enumerate(parts) if word.islower()]
    return " ".join(parts[small[0] if small else -1 :])


def _page_furniture(paper: SamplePaper, style: Style, page: int, ruler: Ruler) -> list[Mark]:
    """Running head, page number, and the line that says that the paper is made up."""
    number = str(paper.first_page + page)
    right = style.margin + style.width
    base = style.height - style.margin * 0.55
    author = f"{_surname(paper.authors.split(',')[0])} et al."
    marks: list[Mark] = [
        Text(page, style.margin, base, FICTIONAL, "italic", 6.8),
        Text(page, right - ruler(number, "regular", 8.5), base, number, "regular", 8.5),
    ]
    if page:
        if not style.facing or page % 2:
            marks.append(Text(page, right - ruler(author, "italic", 8.0), style.margin * 0.72, author, "italic", 8.0))
        if not style.facing or not page % 2:
            marks.append(Text(page, style.margin, style.margin * 0.72, paper.running, "italic", 8.0))
    else:
        doi = f"doi: {paper.doi}"
        marks.append(Text(page, right - 30 - ruler(doi, "regular", 7.5), base, doi, "regular", 7.5))
    return marks


# ---------------------------------------------------------------- tables

_CELL_GAP = 7.0


def _column_widths(flow: PageFlow, table: Table, width: float) -> list[float]:
    """Widths: figures need their widest cell and the longest word of their head; the first column gets what is left, or
    all share it."""
    measure = flow.measure(flow.style.table_size)
    others = [
        max(
            *(measure(row[at], "regular") for row in table.rows[1:]),
            *(measure(word, "bold") for word in table.rows[0][at].split()),
        )
        for at in range(1, len(table.rows[0]))
    ]
    left = width - sum(others) - _CELL_GAP * len(others)
    spare = max(0.0, left - max(measure(row[0], "regular") for row in table.rows)) / (len(others) + 1)
    return [left - spare * len(others), *(other + spare for other in others)]


def _cell_lines(flow: PageFlow, table: Table, width: float) -> list[list[list[Line]]]:
    measure = flow.measure(flow.style.table_size)
    widths = _column_widths(flow, table, width)
    rows = []
    for at, row in enumerate(table.rows):
        font = "regular" if at else "bold"
        rows.append(
            [
                break_into_lines([Word(w, font) for w in cell.split()], room + 0.01, measure, justify=False)
                for cell, room in zip(row, widths, strict=True)
            ]
        )
    return rows


def _caption_and_note(flow: PageFlow, table: Table, width: float) -> tuple[list[Line], list[Line]]:
    measure = flow.measure(flow.style.table_size)
    caption = [*(Word(w, "bold") for w in table.number.split()), *(Word(w, "regular") for w in table.caption.split())]
    note = [Word(w, "regular") for w in table.note.split()]
    return break_into_lines(caption, width, measure, justify=False), break_into_lines(
        note, width, measure, justify=False
    )


def table_height(flow: PageFlow, table: Table) -> float:
    width = flow.style.width if table.wide else flow.style.column_width
    caption, note = _caption_and_note(flow, table, width)
    tall = (
        len(caption) + len(note) + sum(max(1, *(len(cell) for cell in row)) for row in _cell_lines(flow, table, width))
    )
    return tall * flow.style.table_leading + len(table.rows) * 1.5 + 26


def draw_table(flow: PageFlow, table: Table, x: float, width: float) -> None:
    """Caption, rule, head, rule, rows, rule, note; the figures stand in the middle of their columns."""
    style = flow.style
    caption, note = _caption_and_note(flow, table, width)
    flow.y += 6
    flow.set(caption, x, style.table_size, style.table_leading)
    flow.y += 3
    flow.rule(x, x + width, 0.9)
    widths = _column_widths(flow, table, width)
    for at, row in enumerate(_cell_lines(flow, table, width)):
        start, lowest, left = flow.y + 1.5, flow.y + 1.5, x
        for place, (cell, room) in enumerate(zip(row, widths, strict=True)):
            flow.y = start
            for line in cell:
                used = line.starts[-1] + flow.ruler(line.words[-1].text, line.words[-1].font, style.table_size)
                flow.set([line], left + ((room - used) / 2 if place else 0.0), style.table_size, style.table_leading)
            lowest = max(lowest, flow.y)
            left += room + _CELL_GAP
        flow.y = lowest
        if at == 0:
            flow.y += 2
            flow.rule(x, x + width, 0.5)
    flow.y += 3
    flow.rule(x, x + width, 0.9)
    flow.y += 1
    flow.set(note, x, style.table_size, style.table_leading)
    flow.y += 10
