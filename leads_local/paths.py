"""Every directory and file name that the program uses outside a review file.

``LEADS_LOCAL_HOME`` puts all of them under one folder (tests, portable sticks); it is one account's. Nothing here
creates anything. An account without a home folder, as containers and services have them, has none of these places
either: that is a ConfigError.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import platformdirs

from leads_local.errors import ConfigError

APP = "leads-local"


def _base_dir(kind: str, default: Callable[..., str]) -> Path:
    home = os.environ.get("LEADS_LOCAL_HOME")
    try:
        return (Path(home) / kind if home else Path(default(APP, appauthor=False))).expanduser()
    except RuntimeError as error:
        raise ConfigError(
            "This account has no home folder for settings, logs and models.", "Set HOME or LEADS_LOCAL_HOME."
        ) from error


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


def log_file() -> Path:
    """Where tracebacks go that a user never sees."""
    return cache_dir() / "leads-local.log"


def places_told_file() -> Path:
    """Which sentences about the places of reviews this account was told."""
    return data_dir() / "places-told.txt"


def recent_file() -> Path:
    """The reviews that the terminal UI opened last, one path a line."""
    return data_dir() / "recent.txt"
