"""The Windows that the suite acts does what Windows does where ours has to mind it; the tests that use it lie with what
they test."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from tests.simulated_windows import simulate

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="acted with what Linux tells of open files and locks")
ROOT = Path(__file__).resolve().parents[1]


def test_our_modules_are_on_windows_and_others_are_not(windows: None) -> None:
    from leads_local import lifeline

    assert (lifeline.os.name, lifeline.sys.platform) == ("nt", "win32")
    assert (os.name, sys.platform) == ("posix", "linux")
    assert not hasattr(lifeline.signal, "pthread_sigmask") and not hasattr(lifeline.signal, "SIGKILL")


def test_what_is_imported_there_stays_there() -> None:
    """A module that was imported on Windows would believe to be there in every later test."""
    import leads_local
    from leads_local import windows_names as real
    from tests.simulated_windows import modules

    del leads_local.windows_names, sys.modules[real.__name__]
    before = set(sys.modules)
    try:
        with pytest.MonkeyPatch.context() as patch:
            simulate(partial(patch.setattr, raising=False))
            exec("from leads_local import windows_names", {"__name__": "leads_local.example"})
            assert sys.modules[real.__name__].os.name == "nt"
            modules.forget_since(before)
        assert real.__name__ not in sys.modules and not hasattr(leads_local, "windows_names")
    finally:
        sys.modules[real.__name__] = leads_local.windows_names = real


@pytest.mark.parametrize("statement", ["import fcntl", "import termios", "from os import fork", "import pwd"])
def test_what_windows_lacks_can_not_be_imported(windows: None, statement: str) -> None:
    with pytest.raises(ImportError):
        exec(statement, {"__name__": "leads_local.example"})
    exec(statement, {"__name__": "another.library"})


def test_an_open_file_is_neither_renamed_nor_replaced_nor_removed(windows: None, tmp_path: Path) -> None:
    file, other = tmp_path / "a", tmp_path / "b"
    other.write_bytes(b"other")
    with file.open("wb"):
        for change in (
            file.unlink,
            lambda: file.rename(tmp_path / "c"),
            lambda: file.replace(other),
            lambda: other.replace(file),
        ):
            with pytest.raises(PermissionError, match=r"being used|denied"):
                change()
    file.replace(other)
    with pytest.raises(FileExistsError):
        other.rename(_made(tmp_path / "c"))


def _made(path: Path) -> Path:
    path.write_bytes(b"")
    return path


def test_a_mapped_file_is_open(windows: None, tmp_path: Path) -> None:
    import mmap

    file = tmp_path / "model"
    file.write_bytes(b"x" * 10_000)
    with file.open("rb") as stream:
        mapped = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
    with pytest.raises(PermissionError):
        file.unlink()
    mapped.close()
    file.unlink()


def test_a_child_has_files_open_too(windows: None, tmp_path: Path) -> None:
    file = _made(tmp_path / "a")
    child = subprocess.Popen(
        [sys.executable, "-c", f"file = open({str(file)!r}); print(1, flush=True); input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with child:
        assert child.stdout is not None and child.stdout.readline() == b"1\n"
        with pytest.raises(PermissionError):
            file.unlink()
        child.communicate(b"\n")
    file.unlink()


def test_a_file_that_may_only_be_read_is_not_removed(windows: None, tmp_path: Path) -> None:
    file = _made(tmp_path / "a")
    file.chmod(0o444)
    with pytest.raises(PermissionError, match="denied"):
        file.unlink()


def test_a_lock_within_the_file_keeps_readers_out_and_one_beyond_its_end_does_not(
    windows: None, tmp_path: Path
) -> None:
    import msvcrt

    file = tmp_path / "a"
    file.write_bytes(b"content")
    with file.open("r+b") as first:
        msvcrt.locking(first.fileno(), msvcrt.LK_NBLCK, 1)
        with pytest.raises(PermissionError):
            file.read_bytes()
        first.seek(0)
        msvcrt.locking(first.fileno(), msvcrt.LK_UNLCK, 1)
        first.seek(1 << 30)
        msvcrt.locking(first.fileno(), msvcrt.LK_NBLCK, 1)
        assert file.read_bytes() == b"content"
        with file.open("r+b") as second, pytest.raises(OSError):
            second.seek(1 << 30)
            msvcrt.locking(second.fileno(), msvcrt.LK_NBLCK, 1)


@pytest.mark.parametrize(
    "name", ["NUL", "aux.txt", "com1.leads", "a:b", "who?", "*", "ends.", "ends ", "tab\t", "x" * 300]
)
def test_some_names_are_none(windows: None, tmp_path: Path, name: str) -> None:
    with pytest.raises(OSError):
        (tmp_path / name).open("wb")
    with pytest.raises(OSError):
        (tmp_path / name).mkdir()


def test_text_is_in_the_code_page_unless_the_code_says_otherwise(windows: None, tmp_path: Path) -> None:
    (tmp_path / "a").write_text("é", encoding="utf-8")
    with (tmp_path / "a").open() as file:
        assert file.read() == "Ã©"
    with pytest.raises(UnicodeEncodeError), (tmp_path / "b").open("w") as file:
        file.write("≠")


def test_a_pair_of_sockets_is_two_of_the_loopback(windows: None) -> None:
    first, second = socket.socketpair()
    with first, second:
        assert first.family == socket.AF_INET
        first.sendall(b"x")
        assert second.recv(1) == b"x"


def test_a_child_of_ours_is_on_windows_too() -> None:
    program = (
        "from leads_local import family, ending; print(family.os.name if hasattr(family, 'os') else ending.os.name)"
    )
    command = [
        sys.executable,
        "-c",
        f"import subprocess, sys; sys.exit(subprocess.call([sys.executable, '-c', {program!r}]))",
    ]
    start = "import sys; from tests.simulated_windows import simulate; simulate(); exec(sys.argv[1])"
    found = subprocess.run(
        [sys.executable, "-c", start, command[2]], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert (found.stdout, found.stderr) == ("nt\n", "")


def test_pythons_own_lock_reaches_two_gigabytes_and_windows_own_all(windows: None, tmp_path: Path) -> None:
    import msvcrt

    from tests.simulated_windows import kernel

    file = tmp_path / "a"
    with file.open("wb") as first, file.open("r+b") as second:
        first.seek(1 << 31)
        with pytest.raises(OSError, match="Invalid"):
            msvcrt.locking(first.fileno(), msvcrt.LK_NBLCK, 1)
        lock = kernel.library("kernel32").LockFile
        assert lock(first.fileno(), 0, 1 << 30, 1, 0) and not lock(second.fileno(), 0, 1 << 30, 1, 0)
        assert kernel.error().winerror == 33 and isinstance(kernel.error(), PermissionError)  # type: ignore[attr-defined, unused-ignore]
