"""The pages of an open PDF, and what of each could not be read.

MuPDF never says by itself that a page is incomplete: it gives what it could make out, which may be nothing. So each
page is asked about in four ways: what MuPDF warned of while it read that page, whether the page is one in the file's
own list, how much of its writing is text and how much is drawn or a picture (see ``ink``), and whether its letters are
letters. Nothing here raises for what a file holds.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from leads_local.documents import ink
from leads_local.documents.characters import is_gibberish, unreadable_share
from leads_local.documents.fonts import FontMender
from leads_local.documents.geometry import Sheet
from leads_local.documents.losses import tell_of_loss
from leads_local.documents.textpage import frames_of
from leads_local.records import Box, PageState

_REFERENCE = re.compile(r"\b(\d+) \d+ R\b")
_LEAST = 25  # characters on a page under which it is taken for a picture, where it has one
_STAMP = 250  # characters that a scan may have as a stamp or a library's note
_FEW = 0.6  # of the characters of a usual page of the same paper: less is looked at
_SPARSE = 1000  # characters under which a page is looked at in any case
_LETTERS = ink.STRIP // 5  # characters of a piece of line, about
_PIECES = 4  # of lines, under which nothing is taken for writing
_PICTURED = 40  # pieces of lines in pictures that are more than a figure's labels


@dataclass
class PagesRead:
    """The pages of a file in order, and of each its state; ``states`` has one for each sheet."""

    sheets: list[Sheet] = field(default_factory=list)
    states: list[PageState] = field(default_factory=list)


def read_pages(pymupdf: Any, pdf: Any) -> PagesRead:
    """Every page of an open file with what could not be read of it."""
    sheets: list[Sheet] = []
    damaged: set[int] = set()
    fonts = FontMender(pdf)
    for index in range(pdf.page_count):
        sound = not pdf.is_repaired
        fonts.mend(index)
        sheet, lost = _read_sheet(pymupdf, pdf, index)
        if sound and pdf.is_repaired:  # MuPDF has read the file's objects anew, and what was mended is gone
            fonts = FontMender(pdf)
            fonts.mend(index)
            sheet, lost_again = _read_sheet(pymupdf, pdf, index)
            lost = lost or lost_again
        sheets.append(sheet)
        if lost:
            damaged.add(sheet.number)
            pymupdf.TOOLS.store_shrink(100)  # what is broken is met, and warned of, again on the next page that has it
    if pdf.is_repaired:
        damaged.update(sheet.number for sheet in sheets if _lacks_resources(pdf, sheet.number - 1))
    usual = median([sheet.characters for sheet in sheets if sheet.characters] or [0])
    states = [_find_state(pymupdf, pdf, sheet, sheet.number in damaged, usual) for sheet in sheets]
    return PagesRead(sheets, states)


def of_state(read: PagesRead, state: PageState) -> list[int]:
    """The numbers of the pages that are so."""
    return [sheet.number for sheet, found in zip(read.sheets, read.states, strict=True) if found is state]


def _read_sheet(pymupdf: Any, pdf: Any, index: int) -> tuple[Sheet, bool]:
    """One page's words and rules, and whether something of it was lost. A page that can't be read has no words."""
    width = height = 0.0
    pymupdf.TOOLS.reset_mupdf_warnings()
    try:
        page = pdf[index]
        width, height = float(page.rect.width), float(page.rect.height)
        flags = pymupdf.TEXT_PRESERVE_WHITESPACE | pymupdf.TEXT_MEDIABOX_CLIP | pymupdf.TEXT_COLLECT_VECTORS
        raw = page.get_text("rawdict", flags=flags)
        a, b, c, d, e, f = page.rotation_matrix
        frames = frames_of(raw, (a, b, c, d, e, f), width, height)
    except Exception:  # of MuPDF's own classes
        return Sheet(index + 1, width, height, ()), True
    sheet = Sheet(index + 1, width, height, frames, _count_shapes(raw))
    lost = tell_of_loss(pymupdf.TOOLS.mupdf_warnings()) or (not sheet.characters and not _is_page(pdf, page))
    return sheet, lost


def _is_page(pdf: Any, page: Any) -> bool:
    """Whether the object that the file's list of pages names is a page: where it is gone, MuPDF gives an empty one."""
    return bool(pdf.xref_get_key(page.xref, "Type")[1] == "/Page")


def _lacks_resources(pdf: Any, index: int) -> bool:
    """Whether a font or a form that a page uses is gone from a file whose objects were looked for anew: MuPDF sets
    another font in its place, without a word."""
    with suppress(Exception):  # of MuPDF's own classes
        page = pdf.page_xref(index)
        for kind in ("Font", "XObject"):
            for used in _references(pdf, *pdf.xref_get_key(page, f"Resources/{kind}")):
                made = pdf.xref_object(used)
                if made == "null" or (kind == "Font" and any(pdf.xref_object(one) == "null" for one in _named(made))):
                    return True
    return False


def _references(pdf: Any, kind: str, value: str) -> list[int]:
    """The objects that a dictionary names, which is given itself or by its number."""
    return _named(pdf.xref_object(int(value.split()[0])) if kind == "xref" else value)


def _named(text: str) -> list[int]:
    return [int(number) for number in _REFERENCE.findall(text)]


def _count_shapes(raw: dict[str, Any]) -> int:
    boxes = (block["bbox"] for block in raw["blocks"] if block["type"] == 3)
    return sum(1 for x0, y0, x1, y1 in boxes if x1 - x0 > 2.5 and y1 - y0 > 2.5)


def _find_state(pymupdf: Any, pdf: Any, sheet: Sheet, damaged: bool, usual: float) -> PageState:
    if damaged:
        return PageState.DAMAGED
    if sheet.characters and _is_garbled(sheet):
        return PageState.GIBBERISH
    if sheet.characters >= max(_SPARSE, _FEW * usual):
        return PageState.READ
    pictures: list[Box] = []
    with suppress(Exception):
        pictures = displayed_pictures(pdf[sheet.number - 1])
    if sheet.characters < _STAMP and pictures:
        share = sum((box.x1 - box.x0) * (box.y1 - box.y0) for box in pictures) / max(1.0, sheet.width * sheet.height)
        if share > (0.3 if sheet.characters < _LEAST else 0.8):
            return PageState.PICTURE
    if pictures or sheet.shapes or not sheet.characters:
        return _look_at(pymupdf, pdf, sheet)
    return PageState.READ


def _is_garbled(sheet: Sheet) -> bool:
    text = " ".join(f.text for frame in sheet.frames for f in frame.fragments)
    return unreadable_share(text) > 0.3 or is_gibberish(text)


def _look_at(pymupdf: Any, pdf: Any, sheet: Sheet) -> PageState:
    """What a page with little text is, by what is printed on it."""
    try:
        page = pdf[sheet.number - 1]
        picture = grey_picture(pymupdf, page)
        boxes = displayed_pictures(page)
    except Exception:  # it can be read and not drawn
        return PageState.READ
    untold = picture.without(places_of(sheet))
    drawn = _count_both_ways(untold.without(boxes), sheet)
    if drawn >= _PIECES and drawn * _LETTERS >= sheet.characters:
        return PageState.DRAWN
    whole = _count_both_ways(untold, sheet)
    if whole >= (_PIECES if sheet.characters < _LEAST else _PICTURED) and whole * _LETTERS >= sheet.characters:
        return PageState.PICTURE
    return PageState.READ if sheet.characters or boxes or not picture.blank else PageState.BLANK


def _count_both_ways(picture: ink.Picture, sheet: Sheet) -> int:
    """Pieces of written lines; where the page has no text, also of lines that run up or down."""
    upright = ink.count_written(picture)
    return upright if upright or sheet.characters >= _LEAST else ink.count_written(picture.turned())


def grey_picture(pymupdf: Any, page: Any) -> ink.Picture:
    """The page as displayed, one grey pixel for each point. Raises MuPDF's errors."""
    pixels = page.get_pixmap(colorspace=pymupdf.csGRAY, alpha=False)
    return ink.Picture(pixels.width, pixels.height, bytes(pixels.samples))


def displayed_pictures(page: Any) -> list[Box]:
    """The pictures of a page, in the coordinates of the page as displayed. Raises MuPDF's errors."""
    a, b, c, d, e, f = page.rotation_matrix  # pictures are told in the coordinates of the unturned page
    found = []
    for info in page.get_image_info():
        x0, y0, x1, y1 = info["bbox"]
        across = sorted((a * x0 + c * y0 + e, a * x1 + c * y1 + e))
        down = sorted((b * x0 + d * y0 + f, b * x1 + d * y1 + f))
        found.append(Box(across[0], down[0], across[1], down[1]))
    return found


def places_of(sheet: Sheet) -> Sequence[Box]:
    """Where the text of a page stands on the page as displayed."""
    return [
        frame.displayed(fragment.x0, fragment.y0, fragment.x1, fragment.y1)
        for frame in sheet.frames
        for fragment in frame.fragments
    ]
