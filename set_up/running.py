"""How a program is run from here to its end.

Ctrl-C at a terminal reaches every process there, so a program that we started has had it already and ends in its own
order: screening keeps what is finished, pytest tells what failed. We wait for that, however long it takes, and hand on
its exit code; ``subprocess.run`` alone would kill it after a quarter of a second.
"""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from set_up.place import ROOT, Place


def run(place: Place, *command: str) -> int:
    """Run a module of the environment with its arguments, in this checkout. Returns its exit code, as a shell's."""
    with outlasting_ctrl_c():
        code = subprocess.run([str(place.python), "-P", "-m", *command], cwd=ROOT).returncode
    return 128 - code if code < 0 else code


@contextmanager
def outlasting_ctrl_c() -> Iterator[None]:
    """Ctrl-C does nothing to this process meanwhile. Children get it as ever: what is handled here is theirs to
    choose, and only what is ignored (as ``nohup`` and a shell's ``&`` leave it) is ignored by them, too."""
    before = signal.getsignal(signal.SIGINT)
    if before is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
