"""The converter as a process of its own: where it lies, how it is started, and how it ends with this one."""

from __future__ import annotations

import contextlib
import signal
import subprocess
from collections.abc import Iterable

from leads_local import children, converter, ending, lifeline
from leads_local.cli.echo import echo
from leads_local.family import ProcessTree

CALLED_AS = "LEADS_LOCAL_CALLED_AS"
"""The environment variable that tells the converter by which name its help has to speak of it."""
STOPPED = 128 + signal.SIGINT
"""The exit code after Ctrl-C."""
_CLEANUP_SECONDS = 3.0  # seconds for the converter to leave things in order
_LOOK_SECONDS = 0.5  # seconds between two looks whether it has ended
_LAST_CTRL_C = 3  # the first is heard at a safe place, the second anywhere in Python; this one ends what hangs below it


def run_converter(*arguments: str, lines: Iterable[str] | None = None) -> int:
    """Run the converter with these arguments, and ``lines`` on its stdin, and without network. Returns its exit
    code."""
    given = None if lines is None else subprocess.PIPE
    process = lifeline.start_child(
        children.command(converter.NAME, *arguments),
        stdin=given,
        encoding="utf-8",
        env=children.environment() | {CALLED_AS: "leads-local convert"},
    )
    if process.stdin is not None and lines is not None:
        try:
            with lifeline.until_reader_is_gone(), process.stdin as pipe:
                pipe.writelines(f"{line}\n" for line in lines)
        except BaseException:
            ProcessTree(process).kill()
            process.wait()
            raise
    return _wait_for_converter(process)


def _wait_for_converter(process: subprocess.Popen[str]) -> int:
    """The exit code of the converter, once it has left things in order. It is told when this process is asked to
    end."""
    stops, family = 0, ProcessTree(process)
    while True:
        try:
            code = process.wait(_LOOK_SECONDS)
            if stops >= _LAST_CTRL_C:
                return STOPPED
            return code if code >= 0 else 128 - code
        except subprocess.TimeoutExpired:  # without a limit, Ctrl-C would not be heard here on Windows
            continue
        except KeyboardInterrupt:  # the converter has had it, too
            stops += 1
            if stops == _LAST_CTRL_C:
                family.kill()
                echo("The converter did not answer, so it was ended. The same command goes on.", err=True)
        except ending.Ended:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_CLEANUP_SECONDS)
            family.kill()
            process.wait()
            raise
