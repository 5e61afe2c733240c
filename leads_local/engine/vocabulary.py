"""What is known of a model's tokens, and how texts become tokens where a token is a piece of text itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What the constraint and the chat template must know of a model's tokens.

    ``pieces[i]`` is token i as bytes; ``special`` maps a control token's text to its id. User-defined tokens (line
    breaks, or words that a checkpoint added) are not among them: they are text, which the tokenizer takes whole.
    ``adds_space`` tells that the tokenizer puts a space before a text of its own accord (SentencePiece). ``pointer``
    and ``tokenize_pointer`` are for llguidance alone.
    """

    pieces: tuple[bytes, ...]
    special: dict[str, int]
    bos: int
    eos: int
    ends: frozenset[int]
    adds_bos: bool
    adds_space: bool
    pointer: Any
    tokenize_pointer: int


@dataclass(frozen=True, slots=True)
class SpaceGuard:
    """Keeps llama.cpp from putting a space behind each token that is text, as it does where it puts one before a text.

    What it was trained by does not: the space would come back from the tokens where the text had none, and a text that
    is forced would not be what the schema says. ``stop`` is a character that no token holds. It is put behind each of
    the texts that are tokens (``pattern``, ``defined``), where nothing is merged across it, and what llama.cpp makes of
    it there (``lead``) is taken out again.
    """

    pattern: re.Pattern[bytes]
    defined: frozenset[int]
    stop: bytes
    lead: list[int]

    def put_in(self, raw: bytes) -> bytes:
        return self.pattern.sub(lambda found: found[0] + self.stop, raw)

    def taken_out(self, ids: list[int]) -> list[int]:
        kept, at = [], 0
        while at < len(ids):
            kept.append(ids[at])
            at += 1
            if kept[-1] in self.defined and ids[at : at + len(self.lead)] == self.lead:
                at += len(self.lead)
        return kept
