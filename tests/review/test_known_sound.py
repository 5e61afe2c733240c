"""A file that was found sound is not gone through again by the next program that opens it; one byte that differs, and
it is."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from leads_local import paths
from leads_local.errors import ConfigError
from leads_local.records import Choice, Citation, Stage
from leads_local.review import checking, known_sound, opening, seal
from leads_local.review.database import DamagedReview
from leads_local.review.file_identity import KNOWN_SOUND
from leads_local.review.review import Review
from tests.review.conftest import Import

RowsSeen = Callable[[], int]


@pytest.fixture
def rows_seen(monkeypatch: pytest.MonkeyPatch) -> RowsSeen:
    """How many rows were hashed since it was asked last, as looking at every byte does."""
    seen: list[str] = []
    hash_row = seal.hash_row

    def noted(table: str, cells: object) -> int:
        seen.append(table)
        return hash_row(table, cells)  # type: ignore[arg-type]

    def since() -> int:
        number = len(seen)
        seen.clear()
        return number

    monkeypatch.setattr(seal, "hash_row", noted)
    return since


@pytest.fixture
def closed(review: Review, add: Import) -> Path:
    """A review in which something was decided, and that was closed."""
    add([Citation(title=f"Title {n}", abstract="words") for n in range(50)])
    review.decide(1, Stage.ABSTRACT, Choice.INCLUDE, "a reason", "Ann")
    review.close()
    KNOWN_SOUND.clear()  # as in another program
    return review.path


def open_as_another_program(path: Path) -> None:
    KNOWN_SOUND.clear()
    Review.read(path).close()


def test_what_was_looked_at_when_it_was_closed_is_not_gone_through_again(closed: Path, rows_seen: RowsSeen) -> None:
    open_as_another_program(closed)
    assert rows_seen() == 0


def test_what_was_looked_at_when_it_was_opened_is_not_gone_through_again(closed: Path, rows_seen: RowsSeen) -> None:
    paths.known_sound_file().unlink()
    open_as_another_program(closed)
    assert rows_seen() > 50
    open_as_another_program(closed)
    assert rows_seen() == 0


def test_a_copy_with_the_same_bytes_is_known_too(closed: Path, tmp_path: Path, rows_seen: RowsSeen) -> None:
    copy = tmp_path / "copy.leads"
    copy.write_bytes(closed.read_bytes())
    open_as_another_program(copy)
    assert rows_seen() == 0


def test_one_byte_is_noticed_though_neither_time_nor_size_tells(closed: Path) -> None:
    data, found = bytearray(closed.read_bytes()), closed.stat()
    data[data.index(b"Title 7")] = ord("X")
    closed.write_bytes(data)
    os.utime(closed, ns=(found.st_atime_ns, found.st_mtime_ns))
    KNOWN_SOUND.clear()
    with pytest.raises(DamagedReview, match="citation"):
        Review.open(closed)


def test_check_looks_at_everything_each_time(closed: Path, rows_seen: RowsSeen) -> None:
    for _ in range(2):
        assert checking.check_file(closed).sound
        assert rows_seen() > 50


def test_a_file_that_is_written_to_after_it_was_hashed_is_gone_through(
    closed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = closed.read_bytes()
    look = known_sound.look

    def look_and_exchange(path: Path) -> known_sound.Content | None:
        found = look(path)
        closed.write_bytes(data.replace(b"Title 7", b"Xitle 7"))
        return found

    monkeypatch.setattr(opening.known_sound, "look", look_and_exchange)
    with pytest.raises(DamagedReview, match="citation"):
        Review.open(closed)


def test_damage_is_never_remembered(closed: Path) -> None:
    closed.write_bytes(closed.read_bytes().replace(b"Title 7", b"Xitle 7"))
    for _ in range(2):
        KNOWN_SOUND.clear()
        with Review.read(closed) as opened:
            assert opened.db.damage


def test_a_file_with_changes_beside_it_is_not_known_by_its_bytes(closed: Path) -> None:
    assert known_sound.look(closed) is not None
    closed.with_name(f"{closed.name}-journal").write_bytes(b"x")
    assert known_sound.look(closed) is None


def test_what_another_version_of_the_program_found_is_not_believed(
    closed: Path, rows_seen: RowsSeen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known_sound, "__version__", "0.2.0")
    open_as_another_program(closed)
    assert rows_seen() > 50


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"x" * 64, b"\n" * 5])
def test_a_spoiled_list_is_an_empty_one(closed: Path, rows_seen: RowsSeen, content: bytes) -> None:
    paths.known_sound_file().write_bytes(content)
    open_as_another_program(closed)
    assert rows_seen() > 50


def test_where_nothing_can_be_kept_all_is_looked_at(
    closed: Path, rows_seen: RowsSeen, monkeypatch: pytest.MonkeyPatch
) -> None:
    def homeless() -> Path:
        raise ConfigError("This account has no home folder.", "")

    monkeypatch.setattr(paths, "known_sound_file", homeless)
    for _ in range(2):
        open_as_another_program(closed)
        assert rows_seen() > 50


def test_large_files_are_hashed_as_small_ones_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In parts, side by side; on one core one after the other."""
    monkeypatch.setattr(known_sound, "_PART", 1000)
    file = tmp_path / "file"
    file.write_bytes(os.urandom(10_500))
    hashes = set()
    for cores in (1, 8):
        monkeypatch.setattr(os, "cpu_count", lambda cores=cores: cores)
        found = known_sound.look(file)
        assert found is not None
        hashes.add(found.digest)
    for place in (0, 999, 1000, 10_499):
        data = bytearray(file.read_bytes())
        data[place] ^= 1
        (tmp_path / f"{place}").write_bytes(data)
        found = known_sound.look(tmp_path / f"{place}")
        assert found is not None
        hashes.add(found.digest)
    assert len(hashes) == 5
