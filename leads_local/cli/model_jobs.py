"""Commands that ask the model: search, screen, extract. All can be stopped and started again; finished work is never
done twice."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from threading import Event
from typing import Any

import click

from leads_local import terminal_text
from leads_local.cli.arguments import (
    PATH,
    json_option,
    load_settings,
    method_options,
    model_options,
    open_model,
    review_argument,
    stage_option,
)
from leads_local.cli.echo import echo, print_json
from leads_local.cli.progress import follow, interruptible
from leads_local.cli.reviews import changing, reading
from leads_local.engine import Engine
from leads_local.records import AS_TRAINED, PaperPosition, Progress, ScreeningMethod, ScreeningMode, Stage
from leads_local.tasks import prompts, style_probe
from leads_local.tasks.prompts import PromptPack

SHOWN = 10


def pack_for(engine: Engine, name: str, tasks: Sequence[str], stop: Event | None = None) -> PromptPack:
    """The prompt pack that was asked for, else the one that the model's manifest names, else our default; with the
    model's own layouts."""
    pack = prompts.choose(name, engine.model.prompt_pack)
    return style_probe.fit_pack(
        pack, engine, tasks, stop, lambda: echo("Looking once at how this model lays out its answers …", err=True)
    )


def run_work(
    review: Path,
    settings: Any,
    stage: Stage | None,
    unit: str,
    steps: Callable[[Any, Engine, PromptPack, Event], Iterator[Progress]],
    *,
    quiet: bool = False,
) -> int:
    """Open review and model, follow the work, list what failed. ``stage`` is None for extraction. Returns the exit
    code.

    ``quiet`` leaves standard output to what follows.
    """
    with changing(review) as opened:
        engine = open_model(settings)
        try:
            with interruptible() as stop:
                pack = pack_for(
                    engine,
                    settings.prompt_pack,
                    style_probe.EXTRACTION if stage is None else style_probe.SCREENING,
                    stop,
                )
                last = follow(steps(opened, engine, pack, stop), unit)
                stopped = stop.is_set()
        finally:
            engine.close()
        work, failures = opened.work(), opened.failures()
        unread = opened.unread("extraction" if stage is None else stage.value)
        reason = "" if last else why_idle(opened, stage)
    if last is None:
        echo(f"Nothing to do: {reason}", err=True)
    else:
        echo(f"{last.what}: {last.done} of {last.total} done, {last.failed} failed.", err=quiet)
    list_first(
        [f"record {paper.record_id}, a long paper: {paper.in_words()}" for paper in unread], "long papers", review
    )
    list_first(
        [f"record {failure.record_id}, {failure.task}: {failure.reason}" for failure in failures], "failures", review
    )
    if stopped:
        echo(f"Stopped. {work.done} answers are kept; the same command goes on from here.", err=True)
        return 130
    return 1 if failures else 0


def list_first(found: Sequence[str], what: str, review: Path) -> None:
    """List what is to be looked at, the first few of it."""
    for text in found[:SHOWN]:
        echo(f"  {terminal_text.safe_line(text)}", err=True)
    if len(found) > SHOWN:
        echo(f"  and {len(found) - SHOWN} more {what}: leads-local status {review}", err=True)


def why_idle(opened: Any, stage: Stage | None) -> str:
    """Why there is nothing to ask the model, and what to do before there is. ``stage`` is None for extraction."""
    if stage is Stage.ABSTRACT and not opened.record_ids(stage):
        return "the review has no records yet. Import some: leads-local import --help."
    if stage is Stage.ABSTRACT:
        return "all that is wanted has been answered before."
    reports = opened.record_ids(Stage.FULLTEXT)
    if not reports:
        return (
            "no record has been included at the abstract stage. Decide there first: leads-local open, or leads-local "
            "decide."
        )
    if not any(summary.has_fulltext for summary in opened.summaries(reports)):
        return "no included record has a full text that can be read. Attach PDFs: leads-local pdfs --help."
    return "all that is wanted has been answered before."


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
    from leads_local.jobs import model_jobs

    with reading(review) as opened:
        way = None if records else choose_method(opened.begun_method(Stage(stage)), mode, layout)

    def steps(opened: Any, engine: Engine, pack: PromptPack, stop: Event) -> Iterator[Progress]:
        if records:
            return model_jobs.give_reasons(opened, engine, Stage(stage), pack, records, stop)
        return model_jobs.screen(opened, engine, Stage(stage), pack, stop, way=way, retry=retry)

    return run_work(review, load_settings(**options), Stage(stage), "reason" if records else "record", steps)


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
    "--form", "form_file", type=PATH, default=None, help="The extraction form, a TOML file [default: a general one]."
)
@click.option("--retry", is_flag=True, help="Ask again what failed before.")
@model_options
def extract(review: Path, form_file: Path | None, retry: bool, **options: Any) -> int:
    """Let the model extract what the form asks for from every included report that has a full text."""
    from leads_local.jobs import model_jobs
    from leads_local.tasks import forms

    if form_file:
        form = forms.load(form_file)
    else:
        with reading(review) as opened:
            form = forms.for_question(opened.question)
    return run_work(
        review,
        load_settings(**options),
        None,
        "answer",
        lambda opened, engine, pack, stop: model_jobs.extract(opened, engine, form, pack, stop, retry=retry),
    )


@click.command()
@review_argument
@json_option
@model_options
def search(review: Path, as_json: bool, **options: Any) -> int:
    """Let the model write a search query from the review's question, and check it without any network.

    Terms that share nothing with the question are flagged, and the query is tried on the records that the review
    already holds.
    """
    from leads_local.review.query_check import try_query
    from leads_local.tasks import search as task

    settings = load_settings(**options)
    with changing(review) as opened:
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
        opened.record_event("search query", query.query)
    if as_json:
        print_json({**dataclasses.asdict(query), "trial": dataclasses.asdict(trial)})
        return 0
    echo(query.query)
    for number, block in enumerate(query.blocks, 1):
        echo(f"  line {number}: {terminal_text.safe_line(block)}")
    echo(f"  taken apart into {len(query.sub_queries)} narrow queries; --json lists them", err=True)
    for flag in query.flags:
        echo(f"  look at this: {terminal_text.safe_line(flag)}", err=True)
    echo(trial.in_words(), err=True)
    return 0
