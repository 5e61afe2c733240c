"""Nothing that depends on a model is taken over by another one, however alike the two files are; and a file is read
whole once."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pytest

from convert.gguf_reader import read_gguf
from leads_local import paths
from leads_local.engine import identity
from leads_local.engine.disk_prefix_cache import DiskPrefixCache
from leads_local.engine.json_style import DEFAULT_STYLE
from leads_local.engine.types import ModelInfo, Request
from leads_local.errors import ModelError
from leads_local.jobs import job_queue
from leads_local.review.store.job_rows import RowQuestion
from leads_local.tasks import style_probe, style_store

TOKENS = np.ones(2000, np.int32)


@pytest.fixture
def remembering(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that were written just now are remembered, too."""
    monkeypatch.setattr(identity, "_CLOCK_STEP", 0)


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that were read whole."""
    found: list[str] = []
    real = hashlib.file_digest
    monkeypatch.setattr(
        hashlib, "file_digest", lambda file, name: (found.append(Path(file.name).name), real(file, name))[1]
    )
    return found


def key(sha256: str) -> str:
    model = ModelInfo("a merge", "/models/a.gguf", sha256, "llama", "F32", 9_000_000)
    return job_queue.question_key(RowQuestion("screening", "abstract", 1), Request("r", "prompt"), model, "default")


def states(model: Path) -> int:
    """How many tokens of the paper are on disk for ``model``."""
    return DiskPrefixCache(model, "f16", 1 << 20).best(TOKENS, 0)[1]


@pytest.mark.usefixtures("remembering")
def test_twenty_models_that_differ_in_one_number_of_one_tensor_share_nothing(tiny: Path, tmp_path: Path) -> None:
    """In one place, one after the other, with one size, one time and one manifest."""
    model = tmp_path / "merge.gguf"
    shutil.copy(tiny, model)
    stat, first = model.stat(), identity.of(model)
    entry = {"name": "a merge", "size": stat.st_size, "sha256": first}
    (tmp_path / "manifest.json").write_text(json.dumps({"models": {model.name: entry}}))
    assert DiskPrefixCache(model, "f16", 1 << 20).save(TOKENS, 4, lambda file: file.write_bytes(b"text") > 0)
    assert states(model) == 2000
    style_store.keep(identity.of(model), {"default/arms": style_store.StyleFinding(DEFAULT_STYLE, "{")})
    found, keys = {first}, {key(first)}
    tensors = read_gguf(model).tensors[:20]
    for tensor in tensors:
        data = bytearray(tiny.read_bytes())
        data[tensor.start + tensor.size // 2] ^= 1
        model.write_bytes(data)
        os.utime(model, ns=(stat.st_atime_ns, stat.st_mtime_ns))
        assert (model.stat().st_size, model.stat().st_mtime_ns) == (stat.st_size, stat.st_mtime_ns)
        assert states(model) == 0
        assert style_store.read_findings(style_probe.identity(ModelInfo("a merge", str(model)))) == {}
        found.add(identity.of(model))
        keys.add(key(identity.of(model)))
    assert len(found) == len(keys) == 1 + len(tensors) == 21
    shutil.copy(tiny, model)
    assert states(model) == 2000 and style_store.read_findings(style_probe.identity(ModelInfo("a merge", str(model))))


@pytest.mark.usefixtures("remembering")
def test_a_file_that_was_moved_into_the_place_of_another_is_read(tmp_path: Path) -> None:
    model, other = tmp_path / "m.gguf", tmp_path / "n.gguf"
    for file in (model, other):
        file.write_bytes(os.urandom(3000))
        os.utime(file, (1e9, 1e9))
    before = identity.of(model)
    other.replace(model)
    assert identity.of(model) == hashlib.sha256(model.read_bytes()).hexdigest() != before


def test_it_is_the_hash_that_convert_writes_so_that_earlier_answers_are_found(tiny: Path) -> None:
    """Keys of answers in reviews hold the manifest's hash: where the file is that file, its answers are still its
    answers."""
    entry = json.loads((tiny.parent / "manifest.json").read_text())["models"][tiny.name]
    assert identity.of(tiny) == entry["sha256"]
    asked = ["screening", "abstract", 1, "", "prompt", None, 1024]
    assert (
        key(identity.of(tiny)) == hashlib.sha256(json.dumps([asked, entry["sha256"], "default"]).encode()).hexdigest()
    )


@pytest.mark.usefixtures("remembering")
def test_a_file_is_read_whole_once(tmp_path: Path, reads: list[str]) -> None:
    model = tmp_path / "m.gguf"
    model.write_bytes(bytes(3000))
    assert {identity.of(model) for _ in range(5)} == {hashlib.sha256(bytes(3000)).hexdigest()}
    DiskPrefixCache(model, "f16", 1 << 20)
    assert reads == ["m.gguf"]
    if sys.platform != "win32":
        assert paths.identities_file().stat().st_mode & 0o777 == 0o600
    for number in range(300):
        file = tmp_path / f"{number}.gguf"
        file.write_bytes(b"x")
        identity.of(file)
    assert len(json.loads(paths.identities_file().read_text())) == 200


def test_a_file_that_was_written_just_now_is_read_each_time(tmp_path: Path, reads: list[str]) -> None:
    """A clock may give two changes the same time."""
    model = tmp_path / "m.gguf"
    model.write_bytes(b"one")
    identity.of(model)
    identity.of(model)
    assert reads == ["m.gguf"] * 2


@pytest.mark.usefixtures("remembering")
@pytest.mark.parametrize(
    "text", ["", "[]", '{"PLACE": 3}', '{"PLACE": {"stamp": [], "sha256": "x"}}', '{"PLACE": {"sha256": ""}}']
)
def test_damaged_notes_mean_that_it_is_read(tmp_path: Path, text: str) -> None:
    model = tmp_path / "m.gguf"
    model.write_bytes(b"one")
    paths.identities_file().parent.mkdir(parents=True, exist_ok=True)
    paths.identities_file().write_text(text.replace('"PLACE"', json.dumps(str(model.resolve()))))
    assert identity.of(model) == hashlib.sha256(b"one").hexdigest()


def test_a_file_that_changes_while_it_is_read_is_no_known_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was hashed may be of neither version."""
    model = tmp_path / "m.gguf"
    model.write_bytes(b"one")
    real = hashlib.file_digest

    def digest(source: BinaryIO, name: str) -> object:
        found = real(source, name)
        model.write_bytes(b"another")
        return found

    monkeypatch.setattr("leads_local.engine.identity.hashlib.file_digest", digest)
    assert identity.of(model) == ""


def test_all_parts_of_a_model_count(tmp_path: Path) -> None:
    parts = [tmp_path / f"m-0000{number}-of-00002.gguf" for number in (1, 2)]
    for part in parts:
        part.write_bytes(b"weights")
    before = identity.of(parts[0])
    parts[1].write_bytes(b"Weights")
    assert identity.of(parts[0]) not in ("", before)
    parts[1].unlink()
    assert identity.of(parts[0]) == ""


def test_what_cannot_be_read_has_none_and_keeps_no_states(tmp_path: Path) -> None:
    assert identity.of(tmp_path / "none.gguf") == identity.of(tmp_path) == ""
    kept = DiskPrefixCache(tmp_path / "none.gguf", "f16", 1 << 20)
    assert not kept.save(TOKENS, 4, lambda file: file.write_bytes(b"text") > 0)


def test_the_layout_of_the_cache_tells_states_apart(tiny: Path) -> None:
    assert DiskPrefixCache(tiny, "f16", 1 << 20, transposed=True).save(
        TOKENS, 4, lambda file: file.write_bytes(b"text") > 0
    )
    assert states(tiny) == 0


@pytest.mark.parametrize(
    "change", [lambda file: file.write_bytes(b"another"), lambda file: file.unlink()], ids=["changed", "gone"]
)
def test_a_file_that_changes_while_it_is_loaded_is_refused(tmp_path: Path, change: Callable[[Path], object]) -> None:
    model = tmp_path / "m.gguf"
    model.write_bytes(b"one")
    assert identity.begin_hashing(model)(lambda: None) == hashlib.sha256(b"one").hexdigest()
    wait = identity.begin_hashing(model)
    change(model)
    with pytest.raises(ModelError, match="was changed while it was read"):
        wait(lambda: None)
