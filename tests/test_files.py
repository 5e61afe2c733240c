"""Whatever stands where a file was named, it is said at once; nothing waits for a pipe or reads a device."""

from __future__ import annotations

import os
import socket
import stat
from pathlib import Path

import pytest

from leads_local import files
from leads_local.citations import read_file
from leads_local.cli import bench
from leads_local.cli.models import find_model
from leads_local.documents import reader
from leads_local.documents.finding import find_pdfs
from leads_local.engine import header
from leads_local.engine.installed import list_installed, read_manifest_entry
from leads_local.errors import InputError, LeadsError, ModelError
from leads_local.tasks import forms, prompts
from tests.documents.test_finding import keep_elsewhere

UNIX = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")


def test_a_file_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    assert files.why_unreadable(tmp_path / "a") == ""
    files.require_file(tmp_path / "a", "a form", "Do.")


@pytest.mark.parametrize("name", ["none", "a\0b"])
def test_a_file_that_is_missing(tmp_path: Path, name: str) -> None:
    assert files.why_unreadable(tmp_path / name) == "there is no such file"
    with pytest.raises(ModelError, match="there is no such file"):
        files.require_file(tmp_path / name, "a model", "Do.", ModelError)


def test_a_name_that_is_too_long(tmp_path: Path) -> None:
    assert files.why_unreadable(tmp_path / ("x" * 5000)).startswith("it can't be read: ")


def test_a_model_that_is_only_online_is_refused_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.gguf").write_bytes(b"GGUF")
    opened = keep_elsewhere("a.gguf", {"st_file_attributes": 0x400020}, monkeypatch)
    with pytest.raises(LeadsError, match="make it available offline"):
        header.read(tmp_path / "a.gguf")
    assert opened == []


@UNIX
def test_what_is_no_file_is_named(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert files.why_unreadable(tmp_path / "pipe", "a form") == "this is a pipe, not a form"
    assert files.why_unreadable(tmp_path) == "this is a folder, not a file"
    assert files.why_unreadable(Path("/dev/zero")) == "this is a device, not a file"
    (tmp_path / "link").symlink_to("/dev/zero")
    assert files.why_unreadable(tmp_path / "link") == "this is a device, not a file"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(os.path.relpath(tmp_path / "s"))
        assert files.why_unreadable(tmp_path / "s") == "this is a socket, not a file"


def test_a_disk_is_a_device(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = os.stat_result((stat.S_IFBLK | 0o660, 1, 2, 1, 0, 0, 0, 0, 0, 0))
    monkeypatch.setattr(Path, "stat", lambda self, **_: disk)
    assert files.why_unreadable(tmp_path) == "this is a device, not a file"


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="this system has no /proc")
def test_files_that_the_system_makes_up(tmp_path: Path) -> None:
    assert "makes this up" in files.why_unreadable(Path("/proc/self/status"))
    with (tmp_path / "a").open("w") as opened:
        assert files.why_unreadable(Path(f"/proc/self/fd/{opened.fileno()}")) == ""


READERS = {
    "citations": read_file,
    "pdfs": find_pdfs,
    "form": forms.load,
    "model": header.read,
    "models": lambda path: find_model(str(path)),
    "prompts": prompts.import_upstream,
    "server": lambda path: bench._check_settings(path, {"model": str(path)}),
}


@UNIX
@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
def test_every_command_refuses_a_pipe_and_a_device(tmp_path: Path, read: object) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero")):
        with pytest.raises(LeadsError) as caught:
            read(path)  # type: ignore[operator]
        assert str(path) in caught.value.message and caught.value.hint
        assert any(word in caught.value.message for word in ("pipe", "device", "no checkout"))


@UNIX
def test_a_pdf_that_is_a_pipe_is_a_problem_of_its_own(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.pdf")
    assert reader.read(tmp_path / "a.pdf").problem == "a.pdf: this is a pipe, not a PDF file."
    with pytest.raises(InputError, match="holds no PDF files"):
        find_pdfs(tmp_path)


@UNIX
def test_pipes_among_the_models_are_passed_over(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.gguf")
    os.mkfifo(tmp_path / "manifest.json")
    assert list_installed([tmp_path]) == []
    assert read_manifest_entry(tmp_path / "a.gguf") == {}


def test_a_stored_path_leads_back_to_its_file(tmp_path: Path) -> None:
    for path in (tmp_path / "a b%20.pdf", Path("relative/ü.pdf"), tmp_path / os.fsdecode(b"M\xfcller.pdf")):
        assert files.path_of(files.path_text(path)) == path
