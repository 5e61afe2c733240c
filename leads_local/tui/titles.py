"""Searching titles and tags: without regard to case, accents or the order of words, in slices, so that a large review
never blocks the screen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from leads_local.review import finding
from leads_local.review.finding import fold_text
from leads_local.review.read_models import RecordSummary

_SLICE = 1_000


def matches(term: str, title: str) -> bool:
    """Whether every word of ``term`` stands somewhere in ``title``."""
    title = fold_text(title)
    return all(word in title for word in fold_text(term).split())


def search(
    ids: Sequence[int],
    term: str,
    fetch: Callable[[Sequence[int]], Sequence[RecordSummary]],
    cancelled: Callable[[], bool] = lambda: False,
) -> list[int]:
    """The ``ids`` whose titles match ``term``, in their order. Stops early, with what it has, once ``cancelled``."""
    found: list[int] = []
    for at in range(0, len(ids), _SLICE):
        if cancelled():
            break
        found += [summary.id for summary in fetch(ids[at : at + _SLICE]) if matches(term, summary.title)]
    return found


def search_file(path: Path, ids: Sequence[int], term: str, cancelled: Callable[[], bool]) -> list[int]:
    """``search`` among what has the tags and priorities that ``term`` names, with a connection of its own, for a
    worker's thread."""
    from leads_local.review.review import Review

    wanted = finding.parse(term.split())
    with Review.read(path) as review:
        among = finding.marked(review.db, wanted)
        listed = ids if among is None else [record for record in ids if record in among]
        return search(listed, " ".join(wanted.phrases), review.summaries, cancelled)
