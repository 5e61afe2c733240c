"""Pipes, devices and folders in the place of files are named at once, and nothing waits for them."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from convert.errors import ConvertError
from convert.files import check_file
from convert.gguf_reader import read_gguf
from convert.output import Output
from convert.safetensors import read_header
from convert.settings import read_json, read_settings
from convert.texts import read_texts
from tests.convert.conftest import Maker

UNIX = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")


READERS = {
    "x.json": read_json,
    "x.gguf": read_gguf,
    "x.safetensors": read_header,
    "x.txt": lambda path: list(read_texts(path)),
    "y.gguf": lambda path: Output(path, 3, "id").__enter__(),
}


@UNIX
@pytest.mark.parametrize(("name", "read"), READERS.items(), ids=["json", "gguf", "safetensors", "texts", "output"])
def test_a_pipe_is_refused_wherever_a_file_is_read_or_written(
    tmp_path: Path, name: str, read: Callable[[Path], object]
) -> None:
    os.mkfifo(tmp_path / name)
    with pytest.raises(ConvertError, match="this is a pipe, not a file"):
        read(tmp_path / name)


@UNIX
def test_what_is_no_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    check_file(tmp_path / "file")
    check_file(tmp_path / "missing")
    with pytest.raises(ConvertError, match="this is a folder"):
        check_file(tmp_path)
    with pytest.raises(ConvertError, match="this is a device"):
        check_file(Path("/dev/zero"))
    place = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(os.path.relpath(place))
        with pytest.raises(ConvertError, match="this is a socket"):
            check_file(place)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="this system has no /proc")
def test_files_that_the_system_makes_as_they_are_read() -> None:
    with pytest.raises(ConvertError, match="made by the system"):
        check_file(Path("/proc/self/status"))


def test_a_byte_order_mark_is_read_over(checkpoint: Maker) -> None:
    file = checkpoint() / "config.json"
    plain = read_settings(file.parent)
    file.write_text(json.dumps(json.loads(file.read_text())), encoding="utf-8-sig")
    assert read_settings(file.parent) == plain
