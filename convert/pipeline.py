"""The whole conversion: plan, write, check, record. One pass over the checkpoint, one tensor at a time, no file in
between.

The source files are hashed by a thread of their own while they are read, the output while it is written; then it is
read back. Nothing under the output's name changes before the new file is whole on the disk.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from . import manifest, recipes
from .checkpoint import INDEX_FILE, Checkpoint, open_checkpoint
from .conversion_plan import ConversionPlan, make_plan
from .errors import ConvertError
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
    """Where a conversion stands. ``stage`` is "resuming", "writing" or "checking"; ``done`` and ``total`` are bytes of
    the output file."""

    stage: str
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
    fresh: bool = False,
) -> FinishedConversion:
    """Convert the checkpoint folder ``src`` to one GGUF file of the type ``quant``, and list it in the manifest beside
    it.

    ``out`` is a file name, a folder, or None for ``NAME-TYPE.gguf`` beside ``src``; ``imatrix`` is an importance
    matrix, which the smallest types need; ``lora`` is the folder of an adapter that is merged into the weights. Raises
    ConvertError for everything that can be wrong with the input or the place. However it ends, an older file of that
    name is as it was until the new one is whole, and whole tensors are kept beside it: the same call goes on from
    there, unless ``fresh`` is set.
    """
    with open_checkpoint(src, lora) as checkpoint:
        matrix = None if imatrix is None else read_imatrix(imatrix)
        plan = make_plan(checkpoint, recipes.find_recipe(quant), matrix)
        path = output_path(src, plan.recipe.name, out, checkpoint.adapter.name if checkpoint.adapter else "")
        report = progress or (lambda _: None)
        conversion = _Conversion(checkpoint, plan, imatrix, Library(), threads or count_processors(), report)
        with SourceHashes() as hashes, Output(path, plan.size, conversion.identity()) as output:
            manifest.check_place(path)
            _require_own(path, plan)
            finished = conversion.write(output, hashes, fresh=fresh)
            digest = conversion.check(output)
            sources = conversion.sources(hashes)
            output.commit()
        entry = conversion.entry(digest, sources)
        aside = _record(path, entry)
    return FinishedConversion(path, entry, (*plan.notices, *_tell_of_leftovers(output, plan, finished, aside)))


def _require_own(path: Path, plan: ConversionPlan) -> None:
    """Raise ConvertError where a file has this name that no conversion has made: the manifest doesn't know it as it is
    or, where it doesn't know the name, the file doesn't begin as what is to be written."""
    if not path.exists():
        return
    entry = None
    with contextlib.suppress(ConvertError):  # a list that can't be read knows nothing
        entry = manifest.find_entry(path)
    if entry is None:  # a conversion that was killed before it could be listed, or nobody's
        with path.open("rb") as file:
            own = file.read(len(plan.head)) == plan.head
    else:
        own = entry.get("size") == path.stat().st_size
    if own:
        return
    raise ConvertError(
        f"{path}: a file of this name is there that no conversion has made, or that was changed since; it is not "
        "replaced.",
        "Give another name with --out, or move it away.",
    )


def _record(path: Path, entry: ManifestEntry) -> Path | None:
    try:
        return manifest.record(path, entry)
    except ConvertError as error:
        error.add_note(f"{path} is whole and can be used; only where it comes from is not written down.")
        raise


def _tell_of_leftovers(output: Output, plan: ConversionPlan, finished: int, aside: Path | None) -> Iterator[str]:
    if finished:
        yield f"An earlier run had finished {finished} of {len(plan.tensors)} tensors; this one went on from there."
    if output.discarded:
        yield f"{output.part.name} was of another conversion, or damaged; this one began anew."
    if aside:
        yield f"The old {manifest.FILE_NAME} could not be read; it is kept as {aside.name}."


def output_path(src: Path, quant: str, out: Path | None, adapter: str = "") -> Path:
    """Where the file goes: ``out`` itself, or the usual name in the folder ``out`` or beside ``src``."""
    if out is not None and not out.is_dir():
        return out
    source = src.resolve()
    return (source.parent if out is None else out) / ("-".join(filter(None, (source.name, adapter, quant))) + ".gguf")


def count_processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class _Conversion:
    """One conversion, and its steps in order; ``imatrix`` is the importance matrix's file."""

    checkpoint: Checkpoint
    plan: ConversionPlan
    imatrix: Path | None
    library: Library
    threads: int
    report: ReportProgress

    def identity(self) -> str:
        """Equal for two runs exactly when they would write the same bytes: header, sources by size and time, matrix,
        and library."""
        files = (*self.checkpoint.files, *filter(None, (self.imatrix,)))
        stamps = [(str(file.resolve()), file.stat().st_size, file.stat().st_mtime_ns) for file in files]
        return hashlib.sha256(
            repr((hashlib.sha256(self.plan.head).hexdigest(), stamps, self.library.version)).encode("utf-8", "replace")
        ).hexdigest()

    def write(self, output: Output, hashes: SourceHashes, *, fresh: bool) -> int:
        """Header and tensors to the output. Returns how many tensors an earlier run had written."""
        if fresh:
            output.begin_anew()
        finished = 0 if fresh else output.resume(self._reader("resuming"))
        if not finished:
            output.write(self.plan.head)
        with Quantizer(self.library, self.threads) as quantizer:
            for number, tensor in enumerate(self.plan.tensors[finished:], finished):
                job = make_job(self.checkpoint, tensor.weight, tensor.kind, tensor.importance)
                if job.file is not None:
                    hashes.start(job.file)
                for block in quantizer.blocks(job):
                    self._tell("writing", number, output.done)
                    output.write(block.data)
                output.write(bytes(padding_size(tensor.declared.size)))
                output.mark()
        self._tell("writing", len(self.plan.tensors), output.done)
        return finished

    def check(self, output: Output) -> str:
        """Read what was written again. Returns its SHA-256."""
        output.sync()
        digest = output.sha256
        check_written(output.part, self.plan, digest, self._reader("checking"))
        return digest

    def sources(self, hashes: SourceHashes) -> tuple[SourceFile, ...]:
        """What the file was made from, with hashes; waits for those that are not there yet."""
        index = self.checkpoint.folder / INDEX_FILE
        files = (
            self.checkpoint.folder / "config.json",
            *((index,) if index.is_file() else ()),
            *self.plan.vocabulary.files,
            *self.checkpoint.files,
            *filter(None, (self.imatrix,)),
        )
        wait = self._reader("checking", self.plan.size)
        return tuple(SourceFile(file.name, file.stat().st_size, hashes.digest(file, lambda: wait(0))) for file in files)

    def entry(self, digest: str, sources: tuple[SourceFile, ...]) -> ManifestEntry:
        plan, settings, adapter = self.plan, self.checkpoint.settings, self.checkpoint.adapter
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
            versions={"ggml": self.library.version}
            | {name: _version(name) for name in ("leads-local", "llama-cpp-python")},
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            notice=plan.card.notice,
            prompt_pack=plan.card.prompt_pack,
            adapter=adapter.about if adapter else "",
            notices=plan.notices,
        )

    def _tell(self, stage: str, finished: int, done: int) -> None:
        self.report(ConversionProgress(stage, finished, len(self.plan.tensors), done, self.plan.size))

    def _reader(self, stage: str, done: int = 0) -> Callable[[int], None]:
        """What is told of the bytes read since it was last called, in a stage that reads the file again."""

        def step(count: int) -> None:
            nonlocal done
            done += count
            self._tell(stage, len(self.plan.tensors), done)

        return step


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"
