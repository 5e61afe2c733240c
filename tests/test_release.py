"""What stands in several files and must be the same in all: the version, the paper, how llama.cpp is built."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

import leads_local
from set_up.wheelhouse import portable
from tests.test_bootstrap import bootstrap as bootstrap  # a fixture

ROOT = Path(__file__).resolve().parents[1]


def read_yaml(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def test_the_citation_names_this_version_and_the_paper_that_readme_names() -> None:
    citation = read_yaml("CITATION.cff")
    assert citation["cff-version"] == "1.2.0" and citation["version"] == leads_local.__version__
    [paper] = citation["references"]
    assert f"https://doi.org/{paper['doi']}" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(paper["authors"]) == 23 and paper["authors"][0]["family-names"] == "Wang"


def test_released_wheels_are_built_as_set_up_builds_but_for_any_processor(bootstrap: Any) -> None:
    build = read_yaml(".github/workflows/release.yml")["jobs"]["wheels"]
    assert build["env"]["CMAKE_ARGS"] == portable("").arguments
    oldest = ".".join(map(str, bootstrap.OLDEST_PYTHON))
    assert build["strategy"]["matrix"]["python"][0] == oldest
    assert {name.split("-")[0] for name in build["strategy"]["matrix"]["os"]} == {"ubuntu", "macos", "windows"}


def test_a_release_installs_nothing_unchecked() -> None:
    jobs = read_yaml(".github/workflows/release.yml")["jobs"].values()
    steps = "\n".join(step.get("run", "") for job in jobs for step in job["steps"])
    for line in re.findall(r"pip (?:install|wheel) .*", steps):
        assert "--require-hashes" in line or "--no-index" in line or ("--no-deps" in line and " . " in line), line
    for name in re.findall(r"constraints[\w-]*\.txt", steps):
        assert (ROOT / name).is_file()


@pytest.mark.parametrize("name", ["leads_local", "convert"])
def test_types_are_announced(name: str) -> None:
    assert (ROOT / name / "py.typed").is_file()
