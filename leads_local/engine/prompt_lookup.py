"""Tokens that will probably come next, taken from the prompt: quotes and values are mostly copies from the paper.

The last few tokens are looked up in the prompt and in the answer so far; what followed there is proposed, as far as the
constraint allows it. The scheduler verifies a proposal in one step and keeps what the model would have chosen itself,
so a draft never changes an answer, it only costs rows when it is wrong. How much is proposed follows how much was right
before.
"""

from __future__ import annotations

from collections.abc import Sequence as Seq
from weakref import WeakKeyDictionary

from leads_local.engine.sequence import Sequence

_LONGEST, _SHORTEST = 4, 2  # tokens that must be alike before a copy is proposed
_FIRST = 8  # tokens of a first proposal, and the most of later ones
_MOST = 24


class PromptLookup:
    """Where each short run of tokens of one text was seen last. Grows with the text."""

    __slots__ = ("_known", "_last")

    def __init__(self) -> None:
        self._last: dict[tuple[int, ...], int] = {}
        self._known = 0

    def grow(self, tokens: Seq[int]) -> None:
        """Take in what of ``tokens`` is new; the last token is left out, because nothing follows it yet."""
        end = len(tokens) - 1
        for size in range(_SHORTEST, _LONGEST + 1):
            for at in range(max(self._known - size + 1, 0), end - size + 1):
                self._last[tuple(tokens[at : at + size])] = at + size
        self._known = max(end, 0)

    def follow(self, tokens: Seq[int], most: int) -> list[int]:
        """Up to ``most`` tokens that followed the last place with the same ending, the longest ending first."""
        for size in range(_LONGEST, _SHORTEST - 1, -1):
            at = self._last.get(tuple(tokens[-size:])) if len(tokens) >= size else None
            if at is not None:
                return list(tokens[at : at + most])
        return []


class Drafter:
    """Proposes drafts for many sequences. An instance is a ``Policy.draft``."""

    def __init__(self) -> None:
        self._lookups: WeakKeyDictionary[Sequence, PromptLookup] = WeakKeyDictionary()

    def __call__(self, sequence: Sequence, room: int) -> list[int]:
        """The draft for ``sequence``: up to ``room`` tokens to come after all that it has; empty when nothing is
        likely."""
        most = min(self._length(sequence), room)
        if most < 1:
            return []
        lookup = self._lookups.setdefault(sequence, PromptLookup())
        lookup.grow(sequence.tokens)
        draft = [token for token in lookup.follow(sequence.tokens, most) if token not in sequence.ends]
        if draft and sequence.constraint is not None:
            draft = draft[: sequence.constraint.admits(draft)]
        return draft

    @staticmethod
    def _length(sequence: Sequence) -> int:
        """Longer while drafts are right; a sequence whose drafts are mostly wrong tries again every eighth token
        only."""
        if sequence.drafted < 2 * _FIRST:
            return _FIRST
        right = sequence.kept / sequence.drafted
        if right < 0.2:
            return _FIRST // 2 if len(sequence.output) % 8 == 0 else 0
        return min(int(_FIRST + right * _MOST), _MOST)
