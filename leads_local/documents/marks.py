"""What is to be marked on the pages of a PDF, and what came of it, as one line of JSON and back: for the pipe between a
worker and us.

JSON for the same reason as in ``serialization``: the worker has a foreign file open.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from leads_local.records import Box, QuotePlace

Colour = tuple[float, float, float]
"""Red, green, blue, each from 0 to 1."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Places to be highlighted in one colour, with one note. ``author`` is who says what the note says, ``at`` when
    that was (UTC, ISO 8601), each "" for nobody."""

    places: tuple[QuotePlace, ...]
    colour: Colour
    note: str
    author: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class Bookmark:
    """One line of a PDF's outline: ``level`` from 1, ``page`` from 1, ``top`` in points from the page's upper edge."""

    level: int
    title: str
    page: int
    top: float = 0.0


@dataclass(frozen=True, slots=True)
class PageView:
    """A picture of a page with boxes marked, each in its colour. ``around``: only what lies within that many points of
    the boxes, and the whole page where it is negative. ``scale``: pixels for each point. ``gray``: not as PNG but one
    byte for each pixel, row by row, 0 for black, and without the marks."""

    page: int
    marks: tuple[tuple[Box, Colour], ...]
    around: float = -1.0
    scale: float = 1.5
    gray: bool = False

    @property
    def boxes(self) -> tuple[Box, ...]:
        return tuple(box for box, _ in self.marks)


@dataclass(frozen=True, slots=True)
class PagePicture:
    """A picture as PNG, or as bytes of gray where these were wanted, ``width`` by ``height`` pixels. ``problem``: why
    there is none."""

    png: bytes = b""
    width: int = 0
    height: int = 0
    problem: str = ""


@dataclass(frozen=True, slots=True)
class MarkedCopy:
    """What came of a copy: how many highlights were put into it, or why there is none."""

    highlights: int = 0
    problem: str = ""


def ask_for_copy(
    source: str, sha256: str, target: str, marks: Sequence[Mark], bookmarks: Sequence[Bookmark], cover_note: str
) -> bytes:
    """The request for a marked copy of a file, one line."""
    return _line(
        {
            "do": "copy",
            "source": source,
            "sha256": sha256,
            "target": target,
            "marks": [asdict(mark) for mark in marks],
            "bookmarks": [asdict(bookmark) for bookmark in bookmarks],
            "cover_note": cover_note,
        }
    )


def ask_for_pictures(source: str, sha256: str, views: Sequence[PageView]) -> bytes:
    """The request for pictures of a file's pages, one line."""
    return _line({"do": "pictures", "source": source, "sha256": sha256, "views": [asdict(view) for view in views]})


def _line(value: dict[str, Any]) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode("ascii")


def to_mark(value: dict[str, Any]) -> Mark:
    places = tuple(QuotePlace(place["page"], Box(**place["box"])) for place in value["places"])
    return Mark(places, _to_colour(value["colour"]), value["note"], value["author"], value["at"])


def to_view(value: dict[str, Any]) -> PageView:
    marks = tuple((Box(**box), _to_colour(colour)) for box, colour in value["marks"])
    return PageView(value["page"], marks, value["around"], value["scale"], value["gray"])


def _to_colour(value: Sequence[float]) -> Colour:
    red, green, blue = value
    return red, green, blue


def answer_copy(copy: MarkedCopy) -> bytes:
    return _line(asdict(copy))


def answer_pictures(pictures: Sequence[PagePicture], problem: str = "") -> bytes:
    """``problem``: why there is none of any page."""
    told = [
        {"png": base64.b64encode(one.png).decode(), "width": one.width, "height": one.height, "problem": one.problem}
        for one in pictures
    ]
    return _line({"pictures": told, "problem": problem})


def read_copy(line: bytes) -> MarkedCopy:
    """Raises ValueError for anything that ``answer_copy`` does not write."""
    try:
        value = json.loads(line)
        return MarkedCopy(int(value["highlights"]), str(value["problem"]))
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a copy: {error}") from error


def read_pictures(line: bytes) -> tuple[list[PagePicture], str]:
    """The pictures, or why there are none. Raises ValueError for anything that ``answer_pictures`` does not write."""
    try:
        value = json.loads(line)
        found = [
            PagePicture(
                base64.b64decode(one["png"], validate=True), int(one["width"]), int(one["height"]), str(one["problem"])
            )
            for one in value["pictures"]
        ]
        return found, str(value["problem"])
    except (KeyError, TypeError) as error:
        raise ValueError(f"no pictures: {error}") from error
