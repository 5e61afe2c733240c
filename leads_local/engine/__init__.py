"""The engine: requests in, replies out, in any order, each with its own success or failure.

Everything above works against this protocol only; tests serve it with a fake.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol, Self, TypeAlias

from leads_local.config import Settings
from leads_local.engine.types import ModelInfo, Reply, Request


class Engine(Protocol):
    """A loaded model. Use it as a context manager or call ``close``."""

    @property
    def model(self) -> ModelInfo: ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """How many tokens each text is in this model's own tokenizer, special tokens not parsed."""
        ...

    def run(self, requests: Iterable[Request], cancel: threading.Event | None = None) -> Iterator[Reply]:
        """Answer every request, in any order; each gets exactly one Reply.

        ``requests`` is read lazily, so a job may be longer than memory. When ``cancel`` is set, what has not ended is
        answered with ``FinishReason.CANCELLED`` within one step. An error belongs to its request and never raises out
        of here, except ModelError when the model itself can't be used any more.
        """
        ...

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *exception: object) -> None: ...


OpenEngine: TypeAlias = Callable[[Settings, Callable[[float], None]], Engine]
"""Loads the model of the settings. The second argument is told the part loaded, 0 to 1, again and again, news or not;
what it raises ends the loading."""


class LoadingStopped(Exception):
    """The work was stopped before the model was loaded."""
