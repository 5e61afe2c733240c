"""The arguments and options that several commands have, so that they look and mean the same everywhere."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from leads_local import config
from leads_local.app.models import notes_on_model
from leads_local.cli.echo import echo
from leads_local.config import Settings
from leads_local.engine import Engine
from leads_local.records import PaperPosition, ScreeningMode, Stage

F = TypeVar("F", bound=Callable[..., Any])

PATH = click.Path(readable=False, path_type=Path)
"""A file or folder, by whatever name it has. Whether it can be read is seen when it is read, so that one that can't be
does not stop the others."""


class _Text(click.types.StringParamType):
    """A text to be stored, so it has to be one: where the system states another encoding than it has (``LC_ALL=C``), or
    none, it is read as UTF-8."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        text = str(super().convert(value, param, ctx))
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:
            try:
                return os.fsencode(text).decode("utf-8")
            except UnicodeError:
                self.fail(f"{text!r} is no text in UTF-8, and would be stored with marks in it. Type it anew.")
        return text


TEXT = _Text()

review_argument = click.argument("review", type=PATH, metavar="REVIEW.leads")
json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
stage_option = click.option(
    "--stage",
    type=click.Choice([s.value for s in Stage]),
    default=Stage.ABSTRACT.value,
    show_default=True,
    help="Which screening stage.",
)
MODE_HELP = (
    "full: word and reason for each criterion. triage: the words first, with probabilities; reasons only where you "
    "must look "
    "[default: as begun, else full]."
)
LAYOUT_HELP = (
    "Where the paper stands in the prompt: before the criteria, as LEADS was trained (trained), or last "
    "(criteria-first), which is faster "
    "and untrained [default: as begun, else trained]."
)
reviewer_option = click.option(
    "--reviewer",
    type=TEXT,
    default=None,
    help="Who says it [default: LEADS_LOCAL_REVIEWER, else the settings; in scripts, else your user name].",
)


def method_options(command: F) -> F:
    """``--mode`` and ``--layout``, for commands that can screen in more than one way."""
    mode = click.option("--mode", type=click.Choice([m.value for m in ScreeningMode]), default=None, help=MODE_HELP)
    layout = click.option(
        "--layout", type=click.Choice([one.value for one in PaperPosition]), default=None, help=LAYOUT_HELP
    )
    return mode(layout(command))


def model_options(command: F) -> F:
    """``--model``, ``--prompts`` and ``--gpu-layers``, for every command that asks the model."""
    for option in (
        click.option(
            "--gpu-layers",
            type=click.IntRange(-1, 10_000),
            default=None,
            help="Layers to put on the GPU: -1 all, 0 none [default: all if there is one].",
        ),
        click.option(
            "--prompts",
            "prompt_pack",
            default=None,
            help="Name of the prompt pack [default: the model's own, else 'default'].",
        ),
        click.option("--model", default=None, help="GGUF file to use [default: LEADS_LOCAL_MODEL, else the settings]."),
    ):
        command = option(command)
    return command


def search_options(command: F) -> F:
    """How the records of a file were searched for, as PRISMA-S asks for it. "" takes away what was said."""
    kinds = "database, register, website, organisation, citation searching, other"
    for option in (
        click.option("--claimed", type=TEXT, metavar="NUMBER", help="How many hits the database said there were."),
        click.option("--limits", type=TEXT, help="Which limits were set in the database."),
        click.option("--strategy", type=TEXT, metavar="TEXT|FILE", help="The strategy as it was run."),
        click.option("--searched", type=TEXT, metavar="DAY", help="When it was searched, as 2026-11-29."),
        click.option("--platform", type=TEXT, help="By which platform, such as Ovid."),
        click.option("--database", type=TEXT, help="Which database, register or website it comes from."),
        click.option("--kind", type=TEXT, help=f"What kind of source that is: {kinds}."),
    ):
        command = option(command)
    return command


def load_settings(**overrides: Any) -> Settings:
    return config.load(**overrides)


def open_model(settings: Settings, tell: Callable[[float], None] = lambda part: None) -> Engine:
    """Load the model with a progress line on standard error; ``tell`` is told the part loaded, and what it raises ends
    the loading. Raises ModelError when there is none that can be used."""
    from leads_local.cli.progress import loading
    from leads_local.engine.host import open_engine
    from leads_local.tasks import prompts, screening

    least_context = screening.least_context(prompts.in_use(settings))
    with loading("Loading the model") as progress:

        def report(part: float) -> None:
            tell(part)
            progress(part)

        engine = open_engine(settings, report, least_context=least_context)
    for note in notes_on_model(engine.model):
        echo(note, err=True)
    return engine
