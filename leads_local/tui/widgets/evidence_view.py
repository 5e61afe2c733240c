"""One value and the passage of the paper that it was found in, with the words marked. Or that they were not found, said
in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

from leads_local.documents.characters import count_unreadable
from leads_local.records import Document, Passage, PassageKind, Quote
from leads_local.terminal_text import safe_block, safe_line
from leads_local.tui import highlight, labels
from leads_local.tui.widgets.value_list import value_label

if TYPE_CHECKING:
    from leads_local.review.read_models import StoredValue

_QUOTE = "$text-accent underline"
_VALUE = "bold reverse"
_QUIET = labels.MUTED


def mark_passage(
    passage: Passage,
    quoted: list[highlight.TextRange],
    strong: list[highlight.TextRange],
    padding: Mapping[int, int] = MappingProxyType({}),
) -> Content:
    """The passage verbatim with the quote underlined and the value reversed, and spaces where ``padding`` has them.

    Ranges count characters of ``passage.text``, so each piece between two borders is made safe on its own.
    """
    borders = sorted({0, len(passage.text), *(at for pair in (*quoted, *strong) for at in pair), *padding})
    parts: list[Content] = []
    for start, end in pairwise(borders):
        style = ""
        if any(a <= start and end <= b for a, b in strong):
            style = _VALUE
        elif any(a <= start and end <= b for a, b in quoted):
            style = _QUOTE
        parts.append(Content(" " * padding.get(start, 0)))
        parts.append(Content.styled(safe_block(passage.text[start:end]), style))
    return Content.assemble(*parts)


class EvidenceView(Static):
    """The value in full, its status, and its evidence."""

    def show(self, stored: StoredValue | None, document: Document | None, around: int = 0, unread: str = "") -> None:
        """``around``: how many passages before and after the one that holds the quote are shown with it, where there is
        room. ``unread``: what of the paper could not be read, so that nobody has read it for this value."""
        if stored is None:
            self.update(Content(""))
            return
        self.update(
            Content.assemble(
                *_value_lines(stored),
                *_unread_lines(unread),
                "\n\n" if around else "\n",
                *_evidence_lines(stored, document, around),
            )
        )


def _value_lines(stored: StoredValue) -> list[Content | str]:
    status = labels.STATUS[stored.status]
    model = safe_block(stored.value.text) or "the paper does not report it"
    by = f" by {safe_line(stored.reviewer)}" if stored.reviewer else ""
    parts: list[Content | str] = [
        Content.styled(value_label(stored), "bold"),
        "  ",
        Content.styled(status.text, status.style),
    ]
    parts += [Content.styled(by, _QUIET), "\n", Content.styled("Model: ", _QUIET), model]
    if stored.status == "edited":
        parts += ["\n", Content.styled("You: ", _QUIET), Content.styled(safe_block(stored.final_text), "bold")]
    if stored.value.note:
        ours = stored.value.parts_disagree or stored.value.cut
        parts += ["\n", Content.styled("Note: " if ours else "Model's note: ", _QUIET)]
        parts.append(Content.styled(safe_line(stored.value.note), "$text-warning" if ours else ""))
    if stored.left_out:
        parts += [
            "\n",
            Content.styled(
                f"The paper is long: the model did not read {safe_line(', '.join(stored.left_out))}.", "$text-warning"
            ),
        ]
    if stored.note:
        parts += ["\n", Content.styled("Your note: ", _QUIET), safe_line(stored.note)]
    return parts


def _unread_lines(unread: str) -> list[Content | str]:
    if not unread:
        return []
    return ["\n", Content.styled(f"Not all of the paper is read: {safe_line(unread)}", "$text-warning")]


def _evidence_lines(stored: StoredValue, document: Document | None, around: int) -> list[Content | str]:
    quote = stored.value.quote
    if quote is not None and quote.match:
        return [*_passage_lines(stored, quote, document, around), *_doubt_lines(quote)]
    if not stored.value.text:
        return [Content.styled("There is nothing to quote. v opens the paper's text.", _QUIET)]
    if quote is None:
        return [Content.styled("No single place in the paper is looked for here: check by hand.", "$text-warning")]
    parts: list[Content | str] = [
        Content.styled("Quote: ", _QUIET),
        Content.styled(labels.NO_QUOTE, "bold $text-warning"),
    ]
    if quote.text.strip() not in ("", stored.value.text.strip()):
        parts += ["\n", Content.styled("The model's quote: ", _QUIET), safe_block(quote.text)]
    return parts


def _doubt_lines(quote: Quote) -> list[Content | str]:
    """What is wrong with the passage, and the model's own words where they are others."""
    if not quote.doubt:
        return []
    parts: list[Content | str] = ["\n", Content.styled(f"Check by hand: {quote.doubt}.", "bold $text-warning")]
    if not quote.stands:
        parts += ["\n", Content.styled("The model's quote: ", _QUIET), safe_block(quote.text)]
    return parts


def _passage_lines(stored: StoredValue, quote: Quote, document: Document | None, around: int) -> list[Content | str]:
    passages = document.passages if document else ()
    at = next((place for place, passage in enumerate(passages) if passage.order == quote.passage), None)
    if at is None:
        return [Content.styled(f"Quote, {labels.format_pages(quote)}: ", _QUIET), safe_block(quote.text)]
    passage = passages[at]
    section = f", {safe_line(passage.section)}" if passage.section else ""
    parts: list[Content | str] = [Content.styled(f"In the paper, {labels.format_pages(quote)}{section}:", _QUIET)]
    for near in _helpful_passages(passages[max(0, at - around) : at], passage):
        parts += ["\n", Content.styled(safe_block(near.text), _QUIET)]
    if count_unreadable(passage.text):
        parts.append(Content.styled(" A sign here could not be read: compare it with the page.", "bold $text-warning"))
    quoted = highlight.quote_ranges(quote, passage)
    parts += ["\n", mark_passage(passage, quoted, highlight.value_ranges(stored.value.text, passage, quoted))]
    for near in _helpful_passages(passages[at + 1 : at + 1 + around], passage):
        parts += ["\n", Content.styled(safe_block(near.text), _QUIET)]
    return parts


def _helpful_passages(passages: Sequence[Passage], passage: Passage) -> list[Passage]:
    """Those of ``passages`` that help to read ``passage``: of the same section, and no running heads."""
    return [p for p in passages if p.section == passage.section and p.kind is not PassageKind.FURNITURE]
