"""Commands on the models of this computer: list them, check them against their manifest, choose one."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import click

from leads_local import config, files, paths, terminal_text
from leads_local.cli.arguments import json_option, load_settings, open_model
from leads_local.cli.echo import echo, print_json
from leads_local.cli.model_jobs import pack_for
from leads_local.cli.progress import bar
from leads_local.converter import spelling
from leads_local.engine import disk_prefix_cache, header, identity, installed
from leads_local.engine.installed import InstalledModel
from leads_local.errors import ExitCode, ModelError
from leads_local.tasks import style_probe, style_store

SAMPLE_SHOWN = 90
UNITS = {"size": "bytes", "context": "tokens"}


def known_models() -> list[InstalledModel]:
    """What lies in the models folder, beside the model in use, and in ``models`` under the current folder."""
    in_use = load_settings().model
    folders = [paths.models_dir(), *([Path(in_use).parent] if in_use else []), Path("models")]
    return installed.list_installed(folders)


def find_model(name: str) -> InstalledModel:
    """The model whose path or file name is ``name``. Raises ModelError that lists what there is."""
    path = paths.expand(name)
    wrong = files.why_unreadable(path, "a GGUF file")
    if not wrong:
        return installed.describe(path)
    if path.is_dir():
        raise ModelError(f"{path}: {wrong}.", f"Convert it first: leads-local convert {path} --quant Q4_K_M.")
    if path.exists():
        raise ModelError(f"{path}: {wrong}.", "Give the path of a GGUF file.")
    models = known_models()
    for is_named in (str.__eq__, spelling.is_alike):
        for model in models:
            if any(is_named(name, known) for known in (model.path.name, model.path.stem)):
                return model
    there = ", ".join(model.path.name for model in models)
    do = (
        f"Give a path or one of these: {there}."
        if there
        else "Give the path of a GGUF file, or convert a checkpoint first."
    )
    raise ModelError(f"{name}: there is no such model file.", do)


@click.group()
def models() -> None:
    """The models on this computer: list, show, verify, use; forget what they read."""


@models.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List the models and what is known of each; * marks the one in use."""
    found, in_use = known_models(), load_settings().model
    if as_json:
        print_json([dataclasses.asdict(model) for model in found])
        return
    if not found:
        echo("No model here yet: leads-local convert SRC_DIR --quant Q4_K_M makes one from LEADS' weights.", err=True)
    for model in found:
        mark = "*" if in_use and spelling.is_same_file(model.path, Path(in_use)) else " "
        about = f"{model.quantization or '?':8} {files.size_in_words(model.size):>9}"
        about += f"  context {model.context:,} tokens" if model.context else ""
        echo(f"{mark} {model.path.name:44} {about}  {model.path.parent}")
        if model.notice:
            echo(f"    {model.notice}")
        if model.adapter:
            echo(f"    merged with {model.adapter}")
        for measured in model.measured:
            echo(f"    {measured}")
        if not model.known:
            echo("    not in a manifest: where it comes from is not recorded")


@models.command()
@click.argument("name", metavar="MODEL")
@click.option("--probe", is_flag=True, help="Load the model and look now at every task that was not looked at.")
@click.option(
    "--prompts",
    "prompt_pack",
    default=None,
    help="Prompt pack to look with [default: the model's own, else 'default'].",
)
@json_option
def show(name: str, probe: bool, prompt_pack: str | None, as_json: bool) -> None:
    """Show all that is known of MODEL.

    Also how it lays out its JSON answers: that was found when it first worked, and is kept to.
    """
    model = find_model(name)
    if probe:
        settings = load_settings(model=str(model.path), prompt_pack=prompt_pack)
        with open_model(settings) as engine:
            pack_for(engine, settings.prompt_pack, style_probe.TASKS)
    found = style_store.read_findings(identity.of(model.path))
    if as_json:
        print_json(
            {**dataclasses.asdict(model), "layouts": {key: dataclasses.asdict(one) for key, one in found.items()}}
        )
        return
    for field in dataclasses.fields(model):
        if field.name != "known" and (value := getattr(model, field.name)):
            told = f"{value:,} {UNITS.get(field.name, '')}".rstrip() if isinstance(value, int) else value
            echo(f"{field.name.replace('_', ' '):14} {told}")
    echo("layout of JSON (by prompt pack and task):")
    for key in sorted(found):
        echo(f"  {terminal_text.safe_line(key):26} {found[key].in_words()}")
        if found[key].layout is None:
            echo(f"    it wrote: {terminal_text.safe_line(found[key].sample)[:SAMPLE_SHOWN]}")
    if not found:
        echo("  not looked at yet: the model's first work does, or --probe")


@models.command()
@click.argument("names", nargs=-1, metavar="[MODEL…]")
def verify(names: tuple[str, ...]) -> int:
    """Read model files whole and compare them with what was written down when they were made."""
    chosen = [find_model(name) for name in names] or known_models()
    bad = 0
    for model in chosen:
        with bar(model.path.name, total=model.size, unit="B", unit_scale=True, leave=False, delay=1.0) as shown:
            problem = installed.verify(model, lambda done, shown=shown: shown.update(done))  # type: ignore[misc]
        bad += bool(problem)
        echo(f"{model.path}: {problem or 'as it was made.'}", err=bool(problem))
    return ExitCode.look_if(bad)


@models.command()
@click.argument("name", metavar="MODEL")
def use(name: str) -> None:
    """Use MODEL from now on (a path, or a name that models list shows)."""
    model = find_model(name)
    header.read(model.path)
    chosen = str(model.path.resolve())
    file = config.save(dataclasses.replace(config.load_stored(), model=chosen))
    in_force, variable = load_settings().model, config.overriding_variable("model")
    if variable and not spelling.is_same_file(Path(in_force), model.path):
        echo(
            f"{model.path.name} is written to {file}, but not used yet: {variable} is set to {in_force} and comes "
            "first.",
            err=True,
        )
        echo(f"Unset {variable} to use {model.path.name}.", err=True)
        return
    echo(f"{model.path.name} is used from now on (written to {file}).")


@models.command()
def forget() -> None:
    """Delete what is kept of papers that models have read.

    How much may be kept says paper_cache in the settings.
    """
    echo(f"{disk_prefix_cache.clear() / 2**30:.2f} GiB deleted. Papers are read anew when they are asked about again.")
