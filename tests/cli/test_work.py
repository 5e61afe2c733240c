"""Model work from the command line, with an engine that needs no model, and without any."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

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


@pytest.mark.usefixtures("fake_model")
def test_search_prints_the_query_and_its_trial(leads: Leads, review: Path) -> None:
    done = leads("search", review, "--json")
    assert done.code == 0, done.err
    found = json.loads(done.out)
    assert found["query"]
    assert found["trial"]["records"] == 3


@pytest.mark.parametrize("command", ["screen", "extract", "search"])
def test_without_a_model_the_exit_code_is_three_and_says_how_to_get_one(leads: Leads, review: Path, command: str) -> None:
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
def test_where_nothing_can_be_asked_the_reason_and_the_next_step_are_said(leads: Leads, review: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty.leads"
    leads("init", empty, "--criterion", "Design=randomised trial")
    assert "no records yet" in leads("screen", empty).err
    for command in (["extract", review], ["screen", review, "--stage", "fulltext"]):
        assert "included at the abstract stage" in leads(*command).err
    leads("decide", review, 1, "include")
    for command in (["extract", review], ["screen", review, "--stage", "fulltext"]):
        assert "no included record has a full text" in leads(*command).err
