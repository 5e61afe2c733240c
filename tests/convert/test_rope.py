"""Llama 3.1's slowed positions: llama.cpp's converter's numbers, and what they mean."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from convert.errors import ConvertError
from convert.rope import frequency_factors
from convert.settings import Llama3Scaling, read_settings
from tests.convert.conftest import Maker

SCALING = {
    "rope_type": "llama3",
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 8192,
}


def test_llama_3_1_8b_has_the_numbers_of_llama_cpps_converter() -> None:
    slowed = [
        1.2074838876724243,
        1.5534145832061768,
        2.026313066482544,
        2.6945300102233887,
        3.684253215789795,
        5.257327079772949,
    ]
    expected = np.array([1.0] * 29 + slowed + [8.0] * 29, np.float32)
    assert np.array_equal(frequency_factors(500000.0, 128, Llama3Scaling(8.0, 1.0, 4.0, 8192)), expected)


@given(st.floats(1e3, 1e7), st.integers(1, 128), st.floats(1.5, 64), st.integers(64, 1 << 20))
def test_longer_waves_are_slowed_more_up_to_the_factor(base: float, half: int, factor: float, context: int) -> None:
    found = frequency_factors(base, 2 * half, Llama3Scaling(factor, 1.0, 4.0, context))
    assert len(found) == half and found[0] == 1
    assert (np.diff(found) >= 0).all() and found[-1] <= np.float32(factor)


def test_the_settings_are_read(checkpoint: Maker) -> None:
    found = read_settings(checkpoint(config={"rope_scaling": SCALING, "rope_theta": 500000.0}))
    assert (found.llama3, found.rope_base, found.rope_factor) == (Llama3Scaling(8.0, 1.0, 4.0, 8192), 500000.0, None)


def config_of(inside: object, outside: object) -> dict[str, object]:
    place = "original_max_position_embeddings"
    scaling = {key: value for key, value in SCALING.items() if key != place} | ({place: inside} if inside else {})
    return {"rope_scaling": scaling, "rope_theta": 500000.0} | ({place: outside} if outside else {})


@pytest.mark.parametrize(("inside", "outside"), [(4096, None), (None, 4096), (4096, 4096)])
def test_the_context_before_scaling_is_taken_from_where_it_stands(
    checkpoint: Maker, inside: object, outside: object
) -> None:
    found = read_settings(checkpoint(config=config_of(inside, outside))).llama3
    assert found is not None and found.context == 4096


@pytest.mark.parametrize(
    ("inside", "outside", "said"),
    [(8192, 4096, "8192.* in the rope settings and 4096 at the top"), (None, None, "needs")],
)
def test_the_context_before_scaling_is_never_guessed(
    checkpoint: Maker, inside: object, outside: object, said: str
) -> None:
    with pytest.raises(
        ConvertError, match=rf"config\.json: .*original_max_position_embeddings.*{said}|{said} original_max"
    ):
        read_settings(checkpoint(config=config_of(inside, outside)))


@pytest.mark.parametrize("key", ["factor", "low_freq_factor", "high_freq_factor"])
def test_no_number_of_the_scaling_is_guessed(checkpoint: Maker, key: str) -> None:
    scaling = {name: value for name, value in SCALING.items() if name != key}
    with pytest.raises(ConvertError, match=f"needs {key}"):
        read_settings(checkpoint(config={"rope_scaling": scaling}))


@pytest.mark.parametrize(
    "wrong",
    [{"factor": 0}, {"low_freq_factor": 4.0}, {"original_max_position_embeddings": 1.5}, {"high_freq_factor": "4"}],
)
def test_settings_that_make_no_sense_are_refused(checkpoint: Maker, wrong: dict[str, object]) -> None:
    with pytest.raises(ConvertError, match=r"config\.json: (factor|low_freq|high_freq|original_max)"):
        read_settings(checkpoint(config={"rope_scaling": SCALING | wrong}))
