"""Model work from the command line, with an engine that needs no model, and without any."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from leads_local.config import Settings
from leads_local.engine.types import ModelInfo
from leads_local.tasks import prompts, screening
from tests.fake_engine import FakeEngine

from .conftest import Done

Leads = Callable[..., Done]


@pytest.mark.usefixtures("fake_model")
def test_screen_judges_what_is_pending_once(leads: Leads, review: Path) -> None:
    leads("dedupe", review)
    done = leads("screen", review)
    assert done.code == 0, done.err
    assert "2 of 2" in done.out
    again = leads("screen", review)
    assert again.code == 0
    assert "Nothing to do" in again.err
    work = json.loads(leads("status", review, "--json").out)["work"]
    assert (work["done"], work["failed"]) == (2, 0)


def test_a_context_too_small_for_the_prompts_in_use_is_told(
    leads: Leads, review: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    needed = []

    def opened(settings: Settings, progress: object = None, *, least_context: int) -> FakeEngine:
        needed.append(least_context)
        return FakeEngine(model=ModelInfo("m", "m.gguf", context=1024, shortage="there is memory for 1,024 only"))

    monkeypatch.setattr("leads_local.engine.host.open_engine", opened)
    for pack in prompts.SHIPPED:
        assert "memory for 1,024 only" in leads("screen", review, "--prompts", pack).err
    assert needed == [screening.least_context(prompts.load(pack)) for pack in prompts.SHIPPED]


@pytest.mark.usefixtures("fake_model")
def test_search_prints_the_query_and_its_trial(leads: Leads, review: Path) -> None:
    done = leads("search", review, "--json")
    assert done.code == 0, done.err
    found = json.loads(done.out)
    assert found["query"]
    assert found["trial"]["records"] == 3


@pytest.mark.parametrize("command", ["screen", "extract", "search"])
def test_without_a_model_the_exit_code_is_three_and_says_how_to_get_one(
    leads: Leads, review: Path, command: str
) -> None:
    done = leads(command, review)
    assert done.code == 3
    assert "--model" in done.err


def test_a_form_that_is_none_is_refused_before_the_model_loads(leads: Leads, review: Path, tmp_path: Path) -> None:
    form = tmp_path / "form.toml"
    form.write_text("title = 3\n[[feild]]\n")
    done = leads("extract", review, "--form", form)
    assert done.code == 2
    assert "form.toml" in done.err


@pytest.mark.usefixtures("fake_model")
def test_where_nothing_can_be_asked_the_reason_and_the_next_step_are_said(
    leads: Leads, review: Path, tmp_path: Path
) -> None:
    empty = tmp_path / "empty.leads"
    leads("init", empty, "--criterion", "Design=randomised trial")
    assert "no records yet" in leads("screen", empty).err
    for command in (["extract", review], ["screen", review, "--stage", "fulltext"]):
        assert "included at the abstract stage" in leads(*command).err
    leads("decide", review, 1, "include")
    for command in (["extract", review], ["screen", review, "--stage", "fulltext"]):
        assert "no included record has a full text" in leads(*command).err


@pytest.mark.usefixtures("fake_model")
def test_a_stage_goes_on_as_it_was_begun_and_says_so(leads: Leads, review: Path) -> None:
    done = leads("screen", review, "--mode", "triage", "--layout", "criteria-first")
    assert done.code == 0, done.err
    on = leads("screen", review)
    assert "begun as (triage, criteria-first) and goes on so" in on.err
    assert "Nothing to do" in on.err
    anew = leads("screen", review, "--mode", "full")
    assert "begun as (triage, criteria-first)" in anew.err
    assert "3 of 3" in anew.out
    assert leads("screen", review, "--reasons", "1").code == 0
    refused = leads("screen", review, "--reasons", "99")
    assert refused.code == 2
    assert "no record 99" in refused.err


@pytest.mark.usefixtures("fake_model")
def test_evaluate_measures_what_was_decided_and_runs_what_is_asked_for(leads: Leads, review: Path) -> None:
    nothing = leads("evaluate", review)
    assert nothing.code == 0
    assert "has not judged anything" in nothing.out
    leads("decide", review, 1, "include")
    leads("decide", review, 3, "exclude")
    done = leads("evaluate", review, "--mode", "triage")
    assert done.code == 0, done.err
    assert "2 records judged and decided" in done.out
    assert "few decisions (1 included and 1 excluded)" in done.out
    assert "of what you included, the part that the model keeps" in done.out
    assert max(map(len, done.out.split("What the measures mean:")[1].split("\n\n")[0].splitlines())) <= 100
    leads("evaluate", review, "--layout", "criteria-first")
    found = json.loads(leads("evaluate", review, "--json").out)
    ways = [(result["variant"]["way"]["mode"], result["variant"]["way"]["layout"]) for result in found["results"]]
    assert ways == [("triage", "trained"), ("full", "criteria-first")]
    assert found["pairs"][0]["same_decisions"]["of"] == 2
    assert all(result["sensitivity"]["of"] == 1 for result in found["results"])
    assert json.loads(leads("status", review, "--json").out)["counts"]["progress"][0]["screened"] == 0
