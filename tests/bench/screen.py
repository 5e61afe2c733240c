"""Screening of real abstracts in the trained layout: records an hour, against a plain ``llama_cpp.Llama`` loop and the floor.

    python -m tests.bench.screen --layers 2 --records 8 --threads 1 --ablation

The floor is what all tokens that must be processed would take at the best raw rate of the same run. The peer is asked twice: with the same
schema as a grammar, and, more kindly, without any constraint for as many tokens as our answers have.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import llama_cpp

from leads_local.engine import curve as curves
from leads_local.engine.drafting import Drafter
from leads_local.engine.llama import Context
from leads_local.engine.policy import Policy
from leads_local.engine.sequence import Sequence as Work
from leads_local.records import Request
from tests.bench.workload import Bench, Timer, machine, model_of_seven_b_shape, screening_requests, show, timed


def ours(bench: Bench, requests: Sequence[Request], policy: Policy) -> tuple[dict[str, Any], dict[str, Work]]:
    timer, works = bench.run(requests, policy)
    counts = bench.counts
    return {
        "wall_s": round(timer.wall, 2),
        "cpu_s": round(timer.cpu, 2),
        "steps": counts.steps,
        "tokens": counts.tokens,
        "outside_model": round(1 - counts.seconds / timer.wall, 4),
        "drafted": counts.drafted,
        "right": counts.right,
        "cells": counts.cells,
        "records_per_hour": round(3600 * len(requests) / timer.wall),
    }, works


def llama_loop(path: Path, bench: Bench, requests: Sequence[Request], works: dict[str, Work], threads: int, grammar: bool) -> Timer:
    """One request after the other, as a script would do it; the prompt's shared beginning is kept by ``Llama`` itself."""
    model = llama_cpp.Llama(str(path), n_ctx=8192, n_batch=512, n_threads=threads, n_threads_batch=threads, verbose=False)
    with timed() as timer:
        for request in requests:
            compiled = llama_cpp.LlamaGrammar.from_json_schema(_json(request), verbose=False) if grammar else None
            left = len(works[request.id].output)
            bias = None if grammar else {2: -100.0}
            for _ in model.create_completion(
                bench.ids(request),
                max_tokens=request.max_tokens if grammar else left,
                temperature=0.0,
                grammar=compiled,
                logit_bias=bias,
                stream=True,
            ):
                pass
    model.close()
    return timer


def _json(request: Request) -> str:
    import json

    return json.dumps(request.schema)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--model", type=Path)
    options.add_argument("--layers", type=int, default=2)
    options.add_argument("--records", type=int, default=32)
    options.add_argument("--sequences", type=int, default=16)
    options.add_argument("--threads", type=int, default=1)
    options.add_argument("--peers", type=int, default=2, help="how many records the peers get; they are slow and steady")
    options.add_argument("--ablation", action="store_true")
    given = options.parse_args()
    path = given.model or model_of_seven_b_shape(Path(tempfile.gettempdir()) / "leads-local-bench", given.layers)
    bench = Bench(path, given.threads)
    requests = screening_requests(given.records)
    rates = bench.rates((128, 256, 512))
    context = Context(bench.model, cells=2048, sequences=4, batch=256, outputs=64, threads=given.threads)
    curve = curves.measure(context, 0, 60.0, time.process_time)  # with one thread the processor's time is the step's
    context.close()
    policy = Policy(given.sequences, 8192, rows=curve.step() if curve else 192, curve=curve, draft=Drafter())
    measured, works = ours(bench, requests, policy)
    result: dict[str, Any] = {"machine": machine(), "model": path.name, "threads": given.threads, "records": given.records, "rates": rates}
    result["curve"] = (
        dict(zip(curve.rows, (round(rows / s, 1) for rows, s in zip(curve.rows, curve.seconds, strict=True)), strict=True))
        if curve
        else None
    )
    must = sum(len(work.prompt) - work.shared + len(work.output) for work in works.values())
    floor = must / max(rates.values())
    result |= {"ours": measured, "tokens_that_must_be_processed": must, "floor_cpu_s": round(floor * given.threads, 2)}
    result["part_of_floor"] = round(floor * given.threads / measured["cpu_s"], 3)
    some = requests[: given.peers]
    for name, grammar in (("llama_cpp.Llama with grammar", True), ("llama_cpp.Llama without constraint", False)):
        timer = llama_loop(path, bench, some, works, given.threads, grammar)
        each = timer.cpu / len(some)
        result[name] = {"cpu_s_per_record": round(each, 2), "ours_is_faster": round(each / (measured["cpu_s"] / len(requests)), 2)}
    if given.ablation:
        result["ablation"] = {
            "one sequence": ours(bench, requests, replace(policy, sequences=1))[0],
            "no drafts": ours(bench, requests, replace(policy, draft=None))[0],
            "no curve": ours(bench, requests, replace(policy, curve=None, rows=128, draft=None))[0],
            "prompts first": ours(bench, requests, replace(policy, rows=256))[0],
        }
    show(result)


if __name__ == "__main__":
    main()
