"""The lists of pinned packages: what stands in them, and how they are made anew.

Each list has every package with the version that the tests ran with and the SHA-256 of each of its files, for every
system and Python that we support.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from set_up.place import ROOT, say

BUILDING, RUNNING, DEVELOPING = "constraints-build.txt", "constraints.txt", "constraints-dev.txt"
PINS = {
    BUILDING: "What builds leads-local and llama.cpp",
    RUNNING: "What leads-local needs at run time",
    DEVELOPING: "What developers need besides",
}
# hatchling builds us (editables: as an editable installation), the others llama-cpp-python. On Windows Visual Studio
# does what ninja does.
BUILDERS = (
    "hatchling>=1.27",
    "editables>=0.5",
    "scikit-build-core>=0.9.2",
    "cmake>=3.21",
    "ninja>=1.11 ; sys_platform != 'win32'",
)
# Where the newest version has no file for a system that we promise, the newest that has one (docs/reference/wheels.md):
# llguidance since 1.7 asks for glibc 2.31, and RHEL 8, which its kernel names, has 2.28; sentencepiece since 0.2.3
# leaves out Macs with Intel's processors. Both sides are named, because uv parts its lists only where they contradict.
HELD_BACK = (
    "llguidance<1.7 ; sys_platform == 'linux' and 'el8' in platform_release",
    "llguidance>=1.7 ; sys_platform != 'linux' or 'el8' not in platform_release",
    "sentencepiece<0.2.3 ; sys_platform == 'darwin' and platform_machine == 'x86_64'",
    "sentencepiece>=0.2.3 ; sys_platform != 'darwin' or platform_machine != 'x86_64'",
)
# What is left out where there is no file of it: mistral-common, of which tests use the data, names tiktoken.
LEFT_OUT = ("tiktoken>=0.12 ; sys_platform != 'win32' or platform_machine != 'ARM64'",)
LLAMA = "llama-cpp-python"


def blocks(text: str) -> list[str]:
    """The pins of a list, each with its hashes on the lines below it."""
    return re.findall(r"^[\w.-]+==.*\n(?:[ \t]+.*\n)*", text, re.MULTILINE)


def part(name: str, keep: Callable[[str], bool]) -> str:
    """The pins of the list ``name`` whose packages ``keep`` wants, as a list of its own."""
    found = blocks((ROOT / name).read_text(encoding="utf-8"))
    return "".join(block for block in found if keep(block.split("==")[0]))


def unpinned_llama() -> str:
    """Which llama-cpp-python the project can do with."""
    return str(next(one for one in _project()["dependencies"] if one.startswith(LLAMA)))


def make_lists(_: list[str]) -> int:
    """Make the lists anew, with the newest versions that suit each other on every system and Python that we support.

    uv resolves for all of them at once, which pip can't; it is installed for this into a folder that is thrown away.
    Addresses stay out.
    """
    with tempfile.TemporaryDirectory() as folder:
        tool = Path(folder) / "uv"
        wanted, held, left_out = (Path(folder) / f"{name}.in" for name in ("builders", "held-back", "left-out"))
        for file, lines in ((wanted, BUILDERS), (held, HELD_BACK), (left_out, LEFT_OUT)):
            file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        subprocess.run([sys.executable, "-m", "pip", "install", "-q", "--target", str(tool), "uv"], check=True)
        # one resolution for all three lists, so that users run the versions that the tests ran with
        whole = Path(folder) / "all.txt"
        ways = ("-c", str(held), "--override", str(left_out))
        _resolve(tool, whole, str(wanted), str(ROOT / "pyproject.toml"), "--extra", "dev", *ways)
        _resolve(tool, ROOT / BUILDING, str(wanted), "-c", str(whole))
        _resolve(tool, ROOT / RUNNING, str(ROOT / "pyproject.toml"), "-c", str(whole))
        pins = {
            name: blocks(path.read_text(encoding="utf-8"))
            for name, path in ((BUILDING, ROOT / BUILDING), (RUNNING, ROOT / RUNNING), ("", whole))
        }
    pins[DEVELOPING] = [pin for pin in pins.pop("") if pin not in pins[RUNNING]]
    for name, kind in PINS.items():
        head = f"# {kind}: versions and hashes. Made by: python3 bootstrap.py constraints\n"
        (ROOT / name).write_text(head + "".join(pins[name]), encoding="utf-8", newline="\n")
        say(f"{name}: {len(pins[name])} packages")
    return 0


def _resolve(tool: Path, out: Path, *sources: str) -> None:
    """Write the pins of all that ``sources`` need to ``out``, for every system and all Pythons from the oldest that we
    support."""
    oldest = _project()["requires-python"].removeprefix(">=")
    quiet = ["--quiet", "--no-config", "--no-header", "--no-annotate", "--no-emit-index-url", "--system-certs"]
    wanted = ["--universal", "--python-version", oldest, "--generate-hashes"]
    subprocess.run(
        [sys.executable, "-m", "uv", "pip", "compile", *wanted, *quiet, *sources, "-o", str(out)],
        check=True,
        env=dict(os.environ, PYTHONPATH=str(tool)),
        stdout=subprocess.DEVNULL,
    )


def _project() -> dict[str, Any]:
    """What pyproject.toml says about the project."""
    found: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return found
