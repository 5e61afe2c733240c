"""The workflows that a public forge runs: they try what README.md promises, by commands that exist.

They can't be run here, so what they say is read: the computers are those of README.md's table, and every command is
one of ours, put to our own parsers.
"""

from __future__ import annotations

import re
import subprocess
import sys
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml

from docs import wheels
from leads_local.records import Question
from leads_local.review.review import Review
from tests.command_lines import Command, check, read_bash, read_powershell
from tests.patience import patience

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
TEST = yaml.safe_load((ROOT / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8"))
RELEASE = yaml.safe_load((ROOT / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8"))
# What a forge calls its machines, by the names in README.md's table.
MACHINES = {
    "ubuntu-22.04": "Linux x86-64",
    "ubuntu-24.04": "Linux x86-64",
    "ubuntu-22.04-arm": "Linux arm64",
    "ubuntu-24.04-arm": "Linux arm64",
    "macos-15": "macOS arm64",
    "macos-15-intel": "macOS Intel",
    "windows-2022": "Windows x86-64",
    "windows-11-arm": "Windows on ARM",
}
JOBS = {"unix": read_bash, "windows": read_powershell}
SYSTEMS_OWN = {"chcp", "tail", "Get-Content"}  # commands that come with the system


def promised() -> set[tuple[str, str]]:
    """Each computer and Python in README.md's table."""
    rows = re.findall(r"^\| ([^|]+) \| (3\.\d+) to (3\.\d+) \|", README, re.MULTILINE)
    between = {names: wheels.PYTHONS[wheels.PYTHONS.index(a) : wheels.PYTHONS.index(b) + 1] for names, a, b in rows}
    return {(name, python) for names, pythons in between.items() for name in names.split(", ") for python in pythons}


def tried(job: dict[str, Any]) -> set[tuple[str, str]]:
    matrix = job["strategy"]["matrix"]
    left_out = {(one["os"], one["python"]) for one in matrix.get("exclude", ())}
    return {(MACHINES[os], python) for os, python in {*product(matrix["os"], matrix["python"])} - left_out}


def steps(job: str) -> list[str]:
    return [step["run"] for step in TEST["jobs"][job]["steps"] if "run" in step]


def commands(job: str) -> list[Command]:
    return [command for text in steps(job) for command in JOBS[job](text)]


def test_what_readme_promises_is_tried_and_nothing_else() -> None:
    assert len(promised()) == 23
    assert set().union(*(tried(job) for job in TEST["jobs"].values())) == promised()


def test_readme_promises_no_computer_without_files() -> None:
    """``docs/reference/wheels.md`` says where there are none."""
    names = {system.name for system in wheels.SYSTEMS}
    assert {name for name, _ in promised()} == names - {"Alpine x86-64"}
    assert ("Windows on ARM", "3.11") not in promised()


def test_a_release_has_a_folder_for_each_promised_computer_but_windows_on_arm() -> None:
    """Where llama.cpp refuses to be compiled for any other processor than the builder's, unless by clang."""
    found = tried(RELEASE["jobs"]["wheels"])
    assert found == {(name, python) for name, python in promised() if name != "Windows on ARM"}


@pytest.mark.parametrize("job", JOBS)
def test_each_command_is_one_of_ours(job: str) -> None:
    ours = [command for command in commands(job) if command.words[0] not in SYSTEMS_OWN]
    assert len(ours) >= 6
    for command in ours:
        check(command)


@pytest.mark.parametrize(("job", "set_up"), [("unix", "make {} PYTHON=python"), ("windows", "python bootstrap.py {}")])
def test_every_part_of_the_way_is_tried(job: str, set_up: str) -> None:
    said = [" ".join(command.words).replace("\\", "/") for command in commands(job)]
    for part in (set_up.format("demo"), set_up.format("quick"), "-m tests.start_ui demo-output/sample.leads", "doctor"):
        assert [line for line in said if line.endswith(part)], part
    narrow = [command for command in commands(job) if ("PYTHONIOENCODING", "cp1252") in command.settings]
    assert [command.words[1] for command in narrow] == ["text"]


@pytest.mark.parametrize("job", JOBS)
def test_it_all_happens_in_a_folder_with_a_space_and_an_umlaut(job: str) -> None:
    told = TEST["jobs"][job]
    checkout = next(step for step in told["steps"] if step.get("uses", "").startswith("actions/checkout"))
    assert checkout["with"]["path"] == told["defaults"]["run"]["working-directory"] == "Über uns"


def test_windows_uses_the_powershell_that_every_windows_has() -> None:
    """It does not end a step at the first failure, so only a step's last command may fail."""
    assert TEST["jobs"]["windows"]["defaults"]["run"]["shell"] == "powershell"
    for text in steps("windows"):
        assert all(line.startswith(("chcp", "$env:")) for line in text.strip().splitlines()[:-1]), text


def test_each_paper_that_is_shown_is_in_the_sample() -> None:
    shown = {Path(word.replace("\\", "/")).stem for job in JOBS for one in commands(job) for word in one.words[2:3]}
    papers = {path.stem for path in (ROOT / "leads_local" / "demo" / "papers").iterdir()}
    assert shown & papers == {"haruyama-2018"}


def test_the_ui_starts_in_a_guarded_process_without_a_terminal(tmp_path: Path) -> None:
    path = tmp_path / "knee.leads"
    Review.create(path, Question(population="adults")).close()
    command = [sys.executable, "-m", "tests.start_ui", str(path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=patience(60))
    assert (done.returncode, done.stdout) == (0, "The UI started and ended.\n"), done.stderr
