"""A conversion and all that belongs to it, as a user of Windows meets it: each command is a program of its own, which
refuses what Windows refuses (``tests/simulated_windows``)."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from convert import convert, disk, manifest, place
from convert.checkpoint import open_checkpoint
from convert.errors import ConvertError
from convert.gguf_reader import read_gguf
from convert.lock import drop_lock, lock_file
from convert.output import Output
from convert.safetensors import read_header
from tests.checkpoints import make_checkpoint
from tests.convert.test_lora import BASE, PLAIN, adapter
from tests.convert.test_stops import names, older, wait_for_tensors

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Windows is acted with what Linux tells of open files")
ROOT = Path(__file__).resolve().parents[2]


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "tests.simulated_windows", "convert", *map(str, arguments)]


def run(*arguments: object, code: int = 0) -> str:
    """What the command says on Windows, on stdout and then on stderr."""
    done = subprocess.run(command(*arguments), cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == code and "Traceback" not in done.stderr, done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_checkpoint(tmp_path_factory.mktemp("windows") / "source", **BASE | {"layers": 6, "ffn": 1024})  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def whole(source: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """What is made elsewhere."""
    return convert(source, "Q4_K_M", tmp_path_factory.mktemp("whole")).path.read_bytes()


def test_a_file_is_planned_made_proved_compared_and_made_smaller(tmp_path: Path, source: Path, whole: bytes) -> None:
    (tmp_path / "texts.jsonl").write_text(json.dumps({"ids": list(range(3, 400))}))
    assert "Q4_K_M" in run("plan", source, "--out", tmp_path)
    for quant in ("Q4_K_M", "BF16"):
        assert f"source-{quant}.gguf" in run(source, "--quant", quant, "--out", tmp_path, "--quiet")
    small, large = (tmp_path / f"source-{quant}.gguf" for quant in ("Q4_K_M", "BF16"))
    assert small.read_bytes() == whole
    assert "good      hashes" in run("verify", small, "--against", source)
    assert "397 tokens" in run("imatrix", large, "--from", tmp_path, "--out", tmp_path / "m.gguf")
    run(source, "--quant", "IQ3_XS", "--imatrix", tmp_path / "m.gguf", "--out", tmp_path / "tiny.gguf", "--quiet")
    assert "is in the manifest entry" in run("compare", large, small, "--from", tmp_path)
    assert "Run it on Linux" in run("bench", "--peer", tmp_path, code=2)
    entries = manifest.read(tmp_path / manifest.FILE_NAME)
    assert sorted(entries) == ["source-BF16.gguf", "source-Q4_K_M.gguf", "tiny.gguf"]
    assert "compared with source-BF16.gguf" in entries["source-Q4_K_M.gguf"]["measured"]
    assert names(tmp_path) == sorted(["m.gguf", "manifest.json", *entries, "texts.jsonl"])


def test_an_adapter_is_merged(tmp_path: Path) -> None:
    base = make_checkpoint(tmp_path / "base", **BASE)  # type: ignore[arg-type]
    adapter(tmp_path / "adapter", PLAIN)
    made = tmp_path / "merged.gguf"
    run(base, "--quant", "Q8_0", "--lora", tmp_path / "adapter", "--out", made, "--quiet")
    assert "good      hashes" in run("verify", made, "--against", base, "--lora", tmp_path / "adapter")


@pytest.mark.parametrize(("sent", "fresh"), [("SIGKILL", False), ("SIGKILL", True), ("SIGINT", False)])
def test_a_stopped_run_is_gone_on_with(tmp_path: Path, source: Path, whole: bytes, sent: str, fresh: bool) -> None:
    out = tmp_path / "x.gguf"
    asked = (source, "--quant", "Q4_K_M", "--threads", 1, "--out", out)
    with subprocess.Popen(command(*asked), stderr=subprocess.PIPE, text=True, cwd=ROOT) as running:
        wait_for_tensors(out, 12, running)
        running.send_signal(signal.SIGSTOP)
        assert "another conversion is writing" in run(*asked, code=2)
        running.send_signal(signal.Signals[sent])
        running.send_signal(signal.SIGCONT)
        said = running.communicate(timeout=60)[1]
    assert running.returncode == (130 if sent == "SIGINT" else -9) and "Traceback" not in said
    assert sent == "SIGKILL" or "is kept in" in said
    assert names(tmp_path) == ["x.gguf.part", "x.gguf.part.journal"]
    said = run(*asked, *(["--fresh"] if fresh else []), "--quiet")
    assert ("this one went on from there" in said) != fresh
    assert out.read_bytes() == whole and names(tmp_path) == ["manifest.json", "x.gguf"]


@pytest.fixture
def in_use(tmp_path: Path, whole: bytes) -> Iterator[subprocess.Popen[str]]:
    """A model that a program has mapped, as llama.cpp does, until it gets a line."""
    path = tmp_path / "x.gguf"
    path.write_bytes(older(whole))
    program = (
        f"import mmap\nwith open({str(path)!r}, 'rb') as file:\n    found = mmap.mmap(file.fileno(), 0, access=1)\n"
        "print(1, flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as user:
        assert user.stdout is not None and user.stdout.readline() == "1\n"
        yield user


def test_a_model_in_use_costs_a_rename_and_no_work(
    tmp_path: Path,
    source: Path,
    whole: bytes,
    in_use: subprocess.Popen[str],
    windows: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(disk, "PATIENCE", 0.3)
    out = tmp_path / "x.gguf"
    with pytest.raises(ConvertError) as caught:
        convert(source, "Q4_K_M", out)
    said = str(caught.value)
    assert f"{out}: the new file is whole, but can't get this name" in said and "close the program that uses" in said
    assert "57 tensors" in caught.value.__notes__[0] and "the same command goes on" in caught.value.__notes__[0]
    assert names(tmp_path) == ["x.gguf", "x.gguf.part", "x.gguf.part.journal"]
    assert out.with_name("x.gguf.part").read_bytes() == whole
    in_use.communicate("\n")
    made = convert(source, "Q4_K_M", out)
    assert "finished 57 of 57 tensors" in made.notices[-1] and out.read_bytes() == whole
    assert names(tmp_path) == ["manifest.json", "x.gguf"]


def test_who_looks_at_the_new_file_for_a_moment_is_waited_for(windows: None, tmp_path: Path) -> None:
    """A virus scanner."""
    path = tmp_path / "x.gguf"
    with Output(path, 3, "id") as output:
        output.resume()
        output.write(b"new")
        output.mark()
        scanned = output.part.open("rb")
        scanner = threading.Timer(0.5, scanned.close)
        scanner.start()
        start = time.monotonic()
        output.commit()
    assert 0.4 < time.monotonic() - start < disk.PATIENCE
    assert path.read_bytes() == b"new" and names(tmp_path) == ["x.gguf"]


def test_only_what_is_in_use_is_tried_again(windows: None, tmp_path: Path) -> None:
    start = time.monotonic()
    with pytest.raises(FileNotFoundError):
        disk.rename(tmp_path / "none", tmp_path / "x")
    assert time.monotonic() - start < disk.PATIENCE / 2


def test_a_lock_binds_others_but_no_reader_however_large_the_file(windows: None, tmp_path: Path) -> None:
    path = tmp_path / "x.gguf.part"
    file = lock_file(path)
    assert file is not None
    file.truncate(5 << 30)  # without content: it takes no disk
    program = (
        "import sys; from pathlib import Path; from convert.lock import lock_file; path = Path(sys.argv[1])\n"
        "print(lock_file(path)); file = path.open('rb'); file.seek(3 << 30); print(len(file.read(9)))"
    )
    other = subprocess.run([sys.executable, "-c", program, str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert other.stdout == "None\n9\n"
    file.close()
    again = lock_file(path)
    assert again is not None
    again.close()


def test_a_lock_file_that_another_waits_for_stays_for_him(windows: None, tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    first = lock_file(path)
    assert first is not None
    with path.open("rb"):
        drop_lock(first, path)
        assert path.exists()
    second = lock_file(path)
    assert second is not None
    drop_lock(second, path)
    assert not path.exists()


def test_what_was_converted_can_be_moved_and_removed_at_once(windows: None, tmp_path: Path, source: Path) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    for file in source.iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    made = convert(copy, "Q8_0", tmp_path)
    made.path.rename(tmp_path / "elsewhere.gguf")
    for file in copy.iterdir():
        file.unlink()


@pytest.mark.parametrize("name", [manifest.FILE_NAME, "x.gguf"])
def test_a_file_that_may_not_be_replaced_is_said_before_the_work(
    windows: None, tmp_path: Path, source: Path, name: str
) -> None:
    (tmp_path / name).write_text('{"format": 1, "models": {}}')
    (tmp_path / name).chmod(0o444)
    with pytest.raises(ConvertError, match=f"{name}: this file is read-only, so it can't be replaced"):
        convert(source, "Q4_K_M", tmp_path / "x.gguf", lambda progress: pytest.fail("it was begun"))
    assert names(tmp_path) == [name]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("NUL.gguf", "on Windows NUL is a device"),
        ("con.v2-Q8_0.gguf", "on Windows con is a device"),
        ("LPT1 .gguf", "is a device"),
        ("leads:7b.gguf", "no name on Windows can hold ':'"),
        ("leads?.gguf", r"can hold '\?'"),
        ("leads\t7b.gguf", r"can hold '\\t'"),
        ("x" * 250 + ".gguf", "this name is 255 characters long, and 238 is the most here"),
        (
            "ü" * 200 + ".gguf",
            r"characters long, and this Windows takes 259\. Give a place nearer to the drive",
        ),
        ("model.gguf.", "should be called something.gguf"),
    ],
)
def test_names_that_windows_can_not_have_are_said_first(windows: None, tmp_path: Path, name: str, reason: str) -> None:
    with pytest.raises(ConvertError, match=reason):
        place.check_place(tmp_path / name)


@pytest.mark.parametrize("name", ["nullify.gguf", "console-Q8_0.gguf", "com10.gguf", "Übung.gguf", "a.b.gguf"])
def test_other_names_are_fine(windows: None, tmp_path: Path, name: str) -> None:
    with Output(tmp_path / name, 3, "id") as output:
        output.write(b"new")
        output.commit()


def test_a_path_that_is_too_long_is_not_called_missing(
    windows: None, tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = tmp_path / "/".join("x" * 60 for _ in range(4))
    for ask in (open_checkpoint, read_gguf, read_header):
        with pytest.raises(ConvertError, match=rf"this path is {len(str(deep / 'a'))}|\d+ characters long"):
            ask(deep / "a")  # type: ignore[operator]
    with pytest.raises(ConvertError, match="LongPathsEnabled"):
        place.check_place(deep / "x.gguf")
    monkeypatch.setattr("convert.files._takes_long_paths", lambda: True)
    with pytest.raises(ConvertError, match="there is no such folder"):
        place.check_place(deep / "x.gguf")


def test_a_checkpoint_that_is_closed_lets_its_files_go(windows: None, tmp_path: Path) -> None:
    checkpoint = open_checkpoint(make_checkpoint(tmp_path / "source", **BASE))  # type: ignore[arg-type]
    file = checkpoint.folder / "model.safetensors"
    assert checkpoint.rows(checkpoint.tensors["model.norm.weight"]).size
    with pytest.raises(PermissionError):
        file.unlink()
    checkpoint.close()
    file.unlink()
