"""How llama.cpp is compiled: our arguments with the user's after them, in parallel, and remembered.

The arguments that the llama.cpp of an environment was built with stand in a file beside it. Who sets CMAKE_ARGS gets
llama.cpp built so; who doesn't, keeps what is there, since a set-up that throws away a build for the GPU unasked would
cost an hour. ``CMAKE_ARGS=-DGGML_CUDA=off`` (or an empty CMAKE_ARGS, where the system has such a thing) goes back.

pip keeps what it has built under the name of the source alone, whatever the arguments were, so for each set of
arguments it is given a cache of its own.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from set_up.place import Place

# Of llama.cpp we need neither pictures nor downloads, so what serves them is not built.
CMAKE_ARGS = "-DLLAVA_BUILD=OFF -DLLAMA_OPENSSL=OFF -DLLAMA_SUBPROCESS=OFF"
MEMORY_FOR_ONE = 2**30  # the largest file took its compiler 617 MB (llama-cpp-python 0.3.36, g++ 12)


@dataclass(frozen=True)
class Build:
    """A llama.cpp: what somebody asked for in CMAKE_ARGS, and all arguments that this leads to."""

    asked: str

    @property
    def arguments(self) -> str:
        return f"{CMAKE_ARGS} {self.asked}".strip()  # of two that contradict each other CMake takes the later one

    @property
    def kept_wheels(self) -> str:
        """The name of pip's cache for what is built so."""
        return hashlib.sha256(self.arguments.encode()).hexdigest()[:12]


def wanted(place: Place) -> Build:
    """The llama.cpp that is asked for: CMAKE_ARGS where it is set, otherwise as the one that is there."""
    asked = os.environ.get("CMAKE_ARGS")
    if asked is None:
        there = _record(place)
        asked = there[0] if there else ""
    return Build(" ".join(asked.split()))


def to_build_anew(place: Place) -> bool:
    """Whether the llama.cpp that is there is another one than what is asked for. Of one that an earlier version of
    set-up built nothing is known, so it goes only if somebody asks for something."""
    if not place.have_llama():
        return False
    there = _record(place)
    return "CMAKE_ARGS" in os.environ if there is None else there[1] != wanted(place).arguments


def remember(place: Place, build: Build) -> None:
    _file(place).write_text(f"{build.asked}\n{build.arguments}\n", encoding="utf-8")


def forget(place: Place) -> None:
    _file(place).unlink(missing_ok=True)


def remembered(place: Place) -> Build | None:
    """The llama.cpp that is there, where set-up knows it."""
    there = _record(place)
    return Build(there[0]) if there else None


def _record(place: Place) -> tuple[str, str] | None:
    """What was asked for, and all arguments: those of ours may have been others then."""
    try:
        asked, arguments = _file(place).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return None
    return asked, arguments


def _file(place: Place) -> Path:
    return place.venv / ".llama-arguments"


def environment(build: Build, temporary: Path | None = None) -> dict[str, str]:
    """What pip and the compilers are told; ``temporary`` is the folder for what they need for a while."""
    given = {**os.environ, "CMAKE_ARGS": build.arguments, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    given |= {"PIP_USER": "0", "PIP_PROGRESS_BAR": "off"}
    given.setdefault("CMAKE_BUILD_PARALLEL_LEVEL", str(jobs()))
    if os.name == "nt":  # Visual Studio takes one file of a library after the other, but for this
        given["CL"] = f"/MP{given['CMAKE_BUILD_PARALLEL_LEVEL']} {given.get('CL', '')}".strip()
        if "CMAKE_BUILD_PARALLEL_LEVEL" not in os.environ and "CMAKE_GENERATOR" not in os.environ:
            given["CMAKE_BUILD_PARALLEL_LEVEL"] = "1"  # so many libraries at once: it would be the square of them
    if temporary:
        given |= {name: str(temporary) for name in ("TMP", "TEMP", "TMPDIR")}
    return given


def jobs() -> int:
    """How many files are compiled at once: as many as there are processors and memory for."""
    return max(1, min(os.cpu_count() or 1, memory() // MEMORY_FOR_ONE))


def memory() -> int:
    """The bytes of memory in this computer; where the system doesn't tell, enough for two compilers."""
    try:
        if sys.platform == "win32":
            asked = (ctypes.c_ulonglong * 8)(64)  # MEMORYSTATUSEX: two numbers of 4 bytes, then seven of 8
            if ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(asked)):
                return int(asked[1])
            return 2 * MEMORY_FOR_ONE
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return 2 * MEMORY_FOR_ONE


def cache(place: Place, build: Build) -> list[str]:
    """Where pip keeps what it builds so: the argument for pip, or none where it keeps nothing."""
    asked = [str(place.python), "-m", "pip", "--disable-pip-version-check", "cache", "dir"]
    told = subprocess.run(asked, capture_output=True, text=True, errors="replace")
    folder = told.stdout.strip()
    if told.returncode or not folder:
        return ["--no-cache-dir"]
    return ["--cache-dir", str(Path(folder) / "leads-local" / build.kept_wheels)]
