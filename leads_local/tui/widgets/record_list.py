"""The list of records: ids are known at once, titles are fetched for the rows in view only.

Whoever owns the list gives it a ``fetch`` that turns ids into summaries; this widget never sees a review. What was
fetched is kept for a few screens' worth of rows and forgotten when the record changes.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from textual.content import Content

from leads_local.terminal_text import safe_line
from leads_local.tui import labels
from leads_local.tui.widgets.line_list import LineList

if TYPE_CHECKING:
    from leads_local.ranking.calibration import InclusionProbability
    from leads_local.review.read_models import RecordSummary

FetchSummaries = Callable[[Sequence[int]], Sequence["RecordSummary"]]

_KEPT = 2_000
_AHEAD = 8  # rows fetched beyond both ends of the view, so that a step of the cursor is not a query of its own


class RecordList(LineList):
    """Decision, score, year and title of each record."""

    empty_text = "No records here. f chooses another filter."

    def __init__(self, fetch: FetchSummaries, *, id: str) -> None:
        super().__init__(id=id)
        self._fetch = fetch
        self._ids: Sequence[int] = ()
        self._places: dict[int, int] = {}
        self._known: dict[int, RecordSummary] = {}
        self.scores_shown = True
        self.marked: Container[int] = ()
        self.chance: Callable[[float | None], InclusionProbability | None] | None = (
            None  # expected score → probability of inclusion
        )

    # ------------------------------------------------------------ what is listed

    @property
    def ids(self) -> Sequence[int]:
        return self._ids

    def show(self, ids: Sequence[int], keep: int = 0) -> None:
        """List ``ids``. The cursor goes to the record ``keep`` if it is among them, else to the first."""
        self._ids = ids
        self._places = {record_id: place for place, record_id in enumerate(ids)}
        self._known.clear()
        self.rows_changed(self._places.get(keep, 0))

    def select(self, record_id: int) -> bool:
        """Put the cursor on a record; False when it is not in the list."""
        place = self._places.get(record_id)
        if place is not None:
            self.cursor = place
        return place is not None

    def forget(self, record_ids: Iterable[int] | None = None) -> None:
        """Fetch these records anew (None: all) when they are drawn next."""
        if record_ids is None:
            self._known.clear()
        else:
            for record_id in record_ids:
                self._known.pop(record_id, None)
        self.refresh()

    def next_after(self, record_id: int, wanted: Container[int]) -> int:
        """The first listed record after ``record_id`` that is ``wanted``, going on from the top; 0 when there is
        none."""
        start = self._places.get(record_id, -1) + 1
        for place in chain(range(start, len(self._ids)), range(max(start - 1, 0))):
            if self._ids[place] in wanted:
                return self._ids[place]
        return 0

    # ------------------------------------------------------------ rows

    def row_count(self) -> int:
        return len(self._ids)

    def row_key(self, index: int) -> int:
        return self._ids[index]

    def row(self, index: int, width: int) -> Content:
        summary = self._summary(index)
        mark = "▸" if index == self.cursor else " "
        if summary is None:
            return Content(f"{mark} …")
        marked = [Content.styled("* ", "bold $text-accent")] if summary.id in self.marked else []
        return Content.assemble(mark, *self.columns(summary), *marked, safe_line(summary.shown_title))

    def columns(self, summary: RecordSummary) -> list[Content]:
        """What stands before the title, each part of a fixed width. A subclass lists other things."""
        word = self._word(summary)
        score = self._score(summary) if self.scores_shown else ""
        if summary.failed and self.scores_shown:
            score = "fail"
        return [
            Content.styled(f"{word.text:<8}", word.style),
            Content.styled(f"{score:>5} ", "$text-error" if score == "fail" else labels.MUTED),
            Content.styled(f"{summary.year or '':>4} ", labels.MUTED),
        ]

    @staticmethod
    def _word(summary: RecordSummary) -> labels.Word:
        """What holds; that reviewers differ; or what the person has decided while a second reviewer has not. Of what
        only others decided so far nothing is given away."""
        if summary.state == "conflict":
            return labels.CONFLICT
        choice = summary.choice or summary.own
        return labels.CHOICE[choice] if choice else labels.UNDECIDED

    def _score(self, summary: RecordSummary) -> str:
        if self.chance is None:
            return labels.format_score(summary.score)
        expected = summary.score if summary.expected is None else summary.expected
        chance = self.chance(expected)
        return labels.format_score(expected) if chance is None else str(chance)

    def _summary(self, index: int) -> RecordSummary | None:
        wanted = self._ids[index]
        if wanted not in self._known:
            self._fetch_window(index)
        return self._known.get(wanted)

    def _fetch_window(self, index: int) -> None:
        top = round(self.scroll_y)
        height = self.scrollable_content_region.height
        first = max(0, min(index, top - _AHEAD))
        last = min(len(self._ids), max(index + 1, top + height + _AHEAD))
        if last - first > height + 4 * _AHEAD:  # a lone row far outside the view
            first, last = index, index + 1
        missing = [i for i in self._ids[first:last] if i not in self._known]
        if len(self._known) + len(missing) > _KEPT:
            self._known.clear()
            missing = list(self._ids[first:last])
        self._known.update((summary.id, summary) for summary in self._fetch(missing))
