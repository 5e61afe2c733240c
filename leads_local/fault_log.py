"""Where the traceback of a fault of ours goes, and how one file's fault stays that file's.

A user gets one sentence; whoever mends the program gets the traceback, from the log file. Nothing here may raise: a log
that can't be written is no reason to fail again.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from leads_local import __version__, paths, private
from leads_local.errors import InputError, LeadsError


def write_traceback(error: BaseException, where: str) -> bool:
    """Append the traceback to the log file; ``where`` says what was being done. False when that can't be done."""
    told = "".join(traceback.format_exception(error))
    try:
        with private.open_log(paths.log_file()) as log:
            log.write(f"--- {time.strftime('%Y-%m-%d %H:%M:%S')} leads-local {__version__}, {where}\n{told}\n")
    except Exception:  # whatever it is, the log's own trouble is nobody's to read
        return False
    return True


def record_fault(error: BaseException, where: str) -> str:
    """Write the traceback to the log file and say, in a few words, where the details are."""
    if write_traceback(error, where):
        return f"the details are in {paths.log_file()}"
    return "the details could not be written to a log file"


@contextmanager
def faults_of_file(path: Path) -> Iterator[None]:
    """Whatever fails inside, and has no sentence of its own yet, is an InputError about the file ``path``, so that
    others can go on."""
    try:
        yield
    except LeadsError:
        raise
    except MemoryError as error:
        raise InputError(
            f"{path}: there is not enough memory to read it.", "Split the file, or close other programs."
        ) from error
    except Exception as error:
        raise InputError(
            f"{path}: leads-local failed at this file ({type(error).__name__}: {error}); nothing of it was taken in.",
            f"That is a fault of leads-local: please report it, {record_fault(error, str(path))}. "
            "Exporting the file in another format can help meanwhile.",
        ) from error
