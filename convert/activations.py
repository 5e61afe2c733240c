"""The program that runs a model over texts and sums up how strongly each column of each weight is used.

Like native.py it is only ever run as a process of its own, because llama.cpp may end it. It reads one JSON line with
the task and one for each text from stdin, and prints one JSON line for each step of progress. The sums are kept in a
file beside the result, so that a run that was killed goes on where it stopped; what that file holds are sums of
squares, no text.
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import time
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

import numpy as np
import numpy.typing as npt

from . import disk
from .evaluation import FEWEST_TOKENS, cut_pieces, evaluate, open_model, run_task, send_progress, task_and_texts
from .place import explain_write_errors

SAVE_EVERY = 20.0  # seconds
F32 = 0


class GgmlTensor(ctypes.Structure):
    """ggml's tensor. Its layout is compared with the library's own answers before it is relied on."""


GgmlTensor._fields_ = [
    ("type", ctypes.c_int),
    ("buffer", ctypes.c_void_p),
    ("ne", ctypes.c_int64 * 4),
    ("nb", ctypes.c_size_t * 4),
    ("op", ctypes.c_int),
    ("op_params", ctypes.c_int32 * 16),
    ("flags", ctypes.c_int32),
    ("src", ctypes.POINTER(GgmlTensor) * 10),
    ("view_src", ctypes.c_void_p),
    ("view_offs", ctypes.c_size_t),
    ("data", ctypes.c_void_p),
    ("name", ctypes.c_char * 64),
    ("extra", ctypes.c_void_p),
    ("padding", ctypes.c_char * 8),
]


@dataclass(slots=True)
class ActivationSums:
    """``squares`` by weight name: one float64 for each column; ``rows`` how many rows were summed; ``done`` how many
    pieces of text."""

    identity: str
    squares: dict[str, npt.NDArray[np.float64]] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    done: int = 0

    def add(self, name: str, values: npt.NDArray[np.float32]) -> None:
        squares = np.einsum("rc,rc->c", values, values, dtype=np.float64)
        self.squares[name] = self.squares.get(name, 0) + squares
        self.rows[name] = self.rows.get(name, 0) + len(values)

    def save(self, path: Path) -> None:
        about = json.dumps({"identity": self.identity, "done": self.done, "rows": self.rows})
        arrays: dict[str, Any] = {"about": np.array(about)} | {
            f"squares/{name}": values for name, values in self.squares.items()
        }
        with explain_write_errors(path), disk.whole_file(path) as file:
            np.savez(file, **arrays)

    @staticmethod
    def load(path: Path) -> ActivationSums | None:
        """What an earlier run left; None when there is nothing, or it can't be read."""
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
                about = json.loads(str(stored["about"]))
                squares = {name.removeprefix("squares/"): stored[name] for name in stored.files if name != "about"}
                return ActivationSums(about["identity"], squares, about["rows"], about["done"])
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return None


class ActivationCollector:
    """llama.cpp's evaluation callback: it is asked about every operation and shown those on the model's own weights."""

    def __init__(self, base: ctypes.CDLL, sums: ActivationSums) -> None:
        self._base = base
        self._sums = sums
        self.error: BaseException | None = None
        base.ggml_op_name.argtypes, base.ggml_op_name.restype = [ctypes.c_int], ctypes.c_char_p
        base.ggml_get_name.argtypes, base.ggml_get_name.restype = [ctypes.c_void_p], ctypes.c_char_p
        base.ggml_tensor_overhead.argtypes, base.ggml_tensor_overhead.restype = [], ctypes.c_size_t
        base.ggml_backend_tensor_get.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_size_t]
        if base.ggml_tensor_overhead() - ctypes.sizeof(GgmlTensor) != 32:  # the rest is the object before it
            raise SystemExit("this version of llama-cpp-python lays out its tensors otherwise than this program knows")

    def __call__(self, address: int, ask: bool, _: Any) -> bool:
        try:
            return self._look(address, ask)
        except BaseException as error:  # nothing may be raised through llama.cpp
            self.error = error
            return False

    def _look(self, address: int, ask: bool) -> bool:
        tensor = GgmlTensor.from_address(address)
        if self._base.ggml_op_name(tensor.op) != b"MUL_MAT":
            return not ask
        weight, values = tensor.src[0].contents, tensor.src[1].contents
        name = weight.name.decode().split("#")[1 if b"#" in weight.name else 0]
        if (
            not name.startswith("blk.")
            or not name.endswith(".weight")
            or values.type != F32
            or values.ne[1] < FEWEST_TOKENS
        ):
            return not ask
        if not ask:
            columns, rows = values.ne[0], values.ne[1] * values.ne[2] * values.ne[3]
            found = np.empty((rows, columns), np.float32)
            if values.nb[0] != 4 or values.nb[1] != 4 * columns:
                raise RuntimeError(f"the input of {name} is not stored row after row")
            self._base.ggml_backend_tensor_get(ctypes.byref(values), found.ctypes.data, 0, found.nbytes)
            if not np.isfinite(found).all():
                raise RuntimeError(f"the input of {name} holds what is no number")
            self._sums.add(name, found)
        return True


def _main() -> None:
    task, lines, stream = task_and_texts()
    with stream:
        _read_texts(task, lines, stream)


def _read_texts(task: dict[str, Any], lines: list[dict[str, Any]], stream: TextIO) -> None:
    import llama_cpp

    part, sums = Path(task["part"]), ActivationSums("")
    collector = ActivationCollector(ctypes.CDLL(task["library"]), sums)
    callback = llama_cpp.ggml_backend_sched_eval_callback(collector)
    model, context = open_model(task, callback)
    pieces = cut_pieces(llama_cpp.llama_model_get_vocab(model), lines, task["chunk"], task["tokens"])
    identity = hashlib.sha256(json.dumps([task["identity"], pieces]).encode()).hexdigest()
    sums.identity = identity
    if (earlier := ActivationSums.load(part)) is not None and earlier.identity == identity:
        sums.squares, sums.rows, sums.done = earlier.squares, earlier.rows, earlier.done
    _collect_activations(stream, context, collector, sums, pieces, part)


def _collect_activations(
    stream: Any, context: Any, collector: ActivationCollector, sums: ActivationSums, pieces: list[list[int]], part: Path
) -> None:
    import llama_cpp

    batch = llama_cpp.llama_batch_init(max((len(piece) for piece in pieces), default=1), 0, 1)
    total, saved = sum(len(piece) for piece in pieces), time.monotonic()
    send_progress(stream, done=sum(len(piece) for piece in pieces[: sums.done]), total=total)
    for piece in pieces[sums.done :]:
        evaluate(context, batch, piece)
        if collector.error is not None:
            raise SystemExit(str(collector.error))
        sums.done += 1
        if time.monotonic() - saved > SAVE_EVERY:
            sums.save(part)
            saved = time.monotonic()
        send_progress(stream, done=sum(len(piece) for piece in pieces[: sums.done]), total=total)
    sums.save(part)
    send_progress(stream, finished=len(pieces))


if __name__ == "__main__":
    run_task(_main)
