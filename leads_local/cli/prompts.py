"""Commands on prompt packs: which there are, what they say, and the exact upstream wording from a user's own
checkout."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import click

from leads_local.cli.arguments import PATH, json_option, load_settings
from leads_local.cli.echo import echo, print_json
from leads_local.tasks import prompts as packs


@click.group()
def prompts() -> None:
    """Prompt packs: list them, show one, import upstream's from a checkout."""


@prompts.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List the prompt packs and say which is in use."""
    settings = load_settings()
    in_use = packs.name_in_use(settings)
    available = packs.available()
    if as_json:
        print_json({"in_use": in_use, "packs": [dataclasses.asdict(pack) for pack in available]})
        return
    for pack in available:
        echo(f"{'*' if pack.name == in_use else ' '} {pack.name:16} {pack.source}")
    if not settings.prompt_pack:
        echo("None is set: the model's own pack is used where its manifest names one, else 'default'.", err=True)


@prompts.command()
@click.argument("name", required=False)
@click.option("--task", default=None, help="Only this task's template.")
def show(name: str | None, task: str | None) -> None:
    """Print the templates of the pack NAME [default: the one in use]."""
    pack = packs.load(name or packs.name_in_use(load_settings()))
    if task and task not in pack.templates:
        raise click.BadParameter(f"{task!r} is none of {', '.join(pack.templates)}", param_hint="--task")
    for key, template in pack.templates.items():
        if task in (None, key):
            echo(f"=== {key} ({pack.name})\n{template}\n")


@prompts.command("import")
@click.argument("folder", type=PATH)
def import_(folder: Path) -> None:
    """Read the exact wording from FOLDER, a checkout of upstream LEADS. Its code is read, never run."""
    pack = packs.import_upstream(folder)
    echo(f"Imported {len(pack.templates)} templates as the pack {pack.name!r}.")
    echo(f'Use it with --prompts {pack.name}, or for good: prompt_pack = "{pack.name}" in the settings.', err=True)
