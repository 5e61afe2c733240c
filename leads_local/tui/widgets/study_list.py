"""The included reports, each with its study and with how many of its values were checked."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.content import Content

from leads_local.terminal_text import safe_line
from leads_local.tui import labels
from leads_local.tui.widgets.record_list import FetchSummaries, RecordList

if TYPE_CHECKING:
    from leads_local.review.read_models import RecordSummary

_LABEL = 14  # cells for how a study is called


class StudyList(RecordList):
    """A list of records that shows progress in extraction instead of decisions, and studies instead of years."""

    empty_text = "No study is included yet."

    def __init__(
        self,
        fetch: FetchSummaries,
        checked: Callable[[int], tuple[int, int]],
        label_of: Callable[[int], str],
        *,
        id: str,
    ) -> None:
        super().__init__(fetch, id=id)
        self._checked = checked
        self._label_of = label_of

    def columns(self, summary: RecordSummary) -> list[Content]:
        done, total = self._checked(summary.id)
        style = "$text-success" if total and done == total else labels.MUTED
        label = Content.styled(safe_line(self._label_of(summary.id)), labels.MUTED)
        return [
            Content.styled(f"{done:>4}/{total:<4} ", style),
            label.truncate(_LABEL, ellipsis=True, pad=True),
            Content(" "),
        ]
