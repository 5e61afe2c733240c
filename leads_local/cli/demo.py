"""The command that runs the sample review: converts the model that comes with it, takes every step, prints what was
found, opens the UI."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from leads_local import config, keep_awake, paths
from leads_local import demo as sample
from leads_local.cli.arguments import PATH, open_model
from leads_local.cli.converter_process import STOPPED, run_converter
from leads_local.cli.echo import at_terminal, echo
from leads_local.cli.model_jobs import pack_for
from leads_local.cli.progress import follow, interruptible, say_of_sleep
from leads_local.demo import unpacking
from leads_local.demo.run import DemoResult, run_demo
from leads_local.engine import LoadingStopped, installed
from leads_local.engine.on_demand import ModelOnDemand
from leads_local.errors import ExitCode, ModelError
from leads_local.records import Progress
from leads_local.tasks import style_probe

QUANT = "Q8_0"


@click.command()
@click.option(
    "--out",
    "folder",
    type=PATH,
    default=Path("demo-output"),
    show_default=True,
    help="The folder for everything it makes.",
)
@click.option("--headless", is_flag=True, help="Don't open the UI afterwards.")
@click.option("--model", default=None, help="Use this GGUF file instead of the model that comes with the project.")
def demo(folder: Path, headless: bool, model: str | None) -> int:
    """Run the sample review from citations and PDFs to tables, without questions. Running it again goes on where it
    was."""
    unpacking.check_folder(folder)
    folder.mkdir(parents=True, exist_ok=True)
    settings = config.load(model=model or str(demo_model()))
    with (
        keep_awake.while_working(settings.keep_awake) as said,
        interruptible() as stop,
        ModelOnDemand(settings, open_model, stop, loaded=lambda model: say_of_sleep(said)) as engine,
    ):
        try:
            pack = pack_for(engine, settings.prompt_pack, (*style_probe.SCREENING, *style_probe.EXTRACTION), stop)
            found = run_demo(folder, engine, pack, print_note, follow_steps, stop)
        except LoadingStopped:
            found = None
    if found is None:
        print_note("Stopped; what is finished is kept. The same command goes on from here.")
        return ExitCode.INTERRUPTED
    print_findings(found, engine.model.notice)
    if not headless and at_terminal(sys.stdin, sys.stdout, sys.stderr):
        from leads_local.tui.app import run_ui

        return run_ui(found.review, settings)
    return ExitCode.look_if(found.failed)


def demo_model() -> Path:
    """The model that comes with the project as GGUF, converted when it is not there yet. Raises ModelError when that
    fails."""
    model = paths.models_dir() / f"demo-{QUANT}.gguf"
    checkpoint = sample.find_checkpoint()
    if checkpoint is None:
        raise ModelError(
            "The demo's model is not part of this installation.", "Name a model with --model, or run it in a checkout."
        )
    if (
        model.is_file()
        and not installed.verify(known := installed.describe(model))
        and installed.made_from(known, checkpoint)
    ):
        return model
    print_note(f"Converting {checkpoint} to {QUANT} …")
    model.parent.mkdir(parents=True, exist_ok=True)
    code = run_converter(str(checkpoint), "--quant", QUANT, "--out", str(model))
    if code == STOPPED:
        raise KeyboardInterrupt
    if code:
        raise ModelError("The demo's model could not be converted.", "The lines above say why.")
    return model


def follow_steps(steps: Iterator[Progress], unit: str) -> None:
    last = follow(steps, unit)
    if last is not None:
        print_note(f"{last.what}: {last.done} of {last.total} done, {last.failed} failed.")


def print_findings(found: DemoResult, notice: str) -> None:
    """What was found and where it lies, on standard output."""
    width = max(len(what) for what, _ in found.lines)
    echo()
    for what, number in found.lines:
        echo(f"{what:{width}}  {number}")
    echo(f"\nThe review: {found.review}")
    for file in found.files:
        echo(f"            {file}")
    if notice:
        echo(f"\nThe model of this demo: {notice}. The decisions in it are the sample authors', not the model's.")


def print_note(text: str) -> None:
    echo(text, err=True)
