"""An engine whose model is loaded when it is first asked something, so that a job that finds nothing to ask loads none.

What a model is called and which it is (``engine.identity``) is known before, if its file was read once and has not
changed since; its context is not, nor how many tokens a text has. Otherwise the model is loaded to find out.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Self

from leads_local.config import Settings
from leads_local.engine import Engine, LoadingStopped, OpenEngine, child_events, header, identity
from leads_local.engine.types import ModelInfo, Reply, Request
from leads_local.errors import ModelError


class ModelOnDemand:
    """Implements ``engine.Engine``. ``loading`` is told each new part that is loaded, ``loaded`` once it is whole.

    Whatever loads the model raises ModelError when there is none that can be used, and LoadingStopped once ``stop`` is
    set meanwhile.
    """

    def __init__(
        self,
        settings: Settings,
        open_engine: OpenEngine,
        stop: threading.Event,
        *,
        loading: Callable[[float], None] = lambda part: None,
        loaded: Callable[[ModelInfo], None] = lambda model: None,
    ) -> None:
        self._settings = settings
        self._open_engine = open_engine
        self._stop = stop
        self._loading = loading
        self._loaded = loaded
        self._part = -1.0
        self._engine: Engine | None = None
        self._known = known_model(settings)

    @property
    def model(self) -> ModelInfo:
        """Before the model is loaded, without its context and what else depends on this computer."""
        if self._engine is None and self._known is not None:
            return self._known
        return self._load().model

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return self._load().count_tokens(texts)

    def run(self, requests: Iterable[Request], cancel: threading.Event | None = None) -> Iterator[Reply]:
        yield from self._load().run(requests, cancel)

    def close(self) -> None:
        if self._engine is not None:
            self._engine.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _load(self) -> Engine:
        if self._engine is None:
            self._engine = self._open()
            if self._known is not None and self._engine.model.sha256 != self._known.sha256:
                raise ModelError(
                    f"{self._known.path}: another model is there now than when the work began.",
                    "Start the work again.",
                )
            self._loaded(self._engine.model)
        return self._engine

    def _open(self) -> Engine:
        try:
            return self._open_engine(self._settings, self._tell)
        except ModelError:
            if self._stop.is_set():  # Ctrl-C reaches the model's process, too, which may die of it while it starts
                raise LoadingStopped from None
            raise

    def _tell(self, part: float) -> None:
        if self._stop.is_set():
            raise LoadingStopped
        if part != self._part:
            self._part = part
            self._loading(part)


def known_model(settings: Settings) -> ModelInfo | None:
    """What is known of the model of ``settings`` without loading it; None where that is not enough to tell its answers
    from another model's, or it can't be loaded as it is."""
    path = Path(settings.model).expanduser()
    sha256 = identity.remembered(path) if settings.model else ""
    if not sha256:
        return None
    try:
        found = header.read(path)
    except ModelError:
        return None
    info = {"sha256": sha256, "name": str(found.metadata.get("general.name", "")), "architecture": found.architecture}
    unknown = dict.fromkeys(("parameters", "context", "gpu_layers", "sequences"), 0)
    return child_events.model_info(path, {**info, **unknown, "quantization": found.quantization, "shortage": ""})
