"""A model's chat template rendered where it can do no harm: in a short-lived child, with a limit on its time and its
memory.

A template comes with the model file and is a program: it can loop for ever or ask for a string of ten gigabytes, and
many of those ways lie inside single calls that no sandbox of the language can interrupt. So this module, run as a
program, is the child that renders, and the one who asks ends it when it does more than a template for a chat needs. It
reads one JSON object and writes two lines: that it has begun, with what Python itself has taken by then, and what came
of it. The sandbox keeps the template from everything but its own texts; the limits keep it from everything else.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO

from leads_local import awake_clock, children, lifeline, offline
from leads_local.engine.child import child_environment
from leads_local.family import ProcessTree

LONGEST_TEMPLATE = 1 << 20  # characters; the longest of known models have some 20,000
LONGEST_TURN = 1 << 20  # characters that a template may make of one short text
WORK_SECONDS = 2.0  # of processor time; a template needs some hundredths, and the slowest of computers some tenths
WAIT_SECONDS = 60.0  # on a clock, where others keep the processors
START_SECONDS = 60.0
MEMORY = 120 << 20  # bytes, more than Python needs for itself
# What templates are told is today, for ever: they write it into the prompt before everything else, where it changed all
# token ids every night. A study is not judged by the day of the question, and asked again it must get the same answer.
# Templates may call ``strftime_now`` without asking whether it is there, so it has to give something; Llama's own give
# this day where there is none.
TODAY = (2024, 7, 26)
_POLL = 0.01
_TOO_MUCH = "it does more work than a chat template needs, and was stopped"
_TOO_LONG = f"it is longer than {LONGEST_TEMPLATE:,} characters, or makes that many of one text"


class Unrenderable(ValueError):
    """The template could not be rendered within its limits; the message says why, as the end of a sentence about it."""


def render(template: str, contents: Sequence[str], names: Mapping[str, str]) -> list[str]:
    """What ``template`` (jinja2) makes of one user turn, for each of ``contents``; ``names`` are further variables.

    Raises Unrenderable when it fails, or does more than it may.
    """
    if len(template) > LONGEST_TEMPLATE:
        raise Unrenderable(_TOO_LONG)
    asked = json.dumps({"template": template, "contents": list(contents), "names": dict(names)})
    pipe, nothing = subprocess.PIPE, subprocess.DEVNULL
    command = children.command("leads_local.engine.rendering")
    with lifeline.start_child(command, stdin=pipe, stdout=pipe, stderr=nothing, env=child_environment()) as child:
        watch = _Watch(child)
        try:
            answer = _answer(child, asked, watch)
        finally:
            watch.end()
            watch.kill()
            with lifeline.until_reader_is_gone():  # what was still buffered for a dead child
                child.stdin.close()  # type: ignore[union-attr]
    if "texts" not in answer:
        raise Unrenderable(answer.get("error") or watch.why or _TOO_MUCH)
    return list(answer["texts"])


def _answer(child: subprocess.Popen[bytes], asked: str, watch: _Watch) -> dict[str, Any]:
    assert child.stdin is not None and child.stdout is not None
    with lifeline.until_reader_is_gone(), contextlib.suppress(ValueError):
        child.stdin.write(asked.encode("ascii") + b"\n")
        child.stdin.flush()
        begun = json.loads(child.stdout.readline())
        watch.begin(begun["seconds"], begun["bytes"])
        found = json.loads(child.stdout.readline())
        return found if isinstance(found, dict) else {}
    return {}


class _Watch:
    """A thread that ends the child when it is over a limit. ``why`` says so; the reader of its pipe sees the end."""

    def __init__(self, child: subprocess.Popen[bytes]) -> None:
        self.why = ""
        self._family = ProcessTree(child)
        self._seconds, self._bytes = 0.0, 0
        self._over = threading.Event()
        self._working = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="template-guard")
        self._thread.start()

    def begin(self, seconds: float, held: int) -> None:
        """From now on it works; it was started before, which took ``seconds`` of processor time and ``held`` bytes."""
        self._seconds, self._bytes = seconds + WORK_SECONDS, held + MEMORY
        self._working.set()

    def end(self) -> None:
        self._over.set()
        self._working.set()
        self._thread.join()

    def kill(self) -> None:
        self._family.kill()

    def _run(self) -> None:
        if not awake_clock.wait(self._working, START_SECONDS):
            self.why = "no process could be started to render it"
            self._family.kill()
            return
        end = awake_clock.seconds() + WAIT_SECONDS
        while not self._over.wait(_POLL):
            if (
                self._family.spent() > self._seconds
                or awake_clock.seconds() > end
                or self._family.resident_bytes() > self._bytes
            ):
                self.why = _TOO_MUCH
                self._family.kill()
                return


# ---------------------------------------------------------------- the child


def _main() -> None:
    offline.enforce()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what Ctrl-C means
    lifeline.end_with_parent()
    lifeline.limit_work(START_SECONDS + 2 * WAIT_SECONDS)
    with os.fdopen(os.dup(1), "wb") as answers:
        _serve(answers)


def _serve(answers: BinaryIO) -> None:
    asked = json.loads(sys.stdin.buffer.readline())
    import psutil  # type: ignore[import-untyped]
    from jinja2.sandbox import ImmutableSandboxedEnvironment  # loaded before the work is measured

    held = psutil.Process().memory_info()
    _limit(held.vms + 2 * MEMORY)  # what is mapped by now can be 200 MB of locales
    begun = {"seconds": time.process_time(), "bytes": held.rss}
    answers.write(json.dumps(begun).encode("ascii") + b"\n")
    answers.flush()
    try:
        answer: dict[str, object] = {"texts": _rendered(ImmutableSandboxedEnvironment, **asked)}
    except Unrenderable as error:
        answer = {"error": str(error)}
    except MemoryError:
        answer = {"error": _TOO_MUCH}
    except Exception as error:  # whatever a template can raise is the template's
        answer = {"error": f"{type(error).__name__}: {error}"[:500]}
    answers.write(json.dumps(answer).encode("ascii") + b"\n")
    answers.flush()


def _limit(memory: int) -> None:
    """Ask the system to refuse more memory, and more time than work takes, where it can; the parent watches as well."""
    try:
        import resource
    except ImportError:  # Windows
        return
    seconds = int(time.process_time() + WORK_SECONDS) + 2
    for what, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, seconds)):
        with contextlib.suppress(ValueError, OSError):  # macOS knows the first name but refuses
            _, hard = resource.getrlimit(what)
            resource.setrlimit(what, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def _rendered(sandbox: Any, template: str, contents: list[str], names: dict[str, str]) -> list[str]:
    import datetime

    from jinja2 import TemplateError

    def refuse(message: object) -> None:
        raise TemplateError(str(message))

    made = sandbox(trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"])
    made.globals["raise_exception"] = refuse
    made.globals["strftime_now"] = datetime.datetime(*TODAY).strftime
    loaded = made.from_string(template)
    texts = []
    for content in contents:
        turn = [{"role": "user", "content": content}]
        text = loaded.render(messages=turn, add_generation_prompt=True, tools=None, documents=None, **names)
        if len(text) > LONGEST_TURN:
            raise Unrenderable(_TOO_LONG)
        texts.append(text)
    return texts


if __name__ == "__main__":
    _main()
