"""One PDF file becomes one Document.

A file that can't be used is a Document with a ``problem``, in one sentence that says what it is and what to do. Nothing
is raised for it and no text is ever empty without a reason, because an empty text would be screened and extracted as if
the paper said nothing.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path
from typing import Any

from leads_local import files
from leads_local.documents import layout, mupdf
from leads_local.documents.characters import is_gibberish, repair_characters, unreadable_share
from leads_local.documents.geometry import Sheet
from leads_local.documents.textpage import frames_of
from leads_local.records import Document, Page

_LEAST = 25  # characters on a page under which it is taken for a picture, where it has one
_STAMP = 250  # characters that a scan may have as a stamp or a library's note
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
        return _read_pages(path, sha256, tail)
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


def _read_pages(path: Path, sha256: str, tail: bytes) -> Document:
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
        damaged: list[int] = []
        sheets = [_read_sheet(pymupdf, pdf, number, damaged) for number in range(pdf.page_count)]
        pictured = [s.number for s in sheets if _is_picture(pdf, s)]
        info = tuple(
            (name, repair_characters(str(text)).strip())
            for name, text in (pdf.metadata or {}).items()
            if name in _INFO and text
        )
    pages = tuple(Page(s.number, round(s.width, 2), round(s.height, 2), s.characters) for s in sheets)
    garbled = [s.number for s in sheets if s.characters and _is_garbled(s)]
    reason = _why_no_text(sheets, pictured, garbled, damaged)
    if reason:
        return _document(path, sha256, pages=pages, problem=f"{files.shown_name(path)}: {reason}")
    return _document(
        path,
        sha256,
        pages=pages,
        passages=layout.build_passages(sheets),
        notice=_left_out_notice(len(sheets), pictured, garbled, damaged),
        info=info,
    )


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


def _why_no_text(sheets: list[Sheet], pictured: list[int], garbled: list[int], damaged: list[int]) -> str:
    """Why there is no usable text on these pages, or ""."""
    characters = sum(s.characters for s in sheets)
    if pictured and all(s.number in pictured or not s.characters for s in sheets):
        return "the pages are pictures without text (a scan). Run OCR on the file first, then attach the result."
    if not characters:
        return (
            "its pages are damaged and can't be read. Get another copy of it."
            if damaged
            else "the pages hold no text at all."
        )
    if sum(s.characters for s in sheets if s.number in garbled) > 0.5 * characters:
        return (
            "its fonts do not say which letters they show, so its text is gibberish. Run OCR on the file first, then "
            "attach the result."
        )
    return ""


def _is_garbled(sheet: Sheet) -> bool:
    text = " ".join(f.text for frame in sheet.frames for f in frame.fragments)
    return unreadable_share(text) > 0.3 or is_gibberish(text)


def _left_out_notice(total: int, pictured: list[int], garbled: list[int], damaged: list[int]) -> str:
    """What a reader of the text must know about the pages that it leaves out, or ""."""
    kinds = (
        (
            pictured,
            "is a picture",
            "are pictures",
            " without text and can't be searched or extracted from; run OCR on the file to have them read.",
        ),
        (
            garbled,
            "has",
            "have",
            " fonts that do not say which letters they show, so the text there is gibberish; run OCR on the file.",
        ),
        (damaged, "is", "are", " damaged and could not be read; get another copy of the file."),
    )
    parts = []
    for pages, one, several, rest in kinds:
        if pages:
            which = (
                f"Page {pages[0]} of {total} {one}"
                if len(pages) == 1
                else f"Pages {_format_page_ranges(pages)} of {total} {several}"
            )
            parts.append(which + rest)
    return " ".join(parts)


def _format_page_ranges(numbers: list[int]) -> str:
    """``[1, 2, 3, 7]`` as ``1-3, 7``."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def _is_picture(pdf: Any, sheet: Sheet) -> bool:
    """Whether a page is a scan: a picture covers a good part of it and there is next to no text, or all of it but for a
    stamp."""
    if sheet.characters >= _STAMP:
        return False
    covered = 0.0
    with suppress(Exception):
        page = pdf[sheet.number - 1]
        for info in page.get_image_info():
            x0, y0, x1, y1 = info["bbox"]
            covered += max(0.0, x1 - x0) * max(0.0, y1 - y0)
    share = covered / max(1.0, sheet.width * sheet.height)
    return share > 0.3 if sheet.characters < _LEAST else share > 0.8


def _read_sheet(pymupdf: Any, pdf: Any, index: int, damaged: list[int]) -> Sheet:
    """One page's words and rules. A page that can't be read is put on the list of ``damaged`` ones, and the rest is
    still read."""
    width = height = 0.0
    try:
        page = pdf[index]
        width, height = float(page.rect.width), float(page.rect.height)
        flags = pymupdf.TEXT_PRESERVE_WHITESPACE | pymupdf.TEXT_MEDIABOX_CLIP | pymupdf.TEXT_COLLECT_VECTORS
        raw = page.get_text("rawdict", flags=flags)
        a, b, c, d, e, f = page.rotation_matrix
    except Exception:  # of MuPDF's own classes
        damaged.append(index + 1)
        return Sheet(index + 1, width, height, ())
    return Sheet(index + 1, width, height, frames_of(raw, (a, b, c, d, e, f), width, height))
