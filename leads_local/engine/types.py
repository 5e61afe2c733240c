"""What goes into the engine and what comes out: requests, replies, and what is known of a loaded model."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from leads_local.engine.json_style import JsonStyle


@dataclass(frozen=True, slots=True)
class Request:
    """One user turn for the model. ``schema`` is a JSON schema that the answer must match while it is decoded, or None
    for free text.

    Requests whose prompts begin with the same tokens share their evaluation. ``style`` is how the JSON is laid out,
    None for the default. Those of ``split`` are asked in place of this one, each alone, where there are any: their
    answers, joined, are the answer to this.
    """

    id: str
    prompt: str
    schema: dict[str, Any] | None = None
    max_tokens: int = 1024
    style: JsonStyle | None = None
    split: tuple[Request, ...] = ()


class FinishReason(StrEnum):
    STOP = "stop"  # the answer is whole
    LENGTH = "length"  # max_tokens or the context ended it
    ERROR = "error"  # see Reply.error
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Reply:
    """The model's answer to the request with the same ``id``, or why there is none.

    Counts are tokens: of the prompt, of those the part taken from a shared prefix, of the answer, and of those the part
    that the schema forced. ``margin`` is the least difference of log-probability between the best and the second-best
    allowed token over all tokens that were decoded (None if none was): how sure the greedy path was. ``seconds`` runs
    from admission into the batch to the end.

    ``choices`` has one entry for each place where the schema has a word chosen out of a list (an ``enum``), in order:
    the beginnings of those words with their probabilities among each other. Two beginnings of one word ("N", "NO") are
    to be added up.
    """

    id: str
    text: str = ""
    finish: FinishReason = FinishReason.STOP
    error: str = ""
    prompt_tokens: int = 0
    shared_tokens: int = 0
    output_tokens: int = 0
    forced_tokens: int = 0
    seconds: float = 0.0
    margin: float | None = None
    choices: tuple[tuple[tuple[str, float], ...], ...] = ()

    @property
    def ok(self) -> bool:
        return self.finish is FinishReason.STOP


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What is known of a loaded model. ``context`` is the most tokens one request may have, prompt and answer together;
    ``sha256`` is that of the file that was loaded, as it was read then, whatever a manifest says."""

    name: str
    path: str
    sha256: str = ""
    architecture: str = ""
    quantization: str = ""
    parameters: int = 0
    context: int = 0
    gpu_layers: int = 0
    sequences: int = 1
    prompt_pack: str = ""
    notice: str = ""  # what a user must know of this model's answers ("random weights: answers are noise")
    shortage: str = ""  # why not even one screening request fits into ``context``, with the sum

    @property
    def remarks(self) -> tuple[str, ...]:
        """What a user must know before this model works."""
        return tuple(remark for remark in (self.notice, self.shortage) if remark)
