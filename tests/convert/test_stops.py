"""However a conversion is stopped from outside, it goes on where it stood, and the file is the same."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from convert import convert
from convert.errors import ConvertError
from convert.pipeline import ConversionProgress
from tests.checkpoints import make_checkpoint
from tests.convert.conftest import SMALL

ROOT = Path(__file__).resolve().parents[2]
TENSORS = 57
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_checkpoint(tmp_path_factory.mktemp("stops") / "source", **SMALL | {"layers": 6, "ffn": 1024})  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def whole(source: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """What an undisturbed run makes."""
    return convert(source, "Q4_K_M", tmp_path_factory.mktemp("whole")).path.read_bytes()


def older(whole: bytes) -> bytes:
    """An earlier conversion's file of that name, which may be replaced: it begins as the new one will."""
    return whole[: len(whole) // 2]


@pytest.fixture
def out(tmp_path: Path, whole: bytes) -> Path:
    """Where the file goes; an older one is there."""
    path = tmp_path / "out" / "x.gguf"
    path.parent.mkdir()
    path.write_bytes(older(whole))
    return path


def command(source: Path, out: Path, *more: str) -> list[str]:
    asked = [str(source), "--quant", "Q4_K_M", "--threads", "1", "--out", str(out)]
    return [sys.executable, "-m", "convert", *asked, *more]


def wait_for_tensors(out: Path, count: int, running: subprocess.Popen[str]) -> None:
    journal = out.with_name("x.gguf.part.journal")
    while running.poll() is None and not (journal.exists() and len(journal.read_text().splitlines()) > count):
        time.sleep(0.01)


def stop(source: Path, out: Path, sent: signal.Signals, tensors: int = 12) -> tuple[int, str]:
    """Run until so many tensors are whole, send the signal. (exit code, what was said)."""
    with subprocess.Popen(command(source, out), stderr=subprocess.PIPE, text=True, cwd=ROOT) as running:
        wait_for_tensors(out, tensors, running)
        running.send_signal(sent)
        try:
            said = running.communicate(timeout=60)[1]
        finally:
            running.kill()
    return running.returncode, said


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


CODES = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129, signal.SIGKILL: -9} if os.name != "nt" else {}


@pytest.mark.parametrize("sent", CODES)
def test_a_stopped_run_is_gone_on_with(source: Path, whole: bytes, out: Path, sent: signal.Signals) -> None:
    code, said = stop(source, out, sent)
    assert code == CODES[sent] and "Traceback" not in said
    assert out.read_bytes() == older(whole)
    assert names(out.parent) == ["x.gguf", "x.gguf.part", "x.gguf.part.journal"]
    if sent != signal.SIGKILL:
        assert f"is kept in {out}.part: the same command goes on from there, --fresh begins anew" in said
    done = subprocess.run(command(source, out), capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0 and f"of {TENSORS} tensors; this one went on from there" in done.stderr
    assert out.read_bytes() == whole and names(out.parent) == ["manifest.json", "x.gguf"]


def test_a_run_that_is_stopped_again_and_again_gets_there(source: Path, whole: bytes, out: Path) -> None:
    for tensors, sent in enumerate((signal.SIGKILL, signal.SIGINT, signal.SIGTERM, signal.SIGKILL), 1):
        stop(source, out, sent, 10 * tensors)
    assert convert(source, "Q4_K_M", out).path.read_bytes() == whole


def test_what_was_damaged_meanwhile_is_made_again(source: Path, whole: bytes, out: Path) -> None:
    stop(source, out, signal.SIGKILL)
    part = out.with_name("x.gguf.part")
    end = int(out.with_name("x.gguf.part.journal").read_text().splitlines()[6].split()[0])
    data = bytearray(part.read_bytes())
    data[end + 1] ^= 1
    part.write_bytes(data)
    made = convert(source, "Q4_K_M", out)
    assert any(f"finished 6 of {TENSORS} tensors" in notice for notice in made.notices)
    assert made.path.read_bytes() == whole


def test_fresh_begins_anew(source: Path, whole: bytes, out: Path) -> None:
    stop(source, out, signal.SIGKILL)
    done = subprocess.run(command(source, out, "--fresh"), capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0 and "went on from there" not in done.stderr
    assert out.read_bytes() == whole and names(out.parent) == ["manifest.json", "x.gguf"]


def test_a_signal_before_the_first_tensor_leaves_nothing(source: Path, out: Path) -> None:
    def interrupt(progress: ConversionProgress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as caught:
        convert(source, "Q4_K_M", out, interrupt)
    assert names(out.parent) == ["x.gguf"] and not hasattr(caught.value, "__notes__")


def test_a_changed_source_is_not_gone_on_with(source: Path, out: Path) -> None:
    stop(source, out, signal.SIGKILL)
    os.utime(source / "model.safetensors")
    notices = convert(source, "Q4_K_M", out).notices
    assert "x.gguf.part was of another conversion, or damaged; this one began anew." in notices


# The check for room is told that there is plenty, so that the disk is really full in the middle of a tensor.
FILL = """
import collections, shutil, sys
shutil.disk_usage = lambda _: collections.namedtuple("usage", "total used free")(0, 0, 1 << 40)
from convert.command_line import main
sys.exit(main(sys.argv[1:]))
"""
FULL_DISK = """
mount -t tmpfs -o size=2m none "$1"
shift
"$PYTHON" -c "$FILL" "$@" --out "$DISK/x.gguf"
echo "$?" $(ls "$DISK")
"$PYTHON" -m convert "$@" --out "$DISK/x.gguf"
echo "$?" $(ls "$DISK")
mount -o remount,size=64m none "$DISK"
"$PYTHON" -m convert "$@" --out "$DISK/x.gguf"
echo "$?" $(ls "$DISK")
cp "$DISK/x.gguf" "$RESULT"
"""


def test_a_full_disk_keeps_what_is_on_it(source: Path, whole: bytes, tmp_path: Path) -> None:
    if not shutil.which("unshare") or subprocess.run(["unshare", "-rm", "true"], capture_output=True).returncode:
        pytest.skip("no disk of our own can be made here")
    disk, result = tmp_path / "disk", tmp_path / "result.gguf"
    disk.mkdir()
    given = {"PYTHON": sys.executable, "FILL": FILL, "DISK": str(disk), "RESULT": str(result)}
    asked = [str(disk), str(source), "--quant", "Q4_K_M", "--quiet"]
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", FULL_DISK, "sh", *asked],
        env=os.environ | given, capture_output=True, text=True, cwd=ROOT,
    )  # fmt: skip
    answers = [line for line in done.stdout.splitlines() if line[:1].isdigit()]
    assert answers == ["2 x.gguf.part x.gguf.part.journal"] * 2 + ["0 manifest.json x.gguf"], done.stderr
    full, refused, *after = done.stderr.splitlines()
    assert "could not be written: the disk is full" in full and f"is kept in {disk}/x.gguf.part" in full
    assert "MB more are needed there" in refused
    assert f"of {TENSORS} tensors; this one went on from there" in " ".join(after)
    assert result.read_bytes() == whole


def test_an_error_keeps_what_is_finished_and_names_it(
    source: Path, whole: bytes, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ConvertError("what is on the disk is not what was written.")

    monkeypatch.setattr("convert.pipeline.check_written", fail)
    with pytest.raises(ConvertError) as caught:
        convert(source, "Q4_K_M", out)
    assert f"{TENSORS} tensors" in caught.value.__notes__[0] and out.read_bytes() == older(whole)
    monkeypatch.undo()
    made = convert(source, "Q4_K_M", out)
    assert made.path.read_bytes() == whole and f"finished {TENSORS} of {TENSORS}" in " ".join(made.notices)


@pytest.mark.skipif(sys.platform != "linux", reason="/proc")
def test_a_second_and_a_third_signal_show_no_traceback_wherever_they_come(source: Path, out: Path) -> None:
    """From the first instruction of our own on: while the arguments are read, while it works, while it ends."""
    late = (
        "import os, runpy, signal, sys; sys.argv = ['convert', *sys.argv[1:]]\n"
        "import argparse; parse = argparse.ArgumentParser.parse_args\n"
        "def twice(*given):\n    [os.kill(os.getpid(), signal.SIGINT) for _ in range(2)]\n    return parse(*given)\n"
        "argparse.ArgumentParser.parse_args = twice\n"
        "runpy.run_module('convert', run_name='__main__')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", late, *command(source, out)[3:]], capture_output=True, text=True, cwd=ROOT
    )
    assert (done.returncode, done.stderr) == (
        130,
        "Stopped. Nothing unfinished was kept; what was there before is as it was.\n",
    )
    for pause in (0.0, 0.1, 0.3):
        with subprocess.Popen(command(source, out), stderr=subprocess.PIPE, text=True, cwd=ROOT) as running:
            while running.poll() is None and not _has_taken_over(running.pid):
                time.sleep(0.002)
            time.sleep(pause)
            for _ in range(3):
                running.send_signal(signal.SIGINT)
                time.sleep(0.01)
            try:
                said = running.communicate(timeout=60)[1]
            finally:
                running.kill()
        assert "Traceback" not in said and "Error" not in said, said


def _has_taken_over(pid: int) -> bool:
    """Whether the signals mean what they should by now: SIGTERM is not Python's own to hear."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return any(line.startswith("SigCgt") and int(line.split()[1], 16) & 1 << signal.SIGTERM - 1 for line in lines)
