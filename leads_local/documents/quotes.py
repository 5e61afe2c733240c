"""Where the words of a quote stand in a paper. ``documents.evidence`` looks for values that came without one.

A quote counts as found only if the passage says the same: exactly, or but for what ``wording`` leaves out of account.
Nothing is found by being similar, and no number in a piece of another, because a reviewer takes a highlighted line as
proof.
"""

from __future__ import annotations

from collections.abc import Iterable

from leads_local.documents.text_match import find_exact, find_normalised, find_part, normalise_wording, quote_span
from leads_local.records import Passage, PassageKind, Quote


def find_quote(quote: str, passages: Iterable[Passage]) -> Quote:
    """The first place where ``quote`` stands, running text before furniture. Not found: a Quote with the same text and
    no match.

    ``Quote.text`` is the passage's own wording; its boxes are those of all lines that hold a part of it, in order.
    """
    if not quote.strip():
        return Quote(quote)
    kept = sorted(passages, key=lambda p: p.kind is PassageKind.FURNITURE)
    for passage in kept:
        at = find_exact(passage.text, quote)
        if at is not None:
            return quote_span(passage, *at, "exact")
    sought = normalise_wording(quote)[0]
    if sought:
        for passage in kept:
            at = find_normalised(passage.text, sought)
            if at is not None:
                return quote_span(passage, *at, "normalised")
    for passage in kept:  # a piece of a word: only if it stands there to the letter
        at = find_part(passage.text, quote)
        if at is not None:
            return quote_span(passage, *at, "exact")
    return Quote(quote)
