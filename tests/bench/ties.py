"""Are answers that differ between a batch and one by one ties? Proof by the logits at the first token that differs.

    python -m tests.bench.ties MODEL.gguf --tokens 2000

All questions about one paper are asked together and one by one. Where two answers part, what they have in common is
evaluated alone, twice: in steps of fours of rows, and with its last 64 tokens one by one. ggml rounds rows in fours
otherwise than a row by itself, so its size alone changes logits. The two tokens that the answers chose are a tie when
their logits are nearer to each other than that (``noise``: the greatest change of any likely token's).
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leads_local.bench import workload
from leads_local.engine.llama import Context
from leads_local.engine.memory_plan import STREAM_CELLS
from leads_local.engine.policy import Policy
from leads_local.engine.sequence import Sequence as Work
from tests.bench.workload import Bench, machine, show


def logits(bench: Bench, tokens: Sequence[int], singly: int) -> NDArray[np.float32]:
    """Of the token after ``tokens``, the last ``singly`` of which are evaluated one by one."""
    context = Context(
        bench.model, cells=len(tokens) + 256, sequences=1, batch=128, threads=bench.threads, flash_attention=False
    )
    whole, odd = len(tokens) - singly, (len(tokens) - singly) % 4
    steps = [(0, odd)] * (odd > 0) + [(n, min(n + 128, whole)) for n in range(odd, whole, 128)]
    for start, end in steps + [(n, n + 1) for n in range(whole, len(tokens))]:
        part = tokens[start:end]
        wanted = [False] * (len(part) - 1) + [True]
        row = context.evaluate(part, range(start, start + len(part)), [0] * len(part), wanted)
    found = row[0].copy()
    context.close()
    return found


def tie(bench: Bench, one: Work, other: Work) -> dict[str, Any]:
    at = next((n for n, (a, b) in enumerate(zip(one.output, other.output, strict=False)) if a != b), -1)
    if at < 0:
        return {"equal": one.output == other.output}
    tokens = [*(int(token) for token in one.prompt), *one.output[:at]]
    whole, steps = (logits(bench, tokens, singly) for singly in (0, 64))
    likely = np.argsort(whole)[-50:]
    first, second = one.output[at], other.output[at]
    gap, noise = abs(float(whole[first] - whole[second])), float(np.abs(whole - steps)[likely].max())
    return {
        "token": at,
        "of": len(one.output),
        "gap": round(gap, 4),
        "noise": round(noise, 4),
        "tie": gap <= noise,
        "std": round(float(whole.std()), 3),
    }


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("model", type=Path)
    options.add_argument("--tokens", type=int, default=2000)
    options.add_argument("--threads", type=int, default=1)
    given = options.parse_args()
    bench = Bench(given.model, given.threads)
    text = workload.take_paper_text(None, given.tokens * 5)
    while len(bench.model.tokenize(text)) > given.tokens:
        text = text[: len(text) * 19 // 20]
    asked = workload.extraction_requests(text, 3, 3, 12)
    policy = Policy(16, 32768, rows=128, paper=STREAM_CELLS)
    cells = -(-(given.tokens + 12 * 1500) // 256) * 256
    _, together = bench.run(asked, policy, cells=cells, batch=128, flash=False)
    counts = bench.counts
    alone: dict[str, Work] = {}
    for request in asked:
        alone |= bench.run([request], replace(policy, sequences=1), cells=given.tokens + 4096, batch=128, flash=False)[
            1
        ]
    told = {name: tie(bench, alone[name], together[name]) for name in together}
    equal, ties = (
        sum(one.get("equal", False) for one in told.values()),
        sum(one.get("tie", False) for one in told.values()),
    )
    show(
        {
            "machine": machine(),
            "model": given.model.name,
            "equal": equal,
            "ties": ties,
            "of": len(told),
            "evaluated": counts.tokens,
            "answers": told,
        }
    )


if __name__ == "__main__":
    main()
