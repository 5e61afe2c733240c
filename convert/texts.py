"""The user's own texts, and the child program that a model reads them in. They go through its pipe and nowhere else."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import temporary
from .errors import ConvertError, ModelError
from .files import check_file
from .native import child_command, last_error_line

TEXT_SUFFIXES, PROMPT_SUFFIXES = (".txt", ".md"), (".jsonl",)
ReportTokens = Callable[[int, int], None]  # (tokens done, tokens in all)


@dataclass(frozen=True, slots=True)
class SampleText:
    """A text, or token ids where the caller knows exactly how the model is asked."""

    text: str = ""
    ids: tuple[int, ...] = ()


def read_texts(source: Path | None) -> Iterator[SampleText]:
    """The texts of a file, of all text files in a folder, or of stdin as JSON lines when ``source`` is None.

    A line of JSON has "text", or "ids". Raises ConvertError that names the file and line.
    """
    if source is None:
        if isinstance(sys.stdin, io.TextIOWrapper):  # JSON is UTF-8, whatever the console's own encoding is
            sys.stdin.reconfigure(encoding="utf-8-sig")
        with _explain_reading("stdin"):
            yield from _lines("stdin", sys.stdin)
        return
    if source.suffix == ".leads":
        raise ConvertError(
            f"{source}: this is a review; only leads-local makes prompts of it.",
            "Use: leads-local convert imatrix|compare …",
        )
    for path in _text_files(source):
        check_file(path)
        with _explain_reading(str(path)):
            yield from _texts_of(path)


@contextmanager
def _explain_reading(name: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ConvertError(
            f"{name}: it can't be read ({error.strerror}).", "Check the path and your permission to read it."
        ) from error
    except UnicodeDecodeError as error:
        raise ConvertError(
            f"{name}: it is not UTF-8 at byte {error.start}.", "Save it as UTF-8, or leave it out."
        ) from error


def _text_files(source: Path) -> list[Path]:
    """``source`` itself, or the text files in it. Raises ConvertError where there is none."""
    suffixes = TEXT_SUFFIXES + PROMPT_SUFFIXES
    files = (
        sorted(path for path in source.rglob("*") if path.suffix.lower() in suffixes and path.is_file())
        if source.is_dir()
        else [source]
    )
    if not files or not all(path.suffix.lower() in suffixes for path in files):
        raise ConvertError(
            f"{source}: no texts were found there.", f"Give a file or a folder of {', '.join(suffixes)} files."
        )
    return files


def _texts_of(path: Path) -> Iterator[SampleText]:
    if path.suffix.lower() in PROMPT_SUFFIXES:
        with path.open(encoding="utf-8-sig") as file:
            yield from _lines(str(path), file)
    else:
        yield SampleText(path.read_text(encoding="utf-8-sig"))


def _lines(name: str, lines: Iterable[str]) -> Iterator[SampleText]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            found = None
        text, ids = (found.get("text", ""), found.get("ids", [])) if isinstance(found, dict) else ("", [])
        whole = (
            isinstance(text, str)
            and isinstance(ids, list)
            and all(type(item) is int and 0 <= item < 1 << 24 for item in ids)
        )
        if not whole or bool(text) == bool(ids):
            raise ConvertError(
                f'{name}, line {number}: there should be a JSON object with "text" or "ids".', "Correct this line."
            )
        yield SampleText(text, tuple(ids))


def run_program(
    program: str, model: Path, task: dict[str, Any], texts: Iterable[SampleText], report: ReportTokens
) -> dict[str, Any]:
    """Run ``program`` of this package with ``task`` over ``texts`` and follow it to its end. Returns its last answer.

    Raises ConvertError when there is no text, or llama.cpp can't run the model.
    """
    lines = [json.dumps({"text": text.text} if text.text else {"ids": text.ids}) for text in texts]
    if not lines:
        raise ConvertError("No texts were given.", "Give some, as a file or a folder.")
    lines.insert(0, json.dumps(task))
    command, environment = child_command(program)
    with (
        temporary.stream() as errors,
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, env=environment, encoding="utf-8"
        ) as child,
    ):
        answer = _follow(child, lines, report)
        code = child.wait()
        errors.seek(0)
        reason = last_error_line(errors.read()) or f"it ended with {code}"
    if code == ConvertError.exit_code:  # it says what was wrong itself
        raise ConvertError(reason)
    if code or "finished" not in answer:
        raise ModelError(
            f"{model}: llama.cpp can't run this model ({reason}).", "Convert it again, or close other programs."
        )
    if not answer["finished"]:
        raise ConvertError(
            "The texts are too short: there is not one piece of 16 tokens in them.", "Give longer texts."
        )
    return answer


def _follow(child: subprocess.Popen[str], lines: Iterable[str], report: ReportTokens) -> dict[str, Any]:
    """Give the child its lines, report what it has done, and return the last thing it says; end it if anything goes
    wrong here."""
    assert child.stdin is not None and child.stdout is not None
    answer: dict[str, Any] = {}
    try:
        with suppress(OSError):  # nobody reads it any more (EPIPE, EINVAL on Windows): its end says why
            child.stdin.write("\n".join(lines))
            child.stdin.close()
        for line in child.stdout:
            answer = json.loads(line)
            if "done" in answer:
                report(answer["done"], answer["total"])
    except BaseException:
        child.kill()
        raise
    return answer
