"""The command that measures the model's judgements on the reviewer's own decisions, and compares ways of asking."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

import click

from leads_local import terminal_text
from leads_local.cli.arguments import (
    json_option,
    load_settings,
    method_options,
    model_options,
    review_argument,
    stage_option,
)
from leads_local.cli.echo import echo, print_json
from leads_local.cli.model_jobs import run_work
from leads_local.cli.reviews import reading
from leads_local.engine import Engine
from leads_local.records import Eligibility, PaperPosition, Progress, ScreeningMethod, ScreeningMode, Stage
from leads_local.tasks.prompts import PromptPack

if TYPE_CHECKING:
    from leads_local.evaluation.comparison import ComparisonReport, VariantPair, VariantResult
    from leads_local.evaluation.metrics import Estimate

MEANINGS = (
    ("sensitivity", "of what you included, the part that the model keeps"),
    ("specificity", "of what you excluded, the part that the model drops"),
    ("precision", "of what the model keeps, the part that you included"),
    ("work saved", "of all, the part left unread if you read only what it keeps"),
    ("kappa", "agreement with you: 1 complete, 0 as by chance"),
    ("AUC", "how often an included record is ranked above an excluded"),
    ("", "one: 1 always, 0.5 as by chance"),
    ("unread at recall 0.95", "of all, the part left unread once 95 % of what you included"),
    ("", "is found, reading in the order of the ranking"),
    ("Brier score", "how far probabilities are from what you decided: 0 is best"),
    ("95 % 0.7 to 0.9, of 40", "from 40 records; what holds for all such records probably"),
    ("", "lies between 0.7 and 0.9"),
)
MEASURES = ("sensitivity", "specificity", "precision", "work_saved", "kappa")  # of a confusion, each an Estimate


@click.command()
@review_argument
@stage_option
@method_options
@click.option("--retry", is_flag=True, help="Ask again what failed before.")
@json_option
@model_options
def evaluate(
    review: Path, stage: str, mode: str | None, layout: str | None, retry: bool, as_json: bool, **options: Any
) -> int:
    """Measure the model's judgements against your own decisions, for every way in which it was asked.

    With --mode or --layout the model first judges in that way all records that you have decided; what screening shows
    stays as it is.
    """
    from leads_local.evaluation.comparison import compare_variants
    from leads_local.jobs import before_loading, model_jobs

    code = 0
    if mode or layout:
        way = ScreeningMethod(ScreeningMode(mode or ScreeningMode.FULL), PaperPosition(layout or PaperPosition.TRAINED))

        def steps(opened: Any, engine: Engine, pack: PromptPack, stop: Event) -> Iterator[Progress]:
            return model_jobs.screen_for_comparison(opened, engine, Stage(stage), pack, way, stop, retry=retry)

        code = run_work(
            *(review, load_settings(**options), Stage(stage), "record", steps),
            require=lambda opened: before_loading.require_criteria(opened, Stage(stage)),
            comparing=way,
            quiet=True,
        )
    with reading(review) as opened:
        report = compare_variants(opened, Stage(stage))
    if as_json:
        print_json(
            {
                **dataclasses.asdict(report),
                "results": [_as_json(result) for result in report.results],
                "caution": report.caution,
            }
        )
    else:
        for line in report_lines(report):
            echo(line)
    return code


def report_lines(report: ComparisonReport) -> Iterator[str]:
    """The report for a person to read."""
    counts = f"{report.included} included, {report.excluded} excluded, {report.maybe} maybe (left out)"
    yield f"Your decisions at the {report.stage} stage: {counts}."
    if not report.results:
        yield "The model has not judged anything at this stage: leads-local screen, or --mode here."
    for result in report.results:
        yield from _result_lines(result)
    for pair in report.pairs:
        yield from _pair_lines(pair)
    yield ""
    if any(result.confusion.records for result in report.results):
        yield "What the measures mean:"
        yield from (f"  {name:30} {meaning}" for name, meaning in MEANINGS)
        yield ""
    yield report.caution


def _result_lines(result: VariantResult) -> Iterator[str]:
    counts = result.confusion
    yield ""
    yield f"{result.variant}: {counts.records} records judged and decided"
    if result.other_criteria:
        yield f"  {result.other_criteria} more were judged by other criteria than there are now, and are left out"
    if not counts.records:
        return
    yield f"  {'':30} included  excluded"
    yield f"  {'the model keeps (no NO)':30} {counts.kept_included:8}  {counts.kept_excluded:8}"
    yield f"  {'the model drops (any NO)':30} {counts.dropped_included:8}  {counts.dropped_excluded:8}"
    for name in MEASURES:
        yield f"  {name.replace('_', ' '):30} {_format_estimate(getattr(counts, name))}"
    yield f"  {'ranking: AUC':30} {_format_number(result.auc)}"
    yield f"  {'ranking: unread at recall 0.95':30} {_format_number(result.saved_at_recall)}"
    if result.without_chances:
        yield (
            f"  the probabilities of the words are not known for {result.without_chances} records: their plain score "
            "counts instead"
        )
    yield f"  {result.calibration.in_words()}" + (
        f" Brier score on decisions not learned from {result.check.brier:.3f}; always saying the share of inclusions "
        f"{result.check.share_alone:.3f}." if result.check else ""
    )  # fmt: skip
    yield f"  {'words, included : excluded':30} {''.join(f'{word:>11}' for word in Eligibility)}"
    for row in result.words:
        told = "".join(f"{f'{row.included[word]} : {row.excluded[word]}':>11}" for word in Eligibility)
        yield f"    {terminal_text.safe_line(row.criterion):28} {told}"


def _pair_lines(pair: VariantPair) -> Iterator[str]:
    yield ""
    yield f"{pair.one} and {pair.other}:"
    yield f"  {'same words':30} {_format_estimate(pair.same_words)}"
    yield f"  {'same keep or drop':30} {_format_estimate(pair.same_decisions)}"


def _format_estimate(estimate: Estimate) -> str:
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return f"not defined (of {estimate.of})"
    return f"{estimate.value:.3f}  (95 % {estimate.low:.3f} to {estimate.high:.3f}, of {estimate.of})"


def _format_number(value: float | None) -> str:
    return "not defined" if value is None else f"{value:.3f}"


def _as_json(result: VariantResult) -> dict[str, Any]:
    """With the measures that follow from the counts."""
    measures = {name: dataclasses.asdict(getattr(result.confusion, name)) for name in MEASURES}
    return dataclasses.asdict(result) | measures
