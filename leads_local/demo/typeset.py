"""The PDFs of the sample papers, made from their sources when the demo runs: two columns, running heads, tables,
references.

They are not kept in the repository because they follow from their sources: the same sources and the same PyMuPDF give
the same bytes. MuPDF sets each piece of text (``pymupdf.Story``); here is only where it goes. A table is never cut:
where it does not fit, the text goes on and the table stands at the top of the next column (of the next page, when it
spans both), as in a real journal.
"""

from __future__ import annotations

import html
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from leads_local.demo.source import Heading, Paragraph, SamplePaper, Table, load_papers
from leads_local.demo.styles import FICTIONAL, Style, find_style
from leads_local.demo.unpacking import put_file
from leads_local.documents import mupdf
from leads_local.errors import InputError

_LIGATURES = (("ffi", "\ufb03"), ("ffl", "\ufb04"), ("ff", "\ufb00"), ("fi", "\ufb01"), ("fl", "\ufb02"))
_SPACIOUS = 1.2  # how much wider MuPDF's own typefaces are than the one that is measured with
_CELL_GAP = 7.0
_ROW_GAP = 1.5
_RULE_GAP = 3.0
_Rule = tuple[int, float, float, float, float]  # page, x from and to, y, thickness


def typeset_papers(folder: Path, given: Sequence[SamplePaper] | None = None) -> list[Path]:
    """Writes one PDF for each sample paper into ``folder`` (made if need be) and returns their paths, in the order of
    ``source.load_papers``.

    A file of the same name is replaced. Raises InputError when the folder can't be written to, or a file is open in
    another program.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return [_write(paper, folder / paper.file) for paper in (load_papers() if given is None else given)]
    except OSError as error:
        raise InputError(
            f"The sample papers can't be written to {folder}: {error.strerror or error}.",
            "Choose a folder that you may write to.",
        ) from error


def _write(paper: SamplePaper, path: Path) -> Path:
    return put_file(path, render_pdf(paper, find_style(paper.style)))


def render_pdf(paper: SamplePaper, style: Style) -> bytes:
    """The PDF of ``paper`` in ``style``."""
    pymupdf = mupdf.load()
    columns = _Columns(pymupdf, style)
    _set_front_matter(columns, paper)
    _set_body(columns, paper)
    with pymupdf.open("pdf", columns.finished()) as document:
        for page in document:
            page.wrap_contents()  # what is drawn now has the page's own coordinates
            for _, x0, x1, y, thickness in (rule for rule in columns.rules if rule[0] == page.number):
                page.draw_line((x0, y), (x1, y), width=thickness)
            _set_furniture(page, paper, style)
        document.set_metadata(_pdf_metadata(paper, style))
        document.subset_fonts()
        return bytes(document.tobytes(garbage=3, deflate=True, no_new_id=True))


class _Columns:
    """The pages of one paper in the making: the place that the next piece will take. ``rules`` are lines to draw."""

    def __init__(self, pymupdf: Any, style: Style) -> None:
        self._pymupdf = pymupdf
        self.style = style
        self.rules: list[_Rule] = []
        self._waiting: list[Table] = []
        self._buffer = io.BytesIO()
        self._writer = pymupdf.DocumentWriter(self._buffer)
        self._sheet = pymupdf.Rect(0, 0, style.page_width, style.page_height)
        self._page, self._column = 0, 0
        self._device = self._writer.begin_page(self._sheet)
        self.y = self.top = style.margin

    @property
    def _x(self) -> float:
        return self.style.margin + self._column * (self.style.column_width + self.style.gutter)

    def across(self, kind: str, text: str, before: float = 0.0) -> None:
        """A piece over the whole width of the first page, which the columns then begin below."""
        self.y += before
        self._put(self._story(kind, text), self.style.margin, self.style.width)
        self.top = self.y

    def rule(self, thickness: float, before: float, after: float) -> None:
        self.y += before
        self.rules.append((self._page, self.style.margin, self.style.margin + self.style.width, self.y, thickness))
        self.y = self.top = self.y + after

    def piece(self, kind: str, text: str, *, after: float = 0.0) -> None:
        """A piece in the columns, which may be cut between two lines."""
        if self.y + 2 * self.style.leading > self.style.bottom:
            self._advance()
        story = self._story(kind, text)
        while self._put(story, self._x, self.style.column_width):
            self._advance()
        self.y += after

    def heading(self, heading: Heading) -> None:
        """With room for some lines below it."""
        before = 9.0 if heading.level == 2 else 5.0
        if self.y + before + 5 * self.style.leading > self.style.bottom:
            self._advance()
        elif self.y > self.top:
            self.y += before
        text = heading.text.upper() if heading.level == 2 and self.style.capitals else heading.text
        self.piece("section" if heading.level == 2 else "part", f"<b>{self.shown(text)}</b>", after=2.0)

    def table(self, table: Table) -> None:
        """Here, or at the top of the next column or page."""
        if table.wide or not self._fits(table):
            self._waiting.append(table)

    def finished(self) -> bytes:
        while self._waiting:
            self._advance()
        self._writer.end_page()
        self._writer.close()
        return self._buffer.getvalue()

    def shown(self, text: str) -> str:
        """``text`` as it is set, escaped for HTML."""
        for letters, ligature in _LIGATURES if self.style.ligatures else ():
            text = text.replace(letters, ligature)
        return html.escape(text)

    def _advance(self) -> None:
        """To the next column or page, and there first to the tables that wait for it."""
        if self._column + 1 < self.style.columns:
            self._column += 1
        else:
            self._writer.end_page()
            self._device = self._writer.begin_page(self._sheet)
            self._page, self._column, self.top = self._page + 1, 0, self.style.margin + 4
        self.y = self.top
        waiting, self._waiting = self._waiting, []
        for table in waiting:
            top = self._column == 0 and self.y == self.top
            if (table.wide and not top) or not self._fits(table):
                self._waiting.append(table)
            elif table.wide:
                self.top = self.y

    def _fits(self, table: Table) -> bool:
        """Set ``table`` at this place, if there is room for it."""
        x, width = (self.style.margin, self.style.width) if table.wide else (self._x, self.style.column_width)
        caption = self._story("caption", f"<b>{self.shown(table.number)}</b> {self.shown(table.caption)}")
        note = self._story("note", self.shown(table.note))
        rows = [self._cells(row, bold=not number) for number, row in enumerate(table.rows)]
        widths = self._column_widths(table, width)
        heights = [max(map(self._height, row, widths)) + _ROW_GAP for row in rows]
        height = self._height(caption, width) + sum(heights) + self._height(note, width) + 3 * _RULE_GAP + 21
        if self.y + height > self.style.bottom and self.y > self.style.margin + 4:
            return False
        self.y += 7
        self._put(caption, x, width)
        for number, (row, tall) in enumerate(zip(rows, heights, strict=True)):
            if number < 2:
                self._line(x, width, 0.4 if number else 0.8)
            self._put_row(row, x, widths)
            self.y += tall
        self._line(x, width, 0.8)
        self._put(note, x, width)
        self.y += 14
        return True

    def _cells(self, row: Sequence[str], *, bold: bool) -> list[Any]:
        kinds = ("note", *["figure"] * (len(row) - 1))
        texts = [f"<b>{self.shown(cell)}</b>" if bold else self.shown(cell) for cell in row]
        return [self._story(kind, text) for kind, text in zip(kinds, texts, strict=True)]

    def _column_widths(self, table: Table, width: float) -> list[float]:
        """Columns of figures are as wide as their widest figure or word of their head; the first takes the rest."""
        font = self._pymupdf.Font("tiro")

        def wide(text: str) -> float:
            return _SPACIOUS * float(font.text_length(text, fontsize=self.style.table_size)) + _CELL_GAP

        others = [
            max(*(wide(row[at]) for row in table.rows[1:]), *map(wide, table.rows[0][at].split()))
            for at in range(1, len(table.rows[0]))
        ]
        spare = max(0.0, width - sum(others) - max(wide(row[0]) for row in table.rows)) / (len(others) + 1)
        return [width - sum(others) - spare * len(others), *(other + spare for other in others)]

    def _put_row(self, row: Sequence[Any], x: float, widths: Sequence[float]) -> None:
        top = self.y
        for cell, width in zip(row, widths, strict=True):
            self._put(cell, x, width)
            self.y, x = top, x + width

    def _line(self, x: float, width: float, thickness: float) -> None:
        self.rules.append((self._page, x, x + width, self.y + _RULE_GAP / 2, thickness))
        self.y += _RULE_GAP

    def _story(self, kind: str, text: str) -> Any:
        return self._pymupdf.Story(f'<div class="{kind}">{text}</div>' if kind else text, user_css=self.style.css())

    def _height(self, story: Any, width: float) -> float:
        _, filled = story.place(self._pymupdf.Rect(0, 0, width, self.style.page_height))
        story.reset()
        return float(filled[3])

    def _put(self, story: Any, x: float, width: float) -> bool:
        """As much of ``story`` as there is room for; whether there is more."""
        more, filled = story.place(self._pymupdf.Rect(x, self.y, x + width, self.style.bottom + 2))
        story.draw(self._device)
        self.y = max(self.y, float(filled[3]))
        return bool(more)


def _set_front_matter(columns: _Columns, paper: SamplePaper) -> None:
    """The head of the first page: journal, title, authors, and the abstract across both columns."""
    shown = columns.shown
    columns.across("small", f"<i>{shown(f'{paper.journal}. {paper.issue}')}</i>")
    columns.rule(1.4, 4, 8)
    columns.across("small", f"<b>{shown(paper.kind)}</b>")
    columns.across("title", shown(paper.title), 4)
    columns.across("authors", shown(paper.authors), 6)
    columns.across("small", f"<i>{shown(paper.affiliation)}</i>", 3)
    columns.rule(0.6, 8, 4)
    columns.across("section", "<b>Abstract</b>")
    for paragraph in paper.abstract:
        columns.across("paragraph", _labelled(columns, paragraph), 2)
    columns.across("small", f"Keywords: {shown(paper.keywords)}", 5)
    columns.rule(0.6, 5, 10)


def _set_body(columns: _Columns, paper: SamplePaper) -> None:
    after_heading, references = True, False
    for block in paper.body:
        if isinstance(block, Heading):
            references = block.text == "References"
            columns.heading(block)
        elif isinstance(block, Table):
            columns.table(block)
        elif references:
            columns.piece("reference", _labelled(columns, block), after=1.5)
        else:
            kind = "paragraph" if after_heading else "indented"
            columns.piece(kind, _labelled(columns, block), after=columns.style.after_paragraph)
        after_heading = not isinstance(block, Paragraph)


def _labelled(columns: _Columns, paragraph: Paragraph) -> str:
    label = f"<b>{columns.shown(paragraph.label)}</b> " if paragraph.label else ""
    return label + columns.shown(paragraph.text)


def _surname(name: str) -> str:
    """The last word of ``name``, with the small words before it ("van der Hoeven")."""
    parts = name.split()
    small = [at for at, word in enumerate(parts) if word.islower()]
    return " ".join(parts[small[0] if small else -1 :])


def _set_furniture(page: Any, paper: SamplePaper, style: Style) -> None:
    """Running head, page number, and the line that says that the paper is made up."""
    pymupdf = mupdf.load()
    writer, italic, roman = pymupdf.TextWriter(page.rect), pymupdf.Font("tiit"), pymupdf.Font("tiro")
    right, base, head = style.margin + style.width, style.page_height - style.margin * 0.55, style.margin * 0.72

    def put(text: str, x: float, y: float, size: float, font: Any, *, ends: bool = False) -> None:
        writer.append((x - ends * font.text_length(text, fontsize=size), y), text, font=font, fontsize=size)

    put(FICTIONAL, style.margin, base, 6.8, italic)
    put(str(paper.first_page + page.number), right, base, 8.5, roman, ends=True)
    if not page.number:
        put(f"doi: {paper.doi}", right - 30, base, 7.5, roman, ends=True)
    elif not style.facing:
        put(f"{_surname(paper.authors.split(',')[0])} et al.", right, head, 8.0, italic, ends=True)
        put(paper.running, style.margin, head, 8.0, italic)
    elif page.number % 2:
        put(f"{_surname(paper.authors.split(',')[0])} et al.", right, head, 8.0, italic, ends=True)
    else:
        put(paper.running, style.margin, head, 8.0, italic)
    writer.write_text(page)


def _pdf_metadata(paper: SamplePaper, style: Style) -> dict[str, str]:
    """Fixed dates, so that the bytes don't depend on the day."""
    day = f"D:{paper.year}0115090000Z"
    told = {"title": paper.title, "author": paper.authors} if style.tells_title else {"title": "", "author": ""}
    return told | {
        "creator": "leads-local",
        "producer": "PyMuPDF",
        "subject": "Fictional sample paper",
        "creationDate": day,
        "modDate": day,
    }
