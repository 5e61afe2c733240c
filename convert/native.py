"""llama.cpp in a process of its own, for what only it can answer about a GGUF file.

ggml ends the whole process where it asserts, so this module is only ever run as a program: ``ask`` starts it, sends one
JSON object and gets one back. It and activations.py alone import llama_cpp, and only in such processes.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import awake_clock, lifeline
from .errors import ModelError

PATIENCE = 600  # seconds awake
_LOOK = 1.0  # seconds between two looks at the clock
_START = """
import sys
del sys.argv[0]
folder = sys.argv.pop(0)
if folder not in sys.path:
    sys.path.insert(0, folder)
import runpy
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
"""


def ask_llama_cpp(question: str, model: Path, **values: object) -> Any:
    """The answer of a new process to ``question``. Raises ModelError when llama.cpp can't load the model or dies of
    it."""
    request = json.dumps({"question": question, "model": str(model)} | values)
    command, environment = child_command("native")
    with tempfile.TemporaryFile() as given:
        given.write(request.encode())
        given.seek(0)
        pipe = subprocess.PIPE
        with subprocess.Popen(command, stdin=given, stdout=pipe, stderr=pipe, env=environment) as child:
            try:
                answer, errors = _await_answer(child)
            finally:
                child.kill()  # for the case that there is no answer
    if child.returncode:
        reason = last_error_line(errors) or f"it ended with {child.returncode}"
        raise ModelError(f"{model}: llama.cpp can't use this file ({reason}).", "Convert it again.")
    return json.loads(answer)


def _await_answer(child: subprocess.Popen[bytes]) -> tuple[bytes, bytes]:
    """What it says and what it complains of by the end; without an answer, that it was too slow."""
    end = awake_clock.seconds() + PATIENCE
    while awake_clock.seconds() < end:
        with contextlib.suppress(subprocess.TimeoutExpired):
            return child.communicate(timeout=_LOOK)
    child.kill()
    child.communicate()
    return b"", f"it gave no answer in {PATIENCE:.0f} seconds".encode()


def child_command(module: str) -> tuple[list[str], dict[str, str]]:
    """(command, environment) that run ``module`` of this package as a program, wherever the package lies.

    ``-P`` and a PYTHONPATH without relative entries: nothing is imported from the folder where one stands, which may
    hold anybody's files.
    """
    package = __package__ or ""
    folder = Path(__file__).resolve().parents[package.count(".") + 1]
    found = os.environ | {"GGML_NO_BACKTRACE": "1", "PYTHONSAFEPATH": "1", "ORT_DISABLE_TELEMETRY": "1"}
    found["PYTHONIOENCODING"] = "utf-8"  # as what it says is read
    kept = [part for part in found.pop("PYTHONPATH", "").split(os.pathsep) if Path(part).is_absolute()]
    environment = found | ({"PYTHONPATH": os.pathsep.join(kept)} if kept else {}) | lifeline.child_environment()
    return [sys.executable, "-P", "-c", _START, str(folder), f"{package}.{module}"], environment


def last_error_line(errors: bytes) -> str:
    """The last line that a process said about its end."""
    return next((line.strip() for line in reversed(errors.decode(errors="replace").splitlines()) if line.strip()), "")


def _open_vocabulary(model: str) -> Any:
    import llama_cpp

    llama_cpp.llama_backend_init()
    parameters = llama_cpp.llama_model_default_params()
    parameters.vocab_only = True
    loaded = llama_cpp.llama_model_load_from_file(os.fsencode(model), parameters)
    if not loaded:
        raise SystemExit("it can't be loaded")
    return llama_cpp.llama_model_get_vocab(loaded)


def _tokenize(model: str, texts: list[str]) -> dict[str, Any]:
    """Ids of each text, none looked for in it and none put around it, and the text that llama.cpp makes of them again,
    one by one."""
    import llama_cpp

    vocabulary = _open_vocabulary(model)
    ids, again = [], []
    for text in texts:
        data = text.encode("utf-8")
        room = (llama_cpp.llama_token * (len(data) + 8))()
        count = llama_cpp.llama_tokenize(vocabulary, data, len(data), room, len(room), False, False)
        ids.append(list(room[:count]))
        again.append(b"".join(_piece(vocabulary, token) for token in ids[-1]).decode("utf-8", "replace"))
    return {"ids": ids, "texts": again}


def _piece(vocabulary: Any, token: int) -> bytes:
    import llama_cpp

    room = ctypes.create_string_buffer(512)
    size = llama_cpp.llama_token_to_piece(vocabulary, token, room, len(room), 0, False)
    return room.raw[: max(size, 0)]


def _quantize(model: str, output: str, file_type: int, threads: int) -> int:
    """llama.cpp's own quantizer, for comparisons. Ends the process when it fails."""
    import llama_cpp

    parameters = llama_cpp.llama_model_quantize_default_params()
    parameters.ftype, parameters.nthread = file_type, threads
    if code := llama_cpp.llama_model_quantize(os.fsencode(model), os.fsencode(output), ctypes.byref(parameters)):
        raise SystemExit(f"llama_model_quantize gave {code}")
    return 0


def _main() -> None:
    lifeline.end_with_parent()
    request = json.load(sys.stdin)
    questions: dict[str, Callable[..., Any]] = {"tokenize": _tokenize, "quantize": _quantize}
    output = os.dup(1)
    os.dup2(2, 1)  # llama.cpp prints to stdout in places; the answer must stand there alone
    answer = questions[request.pop("question")](**request)
    with os.fdopen(output, "w") as stream:
        json.dump(answer, stream)


if __name__ == "__main__":
    _main()
