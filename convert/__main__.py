"""``python -m convert``: the signals first, then the command line.

The network is refused where this lies in a package that has a guard against it, as it does once installed; in a
checkout it stands alone and is guarded as ``leads-local convert``.
"""

from __future__ import annotations

import importlib
import sys

from . import interrupts


def _start() -> int:
    """Nothing is imported before a signal means what it should, so that one that comes early shows no traceback."""
    try:
        from . import command_line, lifeline, streams

        if around := (__package__ or "").rpartition(".")[0]:
            importlib.import_module(f"{around}.offline").enforce()
        lifeline.end_with_parent()
        try:
            return command_line.main()
        finally:
            streams.flush()
    except KeyboardInterrupt:
        from .terminal import say

        say("Stopped. Nothing was begun.", aside=True)
        return interrupts.exit_code()


if __name__ == "__main__":
    interrupts.install()
    found = _start()
    interrupts.release()
    sys.exit(found)
