"""The evidence in the report: a row for each value, and a picture of each place that values stand in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from leads_local.documents.marks import PagePicture, PageView
from leads_local.export import value_marks
from leads_local.export.html_page import foreign, link, paragraph, picture, words
from leads_local.export.papers import PaperValues, ValueOfReport
from leads_local.export.report_parts import state_word
from leads_local.records import Citation, QuotePlace
from leads_local.review.read_models import StoredValue, ValueStatus

HEADER = ("Field", "Value", "State", "Place")
_AROUND, _SCALE = 28.0, 1.5  # points around a place, pixels for each point
_COLOUR = (1.0, 0.9, 0.4)
_LONGEST_ALT = 300


@dataclass(slots=True)
class Place:
    """Where values stand in one paper: the same lines. ``number`` is its number in the report, from 1."""

    number: int
    paper: PaperValues
    places: tuple[QuotePlace, ...]
    values: list[ValueOfReport] = field(default_factory=list)

    @property
    def pages(self) -> tuple[int, ...]:
        return tuple(dict.fromkeys(place.page for place in self.places))

    @property
    def views(self) -> list[PageView]:
        """One for each page that it is on."""
        return [
            PageView(page, tuple((one.box, _COLOUR) for one in self.places if one.page == page), _AROUND, _SCALE)
            for page in self.pages
        ]


def places_of(papers: Sequence[PaperValues]) -> list[Place]:
    """Every place that has values, each once, in the order of papers and pages."""
    found: list[Place] = []
    for paper in papers:
        here: dict[tuple[QuotePlace, ...], list[ValueOfReport]] = {}
        for head, stored in paper.values:
            if value_marks.has_place(stored):
                here.setdefault(value_marks.places_of(stored), []).append((head, stored))
        for lines, said in sorted(here.items(), key=lambda one: (one[0][0].page, one[0][0].box.y0)):
            found.append(Place(len(found) + 1, paper, lines, said))
    return found


def report_rows(
    head: int,
    citation: Citation,
    study: str,
    found: Sequence[StoredValue],
    places: dict[int, Place],
    notices: Sequence[str],
) -> str:
    """The rows of one report, in a ``tbody``; ``places`` has the place of each value by the value's number, ``notices``
    say what of its papers could not be read."""
    by = "; ".join(citation.authors[:3]) + (" and others" if len(citation.authors) > 3 else "")
    work = ". ".join(part for part in (by, str(citation.year or ""), citation.journal) if part)
    doi = f" DOI {foreign(citation.doi)}" if citation.doi else ""
    title = foreign(citation.title or "(no title)")
    of = f" (study {foreign(study)})" if study else ""
    first = f'<th class="report" scope="rowgroup" colspan="4">Report {head}{of}: {title}<br>{foreign(work)}{doi}</th>'
    rows = "".join(_kind_rows(kind, list(group), places) for kind, group in groupby(found, value_marks.kind_name))
    rows = rows or '<tr><td colspan="4">No value was extracted from it.</td></tr>'
    noted = "".join(f'<tr><td colspan="4">{foreign(notice)}</td></tr>' for notice in notices)
    return f'<tbody id="report-{head}"><tr>{first}</tr>{noted}{rows}</tbody>'


def _kind_rows(kind: str, found: Sequence[StoredValue], places: dict[int, Place]) -> str:
    """The values of one kind under its name."""
    rows = "".join(_value_row(stored, places.get(stored.id)) for stored in found)
    return f'<tr><th class="kind" scope="rowgroup" colspan="4">{words(kind)}</th></tr>{rows}'


def _value_row(stored: StoredValue, place: Place | None) -> str:
    where = words(value_marks.why_no_place(stored))
    if place is not None:
        quote = stored.value.quote
        doubt = f" ({quote.doubt})" if quote is not None and quote.doubt else ""
        where = link(f"place-{place.number}", words(f"page {place.pages[0]}, place {place.number}{doubt}"))
    return (
        f'<tr id="value-{stored.id}"><th scope="row">{foreign(value_marks.value_name(stored))}</th>'
        f"<td>{foreign(value_marks.said_text(stored))}{_more(stored)}</td>"
        f"<td>{state_word(value_marks.STATE[stored.status].word)}{foreign(value_marks.who_and_when(stored))}</td>"
        f"<td>{where}</td></tr>"
    )


def _more(stored: StoredValue) -> str:
    """What stands beside a value: what the model had said, and notes."""
    notes = []
    if stored.status is ValueStatus.EDITED:
        notes.append(f"Model: {stored.value.text or 'not reported'}")
    notes += [f"Note: {note}" for note in (stored.note, stored.value.note) if note]
    return "".join(f"<br><small>{foreign(note)}</small>" for note in notes)


def place_figures(place: Place, pictures: Sequence[PagePicture]) -> Iterator[str]:
    """The figure of a place: its pictures, its words, and the way back to its values."""
    quote = place.values[0][1].value.quote
    said = quote.text if quote is not None else ""
    where = f"{place.paper.name}, {'page' if len(place.pages) == 1 else 'pages'} {', '.join(map(str, place.pages))}"
    yield f'<figure id="place-{place.number}">'
    for page, one in zip(place.pages, pictures, strict=True):
        about = f"Page {page} of {place.paper.name}, with these lines marked: {_cut(said)}"
        yield picture(one.png, one.width, one.height, about) if one.png else paragraph(f"No picture: {one.problem}")
    yield f"<figcaption><p>Place {place.number}. {foreign(where)}</p><blockquote>{foreign(said)}</blockquote><ul>"
    for head, stored in place.values:
        name = f"{value_marks.value_name(stored)}: {value_marks.said_text(stored)}"
        back = link(f"value-{stored.id}", f"Report {head}, {foreign(name)}")
        yield f"<li>{back} {state_word(value_marks.STATE[stored.status].word)}</li>"
    yield "</ul></figcaption></figure>\n"


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_ALT else f"{text[:_LONGEST_ALT]}…"
