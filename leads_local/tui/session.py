"""The review that is open: its connection for the screen's thread, and the questions that several screens ask of it.

Knows no Textual. The connection belongs to the thread that made the session; work in other threads opens its own by
``path``.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from leads_local.app import reviewers
from leads_local.config import Settings
from leads_local.records import Document, Stage
from leads_local.review.read_models import StoredValue
from leads_local.review.reasons import Reason, means_not_retrieved

if TYPE_CHECKING:
    from leads_local.review.review import Review

_DOCUMENTS_KEPT = 4
_SLICE = 500
_PATIENCE = 2.0  # seconds that the screen may stand still while another connection writes


class Session:
    """An open review and who works on it."""

    def __init__(self, review: Review, settings: Settings, *, look_only: bool = False) -> None:
        self.review = review
        review.acting = settings.reviewer
        self._look_only = look_only
        self.settings = settings
        self._documents: OrderedDict[int | str, Document | None] = OrderedDict()

    @classmethod
    def open(cls, path: Path, settings: Settings, *, look_only: bool = False) -> Session:
        """Raises ReviewError when the file can't be opened, InputError when the settings' reviewer has no name that
        can be stored. ``look_only`` takes one that is older or damaged, too, and changes nothing in it."""
        from leads_local.review.review import Review

        if settings.reviewer:
            settings = replace(settings, reviewer=reviewers.clean_name(settings.reviewer))
        review = Review.read(path) if look_only else Review.open(path, busy_seconds=_PATIENCE)
        try:
            return cls(review, settings, look_only=look_only)
        except BaseException:
            review.close()
            raise

    def open_again(self) -> Review:
        """Another connection to the same file, for another thread."""
        from leads_local.review.review import Review

        opened = Review.read(self.path) if self._look_only else Review.open(self.path)
        opened.acting = self.reviewer
        return opened

    def close(self) -> None:
        self.review.close()

    @property
    def path(self) -> Path:
        return Path(self.review.path)

    @property
    def title(self) -> str:
        return self.review.question.title.strip() or self.path.stem

    @property
    def reviewer(self) -> str:
        """Who is at the keyboard; "" until they have said so."""
        return self.settings.reviewer

    def name_reviewer(self, name: str) -> None:
        """The person at the keyboard has said who they are."""
        self.settings = replace(self.settings, reviewer=name)
        self.review.acting = name

    @property
    def has_model(self) -> bool:
        """Whether a model is set; whether it can be used shows when it is started."""
        return bool(self.settings.model)

    def reasons(self) -> list[Reason]:
        """What to offer for an exclusion: the review's own list in its order, but for what is retired; then what
        decisions give that is not in it, which has no key."""
        listed = [reason for reason in self.review.reasons() if not reason.retired]
        more = (text for text in self.review.unlisted_reasons() if not means_not_retrieved(text))
        return [*listed, *(Reason("", text) for text in more)]

    def studies(self) -> list[int]:
        """What values are extracted from: what is included; while that is by abstract only, what has a text."""
        stage, included = self.review.included()
        if stage is Stage.FULLTEXT:
            return included
        slices = (included[at : at + _SLICE] for at in range(0, len(included), _SLICE))
        return [
            summary.id
            for ids in slices
            for summary in self.review.summaries(ids, Stage.FULLTEXT)
            if summary.has_fulltext
        ]

    def document(self, record_id: int) -> Document | None:
        """The paper of a record, the last few kept in memory; None when there is none."""
        return self._kept(record_id, lambda: self.review.document(record_id))

    def document_of(self, stored: StoredValue) -> Document | None:
        """The paper that a value was read from, which its quote's page and passage are of."""
        return self._kept(stored.document, lambda: self.review.document_of(stored))

    def _kept(self, key: int | str, read: Callable[[], Document | None]) -> Document | None:
        if key not in self._documents:
            self._documents[key] = read()
            while len(self._documents) > _DOCUMENTS_KEPT:
                self._documents.popitem(last=False)
        self._documents.move_to_end(key)
        return self._documents[key]

    def forget_documents(self) -> None:
        """After PDFs were attached or linked anew."""
        self._documents.clear()
