"""One PDF file becomes one Document: the only module that imports pymupdf.

A file that can't be used is a Document with a ``problem``, in one sentence that says what it is and what to do. Nothing is raised for it
and no text is ever empty without a reason, because an empty text would be screened and extracted as if the paper said nothing.
"""

from __future__ import annotations

import hashlib
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from leads_local.documents import layout
from leads_local.documents.characters import gibberish, repaired, unreadable
from leads_local.documents.printed import Fragment, Frame, Rule, Sheet, Word
from leads_local.records import Document, Page

Affine = tuple[float, float, float, float, float, float]
Place = tuple[float, float, float, float]

_BOLD = re.compile(r"bold|demi|heavy|black", re.IGNORECASE)
_ITALIC = re.compile(r"italic|oblique", re.IGNORECASE)
_NOWHERE: Place = (0.0, 0.0, 0.0, 0.0)
_BLOCKED = ("pymupdf.layout", "pymupdf4llm")
_LOCK = threading.Lock()
_GUTTER = 1.0  # a gap of this many type sizes may be a gutter between columns or cells
_LEAST = 25  # characters on a page under which it is taken for a picture, where it has one
_INFO = ("title", "author", "subject", "keywords")


def _pymupdf() -> Any:
    """The library, without its layout model: that would load onnxruntime and take 1.5 seconds, and is not used here."""
    with _LOCK:
        if "pymupdf" in sys.modules:
            return sys.modules["pymupdf"]
        hidden = [name for name in _BLOCKED if name not in sys.modules]
        for name in hidden:
            sys.modules[name] = None  # type: ignore[assignment]
        try:
            import pymupdf
        finally:
            for name in hidden:
                sys.modules.pop(name, None)
        tools: Any = pymupdf.TOOLS
        tools.mupdf_display_errors(False)
        tools.mupdf_display_warnings(False)
        return pymupdf


def read(path: str | Path) -> Document:
    """Read one PDF. Never raises for what the file holds or for its absence: see ``Document.problem``."""
    path = Path(path)
    sha256 = ""
    try:
        sha256 = _digest(path)
        head, tail = _ends(path)
    except FileNotFoundError:
        return _refused(path, "", "there is no such file.")
    except IsADirectoryError:
        return _refused(path, "", "this is a folder, not a PDF file.")
    except OSError as error:
        return _refused(path, sha256, f"the file can't be read ({error.strerror or error}).")
    reason = _not_a_pdf(head)
    if reason:
        return _refused(path, sha256, reason)
    try:
        return _opened(path, sha256, tail)
    except MemoryError:
        return _refused(path, sha256, "there is not enough memory to read this file.")
    except Exception as error:  # MuPDF raises its own classes for damage of any kind
        return _refused(path, sha256, f"the file is damaged and can't be read ({_first_line(error)}). Get another copy of it.")


def digest(path: Path) -> str:
    """The SHA-256 of the file's content in hex, or "" where it can't be read."""
    try:
        return _digest(path)
    except OSError:
        return ""


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _ends(path: Path) -> tuple[bytes, bytes]:
    """The first 64 KiB and the last 2 KiB of the file."""
    with path.open("rb") as file:
        head = file.read(1 << 16)
        file.seek(max(0, file.seek(0, 2) - 2048))
        return head, file.read()


def _refused(path: Path, sha256: str, reason: str) -> Document:
    return Document(path=str(path), sha256=sha256, problem=f"{path.name}: {reason}")


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:120]


def _not_a_pdf(data: bytes) -> str:
    """Why a file that begins with these bytes is no PDF; "" where it may be one."""
    if not data:
        return "the file is empty (0 bytes). Get another copy of it."
    if b"%PDF-" in data or b"%pdf" in data.lower():
        return ""
    start = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n\x00").lower()
    if start.startswith((b"<!doctype", b"<html", b"<head", b"<?xml", b"<script", b"<body")):
        return "this is a web page saved as .pdf, often a login page. Open the paper in a browser and save the PDF itself."
    if start.startswith(b"pk\x03\x04"):
        return "this is a ZIP or Word file, not a PDF. Save the paper as PDF."
    return "this is not a PDF file (it has no PDF header). Get another copy of it."


def _opened(path: Path, sha256: str, tail: bytes) -> Document:
    pymupdf = _pymupdf()
    try:
        pdf = pymupdf.open(path, filetype="pdf")
    except Exception:  # MuPDF raises its own classes, and its words name only the path
        return _refused(path, sha256, f"{_damage(tail)} and can't be opened. Get another copy of it.")
    with pdf:
        if pdf.needs_pass and not pdf.authenticate(""):
            return _refused(path, sha256, "the file is locked with a password. Save a copy without the password and attach that.")
        if not pdf.page_count:
            return _refused(path, sha256, f"{_damage(tail)} (no pages in it). Get another copy of it.")
        sheets = [_sheet(pymupdf, pdf, number) for number in range(pdf.page_count)]
        pictured = [s.number for s in sheets if s.characters < _LEAST and _has_picture(pdf, s.number - 1)]
        info = tuple((name, repaired(str(text)).strip()) for name, text in (pdf.metadata or {}).items() if name in _INFO and text)
    pages = tuple(Page(s.number, round(s.width, 2), round(s.height, 2), s.characters) for s in sheets)
    characters = sum(s.characters for s in sheets)
    garbled = [s.number for s in sheets if s.characters and _garbled(s)]
    reason = _no_text(sheets, pictured, characters, garbled)
    if reason:
        return Document(path=str(path), sha256=sha256, pages=pages, problem=f"{path.name}: {reason}")
    return Document(str(path), sha256, pages, layout.passages(sheets), notice=_notice(sheets, pictured, garbled), info=info)


def _damage(tail: bytes) -> str:
    whole = b"%%EOF" in tail
    return "the file is damaged" if whole else "the file is cut short"


def _no_text(sheets: list[Sheet], pictured: list[int], characters: int, garbled: list[int]) -> str:
    """Why there is no usable text on these pages, or ""."""
    if characters < _LEAST and pictured:
        return "the pages are pictures without text (a scan). Run OCR on the file first, then attach the result."
    if not characters:
        return "the pages hold no text at all."
    if sum(s.characters for s in sheets if s.number in garbled) > 0.5 * characters:
        return "its fonts do not say which letters they show, so its text is gibberish. Run OCR on the file first, then attach the result."
    return ""


def _garbled(sheet: Sheet) -> bool:
    text = " ".join(f.text for frame in sheet.frames for f in frame.fragments)
    return unreadable(text) > 0.3 or gibberish(text)


def _notice(sheets: list[Sheet], pictured: list[int], garbled: list[int]) -> str:
    parts = []
    if pictured:
        which = f"Page {_ranges(pictured)} is a picture" if len(pictured) == 1 else f"Pages {_ranges(pictured)} are pictures"
        parts.append(f"{which} without text and can't be searched or extracted from.")
    if garbled:
        which = f"Page {_ranges(garbled)} has" if len(garbled) == 1 else f"Pages {_ranges(garbled)} have"
        parts.append(f"{which} fonts that do not say which letters they show; the text there is gibberish.")
    return " ".join([*parts, f"({len(sheets)} pages in all.) Run OCR on the file to have them read."]) if parts else ""


def _ranges(numbers: list[int]) -> str:
    """``[1, 2, 3, 7]`` as ``1-3, 7``."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def _has_picture(pdf: Any, index: int) -> bool:
    """Whether a raster picture covers a good part of the page, as in a scan."""
    page = pdf[index]
    area = abs(page.rect.width * page.rect.height) or 1.0
    covered = 0.0
    for info in page.get_image_info():
        x0, y0, x1, y1 = info["bbox"]
        covered += max(0.0, x1 - x0) * max(0.0, y1 - y0)
    return covered > 0.3 * area


def _sheet(pymupdf: Any, pdf: Any, index: int) -> Sheet:
    """One page's words and rules. A damaged page is a page without words, so that the rest is still read."""
    try:
        page = pdf[index]
        flags = pymupdf.TEXT_PRESERVE_WHITESPACE | pymupdf.TEXT_MEDIABOX_CLIP | pymupdf.TEXT_COLLECT_VECTORS
        raw = page.get_text("rawdict", flags=flags)
        width, height = float(page.rect.width), float(page.rect.height)
        matrix = tuple(page.rotation_matrix)
    except Exception:
        with suppress(Exception):
            return Sheet(index + 1, float(pdf[index].rect.width), float(pdf[index].rect.height), ())
        return Sheet(index + 1, 0.0, 0.0, ())
    found: dict[int, list[Fragment]] = {}
    for block in raw["blocks"]:
        if block["type"] == 0:
            for line in block["lines"]:
                turn, to_frame = _direction(line["dir"], matrix, width, height)
                found.setdefault(turn, []).extend(_fragments(line, to_frame))
    boxes = [block["bbox"] for block in raw["blocks"] if block["type"] == 3]
    frames = []
    for turn, fragments in sorted(found.items(), key=lambda item: -sum(f.characters for f in item[1])):
        if fragments:
            across, down = (height, width) if turn in (90, 270) else (width, height)
            rules = tuple(_rules(boxes, _affine(turn, matrix, width, height)))
            frames.append(Frame(turn, across, down, tuple(fragments), rules))
    return Sheet(index + 1, width, height, tuple(frames))


def _affine(turn: int, matrix: tuple[float, ...], width: float, height: float) -> Affine:
    """From the page's own coordinates to the frame's: u = a x + c y + e, v = b x + d y + f."""
    a, b, c, d, e, f = matrix
    if turn == 90:
        return (b, -a, d, -c, f, width - e)
    if turn == 180:
        return (-a, -b, -c, -d, width - e, height - f)
    if turn == 270:
        return (-b, a, -d, c, height - f, e)
    return (a, b, c, d, e, f)


def _direction(direction: tuple[float, float], matrix: tuple[float, ...], width: float, height: float) -> tuple[int, Affine]:
    """Which way a line runs on the displayed page, as a turn, and the way from its coordinates into that frame."""
    a, b, c, d = matrix[:4]
    x, y = direction[0] * a + direction[1] * c, direction[0] * b + direction[1] * d
    turn = (0 if x > 0 else 180) if abs(x) >= abs(y) else (90 if y > 0 else 270)
    return turn, _affine(turn, matrix, width, height)


def _rules(boxes: list[Place], to_frame: Affine) -> Iterator[Rule]:
    for box in boxes:
        x0, y0, x1, y1 = _moved(box, to_frame)
        if y1 - y0 < 2.5 and x1 - x0 > 12:
            yield Rule(x0, y0, x1, y1, True)
        elif x1 - x0 < 2.5 and y1 - y0 > 12:
            yield Rule(x0, y0, x1, y1, False)


def _moved(box: Place, to_frame: Affine) -> Place:
    a, b, c, d, e, f = to_frame
    u0, v0 = a * box[0] + c * box[1] + e, b * box[0] + d * box[1] + f
    u1, v1 = a * box[2] + c * box[3] + e, b * box[2] + d * box[3] + f
    return min(u0, u1), min(v0, v1), max(u0, u1), max(v0, v1)


def _fragments(line: dict[str, Any], to_frame: Affine) -> Iterator[Fragment]:
    """The line's words, parted where a gap is as wide as a gutter may be."""
    words = sorted(_words(line, to_frame), key=lambda w: w.x0) if len(line["spans"]) > 1 else list(_words(line, to_frame))
    run: list[Word] = []
    for word in words:
        if run and word.x0 - run[-1].x1 > _GUTTER * max(word.size, run[-1].size):
            yield Fragment.of(run)
            run = []
        run.append(word)
    if run:
        yield Fragment.of(run)


def _words(line: dict[str, Any], to_frame: Affine) -> Iterator[Word]:
    spans = [s for s in line["spans"] if s["chars"]]
    if not spans:
        return
    main = max(spans, key=lambda s: (len(s["chars"]), s["size"]))
    _, b, _, d, _, f = to_frame
    base = b * main["origin"][0] + d * main["origin"][1] + f
    glued = False
    for span in spans:
        origin = b * span["origin"][0] + d * span["origin"][1] + f
        letters: list[str] = []
        first = last = _NOWHERE
        for char in span["chars"]:
            symbol = char["c"]
            if symbol.isspace():
                if letters:
                    yield from _worded(letters, first, last, to_frame, span, origin, _raised(span, main, origin, base), glued)
                letters, glued = [], False
            else:
                last = char["bbox"]
                if not letters:
                    first = last
                letters.append(symbol)
        if letters:
            yield from _worded(letters, first, last, to_frame, span, origin, _raised(span, main, origin, base), glued)
            glued = True


def _raised(span: dict[str, Any], main: dict[str, Any], origin: float, base: float) -> int:
    """1 for superscript, -1 for subscript, against the line's main span, whose baseline is ``base``."""
    if span["size"] >= 0.88 * main["size"] or abs(origin - base) <= 0.08 * main["size"]:
        return 0
    return 1 if origin < base else -1


def _worded(
    letters: list[str], first: Place, last: Place, to_frame: Affine, span: dict[str, Any], origin: float, raised: int, glued: bool
) -> Iterator[Word]:
    """The word that the letters make, its box spanned by the first and the last; more than one where a repair puts a space."""
    box = (min(first[0], last[0]), min(first[1], last[1]), max(first[2], last[2]), max(first[3], last[3]))
    x0, y0, x1, y1 = _moved(box, to_frame)
    name: str = span["font"]
    bold = bool(span["flags"] & 16) or _BOLD.search(name) is not None
    italic = bool(span["flags"] & 2) or _ITALIC.search(name) is not None
    for part in repaired("".join(letters)).split():
        yield Word(part, x0, y0, x1, y1, origin, span["size"], bold, italic, raised, glued, name)
