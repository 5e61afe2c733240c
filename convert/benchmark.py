"""Our conversion beside llama.cpp's own two steps, on the same random checkpoint of the 7B shape, in the same run.

Each step is a child process that is watched from outside: wall and processor time, anonymous memory (a mapped source is
not counted), and what it puts on the disk beside its result. Then every tensor of both files is compared. Nothing is
asserted; the figures are for people.
"""

from __future__ import annotations

import json
import os
import platform
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .checkpoint import open_checkpoint
from .conversion_plan import make_plan
from .errors import ConvertError
from .gguf_reader import read_gguf
from .library import Library
from .native import child_command
from .pipeline import count_processors
from .place import check_room
from .random_checkpoint import write_checkpoint
from .recipes import Recipe
from .step_cost import StepCost, drop_from_cache, run_step
from .tensor_types import TENSOR_TYPES

BLOCK = 1 << 20  # numbers that are quantized at a time
CHUNK = 8 << 20
SCRIPT = "convert_hf_to_gguf.py"
OURS, BETWEEN, PEERS = "ours.gguf", "bf16.gguf", "peer.gguf"
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class BenchmarkSetup:
    """``source`` is a checkpoint, or the number of layers of a random one; files go to ``folder`` meanwhile, or to the
    usual place.

    ``peer`` is llama.cpp's source, and ``python`` has what its converter needs.
    """

    recipe: Recipe
    source: Path | int
    peer: Path
    python: Path
    folder: Path | None
    threads: int


def benchmark(setting: BenchmarkSetup, tell: Tell) -> dict[str, Any]:
    """Make the checkpoint where none is given, run all three steps, compare.

    Raises ConvertError when there is too little disk, or a step fails.
    """
    if not (setting.peer / SCRIPT).is_file():
        raise ConvertError(
            f"{setting.peer / SCRIPT}: there is no such file.", "Give llama.cpp's source folder with --peer."
        )
    with tempfile.TemporaryDirectory(dir=setting.folder) as name:
        work = Path(name) / "work"
        work.mkdir()
        source = _source(setting.source, Path(name) / "random", tell)
        size = sum(path.stat().st_size for path in source.glob("*.safetensors"))
        check_room(work, 2 * size, "Give another place with --dir, or fewer --layers.")
        mine, first, second = _steps(setting, source, work, tell)
        tell("comparing")
        same, different = compare_tensors(work / OURS, work / PEERS)
        floor = floor_seconds(source, setting.recipe, setting.threads)
        sizes = {"source": size} | {path.stem: path.stat().st_size for path in sorted(work.glob("*.gguf"))}
    return {
        "type": setting.recipe.name, "layers": setting.source if isinstance(setting.source, int) else None,
        "bytes": sizes,
        "threads": setting.threads, "machine": describe_machine(),
        "tensors_identical": same, "tensors_different": different,
        "ours": asdict(mine), "peer_convert": asdict(first), "peer_quantize": asdict(second),
        "extra_disk_of_peer": sizes["bf16"],
        "of_two_steps": round(mine.wall / (first.wall + second.wall), 3),
        "of_quantize_alone": round(mine.wall / second.wall, 3),
        "cpu_of_two_steps": round(mine.cpu / (first.cpu + second.cpu), 3),
        "where": split_time(mine, floor, size, sizes["ours"], setting.threads),
    }  # fmt: skip


def _steps(setting: BenchmarkSetup, source: Path, work: Path, tell: Tell) -> tuple[StepCost, StepCost, StepCost]:
    """Our conversion, then the peer's two steps. The source is read from the disk each time, the file between as the
    system has it."""
    recipe, threads = setting.recipe, setting.threads
    tell("converting, ours")
    drop_from_cache(source)
    command, environment = child_command("__main__")
    asked = [str(source), "--quant", recipe.name, "--out", str(work / OURS), "--quiet", "--threads", str(threads)]
    mine = run_step([*command, *asked], environment, work / OURS)
    tell("converting, llama.cpp's first step")
    drop_from_cache(source)
    asked = [str(setting.peer / SCRIPT), str(source), "--outtype", "bf16", "--outfile", str(work / BETWEEN)]
    first = run_step([str(setting.python), *asked], dict(os.environ), work / BETWEEN)
    tell("converting, llama.cpp's second step")
    model, output = str(work / BETWEEN), str(work / PEERS)
    question = {
        "question": "quantize",
        "model": model,
        "output": output,
        "file_type": recipe.file_type,
        "threads": threads,
    }
    second = run_step(*child_command("native"), work / PEERS, json.dumps(question))
    return mine, first, second


def _source(source: Path | int, place: Path, tell: Tell) -> Path:
    if isinstance(source, Path):
        return source
    check_room(place, source * 440_000_000 + 600_000_000, "Give another place with --dir, or fewer --layers.")
    tell(f"making {source} layers")
    write_checkpoint(place, source)
    return place


def compare_tensors(ours: Path, theirs: Path) -> tuple[int, list[str]]:
    """(how many tensors have the same name, shape, type and bytes, names of those that have not)."""
    one, other = ({tensor.name: tensor for tensor in read_gguf(path).tensors} for path in (ours, theirs))
    different = sorted(one.keys() ^ other.keys())
    with ours.open("rb") as left, theirs.open("rb") as right:
        for name in one.keys() & other.keys():
            a, b = one[name], other[name]
            left.seek(a.start)
            right.seek(b.start)
            cuts = range(0, a.size, CHUNK)
            alike = (a.shape, a.kind) == (b.shape, b.kind) and all(
                left.read(min(CHUNK, a.size - at)) == right.read(min(CHUNK, a.size - at)) for at in cuts
            )
            different += [] if alike else [name]
    return len(one.keys() | other.keys()) - len(different), different


def floor_seconds(source: Path, recipe: Recipe, threads: int) -> float:
    """What ggml's quantization alone takes with all threads busy, from the processor time of a few blocks of each
    type."""
    with open_checkpoint(source) as checkpoint:
        plan = make_plan(checkpoint, recipe)
    counts = Counter[str]()
    for tensor in plan.tensors:
        counts[tensor.kind.name] += int(np.prod(tensor.weight.shape, dtype=np.int64))
    library, rows = (
        Library(),
        np.random.default_rng(0).standard_normal((BLOCK // 4096, 4096), dtype=np.float32) * np.float32(0.02),
    )
    total = 0.0
    with ThreadPoolExecutor(threads) as pool:
        for name, count in counts.items():
            kind = TENSOR_TYPES[name]
            if kind.block == 1:
                continue
            library.prepare(kind)
            blocks = 4 * threads
            start = time.process_time()
            list(pool.map(lambda _, kind=kind: library.quantize(kind, rows), range(blocks)))
            total += (time.process_time() - start) / blocks / threads * count / BLOCK
    return total


def split_time(mine: StepCost, floor: float, source: int, made: int, threads: int) -> dict[str, float]:
    """Our time, taken apart: ggml's own work as the floor, hashing by its rate, and the rest (reading, writing,
    checking, starting)."""
    import hashlib

    data, start = bytes(CHUNK), time.process_time()
    for _ in range(8):
        hashlib.sha256(data)
    hashing = (time.process_time() - start) / (8 * CHUNK) * (source + 2 * made)
    return {
        "floor_wall": round(floor, 2), "of_floor": round(mine.wall / floor, 3),
        "quantizing_cpu": round(floor * threads, 2),
        "hashing_cpu": round(hashing, 2), "other_cpu": round(mine.cpu - floor * threads - hashing, 2),
        "idle_wall": round(mine.wall - mine.cpu / threads, 2),
    }  # fmt: skip


def describe_machine() -> dict[str, Any]:
    names = _processor_names()
    return {
        "processor": next(names, platform.processor()),
        "cores": count_processors(),
        "python": platform.python_version(),
        "ggml": Library().version,
    }


def _processor_names() -> Iterator[str]:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                yield line.partition(":")[2].strip()
    except OSError:
        return
