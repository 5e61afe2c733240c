"""What this computer can do, whether everything is in order, and what to do where it is not.

Everything that touches llama.cpp runs in a process of its own, since llama.cpp may end the process it is in.
"""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from leads_local import __version__, files, keep_awake, offline, paths
from leads_local.config import Settings
from leads_local.engine import backend
from leads_local.engine.memory_plan import Gpu, MemoryPlan
from leads_local.errors import LeadsError, ModelError, PromptError

LIBRARIES = ("llama-cpp-python", "gguf", "llguidance", "pymupdf", "textual")
GIB = 1 << 30
ROOM_WANTED = 1 * GIB


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report. ``ok`` is False where something needs doing; ``do`` says what. ``guard`` is the
    network's, for programs."""

    what: str
    found: str
    ok: bool = True
    do: str = ""
    guard: offline.Guard | None = None


def report_lines(findings: Iterable[Finding]) -> Iterator[str]:
    """The report for a person: what is in order, what to look at, and what to do about it."""
    for finding in findings:
        yield f"{'ok   ' if finding.ok else 'LOOK '} {finding.what:12} {finding.found}"
        if finding.do:
            yield f"{'':18} {finding.do}"


def examine(settings: Settings) -> Iterator[Finding]:
    """All findings, the machine first. Never raises."""
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in LIBRARIES)
    yield Finding(
        "program",
        f"leads-local {__version__}, Python {platform.python_version()}, {platform.system()} {platform.machine()}",
    )
    yield Finding("libraries", versions)
    asked = backend.ask()
    yield check_llama_cpp(asked)
    yield from check_machine_and_model(settings, asked.gpu)
    yield check_folder("settings", paths.config_dir())
    yield check_folder("models", paths.models_dir())
    yield check_prompt_pack(settings)
    yield check_sleep(settings)
    yield check_network(offline.guard_in_force())
    yield from find_telemetry()


def check_llama_cpp(asked: backend.Backend) -> Finding:
    """What llama.cpp runs on, or why it can't be loaded."""
    if not asked.problem:
        return Finding("llama.cpp", asked.in_words())
    return Finding(
        "llama.cpp", f"can't be loaded: {asked.problem}", False, "Set up again: remove .venv and run make demo."
    )


def check_sleep(settings: Settings) -> Finding:
    """Whether this computer is kept awake while the model works."""
    if not settings.keep_awake:
        return Finding(
            "sleep", "This computer may fall asleep while the model works, as the settings say (keep_awake)."
        )
    with keep_awake.while_working(True) as said:
        return Finding("sleep", said or f"This computer stays awake as {keep_awake.INHIBIT} was told.")


def check_network(guard: offline.Guard) -> Finding:
    """Which guard refuses the network: the kernel's, Python's, or both."""
    found = guard.in_words()
    if guard.kernel:
        return Finding("network", found, guard=guard)
    if not guard.python:
        return Finding("network", found, False, "This is a fault of leads-local: please report it.", guard)
    do = (
        "Native libraries are not held back. To be sure, forbid the network to this program in your firewall: "
        f"{sys.executable}"
    )
    return Finding("network", found, True, do, guard)


def find_telemetry() -> Iterator[Finding]:
    """What a library that versions before 0.2 loaded has left behind to know this computer by. It is named, and left to
    the user."""
    for place in _onnxruntime_folders():
        if place.exists():
            found = (
                f"{place}: an id of this computer and reports not yet sent, by onnxruntime, which this program "
                "loaded until "
                "0.1"
            )
            yield Finding(
                "telemetry", found, True, "Delete that folder. Other programs that use onnxruntime may make it again."
            )


def _onnxruntime_folders() -> Iterator[Path]:
    """Where onnxruntime 1.32 keeps its ``deviceid`` and ``onnxruntime.db``; on Windows it keeps neither in a file."""
    cache = os.environ.get("XDG_CACHE_HOME", "")
    try:
        home = Path.home()
    except RuntimeError:  # an account without one
        return
    bases = {"darwin": [home / "Library" / "Application Support"], "win32": []}
    for base in bases.get(sys.platform, [Path(cache) if cache else home / ".cache"]):
        yield base / "Microsoft" / "DeveloperTools" / ".onnxruntime"


def check_machine_and_model(settings: Settings, gpu: Gpu | None = None) -> Iterator[Finding]:
    """Memory and cores; the model, and how it would be run here, on the ``gpu`` where there is one."""
    from leads_local.engine import header, memory_plan

    here = memory_plan.read_machine(gpu)
    yield Finding(
        "computer",
        f"{here.cores} cores, {here.total / GIB:.1f} GiB of memory, {here.available / GIB:.1f} GiB of it free now",
    )
    if not settings.model:
        do = (
            "Convert one (leads-local convert --help), then: leads-local models use FILE. All but search, screen and "
            "extract works without."
        )
        yield Finding("model", "none is set", True, do)
        return
    least = _least_context(settings)
    try:
        found = header.read(Path(settings.model).expanduser())
        made = memory_plan.make_plan(found, settings, here, least)
    except ModelError as error:
        yield Finding("model", error.message, False, error.hint)
        return
    yield Finding("model", f"{found.path} ({found.architecture}, {files.size_in_words(found.size)})")
    if short := memory_plan.explain_shortage(found, settings, here, made, least):
        do = (
            "Set context to 0."
            if settings.context
            else "Close other programs, or use a smaller quantization of the model or another model."
        )
        yield Finding("plan", f"{describe_plan(made)}; {short}", False, do)
    else:
        yield Finding("plan", describe_plan(made))


def _least_context(settings: Settings) -> int:
    """What the prompts in use need at the least; where they can't be read, which has a line of its own, what most
    do."""
    from leads_local.engine import memory_plan
    from leads_local.tasks import prompts, screening

    try:
        return screening.least_context(prompts.in_use(settings))
    except PromptError:
        return memory_plan.STREAM_CELLS


def describe_plan(made: MemoryPlan) -> str:
    """How the model would be run, for a reviewer."""
    memory = made.memory
    together = max(made.streams - 1, 0) or made.sequences
    parts = [
        f"reads papers of up to about {made.context * 3 // 4:,} words whole ({made.context:,} tokens)",
        f"up to {together} abstracts at a time" if together > 1 else "one abstract at a time",
        f"with {made.threads} processor core{'s' if made.threads > 1 else ''}",
        f"{made.gpu_layers} layers on the GPU{', which shares this memory' if made.shared else ''}"
        if made.gpu_layers
        else "",
        f"takes up to {memory.total / GIB:.2f} GiB of memory: {memory.weights / GIB:.2f} for the model, "
        f"{memory.cache / GIB:.2f} for the text that it has read, {(memory.buffers + memory.program) / GIB:.2f} to "
        "work with",
        "" if made.cache_type == "f16" else "that text is kept less exactly, for want of memory",
    ]
    return "; ".join(part for part in parts if part)


def check_folder(what: str, path: Path) -> Finding:
    """Whether a folder of ours can be written to and has room; it need not exist yet."""
    existing = next(parent for parent in (path, *path.parents) if parent.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK):
        return Finding(
            what,
            f"{path} can't be written to",
            False,
            "Correct its permissions, or set LEADS_LOCAL_HOME to another folder.",
        )
    free = shutil.disk_usage(existing).free
    enough = free >= ROOM_WANTED
    return Finding(what, f"{path}, {free / GIB:.0f} GiB free", enough, "" if enough else "Make room on this disk.")


def check_prompt_pack(settings: Settings) -> Finding:
    """The prompts that the model is asked with: those set, else those that it is made for."""
    from leads_local.tasks import prompts

    try:
        pack = prompts.in_use(settings)
    except LeadsError as error:
        return Finding("prompts", error.message, False, error.hint)
    return Finding("prompts", f"{pack.name}: {pack.source}")
