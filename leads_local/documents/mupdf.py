"""PyMuPDF, loaded when it is needed and without what it may bring along: the only module that imports it.

From version 2 on PyMuPDF loads a layout model when it is imported, and that loads onnxruntime, whose telemetry works in
native code, where Python's guard against the network does not see it. We have no use for either and install neither,
but an environment that was made for more than this program may hold them; so they are hidden while PyMuPDF is imported.
"""

from __future__ import annotations

import sys
import threading
from typing import Any

_HIDDEN = ("pymupdf.layout", "pymupdf4llm", "onnxruntime")
_LOCK = threading.Lock()


class _Nowhere:
    """Takes what is printed, and keeps nothing of it."""

    def write(self, text: str) -> int:
        return len(text)

    def flush(self) -> None:
        """There is nothing to be written."""


def load() -> Any:
    """The module ``pymupdf``, which prints nothing of its own."""
    with _LOCK:
        if "pymupdf" in sys.modules:
            return sys.modules["pymupdf"]
        hidden = [name for name in _HIDDEN if name not in sys.modules]
        for name in hidden:
            sys.modules[name] = None  # type: ignore[assignment]
        try:
            import pymupdf
        finally:
            for name in hidden:
                sys.modules.pop(name, None)
        tools: Any = pymupdf.TOOLS
        tools.mupdf_display_errors(False)
        tools.mupdf_display_warnings(False)
        loaded: Any = pymupdf
        loaded.set_messages(stream=_Nowhere())  # what it says of itself: "unhandled font type" and the like
        return pymupdf
