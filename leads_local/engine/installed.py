"""The models on this computer: what ``convert`` wrote about each file in the manifest beside it, and which files lie
around without one.

Manifests are written by ``convert`` only; here they are read, and a damaged one means "nothing is known", never an
error of the model.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leads_local.errors import ModelError

MANIFEST = "manifest.json"
_BLOCK = 1 << 22


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
    """One GGUF file. What its manifest entry does not say is "" or 0; ``known`` tells whether there is an entry. Sizes
    are bytes."""

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


def size_in_words(size: int) -> str:
    """The ``size`` of a file, in bytes, for a person: ``4.37 GB``, ``4.1 MB``."""
    return f"{size / 1e9:.2f} GB" if size >= 1e8 else f"{size / 1e6:.1f} MB"


def prompt_pack(model: str) -> str:
    """The prompt pack that ``model``, the path of a file, is made for; "" where that is not known."""
    return str(read_manifest_entry(Path(model).expanduser()).get("prompt_pack") or "") if model else ""


def read_manifest_entry(path: Path) -> dict[str, Any]:
    """What the manifest beside ``path`` says of it; empty when there is none that can be read."""
    manifest = path.parent / MANIFEST
    try:
        entry = json.loads(manifest.read_text(encoding="utf-8-sig"))["models"][path.name] if manifest.is_file() else {}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return {}
    return entry if isinstance(entry, dict) else {}


def describe(path: Path) -> InstalledModel:
    """One model file and its manifest entry. Raises ModelError when the file is missing or can't be read."""
    entry = read_manifest_entry(path)
    try:
        size = path.stat().st_size
    except OSError as error:
        raise ModelError(
            f"{path}: there is no such model file.", "leads-local models list shows what is there."
        ) from error
    known: dict[str, Any] = {
        key: str(entry.get(key) or "")
        for key in ("name", "quantization", "sha256", "created", "notice", "prompt_pack", "adapter")
    }
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
    for folder in folders:
        if folder.is_dir():
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
