"""The command that says how far the reviewers agree, with each other and with the model."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import click

from leads_local.cli.arguments import json_option, review_argument, stage_option
from leads_local.cli.echo import echo, print_json
from leads_local.cli.reviews import reading
from leads_local.records import Stage


@click.command()
@review_argument
@stage_option
@json_option
def agreement(review: Path, stage: str, as_json: bool) -> None:
    """How far each two reviewers agree, all of them together, and each with the model.

    What counts is what each decided before both had: a change of mind, an undo or an adjudication after that is left
    out. Raw agreement, Cohen's kappa, PABAK, Gwet's AC1 and the agreement on each choice, with 95 % intervals and the
    counts; Krippendorff's alpha for more than two.
    """
    from leads_local.app.agreement import report_lines
    from leads_local.evaluation.raters import compare_all

    with reading(review) as opened:
        report = compare_all(opened, Stage(stage))
        if as_json:
            print_json(dataclasses.asdict(report))
            return
        for line in report_lines(report):
            echo(line)
