"""The PDFs of the sample papers, made from their sources when the demo runs: two columns, running heads, tables,
references.

They are not kept in the repository because they follow from their sources: the same sources and the same PyMuPDF give
the same bytes. This file draws what ``pages`` has laid out, with the PyMuPDF of ``documents.mupdf``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from leads_local.demo.pages import Mark, Rule, lay_out
from leads_local.demo.source import SamplePaper, load_papers
from leads_local.demo.styles import Style, find_style
from leads_local.documents import mupdf
from leads_local.errors import InputError

_LIGATURES = (("ffi", "\ufb03"), ("ffl", "\ufb04"), ("ff", "\ufb00"), ("fi", "\ufb01"), ("fl", "\ufb02"))


def typeset_papers(folder: Path, given: Sequence[SamplePaper] | None = None) -> list[Path]:
    """Writes one PDF for each sample paper into ``folder`` (made if need be) and returns their paths, in the order of
    ``source.load_papers``.

    A file of the same name is replaced. Raises InputError when the folder can't be written to.
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
    layout = find_style(paper.style)
    path.write_bytes(render_pdf(paper, layout))
    return path


def render_pdf(paper: SamplePaper, layout: Style) -> bytes:
    """The PDF of ``paper`` in ``layout``."""
    pymupdf = mupdf.load()
    fonts = {role: pymupdf.Font(name) for role, name in layout.fonts.items()}

    def shown(text: str) -> str:
        return _with_ligatures(text) if layout.ligatures else text

    @cache
    def width(text: str, role: str) -> float:
        return float(fonts[role].text_length(shown(text), fontsize=1))

    def ruler(text: str, role: str, size: float) -> float:
        return size * width(text, role)

    marks, count = lay_out(paper, layout, ruler)
    with pymupdf.open() as document:
        for number in range(count):
            page = document.new_page(width=layout.width_of_page, height=layout.height)
            _draw(page, pymupdf.TextWriter(page.rect), [mark for mark in marks if mark.page == number], fonts, shown)
        document.set_metadata(_pdf_metadata(paper, layout))
        document.subset_fonts()
        return bytes(document.tobytes(garbage=3, deflate=True, no_new_id=True))


def _draw(page: Any, writer: Any, marks: Sequence[Mark], fonts: dict[str, Any], shown: Callable[[str], str]) -> None:
    for mark in marks:
        if isinstance(mark, Rule):
            page.draw_line((mark.x0, mark.y), (mark.x1, mark.y), width=mark.thickness)
        else:
            writer.append((mark.x, mark.y), shown(mark.text), font=fonts[mark.font], fontsize=mark.size)
    writer.write_text(page)


def _with_ligatures(text: str) -> str:
    for letters, ligature in _LIGATURES:
        text = text.replace(letters, ligature)
    return text


def _pdf_metadata(paper: SamplePaper, layout: Style) -> dict[str, str]:
    """Fixed dates, so that the bytes don't depend on the day."""
    day = f"D:{paper.year}0115090000Z"
    told = {"title": paper.title, "author": paper.authors} if layout.tells_title else {"title": "", "author": ""}
    return told | {
        "creator": "leads-local",
        "producer": "PyMuPDF",
        "subject": "Fictional sample paper",
        "creationDate": day,
        "modDate": day,
    }
