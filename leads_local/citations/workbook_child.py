"""The sheets of a workbook, from a child process (``workbook_reader``) that is ended when it takes too much."""

from __future__ import annotations

import contextlib
import json
import subprocess
import threading
from dataclasses import dataclass, field
from typing import IO

from leads_local import awake_clock, children, lifeline
from leads_local.errors import InputError
from leads_local.family import ProcessTree

_READER = "leads_local.citations.workbook_reader"
_SECONDS = 300.0  # awake, for one workbook
_MEMORY = 2 << 30  # bytes
_LOOK_SECONDS = 0.1
_AS_CSV = "Save the sheet with the records as CSV (UTF-8) and import that."
_DAMAGED = "is a damaged workbook"
_WRONG = {
    "password": "needs a password",
    "large": "is a workbook of far more cells than an export has; it was given up",
}


@dataclass(slots=True)
class Sheet:
    """A sheet as it was read: its rows that are not empty, each with its number in the sheet. ``doubts``, with the last
    sheet: what speaks against the workbook, in words that go on with its name."""

    name: str
    hidden: bool = False
    rows: list[tuple[int, tuple[str, ...]]] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)


def sheets(data: bytes, name: str) -> list[Sheet]:
    """The sheets of a workbook; ``name`` for messages. Raises InputError where it can't be read, or only with a
    password, or not within limits of time and memory."""
    told: list[Sheet] = []
    for line in _ask(data, name).splitlines():
        one = json.loads(line)
        if "sheet" in one:
            told.append(Sheet(one["sheet"], one["hidden"]))
        elif "cells" in one:
            told[-1].rows.append((one["row"], tuple(one["cells"])))
        elif "doubt" in one:
            if told:
                told[-1].doubts.append(one["doubt"])
        else:
            raise unusable(name, _WRONG.get(one["wrong"]) or f"{_DAMAGED} ({one['why']})")
    return told


def unusable(name: str, why: str = _WRONG["password"]) -> InputError:
    """What a person is told of a workbook that can't be read."""
    return InputError(f"{name} {why}.", f"Open it in a spreadsheet program. {_AS_CSV}")


def _ask(data: bytes, name: str) -> bytes:
    """All that the child says of the workbook."""
    child = lifeline.start_child(
        children.command(_READER, str(_SECONDS), str(2 * _MEMORY)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=children.environment(),
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )
    family, pipe = ProcessTree(child), child.stdin
    assert pipe is not None
    child.stdin = None  # what is left of it after a timeout, ``communicate`` would never give
    giving = threading.Thread(target=_give, args=(pipe, data), name="workbook")
    giving.start()
    try:
        answer = _wait(child, family, name)
    finally:
        family.kill()
        with child:  # closes its pipes
            child.wait()
        giving.join()
    if child.returncode:
        raise unusable(name, f"{_DAMAGED}, or too large: reading it failed")
    return answer


def _give(pipe: IO[bytes], data: bytes) -> None:
    """All of ``data``, to a child that may end meanwhile."""
    with contextlib.suppress(OSError), pipe:
        pipe.write(data)


def _wait(child: subprocess.Popen[bytes], family: ProcessTree, name: str) -> bytes:
    end = awake_clock.seconds() + _SECONDS
    while True:
        try:
            return child.communicate(timeout=_LOOK_SECONDS)[0]
        except subprocess.TimeoutExpired as waiting:
            if awake_clock.seconds() > end:
                raise unusable(name, f"took more than {_SECONDS:.0f} seconds and was given up") from waiting
            if family.resident_bytes() > _MEMORY:
                raise unusable(name, f"needs more than {_MEMORY >> 30} GiB of memory and was given up") from waiting
