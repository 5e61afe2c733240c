"""The journal: what was marked is read again, and whatever else stands there counts for nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from convert import disk
from convert.journal import Journal


def test_what_was_added_is_read_by_the_same_conversion_only(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "x.journal", "mine")
    assert journal.read() == []
    journal.keep(0)
    for end in (32, 64, 96):
        journal.add(end, f"hash{end}")
    assert Journal(journal.path, "mine").read() == [(32, "hash32"), (64, "hash64"), (96, "hash96")]
    assert Journal(journal.path, "another").read() == []
    journal.keep(2)
    assert journal.read() == [(32, "hash32"), (64, "hash64")]
    journal.remove()
    journal.remove()
    assert not journal.path.exists()


def test_what_was_there_stays_until_the_new_one_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(tmp_path / "x.journal", "mine")
    journal.keep(0)
    journal.add(32, "hash32")

    def full(descriptor: int) -> None:
        raise OSError

    monkeypatch.setattr(disk, "sync", full)
    with pytest.raises(OSError):
        journal.keep(0)
    assert journal.read() == [(32, "hash32")] and list(tmp_path.iterdir()) == [journal.path]


@pytest.mark.parametrize("line", ["96 hash", "x hash\n", "64 again\n", "-1 hash\n", "9" * 30 + " hash\n"])
def test_a_line_that_can_t_be_true_ends_it(tmp_path: Path, line: str) -> None:
    (tmp_path / "x.journal").write_text("mine\n64 good\n" + line)
    assert Journal(tmp_path / "x.journal", "mine").read() == [(64, "good")]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=60))
def test_any_bytes_are_read_as_growing_ends(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x.journal").write_bytes(b"mine\n" + data)
    ends = [end for end, _ in Journal(tmp_path / "x.journal", "mine").read()]
    assert ends == sorted(set(ends)) and all(end > 0 for end in ends)
