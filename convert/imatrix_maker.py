"""Makes an importance matrix from a user's own texts: which columns of the model matter for this kind of work.

The texts go to a child process through its pipe and nowhere else; what is written are sums of squares. The file is
llama.cpp's imatrix format, which its own quantizer accepts and ``convert --imatrix`` uses.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from . import disk
from . import gguf_file as gguf
from .activations import ActivationSums
from .errors import ConvertError
from .gguf_file import DeclaredTensor
from .gguf_reader import read_gguf
from .imatrix import COUNTS_SUFFIX, SUMS_SUFFIX
from .library import find_library
from .pipeline import count_processors
from .place import check_place, explain_write_errors
from .tensor_types import TENSOR_TYPES
from .texts import ReportTokens, SampleText, run_program

CHUNK = 512  # tokens evaluated together


def make_imatrix(
    model: Path,
    texts: Iterable[SampleText],
    out: Path,
    report: ReportTokens = lambda *_: None,
    *,
    tokens: int = 200_000,
    threads: int = 0,
    gpu_layers: int = 0,
) -> int:
    """Run ``model`` over ``texts`` and write the matrix to ``out``. Returns how many tokens were seen.

    A run that was stopped is gone on with when model and texts are the same. Raises ConvertError when the model can't
    be run or there is too little text; an older file of that name is replaced only when the new one is whole.
    """
    check_place(out, "the matrix")
    _require_matrix(out)
    described = read_gguf(model)
    stamp = model.stat()
    part = out.with_name(out.name + ".sums")
    task = {
        "model": str(model),
        "part": str(part),
        "library": str(find_library()),
        "identity": [described.size, stamp.st_mtime_ns, CHUNK],
        "chunk": CHUNK,
        "tokens": tokens,
        "threads": threads or count_processors(),
        "gpu_layers": gpu_layers,
    }
    try:
        run_program("activations", model, task, texts, report)
    except BaseException as error:
        if part.exists():
            error.add_note(f"The sums so far are kept in {part}: the same command goes on from there.")
        raise
    sums = ActivationSums.load(part)
    if sums is None or not sums.squares:
        raise ConvertError(f"{part}: the sums are not there.", "Start again; the disk may be full.")
    _write(sums, out)
    disk.remove(part)
    return max(sums.rows.values())


def _require_matrix(out: Path) -> None:
    """Raise ConvertError where a file of this name is there that is no matrix, a model for instance."""
    if not out.exists():
        return
    with contextlib.suppress(ConvertError):
        if read_gguf(out, longest=0).metadata.get("general.type") == "imatrix":
            return
    raise ConvertError(
        f"{out}: a file of this name is there that is no importance matrix; it is not replaced.",
        "Give another name with --out, or move it away.",
    )


def _write(sums: ActivationSums, out: Path) -> None:
    """llama.cpp's imatrix file, under its name only when it is whole."""
    numbers: list[tuple[str, npt.NDArray[np.float32]]] = []
    for name in sorted(sums.squares):
        numbers.append((name + SUMS_SUFFIX, sums.squares[name].astype(np.float32)))
        numbers.append((name + COUNTS_SUFFIX, np.array([sums.rows[name]], np.float32)))
    metadata = {
        "general.type": gguf.string("imatrix"),
        "imatrix.datasets": gguf.array(gguf.STRING, ["the user's own texts"]),
        "imatrix.chunk_count": gguf.uint32(max(sums.rows.values()) // CHUNK),
        "imatrix.chunk_size": gguf.uint32(CHUNK),
    }
    declared = [DeclaredTensor(name, values.shape, TENSOR_TYPES["F32"]) for name, values in numbers]
    head = gguf.build_header(metadata, declared)
    with explain_write_errors(out), disk.whole_file(out) as file:
        file.write(head)
        for _, values in numbers:
            file.write(values.tobytes() + bytes(gguf.padding_size(values.nbytes)))
