"""Words broken at the end of a line: joined or kept by what else the same document says.

There is no dictionary: a word that is printed whole elsewhere was broken by the typesetter, and one that is printed
with its hyphen elsewhere ("follow-up") keeps it. Where the document says neither, its other compounds decide.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

_WORD = re.compile(r"[^\W\d_]+(?:[-’'][^\W\d_]+)*")


class Vocabulary:
    """How often each word and each part of a compound stands in the document away from line ends. Case does not
    count."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._words: Counter[str] = Counter()
        self._first: Counter[str] = Counter()
        self._last: Counter[str] = Counter()
        broken = False
        for line in lines:
            found = _WORD.findall(line.lower())
            hyphened = line.rstrip().endswith(("-", "\u00ad"))
            for word in found[broken : len(found) - hyphened]:  # without the two halves of a word broken at a line end
                self._words[word] += 1
                if "-" in word:
                    self._first[word.split("-")[0]] += 1
                    self._last[word.rsplit("-", 1)[1]] += 1
            broken = bool(found) and hyphened

    def is_broken(self, before: str, after: str) -> bool:
        """Whether the hyphen at the end of ``before`` goes away when ``after`` follows it on the next line."""
        if before.endswith("\u00ad"):
            return True
        head = re.search(r"([^\W\d_]+(?:-[^\W\d_]+)*)-$", before)
        tail = re.match(r"[^\W\d_]+", after)
        if head is None or tail is None or not tail[0][0].islower():
            return False
        first, second = head[1].lower(), tail[0].lower()
        whole, kept = self._seen(first + second), self._seen(f"{first}-{second}")
        if whole != kept:
            return whole > kept
        if len(first) == 1 or not any(c in "aeiouyáàâäåæéèêëíìîïóòôöøœúùûü" for c in first) or head[1].isupper():
            return False
        compound = self._first[first.split("-")[-1]] + self._last[second]
        apart = min(self._words[first], self._words[second]) if len(first) > 2 and len(second) > 2 else 0
        return not (compound >= 2 or (compound >= 1 and (apart >= 1 or len(first) > 3)) or apart >= 2)

    def _seen(self, word: str) -> int:
        """How often the word stands whole, counting its plain inflections."""
        count = self._words[word]
        if count or len(word) < 6:
            return count
        stem = re.sub(r"(?:s|es|ed|ing|ly|d)$", "", word)
        return max((self._words[stem + ending] for ending in ("", "s", "es", "ed", "d", "ing", "e", "ly")), default=0)
