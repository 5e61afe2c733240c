"""Where the converter lies, and what this program uses of it: the reader of GGUF headers, and how a model's name is
found in a list that may spell it otherwise.

The package ``convert`` knows nothing of this one. A wheel has it inside this package, a checkout beside it. The command
runs as a process of its own (``cli/converter_process.py``); only what is imported here runs in this one.
"""

from __future__ import annotations

import importlib
import importlib.util
from typing import TYPE_CHECKING

NAME = "leads_local.convert" if importlib.util.find_spec("leads_local.convert") else "convert"
"""The package's name, by which it is imported and run."""

if TYPE_CHECKING:
    from convert import errors, gguf_reader, spelling, tensor_types
else:
    errors = importlib.import_module(f"{NAME}.errors")
    gguf_reader = importlib.import_module(f"{NAME}.gguf_reader")
    spelling = importlib.import_module(f"{NAME}.spelling")
    tensor_types = importlib.import_module(f"{NAME}.tensor_types")

__all__ = ["NAME", "errors", "gguf_reader", "spelling", "tensor_types"]
