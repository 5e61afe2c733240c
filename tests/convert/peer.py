"""llama.cpp itself, in a process of its own: what our files are compared with.

ggml aborts the whole process where it asserts, so nothing here runs in the test's process. ``python peer.py COMMAND
JSON`` prints JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any


def run(command: str, **arguments: object) -> Any:
    """Call ``command`` of this file in a new process with keyword arguments that JSON can carry, and return what it
    returns."""
    done = subprocess.run(
        [sys.executable, __file__, command, json.dumps(arguments, default=str)],
        capture_output=True,
        env=os.environ | {"GGML_NO_BACKTRACE": "1"},
        timeout=300,
        check=False,
    )
    if done.returncode:
        raise AssertionError(f"{command} ended with {done.returncode}: {done.stderr.decode(errors='replace')[-2000:]}")
    return json.loads(done.stdout)


def quantize(source: str, jobs: list[tuple[str, int]], imatrix: dict[str, list[float]] | None = None) -> list[int]:
    """llama_model_quantize of one GGUF file to many; jobs are (output, file type). Returns its result codes, 0 for
    done."""
    import ctypes

    import llama_cpp

    found = []
    for output, file_type in jobs:
        params = llama_cpp.llama_model_quantize_default_params()
        params.ftype = file_type
        params.nthread = 2
        if imatrix is not None:
            params.imatrix = ctypes.cast(_imatrix(imatrix), type(params.imatrix))
        found.append(llama_cpp.llama_model_quantize(source.encode(), output.encode(), ctypes.byref(params)))
    return found


def types(sources: list[str], file_types: list[int], importance: bool) -> list[list[dict[str, str]]]:
    """Which type llama.cpp's quantizer would give each tensor, for each source and file type; its dry run tells in the
    log."""
    import ctypes
    import re

    import llama_cpp

    lines: list[str] = []

    @llama_cpp.llama_log_callback
    def log(_: int, text: bytes, __: object) -> None:
        lines.append(text.decode())

    def one(source: str, file_type: int) -> dict[str, str]:
        params = llama_cpp.llama_model_quantize_default_params()
        params.ftype, params.dry_run = file_type, True
        if importance:
            params.imatrix = ctypes.cast(_imatrix({"none": [1.0]}), type(params.imatrix))
        lines.clear()
        if llama_cpp.llama_model_quantize(source.encode(), b"", ctypes.byref(params)):
            raise SystemExit("".join(lines[-5:]))
        pattern = (
            r"\[ *\d+/ *\d+\] +(\S+) +- \[.*?\], type = +(\w+), (?:warning.*?\n)?.*?size = .*?(?:MiB \((\w+)\))?\n"
        )
        return {name: (new or old).upper() for name, old, new in re.findall(pattern, "".join(lines))}

    llama_cpp.llama_log_set(log, ctypes.c_void_p())
    return [[one(source, file_type) for file_type in file_types] for source in sources]


def _imatrix(values: dict[str, list[float]]) -> Any:
    import ctypes

    class Data(ctypes.Structure):
        _fields_ = (("name", ctypes.c_char_p), ("data", ctypes.POINTER(ctypes.c_float)), ("size", ctypes.c_size_t))

    entries = (Data * (len(values) + 1))()
    for number, (name, numbers) in enumerate(values.items()):
        entries[number] = Data(name.encode(), (ctypes.c_float * len(numbers))(*numbers), len(numbers))
    return entries


def _load(model: str, *, vocab_only: bool) -> Any:
    import llama_cpp

    llama_cpp.llama_backend_init()
    params = llama_cpp.llama_model_default_params()
    params.vocab_only = vocab_only
    params.use_extra_bufts = False  # AMX, which some virtual machines announce and do not have
    loaded = llama_cpp.llama_model_load_from_file(model.encode(), params)
    if not loaded:
        raise SystemExit(f"llama.cpp can't load {model}")
    return loaded


def tokenize(model: str, texts: list[str]) -> list[list[int]]:
    """Ids of each text, without special tokens around it and none looked for in it."""
    import llama_cpp

    vocabulary = llama_cpp.llama_model_get_vocab(_load(model, vocab_only=True))
    found = []
    for text in texts:
        data = text.encode()
        room = (llama_cpp.llama_token * (len(data) + 8))()
        count = llama_cpp.llama_tokenize(vocabulary, data, len(data), room, len(room), False, False)
        found.append(list(room[:count]))
    return found


def logits(model: str, tokens: list[int]) -> list[list[float]]:
    """The logits after each token, one row each."""
    import llama_cpp

    loaded = _load(model, vocab_only=False)
    params = llama_cpp.llama_context_default_params()
    params.n_ctx = params.n_batch = params.n_ubatch = 512
    params.n_threads = 2
    params.flash_attn_type = 0
    params.type_k = params.type_v = 0  # F32, so that nothing but the weights can differ
    context = llama_cpp.llama_init_from_model(loaded, params)
    batch = llama_cpp.llama_batch_init(len(tokens), 0, 1)
    batch.n_tokens = len(tokens)
    for place, token in enumerate(tokens):
        batch.token[place], batch.pos[place], batch.n_seq_id[place], batch.logits[place] = token, place, 1, 1
        batch.seq_id[place][0] = 0
    if llama_cpp.llama_decode(context, batch):
        raise SystemExit("llama_decode failed")
    size = llama_cpp.llama_vocab_n_tokens(llama_cpp.llama_model_get_vocab(loaded))
    return [list(llama_cpp.llama_get_logits_ith(context, place)[:size]) for place in range(len(tokens))]


if __name__ == "__main__":
    answer = {"quantize": quantize, "types": types, "tokenize": tokenize, "logits": logits}[sys.argv[1]](
        **json.loads(sys.argv[2])
    )
    print(json.dumps(answer))
