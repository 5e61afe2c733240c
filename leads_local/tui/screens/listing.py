"""A list over a screen on which keys do something to the line under the cursor, which stays open until it is closed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import ClassVar, Generic, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.visual import VisualType
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from leads_local.terminal_text import safe_line
from leads_local.tui.error_guard import Guarded
from leads_local.tui.interface import LeadsInterface
from leads_local.tui.screens.pick import NUMBER_KEYS, PickItem, PickOne, TextPrompt
from leads_local.tui.session import Session

Item = TypeVar("Item")


class ListDialog(Guarded, ModalScreen[None], Generic[Item]):
    """``read`` says what is listed, ``in_words`` and ``heading`` how, ``details`` what of the line under the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "leave", "Close")]

    def __init__(self, leads: LeadsInterface, session: Session) -> None:
        super().__init__()
        self.leads = leads
        self.session = session
        self._items: Sequence[Item] = ()

    def read(self) -> Sequence[Item]:
        raise NotImplementedError

    def in_words(self, item: Item) -> str:
        raise NotImplementedError

    def heading(self, items: Sequence[Item]) -> str:
        """What is listed and which keys there are."""
        raise NotImplementedError

    def details(self, item: Item) -> Sequence[str]:
        """What is shown of the line under the cursor below the list, a line each."""
        return ()

    def picture(self, item: Item) -> VisualType:
        """What is shown below the list of the line under the cursor: the line itself where it is cut there, then
        ``details``; or more than lines."""
        line = safe_line(self.in_words(item))
        cut = Content(line).cell_length > self.query_one(OptionList).scrollable_content_region.width
        return Content("\n".join(([line] if cut else []) + list(map(safe_line, self.details(item)))))

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog large"):
            yield Static(markup=False, classes="heading-of-list")
            yield OptionList(compact=True)
            yield Static(markup=False, id="details")

    def on_mount(self) -> None:
        self.show()
        self.query_one(OptionList).focus()

    def show(self) -> None:
        """Read the list again; the cursor stays on its line, which may be another item's by now."""
        self._items = self.read()
        self.query_one(Static).update(Content.styled(safe_line(self.heading(self._items)), "bold"))
        options = self.query_one(OptionList)
        place = options.highlighted or 0
        options.clear_options()
        options.add_options([Option(Content(safe_line(self.in_words(item)))) for item in self._items])
        options.highlighted = min(place, len(self._items) - 1) if self._items else None
        self._show_details()

    @on(OptionList.OptionHighlighted)
    def _show_details(self) -> None:
        item = self.chosen()
        picture = self.picture(item) if item is not None else Content()
        details = self.query_one("#details", Static)
        details.update(picture)
        details.display = not isinstance(picture, Content) or bool(picture)

    def chosen(self) -> Item | None:
        """What the cursor is on."""
        place = self.query_one(OptionList).highlighted
        return self._items[place] if place is not None and place < len(self._items) else None

    def ask_record(self, question: str, suggested: str, then: Callable[[int], None]) -> None:
        """Ask which record is meant, by its number or words of its title."""
        prompt = TextPrompt(question, "Its number, or words of its title.", suggested)
        self.leads.ask(prompt, partial(self._record_named, then))

    def _record_named(self, then: Callable[[int], None], text: str | None) -> None:
        if not text:
            return
        if text.isdecimal():
            then(int(text))
            return
        found = self.session.review.find_by_title(text, len(NUMBER_KEYS))
        if not found:
            self.leads.tell(f"No record has all of these words in its title: {text}", "warning")
            return
        answers = [
            PickItem(key, f"{one.id}: {one.shown_title}", str(one.id))
            for key, one in zip(NUMBER_KEYS, found, strict=False)
        ]
        self.leads.ask(PickOne("Which of these?", answers), lambda picked: then(int(picked)) if picked else None)

    def done(self, said: str) -> None:
        """Tell what was done, and show how it stands now."""
        self.session.forget_documents()
        self.leads.tell(said)
        self.show()

    def action_leave(self) -> None:
        self.dismiss(None)
