"""Safetensors checkpoints to quantized GGUF files, in one pass. Uses relative imports only and nothing of leads_local.

``convert`` here is the whole command as a call. It loads the rest when it is called, so that importing the package
costs nothing. Pythons since 3.6 can read this file, which Python reads before any other of the package, so that one
that is too old gets a sentence: nothing comes from ``__future__``, and types are named in quotes.
"""

import sys
from typing import TYPE_CHECKING

OLDEST_PYTHON = (3, 11)
if sys.version_info < OLDEST_PYTHON:
    sys.stderr.write(f"The converter needs Python 3.11 or later, this is {sys.version.split()[0]}.\n")
    sys.exit(2)

from .errors import ConvertError  # noqa: E402  others may not be readable

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .pipeline import ConversionProgress, FinishedConversion

__all__ = ["ConvertError", "convert"]


def convert(
    src: "Path",
    quant: str,
    out: "Path | None" = None,
    progress: "Callable[[ConversionProgress], None] | None" = None,
    *,
    threads: "int | None" = None,
    imatrix: "Path | None" = None,
    lora: "Path | None" = None,
    fresh: bool = False,
) -> "FinishedConversion":
    """Convert the checkpoint folder ``src`` to one GGUF file of the type ``quant``; see ``pipeline.convert``."""
    from . import pipeline

    return pipeline.convert(src, quant, out, progress, threads=threads, imatrix=imatrix, lora=lora, fresh=fresh)
