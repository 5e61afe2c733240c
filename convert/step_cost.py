"""What one step of a benchmark costs: a child process that is watched from outside, as Linux shows processes."""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from .errors import ConvertError
from .native import last_error_line


@dataclass(frozen=True, slots=True)
class StepCost:
    """``wall`` and ``cpu`` in seconds, ``anonymous`` and ``disk`` in bytes at their highest; ``disk`` leaves the step's
    result out."""

    wall: float
    cpu: float
    anonymous: int
    disk: int


def run_step(command: list[str], environment: dict[str, str], result: Path, given: str = "") -> StepCost:
    """Run one step to its end and watch it. Raises ConvertError with its last words when it fails."""
    start = time.perf_counter()
    with tempfile.TemporaryFile() as errors, subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=errors, env=environment
    ) as child:  # fmt: skip
        watch = _Watch(child.pid, result)
        assert child.stdin is not None
        child.stdin.write(given.encode())
        child.stdin.close()
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        anonymous, disk = watch.end()
        errors.seek(0)
        said = last_error_line(errors.read())
    if child.returncode:
        raise ConvertError(
            f"{Path(command[0]).name} {' '.join(command[1:3])} ended with {child.returncode}: {said}.",
            "Mend that first.",
        )
    return StepCost(round(wall, 2), round(usage.ru_utime + usage.ru_stime, 2), anonymous, disk)


class _Watch:
    """Looks at a process and the folder of its result, from a thread, until ``end`` gives the highest of both."""

    def __init__(self, pid: int, result: Path) -> None:
        self._status, self._result, self._stop = Path(f"/proc/{pid}/status"), result, threading.Event()
        self._before = self._size()
        self._anonymous = self._disk = 0
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        while not self._stop.wait(0.05):
            try:
                line = next(line for line in self._status.read_text().splitlines() if line.startswith("RssAnon"))
                self._anonymous = max(self._anonymous, 1024 * int(line.split()[1]))
            except (OSError, StopIteration):
                pass
            self._disk = max(self._disk, self._size() - self._before)

    def _size(self) -> int:
        """Blocks in use by all files of the folder, which are fewer than their length while one is written with
        holes."""
        total = 0
        for path in self._result.parent.iterdir():
            try:
                total += path.stat().st_blocks * 512
            except OSError:
                continue
        return total

    def end(self) -> tuple[int, int]:
        self._stop.set()
        self._thread.join()
        return self._anonymous, max(
            0, self._disk - (self._result.stat().st_size + 8191 if self._result.exists() else 0)
        )


def drop_from_cache(folder: Path) -> None:
    """Ask the system to drop the files from its cache, so that each step reads them from the disk."""
    for path in folder.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
