"""Fixtures: an empty place for an environment, and a pip that is only asked."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from set_up import installing
from set_up.place import Place


@pytest.fixture(autouse=True)
def unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The user has asked for nothing."""
    for name in ("CMAKE_ARGS", "LEADS_LOCAL_WHEELS", "LEADS_LOCAL_UNPINNED", "LEADS_LOCAL_VENV", "CMAKE_GENERATOR"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    (tmp_path / "venv").mkdir()
    return Place(tmp_path / "venv")


@pytest.fixture
def site(place: Place) -> Path:
    """Where packages lie in the environment."""
    folder = place.venv / "lib" / "python3.11" / "site-packages"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def llama(site: Path) -> Path:
    """A llama.cpp that is installed, as far as set-up looks."""
    (site / "llama_cpp" / "lib").mkdir(parents=True)
    (site / "llama_cpp_python-0.3.36.dist-info").mkdir()
    (site / "llama_cpp_python-0.3.36.dist-info" / "RECORD").touch()
    return site


@pytest.fixture
def on_windows(monkeypatch: pytest.MonkeyPatch) -> Callable[[ModuleType], None]:
    """Makes one module believe that it runs on Windows; ``pathlib`` and the tests themselves stay here."""

    def believe(module: ModuleType) -> None:
        monkeypatch.setattr(module, "os", SimpleNamespace(**{**vars(os), "name": "nt"}))

    return believe


class FakePip:
    """Stands in for pip in an environment that exists: ``calls`` has what it was called with, ``code`` and ``log`` are
    what it answers."""

    def __init__(self) -> None:
        self.calls: list[list[str]] = []
        self.environments: list[dict[str, str]] = []
        self.code: Callable[[list[str]], int] = lambda call: 0
        self.log = ""

    def watch(self, place: Place, command: list[str], environment: dict[str, str]) -> int:
        call = command[command.index("pip") + 1 :] if "pip" in command else command[1:]
        self.calls.append(call)
        self.environments.append(environment)
        place.log.write_text(self.log, encoding="utf-8")
        return self.code(call)

    def installed(self) -> list[list[str]]:
        return [call for call in self.calls if call[0] == "install"]


@pytest.fixture
def pip(place: Place, monkeypatch: pytest.MonkeyPatch) -> FakePip:
    place.python.parent.mkdir(parents=True)
    place.python.touch()
    fake = FakePip()
    monkeypatch.setattr(installing, "watch", fake.watch)
    monkeypatch.setattr(installing.Installation, "_pip_works", lambda self: True)
    monkeypatch.setattr(installing.Installation, "check_import", lambda self: None)
    monkeypatch.setattr(installing.Installation, "check", lambda self, compiling: None)
    monkeypatch.setattr(installing.building, "cache", lambda place, build: ["--cache-dir", build.kept_wheels])
    return fake
