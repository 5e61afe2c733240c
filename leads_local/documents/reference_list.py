"""A list of references that stands under no heading, known by what its entries look like."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from leads_local.records import Passage, PassageKind

_FEWEST = 5  # entries in a row that make a list
_LATEST = 0.4  # of the paper, before which no list of references begins
_MARK = re.compile(r"\[?\(?\d{1,3}[\]).]*\s+\S|\[[A-Z]\w+\+?\d{2}\]")
_AUTHOR = re.compile(r"[^\W\d_][\w'’-]+,?\s+(?:[A-Z]{1,3}\b|[A-Z]\.)")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_PLACE = re.compile(r"\d+\s*(?:\(\w+\))?\s*[:,]\s*[eS]?\d+|doi|et al|\bpp?\.\s*\d|https?:", re.IGNORECASE)


def mark_references(passages: Sequence[Passage]) -> list[Passage]:
    """The same passages; where none is in a section of references, the last run of entries is made one."""
    result = list(passages)
    if any(passage.section == "references" for passage in result):
        return result
    body = [place for place, passage in enumerate(result) if passage.kind is not PassageKind.FURNITURE]
    run: list[int] = []
    best: list[int] = []
    for place in body:
        if looks_like_reference(result[place].text):
            run.append(place)
            best = run if len(run) >= _FEWEST else best
        elif run and (place - run[-1] > 1 or len(result[place].text) > 200):
            run = []
    if best and body.index(best[0]) >= _LATEST * len(body):
        for place in range(best[0], best[-1] + 1):
            result[place] = replace(result[place], section="references")
    return result


def looks_like_reference(text: str) -> bool:
    """Whether a passage is an entry of a list of references: begun by its mark or an author, with year and place."""
    if not 40 <= len(text) <= 700 or not _YEAR.search(text) or not _PLACE.search(text):
        return False
    mark = _MARK.match(text)
    return bool(_AUTHOR.match(text[mark.end() - 1 :] if mark else text) or (mark and _AUTHOR.search(text[:80])))
