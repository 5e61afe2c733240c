"""Model work on a review, to be stopped and started at will: screening and extraction.

Both give a Progress after each reply, which has been committed by then; nothing is given when there is nothing to ask,
but for a sign of life (with a total of 0) while thousands of records are looked through. Killed at any moment and
started again, they end where they would have ended. They count what they settle themselves, not what earlier runs did.

Each takes its stage of the review for itself while it lasts (``lease``) and raises StageTaken where another job has it.
What there is to ask is found out before the model is needed: with a model that is loaded on demand
(``engine.on_demand``) nothing is loaded when there is nothing to ask.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator

from leads_local.engine import Engine
from leads_local.jobs import context_budget, lease, rationales, titles
from leads_local.jobs.before_loading import require_judged
from leads_local.jobs.extraction import ExtractionJob
from leads_local.jobs.extraction_questions import STAGE, ExtractionQuestions
from leads_local.jobs.job_queue import ReplyCollector, RowPlan, RowRequest, Tally
from leads_local.jobs.lease import HeldStage
from leads_local.jobs.papers import PaperShelf
from leads_local.jobs.rationales import ReasonQuestions
from leads_local.jobs.screening import ScreeningJob
from leads_local.jobs.screening_questions import ScreeningQuestions
from leads_local.records import AS_TRAINED, Progress, ScreeningMethod, Stage
from leads_local.review.read_models import ScreeningView
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
    shelf: PaperShelf | None = None,
) -> Iterator[Progress]:
    """Have the model judge every report of ``stage`` that it has not judged by these criteria; with ``retry`` also what
    failed before.

    ``way`` None goes on in the way in which the stage was begun, or asks as LEADS was trained. Another way than before
    asks all reports again, so that a stage is never judged in two ways. ``shelf`` holds papers that an earlier job of
    this engine has read. Raises InputError when there are no criteria, PromptError when the prompts can't be laid out
    so, StageTaken when another job is at work there, ModelError when the model can't be used (any more); what was
    answered by then is kept.
    """
    way = way or review.begun_method(stage) or AS_TRAINED
    tally = Tally(titles.screening(stage, way.mode))
    questions = _screening_questions(review, engine, stage, pack, way, shelf)
    work = ScreeningJob(review.db, questions, tally)
    with lease.hold_stage(review.db, questions.place, tally.what) as held:
        for planned in work.plan(retry):
            held.say_at_work()
            if cancel is not None and cancel.is_set():
                return
            if planned % _REPORTS_PER_NOTE == 0:
                yield Progress(tally.what, 0, 0, note=f"{planned:,} records looked through")
        yield from _ask_in_runs(review, engine, pack, tally, work.asks(), held, cancel, f", {way}")


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
    """Have the model screen, in a given way, the reports that people have already decided, to compare ways of asking.
    The judgements shown stay unchanged.

    Raises as ``screen``.
    """
    tally = Tally(titles.trial(way))
    decided = frozenset(head for head, at in decisions.all_standing(review.db) if at is stage)
    questions = _screening_questions(review, engine, stage, pack, way, None, comparing=True)
    work = ScreeningJob(review.db, questions, tally, decided)
    with lease.hold_stage(review.db, questions.place, tally.what) as held:
        for _ in work.plan(retry):
            held.say_at_work()
            if cancel is not None and cancel.is_set():
                return
        yield from _ask_in_runs(review, engine, pack, tally, work.asks(), held, cancel)


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
    judged = [require_judged(review, stage, record_id, engine.model.name) for record_id in record_ids]
    with lease.hold_stage(review.db, stage, tally.what) as held:
        found = [
            ask for head, screening in judged for ask in _reason_requests(review, engine, stage, pack, head, screening)
        ]
        tally.total = len(found)
        yield from _ask_in_runs(review, engine, pack, tally, [iter(found)], held, cancel)


def extract(
    review: Review,
    engine: Engine,
    form: Form,
    pack: PromptPack,
    cancel: threading.Event | None = None,
    *,
    retry: bool = False,
    shelf: PaperShelf | None = None,
) -> Iterator[Progress]:
    """Have the model extract what ``form`` asks for from every included report whose document can be read.

    Included are those that people included by full text or, while no full text has been decided, by abstract. Raises as
    ``screen``.
    """
    tally = Tally(titles.EXTRACTION)
    questions = ExtractionQuestions(review.db, engine, pack, form, shelf or PaperShelf(review.db, engine))
    extraction = ExtractionJob(review.db, questions, tally)
    with lease.hold_stage(review.db, STAGE, tally.what) as held:
        for planned in extraction.plan(retry):
            held.say_at_work()
            if cancel is not None and cancel.is_set():
                return
            if planned % _PAPERS_PER_NOTE == 0:
                yield Progress(tally.what, 0, 0, note=f"{planned:,} reports looked through")
        yield from _ask_in_runs(review, engine, pack, tally, extraction.asks(), held, cancel)


def _screening_questions(
    review: Review,
    engine: Engine,
    stage: Stage,
    pack: PromptPack,
    way: ScreeningMethod,
    shelf: PaperShelf | None,
    *,
    comparing: bool = False,
) -> ScreeningQuestions:
    shelf = shelf or PaperShelf(review.db, engine)
    pack = pack.with_paper_position(way.layout)
    return ScreeningQuestions(engine, stage, pack, review.criteria(stage), way, shelf, comparing)


def _reason_requests(
    review: Review, engine: Engine, stage: Stage, pack: PromptPack, head: int, judged: ScreeningView
) -> list[RowRequest]:
    """The requests for the reasons that one report's judgements lack. Parts of a paper were asked in full: they lack
    none."""
    positions = rationales.missing_positions(judged, every=True)
    if judged.parts or not positions:
        return []
    asker = ReasonQuestions(engine, stage, pack.with_paper_position(judged.way.layout))
    plan = RowPlan(review.db, stage, retry=True, task=rationales.TASK)  # not closed: others' reasons stay wanted
    if stage is Stage.ABSTRACT:
        paper = task.citation_as_paper(citations.read(review.db, head))
        with review.db.transaction():
            rows = asker.rows(plan, head, judged, positions, paper)
        return [asker.ask(row, judged, request) for row, request in rows if row.state == "pending"]
    fulltext = documents.paper_of(review.db, head)
    if fulltext is None:
        return []
    criteria = tuple(one.criterion for one in judged.judgements)
    budget = context_budget.token_budget(engine, [task.request("", "", criteria, asker.pack)])
    texts = PaperShelf(review.db, engine).texts(fulltext, budget)
    stand_in = context_budget.make_stand_in(fulltext.name, texts)
    with review.db.transaction():
        rows = asker.rows(plan, head, judged, positions, stand_in.parts[0])
    return [
        asker.ask(row, judged, asker.compose(row.question, judged, texts[0].text), texts[0].left_out)
        for row, _ in rows
        if row.state == "pending"
    ]


def _ask_in_runs(
    review: Review,
    engine: Engine,
    pack: PromptPack,
    tally: Tally,
    runs: Iterable[Iterator[RowRequest]],
    held: HeldStage,
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
            for progress in asker.run(run):
                held.say_at_work()
                yield progress
    finally:
        _log_event(review, f"{tally.what} ended: {tally.done} of {tally.total} answered, {tally.failed} of them failed")


def _log_event(review: Review, text: str) -> None:
    with review.db.transaction():
        events.add(review.db, "model", text)
