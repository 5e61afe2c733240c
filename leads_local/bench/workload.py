"""The work that benchmarks do: real requests of the tasks, over the demo's texts or the caller's own."""

from __future__ import annotations

import itertools
import os
import platform
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]

from leads_local import files
from leads_local.citations import read_file
from leads_local.demo import source
from leads_local.engine.memory_plan import read_machine
from leads_local.engine.throughput import processor_name
from leads_local.engine.types import ModelInfo, Request
from leads_local.errors import InputError
from leads_local.judgements import Judgement
from leads_local.records import AS_TRAINED, Arm, Citation, Criterion, Field, Measure, Outcome, ScreeningMethod
from leads_local.tasks import arms, characteristics, participants, prompts, results, screening

TEXT_CHARACTERS = 150  # characters of each free text
_SHORTEST_ABSTRACT = 600  # characters of an abstract that is worth screening
CRITERIA = (
    Criterion("Population", "Postmenopausal women of any age with or without vasomotor symptoms, without cancer"),
    Criterion(
        "Intervention",
        "Oral or transdermal oestrogens, alone or with a progestogen, at any dose for at least eight weeks",
    ),
    Criterion("Comparison", "Placebo, no treatment, or another preparation or dose of oestrogens"),
    Criterion("Outcome", "Frequency or severity of hot flushes, quality of life, bone mineral density, or fractures"),
)
ARMS = (
    Arm("Estradiol 1 mg", "EXPERIMENTAL", "Oral estradiol", ("Estradiol",)),
    Arm("Placebo", "PLACEBO_COMPARATOR", "Placebo", ("Placebo",)),
)


def take_citations(file: Path | None, count: int) -> list[Citation]:
    """``count`` records with abstracts out of ``file``, or the demo's papers, again and again, each under a number of
    its own."""
    if file:
        found = [one for one in read_file(file).citations if len(one.abstract) >= _SHORTEST_ABSTRACT][:count]
        if len(found) < count:
            raise InputError(
                f"{file}: {count} records with abstracts are needed, {len(found)} are there.",
                "Ask for fewer with --records.",
            )
        return found
    papers = [
        (paper.title, " ".join(part.plain for part in paper.abstract))
        for paper in source.load_papers()
        if paper.abstract
    ]
    return [
        Citation(title=f"{title} ({n})", abstract=text)
        for n, (title, text) in zip(range(count), itertools.cycle(papers), strict=False)
    ]


def screening_requests(found: Sequence[Citation], way: ScreeningMethod = AS_TRAINED) -> list[Request]:
    """As ``way`` asks, with every reason of fixed length; triage asks for words alone."""
    pack = prompts.load().with_paper_position(way.layout)
    made = [
        screening.request(str(n), screening.citation_as_paper(one), CRITERIA, pack, way.mode)
        for n, one in enumerate(found)
    ]
    return [_fixed_length(one) for one in made]


def reason_requests(
    found: Sequence[Citation], judged: Mapping[int, Sequence[Judgement]], way: ScreeningMethod
) -> list[Request]:
    """The reasons that triage asks for after its words, by record: the most promising record first, as in a review."""
    pack = prompts.load().with_paper_position(way.layout)
    return [
        _fixed_length(
            screening.reason_request(f"{n} {place}", screening.citation_as_paper(found[n]), judged[n], place, pack)
        )
        for n in sorted(judged, key=lambda n: -(screening.expected_score(judged[n]) or 0.0))
        for place, one in enumerate(judged[n])
        if screening.is_unsure(one)
    ]


def _fixed_length(request: Request) -> Request:
    schema = fix_text_lengths(request.schema or {})
    return request if schema == request.schema else replace(request, schema=schema, max_tokens=2048)


def take_paper_text(file: Path | None, characters: int) -> str:
    """About ``characters`` of running text: ``file``, or the demo's papers, repeated where they are too short."""
    if file:
        files.require_file(file, "a text file", "Give a text file.")
    try:
        text = (
            file.read_text(encoding="utf-8-sig")
            if file
            else "\n\n".join("\n\n".join(one.passages()) for one in source.load_papers())
        )
    except (OSError, ValueError) as error:
        raise InputError(f"{file}: this can't be read as text in UTF-8: {error}.", "Give a text file.") from error
    return (text * (1 + characters // max(len(text), 1)))[:characters]


def extraction_requests(text: str, outcomes: int, measures: int, fields: int) -> list[Request]:
    """All that is asked about one paper: its arms, each outcome, each measure, and ``fields`` items in groups."""
    pack = prompts.load()
    made = [arms.request("arms", text, pack)]
    made += [
        results.request(f"result {i}", text, Outcome(f"Outcome {i}", "as measured at the end"), ARMS, pack)
        for i in range(outcomes)
    ]
    made += [
        participants.request(f"measure {i}", text, Measure(f"Measure {i}", "at baseline"), ARMS, pack)
        for i in range(measures)
    ]
    items = [Field(f"Item {i}", "what the paper says of it") for i in range(fields)]
    made += [
        characteristics.request(f"fields {i}", text, group, pack)
        for i, group in enumerate(characteristics.split(items))
    ]
    return [Request(one.id, one.prompt, fix_text_lengths(one.schema or {}), 4096) for one in made]


def fix_text_lengths(schema: dict[str, Any]) -> dict[str, Any]:
    """``schema`` with every free string exactly RATIONALE characters long."""

    def walk(node: Any) -> Any:
        if isinstance(node, dict):
            if "string" in node.get("type", ()) and "enum" not in node and "const" not in node:
                return {"type": "string", "minLength": TEXT_CHARACTERS, "maxLength": TEXT_CHARACTERS}
            return {key: walk(value) for key, value in node.items()}
        return [walk(item) for item in node] if isinstance(node, list) else node

    walked: dict[str, Any] = walk(schema)
    return walked


@contextmanager
def time_process(pid: int) -> Iterator[dict[str, float]]:
    """Seconds by the clock and of processor time of process ``pid``, filled in at the end."""
    process, spent = psutil.Process(pid), dict[str, float]()
    before, began = process.cpu_times(), time.perf_counter()
    yield spent
    after = process.cpu_times()
    spent["wall_s"] = round(time.perf_counter() - began, 3)
    used = after.user + after.system - before.user - before.system
    spent["cpu_s"] = max(round(used, 3), 0.01)  # the system counts in hundredths of a second


def describe_run(model: ModelInfo, threads: int) -> dict[str, Any]:
    """The machine and the model, for the head of a result."""
    here = read_machine()
    load = [round(value, 1) for value in os.getloadavg()] if hasattr(os, "getloadavg") else []
    computer = {
        "processor": processor_name(),
        "system": platform.system(),
        "cores": here.cores,
        "memory_gib": round(here.total / 2**30, 1),
    }
    return {"machine": {**computer, "load_before": load}, "model": asdict(model), "threads": threads or here.cores}
