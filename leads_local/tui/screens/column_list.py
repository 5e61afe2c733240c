"""What the columns of a table hold, asked before it is imported where their names don't tell, with its first rows."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from leads_local.app.citations import FIELDS, columns_said, values_in_words
from leads_local.citations.previews import TablePreview
from leads_local.terminal_text import safe_line
from leads_local.tui import labels
from leads_local.tui.screens.pick import Dialog, PickItem, PickOne

_KEYS_TOLD = "Enter: say what the column holds · Ctrl+s: import · Escape: import nothing"
_NEEDED = "One column has to hold the titles: go to it, Enter, t."
_READY = "Ctrl+s imports it so. What is said is remembered for tables with the same columns."
_NAME_WIDTH, _FIELD_WIDTH = 28, 12  # characters of a line
_KEYS = "tauyjvipdmlkwse"  # of the fields in their order: their first letters as far as these are free


class ColumnList(Dialog):
    """Returns what was said, as ``import --columns`` takes it; "" where nothing was."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+s", "save", "Import", priority=True)]

    def __init__(self, table: TablePreview) -> None:
        super().__init__()
        self._table = table
        self._fields = list(table.taken_for)

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog large"):
            heading = f"What do the columns of {self._table.path.name} hold?"
            yield Static(Content.styled(safe_line(heading), "bold"), markup=False)
            yield OptionList(compact=True)
            yield Static(id="preview", markup=False)
            yield Static(Content.styled(_KEYS_TOLD, labels.MUTED), markup=False)

    def on_mount(self) -> None:
        self._show(0)
        self.query_one(OptionList).focus()

    def _show(self, place: int) -> None:
        listed = self.query_one(OptionList)
        listed.clear_options()
        listed.add_options(map(self._option, range(len(self._fields))))
        listed.highlighted = place
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
            self._show(place)

    def action_save(self) -> None:
        if "title" in self._fields:
            self.dismiss(columns_said(self._table, self._fields))
