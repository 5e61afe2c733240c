"""Which records may be one report, side by side, to be confirmed or turned down; and every group, to be taken apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.console import Group
from rich.table import Table
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.visual import VisualType

from leads_local.app import duplicates as told
from leads_local.app.outcome import format_count
from leads_local.review.read_models import FoundGroup, OpenDoubt
from leads_local.terminal_text import safe_line
from leads_local.tui.screens.listing import ListDialog
from leads_local.tui.screens.pick import NUMBER_KEYS, PickItem, PickOne


class DuplicateList(ListDialog[OpenDoubt | FoundGroup]):
    """Keys act on the line under the cursor; ``U`` in the overview takes back what was said here."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "same", "Same", tooltip="These records are one report."),
        Binding("d", "different", "Different", tooltip="These are two reports; it is not asked again."),
        Binding("l", "later", "Later", tooltip="Leave it open and go on to the next."),
        Binding("t", "take_out", "Take out", tooltip="One of these records is another report than the others."),
        Binding("n", "next_record", "Next record", tooltip="See the first record of a group beside its next one."),
    ]

    def __init__(self, *given: object) -> None:
        super().__init__(*given)  # type: ignore[arg-type]
        self._later: list[tuple[int, int]] = []
        self._titles: dict[int, str] = {}
        self._beside = (0, 1)  # a group by its head, and which of its records stands beside the first

    def read(self) -> Sequence[OpenDoubt | FoundGroup]:
        review = self.session.review
        groups = review.duplicate_groups()
        self._titles = told.titles_of(review, groups)
        return [*sorted(review.doubts(), key=lambda one: (one.one, one.other) in self._later), *groups]

    def in_words(self, item: OpenDoubt | FoundGroup) -> str:
        if isinstance(item, OpenDoubt):
            return told.doubt_in_words(item)
        return told.group_in_words(item, self._titles.get(item.head, ""))

    def heading(self, items: Sequence[OpenDoubt | FoundGroup]) -> str:
        if not items:
            return "No duplicates are known: g in the overview looks for them. Escape closes."
        doubts = sum(1 for one in items if isinstance(one, OpenDoubt))
        counts = f"{format_count(doubts, 'pair')} may be one report; {format_count(len(items) - doubts, 'group')}."
        keys = "s same, d different, l later; t takes a record out of a group, n shows its next one"
        return f"{counts} {keys}. Escape closes."

    def picture(self, item: OpenDoubt | FoundGroup) -> VisualType:
        """Two records side by side; what differs is marked."""
        one, other = (item.one, item.other) if isinstance(item, OpenDoubt) else self._two_of(item)
        table = Table.grid(padding=(0, 1), expand=True)
        table.add_column(width=11, no_wrap=True)
        table.add_column(ratio=1)
        table.add_column(ratio=1)
        table.add_row("", Text(f"record {one}", "bold"), Text(f"record {other}", "bold"))
        for field in told.compared(self.session.review, one, other):
            style = "bold" if field.differs else ""
            cells = (Text(safe_line(text), style) for text in (field.one, field.other))
            table.add_row(Text(f"{'≠' if field.differs else ' '} {field.name}", style), *cells)
        reasons = (item.reason,) if isinstance(item, OpenDoubt) else item.reasons
        because = Table.grid(padding=(0, 1), expand=True)
        because.add_column(width=11, no_wrap=True)
        because.add_column(ratio=1)
        because.add_row("  because", Text(safe_line("; ".join(reasons))))
        return Group(table, because)

    def _two_of(self, group: FoundGroup) -> tuple[int, int]:
        """The first record, and the one that is to be seen beside it."""
        head, place = self._beside
        return group.records[0], group.records[place if head == group.head else 1]

    def action_next_record(self) -> None:
        group = self.chosen()
        if isinstance(group, FoundGroup):
            head, place = self._beside
            place = place % (len(group.records) - 1) + 1 if head == group.head else min(2, len(group.records) - 1)
            self._beside = group.head, place
            self._show_details()

    # ------------------------------------------------------------ what may be one

    def _doubt(self) -> OpenDoubt | None:
        chosen = self.chosen()
        if isinstance(chosen, FoundGroup):
            self.leads.tell("This is a group, not a question: t takes a record out of it.", "warning")
        return chosen if isinstance(chosen, OpenDoubt) else None

    def action_same(self) -> None:
        if doubt := self._doubt():
            joined = self.session.review.join_records(doubt.one, doubt.other)
            self.done(" ".join(told.describe_join(self.session.review, joined).lines))

    def action_different(self) -> None:
        if doubt := self._doubt():
            others = self.session.review.separate(doubt.one, [doubt.other])
            self.done(" ".join(told.describe_separation(doubt.one, others).lines))

    def action_later(self) -> None:
        if doubt := self._doubt():
            self._later.append((doubt.one, doubt.other))
            self.show()

    # ------------------------------------------------------------ groups

    def action_take_out(self) -> None:
        group = self.chosen()
        if isinstance(group, OpenDoubt):
            self.leads.tell("This is a question, not a group: s says that they are one report, d two.", "warning")
        elif group is not None:
            titles = (self.session.review.citation(record).title for record in group.records)
            answers = [
                PickItem(key, f"{record}: {title}", str(record))
                for key, record, title in zip(NUMBER_KEYS, group.records, titles, strict=False)
            ]
            self.leads.ask(PickOne("Which record is another report than the others?", answers), self._take_out)

    def _take_out(self, record: str | None) -> None:
        if record:
            others = self.session.review.separate(int(record))
            self.done(" ".join(told.describe_separation(int(record), others).lines))
