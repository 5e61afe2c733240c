"""The values of one study, under a heading for each kind and item: what it is a value of, the value, where it stands,
and its status."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.content import Content

from leads_local.terminal_text import safe_line
from leads_local.tui import labels
from leads_local.tui.widgets.line_list import LineList

if TYPE_CHECKING:
    from leads_local.review.read_models import StoredValue

_TASKS = {
    "characteristics": "Study characteristics",
    "arms": "Arms",
    "results": "Results",
    "participants": "Participants",
}
_NOT_REPORTED = "(not reported)"


@dataclass(frozen=True, slots=True)
class _Row:
    """A heading, or a value with the label that it has under its heading."""

    label: str
    value: StoredValue | None = None


def value_label(stored: StoredValue) -> str:
    """What the value is a value of, in full: ``Mortality, Drug A, value``."""
    value = stored.value
    parts = [value.item, value.group, "" if value.part == "value" else value.part]
    return safe_line(", ".join(part for part in parts if part))


def _heading(stored: StoredValue) -> str:
    task = _TASKS.get(stored.value.task, stored.value.task)
    return task if stored.value.task == "characteristics" else f"{task}: {safe_line(stored.value.item)}"


def _short_label(stored: StoredValue) -> str:
    value = stored.value
    if value.task == "characteristics":
        return safe_line(value.item)
    part = "" if value.group and value.part == "value" else value.part  # the number itself, of an arm
    return safe_line(", ".join(text for text in (value.group, part) if text)) or safe_line(value.item)


def rows_of(values: Sequence[StoredValue]) -> list[_Row]:
    """Headings and values, in the order of ``values``; values of one heading are brought together."""
    groups: dict[str, list[StoredValue]] = {}
    for stored in values:
        groups.setdefault(_heading(stored), []).append(stored)
    rows: list[_Row] = []
    for heading, members in groups.items():
        rows.append(_Row(heading))
        rows.extend(_Row(_short_label(member), member) for member in members)
    return rows


def shown_text(stored: StoredValue) -> str:
    """The text that counts: the person's where there is one, else the model's."""
    return stored.final_text if stored.status == "edited" else stored.value.text


class ValueList(LineList):
    """Values by heading, the cursor on values only."""

    empty_text = "No values yet for this study. s starts the model."

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._rows: list[_Row] = []

    def show(self, values: Sequence[StoredValue], keep: int = 0) -> None:
        """List ``values``; the cursor goes to the value with the id ``keep`` if it is there."""
        self._rows = rows_of(values)
        place = next((i for i, row in enumerate(self._rows) if row.value is not None and row.value.id == keep), 0)
        self.rows_changed(place)

    @property
    def current(self) -> StoredValue | None:
        return self._rows[self.cursor].value if 0 <= self.cursor < len(self._rows) else None

    def select(self, value_id: int) -> bool:
        """Put the cursor on a value; False when it is not in the list."""
        place = next(
            (i for i, row in enumerate(self._rows) if row.value is not None and row.value.id == value_id), None
        )
        if place is not None:
            self.cursor = place
        return place is not None

    def next_to_check(self) -> bool:
        """Move to the next value that nobody has looked at, going on from the top; False when there is none."""
        order = [*range(self.cursor + 1, len(self._rows)), *range(self.cursor + 1)]
        for place in order:
            value = self._rows[place].value
            if value is not None and value.status == "proposed":
                self.cursor = place
                return True
        return False

    # ------------------------------------------------------------ rows

    def row_count(self) -> int:
        return len(self._rows)

    def row_key(self, index: int) -> int:
        value = self._rows[index].value
        return value.id if value is not None else 0

    def row(self, index: int, width: int) -> Content:
        row = self._rows[index]
        if row.value is None:
            return Content(row.label)
        stored = row.value
        status = labels.STATUS[stored.status]
        label_width = max(12, min(34, width // 3))
        name = Content(row.label).truncate(label_width, ellipsis=True, pad=True)
        quote = stored.value.quote
        pages = sorted({place.page for place in quote.places}) if quote else []
        where = (
            f"p.{pages[0]}{'?' if quote and quote.doubt else ''}"
            if pages
            else "no page"
            if stored.value.text and quote
            else ""
        )
        text = safe_line(shown_text(stored)) or _NOT_REPORTED
        text = f"≠ {text}" if stored.value.parts_disagree else text
        room = max(8, width - 1 - 9 - label_width - 1 - 8)
        struck = f"strike {labels.MUTED}" if stored.status == "rejected" else ""
        return Content.assemble(
            "▸" if index == self.cursor else " ",
            Content.styled(f"{status.text:<9}", status.style),
            name,
            " ",
            Content.styled(text, struck).truncate(room, ellipsis=True, pad=True),
            Content.styled(f" {where:<7}", "$text-warning" if where == "no page" else labels.MUTED),
        )
