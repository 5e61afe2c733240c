"""The packages that this program needs, as they are installed here, with what is inside them.

The walk begins at our own distribution and follows what each package asks for. What it asks for under a condition (a
system, a version of Python) is taken to be needed where it is installed, so no conditions have to be understood; what
belongs to an extra only where that extra is asked for.
"""

from __future__ import annotations

import hashlib
import platform
import re
import sqlite3
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import metadata, resources
from pathlib import Path
from typing import Any

from leads_local import __version__
from leads_local.errors import InputError
from leads_local.inventory import licences
from leads_local.inventory.licences import NOT_STATED

SELF = "leads-local"
PYTHON = "Python"
ROOT = Path(__file__).resolve().parents[2]
PINS = ("constraints.txt", "constraints-build.txt", "constraints-dev.txt")
_REQUIREMENT = re.compile(r"\s*([\w.-]+)\s*(?:\[([^\]]*)\])?([^;]*)(?:;(.*))?", re.DOTALL)
_EXTRA = re.compile(r"""extra\s*==\s*["']([^"']+)["']""")
_PIN = re.compile(r"^([\w.-]+)==([\w.+!]+)[^\n]*\\\n((?:[ \t]+--hash=sha256:\w+[^\n]*\n?)+)", re.MULTILINE)


class Role(StrEnum):
    OURS = "ours"
    RUN = "run time"
    INSIDE = "inside"
    BUILD = "building"
    DEVELOP = "development"


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that this program is made of or with.

    ``licence`` is an SPDX expression or "not stated"; ``within`` names the part that holds it, ``needs`` the packages
    that it asks for, ``hashes`` are the SHA-256 of the files that set-up accepts for this version. An empty ``version``
    is not told.
    """

    name: str
    version: str
    licence: str
    purpose: str
    role: Role
    within: str = ""
    needs: tuple[str, ...] = ()
    hashes: tuple[str, ...] = ()

    @property
    def stated(self) -> bool:
        return self.licence != NOT_STATED


def list_parts(develop: bool = False) -> list[Part]:
    """Everything, ours first. With ``develop`` also what only developers install. Raises InputError where leads-local
    is not installed."""
    run = find_requirements()
    found = [_package_part(name, needs, Role.RUN) for name, needs in sorted(run.items()) if name != SELF]
    found.append(Part(PYTHON, platform.python_version(), "PSF-2.0", "runs all of it", Role.RUN))
    held = {part.name for part in found}
    found += [_inside_part(entry) for entry in read_table()["inside"] if entry["of"] in held]
    found += [_build_part(name) for name in read_table()["build"]]
    if develop:
        known = {*run, *read_table()["build"]}
        found += [
            _package_part(name, needs, Role.DEVELOP)
            for name, needs in sorted(find_requirements("dev").items())
            if name not in known
        ]
    program = Part(
        SELF, __version__, _licence_of(SELF), "systematic reviews with a local model", Role.OURS, needs=run[SELF]
    )
    return [program, *(_own_part(entry) for entry in read_table()["ours"] if _folder_of(entry).is_dir()), *found]


def find_requirements(*extras: str) -> dict[str, tuple[str, ...]]:
    """What each package that is needed here asks for, by canonical name, ours included. One that is missing asks for
    nothing."""
    needs: dict[str, set[str]] = {}
    waiting, seen = [(SELF, frozenset(extras))], set()
    while waiting:
        name, wanted = waiting.pop()
        if (name, wanted) in seen:
            continue
        seen.add((name, wanted))
        asked = list(_requirements_of(name, wanted))
        needs.setdefault(name, set()).update(one for one, _ in asked)
        waiting += asked
    return {name: tuple(sorted(asked)) for name, asked in needs.items()}


def _requirements_of(name: str, extras: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    """The packages that ``name`` with ``extras`` asks for, and with which extras of theirs."""
    for text in _stated_requirements(name):
        match = _REQUIREMENT.match(text)
        assert match
        other, theirs, _, condition = match.groups()
        only = set(_EXTRA.findall(condition or ""))
        if only and not only & extras:
            continue
        other = canonical_name(other)
        if condition and not is_installed(other):
            continue
        yield other, frozenset(part.strip() for part in (theirs or "").split(",") if part.strip())


def _stated_requirements(name: str) -> Iterable[str]:
    try:
        return metadata.requires(name) or ()
    except metadata.PackageNotFoundError:
        if name == SELF:
            raise InputError(
                "leads-local is not installed here as a package, so its parts are not known.", "Set it up: make demo."
            ) from None
        return ()


def canonical_name(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def is_installed(name: str) -> bool:
    try:
        metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def _installed_version(name: str) -> str:
    return metadata.version(name) if is_installed(name) else ""


def _licence_of(name: str, ours: str = "") -> str:
    """What the installed metadata say, else ``ours``, our own reading of the licence file."""
    said = licences.stated_licence(metadata.metadata(name)) if is_installed(name) else NOT_STATED
    return ours if said == NOT_STATED and ours else said


def _package_part(name: str, needs: tuple[str, ...], role: Role) -> Part:
    told = read_table()["develop" if role is Role.DEVELOP else "run"].get(name, {})
    version = _installed_version(name)
    purpose = told.get("for", "for developers" if role is Role.DEVELOP else "")
    return Part(
        name,
        version,
        _licence_of(name, told.get("spdx", "")),
        purpose,
        role,
        needs=needs,
        hashes=find_pin(name, version)[1],
    )


def _build_part(name: str) -> Part:
    """What builds need not be there any more; then the pins say its version."""
    told = read_table()["build"][name]
    version, hashes = find_pin(name, _installed_version(name))
    return Part(name, version, _licence_of(name, told["spdx"]), told["for"], Role.BUILD, hashes=hashes)


def _inside_part(entry: dict[str, Any]) -> Part:
    version = (
        sqlite3.sqlite_version if entry["name"] == "SQLite" else _find_version(entry["of"], **entry.get("version", {}))
    )
    return Part(entry["name"], version, entry["spdx"] or NOT_STATED, entry["for"], Role.INSIDE, within=entry["of"])


def _find_version(package: str, file: str = "", pattern: str = "") -> str:
    """What ``pattern`` finds in ``file`` of ``package``, or ""."""
    if not file:
        return ""
    path = Path(str(metadata.distribution(package).locate_file(file)))
    found = re.search(pattern, path.read_text(encoding="utf-8", errors="replace")) if path.is_file() else None
    return found[1] if found else ""


def _own_part(entry: dict[str, Any]) -> Part:
    return Part(entry["name"], __version__, entry["spdx"], entry["for"], Role.OURS, within=SELF)


def _folder_of(entry: dict[str, Any]) -> Path:
    """Where one of our own parts lies: in a checkout, or else in a wheel. The folder may be missing."""
    places: list[Path] = [ROOT / entry[key] for key in ("folder", "in_wheel") if key in entry]
    return next((place for place in places if place.is_dir()), places[0])


def own_files(name: str) -> dict[str, str]:
    """The files of one of our own parts with their SHA-256, by their place in a checkout, wherever they lie here; none
    where they are missing."""
    entry = next(entry for entry in read_table()["ours"] if entry["name"] == name)
    folder = _folder_of(entry)
    paths = sorted(path for pattern in entry["files"] for path in folder.glob(pattern))
    return {
        f"{entry['folder']}/{path.relative_to(folder).as_posix()}": hashlib.sha256(path.read_bytes()).hexdigest()
        for path in paths
    }


@cache
def read_table() -> dict[str, Any]:
    return tomllib.loads(resources.files("leads_local.inventory").joinpath("parts.toml").read_text(encoding="utf-8"))


def find_pin(name: str, version: str = "") -> tuple[str, tuple[str, ...]]:
    """The version of ``name`` that set-up installs, or ``version`` where it is given, and its hashes: none where
    another one is pinned."""
    known = [(one, hashes) for one, hashes in _read_pins().get(name, ()) if version in ("", one)]
    return known[0] if known else (version, ())


@cache
def _read_pins() -> dict[str, tuple[tuple[str, tuple[str, ...]], ...]]:
    """The versions and hashes in the lists of set-up, as far as they are here: beside the program in a checkout, inside
    it in a wheel."""
    found: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {}
    for name in PINS:
        path = next((place / name for place in (ROOT, Path(__file__).parent) if (place / name).is_file()), None)
        for pin, version, hashes in _PIN.findall(path.read_text(encoding="utf-8") if path else ""):
            found[pin] = (*found.get(pin, ()), (version, tuple(re.findall(r"sha256:(\w+)", hashes))))
    return found
