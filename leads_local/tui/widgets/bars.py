"""The two lines that frame every screen of a review: where one is, and what the model is doing."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from leads_local.terminal_text import safe_line
from leads_local.tui import labels
from leads_local.tui.model_job import WorkPhase, WorkView

_CELLS, _LEAST_CELLS = 16, 3
_PLACES = (("1", "Overview", "overview"), ("2", "Screening", "screening"), ("3", "Extraction", "extraction"))


class TopBar(Static):
    """The review's name, and the three places with the key that leads there."""

    def show(self, title: str, here: str) -> None:
        places: list[Content | str] = []
        for key, name, place in _PLACES:
            places += [
                "  ",
                Content.styled(
                    f"[{key}] {name}" if place == here else f" {key}  {name}",
                    "bold" if place == here else labels.MUTED,
                ),
            ]
        tail = Content.assemble(*places)
        room = max(10, (self.size.width or 80) - tail.cell_length - 2)
        name_part = Content.styled(safe_line(title), "bold").truncate(room, ellipsis=True, pad=True)
        self.update(Content.assemble(" ", name_part, tail), layout=False)


def text_bar(done: int, total: int, cells: int = _CELLS) -> str:
    """A bar in characters, for a line of text: ``▰▰▰▱▱``."""
    full = round(cells * min(done / total, 1)) if total else 0
    return "▰" * full + "▱" * (cells - full)


class WorkBar(Static):
    """The model's work in one line: none, starting, how far and how long still, stopping."""

    def show(self, view: WorkView) -> None:
        text, room = self.text(view), self.size.width or 80
        if text.cell_length > room:  # a shorter bar rather than cut words
            text = self.text(view, max(_LEAST_CELLS, _CELLS + room - text.cell_length))
        self.update(text, layout=False)

    @staticmethod
    def text(view: WorkView, cells: int = _CELLS) -> Content:
        if view.phase is WorkPhase.IDLE:
            return Content.styled(f" {safe_line(view.note)}", labels.MUTED)
        parts: list[Content | str] = [" ", Content.styled(safe_line(view.what), "bold")]
        if view.phase is WorkPhase.STARTING:
            part = f" {text_bar(view.done, view.total, cells)} {view.done} %" if view.total else ""
            parts.append(f": the model is being loaded{part}, x stops")
            return Content.assemble(*parts)
        if view.phase is WorkPhase.RUNNING and not view.total:
            parts.append(": the model is at work on the first answers, x stops")
            return Content.assemble(*parts)
        total = f" of {view.total:,}" if view.total else ""
        parts.append(f" {text_bar(view.done, view.total, cells)} {view.done:,}{total}")
        if view.failed:
            parts += [", ", Content.styled(f"{view.failed:,} failed", "$text-error")]
        if view.phase is WorkPhase.STOPPING:
            parts.append(", stopping; what is done is kept")
        elif view.seconds_left is not None:
            parts.append(f", about {labels.format_duration(view.seconds_left)} left, x stops")
        else:
            parts.append(", x stops")
        return Content.assemble(*parts)
