"""What the engine's benchmarks have in common: a model of the 7B shape with few layers, real prompts, and one way to run and time them.

Times are wall and processor seconds: on a machine that does other things at the same time, only the latter can be compared, and only with
one thread, because waiting threads spin.
"""

from __future__ import annotations

import csv
import gzip
import json
import os
import platform
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import psutil

from leads_local.engine import header, template
from leads_local.engine.constraint import Compiler
from leads_local.engine.llama import Context, Model, route_log
from leads_local.engine.plan import STREAM
from leads_local.engine.policy import Counts, Policy
from leads_local.engine.scheduler import Scheduler
from leads_local.engine.sequence import Constraint
from leads_local.engine.sequence import Sequence as Work
from leads_local.records import Citation, Criterion, Request
from leads_local.tasks import prompts, screening

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
RATIONALE = 150  # characters of each rationale: fixed, so that every peer writes as much

CRITERIA = (
    Criterion("Population", "Postmenopausal women of any age with or without vasomotor symptoms, without cancer"),
    Criterion("Intervention", "Oral or transdermal oestrogens, alone or with a progestogen, at any dose for at least eight weeks"),
    Criterion("Comparison", "Placebo, no treatment, or another preparation or dose of oestrogens"),
    Criterion("Outcome", "Frequency or severity of hot flushes, quality of life, bone mineral density, or fractures"),
)


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


def model_of_seven_b_shape(folder: Path, layers: int, quantization: str = "Q4_K_M") -> Path:
    """A random model with LEADS's width and ``layers`` layers, made once in ``folder``; it takes a minute or two."""
    from convert import convert
    from tests.checkpoints import make_checkpoint

    made = folder / f"seven-b-shape-{layers}-layers-{quantization}.gguf"
    if not made.exists():
        folder.mkdir(parents=True, exist_ok=True)
        source = make_checkpoint(folder / "source", hidden=4096, layers=layers, heads=32, kv_heads=8, ffn=14336, scale=0.02)
        convert(source, quantization, made)
        for file in source.iterdir():
            file.unlink()
        source.rmdir()
    return made


def citations(count: int) -> list[Citation]:
    """Records with abstracts: real ones where the developers' data is, else as many made-up ones of the same length."""
    file = SHARED / "screening" / "cohen2006_Estrogens.csv.gz"
    if not file.exists():
        text = "women were given oestrogens or placebo and hot flushes were counted each week by diary in both arms of this trial"
        words = text.split()
        return [
            Citation(title=f"Trial {i}", abstract=" ".join(words[(i * 7 + k * (1 + i % 5)) % len(words)] for k in range(260)))
            for i in range(count)
        ]
    with gzip.open(file, "rt", encoding="utf-8") as rows:
        found = [Citation(title=row["title"], abstract=row["abstract"]) for row in csv.DictReader(rows) if len(row["abstract"]) > 600]
    return found[:count]


def screening_requests(count: int) -> list[Request]:
    """The trained layout with full rationales, whose length is fixed."""
    pack = prompts.load()
    made = []
    for number, citation in enumerate(citations(count)):
        request = screening.request(str(number), screening.abstract_paper(citation), CRITERIA, pack)
        made.append(Request(request.id, request.prompt, fixed(request.schema or {}), 2048))
    return made


def fixed(schema: dict[str, Any]) -> dict[str, Any]:
    """``schema`` with every free string exactly RATIONALE characters long."""

    def walk(node: Any) -> Any:
        if isinstance(node, dict):
            if node.get("type") == "string" and "enum" not in node and "const" not in node:
                return {"type": "string", "minLength": RATIONALE, "maxLength": RATIONALE}
            return {key: walk(value) for key, value in node.items()}
        return [walk(item) for item in node] if isinstance(node, list) else node

    walked: dict[str, Any] = walk(schema)
    return walked


@dataclass
class Bench:
    """The engine's parts over one model in this process, so that each technique can be switched off alone."""

    path: Path
    threads: int
    model: Model = field(init=False)
    layout: template.Layout = field(init=False)
    compiler: Compiler = field(init=False)
    counts: Counts = field(default_factory=Counts)

    def __post_init__(self) -> None:
        route_log(lambda _text: None)
        self.model = Model(self.path)
        known = self.model.vocabulary
        self.layout = template.layout(
            str(header.read(self.path).metadata.get("tokenizer.chat_template", "")),
            known.special,
            bos=known.bos,
            eos=known.eos,
            adds_bos=known.adds_bos,
            adds_space=known.adds_space,
            tokenize=self.model.tokenize,
        )
        self.compiler = Compiler(known)

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
            cells=cells if unified else slots * STREAM,
            sequences=slots,
            batch=batch,
            outputs=128,
            threads=self.threads,
            unified=unified,
            flash_attention=unified if flash is None else flash,
        )
        policy = policy if unified else replace(policy, context=STREAM, keep=STREAM)
        ended: list[Work] = []
        with timed() as timer:
            scheduler = Scheduler(context, policy)
            if not shared:
                scheduler._prefixes.match = lambda _tokens: (-1, 0, 0)  # type: ignore[method-assign]
            for number, request in enumerate(requests):
                constraint = None if request.schema is None else wrap(self.compiler.constraint(request.schema))
                scheduler.add(Work(number, self.ids(request), request.max_tokens, self.model.vocabulary.ends, constraint))
            while not scheduler.idle:
                ended += scheduler.step()
        self.counts = scheduler.counts
        context.close()
        return timer, {requests[work.id].id: work for work in ended}

    def rates(self, sizes: Sequence[int]) -> dict[int, float]:
        """Tokens a second of processor time (of all threads, divided by their number) for steps of these sizes; the best of three."""
        context = Context(self.model, cells=2048, sequences=4, batch=max(sizes), outputs=128, threads=self.threads)
        found = {}
        for size in sizes:
            best = 0.0
            for _ in range(3):
                with timed() as timer:
                    context.evaluate(range(1000, 1000 + size), range(size), [0] * size, [False] * (size - 1) + [True])
                best = max(best, size / (timer.cpu / self.threads))
                context.remove(0, 0)
            found[size] = round(best, 1)
        context.close()
        return found


def machine() -> dict[str, Any]:
    name = platform.processor()
    info = Path("/proc/cpuinfo")
    if info.exists():
        name = next((line.partition(":")[2].strip() for line in info.read_text().splitlines() if line.startswith("model name")), name)
    return {"processor": name, "cores": psutil.cpu_count(logical=False), "load": [round(value, 1) for value in os.getloadavg()]}


def show(result: dict[str, Any]) -> None:
    print(json.dumps(result, indent=1, ensure_ascii=False))
