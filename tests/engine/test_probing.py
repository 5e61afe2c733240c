"""How a model lays out its JSON is found once for each task, kept with the model, and forced from then on."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from leads_local import paths
from leads_local.config import Settings
from leads_local.engine import layouts, probing
from leads_local.engine.host import open_engine
from leads_local.json_layout import JsonLayout
from leads_local.records import Criterion, Finish, ModelInfo, Reply, Request
from leads_local.tasks import prompts, screening
from tests.fake_engine import FakeEngine, answer_for
from tests.test_json_layout import written

PACK = prompts.load()
INDENTED = JsonLayout(indent="  ", fence="```json")


@pytest.fixture
def model(tmp_path: Path) -> ModelInfo:
    """A model that has a file, so that something can be kept with it."""
    (tmp_path / "m.gguf").write_bytes(b"GGUF")
    return ModelInfo("m", str(tmp_path / "m.gguf"), context=4096)


def writing(layout: JsonLayout, model: ModelInfo) -> FakeEngine:
    """A model that writes ``layout`` wherever its white space is free, and else what it is forced to."""

    def answer(request: Request) -> str:
        assert request.schema is not None
        own = layout if request.layout is not None and request.layout.free else request.layout or JsonLayout()
        return written(answer_for(request.schema, request.prompt), own)

    return FakeEngine(answer, model=model)


def test_what_a_model_writes_is_found_once_and_forced(model: ModelInfo) -> None:
    engine = writing(INDENTED, model)
    pack = probing.fitted(PACK, engine)
    assert len(engine.seen) == len(probing.TASKS)
    assert pack.layouts == dict.fromkeys(probing.TASKS, INDENTED)
    again = writing(INDENTED, model)
    assert probing.fitted(PACK, again) == pack
    assert again.seen == []
    request = screening.request("r", "A paper.", [Criterion("Design", "randomised")], pack)
    assert request.layout == INDENTED
    (reply,) = again.run([request])
    assert reply.text.startswith("```json\n{\n  ")
    assert screening.parse(reply, [Criterion("Design", "randomised")])


@pytest.mark.parametrize(("value", "bare"), [("3.10", False), (3.1, True), (None, True), ("NA", True)])
def test_whether_numbers_stand_bare_is_found_where_they_may(model: ModelInfo, value: object, bare: bool) -> None:
    def answer(request: Request) -> str:
        assert request.schema is not None
        said = answer_for(request.schema, request.prompt)
        for row in said["results"]:
            row["value"] = value
        return json.dumps(said | ({"denomValue": value} if "denomValue" in said else {}))

    probing.fitted(PACK, FakeEngine(answer, model=model), ("results", "participants"))
    found = layouts.known(probing.identity(model))
    assert [found[f"default/{task}"].layout for task in ("results", "participants")] == [JsonLayout(numbers=bare)] * 2


def test_a_number_in_quotation_marks_is_no_matter_where_all_are_texts(model: ModelInfo) -> None:
    engine = FakeEngine(lambda request: '[{"name": "Sample size", "value": "84"}]', model=model)
    probing.fitted(PACK, engine, ("characteristics",))
    assert layouts.known(probing.identity(model))["default/characteristics"].layout == JsonLayout()


def test_the_default_needs_no_mention_and_changes_no_key(model: ModelInfo) -> None:
    pack = probing.fitted(PACK, writing(JsonLayout(), model))
    assert pack == PACK
    assert layouts.known(probing.identity(model))["default/screening"].in_words().endswith("(the default)")


def test_each_task_is_looked_at_when_it_is_first_wanted_and_each_pack_by_itself(model: ModelInfo) -> None:
    engine = writing(INDENTED, model)
    assert set(probing.fitted(PACK, engine, probing.SCREENING).layouts) == {"screening"}
    assert set(probing.fitted(PACK, engine, probing.EXTRACTION).layouts) == set(probing.SCREENING + probing.EXTRACTION)
    probing.fitted(replace(PACK, name="other"), engine, probing.SCREENING)
    assert len(engine.seen) == 6


@pytest.mark.parametrize(
    "text", ['{"a": 1,\n "b": 2}', "no JSON at all", '{"query": "x"', " " * 30], ids=["mixed", "no JSON", "cut", "white space"]
)
def test_no_clear_layout_is_kept_as_that_and_the_default_is_forced(model: ModelInfo, text: str) -> None:
    engine = FakeEngine(lambda request: text, model=model)
    assert probing.fitted(PACK, engine).layouts == {}
    found = layouts.known(probing.identity(model))["default/screening"]
    assert found.layout is None
    assert "no clear layout, so the default is forced" in found.in_words()
    assert found.sample == text
    assert probing.fitted(PACK, writing(INDENTED, model)).layouts == {}


def test_what_did_not_answer_is_looked_at_again(model: ModelInfo) -> None:
    failing = FakeEngine(lambda request: Reply("", finish=Finish.ERROR, error="No."), model=model)
    assert probing.fitted(PACK, failing).layouts == {}
    stop = threading.Event()
    stop.set()
    assert probing.fitted(PACK, writing(INDENTED, model), cancel=stop).layouts == {}
    assert layouts.known(probing.identity(model)) == {}
    assert probing.fitted(PACK, writing(INDENTED, model)).layouts


def test_a_model_without_a_file_is_not_looked_at() -> None:
    engine = FakeEngine()
    assert probing.fitted(PACK, engine) is PACK
    assert engine.seen == []


def test_a_model_that_was_changed_is_looked_at_anew(model: ModelInfo) -> None:
    probing.fitted(PACK, writing(INDENTED, model))
    Path(model.path).write_bytes(b"GGUF and more")
    assert probing.fitted(PACK, writing(JsonLayout(",", ":"), model)).layouts["arms"] == JsonLayout(",", ":")
    known = replace(model, sha256="a" * 64)
    assert layouts.known(probing.identity(known)) == {}


@pytest.mark.parametrize("damaged", ["", "no JSON", "[]", '{"x": 3}', json.dumps({"m": {"default/arms": {"layout": 3, "sample": "x"}}})])
def test_a_damaged_file_counts_as_nothing_known(model: ModelInfo, damaged: str) -> None:
    file = paths.layouts_file()
    file.parent.mkdir(parents=True)
    file.write_text(damaged.replace('"m"', json.dumps(probing.identity(model))))
    assert all(one.layout is None for one in layouts.known(probing.identity(model)).values())
    assert probing.fitted(PACK, writing(INDENTED, model)).layouts["screening"] == INDENTED
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_a_random_model_is_looked_at_through_its_own_process(tiny: Path) -> None:
    """End to end: free white space in the child, findings kept, and a forced layout that the child writes."""
    with open_engine(Settings(model=str(tiny), context=2048, sequences=4, threads=1)) as engine:
        probing.fitted(PACK, engine, ("screening", "arms"))
        found = layouts.known(probing.identity(engine.model))
        assert set(found) == {"default/screening", "default/arms"}
        assert all(one.sample for one in found.values())
        layouts.keep(probing.identity(engine.model), {"default/screening": layouts.Finding(INDENTED, "as if")})
        pack = probing.fitted(PACK, engine, ("screening", "arms"))
        criteria = [Criterion("Design", "randomised"), Criterion("Population", "adults")]
        (reply,) = engine.run([screening.request("r", "[Title] A trial", criteria, pack)])
        assert reply.text.startswith('```json\n{\n  "evaluations": [\n    {\n      "eligibility": "')
        assert len(screening.parse(reply, criteria)) == 2
        assert all(one.chances is not None for one in screening.parse(reply, criteria))
