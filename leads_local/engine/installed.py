"""The models on this computer: what ``convert`` wrote about each file in the manifest beside it and in the file itself,
and which files lie around without one.

Manifests are written by ``convert`` only; here they are read, and a damaged one means "nothing is known", never an
error of the model.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leads_local.converter import spelling
from leads_local.engine import header
from leads_local.errors import ModelError

MANIFEST = "manifest.json"
CARD = {"name": "general.name", "prompt_pack": "leads_local.prompt_pack", "notice": "leads_local.notice"}
"""What a model tells its users: name in the manifest, and key in the file itself."""
_BLOCK = 1 << 22
_LONGEST_TEXT = 500  # characters, as convert allows


@dataclass(frozen=True, slots=True)
class MeasuredDifference:
    """What ``convert compare`` found of a model against ``reference``. Shares are 0 to 1; ``judged`` is 0 without
    decisions."""

    reference: str
    same_first: float
    divergence: float
    perplexity_ratio: float
    judged: int = 0
    changed: int = 0

    def __str__(self) -> str:
        decisions = (
            f"screening decisions changed {self.changed} of {self.judged} ({self.changed / self.judged:.1%}), "
            if self.judged
            else ""
        )
        predicted = (
            f"same next token {self.same_first:.1%}, divergence {self.divergence:.4f}, perplexity x "
            f"{self.perplexity_ratio:.3f}"
        )
        return f"against {self.reference}: {decisions}{predicted}"


@dataclass(frozen=True, slots=True)
class InstalledModel:
    """One GGUF file. What is not said of it is "" or 0; ``known`` tells whether the manifest has an entry. Sizes are
    bytes."""

    path: Path
    size: int
    known: bool
    name: str = ""
    quantization: str = ""
    sha256: str = ""
    context: int = 0
    parameters: int = 0
    created: str = ""
    notice: str = ""
    prompt_pack: str = ""
    adapter: str = ""
    measured: tuple[MeasuredDifference, ...] = ()


def prompt_pack(model: str) -> str:
    """The prompt pack that ``model``, the path of a file, is made for; "" where that is not known."""
    return read_card(Path(model).expanduser())["prompt_pack"] if model else ""


def read_card(path: Path) -> dict[str, str]:
    """What users have to know of the model at ``path``: its name, prompt_pack and notice, each "" where nobody says.

    The manifest says it, or else the file itself, which keeps it wherever it is moved or copied to.
    """
    entry = read_manifest_entry(path)
    if entry and entry.get("size", _size(path)) == _size(path):
        return {key: str(entry.get(key) or "") for key in CARD}
    return read_own_card(path)


def read_own_card(path: Path) -> dict[str, str]:
    """The same, as the file itself says it; nothing where its header can't be read."""
    try:
        said = header.read(path).metadata
    except ModelError:
        said = {}
    texts = {key: said.get(name) for key, name in CARD.items()}
    return {key: text[:_LONGEST_TEXT] if isinstance(text, str) else "" for key, text in texts.items()}


def read_manifest_entry(path: Path) -> dict[str, Any]:
    """What the manifest beside ``path`` says of it; empty when there is none that can be read.

    Of a link, what the manifest beside the file itself says, or else the one beside the link, if it is about a file of
    that size.
    """
    real = _real_path(path)
    entry = _entry_beside(real)
    if not entry and real != path.absolute():
        entry = _entry_beside(path)
        if entry.get("size") != _size(path):
            return {}
    return entry


def _real_path(path: Path) -> Path:
    try:
        return Path(os.path.realpath(path))
    except (OSError, ValueError):
        return path


def _entry_beside(path: Path) -> dict[str, Any]:
    manifest = path.parent / MANIFEST
    try:
        models = json.loads(manifest.read_text(encoding="utf-8-sig"))["models"] if manifest.is_file() else {}
        entry = models.get(spelling.listed_name(models, path))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}
    return entry if isinstance(entry, dict) else {}


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except (OSError, ValueError):
        return None


def describe(path: Path) -> InstalledModel:
    """One model file and what is known of it. Raises ModelError when the file is missing or can't be read."""
    entry, size = read_manifest_entry(path), _size(path)
    if size is None:
        raise ModelError(f"{path}: there is no such model file.", "leads-local models list shows what is there.")
    known: dict[str, Any] = {
        key: str(entry.get(key) or "") for key in ("quantization", "sha256", "created", "adapter")
    } | read_card(path)
    known |= {key: value for key in ("context", "parameters") if isinstance(value := entry.get(key), int)}
    return InstalledModel(path, size, bool(entry), measured=_measured(entry), **known)


def _measured(entry: dict[str, Any]) -> tuple[MeasuredDifference, ...]:
    """What can be read of the entry's measurements; the rest is left out."""
    table = entry.get("measured")
    found = []
    for value in table.values() if isinstance(table, dict) else ():
        try:
            decisions = value.get("decisions") or {}
            ratio = float(value["perplexity"]) / float(value["perplexity_reference"])
            counts = int(decisions.get("judged", 0)), int(decisions.get("changed", 0))
            found.append(
                MeasuredDifference(
                    str(value["reference"]), float(value["same_first"]), float(value["divergence_mean"]), ratio, *counts
                )
            )
        except (AttributeError, KeyError, TypeError, ValueError, ArithmeticError):
            continue
    return tuple(found)


def list_installed(folders: Iterable[Path]) -> list[InstalledModel]:
    """Every GGUF file in ``folders``, each file once, in the order of the folders and then by name."""
    found: dict[Path, Path] = {}
    seen: list[Path] = []
    for folder in folders:
        if folder.is_dir() and not any(spelling.is_same_file(folder, other) for other in seen):
            seen.append(folder)
            for path in sorted(path for path in folder.glob("*.gguf") if path.is_file()):
                found.setdefault(path.resolve(), path)
    return [describe(path) for path in found.values()]


def verify(model: InstalledModel, progress: Callable[[int], None] = lambda done: None) -> str:
    """Compare a file with its manifest entry: "" when size and SHA-256 are the same, else one sentence. ``progress``
    gets bytes read."""
    entry = read_manifest_entry(model.path)
    if not entry:
        return "there is no manifest entry to compare it with; convert writes one."
    size = entry.get("size")
    if not isinstance(size, int) or not model.sha256:
        return (
            "its manifest entry does not give both its size and its SHA-256, so it can't be compared. Convert it again."
        )
    if size != model.size:
        return (
            f"it has {model.size:,} bytes, the manifest says {size:,}: it was cut short or changed. Convert or copy it "
            "again."
        )
    if _sha256(model.path, progress) != model.sha256:
        return "its SHA-256 is not the one in the manifest: it was damaged or changed. Convert or copy it again."
    return ""


def made_from(model: InstalledModel, folder: Path) -> bool:
    """Whether the manifest says that ``model`` was made from the files that lie in ``folder`` now."""
    try:
        sources = read_manifest_entry(model.path)["sources"]
        return bool(sources) and all(_sha256(folder / source["file"]) == source["sha256"] for source in sources)
    except (OSError, KeyError, TypeError):
        return False


def _sha256(path: Path, progress: Callable[[int], None] = lambda done: None) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
            progress(len(block))
    return digest.hexdigest()
