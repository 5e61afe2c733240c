"""The one tensor that no checkpoint stores: how much each rotation of Llama 3.1's positions is slowed down.

Computed in float32 step by step as llama.cpp's converter does it with torch, so that the file has the same bytes.
Powers are rounded correctly here; torch's vector code for some processors is off by one bit now and then, and so may
its files be.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from .settings import Llama3Scaling


def frequency_factors(base: float, head_dim: int, scaling: Llama3Scaling) -> npt.NDArray[np.float32]:
    """One factor for each pair of numbers in a head, by which its frequency is divided: 1 for short waves, ``factor``
    for long ones."""
    one = np.float32(1)
    exponents = np.arange(0, head_dim, 2, dtype=np.float32) / np.float32(head_dim)
    frequencies = one / (base ** exponents.astype(np.float64)).astype(np.float32)
    longest, shortest = scaling.context / scaling.low, scaling.context / scaling.high
    found = np.empty(len(frequencies), np.float32)
    for place, frequency in enumerate(frequencies):
        wave = _divide_like_torch(2 * math.pi, frequency)
        if wave < shortest:
            found[place] = 1
        elif wave > longest:
            found[place] = scaling.factor
        else:
            smooth = (_divide_like_torch(scaling.context, wave) - np.float32(scaling.low)) / np.float32(
                scaling.high - scaling.low
            )
            found[place] = one / ((one - smooth) / np.float32(scaling.factor) + smooth)
    return found


def _divide_like_torch(number: float, value: np.float32) -> np.float32:
    """``number / value`` as torch does it where the second is a tensor: by way of the reciprocal."""
    return np.float32(number) * (np.float32(1) / value)
