"""How every Python process of ours is started: one command line, one environment.

Python puts the folder where one stands, or the script's, on the path of what it imports, and a file ``json.py`` there
would run in place of Python's own. Reviews lie in folders with other people's files, so a child of ours never looks
there: ``-P`` keeps that folder off, and entries of PYTHONPATH that mean it are dropped. The guard against the network
is up before the child's own modules are imported.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from leads_local import offline

ROOT = Path(__file__).resolve().parents[1]
"""The folder that this package lies in."""

_START = """
import sys
del sys.argv[0]
root = sys.argv.pop(0)
if root not in sys.path:
    sys.path.insert(0, root)
from leads_local import lifeline, offline
lifeline.bind_to_parent()
offline.enforce()
import runpy
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
"""


def command(module: str, *arguments: str) -> list[str]:
    """The command line that runs ``module`` as a program, wherever this package lies, without network from its first
    line on."""
    return [sys.executable, "-P", "-c", _START, str(ROOT), module, *arguments]


def environment() -> dict[str, str]:
    """This environment as a child may have it: nothing is imported from the folder where it stands, and no library
    reports home."""
    found = {**os.environ, **offline.NO_TELEMETRY, "PYTHONSAFEPATH": "1"}
    kept = [part for part in found.pop("PYTHONPATH", "").split(os.pathsep) if Path(part).is_absolute()]
    return found | ({"PYTHONPATH": os.pathsep.join(kept)} if kept else {})
