"""One tensor's rows, quantized block by block in several threads and handed out in order.

Rows are independent of each other in every type, so that blocks of rows give the same bytes as the whole tensor would.
Only a few blocks are in memory at a time: whoever takes them slowly (a full disk queue) slows the workers, and memory
stays where it is.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .checkpoint import Checkpoint
from .errors import WeightsError
from .library import Library
from .lora import Delta
from .names import Weight
from .rope import frequency_factors
from .tensor_types import TensorType

Array = npt.NDArray[Any]
BLOCK_NUMBERS = 1 << 20  # numbers in one block of rows: 4 MB as float32


@dataclass(frozen=True, slots=True)
class TensorJob:
    """``rows`` is (rows, columns) or (length,) over the mapped ``file``; ``heads`` as in names.Weight; ``delta`` is
    added."""

    source: str
    rows: Array
    dtype: str
    kind: TensorType
    heads: int | None = None
    importance: npt.NDArray[np.float32] | None = None
    file: Path | None = None
    delta: Delta | None = None

    @property
    def place(self) -> str:
        """Where the tensor stands, as the beginning of a sentence."""
        return f"{self.file}: tensor {self.source!r}" if self.file else f"Tensor {self.source!r}"

    @property
    def matrix(self) -> Array:
        """``rows`` with two dimensions; a vector is one row."""
        return self.rows.reshape(1, -1) if self.rows.ndim == 1 else self.rows

    def numbers(self, library: Library, chosen: slice | npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        """The chosen rows of ``matrix`` as contiguous float32, with what an adapter adds."""
        found = library.widen(self.matrix[chosen], self.dtype)
        return found if self.delta is None else self.delta.added(found, chosen)


def make_job(
    checkpoint: Checkpoint, weight: Weight, kind: TensorType, importance: npt.NDArray[np.float32] | None = None
) -> TensorJob:
    """What is to be done for one weight of the checkpoint, which may be one that is computed."""
    settings = checkpoint.settings
    if settings.llama3 is not None and not weight.source:
        return TensorJob(
            weight.name, frequency_factors(settings.rope_base, settings.head_dim, settings.llama3), "F32", kind
        )
    stored = checkpoint.tensors[weight.source]
    rows, delta = checkpoint.rows(stored), checkpoint.delta(weight.source)
    return TensorJob(weight.source, rows, stored.dtype, kind, weight.heads, importance, stored.path, delta)


def row_order(rows: int, heads: int) -> npt.NDArray[np.int64]:
    """Which source row stands at each row of the result: within a head, the two halves are interleaved."""
    return np.arange(rows).reshape(heads, 2, rows // heads // 2).swapaxes(1, 2).reshape(rows)


class Quantizer:
    """Turns jobs into bytes with a pool of threads. Use it as a context manager."""

    def __init__(self, library: Library, threads: int) -> None:
        self._library = library
        self._threads = threads
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="quantize")

    def __enter__(self) -> Quantizer:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def blocks(self, job: TensorJob) -> Iterator[Array]:
        """The tensor's bytes in order, as uint8 arrays. Raises WeightsError that names the tensor when its numbers
        can't be stored."""
        self._library.prepare(job.kind)
        rows = job.matrix
        order = None if job.heads is None else row_order(len(rows), job.heads)
        step = max(1, BLOCK_NUMBERS // rows.shape[1])
        waiting: deque[Future[Array]] = deque()
        try:
            for start in range(0, len(rows), step):
                if len(waiting) > 2 * self._threads:
                    yield waiting.popleft().result()
                waiting.append(self._pool.submit(self._block, job, order, start, start + step))
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()

    def _block(self, job: TensorJob, order: npt.NDArray[np.int64] | None, start: int, end: int) -> Array:
        numbers = job.numbers(self._library, slice(start, end) if order is None else order[start:end])
        finite = np.isfinite(numbers)
        if not finite.all():
            row, column = np.argwhere(~finite)[0]
            source_row = start + int(row) if order is None else int(order[start + int(row)])
            raise WeightsError(
                f"{job.place} holds {numbers[row, column]} in row {source_row}, column {column}, where a number is "
                "needed.",
                "The checkpoint is damaged or its training failed: download it again or ask its authors.",
            )
        if job.kind.name == "F32":
            return numbers.reshape(-1).view(np.uint8)
        found = self._library.quantize(job.kind, numbers, job.importance)
        if not self._library.is_valid(job.kind, found):
            raise WeightsError(
                f"{job.place} holds numbers that are too large for {job.kind.name}.", "Choose BF16 or F32."
            )
        return found
