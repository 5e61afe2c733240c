"""Telling of work never undoes it: what a console lacks, a reader that has gone, a disk that is full."""

from __future__ import annotations

import errno
import io
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from leads_local import streams
from tests.patience import patience

ROOT = Path(__file__).resolve().parents[1]
PREPARE = "from leads_local import streams\nstreams.prepare()\nimport os, sys\n"
HARD = "≠ […] “ ” é 中 \udcff"
WINDOWS = """
import errno, io, os
from leads_local import streams
class Pipe(io.FileIO):  # what Windows says of a pipe whose reader is gone
    def write(self, data):
        try:
            return super().write(data)
        except BrokenPipeError:
            raise OSError(errno.EINVAL, "Invalid argument") from None
streams.LastingStream.__bases__ = (Pipe,)
"""


def python(code: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        cwd=ROOT,
        env={**os.environ, **environment},
        timeout=patience(30),
    )


def test_the_converter_has_the_same_text() -> None:
    assert (ROOT / "convert" / "streams.py").read_bytes() == (ROOT / "leads_local" / "streams.py").read_bytes()


@pytest.mark.parametrize("name", ["stdout", "stderr"])
@pytest.mark.parametrize("encoding", ["cp1252", "cp850", "latin-1", "ascii", "utf-8"])
def test_what_a_console_lacks_comes_as_a_mark(encoding: str, name: str) -> None:
    done = python(f"{PREPARE}print({HARD!a}, file=sys.{name})", PYTHONIOENCODING=f"{encoding}:strict")
    assert done.returncode == 0
    told = (done.stdout, done.stderr) if name == "stdout" else (done.stderr, done.stdout)
    assert told == (f"{HARD}\n".replace("\n", os.linesep).encode(encoding, "replace"), b"")


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("system", ["", WINDOWS], ids=["here", "Windows"])
@pytest.mark.parametrize("name", ["stdout", "stderr"])
def test_work_goes_on_when_its_reader_has_gone(name: str, system: str, unbuffered: str, tmp_path: Path) -> None:
    """The last words are left in the buffer, for the end of the program to write."""
    code = f"{system}{PREPARE}from pathlib import Path\n" + (
        "import time\n"
        f"stream = sys.{name}\n"
        "print('begun', file=stream, flush=True)\n"
        "sys.stdin.read()\n"
        "for _ in range(3): print('x' * 100_000, file=stream, flush=True)\n"
        "print('last words', end='', file=stream)\n"
        f"Path({str(tmp_path / 'done')!r}).write_text('all of it')\n"
        "sys.exit(7)\n"
    )
    if system:
        code = f"import os\nreal = os.name\n{code}".replace(PREPARE, f"os.name = 'nt'\n{PREPARE}os.name = real\n")
    other = {"stdout": "stderr", "stderr": "stdout"}[name]
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
    ) as program:
        read, rest = getattr(program, name), getattr(program, other)
        assert read.readline() == b"begun\n"
        read.close()
        assert program.stdin is not None
        program.stdin.close()
        assert rest.read() == b""
        assert program.wait(patience(30)) == 7
    assert (tmp_path / "done").read_text() == "all of it"


@pytest.mark.parametrize(
    ("mode", "system", "gone", "not_gone"),
    [
        (stat.S_IFIFO, "posix", errno.EPIPE, errno.EINVAL),
        (stat.S_IFIFO, "nt", errno.EINVAL, errno.ENOSPC),
        (stat.S_IFIFO, "nt", errno.EPIPE, errno.EIO),
        (stat.S_IFSOCK, "posix", errno.ECONNRESET, errno.EINVAL),
        (stat.S_IFCHR, "posix", errno.EIO, errno.ENOSPC),
        (stat.S_IFREG, "posix", None, errno.EIO),
        (stat.S_IFREG, "nt", None, errno.EINVAL),
    ],
)
def test_what_says_that_nobody_reads(mode: int, system: str, gone: int | None, not_gone: int) -> None:
    found = streams.errors_of_gone_reader(mode, system)
    assert not_gone not in found and (gone is None or gone in found)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full")
@pytest.mark.parametrize("name", ["stdout", "stderr"])
def test_what_the_system_refuses_names_the_stream(name: str) -> None:
    code = PREPARE + (
        f"full = os.open('/dev/full', os.O_WRONLY)\nos.dup2(full, {1 if name == 'stdout' else 2})\n"
        f"try:\n    print('x', file=sys.{name}, flush=True)\n"
        "except OSError as error:\n    told = f'{error.filename}: {error.strerror}'\n"
        "streams.flush()\n"
        f"print(told, file=sys.{'stderr' if name == 'stdout' else 'stdout'})\n"
    )
    done = python(code)
    assert done.returncode == 0
    assert (done.stdout + done.stderr).decode().split("\n")[0] == f"{streams.STREAMS[name]}: No space left on device"


def test_a_stream_that_was_closed_before_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    streams.prepare()
    streams.flush()
    assert sys.stdout is None


def test_streams_that_somebody_has_put_there_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    put: dict[str, Callable[[], io.TextIOBase]] = {
        "stdout": io.StringIO,
        "stderr": lambda: io.TextIOWrapper(io.BytesIO()),
    }
    for name, make in put.items():
        monkeypatch.setattr(sys, name, make())
    before = sys.stdout, sys.stderr
    streams.prepare()
    assert (sys.stdout, sys.stderr) == before


def test_other_streams_take_what_they_lack_as_a_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, "ascii", "strict", write_through=True))
    streams.prepare()
    print("a ≠ b", end="")
    assert written.getvalue() == b"a ? b"


def test_preparing_again_changes_nothing() -> None:
    code = f"{PREPARE}one = sys.stdout\nstreams.prepare()\nassert sys.stdout is one is sys.__stdout__\nprint('ö')"
    done = python(code, PYTHONIOENCODING="utf-8")
    assert (done.returncode, done.stdout.split()) == (0, ["ö".encode()])
