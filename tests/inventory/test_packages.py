"""The parts are those that are installed: none is missing, none without purpose or licence, and no entry of ours is
stale."""

from __future__ import annotations

import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

from leads_local.errors import InputError
from leads_local.inventory import packages
from leads_local.inventory.licences import is_compatible
from leads_local.inventory.packages import PYTHON, SELF, Part, Role

ROOT = Path(__file__).resolve().parents[2]
ON_OTHER_SYSTEMS = {"colorama"}


@pytest.fixture(scope="module")
def parts() -> list[Part]:
    return packages.list_parts(develop=True)


def of(parts: list[Part], role: Role) -> list[Part]:
    return [part for part in parts if part.role is role]


def test_each_package_of_pyproject_is_there_with_what_it_needs(parts: list[Part]) -> None:
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    names = {part.name for part in parts}
    assert {re.split(r"[><=]", one)[0] for one in asked} <= names
    assert {"markupsafe", "mdurl", "linkify-it-py"} <= {part.name for part in of(parts, Role.RUN)}, (
        "found through others only"
    )
    for part in parts:
        assert set(part.needs) <= names


def test_what_only_an_extra_asks_for_is_not_needed() -> None:
    assert not {"pytest", "mypy", "mistral-common", "fastapi", "tree-sitter", "pyside6"} & set(
        packages.find_requirements()
    )
    assert "pytest" in packages.find_requirements("dev")


def test_versions_are_those_that_are_installed(parts: list[Part]) -> None:
    for part in of(parts, Role.RUN):
        assert part.name == PYTHON or part.version == metadata.version(part.name)


def test_each_run_time_package_has_a_purpose_and_none_is_stale(parts: list[Part]) -> None:
    run = {part.name for part in of(parts, Role.RUN)} - {PYTHON}
    told = set(packages.read_table()["run"])
    assert run <= told, "leads_local/inventory/parts.toml does not say what these are for"
    assert told - run <= ON_OTHER_SYSTEMS, (
        "leads_local/inventory/parts.toml has entries for packages that are no longer needed"
    )
    assert all(part.purpose for part in parts)


def test_our_own_reading_of_a_licence_stands_only_where_the_metadata_give_none() -> None:
    for name, told in packages.read_table()["run"].items():
        assert ("spdx" in told) == (
            name not in ON_OTHER_SYSTEMS and packages._licence_of(name) == packages.NOT_STATED
        ), name


def test_the_licence_of_every_package_is_known_and_goes_with_ours(parts: list[Part]) -> None:
    for part in parts:
        if part.role is not Role.INSIDE:
            assert is_compatible(part.licence), f"{part.name} {part.version}: {part.licence}"


def test_the_licence_of_what_is_inside_is_known_but_for_one(parts: list[Part]) -> None:
    unknown = {part.name for part in of(parts, Role.INSIDE) if not is_compatible(part.licence)}
    assert unknown == {"Rust crates of llguidance"}, "their package does not list them; the table says so"


def test_what_is_inside_lies_in_a_package_that_is_needed(parts: list[Part]) -> None:
    run = {part.name for part in of(parts, Role.RUN)}
    inside = of(parts, Role.INSIDE)
    assert len(inside) == len(packages.read_table()["inside"])
    assert {part.within for part in inside} <= run
    versions = {part.name: part.version for part in inside}
    assert all(re.match(r"\d+\.\d+", versions[name]) for name in ("llama.cpp", "ggml", "MuPDF", "SQLite"))


def test_what_builds_is_what_set_up_pins(parts: list[Part]) -> None:
    listed = re.findall(r"^([\w-]+)==", (ROOT / "constraints-build.txt").read_text(), re.MULTILINE)
    assert {part.name for part in of(parts, Role.BUILD)} == {"C++ compiler", *listed}


def test_pinned_packages_have_the_hashes_of_set_up() -> None:
    text = (ROOT / "constraints.txt").read_text()
    for name, (version, hashes) in ((name, packages.find_pin(name)) for name in packages.read_table()["run"]):
        block = re.search(rf"^{name}=={re.escape(version)}.*\n((?:[ \t]+.*\n)+)", text, re.MULTILINE)
        assert block and re.findall(r"sha256:(\w+)", block[1]) == list(hashes)
    assert packages.find_pin("click", "0.1") == ("0.1", ()), "hashes of another version"


def test_our_own_files_are_there() -> None:
    for entry in packages.read_table()["ours"]:
        found = packages.own_files(entry["name"])
        assert len(found) >= len(entry["files"])
        assert all(re.fullmatch(r"[0-9a-f]{64}", one) for one in found.values())


def test_what_of_ours_is_not_there_is_not_listed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(packages, "ROOT", tmp_path)
    (tmp_path / "leads_local" / "demo").mkdir(parents=True)
    assert [part.name for part in packages.list_parts() if part.role is Role.OURS] == [SELF, "sample review"]


def test_where_the_program_is_no_package_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> None:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "requires", absent)
    with pytest.raises(InputError, match="not installed"):
        packages.find_requirements()


def test_a_package_that_is_missing_is_listed_as_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = metadata.requires
    monkeypatch.setattr(
        metadata, "requires", lambda name: [*(asked(name) or []), "gone-package>=1"] if name == SELF else asked(name)
    )
    [gone] = [part for part in packages.list_parts() if part.name == "gone-package"]
    assert (gone.version, gone.licence, gone.stated) == ("", "not stated", False)
