"""The papers of a job as the model is shown them: each is read from the file, counted and laid out once.

What was laid out is kept for as long as there is room for it; what was read, with the places of its passages, for as
many papers as are asked about at a time. Beyond that a paper is read again, and laid out again only if very many are
cut. Two jobs of one model may share a shelf.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from leads_local.documents.ocr import mark_pages
from leads_local.documents.sections import PaperText, on_pages
from leads_local.engine import Engine
from leads_local.jobs import context_budget
from leads_local.records import Document, PageRange, Passage, PassageKind
from leads_local.review.attachments import PASSAGES_OF_A_FILE, FurtherFile, Paper
from leads_local.review.database import Database
from leads_local.review.store import documents

AT_ONCE = 64  # papers whose passages are in memory at a time
_MOST_CHARACTERS = 64_000_000  # of laid-out texts that are kept, a thousand papers or so


_Shown = str
"""``Paper.text_name``: what two reports have in common that share a text."""


@dataclass(slots=True)
class PaperShelf:
    """See the module. ``budget`` is in tokens, None without a limit."""

    db: Database
    engine: Engine
    _passages: dict[_Shown, tuple[Passage, ...]] = field(default_factory=dict)
    _texts: dict[tuple[_Shown, int | None], tuple[PaperText, ...]] = field(default_factory=dict)
    _lengths: dict[_Shown, int] = field(default_factory=dict)
    _characters: int = 0

    def passages(self, paper: Paper) -> tuple[Passage, ...]:
        """The paper's passages; empty when it has none or is not in the review."""
        shown = paper.text_name
        if shown in self._passages:
            return self._passages[shown]
        document = documents.read(self.db, paper.sha256)
        found = tuple(_shown(document, paper.pages))
        if found:
            found += tuple(passage for place, one in enumerate(paper.further, 1) for passage in self._of(one, place))
        if found and len(self._passages) < AT_ONCE:
            self._passages[shown] = found
        return found

    def texts(self, paper: Paper, budget: int | None) -> tuple[PaperText, ...]:
        """The paper within ``budget``: one text, or one for each part where what matters most does not fit."""
        shown = paper.text_name
        if (shown, budget) in self._texts:
            return self._texts[shown, budget]
        found = context_budget.lay_out_paper(
            self.passages(paper), budget, self.engine, lambda text: self._length(shown, text)
        )
        size = sum(len(text.text) for text in found)
        if found[0].text and self._characters + size <= _MOST_CHARACTERS:
            self._texts[shown, budget] = found
            self._characters += size
        return found

    def _of(self, file: FurtherFile, place: int) -> Iterator[Passage]:
        """What goes with a paper, under a heading that says what it is. It can't begin a section of the paper."""
        document = documents.read(self.db, file.sha256)
        base, section = place * PASSAGES_OF_A_FILE, str(file.role)
        yield Passage(
            base - 1, PassageKind.HEADING, f"{section.capitalize()} of this paper: {file.file_name}", (), section
        )
        for passage in _shown(document, file.pages):
            kind = PassageKind.HEADING if passage.kind is PassageKind.TITLE else passage.kind
            order = passage.order + (base if passage.order >= 0 else -base)
            yield replace(passage, order=order, kind=kind, section=section)

    def put_passages_back(self) -> None:
        """Let go of the passages that are in memory, so that there is room for the next papers'."""
        self._passages.clear()

    def _length(self, shown: _Shown, whole: str) -> int:
        if shown not in self._lengths:
            self._lengths[shown] = self.engine.count_tokens([whole])[0]
        return self._lengths[shown]


def _shown(document: Document | None, pages: PageRange | None) -> Iterator[Passage]:
    """What the model is shown of a file, and where OCR has read it told so."""
    if document is not None:
        yield from mark_pages(on_pages(document.passages, pages), document.pages)
