"""Where words of a paper stand: ``find`` for a quote, ``evidence`` for a value that came without one.

A quote counts as found only if the passage says the same: exactly, or but for what ``wording`` leaves out of account.
Nothing is found by being similar, and no number in a piece of another, because a reviewer takes a highlighted line as
proof.
"""

from __future__ import annotations

from collections.abc import Iterable

from leads_local.documents.evidence import evidence
from leads_local.documents.text_match import located, normalised, piece, search, whole
from leads_local.records import Passage, PassageKind, Quote

__all__ = ["evidence", "find"]


def find(quote: str, passages: Iterable[Passage]) -> Quote:
    """The first place where ``quote`` stands, running text before furniture. Not found: a Quote with the same text and
    no match.

    ``Quote.text`` is the passage's own wording; its boxes are those of all lines that hold a part of it, in order.
    """
    if not quote.strip():
        return Quote(quote)
    kept = sorted(passages, key=lambda p: p.kind is PassageKind.FURNITURE)
    for passage in kept:
        at = whole(passage.text, quote)
        if at is not None:
            return located(passage, *at, "exact")
    sought = normalised(quote)[0]
    if sought:
        for passage in kept:
            at = search(passage.text, sought)
            if at is not None:
                return located(passage, *at, "normalised")
    for passage in kept:  # a piece of a word: only if it stands there to the letter
        at = piece(passage.text, quote)
        if at is not None:
            return located(passage, *at, "exact")
    return Quote(quote)
