"""The command that says what this computer can do, and whether all is in order."""

from __future__ import annotations

import dataclasses

import click

from leads_local.cli.arguments import json_option, load_settings, model_options
from leads_local.cli.echo import echo, print_json
from leads_local.errors import ExitCode


@click.command()
@json_option
@model_options
def doctor(as_json: bool, **options: object) -> int:
    """Say what this computer can do, and whether all is in order."""
    from leads_local.app.doctor import examine, report_lines

    findings = list(examine(load_settings(**options)))
    if as_json:
        print_json(
            [{name: value for name, value in dataclasses.asdict(f).items() if value is not None} for f in findings]
        )
    else:
        for line in report_lines(findings):
            echo(line)
    return ExitCode.look_if(not all(finding.ok for finding in findings))
