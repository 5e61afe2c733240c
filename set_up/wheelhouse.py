"""A folder of wheels, for a computer without network: made on one with the same system and the same Python, carried
over, and installed from there without a compiler.

It holds everything that leads-local needs, itself and the compiled llama.cpp included, and a list with the hash of each
file, so that a stick that has damaged one is noticed. It is built for any processor since 2013, not for the one of the
computer that builds.
"""

from __future__ import annotations

import hashlib
import platform
import re
import sys
from collections.abc import Callable
from pathlib import Path

from set_up import pins
from set_up.building import Build
from set_up.place import ROOT, SetupError

LIST = "wheels.txt"
FOR, LLAMA = "# Wheels for ", "# llama.cpp built with "
FOR_ANY_PROCESSOR = "-DGGML_NATIVE=OFF"
Pip = Callable[..., None]
"""Calls pip with these arguments; a failure raises SetupError."""


def made_for() -> str:
    """What must be the same where the wheels are made and where they are installed."""
    text = "".join((ROOT / name).read_text(encoding="utf-8") for name in (pins.BUILDING, pins.RUNNING))
    state = hashlib.sha256(text.encode()).hexdigest()[:12]
    return f"{sys.platform} {platform.machine().lower()} {sys.implementation.cache_tag}, packages {state}"


def portable(asked: str) -> Build:
    """What ``asked`` in CMAKE_ARGS leads to, but for any processor."""
    return Build(f"{FOR_ANY_PROCESSOR} {asked}".strip())


def check_empty(folder: Path) -> None:
    """Refuse a folder that has something else in it."""
    if not folder.exists():
        return
    if not folder.is_dir() or any(one.name != LIST and one.suffix != ".whl" for one in _in(folder)):
        raise SetupError(f"{folder} holds something else than wheels; name a new folder, or an empty one.")


def fill(folder: Path, build: Build, pip: Pip, cache: list[str]) -> int:
    """Put the wheels into ``folder``, their list last of all. Returns how many they are."""
    folder.mkdir(parents=True, exist_ok=True)
    for one in _in(folder):
        one.unlink()
    checked = ["--require-hashes", "--no-deps", "--no-build-isolation", "-w", str(folder)]
    pip("wheel", *cache, *checked, listed=pins.part(pins.RUNNING, lambda name: name == pins.LLAMA))
    for name in (pins.BUILDING, pins.RUNNING):
        pip("wheel", *checked, listed=pins.part(name, lambda package: package != pins.LLAMA))
    lines = [_line(one) for one in _in(folder)]
    pip("wheel", "--no-deps", "--no-build-isolation", "-w", str(folder), str(ROOT))
    text = f"{FOR}{made_for()}\n{LLAMA}{build.asked}\n" + "".join(lines)
    (folder / LIST).write_text(text, encoding="utf-8", newline="\n")
    return len(_in(folder)) - 1


def check_fits(folder: Path) -> None:
    """Refuse wheels that were made for another computer, another Python or another version of leads-local."""
    if not (folder / LIST).is_file():
        raise SetupError(
            f"LEADS_LOCAL_WHEELS names {folder}, which holds no {LIST}: it is no folder that bootstrap.py wheelhouse "
            "made, or it was not carried over whole."
        )
    head = (folder / LIST).read_text(encoding="utf-8").partition("\n")[0].removeprefix(FOR)
    if head != made_for():
        raise SetupError(
            f"The wheels in {folder} were made for another computer or version ({head}; here it is {made_for()}). Make "
            "them with the same system, the same Python and the same version of leads-local."
        )


def built(folder: Path) -> Build:
    """How the llama.cpp in ``folder`` was built."""
    lines = (folder / LIST).read_text(encoding="utf-8").splitlines()
    return Build(next(line.removeprefix(LLAMA) for line in lines if line.startswith(LLAMA)))


def _in(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def _line(wheel: Path) -> str:
    found = re.match(r"([^-]+)-([^-]+)-", wheel.name)
    assert found, wheel
    return f"{found[1]}=={found[2]} --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n"
