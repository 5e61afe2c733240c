"""Where in a passage the words of a quote stand, so that they can be marked for the reader.

A quote may differ from the passage in white space, hyphenation at line ends and case; where it can't be found as text,
the printed lines that its boxes touch are marked instead. A range never claims more than was found: no hit, no mark.
"""

from __future__ import annotations

import re

from leads_local.records import Box, Passage, Quote

TextRange = tuple[int, int]


def _words_pattern(words: str) -> re.Pattern[str] | None:
    parts = [re.escape(part) for part in words.split()]
    return re.compile(r"\s+".join(parts), re.IGNORECASE) if parts else None


def _overlaps(a: Box, b: Box) -> bool:
    return min(a.x1, b.x1) > max(a.x0, b.x0) and min(a.y1, b.y1) > max(a.y0, b.y0)


def _ranges_by_boxes(quote: Quote, passage: Passage) -> list[TextRange]:
    hits = [
        (span.start, span.end)
        for span in passage.spans
        if any(place.page == span.page and _overlaps(place.box, span.box) for place in quote.places)
    ]
    return merge_ranges(hits)


def merge_ranges(ranges: list[TextRange]) -> list[TextRange]:
    """``ranges`` sorted, those that touch or are one space apart made one."""
    result: list[TextRange] = []
    for start, end in sorted(ranges):
        if result and start <= result[-1][1] + 1:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return result


def quote_ranges(quote: Quote, passage: Passage) -> list[TextRange]:
    """``(start, end)`` in ``passage.text`` of what ``quote`` says, in order; empty when the quote has no place or
    stands elsewhere."""
    if not quote.match or passage.order != quote.passage:
        return []
    pattern = _words_pattern(quote.text)
    hit = pattern.search(passage.text) if pattern else None
    return [hit.span()] if hit else _ranges_by_boxes(quote, passage)


def value_ranges(value: str, passage: Passage, within: list[TextRange]) -> list[TextRange]:
    """Where the value itself stands inside the ranges ``within``, as whole words and numbers, to be marked more
    strongly than the rest."""
    pattern = _words_pattern(value)
    if pattern is None:
        return []
    whole = re.compile(rf"(?<![\w−])(?<!\d[.,·]){pattern.pattern}(?![.,·]\d)(?!\w)", re.IGNORECASE)
    return [hit.span() for start, end in within for hit in whole.finditer(passage.text, start, end)]
