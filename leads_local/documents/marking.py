"""Marks on the pages of a PDF: a copy of the file with highlights, notes and an index of bookmarks, and pictures of
pages with boxes marked.

Boxes are in points of the page as it is displayed, as the reader gives them; MuPDF wants them in those of the unturned
page, and ``_corners`` takes them there. The file itself is only read. What is added to the copy stands behind its own
bytes wherever the file allows that, so that a signature in it stays valid and all that it was can be seen to be there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from leads_local import durable, files
from leads_local.documents import mupdf
from leads_local.documents.marks import Bookmark, Mark, MarkedCopy, PagePicture, PageView
from leads_local.documents.outline_entries import add_bookmarks
from leads_local.records import Box

SUBJECT = "leads-local"
"""What our highlights and notes have for a subject, by which they are told from those that were in the paper."""

CHANGED = "it is not the file any more that was read for this review: its content has changed. Attach it again."
_LOCKED = "it is locked with a password."
_FORBIDDEN = "its publisher does not allow notes in it (the file is protected)."
_INSET = 0.06  # of a line's height: boxes of letters reach into the next line
_MOST_PIXELS = 4_000_000
_LEVELS = bytes(min(255, (value + 8) // 17 * 17) for value in range(256))
"""Sixteen levels of each colour in place of 256: nothing to the eye in a printed page, and a third of the bytes."""


def make_copy(
    source: Path,
    sha256: str,
    target: Path,
    marks: Sequence[Mark],
    bookmarks: Sequence[Bookmark],
    cover_note: str,
) -> MarkedCopy:
    """Write a copy of ``source`` with the marks to ``target``; ``cover_note`` is a note at the first page's corner.
    Never raises for what the file holds: then there is no ``target``, and the copy says why."""
    try:
        data = read_original(source, sha256)
        if isinstance(data, str):
            return MarkedCopy(problem=data)
        target.write_bytes(data)
        found = _mark_file(target, marks, bookmarks, cover_note)
    except Exception as error:  # MuPDF raises its own classes for damage of any kind
        found = MarkedCopy(problem=f"no notes could be put into it ({_first_line(error)}).")
    if found.problem:
        durable.discard(target)
    return found


def take_pictures(source: Path, sha256: str, views: Sequence[PageView]) -> tuple[list[PagePicture], str]:
    """One picture for each view, in their order; and why there are none at all, or "". Never raises for what the file
    holds."""
    try:
        data = read_original(source, sha256)
        if isinstance(data, str):
            return [], data
        pymupdf = mupdf.load()
        with pymupdf.open(stream=data, filetype="pdf") as pdf:
            if pdf.needs_pass and not pdf.authenticate(""):
                return [], _LOCKED
            return [_picture(pymupdf, pdf, view) for view in views], ""
    except Exception as error:
        return [], f"its pages can't be drawn ({_first_line(error)})."


def read_original(source: Path, sha256: str) -> bytes | str:
    """The file's bytes, or why they are not what is wanted."""
    place = files.on_disk(source)
    if wrong := files.why_unreadable(place, "a PDF file"):
        return f"{wrong}."
    data = place.read_bytes()
    return data if hashlib.sha256(data).hexdigest() == sha256 else CHANGED


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:120]


def _mark_file(target: Path, marks: Sequence[Mark], bookmarks: Sequence[Bookmark], cover_note: str) -> MarkedCopy:
    pymupdf = mupdf.load()
    pymupdf.TOOLS.set_annot_stem(SUBJECT)
    with pymupdf.open(target, filetype="pdf") as pdf:
        if pdf.needs_pass and not pdf.authenticate(""):
            return MarkedCopy(problem=_LOCKED)
        if not pdf.permissions & pymupdf.PDF_PERM_ANNOTATE:
            return MarkedCopy(problem=_FORBIDDEN)
        before = _count_ours(pdf)
        wanted = sum(_highlight(pymupdf, pdf, mark) for mark in marks)
        if cover_note:
            _put_cover_note(pymupdf, pdf[0], cover_note)
        add_bookmarks(pymupdf, pdf, bookmarks)
        _save(pymupdf, pdf, target)
    with pymupdf.open(target, filetype="pdf") as pdf:  # what is there, not what we think that we wrote
        pdf.authenticate("")
        found = _count_ours(pdf) - before
    if found != wanted:
        return MarkedCopy(problem=f"only {found} of {wanted} highlights could be put into it.")
    return MarkedCopy(found)


def _save(pymupdf: Any, pdf: Any, target: Path) -> None:
    if pdf.can_save_incrementally():
        pdf.saveIncr()
        return
    data = pdf.tobytes(encryption=pymupdf.PDF_ENCRYPT_KEEP)
    pdf.close()
    target.write_bytes(data)


def _count_ours(pdf: Any) -> int:
    return sum(
        1
        for page in pdf
        for annotation in page.annots()
        if annotation.info["subject"] == SUBJECT and annotation.type[1] == "Highlight"
    )


def _highlight(pymupdf: Any, pdf: Any, mark: Mark) -> int:
    """Highlight a mark's places, one highlight for each page of it. Returns how many there are."""
    numbers = list(dict.fromkeys(place.page for place in mark.places))
    for number in numbers:
        page = pdf[number - 1]
        corners = [_corners(pymupdf, page, place.box) for place in mark.places if place.page == number]
        annotation = page.add_highlight_annot(corners)
        annotation.set_colors(stroke=mark.colour)
        annotation.set_info(content=mark.note, title=mark.author, subject=SUBJECT, modDate=_pdf_date(mark.at))
        annotation.update()
    return len(numbers)


def _corners(pymupdf: Any, page: Any, box: Box) -> Any:
    """The corners of a box on the displayed page, in the coordinates of the unturned one, in the order that the page is
    read in."""
    inset = _INSET * min(box.x1 - box.x0, box.y1 - box.y0)
    rect = pymupdf.Rect(box.x0, box.y0 + inset, box.x1, box.y1 - inset)
    return pymupdf.Quad(*(corner * page.derotation_matrix for corner in (rect.tl, rect.tr, rect.bl, rect.br)))


def _put_cover_note(pymupdf: Any, page: Any, text: str) -> None:
    annotation = page.add_text_annot(pymupdf.Point(8, 8) * page.derotation_matrix, text, icon="Note")
    annotation.set_info(content=text, title=SUBJECT, subject=SUBJECT)
    annotation.update()


def _pdf_date(at: str) -> str:
    """``2026-11-29T20:33:01…`` as ``D:20261129203301Z``; "" stays so."""
    digits = "".join(sign for sign in at[:19] if sign.isdigit())
    return f"D:{digits}Z" if len(digits) == 14 else ""


def _picture(pymupdf: Any, pdf: Any, view: PageView) -> PagePicture:
    try:
        page = pdf[view.page - 1]
        for box, colour in () if view.gray else view.marks:
            annotation = page.add_highlight_annot(_corners(pymupdf, page, box))
            annotation.set_colors(stroke=colour)
            annotation.update()
        clip = _clip(pymupdf, page, view)
        scale = min(view.scale, (_MOST_PIXELS / max(1.0, clip.width * clip.height)) ** 0.5)
        space = pymupdf.csGRAY if view.gray else pymupdf.csRGB
        drawn = page.get_pixmap(matrix=pymupdf.Matrix(scale, scale), clip=clip, alpha=False, colorspace=space)
        if view.gray:
            return PagePicture(drawn.samples, drawn.width, drawn.height)
        lean = pymupdf.Pixmap(drawn.colorspace, drawn.width, drawn.height, drawn.samples.translate(_LEVELS), False)
        return PagePicture(lean.tobytes("png"), lean.width, lean.height)
    except Exception as error:
        return PagePicture(problem=f"page {view.page} can't be drawn ({_first_line(error)}).")


def _clip(pymupdf: Any, page: Any, view: PageView) -> Any:
    """What of the displayed page is drawn."""
    if view.around < 0 or not view.boxes:
        return page.rect
    x0, y0 = min(box.x0 for box in view.boxes), min(box.y0 for box in view.boxes)
    x1, y1 = max(box.x1 for box in view.boxes), max(box.y1 for box in view.boxes)
    around = view.around
    return pymupdf.Rect(x0 - around, y0 - around, x1 + around, y1 + around) & page.rect
