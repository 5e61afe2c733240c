"""Every directory and file name that the program uses outside a review file.

``LEADS_LOCAL_HOME`` puts all of them under one folder (tests, portable sticks); it is one account's. Nothing here
creates anything. An account without a home folder, as containers and services have them, has none of these places
either, and what ``LEADS_LOCAL_HOME`` names can be no folder: each is a ConfigError. No place depends on the folder
where one stands, so that settings and models are never looked for, or made, somewhere else than yesterday.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path, PureWindowsPath

import platformdirs

from leads_local.errors import ConfigError

APP = "leads-local"


HOME = "LEADS_LOCAL_HOME"
_SYSTEM = os.name
_AROUND = " \t\r\n\"'"
"""What a shell leaves around a name that was pasted or quoted, and no folder's name ends with."""


def expand(path: Path | str) -> Path:
    """``path`` with the home folder for ``~``. Raises ConfigError where an account is meant that has none here."""
    try:
        return Path(path).expanduser()
    except RuntimeError as error:
        account = Path(path).parts[0]
        raise ConfigError(f"{path}: {account} has no home folder here.", "Write the whole path, without ~.") from error


def _base_dir(kind: str, default: Callable[..., str]) -> Path:
    if named := os.environ.get(HOME):
        return _named_home(named) / kind
    try:
        found = Path(default(APP, appauthor=False)).expanduser()
    except RuntimeError as error:
        raise ConfigError(
            "This account has no home folder for settings, logs and models.", f"Set HOME or {HOME}."
        ) from error
    if not found.is_absolute():
        raise ConfigError(f"{found}: this place for settings, logs and models is no whole path.", f"Set {HOME} to one.")
    return found


def _named_home(named: str) -> Path:
    """The folder that ``LEADS_LOCAL_HOME`` names."""
    if named != named.strip(_AROUND):
        raise ConfigError(f"{HOME} is {named!r}: it begins or ends with a space or a quotation mark.", "Take that out.")
    if _SYSTEM != "nt" and PureWindowsPath(named).drive:
        raise ConfigError(f"{HOME} is {named}: that is a path of Windows.", "Give the folder's path on this system.")
    found = expand(named).absolute()
    if not Path(found.anchor).is_dir():
        raise ConfigError(f"{HOME} is {named}: the drive {found.anchor} is not there.", "Connect it, or name another.")
    if found.exists() and not found.is_dir():
        raise ConfigError(f"{HOME} is {named}: that is a file.", "Name a folder.")
    return found


def config_dir() -> Path:
    return _base_dir("config", platformdirs.user_config_dir)


def data_dir() -> Path:
    return _base_dir("data", platformdirs.user_data_dir)


def cache_dir() -> Path:
    return _base_dir("cache", platformdirs.user_cache_dir)


def settings_file() -> Path:
    return config_dir() / "settings.toml"


def prompts_dir() -> Path:
    """Where imported prompt packs are kept, one folder each."""
    return config_dir() / "prompts"


def models_dir() -> Path:
    """Where ``convert`` puts models unless told otherwise, with their manifest."""
    return data_dir() / "models"


def states_dir() -> Path:
    """Where papers' evaluated text is kept, one folder for each model."""
    return cache_dir() / "papers"


def layouts_file() -> Path:
    """What was found of how each model lays out its JSON."""
    return data_dir() / "json-layouts.json"


def identities_file() -> Path:
    """What the model files that were read whole hold."""
    return data_dir() / "model-identities.json"


def known_sound_file() -> Path:
    """Hashes of the review files that were found sound."""
    return cache_dir() / "known-sound.txt"


def search_indexes_dir() -> Path:
    """Where the words of large reviews are kept for searching, one file for each."""
    return cache_dir() / "search"


def log_file() -> Path:
    """Where tracebacks go that a user never sees."""
    return cache_dir() / "leads-local.log"


def places_told_file() -> Path:
    """Which sentences about the places of reviews this account was told."""
    return data_dir() / "places-told.txt"


def recent_file() -> Path:
    """The reviews that the terminal UI opened last, one path a line."""
    return data_dir() / "recent.txt"
