"""The gguf package, loaded when it is needed and without what it may bring along: the only module that imports it.

gguf tries to import mistral_common, which loads clients of the network: requests and, where it is installed,
huggingface_hub. We install it for developers only and have no use for it here, but any environment may hold it; so it
is hidden while gguf is imported. requests itself, which gguf asks for in order to read models from a hub, is imported
by gguf's functions that do so, and we call none of them.
"""

from __future__ import annotations

import sys
from typing import Any

_HIDDEN = ("mistral_common",)


def load() -> Any:
    """The module ``gguf``."""
    hidden = [name for name in _HIDDEN if name not in sys.modules]
    for name in hidden:
        sys.modules[name] = None  # type: ignore[assignment]
    try:
        import gguf
    finally:
        for name in hidden:
            sys.modules.pop(name, None)
    return gguf
