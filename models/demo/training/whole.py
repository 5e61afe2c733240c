"""The sample review, taken through the whole program: full-text screening and extraction from PDFs against its authors'
answers."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from threading import Event

from leads_local.demo import gold
from leads_local.demo.run import run_demo
from leads_local.engine import Engine
from leads_local.records import Stage
from leads_local.review.read_models import RecordFilter
from leads_local.review.review import Review
from leads_local.tasks.prompts import PromptPack
from models.demo.training.scoring import Score, plain, same

TASKS = {"characteristics": "values of fields", "results": "trial results", "participants": "participant statistics"}


def scored(engine: Engine, pack: PromptPack) -> Score:
    """Judgements at both stages, and the values of the papers that the authors include, which alone are asked about.

    Raises RuntimeError when the run did not end.
    """
    score = Score()
    with tempfile.TemporaryDirectory() as folder:
        found = run_demo(
            Path(folder), engine, pack, lambda _text: None, lambda steps, _unit: [*steps, None][-1], Event()
        )
        if found is None:
            raise RuntimeError("the sample review was stopped")
        with Review.open(found.review) as review:
            for stage in Stage:
                _judgements(score, review, stage)
            for record_id in review.record_ids(Stage.FULLTEXT, RecordFilter.INCLUDED):
                _values(score, review, record_id)
    return score


def _judgements(score: Score, review: Review, stage: Stage) -> None:
    for record_id in review.record_ids(stage):
        view = review.record(record_id)
        right = gold.judgements(stage, gold.study_of(view.citation))
        for judgement in view.judgements.get(stage, ()):
            if judgement.criterion.name in right:
                score.count(f"judgements of {stage.value}s", judgement.eligibility is right[judgement.criterion.name])


def _values(score: Score, review: Review, record_id: int) -> None:
    """What the paper reports, in the order of its arms, whatever the model calls these; and what it does not report."""
    study = gold.study_of(review.record(record_id).citation)
    paper = next((paper for paper in gold.load().papers if paper.study == study), None)
    if paper is None:
        return
    told = _by_item(
        (stored.value.task, stored.value.item, stored.value.part, stored.value.text)
        for stored in review.values(record_id)
    )
    for place, texts in _by_item((one.task, one.item, one.part, one.text) for one in paper.values).items():
        task, _, part = place
        if task not in TASKS or part != "value":
            continue
        got = told.get(place, [])
        for number, text in enumerate(texts):
            answer = got[number] if number < len(got) else ""
            score.count(TASKS[task] if text else "says what is not reported", same(answer, text))
            if text:
                score.count("gold values extracted", same(answer, text))
                score.count("gold values extracted, or held in what was", bool(answer) and plain(text) in plain(answer))


def _by_item(rows: Iterable[tuple[str, str, str, str]]) -> dict[tuple[str, str, str], list[str]]:
    found: defaultdict[tuple[str, str, str], list[str]] = defaultdict(list)
    for task, item, part, text in rows:
        found[task, item, part].append(text)
    return dict(found)
