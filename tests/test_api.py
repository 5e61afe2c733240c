"""The twelve functions take and give what upstream's do, and a failure belongs to its item."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from leads_local import api
from leads_local.config import Settings
from leads_local.engine import host
from leads_local.engine.types import FinishReason, Reply, Request
from leads_local.errors import ConfigError, InputError, LeadsError, ModelError, PromptError, ReplyError
from leads_local.tasks import prompts
from leads_local.tasks.screening import least_context
from leads_local.tui import app
from tests.checkpoints import tiny_gguf
from tests.fake_engine import FakeEngine
from tests.patience import patience

PICO = {
    "population": "adults with insomnia",
    "intervention": "melatonin",
    "comparison": "placebo",
    "outcome": "sleep quality",
}

# As LEADS_INTERFACE documents upstream: name → arguments in order.
SIGNATURES = {
    "search_query_generation": ["population", "intervention", "comparison", "outcome"],
    "screening_study": ["paper_content", "population", "intervention", "comparison", "outcome"],
    "extract_study_characteristics": ["paper_content", "fields_info"],
    "extract_trial_result": ["paper_content", "outcome_def", "group_def"],
    "extract_population_statistics": ["paper_content", "measureDef", "paramType", "unitOfMeasure", "groupDef"],
    "extract_arm_design": ["paper_content"],
}
EXTRACTIONS: dict[str, tuple[Any, ...]] = {
    "screening_study": tuple(PICO.values()),
    "extract_study_characteristics": (["Country: where", "Sample size: how many"],),
    "extract_trial_result": ("Sleep: minutes", "A: drug\nB: placebo"),
    "extract_population_statistics": ("Age", "MEAN", "years", "G1: A\nG2: B"),
    "extract_arm_design": (),
}


@pytest.fixture
def engine() -> Iterator[FakeEngine]:
    fake = FakeEngine(reverse=True, window=3)
    api.configure(engine=fake)
    yield fake
    api.configure()


def screening(*words: str) -> str:
    return json.dumps({"evaluations": [{"eligibility": word, "rationale": "because"} for word in words]})


@pytest.mark.parametrize("name", SIGNATURES)
def test_names_and_order_of_arguments_are_upstream_s(name: str) -> None:
    single = inspect.signature(getattr(api, name)).parameters
    assert list(single) == SIGNATURES[name]
    assert all(p.default is None for p in single.values()) == (name == "search_query_generation")
    batch = inspect.signature(getattr(api, f"batch_{name}")).parameters
    if name == "search_query_generation":
        assert list(batch) == ["pico_list", "batch_size"]
    else:
        assert list(batch) == ["paper_contents", *SIGNATURES[name][1:], "batch_size"]
    assert batch["batch_size"].default == 20


@pytest.mark.parametrize("name", EXTRACTIONS)
def test_a_batch_gives_what_single_calls_give_in_order(engine: FakeEngine, name: str) -> None:
    papers = [f"paper {n} " + "x" * n for n in range(7)]
    single = [getattr(api, name)(paper, *EXTRACTIONS[name]) for paper in papers]
    assert getattr(api, f"batch_{name}")(papers, *EXTRACTIONS[name]) == single
    assert getattr(api, f"batch_{name}")([], *EXTRACTIONS[name]) == []


def test_a_batch_of_questions_gives_what_single_calls_give(engine: FakeEngine) -> None:
    picos = [{**PICO, "population": f"group {n}"} for n in range(5)] + [{"outcome": "pain"}]
    assert api.batch_search_query_generation(picos, 2) == [api.search_query_generation(**pico) for pico in picos]


def test_search_gives_every_choice_as_text() -> None:
    api.configure(engine=FakeEngine(lambda _: json.dumps({"query": "(a OR b) AND (c OR d) AND e"})))
    assert api.search_query_generation("p") == ["a AND c AND e", "a AND d AND e", "b AND c AND e", "b AND d AND e"]


def test_screening_gives_evaluations_and_the_documented_score() -> None:
    api.configure(engine=FakeEngine(lambda _: screening("YES", "PARTIAL", "NO", "UNCERTAIN")))
    evaluations, score = api.screening_study("paper", *PICO.values())
    assert [set(row) for row in evaluations] == [{"eligibility", "rationale"}] * 4
    assert [row["eligibility"] for row in evaluations] == ["YES", "PARTIAL", "NO", "UNCERTAIN"]
    assert score == 0.125


@pytest.mark.parametrize("empty", [None, "", "  "])
def test_empty_parts_are_neither_sent_nor_scored(engine: FakeEngine, empty: str | None) -> None:
    evaluations, _ = api.screening_study("paper", "adults", empty, empty, "pain")
    assert len(evaluations) == 2
    prompt = engine.seen[-1].prompt
    assert (
        "1: Population: adults. 2: Outcome: pain" in prompt
        and "Intervention:" not in prompt
        and "Comparison:" not in prompt
    )
    with pytest.raises(InputError):
        api.screening_study("paper", empty, empty, empty, empty)
    with pytest.raises(InputError):
        api.search_query_generation(comparison=empty)


def test_shapes_of_extraction(engine: FakeEngine) -> None:
    many = [f"Field {n}: meaning {n}" for n in range(19)]
    fields = api.extract_study_characteristics("paper", many)
    assert list(fields) == ["fields"] and [list(row) for row in fields["fields"]] == [["name", "value"]] * 19
    assert [row["name"] for row in fields["fields"]] == [f"Field {n}" for n in range(19)]
    result = api.extract_trial_result("paper", "o", "g")
    assert list(result) == ["paramType", "unitOfMeasure", "timeFrame", "unitOfDenom", "denomValue", "results"]
    assert all(list(row) == ["value", "title"] for row in result["results"])
    statistics = api.extract_population_statistics("paper", "m", "MEAN", "years", "g")
    assert list(statistics) == ["results"] and all(
        list(row) == ["groupId", "value", "note"] for row in statistics["results"]
    )
    for arm in api.extract_arm_design("paper"):
        assert list(arm) == ["label", "type", "description", "interventionNames"] and isinstance(
            arm["interventionNames"], list
        )


def test_a_failure_belongs_to_its_item() -> None:
    def answer(request: Request) -> str | Reply:
        if "cut me" in request.prompt:
            return Reply("", text=screening("YES", "YES"), finish=FinishReason.LENGTH)
        if "too long" in request.prompt:
            raise ValueError("it does not fit into the context")
        return "no JSON at all" if "mumble" in request.prompt else screening("YES", "NO", "NO", "NO")

    api.configure(engine=FakeEngine(answer))
    papers: list[Any] = ["fine", "cut me", "mumble", "too long", None, "fine"]
    found = api.batch_screening_study(papers, *PICO.values())
    assert [type(item) for item in found] == [tuple, ReplyError, ReplyError, ReplyError, InputError, tuple]
    assert "context" in str(found[3]) and found[0] == found[5]
    for paper, kind in (("cut me", ReplyError), ("mumble", ReplyError), (None, InputError)):
        with pytest.raises(kind):
            api.screening_study(paper, *PICO.values())


def test_what_was_answered_before_the_model_ended_is_kept() -> None:
    api.configure(engine=FakeEngine(dies_after=2))
    found = api.batch_extract_arm_design(["a", "b", "c"])
    assert [isinstance(item, ModelError) for item in found] == [False, False, True]


def test_a_batch_takes_one_argument_for_all_or_one_for_each(engine: FakeEngine) -> None:
    api.batch_screening_study(["x", "y"], ["adults", "children"], "drug", None, "pain")
    assert ["adults" in request.prompt for request in engine.seen] == [True, False]
    with pytest.raises(InputError, match="population has 3 entries for 2 papers"):
        api.batch_screening_study(["x", "y"], ["a", "b", "c"], "drug", None, "pain")
    found = api.batch_extract_study_characteristics(["x", "y"], [["A: a"], ["B: b"]])
    assert [item["fields"][0]["name"] for item in found if not isinstance(item, LeadsError)] == ["A", "B"]
    with pytest.raises(InputError, match="a list of texts"):
        api.batch_extract_arm_design("one text")


@pytest.mark.parametrize("fields", ["Age: years", ["Age", "age: years"], [": nameless"], [], [5]])
def test_fields_that_can_not_be_asked_are_refused(engine: FakeEngine, fields: Any) -> None:
    with pytest.raises(InputError):
        api.extract_study_characteristics("paper", fields)
    assert engine.seen == []


def test_a_description_may_hold_colons(engine: FakeEngine) -> None:
    api.extract_study_characteristics("paper", ["Ratio: as 1:2"])
    assert "<field id=0>Ratio: as 1:2</field>" in engine.seen[0].prompt


def test_nothing_is_asked_twice_and_an_engine_that_was_given_stays_open(engine: FakeEngine) -> None:
    api.batch_extract_arm_design(["a", "b"])
    assert len(engine.seen) == 2
    api.close()
    assert not engine.closed
    api.extract_arm_design("c")
    assert len(engine.seen) == 3


def test_without_a_model_the_error_says_so() -> None:
    api.configure()
    with pytest.raises(ModelError):
        api.extract_arm_design("paper")
    with pytest.raises(ModelError):
        api.batch_extract_arm_design(["paper"])


def test_settings_are_checked_when_they_are_given() -> None:
    with pytest.raises(ConfigError, match="gpu_layer"):
        api.configure(gpu_layer=0)
    with pytest.raises(PromptError, match="no prompt pack"):
        api.configure(prompt_pack="nothing")


def test_the_model_of_the_settings_is_opened_once_and_closed(tmp_path: Path) -> None:
    model, before = tiny_gguf(tmp_path), set(psutil.Process().children())
    api.configure(model=str(model), sequences=2, gpu_layers=0)
    try:
        evaluations, score = api.screening_study("[Title] T\n[Abstract] A", "adults", None, None, None)
        (child,) = set(psutil.Process().children()) - before
        assert len(evaluations) == 1 and -1 <= score <= 1
        assert api.screening_study("[Title] T\n[Abstract] A", "adults", "", "", "") == (evaluations, score), (
            "greedy answers agree"
        )
        assert set(psutil.Process().children()) - before == {child}
    finally:
        api.configure()
    child.wait(patience(10))


def test_the_plan_is_told_what_the_prompts_in_use_need(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the functions, and by the screen."""
    needed = []

    def opened(settings: object, loading: object = None, *, least_context: int) -> FakeEngine:
        needed.append(least_context)
        return FakeEngine()

    monkeypatch.setattr(host, "open_engine", opened)
    for pack in prompts.SHIPPED:
        api.configure(model="m.gguf", prompt_pack=pack)
        api.extract_arm_design("A paper.")
        app._open_engine(Settings(model="m.gguf", prompt_pack=pack), lambda part: None)
    api.configure()
    assert needed == [least_context(prompts.load(pack)) for pack in prompts.SHIPPED for _ in range(2)]


def test_the_first_call_shuts_the_network(tmp_path: Path) -> None:
    script = (
        "import socket, tests.fake_engine as fake\nfrom leads_local import api\n"
        "socket.socket().close()\n"
        "api.configure(engine=fake.FakeEngine())\napi.extract_arm_design('paper')\n"
        "try:\n    socket.socket()\nexcept OSError as error:\n    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=Path(__file__).parents[1], check=True
    )
    assert "offline" in done.stdout
