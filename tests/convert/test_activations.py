"""The sums that an interrupted run leaves: kept whole or not at all, and added in the order of the texts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from convert.activations import ActivationSums


def test_sums_come_back_from_the_disk_as_they_were(tmp_path: Path) -> None:
    sums, values = ActivationSums("mine"), np.random.default_rng(0).standard_normal((5, 8), dtype=np.float32)
    sums.add("blk.0.attn_q.weight", values[:2])
    sums.add("blk.0.attn_q.weight", values[2:])
    sums.done = 2
    sums.save(tmp_path / "x.sums")
    found = ActivationSums.load(tmp_path / "x.sums")
    assert found is not None and (found.identity, found.rows, found.done) == ("mine", {"blk.0.attn_q.weight": 5}, 2)
    np.testing.assert_allclose(
        found.squares["blk.0.attn_q.weight"], np.square(values, dtype=np.float64).sum(axis=0), rtol=1e-12
    )
    assert [path.name for path in tmp_path.iterdir()] == ["x.sums"]


@pytest.mark.parametrize("size", [0, 1, 50, -1])
def test_what_can_t_be_read_counts_for_nothing(tmp_path: Path, size: int) -> None:
    sums = ActivationSums("mine", {"x": np.ones(4)}, {"x": 1}, 1)
    sums.save(tmp_path / "x.sums")
    (tmp_path / "x.sums").write_bytes((tmp_path / "x.sums").read_bytes()[:size])
    assert ActivationSums.load(tmp_path / "x.sums") is None
    assert ActivationSums.load(tmp_path / "none.sums") is None
