"""ggml's own quantizer, through ctypes: the bytes are llama.cpp's because its code writes them.

The library is the one that llama-cpp-python installed, found without importing that package. ggml aborts the process
where it asserts, so nothing here is called with sizes that were not checked: rows are whole blocks, buffers have the
length that their type needs, and numbers are finite. The calls release the GIL and may run in many threads.
"""

from __future__ import annotations

import ctypes
import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .errors import ConvertError
from .tensor_types import TENSOR_TYPES, TensorType

Array = npt.NDArray[Any]
NAMES = ("ggml-base.dll", "libggml-base.dll", "libggml-base.dylib", "libggml-base.so")
"""What the library is called on Windows, macOS and Linux; each installation has one of them."""
REINSTALL = "Install it again: pip install --force-reinstall llama-cpp-python"


def find_library() -> Path:
    """The path of libggml-base. Raises ConvertError when llama-cpp-python is not installed or has none."""
    spec = importlib.util.find_spec("llama_cpp")
    if spec is None or spec.origin is None:
        raise ConvertError(
            "llama-cpp-python is not installed, and its library does the quantizing.",
            "Install it: pip install llama-cpp-python",
        )
    folder = Path(spec.origin).parent / "lib"
    for name in NAMES:
        if (folder / name).is_file():
            return folder / name
    raise ConvertError(f"{folder}: llama-cpp-python was installed without ggml's shared library.", REINSTALL)


class Library:
    """The loaded library. Raises ConvertError when it is not the one that this package was written for."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or find_library()
        try:
            self._native = ctypes.CDLL(str(self.path))
            self._declare()
        except (OSError, AttributeError) as error:
            raise ConvertError(f"{self.path}: this library can't be used ({error}).", REINSTALL) from error
        self._compare()

    def _declare(self) -> None:
        native, address, count = self._native, ctypes.c_void_p, ctypes.c_int64
        native.ggml_quantize_chunk.argtypes = [ctypes.c_int, address, address, count, count, count, address]
        native.ggml_quantize_chunk.restype = ctypes.c_size_t
        native.ggml_validate_row_data.argtypes = [ctypes.c_int, address, ctypes.c_size_t]
        native.ggml_validate_row_data.restype = ctypes.c_bool
        for widen in (native.ggml_bf16_to_fp32_row, native.ggml_fp16_to_fp32_row):
            widen.argtypes, widen.restype = [address, address, count], None
        native.ggml_quantize_init.argtypes, native.ggml_quantize_init.restype = [ctypes.c_int], None
        native.ggml_quantize_requires_imatrix.argtypes, native.ggml_quantize_requires_imatrix.restype = (
            [ctypes.c_int],
            ctypes.c_bool,
        )
        native.ggml_type_name.argtypes, native.ggml_type_name.restype = [ctypes.c_int], ctypes.c_char_p
        native.ggml_blck_size.argtypes, native.ggml_blck_size.restype = [ctypes.c_int], ctypes.c_int64
        native.ggml_type_size.argtypes, native.ggml_type_size.restype = [ctypes.c_int], ctypes.c_size_t
        native.ggml_version.argtypes, native.ggml_version.restype = [], ctypes.c_char_p

    def _compare(self) -> None:
        for kind in TENSOR_TYPES.values():
            name = (self._native.ggml_type_name(kind.number) or b"").decode().upper()
            found = (name, self._native.ggml_blck_size(kind.number), self._native.ggml_type_size(kind.number))
            if found != (kind.name, kind.block, kind.size):
                raise ConvertError(f"{self.path}: it stores {kind.name} otherwise than this program knows.", REINSTALL)

    @property
    def version(self) -> str:
        return str((self._native.ggml_version() or b"").decode())

    def prepare(self, kind: TensorType) -> None:
        """Build the tables that ``kind`` needs, once and before threads use them."""
        self._native.ggml_quantize_init(kind.number)

    def widen(self, rows: Array, dtype: str) -> npt.NDArray[np.float32]:
        """Stored rows (uint16 bits of BF16 or F16, or float32) as contiguous float32."""
        source = np.ascontiguousarray(rows)
        if dtype == "F32":
            return source.astype(np.float32, copy=False)
        found = np.empty(source.shape, np.float32)
        convert = self._native.ggml_bf16_to_fp32_row if dtype == "BF16" else self._native.ggml_fp16_to_fp32_row
        convert(source.ctypes.data, found.ctypes.data, source.size)
        return found

    def quantize(
        self, kind: TensorType, rows: npt.NDArray[np.float32], importance: npt.NDArray[np.float32] | None = None
    ) -> Array:
        """Whole rows (rows, columns) of finite float32 as the bytes of ``kind``; ``importance`` has one weight for each
        column."""
        count, columns = rows.shape
        if columns % kind.block or rows.dtype != np.float32 or not rows.flags.c_contiguous:
            raise ValueError(f"rows of {columns} {rows.dtype} can't be quantized as {kind.name}")
        if importance is not None and (
            importance.shape != (columns,) or importance.dtype != np.float32 or not importance.flags.c_contiguous
        ):
            raise ValueError("the importance matrix needs one float32 for each column")
        if importance is None and self._native.ggml_quantize_requires_imatrix(kind.number):
            raise ValueError(f"{kind.name} can't be made without an importance matrix")
        found = np.empty(count * kind.row_bytes(columns), np.uint8)
        weights = None if importance is None else importance.ctypes.data
        written = self._native.ggml_quantize_chunk(
            kind.number, rows.ctypes.data, found.ctypes.data, 0, count, columns, weights
        )
        if written != found.size:
            raise ValueError(f"{kind.name}: {written} bytes were written instead of {found.size}")
        return found

    def dequantize(self, kind: TensorType, data: Array, columns: int) -> npt.NDArray[np.float32]:
        """Whole rows of ``kind`` (uint8) as float32 of shape (rows, columns)."""
        rows, rest = divmod(data.size, kind.row_bytes(columns))
        if rest or columns % kind.block or data.dtype != np.uint8 or not data.flags.c_contiguous:
            raise ValueError(f"{data.size} bytes are not whole rows of {columns} numbers in {kind.name}")
        if kind.block == 1:
            return self.widen(data.view("<f4" if kind.name == "F32" else "<u2").reshape(rows, columns), kind.name)
        found = np.empty((rows, columns), np.float32)
        name = kind.name if kind.name.endswith("_K") else kind.name.lower()
        expand = getattr(self._native, f"dequantize_row_{name.replace('Q', 'q')}")
        expand.argtypes, expand.restype = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64], None
        expand(data.ctypes.data, found.ctypes.data, found.size)
        return found

    def is_valid(self, kind: TensorType, data: Array) -> bool:
        """False when a scale in the quantized data is not finite: the numbers were too large for ``kind``."""
        return bool(self._native.ggml_validate_row_data(kind.number, data.ctypes.data, data.size))
