"""What README.md and the volunteer's checklist tell people to type is understood, in bash and in PowerShell."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from tests import command_lines
from tests.command_lines import Command, blocks, check, read_bash, read_powershell

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
TEXTS = {name: (ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "docs/volunteer.md")}
SAME_PLACES = {"/media/usb": "E:"}  # what is called otherwise on Windows, in our examples


def in_powershell(command: Command) -> Command:
    """What a bash command is in PowerShell: the set-up without make, and other places."""
    words = list(command.words)
    if words[0] == "make":
        words = ["py", "bootstrap.py", *words[1:]]
    for here, there in SAME_PLACES.items():
        words = [word.replace(here, there) for word in words]
    if words[0] == ".venv/bin/leads-local":
        words[0] = ".venv/Scripts/leads-local"
    return Command(tuple(words), command.settings)


def with_slashes(command: Command) -> Command:
    return Command(tuple(word.replace("\\", "/") for word in command.words), command.settings)


@pytest.mark.parametrize("name", TEXTS)
def test_each_bash_block_has_its_powershell_twin_below(name: str) -> None:
    found = [(language, text) for language, text in blocks(TEXTS[name]) if language != "toml"]
    for place, (language, text) in enumerate(found):
        if language == "bash":
            other, twin = found[place + 1]
            assert other == "powershell", f"no PowerShell below:\n{text}"
            meant = [with_slashes(in_powershell(command)) for command in read_bash(text)]
            assert [with_slashes(command) for command in read_powershell(twin)] == meant
        elif language == "powershell":
            assert found[place - 1][0] == "bash", f"no bash above:\n{text}"
        else:
            assert language == "" and read_bash(text) == read_powershell(text), f"not the same in both:\n{text}"


@pytest.mark.parametrize("name", TEXTS)
def test_each_command_in_a_block_is_one_of_ours(name: str) -> None:
    read = {"bash": read_bash, "powershell": read_powershell, "": read_bash}
    commands = [one for language, text in blocks(TEXTS[name]) if language in read for one in read[language](text)]
    assert len(commands) > 3
    for command in commands:
        check(command)


def told_in_passing(text: str) -> list[str]:
    """Commands of ours within sentences and tables."""
    outside = re.sub(r"^ *```.*?^ *```$", "", text, flags=re.DOTALL | re.MULTILINE)
    return re.findall(r"`((?:leads-local|make|py bootstrap\.py|python3? bootstrap\.py|py -3) [^`…]*)`", outside)


@pytest.mark.parametrize("name", TEXTS)
def test_each_command_in_a_sentence_is_one_of_ours(name: str) -> None:
    told = told_in_passing(TEXTS[name])
    assert told or name != "README.md"
    for text in told:
        if text != "leads-local COMMAND --help":
            [command] = read_bash(text.replace("$(uv python find 3.12)", "python3.12"))
            try:
                check(command)
            except click.MissingParameter:
                assert name == "README.md" and not re.search("[A-Z]{4}", text), text  # named without its arguments


def test_the_compiled_llama_cpp_of_others_that_readme_names_is_the_pinned_version() -> None:
    """Another one would be replaced, and so compiled."""
    [pinned] = re.findall(r"^(llama-cpp-python==\S+)", (ROOT / "constraints.txt").read_text("utf-8"), re.MULTILINE)
    assert re.findall(r"llama-cpp-python==[\w.]+", README) == [pinned]
    assert f"of {pinned.partition('==')[2]}, which we pin" in README


def test_each_paper_that_the_checklist_shows_is_in_the_sample() -> None:
    shown = set(re.findall(r"papers[/\\]([\w-]+)\.pdf", TEXTS["docs/volunteer.md"]))
    assert shown and shown <= {path.stem for path in (ROOT / "leads_local" / "demo" / "papers").iterdir()}


def test_the_table_of_set_up_commands_has_the_same_in_both_columns() -> None:
    rows = re.findall(r"^\| `(make \w+)` \| `(py bootstrap\.py \w+)` \|", README, re.MULTILINE)
    assert len(rows) >= 4
    for bash, powershell in rows:
        assert [in_powershell(command) for command in read_bash(bash)] == read_powershell(powershell)


@pytest.mark.parametrize(
    "line",
    ["leads-local pdfs k.leads ~/papers", "leads-local a \\\n b", "A=1 make demo && b", "leads-local import k *.ris"],
)
def test_what_powershell_takes_otherwise_is_noticed(line: str) -> None:
    try:
        assert read_powershell(line) != read_bash(line)
    except ValueError as error:
        assert "PowerShell takes this otherwise" in str(error)


@pytest.mark.parametrize(
    "line",
    [
        "leads-local imprt knee.leads",
        "leads-local export knee.leads --too tables",
        "leads-local screen knee.leads --mode triag",
        "leads-local convert FOLDER --quantt Q4_K_M",
        "leads-local convert plan",
        "leads-local models us x",
        "make demos",
        "make demo PYTHO=x",
        "python3 bootstrap.py dmo",
        "python3 -m docs.wheel",
        "rm -rf x",
    ],
)
def test_a_wrong_command_is_noticed(line: str) -> None:
    with pytest.raises((AssertionError, click.UsageError)):
        command_lines.check(*read_bash(line))
