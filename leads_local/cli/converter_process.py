"""The converter as a process of its own: where it lies, how it is started, and how it ends with this one."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterable

from leads_local import children, converter, ending, lifeline

_CLEANUP_SECONDS = 3.0  # seconds for the converter to remove what is unfinished


def run_converter(*arguments: str, lines: Iterable[str] | None = None) -> int:
    """Run the converter with these arguments, and ``lines`` on its stdin, and without network. Returns its exit
    code."""
    given = None if lines is None else subprocess.PIPE
    process = lifeline.start_child(
        children.command(converter.NAME, *arguments), stdin=given, encoding="utf-8", env=children.environment()
    )
    if process.stdin is not None and lines is not None:
        try:
            with contextlib.suppress(BrokenPipeError), process.stdin as pipe:
                pipe.writelines(f"{line}\n" for line in lines)
        except BaseException:
            process.kill()
            process.wait()
            raise
    code = _wait_for_converter(process)
    return code if code >= 0 else 128 - code


def _wait_for_converter(process: subprocess.Popen[str]) -> int:
    """The exit code of the converter, once it has cleaned up. It is told when this process is asked to end."""
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:  # the converter has had it, too
            continue
        except ending.Ended:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_CLEANUP_SECONDS)
            process.kill()
            raise
