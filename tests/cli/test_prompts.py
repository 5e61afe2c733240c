"""Prompt packs from the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from leads_local import paths
from leads_local.engine import installed

from .conftest import Done

Leads = Callable[..., Done]


def test_list_names_the_pack_in_use(leads: Leads) -> None:
    assert "* default" in leads("prompts", "list").out
    assert {"default", "compact"} <= {p["name"] for p in json.loads(leads("prompts", "list", "--json").out)["packs"]}


def test_the_models_own_pack_is_in_use_where_none_is_set(
    leads: Leads, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the jobs choose it."""
    monkeypatch.setattr(installed, "read_manifest_entry", lambda path: {"prompt_pack": "compact"})
    monkeypatch.setenv("LEADS_LOCAL_MODEL", str(tmp_path / "small.gguf"))
    assert "* compact" in leads("prompts", "list").out
    assert "(compact)" in leads("prompts", "show").out and "(default)" not in leads("prompts", "show").out
    paths.settings_file().parent.mkdir(parents=True, exist_ok=True)
    paths.settings_file().write_text('prompt_pack = "default"\n')
    assert "* default" in leads("prompts", "list").out


def test_show_prints_every_template_or_one(leads: Leads) -> None:
    everything = leads("prompts", "show").out
    assert everything.count("===") == 6
    assert leads("prompts", "show", "--task", "screening").out.count("===") == 1
    assert leads("prompts", "show", "--task", "nonsense").code == 2


def test_import_of_something_else_is_refused(leads: Leads, tmp_path: Path) -> None:
    done = leads("prompts", "import", tmp_path)
    assert done.code == 2
    assert str(tmp_path) in done.err
    assert "default" in leads("prompts", "list").out
