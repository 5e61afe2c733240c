"""Model work on a review, to be stopped and started at will: screening and extraction.

Both give a Progress after each reply, which has been committed by then; nothing is given when there is nothing to ask, but for a sign of
life (with a total of 0) while thousands of records are looked through. Killed at any
moment and started again, they end where they would have ended. They count what they settle themselves, not what earlier runs did.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator

from leads_local.engine import Engine
from leads_local.records import Progress, Stage
from leads_local.review.asking import Ask, Asker, Tally
from leads_local.review.extraction import Extraction
from leads_local.review.inquiry import Inquiry
from leads_local.review.review import Review
from leads_local.review.screening import Screening
from leads_local.review.store import events
from leads_local.tasks.forms import Form
from leads_local.tasks.prompts import PromptPack

_TOLD_EVERY = 5000  # records, a second or so
_PAPERS_TOLD_EVERY = 50  # papers, whose tokens are counted
_SCREENING = {Stage.ABSTRACT: "Screening abstracts", Stage.FULLTEXT: "Screening full texts"}


def screen(
    review: Review, engine: Engine, stage: Stage, pack: PromptPack, cancel: threading.Event | None = None, *, retry: bool = False
) -> Iterator[Progress]:
    """Have the model judge every report of ``stage`` that it has not judged by these criteria; with ``retry`` also what failed before.

    Raises InputError when there are no criteria, ModelError when the model can't be used (any more); what was answered by then is kept.
    """
    screening = Screening(review.db, engine, stage, pack, review.criteria(stage))
    for planned in screening.plan(retry):
        if cancel is not None and cancel.is_set():
            return
        if planned % _TOLD_EVERY == 0:
            yield Progress(_SCREENING[stage], 0, 0, note=f"{planned:,} records looked through")
    tally = Tally(_SCREENING[stage], total=len(screening.waiting))
    yield from _work(review, engine, pack, tally, screening.asks(), cancel)


def extract(
    review: Review, engine: Engine, form: Form, pack: PromptPack, cancel: threading.Event | None = None, *, retry: bool = False
) -> Iterator[Progress]:
    """Have the model extract what ``form`` asks for from every included report whose document can be read.

    Included are those that people included by full text or, while no full text has been decided, by abstract. Raises as ``screen``.
    """
    tally = Tally("Extraction")
    extraction = Extraction(review.db, Inquiry(review.db, engine, pack, form), tally)
    for planned in extraction.plan(retry):
        if cancel is not None and cancel.is_set():
            return
        if planned % _PAPERS_TOLD_EVERY == 0:
            yield Progress(tally.what, 0, 0, note=f"{planned:,} reports looked through")
    yield from _work(review, engine, pack, tally, extraction.asks(), cancel)


def _work(
    review: Review, engine: Engine, pack: PromptPack, tally: Tally, runs: Iterable[Iterator[Ask]], cancel: threading.Event | None
) -> Iterator[Progress]:
    if not tally.total:
        return
    asker = Asker(review.db, engine, pack.name, tally, cancel or threading.Event())
    warning = f" ({engine.model.notice})" if engine.model.notice else ""
    _note(review, f"{tally.what} started: {tally.total} questions for {engine.model.name}{warning}, prompts {pack.name}")
    try:
        for run in runs:
            if asker.cancel.is_set():
                return
            yield from asker.run(run)
    finally:
        _note(review, f"{tally.what} ended: {tally.done} of {tally.total} answered, {tally.failed} of them failed")


def _note(review: Review, text: str) -> None:
    with review.db.transaction():
        events.add(review.db, "model", text)
