"""What developers run: lint, types and tests, the same here and where changes are checked."""

from __future__ import annotations

import os

from set_up.installing import install
from set_up.place import Place, say
from set_up.running import run

WITHOUT_MEASURING = ("tests/network", "tests/test_children.py", "tests/test_dependencies.py")
LINT = (("ruff", "check", "."), ("ruff", "format", "--check", "."), ("mypy",))

_CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
ON_ALL_CORES = ("-n", f"{_CORES + 1}", "--dist", "loadfile", "--no-loadscope-reorder")
"""One worker more than there are cores, as a fifth of the time tests wait for programs that they have started. What
follows may say otherwise: -n 0."""


def test(arguments: list[str]) -> int:
    """Lint, types, then all tests, on all cores; what follows ``test`` goes to pytest."""
    return _run_all(_ready(), *LINT, ("pytest", *ON_ALL_CORES, *arguments))


def quick(arguments: list[str]) -> int:
    """Lint, and the tests that need neither a model, other processes nor a terminal: less than a minute."""
    return _run_all(_ready(), *LINT[:2], ("pytest", *ON_ALL_CORES, "-m", "not slow and not packaging", *arguments))


def coverage(arguments: list[str]) -> int:
    """All tests, and which lines no test runs: those that only children of the tests run are counted, too.

    Left out are the tests of what a fresh process imports, because the measuring itself imports more.
    """
    place = _ready()
    tests = ("pytest", *ON_ALL_CORES, *(f"--ignore={place}" for place in WITHOUT_MEASURING), *arguments)
    code = _run_all(place, ("coverage", "erase"), ("coverage", "run", "-m", *tests))
    return _run_all(place, ("coverage", "combine", "--quiet"), ("coverage", "report")) or code


def _ready() -> Place:
    """The environment, with all that developers need."""
    place = Place.chosen()
    install(place, "dev")
    return place


def _run_all(place: Place, *checks: tuple[str, ...]) -> int:
    """Run one after the other until one fails. Returns its exit code, or 0."""
    for check in checks:
        say(f"— {' '.join(check)}")
        code = run(place, *check)
        if code:
            return code
    return 0
