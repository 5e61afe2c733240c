"""What the columns of a table hold, asked before it is imported where their names don't tell, with its first rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

from textual import on
from textual.content import Content
from textual.widget import Widget
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from leads_local.app.citations import FIELDS, columns_said, values_in_words
from leads_local.citations.previews import TablePreview
from leads_local.terminal_text import safe_line
from leads_local.tui import labels
from leads_local.tui.screens.changing import ChangingDialog
from leads_local.tui.screens.pick import PickItem, PickOne

_NEEDED = "One column has to hold the titles: go to it, Enter, t."
_READY = "Ctrl+s imports it so. What is said is remembered for tables with the same columns."
_NAME_WIDTH, _FIELD_WIDTH = 28, 12  # characters of a line
_KEYS = "tauyjvipdmlkwse"  # of the fields in their order: their first letters as far as these are free


class ColumnList(ChangingDialog):
    """Returns what was said, as ``import --columns`` takes it; "" where nothing was."""

    box = "dialog large"
    keys_told = "Enter: say what the column holds · Ctrl+s: import · Escape: import nothing"

    def __init__(self, table: TablePreview) -> None:
        super().__init__()
        self.heading = f"What do the columns of {table.path.name} hold?"
        self._table = table
        self._fields = list(table.taken_for)

    def below(self) -> Iterable[Widget]:
        yield Static(id="preview", markup=False)

    def options(self) -> Sequence[Option]:
        return [self._option(place) for place in range(len(self._fields))]

    def show(self, place: int) -> None:
        super().show(place)
        ready = "title" in self._fields
        self.query_one("#preview", Static).update(
            Content.styled(_READY if ready else _NEEDED, labels.MUTED if ready else "bold $text-warning")
        )

    def _option(self, place: int) -> Option:
        name = safe_line(self._table.names[place]) or "(no name)"
        field = self._fields[place]
        told = (f"{field or 'not known':{_FIELD_WIDTH}}", "bold $text-accent" if field else labels.MUTED)
        values = safe_line(values_in_words(self._table, place))
        return Option(Content.assemble(f"{name[:_NAME_WIDTH]:{_NAME_WIDTH}}  ", told, f"  {values}"))

    @on(OptionList.OptionSelected)
    def _ask(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        place = event.option_index
        answers = [PickItem(key, words, field) for key, (field, words) in zip(_KEYS, FIELDS, strict=True)]
        question = f"What does {self._table.names[place] or 'this column'} hold?"
        self.app.push_screen(PickOne(question, answers, self._fields[place]), partial(self._said, place))

    def _said(self, place: int, field: str | None) -> None:
        if field is not None:
            self._fields[place] = field
            self.show(place)

    def action_save(self) -> None:
        if "title" in self._fields:
            self.dismiss(columns_said(self._table, self._fields))
