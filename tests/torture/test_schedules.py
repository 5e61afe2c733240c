"""A few rounds; ``python -m tests.torture.schedules 2000`` does as many as the figure in the documents is about."""

from __future__ import annotations

from tests.torture import schedules

FOUND_SOMETHING = (1, 25, 98, 171)  # rounds in which an answer once lacked the beginning of its prompt


def test_whatever_happens_to_the_cache_and_the_disk_each_answer_is_that_of_the_request_alone() -> None:
    assert schedules.rounds([*range(30), *FOUND_SOMETHING]) == []
