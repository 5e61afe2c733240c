"""What the developers' benchmarks have in common: real prompts, and one way to run and time the engine's parts in this
process.

Times are wall and processor seconds: on a machine that does other things at the same time, only the latter can be
compared, and only with one thread, because waiting threads spin.
"""

from __future__ import annotations

import csv
import gzip
import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import psutil

from leads_local.bench import workload
from leads_local.engine import header, template
from leads_local.engine.constraint import Compiler
from leads_local.engine.encoding import read_template_style
from leads_local.engine.llama import Context, Model, route_log
from leads_local.engine.memory_plan import STREAM_CELLS
from leads_local.engine.policy import Policy, WorkCounts
from leads_local.engine.scheduler import Scheduler
from leads_local.engine.sequence import Constraint
from leads_local.engine.sequence import Sequence as Work
from leads_local.engine.throughput import processor_name
from leads_local.engine.types import Request
from leads_local.records import Citation

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


@dataclass
class Timer:
    wall: float = 0.0
    cpu: float = 0.0


@contextmanager
def timed() -> Iterator[Timer]:
    timer = Timer()
    wall, cpu = time.perf_counter(), time.process_time()
    yield timer
    timer.wall, timer.cpu = time.perf_counter() - wall, time.process_time() - cpu


def citations(count: int) -> list[Citation]:
    """Records with abstracts: real ones where the developers' data is, else as many made-up ones of the same length."""
    file = SHARED / "screening" / "cohen2006_Estrogens.csv.gz"
    if not file.exists():
        text = (
            "women were given oestrogens or placebo and hot flushes were counted each week by diary in both arms of "
            "this trial"
        )
        words = text.split()
        return [
            Citation(
                title=f"Trial {i}", abstract=" ".join(words[(i * 7 + k * (1 + i % 5)) % len(words)] for k in range(260))
            )
            for i in range(count)
        ]
    with gzip.open(file, "rt", encoding="utf-8") as rows:
        found = [
            Citation(title=row["title"], abstract=row["abstract"])
            for row in csv.DictReader(rows)
            if len(row["abstract"]) > 600
        ]
    return found[:count]


def screening_requests(count: int) -> list[Request]:
    """The trained layout with full rationales, whose length is fixed."""
    return workload.screening_requests(citations(count))


@dataclass
class Bench:
    """The engine's parts over one model in this process, so that each technique can be switched off alone."""

    path: Path
    threads: int
    model: Model = field(init=False)
    layout: template.TemplateStyle = field(init=False)
    compiler: Compiler = field(init=False)
    counts: WorkCounts = field(default_factory=WorkCounts)

    def __post_init__(self) -> None:
        route_log(lambda _text: None)
        self.model = Model(self.path)
        self.layout = read_template_style(self.model, header.read(self.path))
        self.compiler = Compiler(self.model.vocabulary)

    def ids(self, request: Request) -> list[int]:
        return self.layout.ids(request.prompt, self.model.tokenize)

    def run(
        self,
        requests: Sequence[Request],
        policy: Policy,
        *,
        cells: int = 32768,
        batch: int = 256,
        unified: bool = True,
        flash: bool | None = None,
        shared: bool = True,
        wrap: Callable[[Constraint], Constraint] = lambda constraint: constraint,
    ) -> tuple[Timer, dict[str, Work]]:
        """Answer ``requests`` and say how long it took, loading apart; ``counts`` has the details."""
        slots = 2 * policy.sequences + 4 if unified else policy.sequences + 1
        context = Context(
            self.model,
            cells=cells if unified else slots * STREAM_CELLS,
            sequences=slots,
            batch=batch,
            outputs=128,
            threads=self.threads,
            unified=unified,
            flash_attention=unified if flash is None else flash,
        )
        policy = policy if unified else replace(policy, context=STREAM_CELLS, keep=STREAM_CELLS)
        ended: list[Work] = []
        with timed() as timer:
            scheduler = Scheduler(context, policy)
            if not shared:
                scheduler._prefixes.match = lambda _tokens: (-1, 0, 0)  # type: ignore[method-assign]
            for number, request in enumerate(requests):
                constraint = None if request.schema is None else wrap(self.compiler.constraint(request.schema))
                scheduler.add(
                    Work(number, self.ids(request), request.max_tokens, self.model.vocabulary.ends, constraint)
                )
            while not scheduler.idle:
                ended += scheduler.step()
        self.counts = scheduler.counts
        context.close()
        return timer, {requests[workload.id].id: workload for workload in ended}


def machine() -> dict[str, Any]:
    return {
        "processor": processor_name(),
        "cores": psutil.cpu_count(logical=False),
        "load": [round(value, 1) for value in os.getloadavg()],
    }


def show(result: dict[str, Any]) -> None:
    print(json.dumps(result, indent=1, ensure_ascii=False))
