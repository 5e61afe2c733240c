"""The user's settings: one TOML file, validated in one place.

A setting comes from the command line, else from the environment, else from the file, else from the default below. An
unknown key is an error that lists all offenders, so that a misspelt setting is never silently without effect.
"""

from __future__ import annotations

import getpass
import json
import os
import reprlib
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, get_type_hints

from leads_local import files, paths, private, toml_text
from leads_local.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Settings:
    model: str = ""
    """Path of the GGUF file to use (``LEADS_LOCAL_MODEL``, ``--model``). Empty: no model, everything else still
    works."""

    prompt_pack: str = ""
    """Name of the prompt pack. Empty: the one that the model's manifest entry names, else ``default``."""

    gpu_layers: int = -1
    """How many layers to put on the GPU when llama.cpp has a GPU backend; -1 is all of them, 0 none."""

    threads: int = 0
    """Threads for model work; 0 is one for each physical core."""

    context: int = 0
    """Most tokens of one request, prompt and answer together; 0 lets the plan choose."""

    sequences: int = 0
    """Most requests that are worked on at the same time; 0 lets the plan choose."""

    paper_cache: int = 4
    """GiB of disk, at most, for the evaluated text of papers, so that a job that goes on need not read them again; 0
    keeps none."""

    keep_awake: bool = True
    """Whether this computer is kept from falling asleep by itself while the model works, where the system offers that;
    false leaves that to you, and says nothing of it."""

    ocr_languages: str = "eng"
    """In which languages OCR reads scans, by Tesseract's names and joined by a plus: ``eng+deu``."""

    reviewer: str = ""
    """Name to write beside what you say to a review (``LEADS_LOCAL_REVIEWER``, ``--reviewer``). Empty: you are asked;
    where nobody can be, the account's user name."""

    @property
    def reviewer_name(self) -> str:
        """``reviewer``, else the account's user name, else ""."""
        if self.reviewer:
            return self.reviewer
        try:
            return getpass.getuser()
        except (OSError, KeyError, ImportError):  # no such account: a container, say
            return ""


_TYPES_IN_WORDS = {str: "a text in quotation marks", int: "a whole number", bool: "true or false"}
_LOWEST = {"gpu_layers": -1, "threads": 0, "context": 0, "sequences": 0, "paper_cache": 0}
_HIGHEST = {"gpu_layers": 10_000, "threads": 1024, "context": 1 << 24, "sequences": 1024, "paper_cache": 1 << 20}
_ENVIRONMENT = {"LEADS_LOCAL_MODEL": "model", "LEADS_LOCAL_REVIEWER": "reviewer"}


def _check_table(table: dict[str, Any], source: str) -> dict[str, Any]:
    types = get_type_hints(Settings)
    unknown = sorted(set(table) - set(types))
    if unknown:
        known, more = ", ".join(types), f" and {len(unknown) - 10} more" if len(unknown) > 10 else ""
        raise ConfigError(
            f"{source}: unknown setting {', '.join(name[:40] for name in unknown[:10])}{more}.",
            f"The settings are: {known}.",
        )
    wrong = [
        f"{key} must be {_TYPES_IN_WORDS[types[key]]}, is {reprlib.repr(value)}"
        for key, value in table.items()
        if type(value) is not types[key]
    ]
    wrong += [
        f"{key} must be {_LOWEST[key]} or more, is {value}"
        for key, value in table.items()
        if type(value) is int and value < _LOWEST.get(key, value)
    ]
    wrong += [
        f"{key} must be {_HIGHEST[key]} or less, is {reprlib.repr(value)}"
        for key, value in table.items()
        if type(value) is int and value > _HIGHEST.get(key, value)
    ]
    wrong += [
        f"{key} must have no zero character" for key, value in table.items() if isinstance(value, str) and "\0" in value
    ]
    if wrong:
        raise ConfigError(f"{source}: {'; '.join(wrong)}.", "Correct it and try again.")
    return table


def _read_settings(file: Path) -> Settings:
    settings = Settings()
    if file.exists():
        files.require_file(file, "a settings file", "Remove it, or correct what stands there.", ConfigError)
        try:
            table = toml_text.read(file)
        except UnicodeDecodeError as error:
            raise ConfigError(
                f"{file}: the settings can't be read: they are not text in UTF-8.", "Correct the file or remove it."
            ) from error
        except ValueError as error:
            raise ConfigError(
                f"{file}: the settings can't be read: {error}.", "Correct the file or remove it."
            ) from error
        except OSError as error:
            raise ConfigError(
                f"{file}: the settings can't be read: {error.strerror}.", "Correct the file or its permissions."
            ) from error
        settings = replace(settings, **_check_table(table, str(file)))
    return settings


def load(file: Path | None = None, **overrides: Any) -> Settings:
    """The settings in force. ``overrides`` whose value is None are as if not given.

    ``~`` in the model's path is the home folder. Raises ConfigError when the file is no TOML, or holds an unknown key
    or a value of the wrong type.
    """
    settings = _read_settings(file or paths.settings_file())
    environment: dict[str, Any] = {key: os.environ[name] for name, key in _ENVIRONMENT.items() if os.environ.get(name)}
    settings = replace(settings, **environment)
    settings = replace(settings, **_check_table({k: v for k, v in overrides.items() if v is not None}, "command line"))
    return replace(settings, model=str(paths.expand(settings.model)) if settings.model else "")


def overriding_variable(key: str) -> str:
    """The environment variable that holds another value for this setting than the file can, "" where there is none."""
    return next((name for name, setting in _ENVIRONMENT.items() if setting == key and os.environ.get(name)), "")


def load_stored(file: Path | None = None) -> Settings:
    """What the file alone says, for a command that changes it: what holds for this run only is not written down."""
    return _read_settings(file or paths.settings_file())


def save(settings: Settings, file: Path | None = None) -> Path:
    """Write the settings that differ from the defaults, replacing the file in one step. Returns its path.

    Raises ConfigError when the file can't be written, or a value can't be written as text; then the old file is as it
    was.
    """
    file = file or paths.settings_file()
    default = Settings()
    lines = [
        f"{f.name} = {toml_value(getattr(settings, f.name))}"
        for f in fields(Settings)
        if getattr(settings, f.name) != getattr(default, f.name)
    ]
    try:
        data = ("\n".join(lines) + "\n").encode("utf-8")
    except UnicodeEncodeError as error:
        name = error.object[: error.start].rpartition("\n")[2].partition(" ")[0]
        raise ConfigError(
            f"{name} holds characters that are not Unicode, which a settings file can't.", "Rename the file."
        ) from error
    try:
        private.replace_file(file, data)
    except OSError as error:
        raise ConfigError(
            f"{file}: the settings can't be written: {error.strerror}.",
            "Correct its permissions, or set LEADS_LOCAL_HOME to another folder.",
        ) from error
    return file


def toml_value(value: str | int | float) -> str:
    """A text, number or truth as TOML writes it; for every file of ours that a person may edit."""
    if isinstance(value, int | float):
        return json.dumps(value)
    return json.dumps(value, ensure_ascii=False).replace(
        "\x7f", "\\u007f"
    )  # TOML's strings are JSON's, but for this character
