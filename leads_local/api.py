"""The functions of upstream's ``leads.api``, call for call and result for result, on the model of this computer.

    from leads_local import api
    api.configure(model="leads-q4_k_m.gguf")             # or the model of the settings, or LEADS_LOCAL_MODEL
    evaluations, score = api.screening_study(paper, "adults with insomnia", "melatonin", "placebo", "sleep quality")

What is different, on purpose:
- The model is opened at the first call, in a child process, and closed at exit. From then on this process has no
  network, nor have its native libraries and the programs that it starts, where the system has a guard for that
  (``offline``).
- A function for one item raises the LeadsError that says what went wrong. In a batch, a failure belongs to its item:
  that error stands in the item's place in the list, and all others have their results. Only what makes the whole batch
  impossible is raised.
- PICO parts that are empty (None or "") are not sent and not scored: there are as many evaluations as parts.
- Decoding is greedy: the same question has the same answer. ``batch_size`` is accepted; the engine plans its own
  batches.
- A text that is as long as the schema lets it be ends in "[…]", and a list so long has one more entry of which each
  text is "[…]".
- A paper that does not fit into the model's context is an error of its item, never cut.

In the batch functions each further argument is one for all papers, or a list with one for each.
"""

from __future__ import annotations

import atexit
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from leads_local import config, offline
from leads_local.api_items import (
    TaskItem,
    collect_replies,
    require_papers,
    require_reply,
    require_text,
    spread_over_papers,
)
from leads_local.engine import Engine
from leads_local.engine.types import Reply, Request
from leads_local.errors import InputError, LeadsError
from leads_local.records import PICO, Criterion, Field, Question
from leads_local.tasks import arms, characteristics, participants, prompts, results, screening, search
from leads_local.tasks.prompts import PromptPack
from leads_local.tasks.replies import CUT_MARK, FULL_REMARK

_T = TypeVar("_T")

Evaluations = list[dict[str, str]]
"""``{"eligibility", "rationale"}`` for each criterion in the order Population, Intervention, Comparison, Outcome."""


# ---------------------------------------------------------------- the model


@dataclass(slots=True)
class _Session:
    """The engine in use and whose it is. All access under ``_lock``."""

    overrides: Mapping[str, Any]
    engine: Engine | None = None
    ours: bool = False
    pack_name: str = ""
    pack: PromptPack | None = None


_lock = threading.RLock()
_session = _Session({})


def configure(
    *, model: str | None = None, engine: Engine | None = None, prompt_pack: str | None = None, **settings: Any
) -> None:
    """Say what the functions below work with; what was open before is closed. Opens nothing yet.

    ``model`` is the path of a GGUF file, ``prompt_pack`` the name of a pack (else the model's own, else ``default``),
    and ``settings`` are further ones of ``config.Settings`` (``gpu_layers=0``). An ``engine`` that is given is used as
    it is and stays its owner's to close. Raises ConfigError for an unknown setting and PromptError for an unknown pack.
    """
    global _session
    overrides = {"model": None if model is None else str(model), "prompt_pack": prompt_pack, **settings}
    chosen = config.load(**overrides).prompt_pack
    if chosen:
        prompts.load(chosen)
    with _lock:
        close()
        _session = _Session(overrides, engine=engine, pack_name=chosen)


def close() -> None:
    """Close the model if it was opened here. The next call opens it again. Runs at exit by itself."""
    with _lock:
        if _session.engine is not None and _session.ours:
            _session.engine.close()
            _session.engine = None
        _session.pack = None


atexit.register(close)


def _open_engine() -> tuple[Engine, PromptPack]:
    offline.enforce()
    if _session.engine is None:
        from leads_local.engine.host import open_engine

        settings = config.load(**_session.overrides)
        _session.pack_name = settings.prompt_pack
        least_context = screening.least_context(prompts.in_use(settings))
        _session.engine, _session.ours = open_engine(settings, least_context=least_context), True
    if _session.pack is None:
        from leads_local.tasks import style_probe

        pack = prompts.choose(_session.pack_name, _session.engine.model.prompt_pack)
        _session.pack = style_probe.fit_pack(pack, _session.engine) if _session.ours else pack
    return _session.engine, _session.pack


# ---------------------------------------------------------------- many items, each with its own success or failure


def _answer_each(count: int, task: Callable[[int], TaskItem]) -> list[Any]:
    """The result or the LeadsError of each of ``count`` items, in order. Raises ModelError and PromptError when nothing
    can be asked."""
    if not count:
        return []
    with _lock:
        engine, pack = _open_engine()
        found: list[Any] = [None] * count
        tasks: dict[int, tuple[TaskItem, list[Request]]] = {}
        for number in range(count):
            try:
                made = task(number)
                tasks[number] = made, made.ask(pack)
            except LeadsError as error:
                found[number] = error
        replies = collect_replies(engine, tasks, close)
    for number, (made, requests) in tasks.items():
        try:
            found[number] = made.read([require_reply(replies[f"{number}.{part}"]) for part in range(len(requests))])
        except LeadsError as error:
            found[number] = error
    return found


def _answer_one(task: Callable[[], TaskItem]) -> Any:
    (found,) = _answer_each(1, lambda _: task())
    if isinstance(found, LeadsError):
        raise found
    return found


# ---------------------------------------------------------------- search


def search_query_generation(
    population: str | None = None,
    intervention: str | None = None,
    comparison: str | None = None,
    outcome: str | None = None,
) -> list[str]:
    """Search queries for a question of at least one part: one for each choice of one term from each AND group of the
    model's query."""
    result: list[str] = _answer_one(lambda: _search(population, intervention, comparison, outcome))
    return result


def batch_search_query_generation(
    pico_list: Sequence[Mapping[str, str | None]], batch_size: int = 20
) -> list[list[str] | LeadsError]:
    """As above for each dict with keys among population, intervention, comparison and outcome."""
    return _answer_each(len(pico_list), lambda number: _search_from_dict(pico_list[number]))


def _search_from_dict(pico: Mapping[str, str | None]) -> TaskItem:
    unknown = [str(key) for key in pico if key not in PICO]
    if unknown:
        raise InputError(f"Unknown key {', '.join(unknown)} in a PICO dict.", f"The keys are: {', '.join(PICO)}.")
    return _search(*(pico.get(key) for key in PICO))


def _search(*pico: str | None) -> TaskItem:
    question = Question("", *(require_text(part or "", name) for name, part in zip(PICO, pico, strict=True)))
    return TaskItem(
        lambda pack: [search.request("", question, pack)],
        lambda replies: _sub_queries(search.parse(replies[0], question)),
    )


def _sub_queries(found: search.SearchQuery) -> list[str]:
    return [*found.sub_queries, *[CUT_MARK for flag in found.flags if FULL_REMARK in flag]]


# ---------------------------------------------------------------- screening


def screening_study(
    paper_content: str, population: str | None, intervention: str | None, comparison: str | None, outcome: str | None
) -> tuple[Evaluations, float]:
    """What the model says of each PICO part that is not empty, and the mean of YES 1, PARTIAL 0.5, UNCERTAIN 0, NO
    -1."""
    result: tuple[Evaluations, float] = _answer_one(
        lambda: _screening(paper_content, population, intervention, comparison, outcome)
    )
    return result


def batch_screening_study(
    paper_contents: Sequence[str],
    population: str | None,
    intervention: str | None,
    comparison: str | None,
    outcome: str | None,
    batch_size: int = 20,
) -> list[tuple[Evaluations, float] | LeadsError]:
    """As above for each paper."""
    papers = require_papers(paper_contents)
    given = zip(PICO, (population, intervention, comparison, outcome), strict=True)
    parts = [spread_over_papers(value, len(papers), name, str) for name, value in given]
    return _answer_each(len(papers), lambda number: _screening(papers[number], *(part[number] for part in parts)))


def _screening(paper: str, *pico: str | None) -> TaskItem:
    require_text(paper, "paper_content")
    parts = [(name, require_text(part or "", name)) for name, part in zip(PICO, pico, strict=True)]
    criteria = [Criterion(name.capitalize(), text) for name, text in parts if text.strip()]

    def read(replies: list[Reply]) -> tuple[Evaluations, float]:
        return screening.read_answer(replies[0], len(criteria)), screening.score(screening.parse(replies[0], criteria))

    return TaskItem(lambda pack: [screening.request("", paper, criteria, pack)], read)


# ---------------------------------------------------------------- extraction


def extract_study_characteristics(paper_content: str, fields_info: Sequence[str]) -> dict[str, list[dict[str, str]]]:
    """``{"fields": [{"name", "value"}]}``, one for each field in order. Each of ``fields_info`` is ``"name:
    description"``."""
    result: dict[str, list[dict[str, str]]] = _answer_one(lambda: _characteristics(paper_content, fields_info))
    return result


def batch_extract_study_characteristics(
    paper_contents: Sequence[str], fields_info: Sequence[str] | Sequence[Sequence[str]], batch_size: int = 20
) -> list[dict[str, list[dict[str, str]]] | LeadsError]:
    """As above for each paper. ``fields_info`` is one list for all papers or a list of lists."""
    papers = require_papers(paper_contents)
    infos = spread_over_papers(fields_info, len(papers), "fields_info", list)
    return _answer_each(len(papers), lambda number: _characteristics(papers[number], infos[number]))


def _characteristics(paper: str, fields_info: Sequence[str]) -> TaskItem:
    require_text(paper, "paper_content")
    if isinstance(fields_info, str):
        raise InputError(
            "fields_info is one text, a list of texts is expected.", 'Give a list: ["name: description", ...].'
        )
    split = (require_text(info, "Each of fields_info").partition(":") for info in fields_info)
    fields = [Field(name.strip(), description.strip()) for name, _, description in split]
    names = [" ".join(field.name.split()).casefold() for field in fields]
    if "" in names or len(set(names)) != len(names):
        raise InputError(
            "Two entries of fields_info have the same name, or one has none.",
            'Write "name: description", each name once.',
        )
    portions = characteristics.split(fields)

    def ask(pack: PromptPack) -> list[Request]:
        return [characteristics.request("", paper, portion, pack) for portion in portions or [()]]

    def read(replies: list[Reply]) -> dict[str, list[dict[str, str]]]:
        rows = [
            row
            for reply, portion in zip(replies, portions, strict=True)
            for row in characteristics.read_answer(reply, portion)
        ]
        return {"fields": [{"name": row["name"], "value": row["value"]} for row in rows]}

    return TaskItem(ask, read)


def extract_trial_result(paper_content: str, outcome_def: str, group_def: str) -> dict[str, Any]:
    """``{"paramType", "unitOfMeasure", "timeFrame", "unitOfDenom", "denomValue", "results": [{"value", "title"}]}``,
    all texts."""
    result: dict[str, Any] = _answer_one(lambda: _result(paper_content, outcome_def, group_def))
    return result


def batch_extract_trial_result(
    paper_contents: Sequence[str],
    outcome_def: str | Sequence[str],
    group_def: str | Sequence[str],
    batch_size: int = 20,
) -> list[dict[str, Any] | LeadsError]:
    """As above for each paper."""
    papers = require_papers(paper_contents)
    outcomes = spread_over_papers(outcome_def, len(papers), "outcome_def", str)
    groups = spread_over_papers(group_def, len(papers), "group_def", str)
    return _answer_each(len(papers), lambda number: _result(papers[number], outcomes[number], groups[number]))


def _result(paper: str, outcome_def: object, group_def: object) -> TaskItem:
    require_text(paper, "paper_content")
    return TaskItem(
        lambda pack: [results.compose_request("", paper, str(outcome_def), str(group_def), pack)],
        lambda replies: results.read_answer(replies[0]),
    )


def extract_population_statistics(
    paper_content: str, measureDef: str, paramType: str, unitOfMeasure: str, groupDef: str
) -> dict[str, list[dict[str, str]]]:
    """``{"results": [{"groupId", "value", "note"}]}`` as the model wrote it."""
    result: dict[str, list[dict[str, str]]] = _answer_one(
        lambda: _population(paper_content, measureDef, paramType, unitOfMeasure, groupDef)
    )
    return result


def batch_extract_population_statistics(
    paper_contents: Sequence[str],
    measureDef: str | Sequence[str],
    paramType: str | Sequence[str],
    unitOfMeasure: str | Sequence[str],
    groupDef: str | Sequence[str],
    batch_size: int = 20,
) -> list[dict[str, list[dict[str, str]]] | LeadsError]:
    """As above for each paper."""
    papers = require_papers(paper_contents)
    names = ("measureDef", "paramType", "unitOfMeasure", "groupDef")
    given = zip(names, (measureDef, paramType, unitOfMeasure, groupDef), strict=True)
    parts = [spread_over_papers(value, len(papers), name, str) for name, value in given]
    return _answer_each(len(papers), lambda number: _population(papers[number], *(part[number] for part in parts)))


def _population(paper: str, *given: object) -> TaskItem:
    require_text(paper, "paper_content")
    measure, param_type, unit, groups = ("" if value is None else str(value) for value in given)
    return TaskItem(
        lambda pack: [participants.compose_request("", paper, measure, param_type, unit, groups, pack)],
        lambda replies: {"results": participants.read_answer(replies[0])},
    )


def extract_arm_design(paper_content: str) -> list[dict[str, Any]]:
    """``{"label", "type", "description", "interventionNames": [str]}`` for each arm."""
    result: list[dict[str, Any]] = _answer_one(lambda: _arms(paper_content))
    return result


def batch_extract_arm_design(
    paper_contents: Sequence[str], batch_size: int = 20
) -> list[list[dict[str, Any]] | LeadsError]:
    """As above for each paper."""
    papers = require_papers(paper_contents)
    return _answer_each(len(papers), lambda number: _arms(papers[number]))


def _arms(paper: str) -> TaskItem:
    require_text(paper, "paper_content")
    return TaskItem(lambda pack: [arms.request("", paper, pack)], lambda replies: _arm_designs(replies[0]))


def _arm_designs(reply: Reply) -> list[dict[str, Any]]:
    more = {"label": CUT_MARK, "type": CUT_MARK, "description": CUT_MARK, "interventionNames": [CUT_MARK]}
    return [*arms.read_answer(reply), *([more] if arms.completeness_note(reply) else [])]
