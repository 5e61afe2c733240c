"""A few rounds of each harness; run by hand they do thousands."""

from __future__ import annotations

import sys

import pytest

from tests.torture import inputs, mixing, reviews, sync


def test_changed_bytes_are_never_believed() -> None:
    counts, bad = reviews.run(120, seed=5)
    assert not bad
    assert sum(counts.values()) == 120


def test_changed_files_are_read_or_refused_with_a_sentence() -> None:
    counts, bad = inputs.run(400, seed=5)
    assert not bad
    assert sum(counts.values()) == 400


def test_damaged_citation_files_mix_no_papers_up_unless_it_is_said() -> None:
    counts, bad = mixing.run(600, seed=5)
    assert not bad
    assert sum(counts.values()) == 600


@pytest.mark.skipif(sys.platform == "win32", reason="an open file can't be replaced there")
def test_decisions_survive_whatever_is_put_in_the_place_of_their_file() -> None:
    counts, bad = sync.run(6, seed=5)
    assert not bad
    assert sum(counts.values()) == 6
