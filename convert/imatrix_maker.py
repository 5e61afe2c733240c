"""Makes an importance matrix from a user's own texts: which columns of the model matter for this kind of work.

The texts go to a child process through its pipe and nowhere else; what is written are sums of squares. The file is llama.cpp's imatrix
format, which its own quantizer accepts and ``convert --imatrix`` uses.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from . import gguf_file as gguf
from .activations import Sums
from .errors import ConvertError
from .gguf_file import Declared
from .gguf_reader import read_gguf
from .imatrix import COUNTS, SUMS
from .library import find_library
from .native import child_command, last_line
from .tensor_types import TYPES

CHUNK = 512  # tokens evaluated together
TEXTS, PROMPTS = (".txt", ".md"), (".jsonl",)
Report = Callable[[int, int], None]  # (tokens done, tokens in all)


@dataclass(frozen=True, slots=True)
class Text:
    """A text, or token ids where the caller knows exactly how the model is asked."""

    text: str = ""
    ids: tuple[int, ...] = ()


def read_texts(source: Path | None) -> Iterator[Text]:
    """The texts of a file, of all text files in a folder, or of stdin as JSON lines when ``source`` is None.

    A line of JSON has "text", or "ids". Raises ConvertError that names the file and line.
    """
    if source is None:
        yield from _lines("stdin", sys.stdin)
        return
    if source.is_dir():
        files = sorted(path for path in source.rglob("*") if path.suffix.lower() in TEXTS + PROMPTS and path.is_file())
    else:
        files = [source]
    if not files or not all(path.suffix.lower() in TEXTS + PROMPTS for path in files):
        raise ConvertError(f"{source}: no texts were found there.", f"Give a file or a folder of {', '.join(TEXTS + PROMPTS)} files.")
    for path in files:
        try:
            if path.suffix.lower() in PROMPTS:
                with path.open(encoding="utf-8") as file:
                    yield from _lines(str(path), file)
            else:
                yield Text(path.read_text(encoding="utf-8-sig"))
        except OSError as error:
            raise ConvertError(f"{path}: it can't be read ({error.strerror}).", "Check the path and your permission to read it.") from error
        except UnicodeDecodeError as error:
            raise ConvertError(f"{path}: it is not UTF-8 at byte {error.start}.", "Save it as UTF-8, or leave it out.") from error


def _lines(name: str, lines: Iterable[str]) -> Iterator[Text]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            found = None
        text, ids = (found.get("text", ""), found.get("ids", [])) if isinstance(found, dict) else ("", [])
        whole = isinstance(text, str) and isinstance(ids, list) and all(type(item) is int and 0 <= item < 1 << 24 for item in ids)
        if not whole or bool(text) == bool(ids):
            raise ConvertError(f'{name}, line {number}: there should be a JSON object with "text" or "ids".', "Correct this line.")
        yield Text(text, tuple(ids))


def make_imatrix(
    model: Path,
    texts: Iterable[Text],
    out: Path,
    report: Report = lambda *_: None,
    *,
    tokens: int = 200_000,
    threads: int = 0,
    gpu_layers: int = 0,
) -> int:
    """Run ``model`` over ``texts`` and write the matrix to ``out``. Returns how many tokens were seen.

    A run that was killed is gone on with when model and texts are the same. Raises ConvertError when the model can't be run or there is too
    little text; an older file of that name is replaced only when the new one is whole.
    """
    if out.suffix != ".gguf":
        raise ConvertError(f"{out}: the matrix should be called something.gguf.", "Give such a name with --out.")
    if not out.parent.is_dir():
        raise ConvertError(f"{out.parent}: there is no such folder.", "Make it first, or give another place with --out.")
    described = read_gguf(model)
    stamp = model.stat()
    part = out.with_name(out.name + ".sums")
    task = {
        "model": str(model),
        "part": str(part),
        "library": str(find_library()),
        "identity": [described.size, stamp.st_mtime_ns, CHUNK],
        "chunk": CHUNK,
        "tokens": tokens,
        "threads": threads or os.cpu_count() or 1,
        "gpu_layers": gpu_layers,
    }
    lines = [json.dumps({"text": text.text} if text.text else {"ids": text.ids}) for text in texts]
    _run(model, [json.dumps(task), *lines], report)
    sums = Sums.load(part)
    if sums is None or not sums.squares:
        raise ConvertError(f"{part}: the sums are not there.", "Start again; the disk may be full.")
    _write(sums, out)
    part.unlink(missing_ok=True)
    return max(sums.rows.values())


def _run(model: Path, lines: list[str], report: Report) -> None:
    """Send the task to the child and follow it to its end."""
    if len(lines) == 1:
        raise ConvertError("No texts were given.", "Give some with --from.")
    command, environment = child_command("activations")
    answer: dict[str, int] = {}
    with (
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, env=environment, encoding="utf-8") as child,
    ):
        assert child.stdin is not None and child.stdout is not None
        try:
            with suppress(BrokenPipeError):
                child.stdin.write("\n".join(lines))
                child.stdin.close()
            for line in child.stdout:
                answer = json.loads(line)
                if "done" in answer:
                    report(answer["done"], answer["total"])
        except BaseException:
            child.kill()
            raise
        code = child.wait()
        errors.seek(0)
        reason = last_line(errors.read()) or f"it ended with {code}"
    if code or "finished" not in answer:
        raise ConvertError(f"{model}: llama.cpp can't run this model ({reason}).", "Convert it again, or close other programs.")
    if not answer["finished"]:
        raise ConvertError("The texts are too short: there is not one piece of 16 tokens in them.", "Give longer texts with --from.")


def _write(sums: Sums, out: Path) -> None:
    """llama.cpp's imatrix file, under its name only when it is whole."""
    numbers: list[tuple[str, npt.NDArray[np.float32]]] = []
    for name in sorted(sums.squares):
        numbers.append((name + SUMS, sums.squares[name].astype(np.float32)))
        numbers.append((name + COUNTS, np.array([sums.rows[name]], np.float32)))
    metadata = {
        "general.type": gguf.string("imatrix"),
        "imatrix.datasets": gguf.array(gguf.STRING, ["the user's own texts"]),
        "imatrix.chunk_count": gguf.uint32(max(sums.rows.values()) // CHUNK),
        "imatrix.chunk_size": gguf.uint32(CHUNK),
    }
    declared = [Declared(name, values.shape, TYPES["F32"]) for name, values in numbers]
    part = out.with_name(out.name + ".part")
    with part.open("wb") as file:
        file.write(gguf.header(metadata, declared))
        for _, values in numbers:
            file.write(values.tobytes() + bytes(gguf.padding(values.nbytes)))
        file.flush()
        os.fsync(file.fileno())
    part.replace(out)
