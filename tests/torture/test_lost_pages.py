"""A few rounds on papers that are made here; ``python -m tests.torture.lost_pages 300`` damages whole papers."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from leads_local.documents import reader
from tests.torture import lost_pages


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> lost_pages.Paper:
    (file := tmp_path_factory.mktemp("made") / "five.pdf").write_bytes(data := lost_pages.made_paper(5))
    return lost_pages.Paper("five.pdf", data, lost_pages.words_by_page(reader.read(file)))


@pytest.mark.parametrize("way", lost_pages.WAYS)
def test_whatever_happens_to_a_file_each_page_that_lost_words_is_named(
    paper: lost_pages.Paper, way: lost_pages.Way, tmp_path: Path
) -> None:
    for seed in range(4):
        came_of_it = lost_pages.judge(tmp_path, paper, way, random.Random(seed))
        assert came_of_it[0] in lost_pages.GOOD, came_of_it
