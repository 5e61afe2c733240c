"""A Python that is a launcher, as it is in a virtual environment on Windows: it starts the real one as its own child
and waits."""

from __future__ import annotations

import sys
from pathlib import Path


def launcher(folder: Path) -> str:
    """A program in ``folder`` to put in the place of ``sys.executable``. A child's child isn't bound to us."""
    program = folder / "launcher"
    program.write_text(f'#!/bin/sh\nunset LEADS_LOCAL_PARENT\n"{sys.executable}" "$@"\nexit $?\n')
    program.chmod(0o700)
    return str(program)
