"""One PDF file becomes one Document.

A file that can't be used is a Document with a ``problem``, in one sentence that says what it is and what to do. Nothing
is raised for it and no text is ever empty without a reason, because an empty text would be screened and extracted as if
the paper said nothing.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from leads_local import files
from leads_local.documents import layout, mupdf, notices, page_numbers, pages, pictured_tables
from leads_local.documents.characters import repair_characters
from leads_local.documents.geometry import Sheet
from leads_local.documents.page_numbers import Leap
from leads_local.documents.pages import PagesRead
from leads_local.documents.pictured_tables import Announced
from leads_local.records import Document, Page, PageState, Passage

_MOST_OF_A_FORM = 3000  # characters of the page that stands in for a form
_WAITING = re.compile(r"please wait|bitte warten|veuillez patienter|espere", re.IGNORECASE)
_VIEWER = re.compile(r"adobe|acrobat|PDF viewer", re.IGNORECASE)
_LET_OCR = f"Have it read by OCR {notices.HOW_TO_OCR}"
_INFO = ("title", "author", "subject", "keywords")


def read(path: str | Path) -> Document:
    """Read one PDF. Never raises for what the file holds or for its absence: see ``Document.problem``."""
    path = Path(path)
    sha256 = ""
    if wrong := files.why_unreadable(files.on_disk(path), "a PDF file"):
        return _refused_document(path, "", f"{wrong}.")
    try:
        sha256 = _digest(path)
        head, tail = _read_ends(path)
    except OSError as error:
        return _refused_document(path, sha256, f"the file can't be read ({error.strerror or error}).")
    reason = _why_not_a_pdf(head)
    if reason:
        return _refused_document(path, sha256, reason)
    try:
        return _read_pages(path, sha256, head, tail)
    except MemoryError:
        return _refused_document(path, sha256, "there is not enough memory to read this file.")
    except Exception as error:  # MuPDF raises its own classes for damage of any kind
        return _refused_document(
            path, sha256, f"the file is damaged and can't be read ({_first_line(error)}). Get another copy of it."
        )


def digest_or_empty(path: Path) -> str:
    """The SHA-256 of the file's content in hex, or "" where it can't be read or is not to be: the reader says why."""
    try:
        return "" if files.why_unreadable(files.on_disk(path)) else _digest(path)
    except OSError:
        return ""


def _digest(path: Path) -> str:
    with files.on_disk(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read_ends(path: Path) -> tuple[bytes, bytes]:
    """The first 64 KiB and the last 2 KiB of the file."""
    with files.on_disk(path).open("rb") as file:
        head = file.read(1 << 16)
        file.seek(max(0, file.seek(0, 2) - 2048))
        return head, file.read()


def _refused_document(path: Path, sha256: str, reason: str) -> Document:
    return _document(path, sha256, problem=f"{files.shown_name(path)}: {reason}")


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:120]


def _why_not_a_pdf(data: bytes) -> str:
    """Why a file that begins with these bytes is no PDF; "" where it may be one."""
    if not data:
        return "the file is empty (0 bytes). Get another copy of it."
    if b"%PDF-" in data or b"%pdf" in data.lower():
        return ""
    start = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n\x00").lower()
    if start.startswith((b"<!doctype", b"<html", b"<head", b"<?xml", b"<script", b"<body")):
        return (
            "this is a web page saved as .pdf, often a login page. Open the paper in a browser and save the PDF itself."
        )
    if start.startswith(b"pk\x03\x04"):
        return "this is a ZIP or Word file, not a PDF. Save the paper as PDF."
    return "this is not a PDF file (it has no PDF header). Get another copy of it."


def _read_pages(path: Path, sha256: str, head: bytes, tail: bytes) -> Document:
    pymupdf = mupdf.load()
    try:
        pdf = _open(pymupdf, path)
    except Exception:  # MuPDF raises its own classes, and its words name only the path
        return _refused_document(path, sha256, f"{_describe_damage(tail)} and can't be opened. Get another copy of it.")
    with pdf:
        if pdf.needs_pass and not pdf.authenticate(""):
            return _refused_document(
                path, sha256, "the file is locked with a password. Save a copy without the password and attach that."
            )
        if not pdf.page_count:
            return _refused_document(
                path, sha256, f"{_describe_damage(tail)} (no pages in it). Get another copy of it."
            )
        read = pages.read_pages(pymupdf, pdf)
        claimed = max(page_numbers.claimed_pages(pdf, head), page_numbers.printed_total(read.sheets))
        leap = page_numbers.find_leap(read.sheets)
        missing = max(claimed - len(read.sheets), leap.missing if leap else 0)
        info = tuple(
            (name, repair_characters(str(text)).strip())
            for name, text in (pdf.metadata or {}).items()
            if name in _INFO and text
        )
        found = _document(path, sha256, pages=_pages(read), info=info, missing=missing, rebuilt=bool(pdf.is_repaired))
        if reason := _why_no_text(read):
            return replace(found, problem=f"{files.shown_name(path)}: {reason}")
        legible = [_left_out_if_gibberish(*one) for one in zip(read.sheets, read.states, strict=True)]
        passages = layout.build_passages(legible)
        tables = _find_pictured(pymupdf, pdf, read, passages)
    in_tables = Counter(table.page for table in tables)
    found = replace(
        found,
        passages=passages,
        pages=tuple(replace(page, pictured=in_tables[page.number]) for page in found.pages),
    )
    return replace(found, notice=_notice(found, tables, leap))


def _pages(read: PagesRead) -> tuple[Page, ...]:
    return tuple(
        Page(s.number, round(s.width, 2), round(s.height, 2), s.characters, state)
        for s, state in zip(read.sheets, read.states, strict=True)
    )


def _left_out_if_gibberish(sheet: Sheet, state: PageState) -> Sheet:
    """No text is better than one that would be taken for the paper's."""
    return replace(sheet, frames=()) if state is PageState.GIBBERISH else sheet


def _find_pictured(pymupdf: Any, pdf: Any, read: PagesRead, passages: Sequence[Passage]) -> list[Announced]:
    """The tables that are pictures or drawn. Only pages are drawn and looked at that announce a table without rows."""
    found: list[Announced] = []
    announced = list(pictured_tables.without_rows(passages))
    for number in sorted({table.page for table in announced}):
        with suppress(Exception):  # of MuPDF's own classes: a page that can be read and not drawn
            page = pdf[number - 1]
            picture, pictures = pages.grey_picture(pymupdf, page), pages.displayed_pictures(page)
            text = pages.places_of(read.sheets[number - 1])
            found.extend(pictured_tables.pictured(announced, number, picture, pictures, text))
    return found


def _notice(document: Document, tables: Sequence[Announced], leap: Leap | None) -> str:
    said = (
        notices.describe_missing(document, leap.in_words() if leap else ""),
        notices.describe_unread(document.pages),
        notices.describe_tables([(table.name, table.page) for table in tables]),
    )
    return " ".join(filter(None, said))


def _open(pymupdf: Any, path: Path) -> Any:
    """The file by its name, or by its bytes where MuPDF can't be told the name."""
    if files.path_text(path) == str(path) == str(files.on_disk(path)):
        return pymupdf.open(path, filetype="pdf")
    return pymupdf.open(stream=files.on_disk(path).read_bytes(), filetype="pdf")


def _document(path: Path, sha256: str, **read: Any) -> Document:
    return Document(path=files.path_text(path), sha256=sha256, **read)


def _describe_damage(tail: bytes) -> str:
    whole = b"%%EOF" in tail
    return "the file is damaged" if whole else "the file is cut short"


def _why_no_text(read: PagesRead) -> str:
    """Why there is no usable text on these pages, or ""."""
    characters = sum(sheet.characters for sheet in read.sheets)
    states = set(read.states)
    if PageState.PICTURE in states and _all_else_is_empty(read, PageState.PICTURE):
        return f"the pages are pictures without text (a scan). {_LET_OCR}."
    if PageState.DRAWN in states and _all_else_is_empty(read, PageState.DRAWN):
        return f"its letters are drawn as curves and are no text. {_LET_OCR}, or get another copy of it."
    if not characters:
        return (
            "its pages are damaged and can't be read. Get another copy of it."
            if PageState.DAMAGED in states
            else "the pages hold no text at all."
        )
    garbled = pages.of_state(read, PageState.GIBBERISH)
    if sum(sheet.characters for sheet in read.sheets if sheet.number in garbled) > 0.5 * characters:
        return f"its fonts do not say which letters they show, so its text is gibberish. {_LET_OCR}."
    return _why_no_paper(read.sheets)


def _all_else_is_empty(read: PagesRead, state: PageState) -> bool:
    return all(found is state or not sheet.characters for sheet, found in zip(read.sheets, read.states, strict=True))


def _why_no_paper(sheets: Sequence[Sheet]) -> str:
    """Why the text is not the paper's: a form that only Adobe's own programs fill shows one page that asks to wait."""
    if len(sheets) > 2 or sum(sheet.characters for sheet in sheets) > _MOST_OF_A_FORM:
        return ""
    text = " ".join(f.text for sheet in sheets for frame in sheet.frames for f in frame.fragments)
    if _WAITING.search(text) and _VIEWER.search(text):
        return (
            "this is a form that only Adobe Reader shows; what stands in the file is its “Please wait” page. Open it "
            "in Adobe Reader, print it to a new PDF and attach that."
        )
    return ""
