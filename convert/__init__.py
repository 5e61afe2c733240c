"""Safetensors checkpoints to quantized GGUF files, in one pass. Uses relative imports only and nothing of leads_local.

``convert`` here is the whole command as a call. It loads the rest when it is called, so that importing the package
costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .errors import ConvertError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .pipeline import ConversionProgress, FinishedConversion

__all__ = ["ConvertError", "convert"]


def convert(
    src: Path,
    quant: str,
    out: Path | None = None,
    progress: Callable[[ConversionProgress], None] | None = None,
    *,
    threads: int | None = None,
    imatrix: Path | None = None,
    lora: Path | None = None,
    fresh: bool = False,
) -> FinishedConversion:
    """Convert the checkpoint folder ``src`` to one GGUF file of the type ``quant``; see ``pipeline.convert``."""
    from . import pipeline

    return pipeline.convert(src, quant, out, progress, threads=threads, imatrix=imatrix, lora=lora, fresh=fresh)
