"""One value and the passage of the paper that it was found in, with the words marked. Or that they were not found, said in words."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

from leads_local.records import Document, Passage
from leads_local.tui import highlight, words
from leads_local.tui.verbatim import block, line
from leads_local.tui.widgets.value_list import label

if TYPE_CHECKING:
    from leads_local.review.views import StoredValue

_QUOTE = "$text-accent underline"
_VALUE = "bold reverse"


def marked(passage: Passage, quoted: list[highlight.Range], strong: list[highlight.Range]) -> Content:
    """The passage verbatim with the quote underlined and the value reversed.

    Ranges count characters of ``passage.text``, so each piece between two borders is made safe on its own.
    """
    borders = sorted({0, len(passage.text), *(at for pair in (*quoted, *strong) for at in pair)})
    parts: list[Content] = []
    for start, end in pairwise(borders):
        style = ""
        if any(a <= start and end <= b for a, b in strong):
            style = _VALUE
        elif any(a <= start and end <= b for a, b in quoted):
            style = _QUOTE
        parts.append(Content.styled(block(passage.text[start:end]), style))
    return Content.assemble(*parts)


class EvidenceView(Static):
    """The value in full, its status, and its evidence."""

    def show(self, stored: StoredValue | None, document: Document | None) -> None:
        if stored is None:
            self.update(Content(""))
            return
        parts: list[Content | str] = [Content.styled(label(stored), "bold"), "\n", *self._value(stored), "\n\n"]
        parts += self._evidence(stored, document)
        self.update(Content.assemble(*parts))

    @staticmethod
    def _value(stored: StoredValue) -> list[Content | str]:
        status = words.STATUS[stored.status]
        model = block(stored.value.text) or "the paper does not report it"
        parts: list[Content | str] = [Content.styled("Model: ", "$text-muted"), model]
        if stored.status == "edited":
            parts += ["\n", Content.styled("You: ", "$text-muted"), Content.styled(block(stored.final_text), "bold")]
        parts += ["\n", Content.styled(status.text, status.style)]
        if stored.reviewer:
            parts.append(Content.styled(f" by {line(stored.reviewer)}", "$text-muted"))
        if stored.value.note:
            parts += ["\n", Content.styled("Model's note: ", "$text-muted"), line(stored.value.note)]
        if stored.note:
            parts += ["\n", Content.styled("Your note: ", "$text-muted"), line(stored.note)]
        return parts

    @staticmethod
    def _evidence(stored: StoredValue, document: Document | None) -> list[Content | str]:
        quote = stored.value.quote
        if quote is None or not quote.found:
            if not stored.value.text:
                return [Content.styled("There is nothing to quote. v opens the paper's text.", "$text-muted")]
            parts: list[Content | str] = [Content.styled("Quote: ", "$text-muted"), Content.styled(words.NO_QUOTE, "bold $text-warning")]
            if quote is not None and quote.text.strip() not in ("", stored.value.text.strip()):
                parts += ["\n", Content.styled("The model's quote: ", "$text-muted"), block(quote.text)]
            return parts
        passage = next((p for p in document.passages if p.order == quote.passage), None) if document else None
        heading = words.place(quote)
        if passage is None:
            return [Content.styled(f"Quote, {heading}: ", "$text-muted"), block(quote.text)]
        if passage.section:
            heading += f", {line(passage.section)}"
        quoted = highlight.ranges(quote, passage)
        strong = highlight.value_ranges(stored.value.text, passage, quoted)
        return [Content.styled(f"In the paper, {heading}:", "$text-muted"), "\n", marked(passage, quoted, strong)]
