"""The benchmarks, each beside its peer in the same run. They print JSON and assert nothing."""

from __future__ import annotations

import click

from leads_local.cli.convert import run_convert


@click.group()
def bench() -> None:
    """Measure this program beside its peers, on this machine; JSON on standard output."""


@bench.command(add_help_option=False, context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def convert(arguments: tuple[str, ...]) -> int:
    """Converting: leads-local bench convert --peer LLAMA_CPP_SOURCE [--layers N]; --help lists all."""
    return run_convert("bench", *arguments)
