"""A few rounds of each kind; ``python -m tests.torture.kills`` does hundreds."""

from __future__ import annotations

import sys

import pytest

from tests.torture import kills


@pytest.mark.skipif(sys.platform == "win32", reason="signals and terminals of POSIX")
@pytest.mark.parametrize("work", list(kills.WORKS))
def test_nothing_announced_is_lost(work: str) -> None:
    done, faults = kills.run(3, seed=7, only=work)
    assert not faults
    assert sum(done.values()) == 3
