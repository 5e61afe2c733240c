"""A review with work for a model, and what must be equal when the same work was done in another way.

Also a program: ``python work_fixture.py REVIEW JOB DELAY`` does a job in a process of its own, for tests that kill it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from leads_local.engine import Engine
from leads_local.engine.types import ModelInfo
from leads_local.jobs import model_jobs
from leads_local.records import Choice, Citation, Criterion, Field, Measure, Outcome, Progress, Question, Stage
from leads_local.review.database import Database
from leads_local.review.review import Review
from leads_local.review.store import citations, documents
from leads_local.tasks import prompts
from leads_local.tasks.forms import Form
from tests.fake_engine import FakeEngine
from tests.review.conftest import paper

PACK = prompts.load()
FORM = Form(
    "Test",
    tuple(Field(f"Field {n}", f"what field {n} means") for n in range(10)),
    (Outcome("Pain", "pain intensity on a scale"), Outcome("Sleep")),
    (Measure("Age", "age in years", "MEAN", "years"),),
)


def model(**changes: Any) -> ModelInfo:
    return replace(FakeEngine().model, **{"context": 32768, **changes})


def engine(**options: Any) -> FakeEngine:
    """A fake engine whose model has room for papers."""
    return FakeEngine(options.pop("answer", None), model=options.pop("model", model()), **options)


def make(path: Path, records: int = 12, papers: int = 4) -> None:
    """A review of ``records`` records, one of them empty, all included, ``papers`` of them with a document."""
    rows = [
        Citation(title=f"Trial number {n} of aspirin", abstract=f"We gave {n} adults aspirin.")
        for n in range(records - 1)
    ]
    with Review.create(
        path, Question(population="adults", outcome="pain"), [Criterion("Design", "randomised")]
    ) as review:
        with review.db.transaction():
            source = citations.add_source(review.db, "rows.ris", "0" * 64, "ris", "utf-8")
            ids = citations.add(review.db, source, [*rows, Citation(authors=("Nobody",))])
            for record in ids[:papers]:
                text = [
                    f"Paper {record} says that pain fell by {record}.5 points.",
                    "Adults slept better with aspirin than with placebo.",
                ]
                document = paper(f"Trial number {record - 1} of aspirin", text)
                documents.put(review.db, document)
                documents.link(review.db, document.sha256, record, "for a test")
        for record in ids:
            review.decide(record, Stage.ABSTRACT, Choice.INCLUDE)


def work(review: Review, job: str, using: Engine, **options: Any) -> Iterable[Progress]:
    if job == "extract":
        return model_jobs.extract(review, using, options.pop("form", FORM), options.pop("pack", PACK), **options)
    return model_jobs.screen(review, using, Stage(job), options.pop("pack", PACK), **options)


def result(db: Database) -> dict[str, list[tuple[Any, ...]]]:
    """What model work has come to, without what differs from run to run: times, ids, the order in which replies
    came."""
    statements = {
        "work": "SELECT record_id, stage, task, item, key, state, reason FROM work",
        "answers": "SELECT record_id, stage, task, item, key, text, reason, model, pack, left_out FROM reply",
        "judgements": "SELECT n.record_id, n.stage, n.score, j.position, j.criterion_id, j.eligibility, j.rationale "
        "FROM screening n JOIN judgement j ON j.reply_id = n.reply_id",
        "values": "SELECT record_id, task, item, arm, part, text, note, quote, match, passage, places, current "
        "FROM value",
    }
    return {name: sorted((tuple(row) for row in db.rows(sql)), key=repr) for name, sql in statements.items()}


if __name__ == "__main__":
    with Review.open(sys.argv[1]) as opened:
        for progress in work(opened, sys.argv[2], engine(delay=float(sys.argv[3]))):
            print(progress.done, flush=True)
