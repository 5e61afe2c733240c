"""What pip's output says to a person: the end of it, why, and what can be done."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

from set_up import pins
from set_up.place import Place

MISMATCH = "DO NOT MATCH THE HASHES"
FULL = ("No space left on device", "not enough space on the disk", "Disk quota exceeded")
UNREACHED = ("Failed to establish a new connection", "NameResolutionError", "Temporary failure in name resolution")
NOT_BUILT = ("Failed building wheel for llama-cpp-python", "Failed to build llama-cpp-python")
PREBUILT = "https://abetlen.github.io/llama-cpp-python/whl/cpu"
LINES_SHOWN = 12


def explain(place: Place, unpinned: bool) -> str:
    """Why the last call of pip in the log failed."""
    log = place.log.read_text(encoding="utf-8", errors="replace")
    tail = "\n".join(f"  {line}" for line in log.splitlines()[-LINES_SHOWN:])
    told = f"Installing failed; the end of {place.log} says:\n{tail}\n"
    if MISMATCH in log:
        return told + (
            "A package that came is not the one that was pinned: it was damaged or exchanged on the way. It was not "
            "installed. Run this again; if it stays so, try another network (or carry the wheels over again) and tell "
            "us."
        )
    if any(sign in log for sign in FULL):
        return told + (
            f"A disk is full: the one of {place.venv}, or the one for temporary files. Make room and run this again: "
            "what is done is kept."
        )
    if any(sign in log for sign in UNREACHED):
        return told + (
            "The registry of packages was not reached. Set-up needs a connection, this once: mend it and run this "
            "again; what is done is kept. For a computer without one, see make wheelhouse in README.md."
        )
    if any(sign in log for sign in NOT_BUILT):
        return told + _without_compiling(place)
    told += "Mend what it names and run this again: what is done is kept."
    if unpinned:
        return told
    return told + (
        " If it names a package that there is none of for this Python or machine: with LEADS_LOCAL_UNPINNED=1 in the "
        "environment, set-up takes the versions that the registry has today, without checking hashes."
    )


def _without_compiling(place: Place) -> str:
    """The makers of llama-cpp-python have compiled files for some versions, Pythons and systems."""
    pin = pins.part(pins.RUNNING, lambda name: name == pins.LLAMA).split()[0]
    return (
        "llama.cpp was not compiled. Mend what it names and run this again: what is done is kept. Or take a file that "
        "others compiled, if there is one for this Python and machine, then run this again:\n"
        f"  {_typed(place.python)} -m pip install --only-binary :all: --no-deps --extra-index-url {PREBUILT} {pin}\n"
        "You give up that it is checked against a known hash and compiled from the pinned source for this processor; "
        "what we leave out of it (pictures, downloads) may be in it."
    )


def _typed(program: Path) -> str:
    """The program as a shell takes it, PowerShell on Windows."""
    if os.name == "nt":
        return f"& '{program}'"
    return shlex.quote(str(program))
