"""Where the words of a quote stand in a paper. ``documents.evidence`` looks for values that came without one.

A quote counts as found only if the passage says the same: exactly, or but for what ``wording`` leaves out of account.
Nothing is found by being similar, and no number in a piece of another, because a reviewer takes a highlighted line as
proof. What is similar is shown as the nearest passage, and said not to be the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz

from leads_local.documents.text_match import find_exact, find_normalised, find_part, normalise_wording, quote_span
from leads_local.records import Passage, PassageKind, Quote

_OMISSION = re.compile(r"\s*[\[(]?(?:…|\.{3,}|(?:\. ){2}\.)[\])]?\s*")
_LEAST_WORDS = 4  # of a quote, for anything to be near it
_NEAR = 80.0  # of 100
_SHORTEST = 0.8
_SHARED = 0.6  # of the words


def find_quote(quote: str, passages: Iterable[Passage]) -> Quote:
    """The first place where ``quote`` stands, running text before furniture. Not found: a Quote with the same text and
    no match.

    ``Quote.text`` is the passage's own wording; its boxes are those of all lines that hold a part of it, in order. Of a
    quote that is not found, the nearest passage is told, if any is near.
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
    return _find_nearest(quote, kept)


def _find_nearest(quote: str, passages: Sequence[Passage]) -> Quote:
    """The place most like ``quote``, which is nowhere: a word was changed or dropped, or left out with "…"."""
    parts = [part for text in _OMISSION.split(quote) if (part := _Part.of(text)).flat]
    if len(quote.split()) < _LEAST_WORDS or not parts:
        return Quote(quote)
    length = sum(len(part.flat) for part in parts)
    best, span, least = None, (0, 0), _NEAR
    for passage in passages:
        flat, offsets = normalise_wording(passage.text)
        hits = [part.align(flat) for part in parts]
        likeness = sum(hit[0] * len(part.flat) for hit, part in zip(hits, parts, strict=True)) / length
        if likeness > least:
            held = [(start, end) for score, start, end in hits if score]
            best, least = passage, likeness
            span = (offsets[min(start for start, _ in held)], offsets[max(end for _, end in held) - 1] + 1)
    return replace(quote_span(best, *span, "nearest"), text=quote) if best is not None else Quote(quote)


@dataclass(frozen=True, slots=True)
class _Part:
    """A run of words that a quote does not interrupt, normalised: together and word by word."""

    flat: str
    words: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> _Part:
        return cls(normalise_wording(text)[0].strip(), tuple(normalise_wording(word)[0] for word in text.split()))

    def align(self, flat: str) -> tuple[float, int, int]:
        """How like it a stretch of ``flat`` is, of 100, and where; three times 0 for none that is."""
        shared = sum(word in flat for word in self.words)
        if len(flat) < len(self.flat) * _SHORTEST or shared < _SHARED * len(self.words):
            return 0.0, 0, 0
        found = fuzz.partial_ratio_alignment(self.flat, flat, score_cutoff=_NEAR * _SHORTEST)
        return (found.score, found.dest_start, found.dest_end) if found is not None and found.dest_end else (0.0, 0, 0)
