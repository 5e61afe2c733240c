"""How long a test waits for what is promised: on a busy machine, longer.

A limit that is a promise ("within five seconds") holds for a computer that does little else. Where other work goes on,
as when tests run on all cores, the same work takes as many times longer as there are programs for each core. Work
within the test's own process is better measured by ``time.process_time``, which no neighbour changes much.
"""

from __future__ import annotations

import os


def patience(seconds: float) -> float:
    """``seconds`` of a computer at rest, as seconds of this one now."""
    waiting = os.getloadavg()[0] / (os.cpu_count() or 1) if hasattr(os, "getloadavg") else 2.0
    beside = 3.0 if "PYTEST_XDIST_WORKER" in os.environ else 1.0  # the load of the last minute may not tell it yet
    return seconds * max(beside, 1.0 + waiting)
