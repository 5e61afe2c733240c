"""A page of a paper as a picture, with the values on it marked: the same on the command line and on the screen.

No other program is started to show it: what we start has no network either, and no viewer runs so. The picture is
drawn where it is asked for, and goes into a file only where a person says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leads_local import files
from leads_local.app.outcome import Outcome
from leads_local.documents.marks import Colour, PagePicture, PageView
from leads_local.errors import InputError
from leads_local.export import value_marks
from leads_local.export.papers import locate
from leads_local.records import Box, Document
from leads_local.review.attachments import Attachment
from leads_local.review.read_models import StoredValue
from leads_local.review.review import Review

_SCALE = 2.0  # pixels for each point: a page of A4 is 1,190 by 1,684


@dataclass(frozen=True, slots=True)
class MarkedPage:
    """One page of a paper of a report. ``source`` is where its file should be; ``width`` and ``height`` are in points;
    ``values`` are those of the report that stand on it, ``marks`` their places with the colours of their states."""

    report: int
    source: Path
    sha256: str
    name: str
    number: int
    pages: int
    width: float
    height: float
    values: tuple[StoredValue, ...]
    marks: tuple[tuple[Box, Colour], ...]


def find_page(review: Review, record_id: int, number: int = 0, value_id: int = 0) -> MarkedPage:
    """A page of the report's full text; of a value's file, at its place, where one is named. ``number`` 0: the page of
    the value, else the first one that has a value, else the first.

    Raises InputError where there is no such page, no such value or no paper.
    """
    values = review.values(record_id)
    stored = _find_value(values, record_id, value_id) if value_id else None
    document = review.document_of(stored) if stored is not None else review.document(record_id)
    if document is None or not document.pages:
        why = document.problem if document is not None and document.problem else "no PDF is attached to it."
        raise InputError(
            f"There is no page of record {record_id}: {why}", "Attach its PDF with `pdfs`, or p in the UI."
        )
    here = [one for one in values if one.document == document.sha256 and value_marks.has_place(one)]
    number = number or (stored.page if stored is not None else min((one.page for one in here), default=1))
    page = next((one for one in document.pages if one.number == number), None)
    name = files.name_of(document.path)
    if page is None:
        raise InputError(f"{name} has no page {number}.", f"It has pages 1 to {len(document.pages)}.")
    on_page = tuple(one for one in here if any(place.page == number for place in value_marks.places_of(one)))
    wanted = value_marks.marks_of([(record_id, one) for one in on_page])
    marks = tuple((place.box, mark.colour) for mark in wanted for place in mark.places if place.page == number)
    source = locate(review, _attachment(review, document))
    size = (page.width, page.height)
    return MarkedPage(record_id, source, document.sha256, name, number, len(document.pages), *size, on_page, marks)


def _find_value(values: list[StoredValue], record_id: int, value_id: int) -> StoredValue:
    stored = next((one for one in values if one.id == value_id), None)
    if stored is None:
        raise InputError(f"Record {record_id} has no value {value_id}.", "`show` lists its values with their numbers.")
    if not value_marks.has_place(stored):
        raise InputError(
            f"Value {value_id} has no place in a paper: {value_marks.why_no_place(stored)}.", "Name a page."
        )
    return stored


def _attachment(review: Review, document: Document) -> Attachment:
    return next(one for one in review.attachments() if one.sha256 == document.sha256)


def draw(page: MarkedPage, scale: float = _SCALE, *, gray: bool = False) -> PagePicture:
    """The page as PNG with the marks, or in bytes of gray without them; ``scale`` is pixels for each point. Raises
    InputError when its file is not to be had, or can't be drawn."""
    from leads_local.documents.marker import Marker

    with Marker() as marker:
        (drawn,) = marker.pictures(page.source, page.sha256, [PageView(page.number, page.marks, -1.0, scale, gray)])
    if drawn.problem:
        raise InputError(
            f"{page.name}: {drawn.problem}", "Attach the folder that it lies in once more, so that it is found there."
        )
    return drawn


def file_name(review: Review, page: MarkedPage) -> str:
    """What a picture of the page is called unless a person says otherwise."""
    return f"{review.path.stem} record {page.report} page {page.number}.png"


def save(page: MarkedPage, to: Path) -> Outcome:
    """Write the picture into a file that is not there yet, and say which values are marked in it. Raises InputError."""
    drawn = draw(page)
    try:
        with files.on_disk(to).open("xb") as file:
            file.write(drawn.png)
    except FileExistsError as error:
        raise InputError(f"{to} is there already.", "Name another file; nothing is replaced.") from error
    except OSError as error:
        raise InputError(f"{to} can't be written: {error.strerror}.", "Name a file that you may write to.") from error
    return Outcome((f"{page.name}, page {page.number} of {page.pages}, drawn into {to}.", *describe_marks(page)))


def describe_marks(page: MarkedPage) -> tuple[str, ...]:
    """The values that are marked on the page, a line each."""
    if not page.values:
        return ("No value of this report stands on this page.",)
    return tuple(
        f"Value {one.id}: {value_marks.value_name(one)}: {value_marks.said_text(one)} "
        f"({value_marks.STATE[one.status].word}{value_marks.who_and_when(one)})"
        for one in page.values
    )


def page_as_data(page: MarkedPage, to: Path) -> dict[str, Any]:
    """The same for a program."""
    return {
        "path": str(to),
        "record": page.report,
        "file": page.name,
        "page": page.number,
        "pages": page.pages,
        "values": [one.id for one in page.values],
    }
