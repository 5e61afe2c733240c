"""Packs are whole or not there; the one that comes with the program has the documented sections, placeholders and
keys."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable
from importlib import resources
from pathlib import Path

import pytest

from leads_local import paths
from leads_local.errors import InputError, LeadsError, PromptError
from leads_local.records import PaperPosition
from leads_local.tasks import prompts, schemas, templates, upstream

Checkout = Callable[..., Path]

SECTIONS = {
    "search": ["CONTEXT", "OBJECTIVE", "RESEARCH DETAILS", "RESPONSE"],
    "screening": ["CONTEXT", "OBJECTIVE", "IMPORTANT NOTE", "PAPER DETAILS", "EVALUATION CRITERIA", "RESPONSE"],
    "characteristics": ["CONTEXT", "OBJECTIVE", "PAPER CONTENT", "TARGET", "RESPONSE"],
    "results": ["CONTEXT", "PAPER CONTENT", "TARGET", "RESPONSE"],
    "participants": ["CONTEXT", "PAPER CONTENT", "TARGET", "RESPONSE"],
    "arms": ["CONTEXT", "PAPER CONTENT", "TARGET", "RESPONSE"],
}


def filled(pack: prompts.PromptPack, task: str) -> str:
    return pack.prompt(task, **{name: f"<{name}>" for name in templates.PLACEHOLDERS[task]})


def keys(value: object) -> set[str]:
    if isinstance(value, dict):
        return set(value) | {key for part in value.values() for key in keys(part)}
    return {key for part in value for key in keys(part)} if isinstance(value, list) else set()


def schema_keys(schema: dict[str, object]) -> set[str]:
    own = schema.get("properties", {})
    parts = [*own.values(), *schema.get("prefixItems", []), *([schema["items"]] if schema.get("items") else [])]  # type: ignore[attr-defined,misc]
    return set(own) | {key for part in parts for key in schema_keys(part)}  # type: ignore[call-overload]


@pytest.mark.parametrize("task", SECTIONS)
def test_the_default_pack_has_the_documented_structure(pack: prompts.PromptPack, task: str) -> None:
    text = filled(pack, task)
    assert re.findall(r"^# (.+) #$", text, re.MULTILINE) == SECTIONS[task]
    schema = {
        "search": schemas.search(),
        "screening": schemas.screening(2),
        "characteristics": schemas.characteristics(["a"], pack.quotes),
        "results": schemas.results(["a"]),
        "participants": schemas.participants(["G1"]),
        "arms": schemas.arms(),
    }[task]
    example = text.splitlines()[-1]
    assert keys(json.loads(example)) == schema_keys(schema), "the example in the prompt has the keys of the schema"
    assert len(text) < 1600, "prompts cost time on every record"


def test_paper_questions_open_with_the_same_words(pack: prompts.PromptPack) -> None:
    heads = {pack.templates[task].partition("{paper_content}")[0] for task in ("arms", "results", "participants")}
    assert len(heads) == 1, "else the evaluated paper can't be shared"


def test_screening_puts_the_paper_before_the_criteria(pack: prompts.PromptPack) -> None:
    template = pack.templates["screening"]
    assert template.index("{paper_content}") < template.index("{criteria_text}")


def test_packs_and_forms_are_package_data() -> None:
    root = resources.files("leads_local.tasks")
    for pack in prompts.SHIPPED:
        names = {entry.name for entry in root.joinpath("packs", pack).iterdir()}
        assert names == {"pack.toml", *(f"{task}.txt" for task in templates.PLACEHOLDERS)}
    assert root.joinpath("rct_form.toml").is_file()


def test_an_import_is_stored_listed_and_loaded_back(checkout: Checkout, home: Path) -> None:
    folder = checkout()
    pack = prompts.import_upstream(folder)
    assert dict(pack.templates) == upstream.read(folder)
    assert prompts.load("upstream") == pack
    assert str(folder) in pack.source and re.fullmatch(r"\d{4}-\d\d-\d\d", pack.imported)
    assert [info.name for info in prompts.available()] == ["default", "compact", "upstream"]
    assert not any(info.problem for info in prompts.available())
    assert [path.name for path in paths.prompts_dir().iterdir()] == ["upstream"], "nothing half-written is left"


def test_a_template_survives_storage_exactly(checkout: Checkout) -> None:
    text = "\n\n  {paper_content}\t≥ \\n\n\n"
    prompts.import_upstream(checkout(arm_design_extraction=f"ARM_PROMPT_TEMPLATE = {text!r}"), "exact")
    assert prompts.load("exact").templates["arms"] == text


def test_importing_again_replaces_and_a_bad_import_changes_nothing(checkout: Checkout, tmp_path: Path) -> None:
    folder = checkout()
    first = prompts.import_upstream(folder)
    module = folder / "leads" / "modules" / "arm_design_extraction.py"
    module.write_text("ARM_PROMPT_TEMPLATE = '{paper_content} {wrong}'", encoding="utf-8")
    with pytest.raises(PromptError, match="wrong"):
        prompts.import_upstream(folder)
    assert prompts.load("upstream") == first
    module.write_text("ARM_PROMPT_TEMPLATE = 'new {paper_content}'", encoding="utf-8")
    prompts.import_upstream(folder)
    assert prompts.load("upstream").templates["arms"] == "new {paper_content}"


@pytest.mark.parametrize("name", ["default", "", "../x", "a/b", ".hidden", "x" * 65, "a b"])
def test_names_that_would_be_paths_are_refused(checkout: Checkout, name: str) -> None:
    with pytest.raises(InputError, match="can't be the name"):
        prompts.import_upstream(checkout(), name)
    if name != "default":
        with pytest.raises(PromptError, match="no prompt pack"):
            prompts.load(name)


def test_a_damaged_pack_is_listed_with_its_problem(checkout: Checkout) -> None:
    prompts.import_upstream(checkout(), "mine")
    (paths.prompts_dir() / "mine" / "arms.txt").write_text("no place", encoding="utf-8")
    with pytest.raises(PromptError, match="arms: misses the placeholder"):
        prompts.load("mine")
    (paths.prompts_dir() / "mine" / "arms.txt").unlink()
    assert "arms.txt" in prompts.available()[-1].problem


def test_no_pack_can_be_made_that_would_not_pass(pack: prompts.PromptPack) -> None:
    with pytest.raises(PromptError, match="__class__"):
        dataclasses.replace(pack, templates={**pack.templates, "arms": "{paper_content.__class__}"})
    with pytest.raises(PromptError, match="no template for arms"):
        dataclasses.replace(pack, templates={t: x for t, x in pack.templates.items() if t != "arms"})


def test_a_folder_that_can_not_be_written_is_one_sentence(checkout: Checkout, home: Path) -> None:
    folder = checkout()
    paths.config_dir().parent.mkdir(parents=True, exist_ok=True)
    paths.config_dir().write_text("a file where the folder should be", encoding="utf-8")
    with pytest.raises(LeadsError, match="can't be stored"):
        prompts.import_upstream(folder)


@pytest.mark.parametrize("task", templates.PLACEHOLDERS)
def test_hostile_texts_go_in_verbatim(pack: prompts.PromptPack, task: str, hostile: str) -> None:
    values = {name: f"<{name}>" for name in templates.PLACEHOLDERS[task]}
    name = templates.PLACEHOLDERS[task][0]
    assert pack.prompt(task, **{**values, name: hostile}) == pack.prompt(task, **values).replace(f"<{name}>", hostile)


def test_the_compact_pack_puts_the_paper_first_so_that_all_questions_share_it() -> None:
    pack = prompts.load("compact")
    openings = {text.partition("{paper_content}")[0] for task, text in pack.templates.items() if task != "search"}
    assert len(openings) == 1
    assert all(len(text) < 250 for text in pack.templates.values())


@pytest.mark.parametrize("name", prompts.SHIPPED)
def test_no_import_takes_the_place_of_a_pack_that_comes_with_the_program(checkout: Checkout, name: str) -> None:
    with pytest.raises(InputError, match="can't be the name"):
        prompts.import_upstream(checkout(), name)


@pytest.mark.parametrize("name", prompts.SHIPPED)
def test_a_pack_with_the_paper_last_asks_the_same_in_another_order(name: str) -> None:
    trained = prompts.load(name)
    moved = trained.with_paper_position(PaperPosition.CRITERIA_FIRST)
    assert trained.with_paper_position(PaperPosition.TRAINED) is trained
    assert {task for task in trained.templates if trained.templates[task] != moved.templates[task]} == {"screening"}
    text = moved.templates["screening"]
    assert sorted(text.split()) == sorted(trained.templates["screening"].split())
    assert text.endswith("{paper_content}")
