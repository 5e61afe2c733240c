"""Write ``docs/reference/wheels.md``, which files there are for which computer: ``python -m docs.wheels``.

A package without a file for somebody's computer has to be compiled there, which most people can't do, so which versions
we pin and which oldest versions we accept (the floors in pyproject.toml) is chosen by this page. It asks the package
index that uv asks (``UV_DEFAULT_INDEX`` names another) for the files of every pinned version, and then, for every
system and Python, for the newest versions within our bounds that need no compiler. Only files whose SHA-256 stands in
our lists count: pip refuses all others. No address gets into the page. ``tests/test_wheels.py`` proves without a
network that the page is about today's lists and bounds.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import canonicalize_name, parse_wheel_filename
from packaging.version import Version

from set_up.pins import BUILDERS, LLAMA, PINS, RUNNING, blocks

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "reference" / "wheels.md"
MADE_BY = "<!-- Made by: python -m docs.wheels -->\n"
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
COMPILE, NOTHING, NOT_NEEDED, COMPLETE = "compile", "nothing", "not needed", "yes"
RELEASES = ("", "4.18.0-553.el8_10.x86_64")  # of a kernel, which conditions may ask about: nobody's, and RHEL 8's
ASKED_AT_ONCE = 8
OF_OLD = {"manylinux1": "manylinux_2_5", "manylinux2010": "manylinux_2_12", "manylinux2014": "manylinux_2_17"}


@dataclass(frozen=True, slots=True)
class System:
    """A kind of computer: what the oldest version that takes a file is one of, and how names of files, conditions on
    packages and uv tell it."""

    name: str
    needs: str
    files: str  # a pattern for the last part of a file's name, whose group is the oldest version
    platform: str
    machine: str
    uv: str

    def marked(self, python: str, release: str = "") -> dict[str, str]:
        """What conditions ask about, with this Python on it."""
        system = {"linux": "Linux", "darwin": "Darwin", "win32": "Windows"}[self.platform]
        known = {"sys_platform": self.platform, "platform_system": system, "platform_machine": self.machine}
        known |= {"python_version": python, "python_full_version": f"{python}.2", "platform_release": release}
        return known | {"os_name": "nt" if self.platform == "win32" else "posix", "extra": ""}


SYSTEMS = (
    System("Linux x86-64", "glibc ", r"manylinux_(\d+_\d+)_x86_64", "linux", "x86_64", "x86_64-manylinux_2_28"),
    System("Linux arm64", "glibc ", r"manylinux_(\d+_\d+)_aarch64", "linux", "aarch64", "aarch64-manylinux_2_28"),
    System("Alpine x86-64", "musl ", r"musllinux_(\d+_\d+)_x86_64", "linux", "x86_64", "x86_64-unknown-linux-musl"),
    System(
        "macOS arm64", "macOS ", r"macosx_(\d+_\d+)_(?:arm64|universal2)", "darwin", "arm64", "aarch64-apple-darwin"
    ),
    System(
        "macOS Intel", "macOS ", r"macosx_(\d+_\d+)_(?:x86_64|universal2)", "darwin", "x86_64", "x86_64-apple-darwin"
    ),
    System("Windows x86-64", "yes", r"win_amd64()", "win32", "AMD64", "x86_64-pc-windows-msvc"),
    System("Windows on ARM", "yes", r"win_arm64()", "win32", "ARM64", "aarch64-pc-windows-msvc"),
)


@dataclass(frozen=True, slots=True)
class Pin:
    """One pin of a list: the version of a package, where it holds, and the hashes of its files."""

    name: str
    version: str
    marker: str
    hashes: frozenset[str]

    def holds(self, system: System, python: str, *releases: str) -> bool:
        """Whether it is for this system and Python, with one of these releases (or nobody's) of the kernel."""
        marked = [system.marked(python, release) for release in releases or RELEASES[:1]]
        return not self.marker or any(map(Marker(self.marker).evaluate, marked))

    @property
    def line(self) -> str:
        return f"{self.name}=={self.version}" + (f" ; {self.marker}" if self.marker else "")

    @property
    def title(self) -> str:
        return f"{self.name} {self.version}" + (f" where {self.marker}" if self.marker else "")


Files = Mapping[tuple[str, str], Mapping[str, str]]  # of a package's version: what each file is called, by its SHA-256


def read_pins(name: str) -> list[Pin]:
    """The pins of one list."""
    found = []
    for block in blocks((ROOT / name).read_text(encoding="utf-8")):
        head, _, marker = block.partition("\n")[0].rstrip(" \\").partition(" ; ")
        package, _, version = head.partition("==")
        found.append(Pin(package, version, marker, frozenset(re.findall(r"sha256:(\w+)", block))))
    return found


def read_project() -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return found


def read_floors() -> dict[str, str]:
    """What we ask for ourselves and within which bounds, by package."""
    project = read_project()
    asked = [*BUILDERS, *project["dependencies"], *project["optional-dependencies"]["dev"]]
    requirements = map(Requirement, asked)
    return {canonicalize_name(one.name): ",".join(sorted(map(str, one.specifier))[::-1]) for one in requirements}


class Index:
    """The package index, asked by uv, which lies in ``folder`` as long as it is needed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        subprocess.run([sys.executable, "-m", "pip", "install", "-q", "--target", str(folder / "uv"), "uv"], check=True)

    def list_files(self, pins: Iterable[Pin]) -> Files:
        """The files of each pinned version that a Python of ours could take, with the one of the source."""
        asked, told = self._folder / "pins.in", self._folder / "pylock.pins.toml"
        asked.write_text("".join(f"{pin.line}\n" for pin in pins), encoding="utf-8")
        done = self._compile(asked, "--universal", "--python-version", PYTHONS[0], "--no-deps", "-o", str(told))
        if done.returncode:
            sys.exit(f"The package index could not be asked: {done.stderr.strip()}")
        packages = tomllib.loads(told.read_text(encoding="utf-8"))["packages"]
        return {(one["name"], one["version"]): dict(_named_files(one)) for one in packages}

    def choose(self, system: System, python: str, compiled: Iterable[str]) -> dict[str, str] | None:
        """The newest versions within our bounds, with only ``compiled`` compiled; None where there are none.

        LLAMA is left out: its source is large, and what it needs besides is pure Python.
        """
        asked = self._folder / f"{system.uv}-{python}.in"
        wanted = [text for text in read_project()["dependencies"] if Requirement(text).name != LLAMA]
        asked.write_text("\n".join(wanted), encoding="utf-8")
        where = ["--python-platform", system.uv, "--python-version", python, "--only-binary", ":all:"]
        done = self._compile(asked, *where, *(part for name in compiled for part in ("--no-binary", name)))
        pairs = re.findall(r"^([\w.-]+)==([\w.+!]+)", done.stdout, re.MULTILINE)
        return None if done.returncode else dict(pairs)

    def _compile(self, source: Path, *options: str) -> subprocess.CompletedProcess[str]:
        quiet = ["-q", "--no-config", "--no-header", "--no-annotate", "--system-certs"]
        command = [sys.executable, "-m", "uv", "pip", "compile", *quiet, str(source), *options]
        environment = os.environ | {"PYTHONPATH": str(self._folder / "uv")}
        return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=self._folder)


def _named_files(package: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for file in [*package.get("wheels", ()), *([package["sdist"]] if "sdist" in package else ())]:
        place = file.get("name") or file.get("url") or file["path"]
        yield file["hashes"]["sha256"], place.rsplit("/", 1)[-1]


@cache
def suited(python: str) -> frozenset[Tag]:
    """What the name of a file for ``python`` may say, but for the system."""
    version = (int(python[0]), int(python[2:]))
    short = f"cp{python.replace('.', '')}"
    return frozenset([*cpython_tags(version, [short], ["any"]), *compatible_tags(version, short, ["any"])])


def oldest_system(names: Iterable[str], system: System, python: str) -> tuple[int, ...] | None:
    """The oldest version of ``system`` that takes one of the files; () where all of its versions do, None where none
    does."""
    tags = [tag for name in names if name.endswith(".whl") for tag in parse_wheel_filename(name)[3]]
    fitting = [tag.platform for tag in tags if Tag(tag.interpreter, tag.abi, "any") in suited(python)]
    if "any" in fitting:
        return ()
    found = [match for platform in fitting if (match := re.fullmatch(system.files, _today(platform)))]
    return min((tuple(int(part) for part in match[1].split("_") if part) for match in found), default=None)


def _today(platform: str) -> str:
    kind, _, machine = platform.partition("_")
    return f"{OF_OLD[kind]}_{machine}" if kind in OF_OLD else platform


def is_pure(names: Iterable[str]) -> bool:
    """Whether one file serves every system and Python."""
    return any(name.endswith("-none-any.whl") for name in names)


def describe_cell(pin: Pin, names: Iterable[str], system: System) -> str:
    """What somebody with ``system`` gets of ``pin``: a file, and for which oldest system, or the source to compile."""
    names = list(names)
    source = COMPILE if any(not name.endswith(".whl") for name in names) else NOTHING
    needed = [python for python in PYTHONS if pin.holds(system, python, *RELEASES)]
    oldest = {python: oldest_system(names, system, python) for python in needed}
    found = sorted({version for version in oldest.values() if version is not None})
    lacking = [python for python in needed if oldest[python] is None]
    if not needed:
        return NOT_NEEDED
    if not found:
        return source
    first, last = (".".join(map(str, version)) for version in (found[0], found[-1]))
    told = system.needs + (first if first == last else f"{first}–{last}")
    return f"{told}; {', '.join(lacking)}: {source}" if lacking else told


def compiled_there(pins: Iterable[Pin], files: Files, system: System, python: str) -> list[str]:
    """The packages of which there is no file for this system and Python but the source."""
    here = [pin for pin in pins if pin.holds(system, python) and pin.name != LLAMA]
    lists = {pin.name: files[pin.name, pin.version].values() for pin in here}
    return [name for name, names in lists.items() if oldest_system(names, system, python) is None]


def write_table(pins: Iterable[Pin], files: Files, floors: Mapping[str, str]) -> Iterator[str]:
    """The pins of one list, a row each, those of pure Python in a sentence."""
    pure = [pin for pin in pins if is_pure(files[pin.name, pin.version].values())]
    bound = [pin for pin in pins if pin not in pure]
    yield _row(["package", "we ask for", "files", *(system.name for system in SYSTEMS)])
    yield _row(["---"] * (3 + len(SYSTEMS)))
    for pin in bound:
        names = files[pin.name, pin.version].values()
        cells = [describe_cell(pin, names, system) for system in SYSTEMS]
        yield _row([pin.title, floors.get(pin.name, ""), str(len(pin.hashes)), *cells])
    told = [f"{pin.title} ({len(pin.hashes)}{_bounds(floors, pin)})" for pin in pure]
    yield f"\nPure Python, so one file for all: {', '.join(told)}.\n"


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _bounds(floors: Mapping[str, str], pin: Pin) -> str:
    return f", {floors[pin.name]}" if pin.name in floors else ""


def write_choices(index: Index, pins: list[Pin], files: Files) -> Iterator[str]:
    """For every system and Python, what is found within our bounds where only llama.cpp is to be compiled."""
    yield _row(["", *(f"Python {python}" for python in PYTHONS)])
    yield _row(["---"] * (1 + len(PYTHONS)))
    places = [(system, python) for system in SYSTEMS for python in PYTHONS]
    with ThreadPoolExecutor(ASKED_AT_ONCE) as pool:
        told = list(pool.map(lambda place: describe_choice(index, pins, files, *place), places))
    for place, system in enumerate(SYSTEMS):
        yield _row([system.name, *told[place * len(PYTHONS) :][: len(PYTHONS)]])


def describe_choice(index: Index, pins: list[Pin], files: Files, system: System, python: str) -> str:
    """What is older than pinned there, and what must be compiled; COMPLETE where neither is."""
    compiled: list[str] = []
    chosen = index.choose(system, python, compiled)
    if chosen is None:
        compiled = compiled_there(pins, files, system, python)
        chosen = index.choose(system, python, compiled)
    if chosen is None:
        return NOTHING
    here = [pin for pin in pins if pin.holds(system, python) and pin.name in chosen]
    older = [pin.name for pin in here if Version(chosen[pin.name]) < Version(pin.version)]
    return (
        ", ".join([*(f"{name} {chosen[name]}" for name in older), *(f"{COMPILE} {name}" for name in compiled)])
        or COMPLETE
    )


def make_page(index: Index) -> str:
    lists = {name: read_pins(name) for name in PINS}
    told = index.list_files({pin.line: pin for pins in lists.values() for pin in pins}.values())
    known = {digest for pins in lists.values() for pin in pins for digest in pin.hashes}
    files = {key: {sha: name for sha, name in names.items() if sha in known} for key, names in told.items()}
    floors = read_floors()
    parts = [HEAD.format(day=f"{datetime.now(UTC):%Y-%m-%d}", pythons=f"{PYTHONS[0]} to {PYTHONS[-1]}")]
    for name, title in PINS.items():
        parts += [f"## {title} (`{name}`)\n", *write_table(lists[name], files, floors)]
    parts += [CHOICES, *write_choices(index, lists[RUNNING], files)]
    return MADE_BY + "\n".join(parts) + "\n"


HEAD = """\
# Which files there are for which computer

Asked of the package index on {day}, which names every file of a version; with set-up's lists this makes two
witnesses, since only files whose SHA-256 stands in the lists count here. Set-up installs the pinned versions.

- A cell names the oldest system that takes a file of the package: of Linux its C library (RHEL 8 has glibc 2.28,
  Debian 11 2.31, RHEL 9 2.34, Ubuntu 22.04 2.35), of macOS its version; *yes*: any Windows that Python runs on.
- *compile*: only the source would serve there. llama-cpp-python is compiled on purpose, for the processor that it will
  run on.
- Where Pythons ({pythons}) differ, the lowest and the highest need are given, and which Pythons have no file.
- *files*: how many our list accepts of this version, those for Pythons older than ours included.
- Alpine is here for comparison; nothing is promised for it.
"""
CHOICES = """\
## Within our bounds

What pip, pipx or uv find where the pinned versions are not used: are there, within the bounds in pyproject.toml,
versions that need no compiler but llama.cpp's, with files for glibc 2.28 (RHEL 8), musl 1.2, macOS 13 and Windows?
*yes*: all, as new as the pinned ones or newer; else what is older, and what has to be compiled all the same. pip takes
a newer source before an older file unless it is told `--prefer-binary`.
"""


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        PAGE.write_text(make_page(Index(Path(temporary))), encoding="utf-8", newline="\n")
