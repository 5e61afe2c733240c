"""Commands as Markdown shows them and workflows run them: read as bash or PowerShell would, and put to our own parsers.

``read_bash`` and ``read_powershell`` know what such texts need of the two languages and refuse the rest, so that a text
which one of them would take otherwise fails its test. ``check`` raises where a command is none of ours.
"""

from __future__ import annotations

import importlib
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

import bootstrap
from convert.command_line import SUBCOMMANDS
from convert.terminal import Parser
from leads_local.cli.__main__ import leads_local
from leads_local.cli.quantizing import REVIEW_COMMANDS

ROOT = Path(__file__).resolve().parents[1]
_WORD = re.compile(r"""(?:"(?:[^"`$]|\$HOME)*"|'[^']*'|[^\s"'`#$;|&<>(){}@,*?~]|(?<=\S)[#@,]|\$HOME)+""")
_SETTING = re.compile(r'\$env:(\w+) = "([^"`$]*)"')
_PYTHON = re.compile(r"python[\d.]*|py")


@dataclass(frozen=True, slots=True)
class Command:
    """A program with its arguments, and what is set in the environment for it."""

    words: tuple[str, ...]
    settings: tuple[tuple[str, str], ...] = ()


def blocks(text: str) -> list[tuple[str, str]]:
    """The fenced blocks of a Markdown text with their languages, in order."""
    return [(found[1], found[2]) for found in re.finditer(r"^ *```(\w*)\n(.*?)^ *```$", text, re.DOTALL | re.MULTILINE)]


def read_bash(text: str) -> list[Command]:
    found = []
    for line in text.replace("\\\n", " ").splitlines():
        words = shlex.split(line, comments=True)
        settings = []
        while words and re.match(r"[A-Z_]+=", words[0]):
            name, _, value = words.pop(0).partition("=")
            settings.append((name, value))
        if words:
            found.append(Command(tuple(words), tuple(settings)))
    return found


def read_powershell(text: str) -> list[Command]:
    """Raises ValueError at anything that a Windows PowerShell 5.1 does not hand on to a program as it stands."""
    found, settings = [], []
    for line in text.replace("`\n", " ").splitlines():
        if setting := _SETTING.fullmatch(line.strip()):
            settings.append((setting[1], setting[2]))
        elif words := _powershell_words(line):
            found.append(Command(tuple(words), tuple(settings)))
    return found


def _powershell_words(line: str) -> list[str]:
    words, rest = [], line.strip()
    while rest and not rest.startswith("#"):
        match = _WORD.match(rest)
        if match is None or (match.end() < len(rest) and not rest[match.end()].isspace()):
            raise ValueError(f"PowerShell takes this otherwise: {rest!r} in {line!r}")
        words.append(re.sub(r"[\"']", "", match[0]))
        rest = rest[match.end() :].strip()
    return words


def check(command: Command) -> None:
    """Raises AssertionError, or what the parser says, where this project knows no such command."""
    program, *arguments = command.words
    name = program.replace("\\", "/").rpartition("/")[2]
    if name == "leads-local":
        check_leads_local(arguments)
    elif name == "make":
        check_make(arguments)
    elif _PYTHON.fullmatch(name):
        check_python(arguments)
    else:
        raise AssertionError(f"no command of ours: {command.words}")


def check_leads_local(arguments: Sequence[str]) -> None:
    """Parse as the program does, without doing it."""
    given, command = list(arguments), leads_local
    context = click.Context(leads_local)
    while isinstance(command, click.Group) and given and given[0] not in ("--help", "--version"):
        name = given.pop(0)
        found = command.get_command(context, name)
        assert found is not None, f"leads-local {' '.join(arguments)}: there is no {name}"
        if name == "convert":
            return check_convert(given)
        command = found
    if given and given[0] in ("--help", "--version"):
        return None
    command.make_context(command.name or "", given)
    return None


def check_convert(given: list[str]) -> None:
    if not given:
        raise click.MissingParameter()
    if given[:1] and given[0] in REVIEW_COMMANDS and given[-1].endswith(".leads"):
        REVIEW_COMMANDS[given[0]].make_context(given[0], given[1:])
        return
    name = given.pop(0) if given and given[0] in SUBCOMMANDS else ""
    parser = Parser(prog="convert", exit_on_error=False)
    importlib.import_module(f"convert.commands.{name or 'make'}").configure(parser)
    try:
        parser.parse_args(given)
    except SystemExit as error:
        raise AssertionError(f"convert {name} {given}") from error


def check_make(arguments: Sequence[str]) -> None:
    """Each word is a target of the Makefile, or a variable that it knows."""
    made = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"^\.PHONY: (.*)$", made, re.MULTILINE)[0].split()
    for word in arguments:
        variable, is_variable, _ = word.partition("=")
        assert (
            re.search(rf"\$\({variable}\)|^{variable} \?=", made, re.MULTILINE) if is_variable else word in targets
        ), word


def check_python(arguments: Sequence[str]) -> None:
    given = [word for word in arguments if not re.fullmatch(r"-3\.\d+|-P", word)]
    if given[:1] == ["bootstrap.py"]:
        assert given[1] in bootstrap.COMMANDS, given
    elif given[:2] == ["-m", "leads_local"]:
        check_leads_local(given[2:])
    else:
        module = ROOT / given[1].replace(".", "/")
        assert given[0] == "-m" and (module.with_suffix(".py").is_file() or (module / "__main__.py").is_file()), given
