"""What people added to the record in view: tags, priority, notes, and what they corrected, with what was imported.

These are people's words and stand apart from the model's.
"""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from leads_local.app.annotating import (
    JUDGED_BEFORE,
    correction_in_words,
    hidden_in_words,
    judged_before_correction,
    notes_in_words,
    tags_in_words,
)
from leads_local.citations.standing_notices import GRAVE
from leads_local.records import Stage
from leads_local.review.read_models import RecordView
from leads_local.terminal_text import safe_block, safe_line
from leads_local.tui import labels


class AnnotationLines(Static):
    """Nothing at all where nobody has added anything."""

    def show(self, view: RecordView | None, stage: Stage) -> None:
        parts = _parts(view, stage) if view is not None else []
        self.display = bool(parts)
        self.update(Content("\n").join(parts))


def _parts(view: RecordView, stage: Stage) -> list[Content]:
    added = view.annotations
    marks = [safe_line(tags_in_words(added.tags))] if added.tags else []
    marks += [f"priority {added.priority}"] if added.priority else []
    grave = [one.replace("-", " ") for one in added.tags if one in GRAVE]
    parts = [Content.styled(f"This paper: {', '.join(grave)}", "bold $text-error")] if grave else []
    parts += [Content.styled("   ".join(marks), "bold $text-accent")] if marks else []
    parts += [Content(safe_block(line)) for line in notes_in_words(added)]
    parts += [Content.styled(line, labels.MUTED) for line in hidden_in_words(added)]
    for one in added.corrections:
        where = "" if one.record_id == view.id else f"record {one.record_id}: "
        parts.append(Content.styled(safe_block(where + correction_in_words(one)), labels.MUTED))
    if judged_before_correction(view, stage):
        parts.append(Content.styled(JUDGED_BEFORE, "$text-warning"))
    return parts
