"""``LEADS_LOCAL_HOME`` and ``~``: the right folder, or a sentence; never a folder that nobody meant."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from leads_local import config, paths, private
from leads_local.errors import ConfigError
from tests.patience import patience

ROOT = Path(__file__).resolve().parents[1]
PLACES = (paths.settings_file, paths.prompts_dir, paths.models_dir, paths.states_dir, paths.log_file, paths.recent_file)


@pytest.fixture
def stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder where one stands, with a home beside it."""
    folder, home = tmp_path / "stand", tmp_path / "home of mine"
    folder.mkdir()
    home.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    return folder


@pytest.mark.parametrize(
    ("named", "folder"),
    [
        ("~/x", "home of mine/x"),
        ("~", "home of mine"),
        ("x", "stand/x"),
        ("../x y", "stand/../x y"),
        ("é 中", "stand/é 中"),
    ],
)
def test_the_folder_that_is_named(stand: Path, monkeypatch: pytest.MonkeyPatch, named: str, folder: str) -> None:
    monkeypatch.setenv("LEADS_LOCAL_HOME", named)
    for place in PLACES:
        assert place().is_relative_to(stand.parent / folder) and place().is_absolute()


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ("~nobody-of-that-name/x", "~nobody-of-that-name has no home folder here"),
        ("/x ", "begins or ends with a space"),
        (" /x", "begins or ends with a space"),
        ("  ", "begins or ends with a space"),
        ('"/x y"', "or a quotation mark"),
        ("a file", "that is a file"),
    ],
)
def test_what_is_no_folder_is_said(stand: Path, monkeypatch: pytest.MonkeyPatch, named: str, said: str) -> None:
    (stand / "a file").touch()
    monkeypatch.setenv("LEADS_LOCAL_HOME", named)
    for place in PLACES:
        with pytest.raises(ConfigError, match=said) as caught:
            place()
        assert named.strip() in caught.value.message
    with pytest.raises(ConfigError, match=said):
        config.load()
    assert [path.name for path in stand.iterdir()] == ["a file"]


@pytest.mark.parametrize("named", ["C:\\Users\\me", "d:x", "\\\\server\\share\\x"])
def test_a_path_of_windows_is_one_on_windows_only(stand: Path, monkeypatch: pytest.MonkeyPatch, named: str) -> None:
    monkeypatch.setenv("LEADS_LOCAL_HOME", named)
    monkeypatch.setattr(paths, "_SYSTEM", "posix")
    with pytest.raises(ConfigError, match="path of Windows"):
        paths.models_dir()
    monkeypatch.setattr(paths, "_SYSTEM", "nt")
    assert named in str(paths.models_dir())


def test_nothing_named_is_the_systems_own_place(stand: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEADS_LOCAL_HOME", "")
    for place in PLACES:
        assert place().is_absolute() and not place().is_relative_to(stand)


@pytest.mark.parametrize("told", ["here/x", ""])  # Windows has said "" to those who asked for a missing profile
def test_a_place_that_depends_on_where_one_stands_is_said(
    stand: Path, monkeypatch: pytest.MonkeyPatch, told: str
) -> None:
    monkeypatch.delenv("LEADS_LOCAL_HOME")
    monkeypatch.setattr("platformdirs.user_data_dir", lambda *_, **__: told)
    with pytest.raises(ConfigError, match=r"no whole path\. Set LEADS_LOCAL_HOME"):
        paths.models_dir()


@pytest.mark.parametrize("named", ["~nobody-of-that-name", "/dev/null", "C:\\x"])
@pytest.mark.parametrize("command", ["doctor", "models list", "models use x.gguf", "prompts list", "convert plan ."])
@pytest.mark.skipif(sys.platform != "linux", reason="places of Linux")
def test_every_command_says_it_in_a_sentence(stand: Path, named: str, command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "leads_local", *command.split()],
        capture_output=True,
        text=True,
        env={**os.environ, "LEADS_LOCAL_HOME": named, "PYTHONPATH": str(ROOT)},
        timeout=patience(60),
    )
    told = done.stdout + done.stderr
    assert "Traceback" not in told and "fault of leads-local" not in told and list(stand.iterdir()) == []
    assert done.returncode == 2 and named in told


def test_a_drive_that_is_not_there_is_said(stand: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stick that was pulled out: nothing above it is there."""
    monkeypatch.setenv("LEADS_LOCAL_HOME", "/stick/x")
    monkeypatch.setattr(Path, "is_dir", lambda path: False)
    with pytest.raises(ConfigError, match="the drive / is not there"):
        paths.models_dir()
    made: list[Path] = []
    monkeypatch.setattr(Path, "mkdir", lambda path, **_: made.append(path))
    private.make_folder(Path("/stick/x"))
    assert made == [Path("/"), Path("/stick"), Path("/stick/x")]


def test_a_model_of_nobody_here_is_said(stand: Path, monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.setenv("LEADS_LOCAL_MODEL", "~/m.gguf")
    assert Path(config.load().model) == stand.parent / "home of mine" / "m.gguf"
    monkeypatch.setenv("LEADS_LOCAL_MODEL", "~nobody-of-that-name/m.gguf")
    with pytest.raises(ConfigError, match="has no home folder here"):
        config.load()
    assert config.load_stored().model == ""
