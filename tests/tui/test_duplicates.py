"""Duplicates on the screen: two records side by side, said to be one or two by a key; a record taken out of a group."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from leads_local.app.status import status_lines
from leads_local.citations import write
from leads_local.records import Citation
from leads_local.review.review import Review
from leads_local.tui.screens.duplicate_list import DuplicateList
from tests.tui.conftest import NARROW, Opened, app_of, shown, told

GAIT = "Gait [red]training[/] with music after stroke in adults"
RECORDS = [
    *(Citation(title=GAIT, authors=("Okoye, Ada",), year=year, journal="J Inv Trials") for year in (2014, 2017)),
    *(Citation(title=f"{GAIT}: a follow-up", doi="10.1000/gait.1", abstract=f"Words {n}.") for n in (1, 2, 3)),
]


@pytest.fixture
def unsure(review_path: Path, tmp_path: Path) -> tuple[int, ...]:
    """The numbers of two records that may be one report, and of three that are."""
    write(tmp_path / "gait.jsonl", RECORDS, "jsonl")
    with Review.open(review_path) as review:
        before = len(list(review.named_records()))
        review.import_file(tmp_path / "gait.jsonl")
        assert review.dedupe().doubts == 1
        [line] = [line for line in status_lines(review) if line.startswith("Pairs that may be one report")]
        assert line.endswith(" 1")
    return tuple(range(before + 1, before + 6))


async def test_two_records_stand_side_by_side_and_are_said_to_be_one_or_two(
    opened: Opened, review_path: Path, unsure: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other, third, fourth, fifth = unsure
    dedupe = Review.dedupe
    async with opened(size=NARROW) as pilot:
        assert "G  Say of 1 pair of records whether they are one report." in shown(app_of(pilot))
        asked: list[bool] = []
        monkeypatch.setattr(Review, "dedupe", lambda review, tell, *, anew: asked.append(anew) or dedupe(review, tell))
        for answer in "na":
            await press(pilot, "A", answer)
            await pilot.app.workers.wait_for_complete()
            await pilot.pause()
        assert asked == [True] and "Finding duplicates anew: done." in shown(app_of(pilot))
        await press(pilot, "G")
        assert isinstance(pilot.app.screen, DuplicateList)
        text = " ".join(shown(app_of(pilot)).split())
        assert "1 pair may be one report; 1 group." in text
        assert f"One report? {one} and {other}" in text and f"record {one} record {other}" in text
        assert "≠ year 2014 2017" in text and "[red]training[/]" in text
        assert "because same title; first author, journal agree; but the years" in text
        await press(pilot, "l", "t")
        assert "This is a question, not a group" in told(app_of(pilot))
        await press(pilot, "d")
        assert f"Record {one} is another report than record {other}" in told(app_of(pilot))
        assert "0 pairs may be one report; 1 group." in " ".join(shown(app_of(pilot)).split())
        assert f"record {third} record {fourth}" in " ".join(shown(app_of(pilot)).split())
        await press(pilot, "n")
        assert f"record {third} record {fifth}" in " ".join(shown(app_of(pilot)).split())
        await press(pilot, "n", "s", "t", "2")
        assert f"record {third} record {fifth}" in " ".join(shown(app_of(pilot)).split()), "of what is left of it"
        assert f"Record {fourth} is another report than records {third} and {fifth}" in told(app_of(pilot))
        await press(pilot, "escape", "U", "U", "G", "s")
    with Review.read(review_path) as review:
        assert "Pairs that may be one report and wait for you" not in "\n".join(status_lines(review))
        assert [group.records for group in review.duplicate_groups()] == [(one, other), (third, fourth, fifth)]


async def press(pilot: Pilot[int], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await pilot.pause()
