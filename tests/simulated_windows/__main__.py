"""``python -m tests.simulated_windows MODULE ARGUMENTS``: run a module as a program on the simulated Windows."""

from __future__ import annotations

import runpy
import sys

from tests.simulated_windows import simulate

del sys.argv[0]
simulate()
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
