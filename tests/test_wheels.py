"""The page on files for each computer: about today's lists and bounds, and what it says keeps what README.md promises.

What needs a package index is the making of the page; here the page that is there is read.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from docs import wheels
from docs.wheels import COMPILE, COMPLETE, PYTHONS, RELEASES, SYSTEMS, Files, Pin, System
from set_up.pins import LLAMA

PAGE = wheels.PAGE.read_text(encoding="utf-8")
LISTS = ("constraints-build.txt", "constraints.txt", "constraints-dev.txt")
PROMISED = [system for system in SYSTEMS if not system.name.startswith("Alpine")]
RHEL_8 = (2, 28)
# What has no file, and README.md says so.
KNOWN = {("pyyaml", "Windows on ARM", "3.11")}


def section(title: str) -> str:
    return next(part for part in PAGE.split("\n## ") if title in part.partition("\n")[0])


def rows(part: str) -> Iterator[list[str]]:
    lines = [line for line in part.splitlines() if line.startswith("| ")]
    return ([cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:])


def system_called(name: str) -> System:
    return next(system for system in SYSTEMS if system.name == name)


@pytest.mark.parametrize("name", LISTS)
def test_the_page_has_each_pin_with_the_number_of_its_files_and_our_bounds(name: str) -> None:
    floors, part = wheels.read_floors(), section(f"`{name}`")
    for pin in wheels.read_pins(name):
        title, bounds, count = pin.title, floors.get(pin.name, ""), len(pin.hashes)
        in_table = f"| {title} | {bounds} | {count} |" in part
        in_sentence = f"{title} ({count}{', ' if bounds else ''}{bounds})" in part
        assert in_table or in_sentence, f"{title}: run python -m docs.wheels"


@pytest.mark.parametrize("name", LISTS)
def test_the_page_has_nothing_else(name: str) -> None:
    part = section(f"`{name}`")
    sentence = part.partition("one file for all: ")[2]
    told = [row[0] for row in rows(part)] + re.findall(r"(?:^|\), )([\w.-]+ [\w.]+(?: where [^()]+?)?) \(\d", sentence)
    assert sorted(told) == sorted(pin.title for pin in wheels.read_pins(name))


def test_no_address_is_in_the_page() -> None:
    assert "://" not in PAGE and "pypi" not in PAGE.lower()


def test_every_promised_computer_has_a_file_of_what_set_up_installs_and_builds_with() -> None:
    found = set()
    for name in LISTS[:2]:
        for package, _, _, *cells in rows(section(f"`{name}`")):
            for system, cell in zip(SYSTEMS, cells, strict=True):
                if COMPILE in cell and system in PROMISED and not package.startswith(LLAMA):
                    found |= {(package.split()[0], system.name, python) for python in _without_file(cell)}
    assert found == KNOWN


def _without_file(cell: str) -> list[str]:
    return re.findall(r"\d\.\d\d", cell.partition("; ")[2]) or list(PYTHONS)


def test_on_rhel_8_every_pin_has_a_file_for_its_c_library() -> None:
    pins = {pin.title: pin for pin in wheels.read_pins("constraints.txt")}
    seen = set()
    for title, _, _, *cells in rows(section("`constraints.txt`")):
        for system, cell in zip(SYSTEMS[:2], cells, strict=False):
            if pins[title].holds(system, "3.12", RELEASES[1]) and cell != COMPILE:
                needed = re.match(r"glibc (\d+)\.(\d+)", cell)
                assert needed and (int(needed[1]), int(needed[2])) <= RHEL_8, f"{title}: {cell}"
                seen.add(pins[title].name)
    assert {"llguidance", "numpy", "pymupdf"} <= seen


def test_within_our_bounds_every_promised_computer_finds_all_it_needs() -> None:
    found = {
        (word, row[0], python)
        for row in rows(section("Within our bounds"))
        if system_called(row[0]) in PROMISED
        for python, cell in zip(PYTHONS, row[1:], strict=True)
        if cell != COMPLETE
        for word in re.findall(rf"{COMPILE} (\S+)|({wheels.NOTHING})", cell)
        for word in filter(None, word)
    }
    assert found == KNOWN


LINUX, MAC, INTEL, WINDOWS, ARM = (SYSTEMS[place] for place in (0, 3, 4, 5, 6))


@pytest.mark.parametrize(
    ("file", "system", "python", "oldest"),
    [
        ("a-1-cp312-cp312-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl", LINUX, "3.12", (2, 27)),
        ("a-1-cp312-cp312-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl", LINUX, "3.13", None),
        ("a-1-cp39-abi3-manylinux2014_x86_64.whl", LINUX, "3.14", (2, 17)),
        ("a-1-cp312-abi3-win_arm64.whl", ARM, "3.11", None),
        ("a-1-cp312-abi3-win_arm64.whl", ARM, "3.13", ()),
        ("a-1-cp312-abi3-win_amd64.whl", ARM, "3.13", None),
        ("a-1-cp313-cp313t-win_amd64.whl", WINDOWS, "3.13", None),
        ("a-1-cp310-cp310-macosx_10_9_universal2.whl", MAC, "3.11", None),
        ("a-1-cp311-cp311-macosx_10_9_universal2.whl", INTEL, "3.11", (10, 9)),
        ("a-1-py3-none-macosx_11_0_arm64.whl", MAC, "3.14", (11, 0)),
        ("a-1-py3-none-macosx_11_0_arm64.whl", INTEL, "3.14", None),
        ("a-1-py2.py3-none-any.whl", INTEL, "3.14", ()),
        ("a-1.tar.gz", LINUX, "3.12", None),
    ],
)
def test_a_files_name_says_who_can_use_it(file: str, system: System, python: str, oldest: object) -> None:
    assert wheels.oldest_system([file], system, python) == oldest


def test_a_cell_says_what_is_needed_and_for_which_pythons_there_is_nothing() -> None:
    pin = Pin("a", "1", "", frozenset())
    names = [f"a-1-cp{one}-cp{one}-macosx_10_{low}_x86_64.whl" for one, low in (("312", 9), ("313", 13), ("314", 15))]
    assert wheels.describe_cell(pin, [*names, "a-1.tar.gz"], INTEL) == "macOS 10.9–10.15; 3.11: compile"
    assert wheels.describe_cell(pin, names, INTEL) == "macOS 10.9–10.15; 3.11: nothing"
    assert wheels.describe_cell(pin, ["a-1.tar.gz"], ARM) == "compile"
    only = Pin("a", "1", "sys_platform != 'win32'", frozenset())
    assert wheels.describe_cell(only, names, ARM) == "not needed"
    old = Pin("a", "1", "'el8' in platform_release", frozenset())
    assert wheels.describe_cell(old, ["a-1-py3-none-manylinux_2_28_x86_64.whl"], LINUX) == "glibc 2.28"


class ToldIndex(wheels.Index):
    """Where uv says this."""

    def __init__(self, folder: Path, code: int, told: str) -> None:
        self._folder, self._code, self._told = folder, code, told

    def _compile(self, source: Path, *options: str) -> subprocess.CompletedProcess[str]:
        self.asked = (source.read_text(encoding="utf-8"), " ".join(options))
        (self._folder / "pylock.pins.toml").write_text(self._told, encoding="utf-8")
        return subprocess.CompletedProcess([], self._code, "a==1\nb-c==2.0.post1\n", "error: no such package\n")


PYLOCK = """
[[packages]]
name = "a"
version = "1"
sdist = { url = "https://files.example/a/a-1.tar.gz", hashes = { sha256 = "0" } }
wheels = [{ url = "https://files.example/a/a-1-py3-none-any.whl", hashes = { sha256 = "1" } },
          { path = "here/a-1-py3-none-win_arm64.whl", hashes = { sha256 = "2" } }]
"""


def test_the_index_tells_what_each_file_is_called(tmp_path: Path) -> None:
    pin = Pin("a", "1", "", frozenset())
    told = {"0": "a-1.tar.gz", "1": "a-1-py3-none-any.whl", "2": "a-1-py3-none-win_arm64.whl"}
    assert ToldIndex(tmp_path, 0, PYLOCK).list_files([pin]) == {("a", "1"): told}


def test_only_files_are_asked_for_but_of_what_is_to_be_compiled(tmp_path: Path) -> None:
    index = ToldIndex(tmp_path, 0, "")
    assert index.choose(ARM, "3.11", ["b-c"]) == {"a": "1", "b-c": "2.0.post1"}
    wanted, options = index.asked
    where = "--python-platform aarch64-pc-windows-msvc --python-version 3.11"
    assert options == f"{where} --only-binary :all: --no-binary b-c"
    assert "llguidance>=1.6.1,<2" in wanted.splitlines() and LLAMA not in wanted
    assert ToldIndex(tmp_path, 1, "").choose(ARM, "3.11", []) is None


def test_an_index_that_does_not_answer_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"^The package index could not be asked: error: no such package$"):
        ToldIndex(tmp_path, 1, "").list_files([])


def test_a_file_that_is_not_pinned_does_not_count() -> None:
    class TwoFiles(FixedIndex):
        def list_files(self, pins: Iterable[Pin]) -> Files:
            return {
                (pin.name, pin.version): {min(pin.hashes): "a-1.tar.gz", "later": "a-1-py3-none-win_arm64.whl"}
                for pin in pins
            }

    page = wheels.make_page(TwoFiles({}))
    assert re.search(r"^\| pyyaml [^|]+\|[^|]*\| \d+ (\| compile ){7}\|$", page, re.MULTILINE)


class FixedIndex(wheels.Index):
    """Finds these versions; none at all unless what has no file is compiled."""

    def __init__(self, chosen: dict[str, str], compiled: tuple[str, ...] = ()) -> None:
        self._chosen, self._compiled = chosen, compiled

    def choose(self, system: System, python: str, compiled: object) -> dict[str, str] | None:
        return self._chosen if tuple(compiled) == self._compiled else None  # type: ignore[call-overload]


def test_what_is_found_within_our_bounds_is_told_where_it_is_older_or_compiled() -> None:
    pins = [Pin("a", "1.10", "", frozenset()), Pin("b", "2", "", frozenset())]
    files: Files = {("a", "1.10"): {"0": "a-1.10-py3-none-any.whl"}, ("b", "2"): {"1": "b-2.tar.gz"}}
    for chosen, compiled, told in [
        ({"a": "1.10", "b": "2.1"}, (), "yes"),
        ({"a": "1.9", "b": "2"}, (), "a 1.9"),
        ({"a": "1.10", "b": "2"}, ("b",), "compile b"),
        ({}, ("a",), "nothing"),
    ]:
        assert wheels.describe_choice(FixedIndex(chosen, compiled), pins, files, ARM, "3.11") == told
