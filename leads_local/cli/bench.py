"""The benchmarks, each beside its peers in the same run. They print one JSON object and assert nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from leads_local import files
from leads_local.cli.arguments import PATH, load_settings, model_options
from leads_local.cli.converter_process import run_converter
from leads_local.cli.echo import print_json
from leads_local.cli.progress import staying_awake
from leads_local.config import Settings
from leads_local.errors import ModelError
from leads_local.records import PaperPosition, ScreeningMethod, ScreeningMode


@click.group()
def bench() -> None:
    """Measure this program beside its peers, on this machine; JSON on standard output."""


threads_option = click.option(
    "--threads", type=click.IntRange(1, 1024), default=None, help="Threads for ours and the peers [default: cores]."
)
MODES_HELP = (
    "full: words and reasons at once. triage: words first, then the reasons that are needed. Twice for both "
    "[default: full]."
)
LAYOUTS_HELP = "Where the paper stands in ours; peers have the trained layout. Twice for both [default: trained]."
server_option = click.option("--server", type=PATH, default=None, help="llama.cpp's llama-server, as a peer.")


def _check_settings(server: Path | None, options: dict[str, Any]) -> Settings:
    settings = load_settings(**options)
    if not settings.model:
        raise ModelError("No model is set.", "Name a GGUF file with --model.")
    if server:
        files.require_file(server, "llama-server", "Give the path of llama-server, or leave --server out.")
    _stay_awake(settings)
    return settings


def _stay_awake(settings: Settings) -> None:
    """Until the command that runs has ended."""
    click.get_current_context().with_resource(staying_awake(settings))


@bench.command()
@model_options
@threads_option
@server_option
@click.option(
    "--slots",
    multiple=True,
    type=click.IntRange(1, 64),
    default=(1, 8),
    show_default=True,
    help="Slots that the server is tried with.",
)
@click.option("--citations", type=PATH, default=None, help="A citation file with abstracts [default: the demo's].")
@click.option(
    "--records", type=click.IntRange(1, 10_000), default=32, show_default=True, help="How many records ours screens."
)
@click.option(
    "--compared",
    type=click.IntRange(0, 10_000),
    default=8,
    show_default=True,
    help="How many of them the peers screen.",
)
@click.option(
    "--mode",
    "modes",
    multiple=True,
    type=click.Choice([mode.value for mode in ScreeningMode]),
    default=["full"],
    help=MODES_HELP,
)
@click.option(
    "--layout",
    "layouts",
    multiple=True,
    type=click.Choice([one.value for one in PaperPosition]),
    default=["trained"],
    help=LAYOUTS_HELP,
)
def screen(
    server: Path | None,
    slots: tuple[int, ...],
    citations: Path | None,
    records: int,
    compared: int,
    modes: tuple[str, ...],
    layouts: tuple[str, ...],
    **options: Any,
) -> None:
    """Screening of abstracts: seconds a record and records an hour."""
    from leads_local.bench.screen import measure_screening as run

    ways = [
        ScreeningMethod(ScreeningMode(mode), PaperPosition(layout))
        for layout in dict.fromkeys(layouts)
        for mode in dict.fromkeys(modes)
    ]
    print_json(run(_check_settings(server, options), citations, records, min(compared, records), server, slots, ways))


@bench.command()
@model_options
@threads_option
@click.option("--paper", type=PATH, default=None, help="A text file [default: the demo's papers].")
@click.option(
    "--tokens", type=click.IntRange(100, 30_000), default=8000, show_default=True, help="Length of the paper."
)
@click.option("--outcomes", type=click.IntRange(0, 50), default=3, show_default=True)
@click.option("--measures", type=click.IntRange(0, 50), default=3, show_default=True)
@click.option("--fields", type=click.IntRange(0, 200), default=12, show_default=True)
@click.option(
    "--alone/--no-alone", default=True, show_default=True, help="Ask one by one as well, and compare the answers."
)
@click.option("--compared/--no-compared", default=True, show_default=True, help="Let the peer do the same work.")
def extract(
    paper: Path | None,
    tokens: int,
    outcomes: int,
    measures: int,
    fields: int,
    alone: bool,
    compared: bool,
    **options: Any,
) -> None:
    """All questions about one paper, beside a loop over them."""
    from leads_local.bench.extract import measure_extraction as run

    print_json(run(_check_settings(None, options), paper, tokens, (outcomes, measures, fields), alone, compared))


@bench.command()
@model_options
@threads_option
@click.option("--batched-bench", type=PATH, default=None, help="llama.cpp's llama-batched-bench, as a peer.")
def engine(batched_bench: Path | None, **options: Any) -> None:
    """Rates by size of step, time outside the model, and memory against the plan."""
    from leads_local.bench.engine import measure_engine as run

    print_json(run(_check_settings(batched_bench, options), batched_bench))


@bench.command(add_help_option=False, context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def convert(arguments: tuple[str, ...]) -> int:
    """Converting: leads-local bench convert --peer LLAMA_CPP_SOURCE [--layers N]; --help lists all."""
    if "--help" not in arguments:
        _stay_awake(load_settings())
    return run_converter("bench", *arguments)
