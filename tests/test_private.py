"""What holds texts of papers or decisions is this account's only, whatever the umask; files are whole or not there;
leftovers go."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from leads_local import config, fault_log, paths, private
from leads_local.config import Settings
from leads_local.engine import throughput
from leads_local.engine.child import Child
from leads_local.engine.json_style import DEFAULT_STYLE
from leads_local.tasks import prompts, style_store
from leads_local.tasks.prompts import PromptPack
from leads_local.tui import recent
from tests.terminal import ROOT

posix = pytest.mark.skipif(os.name == "nt", reason="modes of POSIX; on Windows a profile is private by itself")


@pytest.fixture
def open_umask() -> object:
    before = os.umask(0)
    yield
    os.umask(before)


def write_everything(tmp_path: Path) -> None:
    config.save(Settings(model="m.gguf"))
    recent.remember(tmp_path)
    style_store.keep("model", {"screening": style_store.StyleFinding(DEFAULT_STYLE, "text")})
    throughput.save(paths.cache_dir() / "curves.json", "model", throughput.TYPICAL)
    prompts._store(PromptPack("mine", "a checkout", prompts.load("default").templates))
    assert fault_log.write_traceback(ValueError("a title"), "a test")


def modes(folder: Path) -> dict[str, int]:
    return {str(path.relative_to(folder)): path.stat().st_mode & 0o777 for path in folder.rglob("*")}


@posix
def test_what_we_write_is_this_accounts_only(home: Path, tmp_path: Path, open_umask: object) -> None:
    write_everything(tmp_path)
    found = modes(home)
    assert len(found) >= 16
    assert set(found.values()) == {0o600, 0o700}
    assert all(mode == (0o700 if (home / name).is_dir() else 0o600) for name, mode in found.items())


@posix
def test_files_of_earlier_versions_are_closed_when_next_written(home: Path, tmp_path: Path, open_umask: object) -> None:
    write_everything(tmp_path)
    for path in home.rglob("*"):
        path.chmod(0o777 if path.is_dir() else 0o666)
    write_everything(tmp_path)
    assert {name: mode for name, mode in modes(home).items() if not (home / name).is_dir() and mode != 0o600} == {}


@posix
def test_the_models_log_is_private(home: Path, open_umask: object) -> None:
    ended: list[object] = []
    child = Child(ended.append)
    child.send({"op": "nonsense"})  # no path in it: a traceback
    child._process.wait(60)
    child._log.join(10)
    assert "KeyError" in paths.log_file().read_text()
    assert modes(paths.cache_dir()) == {paths.log_file().name: 0o600}


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "settings.toml"
    private.replace_file(file, b"old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space"):
        private.replace_file(file, b"new")
    assert file.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["settings.toml"]


KILLED = """
import os, sys
from pathlib import Path
from leads_local import private
os.replace = lambda *_: os.kill(os.getpid(), 9)
left = private.temporary_folder(".export", Path(sys.argv[1]))
left.__enter__()
(Path(sys.argv[1]) / (".export" + private.owner_mark()) ).mkdir()
private.replace_file(Path(sys.argv[1]) / "settings.toml", b"new")
"""


@posix
def test_what_a_killed_process_left_goes_with_the_next_and_nothing_else(tmp_path: Path) -> None:
    mine = [
        tmp_path / name for name in (".export", ".export-notes", ".settings.toml.swp", ".export--elsewhere-1-01234567")
    ]
    for path in mine:
        path.mkdir()
    living = tmp_path / (".export" + private.owner_mark())
    living.mkdir()
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], cwd=ROOT)
    assert done.returncode == -9
    assert len(list(tmp_path.iterdir())) == len(mine) + 4
    private.replace_file(tmp_path / "settings.toml", b"newer")
    with private.temporary_folder(".export", tmp_path) as made:
        assert sorted(tmp_path.iterdir()) == sorted([*mine, living, made, tmp_path / "settings.toml"])
    assert sorted(tmp_path.iterdir()) == sorted([*mine, living, tmp_path / "settings.toml"])


@pytest.mark.parametrize("second_names", [True, False])
def test_a_users_file_is_written_beside_its_place_and_takes_nobodys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, second_names: bool
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    if not second_names:
        monkeypatch.setattr(Path, "hardlink_to", refuse)
    (left := tmp_path / f".export--{private._host_mark()}-999999999-01234567.part").touch()
    with private.written_beside(tmp_path / "a.ris", replace=False) as part:
        assert not left.exists()
        part.write_text("first")
    with pytest.raises(FileExistsError), private.written_beside(tmp_path / "a.ris", replace=False) as part:
        part.write_text("second")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("a.ris", "first")]


def test_a_signal_while_a_temporary_folder_is_removed_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remove, come = private.shutil.rmtree, [KeyboardInterrupt]

    def interrupted(*arguments: object, **options: object) -> None:
        if come:
            raise come.pop()
        remove(*arguments, **options)

    monkeypatch.setattr(private.shutil, "rmtree", interrupted)
    with pytest.raises(KeyboardInterrupt), private.temporary_folder(".export", tmp_path) as made:
        (made / "table.csv").touch()
    assert not list(tmp_path.iterdir())


def test_what_another_computer_left_goes_after_a_day(tmp_path: Path) -> None:
    other = tmp_path / ".export--elsewhere-1-01234567"
    other.mkdir()
    private.remove_abandoned(tmp_path, ".export")
    assert other.exists()
    os.utime(other, (1, 1))
    private.remove_abandoned(tmp_path, ".export")
    assert not other.exists()


GONE = f"--{private._host_mark()}-{(1 << 31) - 1}-"  # a process that no system has


@posix
def test_only_what_has_our_form_and_is_ours_is_taken_for_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tails = ("", "x", "01234567x", "01234567.part", "01234567.part~", "01234567-notes", "0123456", "0123456G")
    kept = [tmp_path / f".export{GONE}{tail}" for tail in tails]
    kept += [
        tmp_path / f"my.export{GONE}01234567",
        tmp_path / f".exports{GONE}01234567",
        tmp_path / f".export-{GONE}01234567",
    ]
    for path in kept:
        path.mkdir()
        (path / "paper.pdf").touch()
    linked = tmp_path / f".export{GONE}01234568"
    linked.symlink_to(kept[0])
    named_as_file = tmp_path / f".export{GONE}0123456c.part"
    named_as_file.symlink_to(kept[0] / "paper.pdf")
    file = tmp_path / f".export{GONE}01234569"  # a folder's name
    file.touch()
    left = [tmp_path / f".export{GONE}0123456a", tmp_path / f".export{GONE}0123456b.part"]
    left[0].mkdir()
    left[1].touch()
    with monkeypatch.context() as other:
        other.setattr(private.os, "geteuid", lambda: os.getuid() + 1)
        private.remove_abandoned(tmp_path, ".export")
        assert sorted(tmp_path.iterdir()) == sorted([*kept, linked, named_as_file, file, *left])
    private.remove_abandoned(tmp_path, ".export")
    assert sorted(tmp_path.iterdir()) == sorted([*kept, linked, named_as_file, file])
    assert all((path / "paper.pdf").exists() for path in kept)


@pytest.mark.skipif(sys.platform != "linux", reason="containers of Linux")
def test_a_process_of_another_container_of_the_same_name_is_not_believed_dead(tmp_path: Path) -> None:
    unshare = ["unshare", "--pid", "--fork"] if os.geteuid() == 0 else ["unshare", "--user", "--pid", "--fork"]
    there = "from leads_local import private; from pathlib import Path; private.remove_abandoned(Path({!r}), '.export')"
    left = tmp_path / f".export{private.owner_mark()}"
    left.mkdir()
    done = subprocess.run(
        [*unshare, sys.executable, "-c", there.format(str(tmp_path))], cwd=ROOT, capture_output=True, text=True
    )
    if "unshare" in done.stderr:
        pytest.skip("this system makes no containers here")
    assert done.returncode == 0, done.stderr
    assert left.exists()


def test_a_file_that_a_scanner_looks_at_is_replaced_all_the_same(windows: None, tmp_path: Path) -> None:
    private.replace_file(file := tmp_path / "settings.toml", b"old")
    scanner = file.open("rb")
    timer = threading.Timer(0.3, scanner.close)
    timer.start()
    private.replace_file(file, b"new")
    timer.join()
    assert file.read_bytes() == b"new"
