"""The whole conversion: plan, write, check, record. One pass over the checkpoint, one tensor at a time, no file in
between.

The source files are hashed by a thread of their own while they are read, the output while it is written; then it is
read back. Nothing under the output's name changes before the new file is whole on the disk.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from . import manifest, recipes
from .checkpoint import INDEX_FILE, Checkpoint, open_checkpoint
from .conversion_plan import ConversionPlan, make_plan
from .gguf_file import padding_size
from .hashing import SourceHashes
from .imatrix import read_imatrix
from .library import Library
from .manifest import ManifestEntry, SourceFile
from .output import Output
from .quantize import Quantizer, make_job
from .verify import check_written


@dataclass(frozen=True, slots=True)
class ConversionProgress:
    """Where a conversion stands. ``stage`` is "writing" or "checking"; ``done`` and ``total`` are bytes of the output
    file."""

    stage: str
    tensor: str
    tensors_done: int
    tensors: int
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class FinishedConversion:
    """A finished conversion; ``notices`` are sentences that the user should read."""

    path: Path
    entry: ManifestEntry
    notices: tuple[str, ...]


ReportProgress = Callable[[ConversionProgress], None]


def convert(
    src: Path,
    quant: str,
    out: Path | None = None,
    progress: ReportProgress | None = None,
    *,
    threads: int | None = None,
    imatrix: Path | None = None,
    lora: Path | None = None,
) -> FinishedConversion:
    """Convert the checkpoint folder ``src`` to one GGUF file of the type ``quant``, and list it in the manifest beside
    it.

    ``out`` is a file name, a folder, or None for ``NAME-TYPE.gguf`` beside ``src``; ``imatrix`` is an importance
    matrix, which the smallest types need; ``lora`` is the folder of an adapter that is merged into the weights. Raises
    ConvertError for everything that can be wrong with the input or the place; then, and when interrupted, nothing is
    left behind and an older file of that name is as it was.
    """
    recipe = recipes.find_recipe(quant)
    report = progress or (lambda _: None)
    with open_checkpoint(src, lora) as checkpoint:
        importance = None if imatrix is None else read_imatrix(imatrix)
        plan = make_plan(checkpoint, recipe, importance)
        path = output_path(src, recipe.name, out, checkpoint.adapter.name if checkpoint.adapter else "")
        library = Library()
        identity = _identity(checkpoint, plan, library, imatrix)
        with SourceHashes() as hashes, Output(path, plan.size, identity) as output:
            finished = _write(checkpoint, plan, library, output, threads or count_processors(), report, hashes)
            output.sync()
            digest = output.sha256
            checking = _report_checking(plan, report)
            check_written(output.part, plan, digest, checking)
            files = (*_source_files(checkpoint, plan), *(() if imatrix is None else (imatrix,)))
            sources = tuple(
                SourceFile(file.name, file.stat().st_size, hashes.digest(file, lambda: checking(0))) for file in files
            )
            output.commit()
        entry = _entry(checkpoint, plan, digest, sources, library)
        aside = manifest.record(path, entry)
    notices = list(plan.notices)
    if finished:
        notices.append(
            f"An earlier run had finished {finished} of {len(plan.tensors)} tensors; this one went on from there."
        )
    if aside:
        notices.append(f"The old {manifest.FILE_NAME} could not be read; it is kept as {aside.name}.")
    return FinishedConversion(path, entry, tuple(notices))


def output_path(src: Path, quant: str, out: Path | None, adapter: str = "") -> Path:
    """Where the file goes: ``out`` itself, or the usual name in the folder ``out`` or beside ``src``."""
    if out is not None and not out.is_dir():
        return out
    source = src.resolve()
    return (source.parent if out is None else out) / ("-".join(filter(None, (source.name, adapter, quant))) + ".gguf")


def count_processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _write(
    checkpoint: Checkpoint,
    plan: ConversionPlan,
    library: Library,
    output: Output,
    threads: int,
    report: ReportProgress,
    hashes: SourceHashes,
) -> int:
    """Header and tensors to the output. Returns how many tensors an earlier run had written."""
    finished = output.resume()
    if not finished:
        output.write(plan.head)
    with Quantizer(library, threads) as quantizer:
        for number, tensor in enumerate(plan.tensors[finished:], finished):
            work = make_job(checkpoint, tensor.weight, tensor.kind, tensor.importance)
            if work.file is not None:
                hashes.start(work.file)
            for block in quantizer.blocks(work):
                report(
                    ConversionProgress("writing", tensor.weight.name, number, len(plan.tensors), output.done, plan.size)
                )
                output.write(block.data)
            output.write(bytes(padding_size(tensor.declared.size)))
            output.mark()
    report(ConversionProgress("writing", "", len(plan.tensors), len(plan.tensors), output.done, plan.size))
    return finished


def _identity(checkpoint: Checkpoint, plan: ConversionPlan, library: Library, imatrix: Path | None) -> str:
    """Equal for two runs exactly when they would write the same bytes: header, sources by size and time, matrix, and
    library."""
    files = (*checkpoint.files, *(() if imatrix is None else (imatrix,)))
    stamps = [(str(file.resolve()), file.stat().st_size, file.stat().st_mtime_ns) for file in files]
    return hashlib.sha256(
        repr((hashlib.sha256(plan.head).hexdigest(), stamps, library.version)).encode("utf-8", "replace")
    ).hexdigest()


def _report_checking(plan: ConversionPlan, report: ReportProgress) -> Callable[[int], None]:
    done = 0

    def step(count: int) -> None:
        nonlocal done
        done += count
        report(ConversionProgress("checking", "", len(plan.tensors), len(plan.tensors), done, plan.size))

    return step


def _source_files(checkpoint: Checkpoint, plan: ConversionPlan) -> tuple[Path, ...]:
    index = checkpoint.folder / INDEX_FILE
    return (
        checkpoint.folder / "config.json",
        *((index,) if index.is_file() else ()),
        *plan.vocabulary.files,
        *checkpoint.files,
    )


def _entry(
    checkpoint: Checkpoint, plan: ConversionPlan, digest: str, sources: tuple[SourceFile, ...], library: Library
) -> ManifestEntry:
    settings = checkpoint.settings
    return ManifestEntry(
        name=plan.card.name,
        size=plan.size,
        sha256=digest,
        quantization=plan.recipe.name,
        architecture=settings.architecture,
        context=settings.context,
        parameters=plan.parameters,
        layers=settings.layers,
        sources=sources,
        versions={"ggml": library.version} | {name: _version(name) for name in ("leads-local", "llama-cpp-python")},
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        notice=plan.card.notice,
        prompt_pack=plan.card.prompt_pack,
        adapter=checkpoint.adapter.about if checkpoint.adapter else "",
        notices=plan.notices,
    )


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"
