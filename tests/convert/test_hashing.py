"""Hashing beside other work: the same digests, made once, and stopped at once."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path

import pytest

from convert import hashing
from convert.hashing import SourceHashes, sha256
from tests.patience import patience


def test_digests_are_those_of_hashlib(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashing, "CHUNK", 1000)
    for size in (0, 1, 999, 1000, 1001, 5000):
        path = tmp_path / str(size)
        path.write_bytes(bytes(range(256)) * 20 + b"x" * size)
        steps: list[int] = []
        assert sha256(path, steps.append) == hashlib.sha256(path.read_bytes()).hexdigest()
        assert sum(steps) == path.stat().st_size
        with SourceHashes() as hashes:
            hashes.start(path)
            assert hashes.digest(path) == hashes.digest(path) == sha256(path)


def test_leaving_stops_it_within_a_chunk(tmp_path: Path) -> None:
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(20 << 30)
    start = time.monotonic()
    with SourceHashes() as hashes:
        hashes.start(path)
        hashes.start(tmp_path / "large2")
    assert time.monotonic() - start < patience(5)


def test_waiting_can_be_broken_off(tmp_path: Path) -> None:
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(20 << 30)

    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), SourceHashes() as hashes:
        hashes.digest(path, interrupt)


def test_a_file_that_is_gone_is_an_error(tmp_path: Path) -> None:
    with SourceHashes() as hashes, pytest.raises(FileNotFoundError):
        hashes.digest(tmp_path / "none")
