"""A model is found in its manifest by whatever spelling of its name the disk takes for it, and never one for another.

Two names of one file (a hard link) are here what two spellings are on a disk of Windows or macOS."""

from __future__ import annotations

import json
import os
import sys
import unicodedata
from pathlib import Path

import pytest

from convert import manifest, spelling
from convert.command_line import main
from convert.errors import ConvertError
from tests.checkpoints import make_checkpoint
from tests.convert.test_lora import BASE
from tests.convert.test_manifest import ENTRY

NFC, NFD = (unicodedata.normalize(form, "Übung-Q8_0.gguf") for form in ("NFC", "NFD"))
ENTRY_SIZE = ENTRY.size


def listed(folder: Path, name: str, also: str = "") -> Path:
    """A model that was recorded by ``name``, and is there by ``also`` as well."""
    model = folder / name
    model.write_bytes(b"GGU")
    manifest.record(model, ENTRY)
    if also:
        os.link(model, folder / also)
    return folder / (also or name)


@pytest.mark.parametrize(("name", "also"), [("demo-Q8_0.gguf", "DEMO-q8_0.gguf"), (NFC, NFD), (NFD, NFC)])
def test_another_spelling_of_the_same_file_finds_its_entry(tmp_path: Path, name: str, also: str) -> None:
    model = listed(tmp_path, name, also)
    found = manifest.find_entry(model)
    assert found is not None and found["size"] == ENTRY_SIZE
    assert manifest.annotate(model, "compared", 1)
    entries = manifest.read(tmp_path / manifest.FILE_NAME)
    assert list(entries) == [name] and entries[name]["measured"] == {"compared": 1}


@pytest.mark.parametrize(("name", "other"), [("demo.gguf", "DEMO.gguf"), (NFC, NFD)])
def test_where_the_disk_tells_spellings_apart_so_do_we(tmp_path: Path, name: str, other: str) -> None:
    listed(tmp_path, name)
    (tmp_path / other).write_bytes(b"another model")
    assert manifest.find_entry(tmp_path / other) is None
    assert not manifest.annotate(tmp_path / other, "compared", 1)


def test_a_list_from_a_mac_is_of_the_files_that_came_with_it(tmp_path: Path) -> None:
    """The archive has composed names, the list decomposed ones, or the other way round."""
    for name, other in ((NFC, NFD), (NFD, NFC)):
        model = listed(tmp_path, name)
        model.rename(tmp_path / other)
        assert manifest.find_entry(tmp_path / other) is not None
        (tmp_path / other).unlink()
        (tmp_path / manifest.FILE_NAME).unlink()


def test_a_name_in_capitals_alone_is_not_enough(tmp_path: Path) -> None:
    listed(tmp_path, "demo.gguf").rename(tmp_path / "DEMO.gguf")
    assert manifest.find_entry(tmp_path / "DEMO.gguf") is None


def test_a_model_is_listed_once_by_its_newest_spelling(tmp_path: Path) -> None:
    model = listed(tmp_path, "demo.gguf", "DEMO.gguf")
    manifest.record(model, ENTRY)
    assert list(manifest.read(tmp_path / manifest.FILE_NAME)) == ["DEMO.gguf"]


def test_names_are_only_compared_with_names_in_the_folder(tmp_path: Path) -> None:
    assert spelling.listed_name([], tmp_path / "x") == ""
    assert spelling.listed_name(["y", "../X", "x\0"], tmp_path / "x") == ""


def test_a_name_that_is_not_utf_8_is_listed_and_found(tmp_path: Path) -> None:
    model = tmp_path / os.fsdecode(b"mod\xff.gguf")
    try:
        listed(tmp_path, model.name)
    except ConvertError as error:  # macOS refuses such a name
        pytest.skip(str(error))
    found = manifest.find_entry(model)
    assert found is not None and found["size"] == ENTRY_SIZE
    text = (tmp_path / manifest.FILE_NAME).read_bytes().decode("utf-8")
    assert r'"mod\udcff.gguf"' in text and list(json.loads(text)["models"]) == [model.name]
    listed(tmp_path, NFC)
    assert f'"{NFC}"' in (tmp_path / manifest.FILE_NAME).read_text(encoding="utf-8")


@pytest.mark.skipif(sys.platform != "linux", reason="such names are refused elsewhere")
def test_a_model_whose_name_is_not_utf_8_is_made_proved_and_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In every child its path goes to llama.cpp as the bytes that it is."""
    source = make_checkpoint(tmp_path / "source", **BASE)  # type: ignore[arg-type]
    made = str(tmp_path / os.fsdecode(b"mod\xff.gguf"))
    (tmp_path / "texts.jsonl").write_text(json.dumps({"ids": list(range(3, 99))}))
    texts = str(tmp_path / "texts.jsonl")
    assert main([str(source), "--quant", "Q8_0", "--out", made, "--quiet"]) == 0
    assert main(["verify", made, "--against", str(source)]) == 0
    assert main(["compare", made, made, "--from", texts]) == 0
    assert main(["imatrix", made, "--from", texts]) == 0
    said = capsys.readouterr()
    assert "good      hashes" in said.out and "96 tokens" in said.out and "is in the manifest entry" in said.err
