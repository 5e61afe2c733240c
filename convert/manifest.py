"""manifest.json beside the models: which file was made when, from what, and what it should hash to.

``{"format": 1, "models": {file name: entry}}``. It is read, changed and replaced in one step under a lock of its own,
so that two conversions into one folder keep each other's entries. A manifest that can't be read is never overwritten
unseen: it is put aside first.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from . import awake_clock, disk
from .errors import ConvertError
from .lock import drop_lock, lock_file
from .place import check_replaceable, explain_write_errors
from .spelling import listed_name

FILE_NAME = "manifest.json"
FORMAT = 1
PATIENCE = 10.0  # seconds to wait for another conversion to finish its own entry


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of the checkpoint: its name, size in bytes, and SHA-256."""

    file: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class ManifestEntry:
    """What is known of one model file. ``created`` is in UTC; ``context`` in tokens; ``parameters`` are numbers in the
    model."""

    name: str
    size: int
    sha256: str
    quantization: str
    architecture: str
    context: int
    parameters: int
    layers: int
    sources: tuple[SourceFile, ...]
    versions: dict[str, str]
    created: str
    notice: str = ""
    prompt_pack: str = ""
    adapter: str = ""
    notices: tuple[str, ...] = field(default=())


def check_place(model: Path) -> None:
    """Raise ConvertError where ``record`` could not list ``model``, before hours are spent on it."""
    path = model.with_name(FILE_NAME)
    with _hold_lock(path):
        check_replaceable(path)


def record(model: Path, entry: ManifestEntry) -> Path | None:
    """Put ``entry`` into the manifest of the model's folder. Returns where an unreadable older manifest was put aside,
    if one was."""
    path = model.with_name(FILE_NAME)
    with _hold_lock(path):
        aside = None
        try:
            models = read(path)
        except ConvertError:
            aside = _free_name(path)
            disk.rename(path, aside)
            models = {}
        models.pop(listed_name(models, model), None)  # by another spelling of its name
        models[model.name] = asdict(entry)
        _replace(path, models)
    return aside


def annotate(model: Path, key: str, value: object) -> bool:
    """Add one thing to what is known of ``model``, under "measured". False when the manifest has no entry for it."""
    model = Path(os.path.realpath(model))
    path = model.with_name(FILE_NAME)
    with _hold_lock(path):
        models = read(path)
        entry = models.get(listed_name(models, model))
        if entry is None:
            return False
        entry["measured"] = entry.get("measured", {}) | {key: value}
        _replace(path, models)
    return True


def _replace(path: Path, models: dict[str, Any]) -> None:
    text = json.dumps({"format": FORMAT, "models": models}, indent=2, ensure_ascii=False) + "\n"
    with disk.whole_file(path) as file:
        file.write(text.encode("utf-8", "backslashreplace"))  # JSON's own form of what is no UTF-8 in a file's name


def read(path: Path) -> dict[str, Any]:
    """File name → entry; empty when there is no manifest. Raises ConvertError when it is damaged or from a newer
    version."""
    try:
        found = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        raise ConvertError(
            f"{path}: the list of models can't be read.", "Take it away; converting again makes a new one."
        ) from error
    models = found.get("models") if isinstance(found, dict) else None
    if (
        not isinstance(models, dict)
        or not all(isinstance(entry, dict) for entry in models.values())
        or found.get("format") != FORMAT
    ):
        raise ConvertError(
            f"{path}: this is not a list of models that this version can read.",
            "Take it away, or use the newer version.",
        )
    return models


def find_entry(model: Path) -> dict[str, Any] | None:
    """What the manifest says of ``model``, beside the file itself where that is a link; None when it says nothing."""
    model = Path(os.path.realpath(model))
    models = read(model.with_name(FILE_NAME))
    entry: dict[str, Any] | None = models.get(listed_name(models, model))
    return entry


def _free_name(path: Path) -> Path:
    number = 1
    while (aside := path.with_name(f"{FILE_NAME}.damaged-{number}")).exists():
        number += 1
    return aside


@contextmanager
def _hold_lock(path: Path) -> Iterator[None]:
    """Hold the manifest's lock; it goes with the process. What can't be written meanwhile is a ConvertError."""
    lock = path.with_name(FILE_NAME + ".lock")
    end = awake_clock.seconds() + PATIENCE
    with explain_write_errors(path, "Make room there, and see that you may write there."):
        while (file := lock_file(lock)) is None:
            if awake_clock.seconds() > end:
                raise ConvertError(
                    f"{path}: another program holds it.", "Try again when no other conversion is running."
                )
            time.sleep(0.05)
        try:
            yield
        finally:
            drop_lock(file, lock)
