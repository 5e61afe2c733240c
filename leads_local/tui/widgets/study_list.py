"""The included studies, each with how many of its values were checked."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.content import Content

from leads_local.tui import labels
from leads_local.tui.widgets.record_list import FetchSummaries, RecordList

if TYPE_CHECKING:
    from leads_local.review.read_models import RecordSummary


class StudyList(RecordList):
    """A list of records that shows progress in extraction instead of decisions."""

    empty_text = "No study is included yet."

    def __init__(self, fetch: FetchSummaries, checked: Callable[[int], tuple[int, int]], *, id: str) -> None:
        super().__init__(fetch, id=id)
        self._checked = checked

    def columns(self, summary: RecordSummary) -> list[Content]:
        done, total = self._checked(summary.id)
        style = "$text-success" if total and done == total else labels.MUTED
        return [
            Content.styled(f"{done:>4}/{total:<4} ", style),
            Content.styled(f"{summary.year or '':>4} ", labels.MUTED),
        ]
