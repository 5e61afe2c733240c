"""One long paper and all that is asked about it: our engine against the same requests one after the other without anything shared.

    python -m tests.bench.extract --layers 1 --tokens 2000 --threads 1

The loop is what a script over the tasks does: each request evaluates the whole paper again. Answers are compared; differences are counted
with the least margin of the answer, because two tokens whose logits are equal up to rounding may change places.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path

from leads_local.engine.drafting import Drafter
from leads_local.engine.policy import Policy
from leads_local.records import Arm, Field, Measure, Outcome, Request
from leads_local.tasks import arms, characteristics, participants, prompts, results
from tests.bench.workload import Bench, Timer, citations, fixed, machine, model_of_seven_b_shape, show

ARMS = (
    Arm("Estradiol 1 mg", "EXPERIMENTAL", "Oral estradiol", ("Estradiol",)),
    Arm("Placebo", "PLACEBO_COMPARATOR", "Placebo", ("Placebo",)),
)


def paper(bench: Bench, tokens: int) -> str:
    """Running text of about ``tokens`` tokens."""
    texts = [citation.abstract for citation in citations(200)]
    text = ""
    while len(bench.model.tokenize(text)) < tokens:
        text += texts.pop() + "\n\n"
    return text


def requests(text: str, outcomes: int, measures: int, fields: int) -> list[Request]:
    pack = prompts.load()
    made = [arms.request("arms", text, pack)]
    made += [results.request(f"result {i}", text, Outcome(f"Outcome {i}", "as measured at the end"), ARMS, pack) for i in range(outcomes)]
    made += [participants.request(f"measure {i}", text, Measure(f"Measure {i}", "at baseline"), ARMS, pack) for i in range(measures)]
    items = [Field(f"Item {i}", "what the paper says of it") for i in range(fields)]
    made += [characteristics.request(f"fields {i}", text, group, pack) for i, group in enumerate(characteristics.split(items))]
    return [Request(r.id, r.prompt, fixed(r.schema or {}), 4096) for r in made]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--model", type=Path)
    options.add_argument("--layers", type=int, default=2)
    options.add_argument("--tokens", type=int, default=8000)
    options.add_argument("--threads", type=int, default=1)
    options.add_argument("--outcomes", type=int, default=3)
    options.add_argument("--measures", type=int, default=3)
    options.add_argument("--fields", type=int, default=12)
    given = options.parse_args()
    bench = Bench(given.model or model_of_seven_b_shape(Path(tempfile.gettempdir()) / "leads-local-bench", given.layers), given.threads)
    asked = requests(paper(bench, given.tokens), given.outcomes, given.measures, given.fields)
    policy = Policy(16, 32768, rows=128, draft=Drafter())
    timer, ours = bench.run(asked, policy, cells=32768)
    counts = bench.counts
    loop, others = Timer(), {}
    for request in asked:
        single, work = bench.run([request], replace(policy, sequences=1, draft=None), cells=16384)
        loop.wall, loop.cpu, others = loop.wall + single.wall, loop.cpu + single.cpu, others | work
    differ = {name: min(work.margin or 0, others[name].margin or 0) for name, work in ours.items() if work.output != others[name].output}
    show(
        {
            "machine": machine(),
            "model": bench.path.name,
            "requests": len(asked),
            "prompt_tokens": sum(len(work.prompt) for work in ours.values()),
            "shared_tokens": sum(work.shared for work in ours.values()),
            "output_tokens": sum(len(work.output) for work in ours.values()),
            "ours": {"wall_s": round(timer.wall, 2), "cpu_s": round(timer.cpu, 2), "evaluated": counts.tokens, "steps": counts.steps},
            "loop": {"wall_s": round(loop.wall, 2), "cpu_s": round(loop.cpu, 2)},
            "faster": round(loop.cpu / timer.cpu, 2),
            "answers_that_differ": {name: round(margin, 5) for name, margin in differ.items()},
        }
    )


if __name__ == "__main__":
    main()
