"""How much of a paper goes into a prompt."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads_local.documents.sections import PaperText
from leads_local.engine.types import Request
from leads_local.errors import ModelError
from leads_local.jobs import context_budget
from leads_local.records import Passage, PassageKind
from tests.jobs.work_fixture import engine, model


def passages(lengths: list[int]) -> list[Passage]:
    kinds = ["introduction", "methods", "results", "references"]
    return [Passage(n, PassageKind.PARAGRAPH, "word " * length, (), kinds[n % 4]) for n, length in enumerate(lengths)]


@given(
    context=st.integers(600, 40000), answer=st.integers(1, 9000), words=st.integers(0, 300), spare=st.integers(0, 2000)
)
def test_paper_question_and_answer_fit_together(context: int, answer: int, words: int, spare: int) -> None:
    using = engine(model=model(context=context))
    bare = Request("x", "word " * words, None, answer)
    try:
        budget = context_budget.token_budget(using, [bare], spare)
    except ModelError:
        return
    assert budget is not None
    question = using.count_tokens([bare.prompt])[0]
    taken = budget + question + min(answer, context // 4) + min(spare, context // 8)
    assert context - 32 < taken < context  # the paper gets all that the others don't need


@given(lengths=st.lists(st.integers(0, 200), max_size=12), budget=st.integers(30, 800))
def test_a_paper_is_within_its_budget_whole_or_says_what_is_missing(lengths: list[int], budget: int) -> None:
    using = engine()
    texts = context_budget.lay_out_paper(passages(lengths), budget, using)
    assert all(count <= budget for count in using.count_tokens([text.text for text in texts]))
    (whole,) = context_budget.lay_out_paper(passages(lengths), None, using)
    if len(texts) == 1:
        assert (texts[0].text == whole.text) == (not texts[0].left_out)


def test_an_unknown_context_limits_nothing() -> None:
    assert context_budget.token_budget(engine(model=model(context=0)), [Request("x", "word")]) is None


def test_a_context_that_is_too_small_is_refused_with_the_number() -> None:
    with pytest.raises(ModelError, match="512 tokens"):
        context_budget.token_budget(engine(model=model(context=512)), [Request("x", "word " * 300)])


@given(
    lengths=st.lists(st.integers(1, 200), min_size=1, max_size=6),
    budgets=st.tuples(st.integers(60, 400), st.integers(60, 400)),
)
def test_the_stand_in_tells_whole_cut_and_parts_apart_and_not_the_budget(
    lengths: list[int], budgets: tuple[int, int]
) -> None:
    using, held = engine(), passages(lengths)
    laid = [context_budget.lay_out_paper(held, budget, using) for budget in budgets]
    one, other = (context_budget.make_stand_in("a", texts) for texts in laid)
    kinds = [
        (len(texts), frozenset(name.removeprefix("end of ") for name in texts[0].left_out) if len(texts) == 1 else None)
        for texts in laid
    ]
    assert (one == other) == (kinds[0] == kinds[1])
    assert context_budget.make_stand_in("b", laid[0]) != one
    if len(laid[0]) == 1:
        assert one.parts == (one.as_good(laid[0][0].left_out),)


CUT = PaperText("words", ("references", "end of discussion"))


@pytest.mark.parametrize(
    ("then", "good"),
    [
        (("references", "end of discussion"), True),
        (("references", "discussion"), True),
        (("references",), True),
        ((), True),
        (("references", "discussion", "end of conclusion"), False),
        (("references", "end of funding"), False),
    ],
)
def test_an_answer_about_a_cut_paper_holds_until_a_section_is_whole_that_was_not(
    then: tuple[str, ...], good: bool
) -> None:
    stand_in = context_budget.make_stand_in("a", (CUT,))
    assert bool(stand_in.as_good(then)) == good
    assert stand_in.as_good(()) == "document a whole"
    assert not context_budget.whole_stand_in("a").as_good(then) or not then
    assert "document a cut" in stand_in.earlier  # as earlier versions named it
