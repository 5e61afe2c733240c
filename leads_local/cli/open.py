"""The command that opens the terminal UI."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from leads_local.cli.arguments import PATH, load_settings, model_options
from leads_local.cli.echo import at_terminal
from leads_local.errors import InputError


@click.command("open")
@click.argument("review", type=PATH, required=False)
@model_options
def open_(review: Path | None = None, **options: object) -> int:
    """Open the terminal UI, with REVIEW when one is named."""
    if not at_terminal(sys.stdin, sys.stdout, sys.stderr):  # Textual draws on standard error
        raise InputError(
            "The terminal UI needs a terminal.", "Start it from one, or use the other commands: leads-local --help."
        )
    from leads_local.tui.app import run_ui

    return run_ui(review, load_settings(**options))
