"""How a model is to be run on this machine: context, sequences, threads, cache type and GPU layers, decided by
arithmetic before loading.

The plan takes the model's header and the machine as it is and either fits with room to spare or is refused with the sum
that shows why. Nothing is loaded here and nothing may swap: what the plan says is what the process will need. Layers on
a GPU with memory of its own take none of the computer's; where it shares the computer's, as in a Mac, they count in
full, and what the system lets the GPU have is a second bound.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from leads_local import memory
from leads_local.config import Settings
from leads_local.engine.cores import count_cores
from leads_local.engine.header import GgufHeader
from leads_local.errors import ModelError

GIB = 1 << 30
_CELL_BYTES: Mapping[str, float] = {"f16": 2.0, "q8_0": 34 / 32}
_CONTEXTS = (32768, 24576, 16384, 12288, 8192, 6144, 4096, 3072, 2048, 1024)
_OUTPUTS = 64  # rows of logits in a step
STREAM_CELLS = 1792  # cells that hold one screening request as most are, its answer included
_RUNNING = (
    32,
    24,
    20,
    16,
    12,
    8,
    6,
    4,
)  # streams that requests may run in; with fewer, one cache for all serves better
_TYPICAL = 1536  # cells for each sequence in one cache for all
_PROGRAM = 60 << 20  # the interpreter, NumPy, llama.cpp's code, the vocabulary twice
_GPU_PART = 0.92  # of the GPU's free memory may be used
_WORK = 8 << 20  # what ggml's threads take for themselves
_HEAD = (
    864 << 10
)  # what attention by matrices takes for each head, beside a score for each row and cell in 4 bytes and again in 2
_SPARE = 0.08  # of the machine's memory is left to everything else, at least _SPARE_LEAST
_SPARE_LEAST = 600 << 20


@dataclass(frozen=True, slots=True)
class Gpu:
    """``free`` is how many bytes layers may take there (0: not known, so it is taken to be enough), and ``shares``
    whether they are the computer's own memory."""

    free: int = 0
    shares: bool = False


@dataclass(frozen=True, slots=True)
class Machine:
    """``available`` and ``total`` memory in bytes, fast physical ``cores`` that this process may use, and the ``gpu``
    that llama.cpp would use, if any."""

    available: int
    total: int
    cores: int
    gpu: Gpu | None = None

    @property
    def shares(self) -> bool:
        """Whether layers on the GPU take this computer's memory."""
        return self.gpu is not None and self.gpu.shares


@dataclass(frozen=True, slots=True)
class MemoryNeed:
    """Bytes: the model's ``weights``, the KV ``cache``, llama.cpp's ``buffers`` and the ``program`` itself."""

    weights: int
    cache: int
    buffers: int
    program: int = _PROGRAM

    @property
    def total(self) -> int:
        return self.weights + self.cache + self.buffers + self.program


@dataclass(frozen=True, slots=True)
class MemoryPlan:
    """``context`` tokens at most for one request, ``cells`` in the cache for all, ``sequences`` at a time, ``slots``
    with the kept ones; steps of up to ``batch`` tokens with ``outputs`` rows of logits. Short requests may have
    ``streams`` of STREAM cells each in place of that cache, one of them for what is kept; 0 means that they share one
    cache as all others do. ``memory`` is for the larger of the two. ``flash`` is flash attention. ``shared`` tells that
    the layers on the GPU are in ``memory``, too."""

    context: int
    cells: int
    sequences: int
    slots: int
    batch: int
    outputs: int
    threads: int
    cache_type: str
    gpu_layers: int
    memory: MemoryNeed
    streams: int = 0
    flash: bool = True
    shared: bool = False


def read_machine(gpu: Gpu | None = None) -> Machine:
    """This machine as it is now, with the limits of a container where there are some. Only llama.cpp knows of GPUs."""
    return Machine(memory.available_bytes(), memory.total_bytes(), count_cores(), gpu)


def make_plan(
    header: GgufHeader, settings: Settings, machine: Machine, least_context: int = STREAM_CELLS
) -> MemoryPlan:
    """The best way to run the model of ``header`` on ``machine``, with room for a request of ``least_context`` tokens
    if there is any.

    Raises ModelError with the arithmetic when the model does not fit at all.
    """
    trained = header.number("context_length", 4096)
    if settings.context > trained:
        raise ModelError(
            f"{header.path}: the model was made for a context of {trained:,} tokens; {settings.context:,} were "
            "asked for.",
            f"Set context to {trained} or less, or to 0.",
        )
    contexts = [settings.context] if settings.context else [c for c in _CONTEXTS if c <= trained] or [trained]
    if not settings.context and trained < _CONTEXTS[0] and trained not in contexts:
        contexts.insert(0, trained)
    budget = machine.available - max(int(machine.total * _SPARE), _SPARE_LEAST)
    for context, cache_type in _list_cache_options(contexts, least_context):
        made = _fit_sequences(header, settings, machine, context, cache_type, budget)
        if made is not None:
            return made
    raise _refusal(header, settings, machine, contexts[-1], budget)


def _list_cache_options(contexts: Sequence[int], least_context: int) -> list[tuple[int, str]]:
    """(context, cache type) pairs in the order in which to try them.

    A smaller context in full precision comes before a larger one without, but not before the least that holds
    a request: in less, nothing can be asked at all.
    """
    whole = [context for context in contexts if context >= least_context]
    small = [context for context in contexts if context < least_context]
    return [
        *((context, "f16") for context in whole),
        *((context, "q8_0") for context in whole[-1:]),
        *product(small, ("f16", "q8_0")),
    ]


def explain_shortage(
    header: GgufHeader, settings: Settings, machine: Machine, made: MemoryPlan, least_context: int = STREAM_CELLS
) -> str:
    """Explain, with the figures, why the context of ``made`` holds no screening request; "" when it holds one."""
    if made.context >= least_context:
        return ""
    takes = f"a screening request with its answer takes up to about {least_context:,} tokens, but"
    trained = header.number("context_length", 4096)
    if settings.context:
        return f"{takes} the context is set to {made.context:,}"
    if trained < least_context:
        return f"{takes} the model was made for a context of {trained:,}"
    least = min(min((context for context in _CONTEXTS if context >= least_context), default=trained), trained)
    wanted = memory_needed(
        header, least, made.batch, made.outputs, "q8_0", made.gpu_layers, shared=machine.shares
    ).total
    free = machine.available - max(int(machine.total * _SPARE), _SPARE_LEAST)
    sizes = (
        f"{least:,} need {wanted / GIB:.2f} GiB, and {free / GIB:.2f} of {machine.total / GIB:.1f} GiB can be used now"
    )
    return f"{takes} there is memory for {made.context:,} only: {sizes}"


def _fit_sequences(
    header: GgufHeader, settings: Settings, machine: Machine, context: int, cache_type: str, budget: int
) -> MemoryPlan | None:
    """The plan for this context with as many sequences as fit, or None."""
    most = settings.sequences or 16
    for sequences in [most] if settings.sequences else (16, 12, 8, 4, 2, 1):
        cells = max(context, min(sequences * min(_TYPICAL, context), 4 * context))
        cells = -(-cells // 256) * 256
        gpu_layers = _fit_gpu_layers(header, settings, machine, cells, cache_type)
        batch = 512 if gpu_layers else 128
        flash = gpu_layers > 0 or cache_type != "f16"
        slots = min(2 * sequences + 4, 256)
        outputs = max(_OUTPUTS, slots)
        memory = memory_needed(
            header, cells, batch, outputs, cache_type, gpu_layers, flash=flash, shared=machine.shares
        )
        if memory.total <= budget:
            threads = settings.threads or machine.cores
            streams, apart = (
                (0, memory)
                if flash or context <= STREAM_CELLS
                else _fit_streams(header, settings, batch, outputs, budget)
            )
            memory = max((memory, apart) if streams else (memory,), key=lambda one: one.total)
            return MemoryPlan(
                context,
                cells,
                sequences,
                slots,
                batch,
                outputs,
                threads,
                cache_type,
                gpu_layers,
                memory,
                streams,
                flash,
                machine.shares and gpu_layers > 0,
            )
    return None


def _fit_streams(
    header: GgufHeader, settings: Settings, batch: int, outputs: int, budget: int
) -> tuple[int, MemoryNeed]:
    """The largest number of streams that fits into ``budget``, one of them spare for kept prompts, and the memory for
    them. 0 streams when too few fit."""
    most = settings.sequences or _RUNNING[0]
    for running in [most, *(number for number in _RUNNING if number < most)]:
        memory = memory_needed(
            header, (running + 1) * STREAM_CELLS, batch, outputs, "f16", flash=False, streams=running + 1
        )
        if running >= _RUNNING[-1] and memory.total <= budget:
            return running + 1, memory
    return 0, memory


def _fit_gpu_layers(header: GgufHeader, settings: Settings, machine: Machine, cells: int, cache_type: str) -> int:
    """As many layers as were asked for, or as fit into the GPU's memory with their part of the cache and the
    buffers."""
    if machine.gpu is None:
        return 0
    layers = header.number("block_count") + 1
    if settings.gpu_layers >= 0:
        return min(settings.gpu_layers, layers)
    if not machine.gpu.free:
        return layers
    memory = memory_needed(header, cells, 512, _OUTPUTS, cache_type)
    room = machine.gpu.free * _GPU_PART - memory.buffers
    return max(min(int(room * layers / (memory.weights + memory.cache)), layers), 0)


def memory_needed(
    header: GgufHeader,
    cells: int,
    batch: int,
    outputs: int,
    cache_type: str,
    gpu_layers: int = 0,
    flash: bool = True,
    streams: int = 1,
    shared: bool = False,
) -> MemoryNeed:
    """What running the model takes of the machine's memory, in bytes; layers on a GPU take none of it, unless it is
    ``shared``. ``cells`` may lie in ``streams``."""
    layers = header.number("block_count", 1)
    on_host = 1.0 if shared else max(layers + 1 - gpu_layers, 0) / (layers + 1)
    embedding, heads = header.number("embedding_length"), max(header.number("attention.head_count", 1), 1)
    head = embedding // heads
    width = header.number("attention.head_count_kv", heads) * (
        header.number("attention.key_length", head) + header.number("attention.value_length", head)
    )
    cache = int(layers * cells * width * _CELL_BYTES[cache_type])
    vocabulary = header.number("vocab_size", 32768)
    logits = 4 * outputs * vocabulary
    layer = batch * (4 * (2 * header.number("feed_forward_length") + embedding) + 2 * cells)
    if not flash:
        layer += heads * (6 * batch * (cells // streams) + _HEAD)
    buffers = max(logits, layer) + logits + _WORK
    weights = int(sum(header.tensors.values()) * on_host)
    if shared and gpu_layers:  # both sides have buffers, and each its own copy of a matrix that is input and output
        buffers += 4 * batch * (cells + embedding)
        twice = gpu_layers > layers and "output.weight" not in header.tensors
        weights += header.tensors.get("token_embd.weight", 0) if twice else 0
    return MemoryNeed(weights, int(cache * on_host), buffers)


def _refusal(header: GgufHeader, settings: Settings, machine: Machine, context: int, budget: int) -> ModelError:
    cells = -(-context // 256) * 256
    gpu_layers = _fit_gpu_layers(header, settings, machine, cells, "f16")
    memory = memory_needed(header, cells, 256, _OUTPUTS, "q8_0", gpu_layers, shared=machine.shares)
    among = ", what is on the GPU among it, which shares this memory," if machine.shares and gpu_layers else ","
    parts = (
        f"{_gib(memory.weights)} for its weights, {_gib(memory.cache)} for a context of {context:,} tokens and "
        f"{_gib(memory.buffers + memory.program)} for the program"
    )
    return ModelError(
        f"{header.path}: the model does not fit into memory: it needs {parts}, {_gib(memory.total)} together{among} "
        f"but {_gib(max(budget, 0))} of {_gib(machine.total)} can be used now.",
        "Close other programs, set a smaller context, or use a smaller quantization of the model.",
    )


def _gib(size: int) -> str:
    return f"{size / GIB:.1f} GiB"
