"""The papers of a job as the model is shown them: each is read from the file, counted and laid out once.

What was laid out is kept for as long as there is room for it; what was read, with the places of its passages, for as
many papers as are asked about at a time. Beyond that a paper is read again, and laid out again only if very many are
cut. Two jobs of one model may share a shelf.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from leads_local.documents.sections import PaperText
from leads_local.engine import Engine
from leads_local.jobs import context_budget
from leads_local.records import Passage
from leads_local.review.database import Database
from leads_local.review.store import documents

AT_ONCE = 64  # papers whose passages are in memory at a time
_MOST_CHARACTERS = 64_000_000  # of laid-out texts that are kept, a thousand papers or so


@dataclass(slots=True)
class PaperShelf:
    """See the module. Papers are named by the SHA-256 of their file; ``budget`` is in tokens, None without a limit."""

    db: Database
    engine: Engine
    _passages: dict[str, tuple[Passage, ...]] = field(default_factory=dict)
    _texts: dict[tuple[str, int | None], tuple[PaperText, ...]] = field(default_factory=dict)
    _lengths: dict[str, int] = field(default_factory=dict)
    _characters: int = 0

    def passages(self, sha256: str) -> tuple[Passage, ...]:
        """The paper's passages; empty when it has none or is not in the review."""
        if sha256 in self._passages:
            return self._passages[sha256]
        document = documents.read(self.db, sha256)
        found = document.passages if document is not None else ()
        if found and len(self._passages) < AT_ONCE:
            self._passages[sha256] = found
        return found

    def texts(self, sha256: str, budget: int | None) -> tuple[PaperText, ...]:
        """The paper within ``budget``: one text, or one for each part where what matters most does not fit."""
        if (sha256, budget) in self._texts:
            return self._texts[sha256, budget]
        found = context_budget.lay_out_paper(
            self.passages(sha256), budget, self.engine, lambda text: self._length(sha256, text)
        )
        size = sum(len(text.text) for text in found)
        if found[0].text and self._characters + size <= _MOST_CHARACTERS:
            self._texts[sha256, budget] = found
            self._characters += size
        return found

    def put_passages_back(self) -> None:
        """Let go of the passages that are in memory, so that there is room for the next papers'."""
        self._passages.clear()

    def _length(self, sha256: str, whole: str) -> int:
        if sha256 not in self._lengths:
            self._lengths[sha256] = self.engine.count_tokens([whole])[0]
        return self._lengths[sha256]
