"""manifest.json: entries are kept, damage is put aside, and two conversions at once lose nothing."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from convert import manifest
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
