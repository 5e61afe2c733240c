"""The lists of pinned packages: complete on every system and Python, with hashes, and without addresses."""

from __future__ import annotations

import importlib.metadata
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from set_up.pins import BUILDERS, HELD_BACK, LEFT_OUT, blocks, part

ROOT = Path(__file__).resolve().parents[1]
LISTS = ("constraints-build.txt", "constraints.txt", "constraints-dev.txt")
PIN = re.compile(r"([a-z0-9][a-z0-9._-]*)==([\w.+!]+)(?: ; (.+?))? \\")
HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}(?: \\)?")
SYSTEMS = (
    ("linux", "Linux", "x86_64"),
    ("linux", "Linux", "aarch64"),
    ("darwin", "Darwin", "arm64"),
    ("darwin", "Darwin", "x86_64"),
    ("win32", "Windows", "AMD64"),
    ("win32", "Windows", "ARM64"),
)
RELEASES = {"linux": ("6.1.0-18-amd64", "4.18.0-553.el8_10.x86_64")}  # of kernels: Debian's, and RHEL 8's
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
MACHINES = [
    {"sys_platform": platform, "platform_system": system, "platform_machine": machine, "python_version": python}
    | {"python_full_version": f"{python}.2", "os_name": "nt" if platform == "win32" else "posix", "extra": ""}
    | {"platform_release": release}
    for platform, system, machine in SYSTEMS
    for release in RELEASES.get(platform, ("1",))
    for python in PYTHONS
]
PARTS = ("sys_platform", "platform_machine", "platform_release", "python_version")
everywhere = pytest.mark.parametrize("machine", MACHINES, ids=lambda m: "-".join(m[part] for part in PARTS))


def pins(*names: str) -> dict[str, list[Requirement]]:
    """Each package's pins in the lists ``names``: several where systems or Pythons differ."""
    found: dict[str, list[Requirement]] = {}
    for name in names:
        for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
            if match := PIN.fullmatch(line):
                pin = Requirement(f"{match[1]}=={match[2]}" + (f" ; {match[3]}" if match[3] else ""))
                found.setdefault(canonicalize_name(pin.name), []).append(pin)
    return found


def pinned(requirement: Requirement, known: dict[str, list[Requirement]], machine: dict[str, str]) -> bool:
    """Whether exactly one pin holds on ``machine``, with a version that ``requirement`` allows."""
    here = [
        pin
        for pin in known.get(canonicalize_name(requirement.name), [])
        if pin.marker is None or pin.marker.evaluate(machine)
    ]
    versions = [next(iter(pin.specifier)).version for pin in here]
    return len(versions) == 1 and requirement.specifier.contains(versions[0], prereleases=True)


def project() -> dict[str, list[Requirement]]:
    """What pyproject.toml and set-up ask for, by the lists that must hold it."""
    told = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    build = [*told["build-system"]["requires"], *BUILDERS]
    run, dev = told["project"]["dependencies"], told["project"]["optional-dependencies"]["dev"]
    return {name: [Requirement(one) for one in asked] for name, asked in zip(LISTS, (build, run, dev), strict=True)}


@pytest.mark.parametrize("name", LISTS)
def test_each_line_is_a_pin_or_one_of_its_hashes(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    head, *lines = text.splitlines()
    assert head.startswith("# ") and "python3 bootstrap.py constraints" in head
    for before, line in zip([head, *lines], lines, strict=False):
        assert HASH.fullmatch(line) if before.endswith("\\") else PIN.fullmatch(line), line
    assert not lines[-1].endswith("\\")
    assert "://" not in text and " @ " not in text


@everywhere
def test_everything_that_is_asked_for_is_pinned_everywhere(machine: dict[str, str]) -> None:
    for name, asked in project().items():
        known = pins("constraints.txt", name) if name == "constraints-dev.txt" else pins(name)
        for requirement in asked:
            if requirement.marker is None or requirement.marker.evaluate(machine):
                assert pinned(requirement, known, machine), f"{requirement} is not pinned in {name}"


def needed(requirement: Requirement, machine: dict[str, str]) -> Iterator[Requirement]:
    """What the installed package asks for on ``machine``, with the extras that ``requirement`` names."""
    for text in importlib.metadata.requires(requirement.name) or []:
        one = Requirement(text)
        if one.marker is None or any(
            one.marker.evaluate(machine | {"extra": extra}) for extra in ("", *requirement.extras)
        ):
            yield one


@everywhere
def test_what_they_need_in_turn_is_pinned_too(machine: dict[str, str]) -> None:
    """pip installs the lists without looking for more, so nothing may be missing in them."""
    known, seen, waiting = pins("constraints.txt"), set(), list(project()["constraints.txt"])
    while waiting:
        requirement = waiting.pop()
        assert pinned(requirement, known, machine), f"{requirement} is not pinned"
        if (
            str(requirement) not in seen and requirement.name != "colorama"
        ):  # installed on Windows only; it needs nothing
            seen.add(str(requirement))
            waiting += needed(requirement, machine)


def test_what_stands_in_two_lists_has_one_version() -> None:
    one, two = pins("constraints-build.txt"), pins("constraints.txt", "constraints-dev.txt")
    assert not set(pins("constraints.txt")) & set(pins("constraints-dev.txt"))
    for name in set(one) & set(two):
        assert one[name] == two[name]


@everywhere
def test_what_is_held_back_somewhere_is_so_there(machine: dict[str, str]) -> None:
    known = pins("constraints.txt", "constraints-dev.txt")
    for requirement in map(Requirement, HELD_BACK):
        assert requirement.marker
        if requirement.marker.evaluate(machine):
            assert pinned(requirement, known, machine), f"{requirement}: run python3 bootstrap.py constraints"


@everywhere
def test_what_is_left_out_somewhere_is_in_no_list_there(machine: dict[str, str]) -> None:
    known = pins(*LISTS)
    for requirement in map(Requirement, LEFT_OUT):
        assert requirement.marker
        assert pinned(requirement, known, machine) == requirement.marker.evaluate(machine)


def test_a_list_keeps_each_pin_with_its_hashes() -> None:
    text = (
        "# made so\na==1 \\\n    --hash=sha256:0\nb.c==2 ; sys_platform == 'win32' \\\n    --hash=sha256:1 \\\n    "
        "--hash=sha256:2\n"
    )
    assert [block.split("==")[0] for block in blocks(text)] == ["a", "b.c"]
    assert "# made so\n" + "".join(blocks(text)) == text


@pytest.mark.parametrize("name", LISTS)
def test_the_parts_of_a_list_are_all_of_it(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    kept, left = (blocks(part(name, lambda package, want=want: (package < "m") == want)) for want in (True, False))
    assert sorted([*kept, *left]) == sorted(blocks(text)) and kept and left
