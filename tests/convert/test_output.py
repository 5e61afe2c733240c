"""The file being written: room, permission, lock, and that its name only ever stands for a whole file."""

from __future__ import annotations

import errno
import hashlib
import os
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import pytest

from convert.errors import ConvertError, WeightsError
from convert.lock import lock_file
from convert.output import Output


def test_a_finished_file_replaces_the_older_one(tmp_path: Path) -> None:
    path = tmp_path / "x.gguf"
    path.write_bytes(b"old")
    with Output(path, 3, "id") as output:
        output.write(b"ne")
        assert path.read_bytes() == b"old"
        output.write(memoryview(b"w"))
        output.commit()
    assert path.read_bytes() == b"new" and [item.name for item in tmp_path.iterdir()] == ["x.gguf"]


def test_without_a_whole_tensor_nothing_is_left(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), Output(tmp_path / "x.gguf", 3, "id") as output:
        output.write(b"new")
        raise RuntimeError
    assert not list(tmp_path.iterdir())


ENDS = [KeyboardInterrupt(), ConvertError("the disk is full"), OSError(errno.EIO, "I/O error"), RuntimeError("a fault")]


@pytest.mark.parametrize("end", ENDS, ids=lambda end: type(end).__name__)
def test_whole_tensors_are_kept_however_it_ends_and_gone_on_from(tmp_path: Path, end: BaseException) -> None:
    path = tmp_path / "x.gguf"
    with pytest.raises(type(end)) as caught, Output(path, 16, "id") as output:
        output.resume()
        output.write(b"headone.")
        output.mark()
        output.write(b"tw")
        raise end
    assert "(1 tensor, " in caught.value.__notes__[-1] and f"is kept in {path}.part" in caught.value.__notes__[-1]
    assert not path.exists()
    with Output(path, 16, "id") as output:
        assert output.resume() == 1 and not output.discarded
        output.write(b"two.rest")
        output.commit()
    assert path.read_bytes() == b"headone.two.rest" and [item.name for item in tmp_path.iterdir()] == ["x.gguf"]


def test_a_rename_that_fails_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.gguf"

    def fail(self: Path, target: Path) -> Path:
        raise PermissionError(errno.EACCES, "it is in use")

    with (
        pytest.raises(ConvertError, match="is whole, but can't get this name: it is in use") as caught,
        Output(path, 3, "id") as output,
    ):
        output.resume()
        output.write(b"new")
        output.mark()
        monkeypatch.setattr(Path, "replace", fail)
        output.commit()
    monkeypatch.undo()
    assert "is kept" in caught.value.__notes__[-1]
    with Output(path, 3, "id") as output:
        assert output.resume() == 1
        output.commit()
    assert path.read_bytes() == b"new" and [item.name for item in tmp_path.iterdir()] == ["x.gguf"]


def test_what_is_stopped_while_it_is_read_again_is_kept(tmp_path: Path) -> None:
    path = unfinished(tmp_path)

    def stop(count: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as caught, Output(path, 16, "id") as output:
        output.resume(stop)
    assert "2 tensors" in caught.value.__notes__[-1]
    with Output(path, 16, "id") as output:
        assert output.resume() == 2


def test_fresh_lets_go_of_what_is_there(tmp_path: Path) -> None:
    path = unfinished(tmp_path)
    with Output(path, 16, "id") as output:
        output.begin_anew()
        assert output.done == 0 and output.part.stat().st_size == 0
        output.write(b"headone.two.rest")
        output.commit()
    assert path.read_bytes() == b"headone.two.rest" and [item.name for item in tmp_path.iterdir()] == ["x.gguf"]


def test_what_another_conversion_left_is_let_go_of_and_said(tmp_path: Path) -> None:
    path = unfinished(tmp_path)
    with pytest.raises(RuntimeError), Output(path, 16, "id"):
        raise RuntimeError  # before it is looked at
    with Output(path, 16, "another") as output:
        assert output.resume() == 0 and output.discarded


def test_weights_that_can_not_be_stored_leave_nothing(tmp_path: Path) -> None:
    path = unfinished(tmp_path)
    with pytest.raises(WeightsError) as caught, Output(path, 16, "id") as output:
        assert output.resume() == 2
        raise WeightsError("it holds nan")
    assert not list(tmp_path.iterdir()) and not hasattr(caught.value, "__notes__")


def test_what_a_killed_run_left_is_started_anew(tmp_path: Path) -> None:
    (tmp_path / "x.gguf.part").write_bytes(b"half of something longer")
    with Output(tmp_path / "x.gguf", 3, "id") as output:
        assert output.resume() == 0
        output.write(b"new")
        output.commit()
    assert (tmp_path / "x.gguf").read_bytes() == b"new"


def test_two_runs_refuse_each_other_and_the_first_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "x.gguf"
    with Output(path, 3, "id") as output:
        output.write(b"ne")
        with pytest.raises(ConvertError, match="another conversion is writing"), Output(path, 3, "id"):
            pass
        output.write(b"w")
        output.commit()
    assert path.read_bytes() == b"new"


HOLD = """
import sys
from pathlib import Path
from convert.output import Output
with Output(Path(sys.argv[1]), 3, "id"):
    print("on", flush=True)
    input()
"""


def test_another_process_is_refused_until_the_first_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "x.gguf"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None and holder.stdout.readline() == b"on\n"
        with pytest.raises(ConvertError, match="another conversion"), Output(path, 3, "id"):
            pass
        holder.kill()
        holder.wait()
    assert path.with_name("x.gguf.part").exists()
    with Output(path, 3, "id") as output:
        assert output.resume() == 0
        output.write(b"new")
        output.commit()
    assert path.read_bytes() == b"new"


def test_a_lock_on_a_name_that_moved_away_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other run renames its finished file between our opening and our locking: we must lock a new one, not its
    result."""
    path, final = tmp_path / "x.part", tmp_path / "x"
    path.write_bytes(b"finished")
    opened = os.open

    def open_late(name: object, *arguments: int) -> int:
        found = opened(name, *arguments)  # type: ignore[arg-type]
        if name == path and not final.exists():
            path.rename(final)
        return found

    monkeypatch.setattr(os, "open", open_late)
    file = lock_file(path)
    assert file is not None and final.read_bytes() == b"finished" and path.read_bytes() == b""
    file.close()


def test_no_room_is_said_before_anything_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage(10**9, 10**9 - 5_000_000, 5_000_000))
    with (
        pytest.raises(ConvertError, match=r"4\.37 GB more are needed there, but 5\.0 MB are free"),
        Output(tmp_path / "x.gguf", 4_370_000_000, "id"),
    ):
        pass
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX limits")
def test_a_disk_that_fills_up_is_said_and_cleaned(tmp_path: Path) -> None:
    code = (
        "import resource, sys; from pathlib import Path; from convert.output import Output; from convert.errors "
        "import ConvertError\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "try:\n    with Output(Path(sys.argv[1]), 3, 'id') as output:\n        output.write(bytes(5000))\n"
        "except ConvertError as error:\n    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "x.gguf")], capture_output=True, text=True, check=True
    )
    assert "could not be written: the file is too large for this disk" in done.stdout and "--out" in done.stdout
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("method", ["write", "mark", "sync"])
def test_a_full_disk_is_said_wherever_it_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with (
        pytest.raises(ConvertError, match=r"x\.gguf: it could not be written: the disk is full"),
        Output(tmp_path / "x.gguf", 3, "id") as output,
    ):
        output.resume()
        monkeypatch.setattr(os, "fsync", full)
        monkeypatch.setattr("convert.journal.Journal.add", full)
        if method == "write":
            monkeypatch.setattr(output, "_file", _Full(output._file))
        {"write": lambda: output.write(b"new"), "mark": output.mark, "sync": output.sync}[method]()
    assert not list(tmp_path.iterdir())


class _Full:
    """An open file on a full disk."""

    def __init__(self, file: object) -> None:
        self._file = file

    def __getattr__(self, name: str) -> object:
        return getattr(self._file, name)

    def write(self, _: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_places_that_can_not_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path, reason in (
        (tmp_path / "none" / "x.gguf", "there is no such folder"),
        (tmp_path / "file" / "x.gguf", "file: this is a file, not a folder"),
        (tmp_path / "review.leads", "should be called something.gguf"),
        (tmp_path, "should be called something.gguf"),
    ):
        with pytest.raises(ConvertError, match=reason), Output(path, 3, "id"):
            pass
    (tmp_path / "folder.gguf").mkdir()
    with pytest.raises(ConvertError, match="this is a folder"), Output(tmp_path / "folder.gguf", 3, "id"):
        pass


def test_a_place_without_permission_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "closed"
    folder.mkdir()
    folder.chmod(0o500)
    if os.access(folder, os.W_OK):  # the superuser may write anywhere but here
        folder = Path("/sys")
    if os.access(folder, os.W_OK) and folder != Path("/sys"):
        pytest.skip("no folder here that may not be written")
    with pytest.raises(ConvertError, match=r"x\.gguf\.part: it can't be written"), Output(folder / "x.gguf", 3, "id"):
        pass


def unfinished(folder: Path) -> Path:
    """What a killed run leaves: a header, two tensors, and half of a third."""
    path = folder / "x.gguf"
    with Output(path, 16, "id") as output:
        output.resume()
        for part in (b"headone.", b"two."):
            output.write(part)
            output.mark()
        output.write(b"th")
    return path


def test_the_next_run_goes_on_after_the_last_whole_tensor(tmp_path: Path) -> None:
    path = unfinished(tmp_path)
    with Output(path, 16, "id") as output:
        assert output.resume() == 2 and output.done == 12
        output.write(b"rest")
        output.mark()
        assert output.sha256 == hashlib.sha256(b"headone.two.rest").hexdigest()
        output.commit()
    assert path.read_bytes() == b"headone.two.rest" and [item.name for item in tmp_path.iterdir()] == ["x.gguf"]


DAMAGE = {
    "another conversion": (lambda p, j: j.write_text(j.read_text().replace("id", "other")), 0),
    "no journal": (lambda p, j: j.unlink(), 0),
    "journal of noise": (lambda p, j: j.write_bytes(b"\xff\x00" * 99), 0),
    "journal cut in a line": (lambda p, j: j.write_bytes(j.read_bytes()[:-5]), 1),
    "journal that goes back": (lambda p, j: j.write_text(j.read_text() + "3 x\n"), 2),
    "journal beyond the file": (lambda p, j: j.write_text(j.read_text() + "99999999999999999 x\n"), 2),
    "second tensor damaged": (lambda p, j: p.write_bytes(b"headone.tvo.th"), 1),
    "header damaged": (lambda p, j: p.write_bytes(b"hxadone.two.th"), 0),
    "file cut short": (lambda p, j: p.write_bytes(b"headone.tw"), 1),
    "file empty": (lambda p, j: p.write_bytes(b""), 0),
}


@pytest.mark.parametrize(("damage", "expected"), DAMAGE.values(), ids=DAMAGE)
def test_only_what_has_its_hash_is_kept(tmp_path: Path, damage: object, expected: int) -> None:
    path = unfinished(tmp_path)
    damage(path.with_name("x.gguf.part"), path.with_name("x.gguf.part.journal"))  # type: ignore[operator]
    whole = b"headone.two.rest"
    with Output(path, 16, "id") as output:
        assert output.resume() == expected and output.done == (0, 8, 12)[expected]
        output.write(whole[output.done :])
        assert output.sha256 == hashlib.sha256(whole).hexdigest()
        output.commit()
    assert path.read_bytes() == whole


def test_no_room_does_not_throw_away_what_an_earlier_run_did(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = unfinished(tmp_path)
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage(100, 100, 0))
    with pytest.raises(ConvertError, match="are free"), Output(path, 16, "id"):
        pass
    monkeypatch.undo()
    with Output(path, 16, "id") as output:
        assert output.resume() == 2
