"""The engine by itself: rates by size of step, time outside the model at 16 sequences, and memory against the plan.

python -m tests.bench.engine --layers 2 --threads 1
"""

from __future__ import annotations

import argparse
import re
import tempfile
from pathlib import Path
from typing import Any

from leads_local.config import Settings
from leads_local.engine import header, plan
from leads_local.engine.drafting import Drafter
from leads_local.engine.host import open_engine
from leads_local.engine.policy import Policy
from leads_local.records import Request
from tests.bench.workload import Bench, machine, model_of_seven_b_shape, screening_requests, show

SIZES = (1, 2, 4, 6, 8, 12, 16, 24, 32, 64, 128, 256)


def memory(path: Path, context: int, sequences: int) -> dict[str, Any]:
    """Peak of the child's memory in MiB against what the plan said."""
    settings = Settings(model=str(path), context=context, sequences=sequences, threads=1)
    said = plan.plan(header.read(path), settings, plan.machine()).memory.total / 2**20
    with open_engine(settings) as engine:
        list(engine.run(Request(str(i), f"{i} word " * 100, None, 8) for i in range(sequences)))
        status = Path(f"/proc/{engine.pid}/status").read_text()
    peak = int((re.search(r"VmHWM:\s+(\d+)", status) or [0, 0])[1]) / 1024
    return {
        "context": context,
        "sequences": sequences,
        "plan_mib": round(said),
        "peak_mib": round(peak),
        "plan_over_peak": round(said / peak, 3),
    }


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--model", type=Path)
    options.add_argument("--layers", type=int, default=2)
    options.add_argument("--threads", type=int, default=1)
    given = options.parse_args()
    path = given.model or model_of_seven_b_shape(Path(tempfile.gettempdir()) / "leads-local-bench", given.layers)
    bench = Bench(path, given.threads)
    rates = bench.rates(SIZES)
    timer, _ = bench.run(screening_requests(6), Policy(16, 8192, draft=Drafter()))
    counts = bench.counts
    show(
        {
            "machine": machine(),
            "model": path.name,
            "rates": rates,
            "outside_model": {"part": round(1 - counts.seconds / timer.wall, 4), "steps": counts.steps, "tokens": counts.tokens},
            "memory": [memory(path, context, sequences) for context in (1024, 2048, 4096, 8192, 16384) for sequences in (2, 16)],
        }
    )


if __name__ == "__main__":
    main()
