"""Model work on a review, to be stopped and started at will: screening and extraction.

Both give a Progress after each reply, which has been committed by then; nothing is given when there is nothing to ask,
but for a sign of life (with a total of 0) while thousands of records are looked through. Killed at any moment and
started again, they end where they would have ended. They count what they settle themselves, not what earlier runs did.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator

from leads_local.documents.sections import PaperText
from leads_local.engine import Engine
from leads_local.errors import ReviewError
from leads_local.jobs import context_budget, rationales, titles
from leads_local.jobs.extraction import ExtractionJob
from leads_local.jobs.extraction_questions import ExtractionQuestions
from leads_local.jobs.job_queue import ReplyCollector, RowPlan, RowRequest, Tally
from leads_local.jobs.rationales import ReasonQuestions
from leads_local.jobs.screening import ScreeningJob
from leads_local.records import AS_TRAINED, Progress, ScreeningMethod, Stage
from leads_local.review.review import Review
from leads_local.review.store import citations, decisions, documents, events
from leads_local.tasks import screening as task
from leads_local.tasks.forms import Form
from leads_local.tasks.prompts import PromptPack

_REPORTS_PER_NOTE = 5000  # records, a second or so
_PAPERS_PER_NOTE = 50  # papers, whose tokens are counted


def screen(
    review: Review,
    engine: Engine,
    stage: Stage,
    pack: PromptPack,
    cancel: threading.Event | None = None,
    *,
    way: ScreeningMethod | None = None,
    retry: bool = False,
) -> Iterator[Progress]:
    """Have the model judge every report of ``stage`` that it has not judged by these criteria; with ``retry`` also what
    failed before.

    ``way`` None goes on in the way in which the stage was begun, or asks as LEADS was trained. Another way than before
    asks all reports again, so that a stage is never judged in two ways. Raises InputError when there are no criteria,
    PromptError when the prompts can't be laid out so, ModelError when the model can't be used (any more); what was
    answered by then is kept.
    """
    way = way or review.begun_method(stage) or AS_TRAINED
    tally = Tally(titles.screening(stage, way.mode))
    work = ScreeningJob(
        review.db, engine, stage, pack.with_paper_position(way.layout), review.criteria(stage), way, tally
    )
    for planned in work.plan(retry):
        if cancel is not None and cancel.is_set():
            return
        if planned % _REPORTS_PER_NOTE == 0:
            yield Progress(tally.what, 0, 0, note=f"{planned:,} records looked through")
    yield from _ask_in_runs(review, engine, pack, tally, work.asks(), cancel, f", {way}")


def screen_for_comparison(
    review: Review,
    engine: Engine,
    stage: Stage,
    pack: PromptPack,
    way: ScreeningMethod,
    cancel: threading.Event | None = None,
    *,
    retry: bool = False,
) -> Iterator[Progress]:
    """Have the model judge in a given way the reports that people have decided, for comparing ways. What is shown of
    them stays.

    Raises as ``screen``.
    """
    tally = Tally(titles.trial(way))
    decided = frozenset(head for head, at in decisions.all_standing(review.db) if at is stage)
    work = ScreeningJob(
        review.db, engine, stage, pack.with_paper_position(way.layout), review.criteria(stage), way, tally, decided
    )
    for _ in work.plan(retry):
        if cancel is not None and cancel.is_set():
            return
    yield from _ask_in_runs(review, engine, pack, tally, work.asks(), cancel)


def give_reasons(
    review: Review,
    engine: Engine,
    stage: Stage,
    pack: PromptPack,
    record_ids: Iterable[int],
    cancel: threading.Event | None = None,
) -> Iterator[Progress]:
    """Have the model give the reasons that the judgements of these reports lack. The judgements stay as they are.

    Raises ReviewError when there is no such record or this model has not judged it at ``stage``; otherwise as
    ``screen``.
    """
    tally = Tally(titles.REASONS)
    found = [ask for record_id in record_ids for ask in _reason_requests(review, engine, stage, pack, record_id)]
    tally.total = len(found)
    yield from _ask_in_runs(review, engine, pack, tally, [iter(found)], cancel)


def _reason_requests(
    review: Review, engine: Engine, stage: Stage, pack: PromptPack, record_id: int
) -> list[RowRequest]:
    view = review.record(record_id)
    judged = view.screenings.get(stage)
    if judged is None:
        raise ReviewError(f"{review.path}: the model has not judged record {record_id} at this stage.", "Screen first.")
    if judged.model != engine.model.name:
        raise ReviewError(
            f"{review.path}: record {record_id} was judged by {judged.model}, and another model can't say why.",
            "Use that model, or let this one screen the stage.",
        )
    asker = ReasonQuestions(review.db, engine, stage, pack.with_paper_position(judged.way.layout))
    criteria = tuple(one.criterion for one in judged.judgements)
    if judged.parts:  # asked in full
        return []
    if stage is Stage.ABSTRACT:
        paper = PaperText(task.citation_as_paper(citations.read(review.db, view.id)))
        stand_in = paper.text
    else:
        document = documents.read(review.db, view.fulltext.sha256) if view.fulltext is not None else None
        passages = document.passages if document is not None else ()
        budget = context_budget.token_budget(engine, [task.request("", "", criteria, asker.pack)])
        texts = context_budget.lay_out_paper(passages, budget, engine)
        paper, stand_in = (
            texts[0],
            context_budget.make_stand_in(document.sha256 if document is not None else "", texts).parts[0],
        )
    plan = RowPlan(
        review.db, stage, retry=True, task=rationales.TASK
    )  # not closed: the reasons of other records stay wanted
    with review.db.transaction():
        rows = asker.rows(plan, view.id, judged, rationales.missing_positions(judged, every=True), stand_in)
    return [asker.ask(row, judged, paper) for row in rows if row.state == "pending"]


def extract(
    review: Review,
    engine: Engine,
    form: Form,
    pack: PromptPack,
    cancel: threading.Event | None = None,
    *,
    retry: bool = False,
) -> Iterator[Progress]:
    """Have the model extract what ``form`` asks for from every included report whose document can be read.

    Included are those that people included by full text or, while no full text has been decided, by abstract. Raises as
    ``screen``.
    """
    tally = Tally(titles.EXTRACTION)
    extraction = ExtractionJob(review.db, ExtractionQuestions(review.db, engine, pack, form), tally)
    for planned in extraction.plan(retry):
        if cancel is not None and cancel.is_set():
            return
        if planned % _PAPERS_PER_NOTE == 0:
            yield Progress(tally.what, 0, 0, note=f"{planned:,} reports looked through")
    yield from _ask_in_runs(review, engine, pack, tally, extraction.asks(), cancel)


def _ask_in_runs(
    review: Review,
    engine: Engine,
    pack: PromptPack,
    tally: Tally,
    runs: Iterable[Iterator[RowRequest]],
    cancel: threading.Event | None,
    how: str = "",
) -> Iterator[Progress]:
    if not tally.total:
        return
    asker = ReplyCollector(review.db, engine, pack.name, tally, cancel or threading.Event())
    warning = f" ({engine.model.notice})" if engine.model.notice else ""
    _log_event(
        review,
        f"{tally.what} started: {tally.total} questions for {engine.model.name}{warning}, prompts {pack.name}{how}",
    )
    try:
        for run in runs:
            if asker.cancel.is_set():
                return
            yield from asker.run(run)
    finally:
        _log_event(review, f"{tally.what} ended: {tally.done} of {tally.total} answered, {tally.failed} of them failed")


def _log_event(review: Review, text: str) -> None:
    with review.db.transaction():
        events.add(review.db, "model", text)
