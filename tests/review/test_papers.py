"""How much of a paper goes into a prompt."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads_local.errors import ModelError
from leads_local.records import Passage, PassageKind, Request
from leads_local.review import papers
from tests.review.work_fixture import engine, model


def passages(lengths: list[int]) -> list[Passage]:
    kinds = ["introduction", "methods", "results", "references"]
    return [Passage(n, PassageKind.PARAGRAPH, "word " * length, (), kinds[n % 4]) for n, length in enumerate(lengths)]


@given(context=st.integers(600, 40000), answer=st.integers(1, 9000), words=st.integers(0, 300), spare=st.integers(0, 2000))
def test_paper_question_and_answer_fit_together(context: int, answer: int, words: int, spare: int) -> None:
    using = engine(model=model(context=context))
    bare = Request("x", "word " * words, None, answer)
    try:
        budget = papers.budget(using, [bare], spare)
    except ModelError:
        return
    assert budget is not None
    question = using.count_tokens([bare.prompt])[0]
    assert budget + question + min(answer, context // 4) + min(spare, context // 8) < context


@given(lengths=st.lists(st.integers(0, 200), max_size=12), budget=st.integers(0, 800))
def test_a_paper_is_within_its_budget_or_whole(lengths: list[int], budget: int) -> None:
    using = engine()
    paper = papers.laid_out(passages(lengths), budget, using)
    assert using.count_tokens([paper.text])[0] <= budget
    whole = papers.laid_out(passages(lengths), None, using)
    assert (paper.text == whole.text) == (not paper.left_out)


def test_an_unknown_context_limits_nothing() -> None:
    assert papers.budget(engine(model=model(context=0)), [Request("x", "word")]) is None


def test_a_context_that_is_too_small_is_refused_with_the_number() -> None:
    with pytest.raises(ModelError, match="512 tokens"):
        papers.budget(engine(model=model(context=512)), [Request("x", "word " * 300)])


def test_the_stand_in_tells_papers_and_budgets_apart() -> None:
    stands = {papers.stand_in(sha256, budget) for sha256 in ("a", "b") for budget in (None, 100, 200)}
    assert len(stands) == 6
