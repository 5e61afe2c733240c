"""The child process that reads pictures of pages: one page of one PDF a line comes in, its words a line go out."""

from __future__ import annotations

import json
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from leads_local.documents import marking, mupdf, ocr, tesseract, worker
from leads_local.documents.geometry import Frame
from leads_local.documents.ocr import OcrPage, OcrWord
from leads_local.documents.tesseract import Engine, OcrUnavailableError, Picture, ReadWord

_POINTS = 72  # in an inch
_DPI, _COARSE_DPI, _LEAST_DPI = 400, 300, 72
_FINE = 290  # pixels to the inch from which a scan is worth being drawn at the higher of the two
_MOST_PIXELS = 40_000_000  # of a picture: a poster is drawn less finely
_SURE = 0.8  # from which a page is taken to be the right way up without a look at the others
_TURNS = (0, 90, 270, 180)


def main() -> None:
    """Serve until the input ends; see ``worker.serve``."""
    worker.serve(_answer)


def _answer(request: dict[str, Any]) -> bytes:
    languages = str(request["languages"])
    if "page" not in request:
        return _tell_engine(languages)
    number = int(request["page"])
    try:
        data = _original(str(request["path"]), str(request["sha256"]))
        if isinstance(data, str):
            return ocr.dumps(OcrPage(number, problem=data))
        return ocr.dumps(read_page(data, number, _engine(languages)))
    except OcrUnavailableError as error:
        return ocr.dumps(OcrPage(number, problem=str(error)))
    except Exception as error:  # MuPDF raises its own classes
        why = (str(error).strip().splitlines() or [type(error).__name__])[0][:120]
        return ocr.dumps(OcrPage(number, problem=f"it can't be drawn ({why})."))


@lru_cache(maxsize=1)
def _original(path: str, sha256: str) -> bytes | str:
    return marking.read_original(Path(path), sha256)


@cache
def _engine(languages: str) -> Engine:
    return tesseract.open_engine(languages)


def _tell_engine(languages: str) -> bytes:
    """What reads pages here, or why nothing does."""
    try:
        return json.dumps({"name": _engine(languages).name, "problem": ""}).encode("ascii")
    except OcrUnavailableError as error:
        return json.dumps({"name": "", "problem": str(error)}).encode("ascii")


def read_page(data: bytes, number: int, engine: Engine) -> OcrPage:
    """What the engine reads of a page, looked at in all four directions until it is sure of one. Raises MuPDF's
    errors."""
    pymupdf = mupdf.load()
    with pymupdf.open(stream=data, filetype="pdf") as pdf:
        if pdf.needs_pass:
            pdf.authenticate("")
        page = pdf[number - 1]
        best = OcrPage(number)
        for turn in _TURNS:
            found = _read_turned(pymupdf, page, number, turn, engine)
            if _weight(found) > _weight(best):
                best = found
            if ocr.sureness(best.words) >= _SURE:
                break
        return best


def _read_turned(pymupdf: Any, page: Any, number: int, turn: int, engine: Engine) -> OcrPage:
    """The page as it is read by somebody who has turned it against the clock by ``turn``."""
    width, height = float(page.rect.width), float(page.rect.height)
    dpi = int(max(_LEAST_DPI, min(_fitting_dpi(page), _POINTS * (_MOST_PIXELS / max(1.0, width * height)) ** 0.5)))
    matrix = pymupdf.Matrix(dpi / _POINTS, dpi / _POINTS) * pymupdf.Matrix(-turn)
    drawn = page.get_pixmap(matrix=matrix, colorspace=pymupdf.csGRAY, alpha=False)
    words = engine.read(Picture(drawn.width, drawn.height, dpi, bytes(drawn.samples)))
    across, down = (height, width) if turn in (90, 270) else (width, height)
    frame = Frame(turn, across, down, ())
    return OcrPage(number, tuple(_to_points(word, _POINTS / dpi, frame) for word in words), turn)


def _fitting_dpi(page: Any) -> int:
    """How finely the page is drawn: a scan not much more finely than it was scanned, which only blurs it."""
    inches = ((info["width"], (info["bbox"][2] - info["bbox"][0]) / _POINTS) for info in page.get_image_info())
    scanned = max((pixels / wide for pixels, wide in inches if wide > 1), default=_DPI)
    return _DPI if scanned >= _FINE else _COARSE_DPI


def _to_points(word: ReadWord, scale: float, frame: Frame) -> OcrWord:
    box = frame.displayed(*(edge * scale for edge in (word.x0, word.y0, word.x1, word.y1)))
    return OcrWord(word.text, box.x0, box.y0, box.x1, box.y1, round(word.confidence, 3), word.line)


def _weight(page: OcrPage) -> float:
    return sum(word.confidence**2 * len(word.text) for word in page.words)


if __name__ == "__main__":
    main()
