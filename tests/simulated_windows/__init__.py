"""What Windows would do, as far as a Unix machine can act it, so that the suite notices what would fail there.

``simulate`` changes this process: code of ours sees ``sys.platform == "win32"`` and ``os.name == "nt"``, and has none
of Unix's modules, functions and signals, but ``msvcrt`` (``modules``, ``kernel``); files that are open can't be
renamed, replaced or removed, locks bind readers, too, and some names are none (``files``, ``locks``); a pair of sockets
is two of the loopback (``sockets``). Only code of ours: libraries, and pathlib above all, go on as on this system.
Processes that it starts by ``sys.executable`` simulate as well (``processes``).

In a test, the fixture ``windows`` does it and takes it back. As a program, ``python -m tests.simulated_windows MODULE
ARGUMENTS`` runs a module so, with the console's encoding out of PYTHONIOENCODING. What can't be acted here: paths with
drives and backslashes, names that differ by case only, real handles of Windows.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.simulated_windows import files, locks, long_paths, modules, processes, sockets

Patch = Callable[[Any, str, Any], None]
ROOT = Path(__file__).resolve().parents[2]


def simulate(patch: Patch = setattr) -> None:
    """From now on this process is on Windows. ``patch`` replaces attributes: ``monkeypatch.setattr`` undoes it."""
    locks.install(patch)
    sockets.install(patch)
    processes.install(patch)
    modules.install(patch)
    files.install(patch)
    long_paths.install(patch)
