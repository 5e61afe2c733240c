"""Triage through a real tokenizer and model: the words in one pass, their probabilities, and reasons under forced
words."""

from __future__ import annotations

import pytest

from leads_local.engine.types import Reply
from leads_local.records import Criterion, ScreeningMode
from leads_local.tasks import prompts, screening
from tests.engine.conftest import Bench

CRITERIA = [
    Criterion("Population", "adults"),
    Criterion("Intervention", "exercise"),
    Criterion("Design", "randomised trial"),
]
PAPER = "[Title] Walking for knees\n[Abstract] We randomised 84 adults to walking or usual care."


def test_words_cost_one_decoded_token_each_and_begin_as_the_full_mode_does(bench: Bench) -> None:
    pack = prompts.load()
    both = [screening.request(mode, PAPER, CRITERIA, pack, mode) for mode in ScreeningMode]
    works = bench.answer(both)
    triage, full = works[ScreeningMode.TRIAGE], works[ScreeningMode.FULL]
    first, same = (
        dict(triage.choices[0]),
        dict(full.choices[0]),
    )  # the first word is chosen in sight of the very same tokens
    assert first.keys() == same.keys()
    assert all(first[token] == pytest.approx(same[token], abs=1e-4) for token in first)
    spelled = sum(len(one.eligibility) for one in screening.parse(Reply("r", bench.text(triage.output)), CRITERIA))
    assert len(triage.output) - triage.forced <= spelled  # nothing but the words is free
    for work in (triage, full):
        choices = tuple(
            tuple((bench.model.vocabulary.pieces[t].decode("utf-8", "replace"), p) for t, p in c) for c in work.choices
        )
        judgements = screening.parse(Reply("r", bench.text(work.output), choices=choices), CRITERIA)
        assert all(judgement.chances is not None for judgement in judgements)
        assert screening.expected_score(judgements) is not None
    reason = screening.reason_request("reason", PAPER, judgements, 1, pack)
    answer = screening.read_answer(Reply("r", bench.text(bench.answer([reason])["reason"].output)), 2)
    assert [row["eligibility"] for row in answer] == [judgement.eligibility for judgement in judgements[:2]]
    assert answer[0]["rationale"] == "" != answer[1]["rationale"]
