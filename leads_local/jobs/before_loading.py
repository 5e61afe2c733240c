"""What can be found out of a job before its model is loaded, from the review alone: whether it can be done at all, and
whether there can be anything to ask."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from leads_local.errors import InputError, ReviewError
from leads_local.records import ScreeningMethod, Stage
from leads_local.review.read_models import RecordFilter, RecordOrder, ScreeningView
from leads_local.review.review import Review
from leads_local.review.store import decisions, lists


class NothingToAsk(StrEnum):
    """Why there can be nothing to ask the model; each says so to a person."""

    NONE_DECIDED = "no record has been decided at this stage"
    NO_RECORDS = "the review has no records yet"
    NONE_INCLUDED = "no record has been included at the abstract stage"
    NO_FULL_TEXTS = "no included record has a full text that can be read"
    ALL_ANSWERED = "all that is wanted has been answered before"
    SOME_FAILED = "all that is wanted was asked before, and some of it failed"


def why_nothing_to_ask(review: Review, stage: Stage | None) -> NothingToAsk | None:
    """Why there is nothing that the model could be asked at ``stage`` (None: extraction); None where there may be."""
    if stage is Stage.ABSTRACT:
        return None if lists.has_reports(review.db) else NothingToAsk.NO_RECORDS
    if stage is None:
        reports = lists.included_reports(review.db)[1]
    else:
        reports = lists.report_ids(review.db, stage, RecordFilter.ALL, RecordOrder.ENTRY)
    if not reports:
        return NothingToAsk.NONE_INCLUDED
    return None if lists.has_fulltext(review.db, reports) else NothingToAsk.NO_FULL_TEXTS


def why_nothing_to_compare(review: Review, stage: Stage) -> NothingToAsk | None:
    """The same for asking only what people have decided."""
    decided = any(at is stage for _, at in decisions.all_standing(review.db))
    return None if decided else NothingToAsk.NONE_DECIDED


def why_nothing_was_asked(review: Review, stage: Stage | None, *, comparing: bool = False) -> NothingToAsk:
    """Why a job has asked nothing although there were reports to ask about. ``stage`` None is extraction."""
    place = work_place(stage)
    failed = any(failure.stage == place and failure.comparison == comparing for failure in review.failures())
    return NothingToAsk.SOME_FAILED if failed else NothingToAsk.ALL_ANSWERED


def work_place(stage: Stage | None, comparing: ScreeningMethod | None = None) -> str:
    """The name under which a job's questions and its lease stand in the file. ``stage`` None is extraction;
    ``comparing`` is the way of asking that is only to be compared with others, which has a lease of its own."""
    if stage is None:
        return "extraction"
    return stage if comparing is None else f"{stage}, compared ({comparing})"


def require_criteria(review: Review, stage: Stage) -> None:
    """Raises InputError when there is nothing to screen by."""
    if not review.criteria(stage):
        raise no_criteria(review.path)


def no_criteria(path: Path) -> InputError:
    return InputError(f"{path} has no criteria to screen by.", "Write the question or at least one criterion first.")


def require_judged(review: Review, stage: Stage, record_id: int, model: str = "") -> tuple[int, ScreeningView]:
    """The report of ``record_id`` and its judgements at ``stage``. Raises ReviewError when there is no such record, no
    model has judged it or, unless ``model`` is "", another one has."""
    view = review.record(record_id)
    judged = view.screenings.get(stage)
    if judged is None:
        raise ReviewError(f"{review.path}: the model has not judged record {record_id} at this stage.", "Screen first.")
    if model and judged.model != model:
        raise ReviewError(
            f"{review.path}: record {record_id} was judged by {judged.model}, and another model can't say why.",
            "Use that model, or let this one screen the stage.",
        )
    return view.id, judged
