"""A folder of wheels: whole, for this computer, unharmed, and without network."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from set_up import building, installing, machine, wheelhouse
from set_up.building import CMAKE_ARGS, Build
from set_up.installing import install, stamp
from set_up.place import ROOT, Place, SetupError
from tests.set_up.conftest import FakePip

WHEELS = ("llama_cpp_python-0.3.36-py3-none-any.whl", "textual-8.2.8-py3-none-any.whl")


@pytest.fixture
def carried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that ``fill`` has filled, named as the place to install from."""
    folder = tmp_path / "carried"
    wheelhouse.fill(folder, wheelhouse.portable(""), making(folder, []), [])
    monkeypatch.setenv("LEADS_LOCAL_WHEELS", str(folder))
    return folder


def making(folder: Path, called: list[tuple[tuple[str, ...], str]]) -> wheelhouse.Pip:
    """A pip that puts a wheel there for each call."""

    def pip(*arguments: str, listed: str = "") -> None:
        if arguments[-1] == str(ROOT):
            name = "leads_local-0.1.0-py3-none-any.whl"
        else:
            name = WHEELS[0] if listed.startswith("llama-cpp-python") else WHEELS[1]
        (folder / name).write_bytes(name.encode())
        called.append((arguments, listed))

    return pip


def test_the_list_has_each_wheel_but_ours_with_its_hash(tmp_path: Path) -> None:
    called: list[tuple[tuple[str, ...], str]] = []
    count = wheelhouse.fill(tmp_path, Build("-DGGML_NATIVE=OFF -DX=1"), making(tmp_path, called), ["--cache-dir", "c"])
    assert count == 3
    text = (tmp_path / wheelhouse.LIST).read_text()
    for name in WHEELS:
        assert f"=={name.split('-')[1]} --hash=sha256:{hashlib.sha256(name.encode()).hexdigest()}\n" in text
    assert "leads_local==" not in text, "it is installed from the checkout, or by name"
    assert wheelhouse.built(tmp_path) == Build("-DGGML_NATIVE=OFF -DX=1")
    assert sum("llama-cpp-python==" in listed for _, listed in called) == 1, "llama.cpp is compiled once"
    assert all(("--require-hashes" in arguments) == bool(listed) for arguments, listed in called)
    assert all("--no-build-isolation" in arguments for arguments, _ in called)


def test_an_interrupted_folder_has_no_list_and_is_filled_anew(tmp_path: Path) -> None:
    (tmp_path / "textual-8.0.0-py3-none-any.whl").touch()
    (tmp_path / wheelhouse.LIST).touch()

    def stopped(*_: str, listed: str = "") -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        wheelhouse.fill(tmp_path, Build(""), stopped, [])
    assert not list(tmp_path.iterdir()), "an older version would be installed with the new"
    wheelhouse.check_empty(tmp_path)


def test_somebody_elses_folder_is_not_emptied(tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").touch()
    with pytest.raises(SetupError, match="something else"):
        wheelhouse.check_empty(tmp_path)
    with pytest.raises(SetupError, match="something else"):
        wheelhouse.check_empty(tmp_path / "thesis.docx")
    wheelhouse.check_empty(tmp_path / "new")


def test_it_is_built_for_any_processor(
    place: Place, pip: FakePip, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CMAKE_ARGS", "-DX=1")
    monkeypatch.setenv("LEADS_LOCAL_VENV", str(place.venv))
    assert installing.make_wheelhouse([str(tmp_path / "out")]) == 0
    assert {given["CMAKE_ARGS"] for given in pip.environments} == {f"{CMAKE_ARGS} -DGGML_NATIVE=OFF -DX=1"}
    assert [call[0] for call in pip.calls] == ["install", "wheel", "wheel", "wheel", "wheel"]
    assert (tmp_path / "out" / wheelhouse.LIST).is_file()


def test_carried_wheels_are_installed_without_network_and_checked(place: Place, pip: FakePip, carried: Path) -> None:
    install(place)
    assert all("--no-index" in call and str(carried) in call for call in pip.installed())
    first, project = pip.installed()
    assert "--require-hashes" in first and first[-1] == str(carried / wheelhouse.LIST)
    assert project[-2:] == ["-e", str(ROOT)]
    pip.calls.clear()
    install(place)
    assert not pip.calls, "done once"
    assert building.remembered(place) == wheelhouse.portable("")


def test_what_was_carried_stays_when_the_folder_is_gone(
    place: Place, pip: FakePip, carried: Path, llama: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(place)
    monkeypatch.delenv("LEADS_LOCAL_WHEELS")
    pip.calls.clear()
    install(place)
    assert not pip.calls
    monkeypatch.setenv("CMAKE_ARGS", "-DGGML_CUDA=on")
    assert building.to_build_anew(place) and stamp(place)[0].read_text() != stamp(place)[1]


def refused(place: Place, extra: str = "") -> str:
    with pytest.raises(SetupError) as caught:
        installing.Installation(place, extra, Build("")).check(compiling=False)
    return str(caught.value)


def test_wheels_for_another_computer_or_version_are_refused(
    place: Place, carried: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "check_space", lambda *_: None)
    installing.Installation(place, "", Build("")).check(compiling=False)
    list_ = carried / wheelhouse.LIST
    list_.write_text(list_.read_text().replace("cpython-3", "cpython-2"))
    assert "same Python" in refused(place)
    list_.unlink()
    assert "carried over whole" in refused(place)


def test_developers_need_a_network(place: Place, carried: Path) -> None:
    assert "developers" in refused(place, "dev")


def test_new_pins_make_older_wheels_unfit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = wheelhouse.made_for()
    for name in ("constraints-build.txt", "constraints.txt"):
        (tmp_path / name).write_text((ROOT / name).read_text(encoding="utf-8"), encoding="utf-8", newline="\r\n")
    monkeypatch.setattr(wheelhouse, "ROOT", tmp_path)
    assert wheelhouse.made_for() == before, "git's line ends on Windows are no other version"
    (tmp_path / "constraints.txt").write_text("# others\n")
    assert wheelhouse.made_for() != before
