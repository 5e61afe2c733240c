"""The exact token ids of prompts, as the engine would ask them, without loading a model's weights.

For whoever hands prompts to another program. llama.cpp may end its process, so the ids come from a child: this module,
run as a program. It reads one JSON line with the model's path and then one for each prompt, and answers each with a
line. Nothing is kept.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from leads_local import children, lifeline, offline
from leads_local.engine import header as headers
from leads_local.engine import template
from leads_local.engine.child import child_environment
from leads_local.errors import ModelError
from leads_local.family import ProcessTree

if TYPE_CHECKING:
    from leads_local.engine.llama import Model


def encode(path: Path, prompts: Iterable[str]) -> Iterator[list[int]]:
    """The ids of each prompt with the model's chat template around it. Raises ModelError when the model can't be
    read."""
    command = children.command("leads_local.engine.encoding")
    pipe, nothing = subprocess.PIPE, subprocess.DEVNULL
    with lifeline.start_child(command, stdin=pipe, stdout=pipe, stderr=nothing, env=child_environment()) as child:
        assert child.stdin is not None and child.stdout is not None
        family = ProcessTree(child)
        try:
            for message in _messages(path, prompts):
                with lifeline.until_reader_is_gone():
                    child.stdin.write(json.dumps(message).encode() + b"\n")
                    child.stdin.flush()
                answer = json.loads(child.stdout.readline() or b'{"error": ""}')
                if "error" in answer:
                    raise ModelError(
                        answer["error"] or f"{path}: llama.cpp can't read this model.",
                        answer.get("hint", "Convert it again."),
                    )
                if "ids" in answer:
                    yield answer["ids"]
        finally:
            family.kill()
            with lifeline.until_reader_is_gone():  # what was still buffered for it
                child.stdin.close()


def _messages(path: Path, prompts: Iterable[str]) -> Iterator[dict[str, str]]:
    yield {"path": str(path)}
    for prompt in prompts:
        yield {"prompt": prompt}


def read_template_style(model: Model, header: headers.GgufHeader) -> template.TemplateStyle:
    """How the model's chat template puts a prompt. Raises ModelError when it can't be used."""
    known = model.vocabulary
    try:
        return template.derive_style(
            str(header.metadata.get("tokenizer.chat_template", "")),
            known.special,
            bos=known.bos,
            eos=known.eos,
            adds_bos=known.adds_bos,
            adds_space=known.adds_space,
            tokenize=model.tokenize,
        )
    except template.TemplateUnusable as error:
        raise ModelError(
            f"{header.path}: {error}.", "Convert the model again with a chat template for user turns."
        ) from error


def _answers(lines: Iterable[bytes]) -> Iterator[dict[str, object]]:
    from leads_local.engine.llama import Model
    from leads_local.engine.runner import EvaluationError

    given = iter(lines)
    path = Path(json.loads(next(given))["path"])
    try:
        header = headers.read(path)
        model = Model(path, vocabulary_only=True)
        layout = read_template_style(model, header)
    except EvaluationError as error:
        yield {"error": f"{path}: {error}.", "hint": "Convert it again."}
        return
    except ModelError as error:
        yield {"error": error.message, "hint": error.hint}
        return
    yield {"ready": True}
    for line in given:
        yield {"ids": layout.ids(json.loads(line)["prompt"], model.tokenize)}


def _main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what an interrupt means
    lifeline.end_with_parent()
    offline.enforce()
    with os.fdopen(os.dup(1), "wb") as stream:
        os.dup2(2, 1)  # whatever llama.cpp prints goes to stderr
        for answer in _answers(sys.stdin.buffer):
            stream.write(json.dumps(answer).encode() + b"\n")
            stream.flush()


if __name__ == "__main__":
    _main()
