"""A checkpoint folder: its settings and where every tensor lies, for one or many safetensors files.

The index file is not trusted: it may name only files that lie directly in the folder, and what it says about a tensor
must be what that file's own header says. Opening reads headers only; the weights stay in the files until ``rows`` maps
them.
"""

from __future__ import annotations

import mmap
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt

from .errors import ConvertError
from .files import check_length
from .lora import Adapter, Delta, as_doubles, read_adapter
from .safetensors import StoredTensor, read_header
from .settings import ModelSettings, read_json, read_settings

INDEX_FILE = "model.safetensors.index.json"
SINGLE = "model.safetensors"
NUMPY_TYPE = {"BF16": "<u2", "F16": "<u2", "F32": "<f4"}


@dataclass(slots=True)
class Checkpoint:
    """An open checkpoint. ``tensors`` is by name; ``adapter`` is laid over them; close it to let the files go."""

    folder: Path
    settings: ModelSettings
    tensors: dict[str, StoredTensor]
    adapter: Adapter | None = None
    _maps: dict[Path, mmap.mmap] = field(default_factory=dict)

    def __enter__(self) -> Checkpoint:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        for mapped in self._maps.values():
            try:
                mapped.close()
            except BufferError:  # an array over it is still alive; the map goes with the array
                continue
        self._maps.clear()

    @property
    def files(self) -> tuple[Path, ...]:
        """The safetensors files in name order, then the adapter's."""
        adapter = self.adapter.files if self.adapter else ()
        return (*sorted({tensor.path for tensor in self.tensors.values()} - set(adapter)), *adapter)

    def rows(self, tensor: StoredTensor) -> npt.NDArray[Any]:
        """The tensor's numbers over the mapped file, without copying: uint16 bits for BF16 and F16, float32 for F32."""
        mapped = self._maps.get(tensor.path)
        if mapped is None:
            with tensor.path.open("rb") as file:
                mapped = self._maps[tensor.path] = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        count = int(np.prod(tensor.shape, dtype=np.int64))
        return np.frombuffer(mapped, NUMPY_TYPE[tensor.dtype], count, tensor.start).reshape(tensor.shape)

    def delta(self, name: str) -> Delta | None:
        """What the adapter adds to the tensor ``name``; None when it leaves it alone."""
        factors = self.adapter.factors.get(name) if self.adapter else None
        if factors is None:
            return None
        a, b = (as_doubles(stored, self.rows(stored)) for stored in (factors.a, factors.b))
        return Delta(np.ascontiguousarray(b.T), a.T, factors.scale) if factors.embedding else Delta(a, b, factors.scale)


def open_checkpoint(folder: Path, lora: Path | None = None) -> Checkpoint:
    """Read all headers of ``folder``, and of the adapter in ``lora``.

    Raises ConvertError for anything missing, damaged, contradictory or unsupported.
    """
    if not folder.is_dir():
        check_length(folder)
        what = "it is a file, not a folder" if folder.exists() else "there is no such folder"
        raise ConvertError(f"{folder}: {what}.", "Give the folder that holds config.json and the safetensors files.")
    check_length(folder / INDEX_FILE)
    settings = read_settings(folder)
    tensors = _read_sharded(folder) if (folder / INDEX_FILE).is_file() else _read_single(folder)
    for tensor in tensors.values():
        if tensor.dtype not in NUMPY_TYPE:
            raise ConvertError(
                f"{tensor.path}: tensor {tensor.name!r} is stored as {tensor.dtype}.",
                "Supported are BF16, F16 and F32.",
            )
    adapter = None if lora is None else read_adapter(lora, tensors)
    return Checkpoint(folder, settings, tensors | (adapter.replaced if adapter else {}), adapter)


def _read_single(folder: Path) -> dict[str, StoredTensor]:
    path = folder / SINGLE
    if path.is_file():
        return read_header(path)
    others = sorted(item.name for item in folder.iterdir() if item.suffix in (".safetensors", ".bin", ".pt", ".pth"))
    found = f"it holds {', '.join(others[:3])} instead" if others else "no weights were found"
    raise ConvertError(
        f"{folder}: there is neither {SINGLE} nor {INDEX_FILE}; {found}.",
        "Copy all files of the checkpoint into the folder.",
    )


def _read_sharded(folder: Path) -> dict[str, StoredTensor]:
    index = folder / INDEX_FILE
    where = read_json(index).get("weight_map")
    if not isinstance(where, dict) or not where or not all(isinstance(name, str) for name in where.values()):
        raise ConvertError(
            f"{index}: weight_map should say for each tensor in which file it is.", "Copy or download this file again."
        )
    headers = {name: read_header(_shard_path(index, name)) for name in sorted(set(where.values()))}
    tensors: dict[str, StoredTensor] = {}
    for file, header in headers.items():
        for name, tensor in header.items():
            if name in tensors:
                raise ConvertError(
                    f"{index}: tensor {name!r} is both in {tensors[name].path.name} and in {file}.", "Keep one of them."
                )
            tensors[name] = tensor
    for name, file in where.items():
        if name not in headers[file]:
            raise ConvertError(
                f"{folder / file}: tensor {name!r} should be in it by {INDEX_FILE}, but is not.",
                "Download both files again.",
            )
    return tensors


def _shard_path(index: Path, name: str) -> Path:
    """The file that the index names: directly in the index's folder, and nothing else, whatever the name says."""
    plain = name not in ("", ".", "..") and not any(sign in name for sign in "/\\:\0")
    if not plain or not name.endswith(".safetensors"):
        raise ConvertError(
            f"{index}: {name!r} is not the name of a safetensors file in this folder.", "Download the index file again."
        )
    path = index.parent / name
    if not path.is_file():
        check_length(path)
        raise ConvertError(
            f"{path}: this part of the checkpoint is missing.",
            f"Copy all files that {INDEX_FILE} names into the folder.",
        )
    return path
