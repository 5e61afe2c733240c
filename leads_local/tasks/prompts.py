"""Prompt packs: the wording of each task's user turn. Two come with the program, others are read from a checkout of
upstream.

A pack is a folder with ``TASK.txt`` for each task and ``pack.toml`` that says where it is from. Every pack in use has
passed the check of its placeholders. An import is stored whole or not at all, and never changes a pack that comes with
the program.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from types import MappingProxyType

from leads_local import durable, paths, private, toml_text
from leads_local.config import Settings, toml_value
from leads_local.engine.json_style import JsonStyle
from leads_local.errors import InputError, PromptError
from leads_local.records import PaperPosition
from leads_local.tasks import templates, upstream

DEFAULT = "default"
SHIPPED = (DEFAULT, "compact")
"""The packs that come with the program: the default, and a short one for very small models such as the demo's."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


@dataclass(frozen=True, slots=True)
class PromptPack:
    """Task → template. ``quotes`` says that this pack asks for the words of the paper before each characteristic's
    value. Two are for very small models, which lose their place in a list, as LEADS does not: ``named`` that each
    judgement and each value of a group begins with the criterion or group that it is about, ``split`` that each
    criterion is asked about alone.

    ``layouts``: task → how the model in use lays out its answer in this wording, for those that are known.
    """

    name: str
    source: str
    templates: Mapping[str, str]
    quotes: bool = False
    imported: str = ""
    named: bool = False
    split: bool = False
    json_styles: Mapping[str, JsonStyle] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        absent = [task for task in templates.PLACEHOLDERS if task not in self.templates]
        if absent:
            raise PromptError(
                f"The prompt pack {self.name} has no template for {', '.join(absent)}.", "Import it again."
            )
        for task in templates.PLACEHOLDERS:
            templates.check(task, self.templates[task], f"Prompt pack {self.name}, template {task}:")

    def prompt(self, task: str, **values: str) -> str:
        """The user turn of ``task`` with ``values`` put in verbatim."""
        return templates.fill(self.templates[task], values)

    def with_paper_position(self, layout: PaperPosition) -> PromptPack:
        """This pack with its screening prompt in ``layout``. Raises PromptError where it can't be arranged so."""
        if layout is PaperPosition.TRAINED:
            return self
        last = templates.move_paper_last(self.templates["screening"], f"Prompt pack {self.name}, template screening:")
        return replace(self, templates=MappingProxyType({**self.templates, "screening": last}))


@dataclass(frozen=True, slots=True)
class PackInfo:
    """One pack for a list of them. ``imported`` is an ISO date or ""; ``problem`` says why it can't be used, if so."""

    name: str
    source: str = ""
    quotes: bool = False
    imported: str = ""
    problem: str = ""


def load(name: str = DEFAULT) -> PromptPack:
    """The pack called ``name``. Raises PromptError when there is none of that name or it can't be used."""
    folder = _folder(name)
    if folder is None:
        known = ", ".join(info.name for info in available())
        raise PromptError(
            f"There is no prompt pack called {name!r}.",
            f"There are: {known}. Import one with: leads-local prompts import DIR",
        )
    try:
        about = toml_text.read(folder.joinpath("pack.toml"))
        texts = {task: _read(folder.joinpath(f"{task}.txt")) for task in templates.PLACEHOLDERS}
    except (OSError, ValueError) as error:
        raise PromptError(f"The prompt pack {name} in {folder} can't be read: {error}.", "Import it again.") from error
    source, imported = str(about.get("source", "")), str(about.get("imported", ""))
    quotes, named, split = (about.get(flag) is True for flag in ("quotes", "named", "split"))
    return PromptPack(name, source, MappingProxyType(texts), quotes, imported, named, split)


def choose_name(asked: str, of_model: str = "") -> str:
    """The pack to use: the one that was ``asked`` for (by the option or the settings), else the one that the
    model was made with, else the default."""
    return asked or of_model or DEFAULT


def choose(asked: str, of_model: str = "") -> PromptPack:
    """``load`` of what ``choose_name`` says."""
    return load(choose_name(asked, of_model))


def name_in_use(settings: Settings) -> str:
    """The name of the pack that ``settings`` name, else of the one that their model is made for, else the default's."""
    from leads_local.engine import installed  # the converter's modules, which a review without a model needs not

    return choose_name(settings.prompt_pack, installed.prompt_pack(settings.model))


def in_use(settings: Settings) -> PromptPack:
    """``load`` of what ``name_in_use`` says."""
    return load(name_in_use(settings))


def available() -> list[PackInfo]:
    """All packs: those that come with the program first, then imported ones by name, with their problem if they have
    one."""
    home = paths.prompts_dir()
    imported = (
        sorted(path.name for path in home.iterdir() if path.is_dir() and _NAME.fullmatch(path.name))
        if home.is_dir()
        else []
    )
    infos = []
    for name in [*SHIPPED, *(name for name in imported if name not in SHIPPED)]:
        try:
            pack = load(name)
        except PromptError as error:
            infos.append(PackInfo(name, problem=error.message))
        else:
            infos.append(PackInfo(name, pack.source, pack.quotes, pack.imported))
    return infos


def import_upstream(checkout: Path, name: str = "upstream") -> PromptPack:
    """Read the exact prompts of ``checkout`` (see ``tasks.upstream``), store them as pack ``name`` and return it.

    A pack of that name is replaced. Raises InputError for a bad checkout or name, PromptError for a template that can't
    be used.
    """
    if name in SHIPPED or not _NAME.fullmatch(name):
        taken = " or ".join(f"'{shipped}'" for shipped in SHIPPED)
        raise InputError(
            f"{name!r} can't be the name of an imported prompt pack.", f"Use letters, digits, - and _, and not {taken}."
        )
    checkout = paths.expand(checkout).absolute()
    imported = datetime.now(UTC).date().isoformat()
    pack = PromptPack(name, f"LEADS checkout {checkout}", MappingProxyType(upstream.read(checkout)), imported=imported)
    try:
        _store(pack)
    except OSError as error:
        raise InputError(
            f"The prompt pack can't be stored in {paths.prompts_dir()}: {error}.",
            "Make room or correct the permissions there.",
        ) from error
    return pack


def _folder(name: str) -> Traversable | None:
    if name in SHIPPED:
        return resources.files("leads_local.tasks").joinpath("packs", name)
    folder = paths.prompts_dir() / name
    return folder if _NAME.fullmatch(name) and folder.is_dir() else None


def _read(file: Traversable) -> str:
    """The text of a template file, whose last line end is the file's own and no part of the template."""
    return file.read_bytes().decode("utf-8-sig").replace("\r\n", "\n").removesuffix("\n")


def _store(pack: PromptPack) -> None:
    home = paths.prompts_dir()
    part, old, final = home / f".{pack.name}.part", home / f".{pack.name}.old", home / pack.name
    if old.exists() and not final.exists():  # the program was killed between two names
        durable.rename(old, final)
    for left in (part, old):
        if left.exists():
            shutil.rmtree(left)
    private.make_folder(part)
    for task, text in pack.templates.items():
        private.replace_file(part / f"{task}.txt", f"{text}\n".encode())
    about = (
        f"source = {toml_value(pack.source)}\nimported = {toml_value(pack.imported)}\nquotes = "
        f"{str(pack.quotes).lower()}\n"
    )
    private.replace_file(part / "pack.toml", about.encode("utf-8", "replace"))
    if final.exists():
        durable.rename(final, old)
    try:
        durable.rename(part, final)
    except BaseException:
        if old.exists():
            durable.rename(old, final)
        raise
    if old.exists():
        shutil.rmtree(old)
