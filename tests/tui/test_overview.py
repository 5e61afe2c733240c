"""The overview's chores run beside the screen and end in lines that say what came of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from leads_local.records import Choice, Stage
from leads_local.review.review import Review
from leads_local.tui.app import LeadsApp
from leads_local.tui.screens.overview import flow_rows
from leads_local.tui.session import Session
from tests.tui.conftest import Opened, shown, write_records


def app_of(pilot: Pilot[int]) -> LeadsApp:
    assert isinstance(pilot.app, LeadsApp)
    return pilot.app


async def answer(pilot: Pilot[int], key: str, text: str) -> str:
    """Press a key that asks for a path, type it, wait for the end; what the screen shows then."""
    await pilot.press(key)
    await pilot.pause()
    pilot.app.screen.query_one(Input).value = text
    await pilot.press("enter")
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()
    return shown(app_of(pilot))


async def test_citations_are_imported_and_counted(opened: Opened, tmp_path: Path, review_path: Path) -> None:
    file = write_records(tmp_path / "[b]more.csv", ["One", "Two"])
    async with opened() as pilot:
        text = await answer(pilot, "i", str(file))
        assert "[b]more.csv: 2 records read, 2 new." in text
        assert "22  Records found" in text


async def test_a_file_that_cannot_be_read_is_one_sentence(opened: Opened, tmp_path: Path) -> None:
    (tmp_path / "empty.ris").write_bytes(b"")
    async with opened() as pilot:
        text = await answer(pilot, "i", str(tmp_path / "empty.ris"))
        assert "empty.ris" in "".join(text.split())  # wherever a long path is broken
        assert "20  Records found" in text
        assert "Traceback" not in text


async def test_duplicates_are_grouped(opened: Opened, tmp_path: Path) -> None:
    async with opened() as pilot:
        await pilot.press("g")
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        assert "20 records: 0 duplicates in 0 groups." in shown(app_of(pilot))


async def test_a_folder_without_pdfs_is_one_sentence(opened: Opened, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    async with opened() as pilot:
        assert "holds no PDF files" in " ".join((await answer(pilot, "p", str(tmp_path / "folder"))).split())


@pytest.mark.parametrize("key", ["i", "p"])
async def test_escape_starts_nothing(opened: Opened, key: str) -> None:
    async with opened() as pilot:
        await pilot.press(key, "escape")
        assert not pilot.app.workers


def test_the_parts_of_the_table_add_up(review_path: Path) -> None:
    with Review.open(review_path) as review:
        ids = review.record_ids(Stage.ABSTRACT)
        for place, choice in enumerate([Choice.INCLUDE, Choice.EXCLUDE, Choice.MAYBE, Choice.INCLUDE]):
            review.decide(ids[place], Stage.ABSTRACT, choice)
        review.decide(ids[0], Stage.FULLTEXT, Choice.EXCLUDE, "[i]x[/]")
        counts = review.counts()
    rows = flow_rows(counts)
    table = dict(reversed(rows))
    assert table["Records found"] == table["  duplicates of others"] + table["Titles and abstracts to screen"]
    assert (
        counts.to_screen
        == counts.excluded + table["  maybe"] + table["  not decided yet"] + table["Reports sought in full"]
    )
    assert ("    [i]x[/]", 1) in rows


def test_reasons_that_have_no_row_of_their_own_are_counted_together(review_path: Path) -> None:
    with Review.open(review_path) as review:
        for number, record_id in enumerate(review.record_ids(Stage.ABSTRACT)[:10]):
            review.decide(record_id, Stage.ABSTRACT, Choice.INCLUDE)
            review.decide(record_id, Stage.FULLTEXT, Choice.EXCLUDE, f"Reason {number // 2 if number < 2 else number}")
        rows = flow_rows(review.counts())
    shown_reasons = [count for label, count in rows if label.startswith("    ")]
    assert sum(shown_reasons) == 10
    assert rows[-2] == ("    3 other reasons", 3)


async def test_the_advice_looks_at_every_study(
    opened: Opened, extracted_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Review.open(extracted_path) as review:
        studies = review.record_ids(Stage.FULLTEXT)
        unverified = review.count_unverified(studies)
    assert unverified
    monkeypatch.setattr(Session, "studies", lambda _: [*range(5_000, 5_300), *studies])
    async with opened(path=extracted_path) as pilot:
        assert f"Check extracted values: {unverified} values" in " ".join(shown(app_of(pilot)).split())
