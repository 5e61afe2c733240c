"""A tiny random model in F32 with the real tokenizer, and an engine in this process whose parts can be varied one at a
time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from convert import convert
from leads_local.engine import header, template
from leads_local.engine.constraint import Compiler
from leads_local.engine.encoding import read_template_style
from leads_local.engine.json_style import DEFAULT_STYLE
from leads_local.engine.llama import Context, Model, route_log
from leads_local.engine.policy import Policy, WorkCounts
from leads_local.engine.scheduler import Scheduler
from leads_local.engine.sequence import Constraint
from leads_local.engine.sequence import Sequence as Work
from leads_local.engine.types import Request
from tests.checkpoints import make_checkpoint


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Path of the tiny model's GGUF file."""
    folder = tmp_path_factory.mktemp("model")
    source = make_checkpoint(folder / "source", hidden=64, layers=2, heads=4, kv_heads=2, ffn=128, scale=0.3, seed=3)
    convert(source, "F32", folder / "tiny.gguf")
    return folder / "tiny.gguf"


@dataclass
class Bench:
    """The parts of the engine over one model. ``answer`` runs requests through a fresh context and scheduler."""

    model: Model
    layout: template.TemplateStyle
    compiler: Compiler
    counts: WorkCounts = field(default_factory=WorkCounts)

    def ids(self, text: str) -> list[int]:
        return self.layout.ids(text, self.model.tokenize)

    def text(self, tokens: Sequence[int]) -> str:
        """Without control tokens, and without the space that the tokenizer adds."""
        hidden = set(self.model.vocabulary.special.values())
        raw = b"".join(self.model.vocabulary.pieces[i] for i in tokens if i not in hidden)
        return raw.decode("utf-8", "replace").removeprefix(" ")

    def answer(
        self,
        requests: Sequence[Request],
        *,
        sequences: int = 8,
        cells: int = 8192,
        rows: int = 128,
        unified: bool = True,
        flash: bool = True,
        draft: Callable[[Work, int], list[int]] | None = None,
        wrap: Callable[[Constraint], Constraint] = lambda constraint: constraint,
    ) -> dict[str, Work]:
        slots = 2 * sequences + 4 if unified else sequences + 1
        context = Context(
            self.model,
            cells=cells if unified else slots * 1024,
            sequences=slots,
            batch=512,
            outputs=128,
            threads=1,
            unified=unified,
            flash_attention=unified and flash,
        )
        scheduler = Scheduler(context, Policy(sequences, 8192 if unified else 1024, rows=rows, keep=1024, draft=draft))
        for number, request in enumerate(requests):
            layout = request.style or DEFAULT_STYLE
            constraint = None if request.schema is None else wrap(self.compiler.constraint(request.schema, layout))
            ends = self.model.vocabulary.ends
            scheduler.add(Work(number, self.ids(request.prompt), request.max_tokens, ends, constraint))
        ended = []
        while not scheduler.idle:
            ended += scheduler.step()
        self.counts = scheduler.counts
        context.close()
        return {requests[work.id].id: work for work in ended}


@pytest.fixture(scope="session")
def bench(tiny: Path) -> Bench:
    route_log(lambda _text: None)
    model = Model(tiny)
    return Bench(model, read_template_style(model, header.read(tiny)), Compiler(model.vocabulary))
