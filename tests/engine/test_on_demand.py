"""A model that is loaded when it is first asked something: known before, loaded once, stopped while it loads."""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from leads_local.config import Settings
from leads_local.engine import LoadingStopped, host, identity, on_demand
from leads_local.engine.on_demand import ModelOnDemand
from leads_local.engine.types import ModelInfo, Request
from leads_local.errors import ModelError
from tests.fake_engine import FakeEngine


def knows(monkeypatch: pytest.MonkeyPatch, model: ModelInfo | None) -> None:
    monkeypatch.setattr(on_demand, "known_model", lambda settings: model)


def opening(engine: FakeEngine, opened: list[FakeEngine]) -> Callable[[Settings, Callable[[float], None]], FakeEngine]:
    def open_engine(settings: Settings, tell: Callable[[float], None]) -> FakeEngine:
        for part in (0.0, 0.0, 0.5, 0.5, 1.0):
            tell(part)
        opened.append(engine)
        return engine

    return open_engine


def test_it_is_loaded_once_and_only_to_count_or_to_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    engine, opened, parts, told = FakeEngine(), list[FakeEngine](), list[float](), list[ModelInfo]()
    known = replace(engine.model, context=0)
    knows(monkeypatch, known)
    with ModelOnDemand(
        Settings(), opening(engine, opened), threading.Event(), loading=parts.append, loaded=told.append
    ) as model:
        assert model.model == known
        replies = model.run([Request("a", "words")])
        assert opened == []
        assert [reply.id for reply in replies] == ["a"]
        assert model.count_tokens(["four"]) == [1]
        assert model.model == engine.model
    assert (opened, parts, told) == ([engine], [0.0, 0.5, 1.0], [engine.model])
    assert engine.closed


def test_one_that_is_not_known_is_loaded_to_be_known(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = list[FakeEngine]()
    knows(monkeypatch, None)
    model = ModelOnDemand(Settings(), opening(FakeEngine(), opened), threading.Event())
    assert opened == []
    assert model.model.name == "fake"
    assert len(opened) == 1


def test_another_model_than_was_known_is_refused_and_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = FakeEngine()
    knows(monkeypatch, replace(engine.model, sha256="1" * 64))
    with (
        ModelOnDemand(Settings(), opening(engine, []), threading.Event()) as model,
        pytest.raises(ModelError, match="another model is there"),
    ):
        model.count_tokens(["words"])
    assert engine.closed


def test_loading_ends_when_the_work_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    opened, stop = list[FakeEngine](), threading.Event()
    knows(monkeypatch, None)
    model = ModelOnDemand(Settings(), opening(FakeEngine(), opened), stop, loading=lambda part: stop.set())
    with pytest.raises(LoadingStopped):
        model.count_tokens(["words"])
    assert opened == []


def test_a_file_is_known_as_it_will_be_once_it_is_loaded(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identity, "_CLOCK_STEP", 0)
    path = Path(shutil.copy(tiny, tmp_path / "model.gguf"))
    settings = Settings(model=str(path))
    assert on_demand.known_model(settings) is None  # never read
    with host.open_engine(settings) as engine:
        loaded = engine.model
    assert identity.of(path) == loaded.sha256
    entry = {"name": "Tiny", "prompt_pack": "compact", "notice": "noise", "sha256": loaded.sha256}
    for manifest in ({}, {path.name: entry}, {path.name: {**entry, "sha256": "0" * 64}}):
        (tmp_path / "manifest.json").write_text(json.dumps({"models": manifest}))
        known = on_demand.known_model(settings)
        assert known is not None
        with host.open_engine(settings) as engine:
            assert known == replace(
                engine.model, **dict.fromkeys(("context", "parameters", "gpu_layers", "sequences"), 0)
            )
    os.utime(path, ns=(1, 1))
    assert on_demand.known_model(settings) is None  # written to since
    assert on_demand.known_model(Settings(model=str(tmp_path / "none.gguf"))) is None
    assert on_demand.known_model(Settings()) is None


@pytest.mark.parametrize("stopped", [True, False])
def test_a_model_that_dies_of_the_same_ctrl_c_was_stopped(monkeypatch: pytest.MonkeyPatch, stopped: bool) -> None:
    knows(monkeypatch, None)
    stop = threading.Event()

    def die(settings: Settings, tell: Callable[[float], None]) -> FakeEngine:
        if stopped:
            stop.set()
        raise ModelError("The model process ended.", "Try again.")

    with pytest.raises(LoadingStopped if stopped else ModelError):
        ModelOnDemand(Settings(), die, stop).count_tokens(["four"])
