"""What is left open fails the test that left it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

TEST = """
import pytest, socket, sqlite3, subprocess, sys

class Cycle:
    def __init__(self, held):
        self.held, self.itself = held, self

{body}

def test_afterwards():
    pass
"""
OPENED = {
    "file": "open(__file__)",
    "connection": "sqlite3.connect(':memory:')",
    "socket": "socket.socket()",
    "process": "subprocess.Popen([sys.executable, '-c', ''], stdout=subprocess.PIPE)",
}
WAYS = {
    "in the test": "def test_leak():\n    left = {opened}",
    "by a fixture": "@pytest.fixture\ndef made():\n    return {opened}\n\ndef test_leak(made):\n    pass",
    "in a cycle": "def test_leak(tmp_path):\n    left = Cycle([{opened}, open(__file__)])",
    "by a fixture, in a cycle": (
        "@pytest.fixture\ndef made():\n    return Cycle([{opened}, open(__file__)])\n\ndef test_leak(made):\n    pass"
    ),
}


def run(folder: Path, body: str) -> str:
    """What pytest says, with the settings of this project, of tests in a file of their own."""
    file = folder / "test_one.py"
    file.write_text(TEST.format(body=body))
    command = [sys.executable, "-m", "pytest", "-c", str(ROOT / "pyproject.toml"), "--rootdir", str(folder)]
    options = ["-p", "no:cacheprovider", "-p", "no:xdist", "-p", "tests.left_open", str(file)]
    done = subprocess.run([*command, *options], cwd=ROOT, capture_output=True, text=True)
    return done.stdout + done.stderr


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("what", OPENED)
def test_what_is_left_open_fails_its_own_test(tmp_path: Path, what: str, way: str) -> None:
    said = run(tmp_path, WAYS[way].format(opened=OPENED[what]))
    assert "test_one.py::test_leak" in said.split("short test summary info")[1], said
    assert "test_one.py::test_afterwards" not in said.split("short test summary info")[1], said


def test_what_is_closed_passes(tmp_path: Path) -> None:
    body = "import contextlib\ndef test_leak():\n"
    body += "".join(f"    with contextlib.closing({one}): pass\n" for what, one in OPENED.items() if what != "process")
    assert "2 passed" in run(tmp_path, body)
