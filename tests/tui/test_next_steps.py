"""The advice follows the numbers: every state that has work left names it, and a finished one names nothing to
decide."""

from dataclasses import MISSING, fields, replace

import pytest

from leads_local.review.prisma_counts import PrismaCounts
from leads_local.tui.next_steps import ReviewState, list_next_steps

EMPTY = PrismaCounts(**{field.name: 0 for field in fields(PrismaCounts) if field.default is MISSING})  # type: ignore[arg-type]
NOTHING = ReviewState(EMPTY, criteria=5, studies=0, to_check=0, has_model=False)


def state(**counts: int) -> ReviewState:
    return replace(NOTHING, counts=replace(EMPTY, **counts))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "key", "words"),
    [
        (replace(NOTHING, criteria=0), "c", "question"),
        (NOTHING, "i", "Import"),
        (state(identified=10, unscreened=10), "g", "duplicates"),
        (state(identified=10, screened=4, unscreened=6), "2", "6 records left"),
        (state(identified=10, screened=10, maybe=1), "2", "1 record that you marked"),
        (replace(state(identified=10, screened=10), reworded=2), "2", "Look again at 2 records"),
        (replace(state(identified=10, screened=10), changed=1), "2", "1 decided record changed or retracted"),
        (state(identified=10, screened=10, not_retrieved=2), "p", "2 included reports"),
        (state(identified=10, screened=10, not_retrieved=3, not_retrieved_said=1), "p", "2 included reports"),
        (state(identified=10, screened=10, awaiting=3), "2", "3 reports"),
        (replace(state(identified=10, screened=10), to_check=8, studies=2), "3", "8 values"),
        (replace(state(identified=10, screened=10), studies=2), "3", "2 studies"),
    ],
)
def test_the_first_step_is_the_most_urgent(given: ReviewState, key: str, words: str) -> None:
    first = list_next_steps(given)[0]
    assert first.key == key
    assert words in first.text


def test_a_model_is_only_advertised_when_there_is_one() -> None:
    undecided = state(identified=10, screened=4, unscreened=6)
    assert "model" not in list_next_steps(undecided)[0].text
    assert "model" in list_next_steps(replace(undecided, has_model=True))[0].text


def test_nothing_left() -> None:
    assert list_next_steps(state(identified=10, screened=10)) == []
