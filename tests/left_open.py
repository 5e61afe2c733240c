"""What a test leaves open (files, pipes, sockets, connections, processes) fails that test.

Python warns of it when it clears the object away, and the settings in pyproject.toml make that an error. This plugin
adds what they can't do. What is in a cycle (each connection to SQLite is), or what a fixture made, is cleared away
here, at the end of its own test and not during a later one. A collection looks through all that there is: what pytest
knows of all tests, a fifth of a second's worth, is taken out of that once they are collected, and there is a collection
only where more is open than before. And Python before 3.13 lets go of a connection silently, so there ours warns.
"""

from __future__ import annotations

import gc
import os
import sqlite3
import sys
import warnings
from typing import Any
from weakref import WeakSet

import pytest

_BEFORE = pytest.StashKey[int]()
_FOLDERS_OF_OPEN_FILES = ("/proc/self/fd", "/dev/fd")
_connections: WeakSet[_Connection] = WeakSet()


class _Connection(sqlite3.Connection):
    def __init__(self, *values: Any, **named: Any) -> None:
        super().__init__(*values, **named)
        _connections.add(self)

    @property
    def is_open(self) -> bool:
        try:
            return self.total_changes >= 0
        except sqlite3.ProgrammingError:  # it is closed, or was never opened
            return False

    if sys.version_info < (3, 13):

        def __del__(self) -> None:
            if self.is_open:
                warnings.warn(f"unclosed database in {self!r}", ResourceWarning, stacklevel=2, source=self)


def open_files() -> int:
    """How many files this process has open; -1 where the system does not tell."""
    for folder in _FOLDERS_OF_OPEN_FILES:
        if os.path.isdir(folder):  # noqa: PTH112 (some tests replace what paths do)
            return len(os.listdir(folder))  # noqa: PTH208
    return -1


def pytest_configure() -> None:
    connect = sqlite3.connect
    sqlite3.connect = lambda *values, **named: connect(*values, **{"factory": _Connection, **named})  # type: ignore[assignment]


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    item.stash[_BEFORE] = open_files()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    """After all fixtures have closed what they opened."""
    with warnings.catch_warnings(record=True) as left:
        warnings.simplefilter("always", ResourceWarning)
        getattr(item, "funcargs", {}).clear()
        now = open_files()
        if now < 0 or now > item.stash[_BEFORE] or any(one.is_open for one in list(_connections)):
            gc.collect()
    if found := [str(one.message) for one in left if issubclass(one.category, ResourceWarning)]:
        pytest.fail(f"This test left open: {'; '.join(found)}", pytrace=False)
