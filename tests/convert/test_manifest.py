"""manifest.json: entries are kept, damage is put aside, and two conversions at once lose nothing."""

from __future__ import annotations

import errno
import json
import os
import threading
from pathlib import Path

import pytest

from convert import convert, manifest
from convert.errors import ConvertError
from convert.manifest import ManifestEntry, SourceFile, read, record

ENTRY = ManifestEntry(
    "m",
    3,
    "0" * 64,
    "Q8_0",
    "MistralForCausalLM",
    1024,
    5,
    1,
    (SourceFile("config.json", 1, "1" * 64),),
    {"ggml": "1"},
    "2026-01-01",
)


def test_entries_are_kept_and_replaced(tmp_path: Path) -> None:
    assert record(tmp_path / "a.gguf", ENTRY) is None
    record(tmp_path / "b.gguf", ENTRY)
    record(
        tmp_path / "a.gguf",
        ManifestEntry(**{name: getattr(ENTRY, name) for name in ManifestEntry.__slots__} | {"size": 9}),
    )
    found = read(tmp_path / manifest.FILE_NAME)
    assert (found["a.gguf"]["size"], found["b.gguf"]["size"]) == (9, 3)
    assert found["b.gguf"]["sources"] == [{"file": "config.json", "size": 1, "sha256": "1" * 64}]
    assert [item.name for item in tmp_path.iterdir()] == [manifest.FILE_NAME]


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"models": []}', '{"format": 99, "models": {}}', '{"format": 1, "models": {"a": 1}}', "[" * 99999],
)
def test_a_damaged_manifest_is_put_aside_not_lost(tmp_path: Path, text: str) -> None:
    path = tmp_path / manifest.FILE_NAME
    path.write_text(text)
    with pytest.raises(ConvertError, match=r"manifest\.json"):
        read(path)
    aside = record(tmp_path / "a.gguf", ENTRY)
    assert aside is not None and aside.read_text() == text and list(read(path)) == ["a.gguf"]


def test_what_is_measured_through_a_link_is_known_of_the_file(tmp_path: Path) -> None:
    model, link = tmp_path / "there" / "a.gguf", tmp_path / "here" / "link.gguf"
    for path in (model, link):
        path.parent.mkdir()
    model.touch()
    link.symlink_to(model)
    record(model, ENTRY)
    assert manifest.annotate(link, "compared", 1) and not manifest.annotate(tmp_path / "here" / "none.gguf", "x", 1)
    found = manifest.find_entry(link)
    assert found is not None and found["measured"] == {"compared": 1} and [*link.parent.iterdir()] == [link]


def test_conversions_at_once_keep_each_others_entries(tmp_path: Path) -> None:
    names = [f"{number}.gguf" for number in range(12)]
    threads = [threading.Thread(target=record, args=(tmp_path / name, ENTRY)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(json.loads((tmp_path / manifest.FILE_NAME).read_text())["models"]) == sorted(names)


def test_a_manifest_that_is_held_too_long_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manifest, "PATIENCE", 0.1)
    with (
        manifest._hold_lock(tmp_path / manifest.FILE_NAME),
        pytest.raises(ConvertError, match="another program holds it"),
    ):
        record(tmp_path / "a.gguf", ENTRY)


def test_a_list_that_can_not_be_written_is_said_and_the_model_named(
    tmp_path: Path, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    model = tmp_path / "a.gguf"
    recorded = manifest.record

    def record_on_full_disk(path: Path, entry: ManifestEntry) -> Path | None:
        with monkeypatch.context() as disk_is_full:
            disk_is_full.setattr("convert.disk.sync", full)
            return recorded(path, entry)

    monkeypatch.setattr(manifest, "record", record_on_full_disk)
    with pytest.raises(
        ConvertError, match=r"manifest\.json: it could not be written: the disk is full\. Make"
    ) as caught:
        convert(small, "Q8_0", model)
    assert caught.value.__notes__ == [
        f"{model} is whole and can be used; only where it comes from is not written down."
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["a.gguf"]


def test_a_folder_that_may_only_be_read_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = os.open

    def read_only(path: object, flags: int, *more: int) -> int:
        if flags & os.O_CREAT:
            raise OSError(errno.EROFS, "Read-only file system")
        return opened(path, flags, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", read_only)
    said = (
        r"manifest\.json: it could not be written: Read-only file system\. Make room there, and see that you may write"
    )
    with pytest.raises(ConvertError, match=said):
        manifest.annotate(tmp_path / "a.gguf", "compared", 1)
    with pytest.raises(ConvertError, match=said):
        manifest.check_place(tmp_path / "a.gguf")
