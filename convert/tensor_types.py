"""ggml's tensor types (number, numbers per block, bytes per block), and the types that a whole file says it has.

A static table, so that sizes can be told before the native library is loaded; ``library`` compares what can be made
with the library's own answers and refuses to work where they differ. The same table serves whoever only reads.
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

# Types that files of others have: read, but never made here.
READ_ONLY_TYPES = (
    TensorType("Q8_1", 9, 32, 40),
    TensorType("Q8_K", 15, 256, 292),
    TensorType("IQ1_S", 19, 256, 50),
    TensorType("I8", 24, 1, 1),
    TensorType("I16", 25, 1, 2),
    TensorType("I32", 26, 1, 4),
    TensorType("I64", 27, 1, 8),
    TensorType("F64", 28, 1, 8),
    TensorType("IQ1_M", 29, 256, 56),
    TensorType("TQ1_0", 34, 256, 54),
    TensorType("TQ2_0", 35, 256, 66),
    TensorType("MXFP4", 39, 32, 17),
    TensorType("NVFP4", 40, 64, 36),
)

TYPE_BY_NUMBER: dict[int, TensorType] = {kind.number: kind for kind in (*TENSOR_TYPES.values(), *READ_ONLY_TYPES)}

# What "general.file_type" says: llama.cpp's number of a mix of types, and its name.
FILE_TYPES: dict[int, str] = {
    0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 7: "Q8_0", 8: "Q5_0", 9: "Q5_1", 10: "Q2_K",
    11: "Q3_K_S", 12: "Q3_K_M", 13: "Q3_K_L", 14: "Q4_K_S", 15: "Q4_K_M", 16: "Q5_K_S", 17: "Q5_K_M", 18: "Q6_K",
    19: "IQ2_XXS", 20: "IQ2_XS", 21: "Q2_K_S", 22: "IQ3_XS", 23: "IQ3_XXS", 24: "IQ1_S", 25: "IQ4_NL", 26: "IQ3_S",
    27: "IQ3_M", 28: "IQ2_S", 29: "IQ2_M", 30: "IQ4_XS", 31: "IQ1_M", 32: "BF16",
}  # fmt: skip
