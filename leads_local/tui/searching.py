"""Searching from the screen: the same words and conditions as on the command line, in a thread with a connection of its
own, so that a large review never blocks the screen."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from leads_local.app.conditions import parse_term, where
from leads_local.records import Progress, Stage
from leads_local.review.phrases import fold_text

if TYPE_CHECKING:
    from leads_local.review.review import Review

_UNFINISHED = re.compile(
    r"(?:^|(?<=\s))(?:(?:year|score|duplicates)\s*(?:<=|>=|<|>|=)\s*-?|(?:title|note)\s*~\s*|"
    r"(?:tag|priority|source)\s*=\s*|#|!(?!(?:high|low)$)\S*)$"
)
"""A condition at the end of what was typed so far that says nothing yet."""


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for among which reports. ``typing``: the person may not have finished, so that what can't be
    looked up yet is no mistake."""

    term: str
    ids: Sequence[int]
    stage: Stage
    reviewer: str
    typing: bool = False


def matches(term: str, text: str) -> bool:
    """Whether every word of ``term`` stands somewhere in ``text``."""
    text = fold_text(text)
    return all(word in text for word in fold_text(term).split())


def search(review: Review, wanted: Search, cancelled: Callable[[], bool] = lambda: False) -> list[int]:
    """Those of the ids, in their order, that have all words, tags and priorities of the term and of which its
    conditions hold, as far as the reviewer may see them. Raises InputError where a condition can't be looked up.

    Stops early, with what it has, once ``cancelled``.
    """
    conditions, texts = parse_term(_UNFINISHED.sub("", wanted.term) if wanted.typing else wanted.term)
    review.acting = wanted.reviewer
    found = review.find(texts, cancelled) if texts else None
    if conditions:
        return where(review, wanted.stage, conditions, found, wanted.ids)
    return list(wanted.ids if found is None else filter(found.__contains__, wanted.ids))


class Searcher:
    """Answers each search, but those that another one follows before their turn comes.

    ``found``, ``told`` and ``failed`` are called from its thread."""

    def __init__(
        self,
        path: Path,
        found: Callable[[Search, list[int]], object],
        told: Callable[[Progress], object],
        failed: Callable[[Search, Exception], object],
    ) -> None:
        self._path, self._found, self._told, self._failed = path, found, told, failed
        self._changed = threading.Condition()
        self._next: Search | None = None
        self._closing = False
        self._thread: threading.Thread | None = None

    def ask(self, wanted: Search) -> None:
        with self._changed:
            self._next = wanted
            self._changed.notify()
        if self._thread is None:
            self._closing = False
            self._thread = threading.Thread(target=self._run, name="search", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Stop, and let go of the review. It may be asked again."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        review: Review | None = None
        try:
            while (wanted := self._take()) is not None:
                try:
                    review = self._opened(review)
                    review.prepare_search(self._told, lambda: self._closing)
                    ids = search(review, wanted, self._outdated)
                except Exception as error:  # the thread goes on: the next search may be another one
                    self._failed(wanted, error)
                else:
                    if not self._outdated():
                        self._found(wanted, ids)
        finally:
            if review is not None:
                review.close()

    def _take(self) -> Search | None:
        with self._changed:
            self._changed.wait_for(lambda: self._closing or self._next is not None)
            wanted, self._next = self._next, None
            return None if self._closing else wanted

    def _outdated(self) -> bool:
        return self._closing or self._next is not None

    def _opened(self, review: Review | None) -> Review:
        from leads_local.review.review import Review

        if review is not None and review.db.was_replaced():
            review.close()
            review = None
        return review if review is not None else Review.read(self._path)
