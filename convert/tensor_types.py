"""ggml's tensor types: number, numbers per block, bytes per block.

A static table, so that sizes can be told before the native library is loaded; ``library`` compares it with the
library's own answers and refuses to work where they differ.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TensorType:
    """``block`` numbers along a row are stored in ``size`` bytes."""

    name: str
    number: int
    block: int
    size: int

    def row_bytes(self, columns: int) -> int:
        """Bytes of one row; ``columns`` must be a multiple of ``block``."""
        return columns // self.block * self.size

    def tensor_bytes(self, shape: tuple[int, ...]) -> int:
        """Bytes of a tensor of shape (rows, columns) or (length,)."""
        rows = 1
        for size in shape[:-1]:
            rows *= size
        return rows * self.row_bytes(shape[-1])


TENSOR_TYPES: dict[str, TensorType] = {
    kind.name: kind
    for kind in (
        TensorType("F32", 0, 1, 4),
        TensorType("F16", 1, 1, 2),
        TensorType("BF16", 30, 1, 2),
        TensorType("Q4_0", 2, 32, 18),
        TensorType("Q4_1", 3, 32, 20),
        TensorType("Q5_0", 6, 32, 22),
        TensorType("Q5_1", 7, 32, 24),
        TensorType("Q8_0", 8, 32, 34),
        TensorType("Q2_K", 10, 256, 84),
        TensorType("Q3_K", 11, 256, 110),
        TensorType("Q4_K", 12, 256, 144),
        TensorType("Q5_K", 13, 256, 176),
        TensorType("Q6_K", 14, 256, 210),
        TensorType("IQ2_XXS", 16, 256, 66),
        TensorType("IQ2_XS", 17, 256, 74),
        TensorType("IQ2_S", 22, 256, 82),
        TensorType("IQ3_XXS", 18, 256, 98),
        TensorType("IQ3_S", 21, 256, 110),
        TensorType("IQ4_NL", 20, 32, 18),
        TensorType("IQ4_XS", 23, 256, 136),
    )
}

TYPE_BY_NUMBER: dict[int, TensorType] = {kind.number: kind for kind in TENSOR_TYPES.values()}
