"""How llama.cpp is built: as asked, remembered, never thrown away unasked, and within the computer's memory."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from set_up import building
from set_up.building import CMAKE_ARGS, MEMORY_FOR_ONE, Build
from set_up.installing import install
from set_up.place import Place, SetupError
from tests.set_up.conftest import FakePip

GPU = "-DGGML_CUDA=on"


def of_llama(pip: FakePip) -> list[tuple[bool, str, str]]:
    """Of each call that installs llama.cpp: whether it is built anew, with what arguments, from which cache."""
    return [
        ("--force-reinstall" in call, given["CMAKE_ARGS"], call[call.index("--cache-dir") + 1])
        for call, given in zip(pip.calls, pip.environments, strict=True)
        if call[-1].endswith("list-for-pip.txt")
    ]


def test_what_the_user_asks_for_is_joined_with_what_we_need(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CMAKE_ARGS", f"  {GPU}   -DX=1 ")
    assert building.wanted(place).arguments == f"{CMAKE_ARGS} {GPU} -DX=1"


def test_a_gpu_build_after_a_plain_one_is_built_anew_and_kept(
    place: Place, pip: FakePip, llama: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    building.remember(place, Build(""))
    install(place)
    assert of_llama(pip) == [(False, CMAKE_ARGS, Build("").kept_wheels)]
    assert GPU not in capsys.readouterr().err

    pip.calls.clear(), pip.environments.clear()
    monkeypatch.setenv("CMAKE_ARGS", GPU)
    install(place)
    assert of_llama(pip) == [(True, f"{CMAKE_ARGS} {GPU}", Build(GPU).kept_wheels)]
    assert Build(GPU).kept_wheels != Build("").kept_wheels, "pip would give the one that it built before"

    pip.calls.clear(), pip.environments.clear()
    install(place)
    monkeypatch.delenv("CMAKE_ARGS")
    capsys.readouterr()
    install(place)
    assert not pip.calls, "an unset CMAKE_ARGS asks for nothing"
    assert f"the build with {GPU}" in capsys.readouterr().err

    monkeypatch.setenv("CMAKE_ARGS", "-DGGML_CUDA=off")
    install(place)
    assert of_llama(pip)[0][:2] == (True, f"{CMAKE_ARGS} -DGGML_CUDA=off")


def test_new_pins_keep_the_kind_of_build(place: Place, pip: FakePip, llama: Path) -> None:
    building.remember(place, Build(GPU))
    install(place)
    assert of_llama(pip) == [(False, f"{CMAKE_ARGS} {GPU}", Build(GPU).kept_wheels)]
    assert building.remembered(place) == Build(GPU)


def test_only_llama_is_installed_anew(place: Place, pip: FakePip, llama: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    building.remember(place, Build(""))
    monkeypatch.setenv("CMAKE_ARGS", GPU)
    install(place)
    assert [call[-1] for call in pip.calls if "--force-reinstall" in call] == [str(place.venv / "list-for-pip.txt")]


@pytest.mark.parametrize(("asked", "anew"), [(None, False), ("", True), (GPU, True)])
def test_a_build_of_an_earlier_set_up_stays_until_somebody_asks(
    asked: str | None, anew: bool, place: Place, pip: FakePip, llama: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if asked is not None:
        monkeypatch.setenv("CMAKE_ARGS", asked)
    install(place)
    assert of_llama(pip)[0][0] == anew
    assert building.remembered(place) == (Build(asked or "") if anew else None), "nobody knows how that was built"


def test_a_build_that_fails_leaves_the_one_that_is_there(
    place: Place, pip: FakePip, llama: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    building.remember(place, Build(""))
    monkeypatch.setenv("CMAKE_ARGS", GPU)
    pip.code = lambda call: int("--force-reinstall" in call)
    with pytest.raises(SetupError):
        install(place)
    assert building.remembered(place) == Build("")
    monkeypatch.delenv("CMAKE_ARGS")
    assert not building.to_build_anew(place)


def test_a_build_that_was_cut_off_is_not_taken_for_the_one_before(
    place: Place, pip: FakePip, llama: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    building.remember(place, Build(""))
    monkeypatch.setenv("CMAKE_ARGS", GPU)

    def pull_the_plug(call: list[str]) -> int:
        if "--force-reinstall" in call:
            raise KeyboardInterrupt
        return 0

    pip.code = pull_the_plug
    with pytest.raises(KeyboardInterrupt):
        install(place)
    assert building.remembered(place) is None, "nobody knows which of the two is there"
    assert building.to_build_anew(place)


def test_arguments_of_ours_that_changed_are_built_anew(
    place: Place, llama: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    building.remember(place, Build(GPU))
    monkeypatch.setattr(building, "CMAKE_ARGS", "-DNEW=1")
    assert building.to_build_anew(place)
    assert building.wanted(place).arguments == f"-DNEW=1 {GPU}"


@pytest.mark.parametrize(("gigabytes", "processors", "jobs"), [(2, 8, 2), (64, 8, 8), (0.5, 4, 1)])
def test_as_many_are_compiled_at_once_as_fit_into_memory(
    gigabytes: float, processors: int, jobs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CMAKE_BUILD_PARALLEL_LEVEL", raising=False)
    monkeypatch.setattr(building, "memory", lambda: int(gigabytes * MEMORY_FOR_ONE))
    monkeypatch.setattr(building.os, "cpu_count", lambda: processors)
    assert building.environment(Build(""))["CMAKE_BUILD_PARALLEL_LEVEL"] == str(jobs)
    monkeypatch.setenv("CMAKE_BUILD_PARALLEL_LEVEL", "3")
    assert building.environment(Build(""))["CMAKE_BUILD_PARALLEL_LEVEL"] == "3"


def test_memory_is_what_the_system_says() -> None:
    assert MEMORY_FOR_ONE // 4 < building.memory() < 2**50


def test_visual_studio_compiles_files_of_a_library_at_once(
    monkeypatch: pytest.MonkeyPatch, on_windows: Callable[[ModuleType], None]
) -> None:
    monkeypatch.delenv("CMAKE_BUILD_PARALLEL_LEVEL", raising=False)
    monkeypatch.setattr(building, "jobs", lambda: 4)
    on_windows(building)
    given = building.environment(Build(""), Path("short"))
    assert given["CL"] == "/MP4" and given["CMAKE_BUILD_PARALLEL_LEVEL"] == "1"
    assert given["TMP"] == given["TEMP"] == "short"


def test_pip_has_a_cache_for_each_kind_of_build(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def told(text: str, code: int = 0) -> None:
        done = subprocess.CompletedProcess([], code, stdout=text)
        monkeypatch.setattr(building.subprocess, "run", lambda *_, **__: done)

    told("/home/a/.cache/pip\n")
    [_, plain], [_, gpu] = building.cache(place, Build("")), building.cache(place, Build(GPU))
    assert plain != gpu and Path(plain).is_relative_to("/home/a/.cache/pip")
    told("", 1)
    assert building.cache(place, Build("")) == ["--no-cache-dir"]


def test_no_setting_of_the_users_pip_keeps_packages_out_of_the_environment() -> None:
    given = building.environment(Build(""))
    assert given["PIP_USER"] == "0" and given.keys() >= os.environ.keys()
