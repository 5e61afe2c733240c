"""The model's child process: ``python -m leads_local.engine.worker``, started by ``host`` and by nobody else.

It speaks JSON lines: commands on its standard input, events on what was its standard output. That pipe is kept on a
private descriptor and descriptor 1 is pointed at the error stream, so nothing that llama.cpp prints can get between the
lines. A thread reads commands while the model computes, so a cancel takes effect in the middle of a step; everything
that touches the scheduler happens in the main thread. When the input ends, the parent is gone or done, and so is this
process, at once. An error of a request is a reply; an error of the model while it is opened is a ``failed`` event;
anything else ends the process with its traceback in the log.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import sys
import threading
import time
import traceback
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, BinaryIO

from leads_local import awake_clock, lifeline, offline, paths
from leads_local.config import Settings
from leads_local.engine import header as headers
from leads_local.engine import identity
from leads_local.engine import memory_plan as plans
from leads_local.engine import throughput as curves
from leads_local.engine.cache_modes import CacheModes
from leads_local.engine.constraint import Compiler, SchemaError
from leads_local.engine.disk_prefix_cache import DiskPrefixCache
from leads_local.engine.encoding import read_template_style
from leads_local.engine.json_style import DEFAULT_STYLE, style_from_data
from leads_local.engine.llama import Context, Model, find_gpu, route_log
from leads_local.engine.policy import Policy
from leads_local.engine.prompt_lookup import Drafter
from leads_local.engine.runner import EvaluationError
from leads_local.engine.scheduler import Scheduler
from leads_local.engine.sequence import Sequence
from leads_local.engine.types import FinishReason
from leads_local.errors import ModelError

Message = dict[str, Any]
_GRACE = 0.3  # seconds for the parent to ask more about a paper when it has the first answers
_WORTH_MEASURING = _WORTH_KEEPING = 200_000_000  # parameters


class Pipe:
    """Lines of JSON to the parent. ``send`` may be called from any thread."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._lock = threading.Lock()

    def send(self, **message: Any) -> None:
        line = json.dumps(message).encode() + b"\n"
        with self._lock:
            try:
                self._file.write(line)
                self._file.flush()
            except OSError:
                os._exit(0)


class Worker:
    """One model and the requests for it."""

    def __init__(self, pipe: Pipe, path: Path, settings: Settings, least_context: int = plans.STREAM_CELLS) -> None:
        self._pipe, self._settings = pipe, settings
        self._inbox: queue.SimpleQueue[Message] = queue.SimpleQueue()
        header = headers.read(path)
        machine = plans.read_machine(find_gpu())
        self._plan = plans.make_plan(header, settings, machine, least_context)
        self._shortage = plans.explain_shortage(header, settings, machine, self._plan, least_context)
        content = identity.begin_hashing(path)
        self._model = self._load(header)
        self._sha256 = content(lambda: pipe.send(op="loading", part=1.0))
        vocabulary = self._model.vocabulary
        self._vocabulary = vocabulary
        self._layout = read_template_style(self._model, header)
        self._compiler = Compiler(vocabulary)
        try:
            self._context = self._make_context(short=False)
        except EvaluationError as error:
            raise ModelError(f"{path}: {error}", "Set a smaller context in the settings.") from error
        self._policy = self._make_policy(header)
        if self._plan.streams and self._policy.curve:
            self._plan = replace(self._plan, streams=1 + self._policy.curve.width(self._plan.streams - 1))
        self._scheduler = CacheModes(self._open_lane, plans.STREAM_CELLS if self._plan.streams else 0)
        self._active: frozenset[int] = frozenset()
        self._last = 0.0
        pipe.send(op="ready", **self._info(header))

    def _load(self, header: headers.GgufHeader) -> Model:
        try:
            return Model(
                header.path, self._plan.gpu_layers, lambda part: self._pipe.send(op="loading", part=round(part, 3))
            )
        except EvaluationError as error:
            raise ModelError(
                f"{header.path}: llama.cpp can't load this model (architecture {header.architecture or 'unknown'}).",
                _gpu_hint(self._plan.gpu_layers)
                or "The log file has its reasons. Convert the model again, or use another one.",
            ) from error

    def _make_context(self, short: bool) -> Context:
        """A cache in streams, or one for all. Raises EvaluationError when there is no memory for it."""
        made = self._plan
        cells = made.streams * plans.STREAM_CELLS if short else made.cells
        try:
            return Context(
                self._model,
                cells=cells,
                sequences=made.streams if short else made.slots,
                batch=made.batch,
                outputs=made.outputs,
                threads=made.threads,
                cache_type=made.cache_type,
                flash_attention=made.flash,
                unified=not short,
                mixing=made.batch if made.gpu_layers else None,
            )
        except EvaluationError as error:
            raise EvaluationError(f"llama.cpp could not set up a cache of {cells:,} tokens.") from error

    def _open_lane(self, short: bool) -> Scheduler:
        if self._context.closed or self._context.apart is not short:
            self._context.close()
            self._context = self._make_context(short)
        policy = self._policy
        if short:
            policy = replace(
                policy,
                sequences=self._plan.streams - 1,
                context=plans.STREAM_CELLS,
                keep=plans.STREAM_CELLS,
                grace=0.0,
                states=None,
            )
        return Scheduler(self._context, policy)

    def _make_policy(self, header: headers.GgufHeader) -> Policy:
        """By the curve of this machine and model: the kept one, or one that is measured now and kept. Small models need
        none."""
        made, curve = self._plan, None
        if self._model.parameters >= _WORTH_MEASURING:
            file = paths.cache_dir() / "curves.json"
            name = curves.key(header.path, header.size, made.threads, made.gpu_layers)
            curve = curves.load(file, name)
            if curve is None and (curve := curves.measure(self._context, 0 if made.gpu_layers else made.threads)):
                curves.save(file, name, curve)
            curve = curve or (None if made.gpu_layers else curves.TYPICAL)
        limit = self._settings.paper_cache << 30
        worth_it = limit and self._model.parameters >= _WORTH_KEEPING
        states = DiskPrefixCache(header.path, made.cache_type, limit, transposed=not made.flash) if worth_it else None
        rows = curve.step() if curve else 3 * made.batch // 4
        paper = 0 if made.flash else plans.STREAM_CELLS
        return Policy(
            made.sequences, made.context, rows, curve, grace=_GRACE, paper=paper, draft=Drafter(), states=states
        )

    def _info(self, header: headers.GgufHeader) -> Message:
        made = self._plan
        return {
            "sha256": self._sha256,
            "name": str(header.metadata.get("general.name", "")),
            "architecture": header.architecture,
            "quantization": header.quantization,
            "parameters": self._model.parameters,
            "context": made.context,
            "sequences": max(made.sequences, made.streams - 1),
            "gpu_layers": made.gpu_layers,
            "threads": made.threads,
            "cells": made.cells,
            "shortage": self._shortage,
        }

    # ---------------------------------------------------------------- commands

    def hear(self, message: Message) -> None:
        """Called by the reading thread: answer what needs no scheduler, stop the step when all work in it is cancelled,
        queue the rest."""
        if message["op"] == "count":
            self._pipe.send(
                op="counted", n=message["n"], counts=[len(self._model.tokenize(text)) for text in message["texts"]]
            )
            return
        if message["op"] == "cancel" and self._active <= set(message["n"]):
            self._context.stop(True)
        self._inbox.put(message)

    def work(self) -> None:
        """Do what comes in, for ever; the reading thread ends the process."""
        while True:
            self._take_commands()
            for sequence in self._scheduler.step():
                self._reply(sequence)
            self._active = frozenset(self._scheduler.active())
            if time.monotonic() - self._last > 1:
                self._last = time.monotonic()
                self._pipe.send(op="alive")

    def _take_commands(self) -> None:
        while self._scheduler.idle or self._scheduler.resting or not self._inbox.empty():
            try:
                message = self._inbox.get(timeout=None if self._scheduler.idle else 0.01)
            except queue.Empty:
                return
            if message["op"] == "request":
                self._add(message)
            elif message["op"] == "cancel":
                self._scheduler.cancel(message["n"])
                self._context.stop(False)
            elif message["op"] == "figures":
                self._send_figures(message)
        self._active = frozenset(self._scheduler.active())

    def _send_figures(self, message: Message) -> None:
        """For benchmarks: what was done so far, and prompt rates measured on an empty cache, when nothing else is being
        done."""
        counts, rates, busy = asdict(self._scheduler.counts), {}, {}
        if message["sizes"] and self._scheduler.idle:
            self._context.close()
            self._context = self._make_context(short=False)
            rates = curves.measure_prompt_rates(self._context, message["sizes"])
            busy = curves.measure_prompt_rates(
                self._context, message["sizes"], lambda: time.process_time() / self._plan.threads
            )
            self._scheduler = CacheModes(self._open_lane, plans.STREAM_CELLS if self._plan.streams else 0)
        curve = self._policy.curve
        points = dict(zip(curve.rows, curve.seconds, strict=True)) if curve and curve is not curves.TYPICAL else {}
        self._pipe.send(
            op="figures",
            n=message["n"],
            counts=counts,
            rates=rates,
            busy_rates=busy,
            curve=points,
            plan=asdict(self._plan),
        )

    def _add(self, message: Message) -> None:
        try:
            layout = style_from_data(message.get("layout")) or DEFAULT_STYLE
            constraint = None if message["schema"] is None else self._compiler.constraint(message["schema"], layout)
            prompt = self._layout.ids(message["prompt"], self._model.tokenize)
            self._scheduler.add(
                Sequence(message["n"], prompt, message["max_tokens"], self._vocabulary.ends, constraint)
            )
        except SchemaError as error:
            self._pipe.send(
                op="reply", n=message["n"], finish=FinishReason.ERROR, error=f"{str(error)[0].upper()}{str(error)[1:]}."
            )

    def _reply(self, sequence: Sequence) -> None:
        self._pipe.send(
            op="reply",
            n=sequence.id,
            text=self._text(sequence.output),
            finish=sequence.finish,
            error=sequence.error,
            prompt_tokens=len(sequence.prompt),
            shared_tokens=sequence.shared,
            output_tokens=len(sequence.output),
            forced_tokens=sequence.forced,
            seconds=round(awake_clock.seconds() - sequence.started, 4) if sequence.started else 0.0,
            margin=sequence.margin,
            choices=[[(self._piece(token), round(part, 6)) for token, part in choice] for choice in sequence.choices],
        )

    def _piece(self, token: int) -> str:
        return self._vocabulary.pieces[token].decode("utf-8", "replace")

    def _text(self, tokens: list[int]) -> str:
        """The answer's text: control tokens left out, and the space that the tokenizer adds before a text taken off."""
        hidden = frozenset(self._vocabulary.special.values())
        text = b"".join(self._vocabulary.pieces[token] for token in tokens if token not in hidden).decode(
            "utf-8", "replace"
        )
        return text[1:] if self._vocabulary.adds_space and text.startswith(" ") else text


def _gpu_hint(layers: int) -> str:
    return f"Perhaps the GPU has too little memory: try again with gpu_layers below {layers}, or 0." if layers else ""


def _read_commands(source: BinaryIO, worker: Worker) -> None:
    try:
        for line in source:
            worker.hear(json.loads(line))
    except Exception:
        traceback.print_exc()
    finally:
        os._exit(0)


def main() -> None:
    """Serve one parent until its end of the pipe is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what an interrupt means
    lifeline.end_with_parent()
    offline.enforce()
    os.environ["GGML_NO_BACKTRACE"] = "1"
    with os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)
        _serve(Pipe(answers))


def _serve(pipe: Pipe) -> None:
    route_log(lambda text: (sys.stderr.write(text), sys.stderr.flush(), None)[-1])
    source = sys.stdin.buffer
    first = json.loads(source.readline() or b"{}")
    if not first:
        return
    try:
        worker = Worker(
            pipe, Path(first["path"]), Settings(**first["settings"]), first.get("least_context", plans.STREAM_CELLS)
        )
    except ModelError as error:
        pipe.send(op="failed", message=error.message, hint=error.hint)
        return
    threading.Thread(target=_read_commands, args=(source, worker), daemon=True).start()
    worker.work()


if __name__ == "__main__":
    main()
