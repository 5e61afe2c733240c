"""Commands that ask the model: search, screen, extract. All can be stopped and started again; finished work is never
done twice."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

import click

from leads_local import keep_awake, terminal_text
from leads_local.cli.arguments import (
    PATH,
    TEXT,
    json_option,
    load_settings,
    method_options,
    model_options,
    open_model,
    review_argument,
    stage_option,
)
from leads_local.cli.echo import echo, echo_outcome, print_json
from leads_local.cli.progress import follow, interruptible, say_of_sleep
from leads_local.cli.reviews import changing, reading
from leads_local.config import Settings
from leads_local.engine import Engine, LoadingStopped
from leads_local.errors import ExitCode, InputError
from leads_local.records import AS_TRAINED, PaperPosition, Progress, ScreeningMethod, ScreeningMode, Stage
from leads_local.tasks import prompts, style_probe
from leads_local.tasks.prompts import PromptPack

if TYPE_CHECKING:
    from leads_local.jobs.before_loading import NothingToAsk
    from leads_local.review.read_models import IncompletePaper, ModelFailure
    from leads_local.review.review import Review

SHOWN = 10
Steps = Callable[["Review", Engine, PromptPack, Event], Iterator[Progress]]
NEXT_STEPS = {
    "NO_RECORDS": " Import some: leads-local import --help.",
    "NONE_INCLUDED": " Decide there first: leads-local open, or leads-local decide.",
    "NO_FULL_TEXTS": " Attach PDFs: leads-local pdfs --help.",
    "NONE_DECIDED": " Decide some first: leads-local open, or leads-local decide.",
    "SOME_FAILED": " --retry asks that again.",
}  # by the name of what stands before there is something to ask


def pack_for(engine: Engine, name: str, tasks: Sequence[str], stop: Event | None = None) -> PromptPack:
    """The prompt pack that was asked for, else the one that the model's manifest names, else our default; with the
    model's own layouts."""
    pack = prompts.choose(name, engine.model.prompt_pack)
    return style_probe.fit_pack(
        pack, engine, tasks, stop, lambda: echo("Looking once at how this model lays out its answers …", err=True)
    )


def run_work(
    review: Path,
    settings: Settings,
    stage: Stage | None,
    unit: str,
    steps: Steps,
    *,
    require: Callable[[Review], object] = lambda opened: None,
    comparing: ScreeningMethod | None = None,
    quiet: bool = False,
) -> int:
    """Open the review, do the work, list what failed. The model is loaded when there is something to ask. Returns the
    exit code, which tells of this run: 1 when something failed that was asked or looked at now.

    ``stage`` is None for extraction. ``require`` raises what makes the work impossible and can be known before a model
    is loaded. ``comparing`` is the way of asking where the answers are only to be compared. ``quiet`` leaves standard
    output to what follows.
    """
    from leads_local.jobs import before_loading, lease

    place = before_loading.work_place(stage, comparing)
    with changing(review, by_person=False) as opened:
        lease.require_free(opened.db, place)
        require(opened)
        before = set(_failures_at(opened, stage, comparing))
        last, stopped = None, False
        if (nothing := _why_nothing_to_ask(opened, stage, comparing)) is None:
            last, stopped = _follow_work(opened, settings, stage, unit, steps)
        failures, answers = _failures_at(opened, stage, comparing), opened.work().done
        unread = opened.unread(place)
        if last is None and nothing is None:
            nothing = before_loading.why_nothing_was_asked(opened, stage, comparing=comparing is not None)
    if last is not None:
        echo(f"{last.what}: {last.done} of {last.total} done, {last.failed} failed.", err=quiet)
    elif nothing is not None and not stopped:
        echo(f"Nothing to do: {nothing}.{NEXT_STEPS.get(nothing.name, '')}", err=True)
    _list_what_to_look_at(review, unread, failures)
    if stopped:
        echo(f"Stopped. {answers} answers are kept; the same command goes on from here.", err=True)
        return ExitCode.INTERRUPTED
    return ExitCode.look_if((last is not None and last.failed) or set(failures) - before)


def _follow_work(
    opened: Review, settings: Settings, stage: Stage | None, unit: str, steps: Steps
) -> tuple[Progress | None, bool]:
    """The last step of the work, None where nothing was asked; and whether a person has stopped it."""
    from leads_local.engine.on_demand import ModelOnDemand

    tasks = style_probe.EXTRACTION if stage is None else style_probe.SCREENING
    with (
        keep_awake.while_working(settings.keep_awake) as said,
        interruptible() as stop,
        ModelOnDemand(settings, open_model, stop, loaded=lambda model: say_of_sleep(said)) as engine,
    ):
        try:
            pack = pack_for(engine, settings.prompt_pack, tasks, stop)
            last = None if stop.is_set() else follow(steps(opened, engine, pack, stop), unit)
        except LoadingStopped:
            last = None
        return last if last is not None and last.total else None, stop.is_set()


def _failures_at(opened: Review, stage: Stage | None, comparing: ScreeningMethod | None) -> list[ModelFailure]:
    from leads_local.jobs import before_loading

    at, compared = before_loading.work_place(stage), comparing is not None
    return [failure for failure in opened.failures() if (failure.stage, failure.comparison) == (at, compared)]


def _why_nothing_to_ask(opened: Review, stage: Stage | None, comparing: ScreeningMethod | None) -> NothingToAsk | None:
    from leads_local.jobs import before_loading

    if stage is not None and comparing is not None:
        return before_loading.why_nothing_to_compare(opened, stage)
    return before_loading.why_nothing_to_ask(opened, stage)


def _list_what_to_look_at(review: Path, unread: Sequence[IncompletePaper], failures: Sequence[ModelFailure]) -> None:
    long = [f"record {paper.record_id}, a long paper: {paper.in_words()}" for paper in unread]
    list_first(long, "long papers", review)
    failed = [f"record {failure.record_id}, {failure.task}: {failure.reason}" for failure in failures]
    list_first(failed, "failures", review)


def list_first(found: Sequence[str], what: str, review: Path) -> None:
    """List what is to be looked at, the first few of it."""
    for text in found[:SHOWN]:
        echo(f"  {terminal_text.safe_line(text)}", err=True)
    if len(found) > SHOWN:
        echo(f"  and {len(found) - SHOWN} more {what}: leads-local status {review}", err=True)


@click.command()
@review_argument
@stage_option
@method_options
@click.option(
    "--reasons",
    "records",
    type=int,
    multiple=True,
    metavar="RECORD",
    help="Only ask for the reasons that RECORD lacks; repeatable.",
)
@click.option("--retry", is_flag=True, help="Ask again what failed before.")
@model_options
def screen(
    review: Path,
    stage: str,
    mode: str | None,
    layout: str | None,
    records: tuple[int, ...],
    retry: bool,
    **options: Any,
) -> int:
    """Let the model judge every pending record against each criterion. Its judgements are suggestions; the decisions
    are yours."""
    from leads_local.jobs import before_loading, model_jobs

    with reading(review) as opened:
        way = None if records else choose_method(opened.begun_method(Stage(stage)), mode, layout)

    def require(opened: Review) -> None:
        if not records:
            before_loading.require_criteria(opened, Stage(stage))
        for record in records:
            before_loading.require_judged(opened, Stage(stage), record)

    def steps(opened: Review, engine: Engine, pack: PromptPack, stop: Event) -> Iterator[Progress]:
        if records:
            return model_jobs.give_reasons(opened, engine, Stage(stage), pack, records, stop)
        return model_jobs.screen(opened, engine, Stage(stage), pack, stop, way=way, retry=retry)

    unit = "reason" if records else "record"
    return run_work(review, load_settings(**options), Stage(stage), unit, steps, require=require)


def choose_method(begun: ScreeningMethod | None, mode: str | None, layout: str | None) -> ScreeningMethod:
    """The way to ask in: as the options say, else as it was begun. Says so where that is not the trained way, or not as
    begun."""
    before = begun or AS_TRAINED
    way = ScreeningMethod(
        ScreeningMode(mode) if mode else before.mode, PaperPosition(layout) if layout else before.layout
    )
    if begun is not None and way != begun:
        echo(f"This stage was begun as ({begun}); what was not asked as ({way}) before, is now.", err=True)
    elif way != AS_TRAINED and not (mode or layout):
        echo(f"This stage was begun as ({way}) and goes on so; --mode and --layout change that.", err=True)
    return way


@click.command()
@review_argument
@click.option(
    "--form",
    "form_file",
    type=PATH,
    default=None,
    help="Make this TOML file the review's form [default: the one it has].",
)
@click.option("--retry", is_flag=True, help="Ask again what failed before.")
@model_options
def extract(review: Path, form_file: Path | None, retry: bool, **options: Any) -> int:
    """Let the model extract what the review's form asks for from every included report that has a full text.

    A form given with --form is stored in the review first; what it asks differently is told.
    """
    from leads_local.app.protocol import describe_form_changes
    from leads_local.app.reading import describe_unread
    from leads_local.jobs import model_jobs
    from leads_local.tasks import forms

    if form_file:
        loaded = forms.load(form_file)
        with changing(review) as opened:
            for line in describe_form_changes(opened.form(), loaded):
                echo(line, err=True)
            opened.set_form(loaded)
    with reading(review) as opened:
        form = opened.form()
        for line in describe_unread(opened):
            echo(terminal_text.safe_line(line), err=True)
    return run_work(
        review,
        load_settings(**options),
        None,
        "answer",
        lambda opened, engine, pack, stop: model_jobs.extract(opened, engine, form, pack, stop, retry=retry),
    )


@click.command()
@review_argument
@click.option(
    "--test",
    "strategy",
    type=TEXT,
    metavar="STRATEGY",
    help="Try this strategy, or the one in this file, in the syntax of PubMed or Ovid. No model is needed.",
)
@click.option(
    "--translate",
    "to_translate",
    type=TEXT,
    metavar="STRATEGY",
    help="Suggest this strategy, or the one in this file, in the other syntax: PubMed's in Ovid's, Ovid's in PubMed's.",
)
@json_option
@model_options
def search(review: Path, strategy: str | None, to_translate: str | None, as_json: bool, **options: Any) -> int:
    """Let the model write a search query from the review's question, and check it without any network; or try a
    strategy of your own with --test.

    Terms that share nothing with the question are flagged, and the query is tried on the records that the review
    already holds. A strategy is tried line by line; an included record that it would miss is named with the line that
    loses it. What a record doesn't say (headings, publication types) can't be told, and is never counted as missed.
    The exit code of --test is 1 where an included record is missed or a line can't be read, that of --translate where
    something has no counterpart, which is named and left in its place.
    """
    if strategy is not None and to_translate is not None:
        raise InputError("--test and --translate can't be given together.", "Give them one after the other.")
    if to_translate is not None:
        return _translate(to_translate, as_json)
    if strategy is not None:
        return _test_strategy(review, strategy, as_json)
    from leads_local.review.query_check import try_query
    from leads_local.tasks import search as task

    settings = load_settings(**options)
    with changing(review, by_person=False) as opened:
        engine = open_model(settings)
        try:
            request = task.request(
                "search", opened.question, pack_for(engine, settings.prompt_pack, style_probe.SEARCH)
            )
            (reply,) = engine.run([request])
        finally:
            engine.close()
        query = task.parse(reply, opened.question)
        trial = try_query(opened, query)
        if query.is_usable:
            opened.record_event("search query", query.query)
    if as_json:
        print_json({**dataclasses.asdict(query), "trial": dataclasses.asdict(trial)})
        return ExitCode.look_if(query.unusable)
    if query.unusable:
        said = terminal_text.safe_line(query.query)
        echo(
            f"The model wrote no query that can be used: {said}. {query.unusable} Ask again, or write one yourself.",
            err=True,
        )
        return ExitCode.LOOK
    echo(query.query)
    for number, block in enumerate(query.blocks, 1):
        echo(f"  line {number}: {terminal_text.safe_line(block)}")
    echo(f"  taken apart into {len(query.sub_queries)} narrow queries; --json lists them", err=True)
    for flag in query.flags:
        echo(f"  look at this: {terminal_text.safe_line(flag)}", err=True)
    echo(trial.in_words(), err=True)
    return ExitCode.DONE


def _translate(strategy: str, as_json: bool) -> int:
    from leads_local.app import searching

    found = searching.translate_strategy(strategy)
    outcome = searching.describe_translation(found)
    if as_json:
        print_json(dataclasses.asdict(found))
    else:
        echo_outcome(outcome)
    return ExitCode.look_if(outcome.failed)


def _test_strategy(review: Path, strategy: str, as_json: bool) -> int:
    from leads_local.app import searching

    with reading(review) as opened:
        found = searching.try_on_review(opened, strategy)
    outcome = searching.describe_trial(found)
    if as_json:
        print_json(dataclasses.asdict(found))
    else:
        echo_outcome(outcome)
    return ExitCode.look_if(outcome.failed)
