"""Running a model over texts: what the child programs of this package have in common. Only they import it.

A program reads one JSON line with its task and one for each text from stdin, and prints JSON lines to stdout.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

from . import lifeline
from .errors import ConvertError
from .terminal import say

FEWEST_TOKENS = 16  # tokens in a piece of text; llama.cpp's own tools leave out shorter ones, too


def task_and_texts() -> tuple[dict[str, Any], list[dict[str, Any]], TextIO]:
    """(task, texts, where answers go). From here on whatever llama.cpp prints to stdout goes to stderr."""
    lifeline.end_with_parent()
    stream = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    task, *texts = [json.loads(line) for line in sys.stdin]
    return task, texts, stream


def cut_pieces(vocabulary: Any, lines: list[dict[str, Any]], size: int, limit: int) -> list[list[int]]:
    """All texts as token ids, cut into pieces of ``size``; ids are taken as they are, texts get the start token."""
    import llama_cpp

    pieces: list[list[int]] = []
    left = limit
    for line in lines:
        ids = line.get("ids")
        if ids is None:
            data = line["text"].encode("utf-8", "replace")
            room = (llama_cpp.llama_token * (len(data) + 8))()
            ids = list(room[: llama_cpp.llama_tokenize(vocabulary, data, len(data), room, len(room), True, False)])
        ids = ids[:left]
        left -= len(ids)
        pieces += [ids[at : at + size] for at in range(0, len(ids), size) if len(ids) - at >= FEWEST_TOKENS]
    return pieces


def open_model(task: dict[str, Any], collector: Any) -> tuple[Any, Any]:
    import llama_cpp

    llama_cpp.llama_backend_init()
    model_parameters = llama_cpp.llama_model_default_params()
    model_parameters.n_gpu_layers = task["gpu_layers"]
    model_parameters.use_extra_bufts = not _matrix_unit_is_doubtful()
    model = llama_cpp.llama_model_load_from_file(os.fsencode(task["model"]), model_parameters)
    if not model:
        raise SystemExit("it can't be loaded")
    parameters = llama_cpp.llama_context_default_params()
    parameters.n_ctx = parameters.n_batch = parameters.n_ubatch = task["chunk"]
    parameters.n_threads = parameters.n_threads_batch = task["threads"]
    if collector is not None:
        parameters.cb_eval = collector
    context = llama_cpp.llama_init_from_model(model, parameters)
    if not context:
        raise SystemExit("there is not enough memory for it")
    return model, context


def _matrix_unit_is_doubtful() -> bool:
    """Whether this is a virtual machine that announces AMX: some do and can't, and the first use of it ends the
    process."""
    try:
        told = Path("/proc/cpuinfo").read_text()
    except OSError:
        return False
    flags = next((line for line in told.splitlines() if line.startswith("flags")), "").split()
    return "amx_tile" in flags and "hypervisor" in flags


def evaluate(context: Any, batch: Any, ids: list[int]) -> None:
    import llama_cpp

    llama_cpp.llama_memory_clear(llama_cpp.llama_get_memory(context), True)
    batch.n_tokens = len(ids)
    for place, token in enumerate(ids):
        batch.token[place], batch.pos[place], batch.n_seq_id[place], batch.logits[place] = token, place, 1, 1
        batch.seq_id[place][0] = 0
    if llama_cpp.llama_decode(context, batch):
        raise SystemExit("llama.cpp could not evaluate a text")


def run_task(work: Callable[[], None]) -> None:
    """A child's ``main``: what is wrong with a place or a file is its last word, with the exit code that says so."""
    try:
        work()
    except ConvertError as error:
        say(str(error), aside=True)
        raise SystemExit(error.exit_code) from None


def send_progress(stream: Any, **values: object) -> None:
    stream.write(json.dumps(values) + "\n")
    stream.flush()
