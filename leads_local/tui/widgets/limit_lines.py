"""What the criteria that are checked by rule say of the record in view.

They are facts of the record, so they are shown beside it, marked as by rule, and also while the model's judgement is
hidden.
"""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from leads_local.app.limits import HEADING, UNSAID, ruled_out_in_words
from leads_local.citations.limits import LimitAnswer, Within
from leads_local.review.read_models import RecordView
from leads_local.terminal_text import safe_line
from leads_local.tui import labels
from leads_local.tui.labels import Word

_WORDS = {
    Within.YES: Word("yes", "bold $text-success"),
    Within.NO: Word("no", "bold $text-error"),
    Within.UNSAID: Word(UNSAID, "bold $text-accent"),
}


class LimitLines(Static):
    """Nothing at all where no criterion is checked by rule."""

    def show(self, view: RecordView | None) -> None:
        parts = _parts(view) if view is not None and view.limits else []
        self.display = bool(parts)
        self.update(Content("\n").join(parts))


def _parts(view: RecordView) -> list[Content]:
    parts = [Content.styled(HEADING, labels.MUTED), *map(_line, view.limits)]
    if view.ruled_out_by:
        parts.append(Content.styled(safe_line(ruled_out_in_words(view.ruled_out_by)), "$text-warning"))
    return parts


def _line(answer: LimitAnswer) -> Content:
    word = _WORDS[answer.within]
    said = f" ({safe_line(answer.evidence)})" if answer.evidence else ""
    name = (f"{safe_line(answer.limit.name)}: ", "bold")
    rule = Content.styled(f"{said}  {safe_line(answer.limit.in_words())}", labels.MUTED)
    return Content.assemble(name, Content.styled(word.text, word.style), rule)
