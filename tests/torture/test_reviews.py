"""A few rounds of each harness; ``reviews.py`` and ``sync.py`` do thousands."""

from __future__ import annotations

import sys

import pytest

from tests.torture import reviews, sync


def test_changed_bytes_are_never_believed() -> None:
    counts, bad = reviews.run(120, seed=5)
    assert not bad
    assert sum(counts.values()) == 120


@pytest.mark.skipif(sys.platform == "win32", reason="an open file can't be replaced there")
def test_decisions_survive_whatever_is_put_in_the_place_of_their_file() -> None:
    counts, bad = sync.run(6, seed=5)
    assert not bad
    assert sum(counts.values()) == 6
