"""Screening with one technique left out at a time: what each of them gives alone.

    python -m tests.bench.ablation MODEL.gguf --records 32

Processor seconds a record with one thread, so that other work on the machine hardly matters. ``times`` is against the
engine's own way.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from leads_local.engine import throughput as curves
from leads_local.engine.llama import Context
from leads_local.engine.policy import Policy
from leads_local.engine.prompt_lookup import Drafter
from tests.bench.workload import Bench, machine, screening_requests, show
from tests.engine.test_llama import OneByOne


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("model", type=Path)
    options.add_argument("--records", type=int, default=32)
    options.add_argument("--few", type=int, default=4, help="records for what works on one at a time")
    options.add_argument("--only", nargs="*", help="words of the names of those to be measured")
    given = options.parse_args()
    bench = Bench(given.model, 1)
    context = Context(bench.model, cells=2048, sequences=4, batch=256, outputs=64, threads=1)
    curve = curves.measure(context, 0, 60.0, time.process_time)
    rates = curves.measure_prompt_rates(context, (64, 128, 256), time.process_time)
    context.close()
    way = Policy(32, 8192, rows=128, curve=curve, draft=Drafter())
    every, few = screening_requests(given.records), screening_requests(given.few)
    table: dict[str, dict[str, Any]] = {}
    for name, requests, policy, how in (
        ("as the engine does it", every, way, {"unified": False}),
        ("one cache for all, flash attention", every, way, {}),
        ("one cache for all, attention by matrices", every, way, {"flash": False}),
        ("streams with flash attention", every, way, {"unified": False, "flash": True}),
        ("16 sequences at a time", every, replace(way, sequences=16), {"unified": False}),
        ("8 sequences at a time", every, replace(way, sequences=8), {"unified": False}),
        ("no drafting", every, replace(way, draft=None), {"unified": False}),
        ("no curve", every, replace(way, curve=None), {"unified": False}),
        ("no forced tokens", every, way, {"unified": False, "wrap": OneByOne}),
        ("no shared prefix", every, way, {"unified": False, "shared": False}),
        ("one sequence at a time", few, replace(way, sequences=1), {"unified": False}),
        (
            "nothing of all that",
            few,
            replace(way, sequences=1, draft=None, curve=None),
            {"shared": False, "wrap": OneByOne},
        ),
    ):
        if given.only and not any(word in name for word in given.only):
            continue
        timer, works = bench.run(requests, policy, batch=128, **how)  # type: ignore[arg-type]
        each = timer.cpu / len(requests)
        counts = bench.counts
        must = sum(len(work.prompt) - work.shared + len(work.output) for work in works.values())
        table[name] = {
            "cpu_s_each": round(each, 3),
            "steps": counts.steps,
            "evaluated": counts.tokens,
            "tokens_s": round(must / timer.cpu, 1),
        }
        table[name] |= {
            "times": round(each / next(iter(table.values()))["cpu_s_each"], 2),
            "drafted": counts.drafted,
            "right": counts.right,
        }
        table[name]["outside_model"] = round(1 - counts.seconds / timer.wall, 4)
        print(name, table[name], flush=True)
    show({"machine": machine(), "model": given.model.name, "records": given.records, "rates": rates, "ablation": table})


if __name__ == "__main__":
    main()
