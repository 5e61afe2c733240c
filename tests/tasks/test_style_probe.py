"""How a model lays out its JSON is found once for each task, kept with the model, and forced from then on."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from leads_local import paths
from leads_local.config import Settings
from leads_local.engine.constraint import Compiler
from leads_local.engine.host import open_engine
from leads_local.engine.json_style import FREE_STYLE, JsonStyle
from leads_local.engine.llama import Model
from leads_local.engine.types import FinishReason, ModelInfo, Reply, Request
from leads_local.records import Criterion
from leads_local.tasks import prompts, screening, style_probe, style_store
from tests.engine.test_json_style import written
from tests.fake_engine import FakeEngine, answer_for

PACK = prompts.load()
INDENTED = JsonStyle(indent="  ", fence="```json")


@pytest.fixture
def model(tmp_path: Path) -> ModelInfo:
    """A model that has a file, so that something can be kept with it."""
    (tmp_path / "m.gguf").write_bytes(b"GGUF")
    return ModelInfo("m", str(tmp_path / "m.gguf"), context=4096)


def writing(layout: JsonStyle, model: ModelInfo) -> FakeEngine:
    """A model that writes ``layout`` wherever its white space is free, and else what it is forced to."""

    def answer(request: Request) -> str:
        assert request.schema is not None
        own = layout if request.style is not None and request.style.free else request.style or JsonStyle()
        return written(answer_for(request.schema, request.prompt), own)

    return FakeEngine(answer, model=model)


def test_what_a_model_writes_is_found_once_and_forced(model: ModelInfo) -> None:
    engine = writing(INDENTED, model)
    pack = style_probe.fit_pack(PACK, engine)
    assert len(engine.seen) == len(style_probe.TASKS)
    assert pack.json_styles == dict.fromkeys(style_probe.TASKS, INDENTED)
    again = writing(INDENTED, model)
    assert style_probe.fit_pack(PACK, again) == pack
    assert again.seen == []
    request = screening.request("r", "A paper.", [Criterion("Design", "randomised")], pack)
    assert request.style == INDENTED
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

    style_probe.fit_pack(PACK, FakeEngine(answer, model=model), ("results", "participants"))
    found = style_store.read_findings(style_probe.identity(model))
    assert [found[f"default/{task}"].layout for task in ("results", "participants")] == [JsonStyle(numbers=bare)] * 2


def test_a_number_in_quotation_marks_is_no_matter_where_all_are_texts(model: ModelInfo) -> None:
    engine = FakeEngine(lambda request: '[{"name": "Sample size", "value": "84"}]', model=model)
    style_probe.fit_pack(PACK, engine, ("characteristics",))
    assert style_store.read_findings(style_probe.identity(model))["default/characteristics"].layout == JsonStyle()


def test_the_default_needs_no_mention_and_changes_no_key(model: ModelInfo) -> None:
    pack = style_probe.fit_pack(PACK, writing(JsonStyle(), model))
    assert pack == PACK
    assert (
        style_store.read_findings(style_probe.identity(model))["default/screening"].in_words().endswith("(the default)")
    )


def test_each_task_is_looked_at_when_it_is_first_wanted_and_each_pack_by_itself(model: ModelInfo) -> None:
    engine = writing(INDENTED, model)
    assert set(style_probe.fit_pack(PACK, engine, style_probe.SCREENING).json_styles) == {"screening"}
    assert set(style_probe.fit_pack(PACK, engine, style_probe.EXTRACTION).json_styles) == set(
        style_probe.SCREENING + style_probe.EXTRACTION
    )
    style_probe.fit_pack(replace(PACK, name="other"), engine, style_probe.SCREENING)
    assert len(engine.seen) == 6


@pytest.mark.parametrize(
    "text",
    ['{"a": 1,\n "b": 2}', "no JSON at all", '{"query": "x"', " " * 30],
    ids=["mixed", "no JSON", "cut", "white space"],
)
def test_no_clear_layout_is_kept_as_that_and_the_default_is_forced(model: ModelInfo, text: str) -> None:
    engine = FakeEngine(lambda request: text, model=model)
    assert style_probe.fit_pack(PACK, engine).json_styles == {}
    found = style_store.read_findings(style_probe.identity(model))["default/screening"]
    assert found.layout is None
    assert "no clear layout, so the default is forced" in found.in_words()
    assert found.sample == text
    assert style_probe.fit_pack(PACK, writing(INDENTED, model)).json_styles == {}


LEADS_ANSWERS = {
    "screening": {
        "evaluations": [
            {"eligibility": "YES", "rationale": "All were adults with knee pain."},
            {"eligibility": "PARTIAL", "rationale": "Randomised, without more."},
        ]
    },
    "arms": [
        {
            "label": "Walking",
            "type": "EXPERIMENTAL",
            "description": "Supervised walking for 12 weeks",
            "interventionNames": ["Walking", "Advice"],
        },
        {"label": "Usual care", "type": "NO_INTERVENTION", "description": "", "interventionNames": []},
    ],
    "characteristics": [{"name": "Sample size", "value": "84"}, {"name": "Condition", "value": "Knee pain"}],
    "results": {
        "paramType": "MEAN",
        "unitOfMeasure": "points",
        "timeFrame": "12 weeks",
        "unitOfDenom": "Participants",
        "denomValue": 84,
        "results": [{"value": 2.1, "title": "Walking"}, {"value": None, "title": "Usual care"}],
    },
    "participants": {
        "results": [{"groupId": "G1", "value": 61, "note": ""}, {"groupId": "G2", "value": 61.5, "note": "mean"}]
    },
    "search": {"query": "(walking OR exercise) AND (knee pain)"},
}
"""Answers of the shapes that LEADS was trained to write, to what the probe asks: numbers bare, or null."""
TRAINED_LAYOUTS = [
    JsonStyle(),
    JsonStyle(",", ":"),
    JsonStyle(indent="    "),
    JsonStyle(indent="  ", flat=True),
    JsonStyle(indent="  ", fence="```json"),
    JsonStyle(fence="```"),
]


@pytest.fixture(scope="module")
def vocabulary(tiny: Path) -> Model:
    """That of LEADS, with the model's space before a text."""
    return Model(tiny, vocabulary_only=True)


@pytest.mark.parametrize("layout", TRAINED_LAYOUTS, ids=JsonStyle.in_words)
def test_the_answers_of_leads_are_found_as_they_are_and_then_admitted(
    model: ModelInfo, vocabulary: Model, layout: JsonStyle
) -> None:
    """Each task's, in each layout: the probe lets them through, and what it finds lets them through again."""
    compiler, pack = Compiler(vocabulary.vocabulary), replace(PACK, quotes=False)

    def admits(request: Request, style: JsonStyle) -> str:
        text = written(LEADS_ANSWERS[request.id.partition("/")[2]], layout)
        ids = vocabulary.tokenize(text)
        assert request.schema is not None
        assert compiler.constraint(request.schema, style).admits(ids) == len(ids), text
        return text

    found = style_probe.probe(
        pack, FakeEngine(lambda request: admits(request, FREE_STYLE), model=model), style_probe.TASKS
    )
    assert [name.partition("/")[2] for name in found] == list(style_probe.TASKS) == list(LEADS_ANSWERS)
    for name, finding in found.items():
        task = name.partition("/")[2]
        seen = written(LEADS_ANSWERS[task], finding.layout or JsonStyle())
        assert finding.layout is not None and seen == written(LEADS_ANSWERS[task], layout), name
        assert finding.layout.numbers
        asked = style_probe._SAMPLE_REQUESTS[task](replace(pack, json_styles={task: finding.layout}))
        assert asked.style == finding.layout
        admits(replace(asked, id=name), finding.layout)


def test_what_did_not_answer_is_looked_at_again(model: ModelInfo) -> None:
    failing = FakeEngine(lambda request: Reply("", finish=FinishReason.ERROR, error="No."), model=model)
    assert style_probe.fit_pack(PACK, failing).json_styles == {}
    stop = threading.Event()
    stop.set()
    assert style_probe.fit_pack(PACK, writing(INDENTED, model), cancel=stop).json_styles == {}
    assert style_store.read_findings(style_probe.identity(model)) == {}
    assert style_probe.fit_pack(PACK, writing(INDENTED, model)).json_styles


def test_a_model_without_a_file_is_not_looked_at() -> None:
    engine = FakeEngine()
    assert style_probe.fit_pack(PACK, engine) is PACK
    assert engine.seen == []


def test_a_model_that_was_changed_is_looked_at_anew(model: ModelInfo) -> None:
    style_probe.fit_pack(PACK, writing(INDENTED, model))
    Path(model.path).write_bytes(b"GGUF and more")
    assert style_probe.fit_pack(PACK, writing(JsonStyle(",", ":"), model)).json_styles["arms"] == JsonStyle(",", ":")
    known = replace(model, sha256="a" * 64)
    assert style_store.read_findings(style_probe.identity(known)) == {}


@pytest.mark.parametrize(
    "damaged", ["", "no JSON", "[]", '{"x": 3}', json.dumps({"m": {"default/arms": {"layout": 3, "sample": "x"}}})]
)
def test_a_damaged_file_counts_as_nothing_known(model: ModelInfo, damaged: str) -> None:
    file = paths.layouts_file()
    file.parent.mkdir(parents=True)
    file.write_text(damaged.replace('"m"', json.dumps(style_probe.identity(model))))
    assert all(one.layout is None for one in style_store.read_findings(style_probe.identity(model)).values())
    assert style_probe.fit_pack(PACK, writing(INDENTED, model)).json_styles["screening"] == INDENTED
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_a_random_model_is_looked_at_through_its_own_process(tiny: Path) -> None:
    """End to end: free white space in the child, findings kept, and a forced layout that the child writes."""
    with open_engine(Settings(model=str(tiny), context=2048, sequences=4, threads=1)) as engine:
        style_probe.fit_pack(PACK, engine, ("screening", "arms"))
        found = style_store.read_findings(style_probe.identity(engine.model))
        assert set(found) == {"default/screening", "default/arms"}
        assert all(one.sample for one in found.values())
        style_store.keep(
            style_probe.identity(engine.model), {"default/screening": style_store.StyleFinding(INDENTED, "as if")}
        )
        pack = style_probe.fit_pack(PACK, engine, ("screening", "arms"))
        criteria = [Criterion("Design", "randomised"), Criterion("Population", "adults")]
        (reply,) = engine.run([screening.request("r", "[Title] A trial", criteria, pack)])
        assert reply.text.startswith('```json\n{\n  "evaluations": [\n    {\n      "eligibility": "')
        assert len(screening.parse(reply, criteria)) == 2
        assert all(one.chances is not None for one in screening.parse(reply, criteria))
