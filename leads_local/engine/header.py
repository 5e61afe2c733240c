"""What a GGUF file says of itself, read in Python before llama.cpp gets to see it.

llama.cpp ends its process on some damaged files; so the header is read and checked here first, by the converter's
reader, and a file that is shorter than its own table of tensors says is named as what it is: cut short. Only keys and
sizes are read, never weights. The reader must stand any bytes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leads_local import files
from leads_local.converter import errors, gguf_reader, tensor_types
from leads_local.errors import ModelError

_LONGEST_KEPT = 64  # items of an array; longer ones (the vocabulary) are skipped


@dataclass(frozen=True, slots=True)
class GgufHeader:
    """``metadata`` by GGUF key (long arrays are None), ``tensors`` as bytes by name, ``size`` of the file in bytes."""

    path: Path
    size: int
    metadata: dict[str, Any]
    tensors: dict[str, int]

    @property
    def architecture(self) -> str:
        return str(self.metadata.get("general.architecture", ""))

    @property
    def quantization(self) -> str:
        """The name of the file's quantization (``Q4_K_M``), or "" when it does not say."""
        kind = self.metadata.get("general.file_type")
        return tensor_types.FILE_TYPES.get(kind, "") if isinstance(kind, int) else ""

    def number(self, key: str, default: int = 0) -> int:
        """The integer under ``ARCHITECTURE.key``, or the first one where there is a list (one for each layer)."""
        value = self.metadata.get(f"{self.architecture}.{key}", default)
        value = value[0] if isinstance(value, list) and value else value
        return int(value) if isinstance(value, int | float) and math.isfinite(value) else default


def read(path: Path) -> GgufHeader:
    """Read and check the header of ``path``. Raises ModelError when it is missing, no GGUF, damaged or cut short."""
    files.require_file(
        path,
        "a GGUF file",
        "Give the path of a GGUF file, or convert a checkpoint first: leads-local convert FOLDER.",
        ModelError,
    )
    try:
        found = gguf_reader.read_gguf(path, longest=_LONGEST_KEPT, undecodable="replace")
    except errors.ConvertError as error:
        raise ModelError(error.message, error.hint) from error
    return GgufHeader(path, found.size, found.metadata, {tensor.name: tensor.size for tensor in found.tensors})
