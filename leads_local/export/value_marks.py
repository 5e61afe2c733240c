"""How a value is shown on the page that it was read from: the colour of its state, its note, its line in the index."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from leads_local.documents.marks import Bookmark, Colour, Mark
from leads_local.export.papers import ValueOfReport
from leads_local.records import Box, Quote, QuotePlace
from leads_local.review.read_models import StoredValue, ValueStatus
from leads_local.terminal_text import safe_block, safe_line

_LONGEST = 160  # characters of a bookmark


@dataclass(frozen=True, slots=True)
class State:
    """``word`` is what it is called; colour never tells it alone."""

    word: str
    colour: Colour
    about: str


STATE = {
    ValueStatus.PROPOSED: State("proposed", (1.0, 0.9, 0.4), "by the model, and nobody has verified it"),
    ValueStatus.ACCEPTED: State("accepted", (0.65, 0.93, 0.65), "as the model gave it, by a reviewer"),
    ValueStatus.EDITED: State("corrected", (0.65, 0.84, 1.0), "by a reviewer; the model said something else"),
    ValueStatus.REJECTED: State("rejected", (0.84, 0.84, 0.84), "by a reviewer; it holds nowhere"),
}
_HEADINGS = {
    "characteristics": "Study characteristics",
    "arms": "Arms",
    "participants": "Participants",
    "results": "Results",
}
_FOUND = {"exact": "found to the letter", "normalised": "found, but for typography"}


def has_place(stored: StoredValue) -> bool:
    """Whether it is known where in the file the value stands."""
    return bool(places_of(stored))


def places_of(stored: StoredValue) -> tuple[QuotePlace, ...]:
    """The lines that its passage was printed in; none where that is not known."""
    quote = stored.value.quote
    return quote.places if quote is not None else ()


def value_name(stored: StoredValue) -> str:
    """What it is a value of: ``Age, Aspirin, unit``."""
    value = stored.value
    parts = (value.item, value.group, "" if value.part == "value" else value.part)
    return safe_line(", ".join(part for part in parts if part))


def kind_name(stored: StoredValue) -> str:
    """The kind of value that it is: ``Study characteristics``, ``Results``."""
    return _HEADINGS.get(stored.value.task, stored.value.task)


def said_text(stored: StoredValue) -> str:
    """The value that holds; of a rejected one what the model had said."""
    text = stored.value.text if stored.status is ValueStatus.REJECTED else stored.final_text
    return safe_block(text) or "not reported"


def who_and_when(stored: StoredValue) -> str:
    """`` by Ann, 2026-11-29``; "" where nobody has said anything."""
    by = f" by {safe_line(stored.reviewer)}" if stored.reviewer else ""
    return f"{by}, {stored.at[:10]}" if stored.at else by


def states_in_words(found: Sequence[StoredValue]) -> str:
    """How many values there are of each state: ``5 accepted, 2 proposed``."""
    numbers = {state.word: sum(stored.status is status for stored in found) for status, state in STATE.items()}
    return ", ".join(f"{number:,} {word}" for word, number in numbers.items() if number)


def why_no_place(stored: StoredValue) -> str:
    """Why nothing can be marked for a value, in a few words."""
    if stored.value.quote is not None and stored.value.text:
        return "the model's words were not found in the paper"
    return "no place was looked for" if stored.value.text else "the paper was said not to report it"


def note_of(stored: StoredValue) -> str:
    """All that is known of a value, some lines."""
    value, state = stored.value, STATE[stored.status]
    lines = [f"{value_name(stored)}: {said_text(stored)}", f"{state.word}{who_and_when(stored)}"]
    if stored.status is ValueStatus.EDITED:
        lines.append(f"Model: {safe_block(value.text) or 'not reported'}")
    if stored.note:
        lines.append(f"Note: {safe_block(stored.note)}")
    if value.note:
        lines.append(f"Note with the value: {safe_block(value.note)}")
    if value.quote is not None and value.quote.match:
        lines.append(f"Passage: {_found_how(value.quote)}")
    return "\n".join(lines)


def _found_how(quote: Quote) -> str:
    return _FOUND.get(quote.match, quote.doubt)


def marks_of(found: Sequence[ValueOfReport], *, name_reports: bool = False) -> list[Mark]:
    """A mark for each state of the values that stand in the same printed lines, so that no highlight lies over another:
    where they are of several states, each line is parted among them, and the notes tell all. ``name_reports``: the file
    is of several."""
    by_line: dict[QuotePlace, list[int]] = {}
    for number, (_, stored) in enumerate(found):
        for place in dict.fromkeys(places_of(stored)):
            by_line.setdefault(place, []).append(number)
    lines_of: dict[tuple[int, ...], list[QuotePlace]] = {}
    for place, numbers in by_line.items():
        lines_of.setdefault(tuple(numbers), []).append(place)
    return [
        mark
        for numbers, lines in lines_of.items()
        for mark in _marks_at(lines, [found[number] for number in numbers], name_reports)
    ]


def _marks_at(lines: Sequence[QuotePlace], said: Sequence[ValueOfReport], name_reports: bool) -> Iterator[Mark]:
    note = "\n\n".join(f"{f'Report {head}. ' if name_reports else ''}{note_of(stored)}" for head, stored in said)
    states = [status for status in STATE if any(stored.status is status for _, stored in said)]
    for number, status in enumerate(states):
        latest = max((stored for _, stored in said if stored.status is status), key=lambda stored: stored.at)
        parts = tuple(QuotePlace(line.page, _part(line.box, number, len(states))) for line in lines)
        yield Mark(parts, STATE[status].colour, note, latest.reviewer or "the model", latest.at)


def _part(box: Box, number: int, of: int) -> Box:
    """One of the equal parts, side by side, of a line's box."""
    width = (box.x1 - box.x0) / of
    return Box(box.x0 + number * width, box.y0, box.x0 + (number + 1) * width, box.y1)


def bookmarks_of(found: Sequence[ValueOfReport], *, name_reports: bool = False) -> list[Bookmark]:
    """The index of values: by report where the file is of several, by kind, then each value; last those without a
    place, which lead to the first page."""
    if not found:
        return []
    lines = [Bookmark(1, f"Values of this review ({len(found)})", 1)]
    placed = [one for one in found if has_place(one[1])]
    for head in dict.fromkeys(head for head, _ in placed):
        own = [stored for report, stored in placed if report == head]
        if name_reports:
            lines.append(Bookmark(2, f"Report {head}", own[0].page, _top(own[0])))
        lines += _by_kind(own, 3 if name_reports else 2)
    without = [stored for _, stored in found if not has_place(stored)]
    if without:
        lines.append(Bookmark(2, f"Without a place in this file ({len(without)})", 1))
        lines += [Bookmark(3, f"{_line(stored)}: {why_no_place(stored)}", 1) for stored in without]
    return lines


def _by_kind(own: Sequence[StoredValue], level: int) -> Iterator[Bookmark]:
    for task in dict.fromkeys(stored.value.task for stored in own):
        of_kind = [stored for stored in own if stored.value.task == task]
        yield Bookmark(level, kind_name(of_kind[0]), of_kind[0].page, _top(of_kind[0]))
        for stored in of_kind:
            yield Bookmark(level + 1, _line(stored), stored.page, _top(stored))


def _top(stored: StoredValue) -> float:
    """A little above the place, so that it is not at the very edge of the window."""
    return max(0.0, places_of(stored)[0].box.y0 - 40)


def _line(stored: StoredValue) -> str:
    text = f"{value_name(stored)}: {' '.join(said_text(stored).split())}"
    cut = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    return f"{cut} ({STATE[stored.status].word}{who_and_when(stored)})"


def legend(found: Sequence[ValueOfReport], exported: str, notice: str = "") -> str:
    """The note at the head of a copy: what the colours mean, what of the paper could not be read (``notice``), and
    which values have no place."""
    states = [f"{_COLOUR_NAMES[status]}: {state.word} {state.about}" for status, state in STATE.items()]
    without = [stored for _, stored in found if not has_place(stored)]
    told = [f"- {_line(stored)}: {why_no_place(stored)}" for stored in without]
    lines = [exported, f"{len(found)} values. The colour says what people made of each:", *states]
    lines += [safe_line(notice)] if notice else []
    return "\n".join([*lines, *([f"Values without a place in this file: {len(without)}", *told] if without else [])])


_COLOUR_NAMES = {
    ValueStatus.PROPOSED: "Yellow",
    ValueStatus.ACCEPTED: "Green",
    ValueStatus.EDITED: "Blue",
    ValueStatus.REJECTED: "Grey",
}
