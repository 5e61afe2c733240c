"""Model work from the command line, with an engine that needs no model, and without any."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from leads_local.config import Settings
from leads_local.engine.types import ModelInfo
from leads_local.records import Question
from leads_local.review.review import Review
from leads_local.tasks import prompts, screening
from tests.fake_engine import FakeEngine
from tests.jobs import work_fixture

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


def test_a_strategy_is_tried_without_a_model(leads: Leads, review: Path, tmp_path: Path) -> None:
    strategy = tmp_path / "strategy.txt"
    strategy.write_text("1. walking.ti,ab.\n2. zzz.ti.\n3. 1 or 2\n", encoding="utf-8")
    done = leads("search", review, "--test", strategy)
    assert done.code == 0, done.err
    assert [line[:2] for line in done.out.splitlines()[:3]] == ["1.", "2.", "3."]
    assert "Read as Ovid's. Tried on the 3 records" in done.out
    told = json.loads(leads("search", review, "--test", strategy, "--json").out)
    assert [line["number"] for line in told["lines"]] == [1, 2, 3]


def test_an_included_record_that_a_strategy_would_miss_is_named(leads: Leads, review: Path) -> None:
    assert leads("decide", review, "1", "include", "--reviewer", "Ann").code == 0
    done = leads("search", review, "--test", "zzz[tiab] AND aspirin[nonsense]")
    assert done.code == 1
    assert "Not found: record 1" in done.err and "lost by zzz" in done.err
    assert "the field [nonsense] is not known here" in done.err
    broken = leads("search", review, "--test", "(walking[tiab]")
    assert broken.code == 1 and "An opening bracket is never closed" in broken.err


@pytest.mark.parametrize(
    ("content", "said"), [(b"\x00\x01\x02PK", "no text"), (b"x" * 2_000_001, "too large"), (b" \n", "is empty")]
)
def test_a_file_that_is_no_strategy_is_refused(
    leads: Leads, review: Path, tmp_path: Path, content: bytes, said: str
) -> None:
    (tmp_path / "strategy.txt").write_bytes(content)
    done = leads("search", review, "--test", tmp_path / "strategy.txt")
    assert done.code == 2 and said in done.err
    mistyped = leads("search", review, "--test", tmp_path / "strateg.txt")
    assert mistyped.code == 2 and "strateg.txt: there is no such file." in mistyped.err, "it is no search term"


@pytest.mark.parametrize("command", ["screen", "search"])
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


def no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that fails the test when it is loaded."""

    def load(settings: object, progress: object = None) -> FakeEngine:
        raise AssertionError("the model was loaded")

    monkeypatch.setattr("leads_local.engine.host.open_engine", load)


@pytest.fixture
def known_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """The model's file was read before, so it is known without loading it."""
    monkeypatch.setattr("leads_local.engine.on_demand.known_model", lambda settings: FakeEngine().model)


UNTITLED = "TY  - JOUR\nAU  - Nobody, A.\nER  -\n"


@pytest.mark.usefixtures("fake_model")
def test_the_exit_code_tells_of_this_run(leads: Leads, review: Path, tmp_path: Path) -> None:
    (tmp_path / "untitled.ris").write_text(UNTITLED)
    leads("import", review, tmp_path / "untitled.ris")
    first = leads("screen", review)
    assert (first.code, "neither a title nor an abstract" in first.err) == (1, True)
    again = leads("screen", review)
    assert (again.code, "Nothing to do" in again.err) == (0, True)
    assert "some of it failed" in again.err
    assert "neither a title nor an abstract" in again.err  # it still stands there to be seen
    leads("decide", review, 1, "include")
    extraction = leads("extract", review)
    assert (extraction.code, "neither a title" in extraction.err) == (0, False)


def test_a_failure_of_this_run_is_told_by_the_exit_code_each_time(
    leads: Leads, review: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = FakeEngine(errors={"abstract/screening/3": "No."})
    monkeypatch.setattr("leads_local.engine.host.open_engine", lambda settings, progress=None, **_: broken)
    assert [leads("screen", review, *more).code for more in ([], [], ["--retry"])] == [1, 0, 1]


@pytest.mark.usefixtures("fake_model", "known_model")
def test_no_model_is_loaded_where_all_was_asked_before(
    leads: Leads, review: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert leads("screen", review).code == 0
    no_model(monkeypatch)
    done = leads("screen", review)
    assert (done.code, "Nothing to do: all that is wanted has been answered" in done.err) == (0, True)


def test_a_model_of_which_nothing_is_known_is_not_loaded_for_what_can_not_be_asked(
    leads: Leads, review: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_model(monkeypatch)
    bare = tmp_path / "no.leads"
    Review.create(bare, Question(title="No criteria")).close()
    assert leads("import", bare, tmp_path / "some.ris").code == 0
    for code, said, *command in (
        (0, "no record has been included", "extract", review),
        (0, "no record has been included", "screen", review, "--stage", "fulltext"),
        (0, "no record has been decided", "evaluate", review, "--mode", "triage"),
        (2, "no record 99999", "screen", review, "--reasons", 99999),
        (2, "not judged record 1", "screen", review, "--reasons", 1),
        (2, "no criteria", "screen", bare),
    ):
        done = leads(*command)
        assert (done.code, said in done.err) == (code, True), (command, done)


def test_a_job_that_is_stopped_while_the_model_loads_says_so(
    leads: Leads, review: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(settings: object, progress: Callable[[float], None], **_: object) -> FakeEngine:
        progress(0.5)
        signal.raise_signal(signal.SIGINT)
        progress(0.6)
        raise AssertionError("loading went on")

    monkeypatch.setattr("leads_local.engine.host.open_engine", load)
    done = leads("screen", review)
    assert done.code == 130
    assert "Stopped. 0 answers are kept" in done.err
    assert "Nothing to do" not in done.err


def test_a_second_job_is_told_who_works_and_loads_no_model(
    leads: Leads, review: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = [sys.executable, work_fixture.__file__, str(review), "abstract", "1.0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as other:
        try:
            assert other.stdout is not None and other.stdout.readline()
            no_model(monkeypatch)
            done = leads("screen", review)
        finally:
            other.kill()
    assert done.code == 2
    assert f"Screening abstracts, process {other.pid} on this computer, since" in done.err


def test_a_strategy_is_suggested_in_the_other_syntax(leads: Leads, review: Path, tmp_path: Path) -> None:
    (tmp_path / "ovid.txt").write_text("1. exp Knee/\n2. walk*.ti,ab,kf.\n3. 1 and 2\n")
    done = leads("search", review, "--translate", tmp_path / "ovid.txt")
    assert (done.code, done.out) == (0, '1. "Knee"[Mesh]\n2. walk*[tiab]\n3. #1 AND #2\n')
    assert "A suggestion in PubMed's syntax, from Ovid's" in done.err
    done = leads("search", review, "--translate", "knee[tiab] AND systematic[sb]")
    assert done.code == 1 and "systematic" in done.out
    assert "stands as it was: a subset of the database" in done.err
    assert leads("search", review, "--translate", "a[ti]", "--test", "a[ti]").code == 2
