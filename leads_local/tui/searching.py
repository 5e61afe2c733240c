"""Searching from the screen: the same words and conditions as on the command line, with a connection of its own for a
worker's thread, so that a large review never blocks the screen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from leads_local.app.conditions import parse_term, where
from leads_local.records import Stage
from leads_local.review.finding import fold_text


def matches(term: str, text: str) -> bool:
    """Whether every word of ``term`` stands somewhere in ``text``."""
    text = fold_text(text)
    return all(word in text for word in fold_text(term).split())


def search_file(
    path: Path, ids: Sequence[int], term: str, stage: Stage, reviewer: str, cancelled: Callable[[], bool]
) -> list[int]:
    """Those of ``ids``, in their order, that have all words, tags and priorities of ``term`` and of which its
    conditions hold, as far as ``reviewer`` may see them. Raises InputError where a condition can't be looked up.

    Stops early, with what it has, once ``cancelled``.
    """
    from leads_local.review.review import Review

    conditions, texts = parse_term(term)
    with Review.read(path) as review:
        review.acting = reviewer
        sets = [set(where(review, stage, conditions))] if conditions else []
        if texts:
            sets.append(set(review.find(texts, cancelled)))
        return [record for record in ids if all(record in found for found in sets)]
