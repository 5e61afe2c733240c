"""The overview's chores run beside the screen and end in lines that say what came of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from leads_local.app import doctor
from leads_local.records import Choice, Stage
from leads_local.review.outcomes import Rule, RuleKind
from leads_local.review.prisma import flow_lines
from leads_local.review.review import Review
from leads_local.tui.screens.overview import OverviewScreen
from leads_local.tui.screens.report import ReportScreen
from leads_local.tui.session import Session
from tests.tui.conftest import Opened, app_of, shown, told, write_records


async def answer(pilot: Pilot[int], key: str, text: str) -> str:
    """Press the keys that ask for a path, type it, wait for the end; what the screen shows then."""
    for one in key.split():
        await pilot.press(one)
        await pilot.pause()
    pilot.app.screen.query_one(Input).value = text
    await pilot.press("enter")
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()
    return shown(app_of(pilot))


async def test_a_strategy_is_tried_on_the_records(opened: Opened, tmp_path: Path) -> None:
    async with opened() as pilot:
        seen = await answer(pilot, "t", "zzz[tiab] OR [b]nothing[/b][foo]")
        assert "Read as PubMed's. Tried on the" in seen
        await pilot.press("escape")
        file = tmp_path / "my strategy.txt"
        file.write_text("1. zzz.ti.\n2. (zzz.ab.\n3. 1 or 2", encoding="utf-8")
        seen = await answer(pilot, "t", str(file))
        assert "A suggestion in PubMed's syntax, from Ovid's." in seen
        assert "Read as Ovid's" in seen and "Line 2 could not be read" in seen


async def test_citations_are_imported_and_counted(opened: Opened, tmp_path: Path, review_path: Path) -> None:
    file = write_records(tmp_path / "[b]more.csv", ["One", "Two"])
    async with opened() as pilot:
        await answer(pilot, "i", str(file))
        pilot.app.screen.query_one("#database", Input).value = "[i]Embase"
        await pilot.press("enter")
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        text = shown(app_of(pilot))
        with Review.read(review_path) as review:
            assert [one.database for one in review.search_details().values()] == ["[i]Embase"]
        assert "[b]more.csv: 2 records read as" in text
        assert "22  Records identified in all" in text


async def test_a_file_that_cannot_be_read_is_one_sentence(opened: Opened, tmp_path: Path) -> None:
    (tmp_path / "empty.ris").write_bytes(b"")
    async with opened() as pilot:
        await answer(pilot, "i", str(tmp_path / "empty.ris"))
        await pilot.press("escape")
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        text = shown(app_of(pilot))
        assert "empty.ris" in "".join(text.split())  # wherever a long path is broken
        assert "20  Records identified in all" in text
        assert "Traceback" not in text


async def test_how_far_the_reviewers_agree_is_a_report(opened: Opened, review_path: Path) -> None:
    with Review.open(review_path) as review:
        for who in ("Ann", "Ben"):
            review.decide(1, Stage.ABSTRACT, Choice.INCLUDE, reviewer=who)
    async with opened() as pilot:
        await pilot.press("a")
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        assert isinstance(pilot.app.screen, ReportScreen)
        text = shown(app_of(pilot))
        assert "Ann and Ben: 1 report decided by both" in text
        assert "Ann: include                            1        0        0" in text


async def test_a_report_keeps_its_columns_and_each_line_one_line(opened: Opened) -> None:
    async with opened() as pilot:
        app_of(pilot).ask(ReportScreen("A report", ["one    two", "three\nfour\x1b[2J"]), lambda _: None)
        await pilot.pause()
        text = shown(app_of(pilot))
        assert "one    two" in text
        assert "three four␛[2J" in text


async def test_duplicates_are_grouped(opened: Opened, tmp_path: Path) -> None:
    async with opened() as pilot:
        await pilot.press("g")
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        assert "20 records: 0 duplicates in 0 groups" in shown(app_of(pilot))


async def test_a_folder_without_pdfs_is_one_sentence(opened: Opened, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    async with opened() as pilot:
        assert "holds no PDF files" in " ".join((await answer(pilot, "p", str(tmp_path / "folder"))).split())


async def test_where_it_stands_and_what_was_done_is_a_key_away(opened: Opened) -> None:
    async with opened(size=(140, 60)) as pilot:
        await pilot.press("f")
        await pilot.pause()
        text = shown(app_of(pilot))
        for words in ("Criteria (abstract): Population", "Model work", "What was done to the review:", "UTC: import: "):
            assert words in text


async def test_tables_are_exported(opened: Opened, tmp_path: Path) -> None:
    async with opened(size=(200, 60)) as pilot:
        text = await answer(pilot, "e t", str(tmp_path / "tables"))
        assert f"{len(list((tmp_path / 'tables').iterdir()))} files written to" in text
        assert (tmp_path / "tables" / "prisma.csv").exists()
        assert isinstance(pilot.app.screen, ReportScreen)
        await pilot.press("escape")
        await pilot.pause()
        assert "more lines: v shows all of them" in shown(app_of(pilot))
        await pilot.press("v")
        await pilot.pause()
        assert isinstance(pilot.app.screen, ReportScreen)


async def test_annotated_papers_and_the_report_are_a_key_away(
    opened: Opened, extracted_path: Path, tmp_path: Path
) -> None:
    async with opened(size=(200, 60), path=extracted_path) as pilot:
        text = await answer(pilot, "e b", str(tmp_path / "marked"))
        assert "No annotated copy." in text, "the papers of this review are nowhere"
        assert "report.html: no picture of" in text
        assert (tmp_path / "marked" / "annotated" / "README.txt").exists()
        assert (tmp_path / "marked" / "report.html").exists()


async def test_reference_lists_are_a_key_away(opened: Opened, extracted_path: Path, tmp_path: Path) -> None:
    async with opened(size=(200, 60), path=extracted_path) as pilot:
        text = await answer(pilot, "e l", str(tmp_path / "new.ris"))
        assert "No reference is new to this review" in text


async def test_an_export_that_tells_what_one_may_not_know_yet_is_asked_about(
    opened: Opened, review_path: Path, tmp_path: Path
) -> None:
    with Review.open(review_path) as review:
        review.set_rule(Stage.ABSTRACT, Rule(RuleKind.TWO))
        review.decide(1, Stage.ABSTRACT, Choice.EXCLUDE, "too old", "Ann")
    async with opened(size=(140, 40)) as pilot:
        text = await answer(pilot, "e t", str(tmp_path / "tables"))
        assert "An export tells what others decided" in text and "Export, and know it" in text
        await pilot.press("n")
        await pilot.pause()
        assert not (tmp_path / "tables").exists()
        await answer(pilot, "e t", str(tmp_path / "tables"))
        await pilot.press("u")
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        assert (tmp_path / "tables" / "everything.jsonl").exists()
    with Review.read(review_path) as review:
        assert [one.reviewer for one in review.events() if one.text.startswith("unblinded: ")] == ["Kim"]


async def test_a_folder_that_cannot_be_written_to_is_one_sentence(opened: Opened, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    async with opened() as pilot:
        text = await answer(pilot, "e t", str(tmp_path / "file"))
        assert "can't be written to" in " ".join(text.split())


@pytest.mark.parametrize(("key", "said"), [("d", "leads-local 0."), ("l", "Needed at run time")])
async def test_this_computer_and_the_licences_are_a_key_away(
    opened: Opened, monkeypatch: pytest.MonkeyPatch, key: str, said: str
) -> None:
    monkeypatch.setattr(doctor.backend, "ask", doctor.backend.Backend)
    async with opened(size=(140, 40)) as pilot:
        await pilot.press(key)
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        assert isinstance(pilot.app.screen, ReportScreen)
        assert said in shown(app_of(pilot))
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(pilot.app.screen, OverviewScreen)


@pytest.mark.parametrize("key", ["i", "p", "e"])
async def test_escape_starts_nothing(opened: Opened, key: str) -> None:
    async with opened() as pilot:
        await pilot.press(key, "escape")
        assert not pilot.app.workers


async def test_every_number_of_the_flow_is_shown(opened: Opened, review_path: Path) -> None:
    """With the labels that the command line and the export have, and no reason left out."""
    with Review.open(review_path) as review:
        for number, record in enumerate(review.record_ids(Stage.ABSTRACT)[:9]):
            review.decide(record, Stage.ABSTRACT, Choice.INCLUDE)
            review.decide(record, Stage.FULLTEXT, Choice.EXCLUDE, f"[i]x[/] {number}")
        lines = flow_lines(review.counts())
    async with opened(size=(140, 60)) as pilot:
        text = shown(app_of(pilot))
    for line in lines:
        assert line.is_source or f"{line.number}  {'  ' * line.depth}{line.label}" in text


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


async def test_the_numbers_of_a_past_moment_are_a_report(opened: Opened) -> None:
    async with opened() as pilot:
        text = await answer(pilot, "h", "2020-01-01")
        assert isinstance(pilot.app.screen, ReportScreen)
        assert "As it stood on 2020-01-01 at 23:59:59 UTC: 0 of" in text
        assert "Records identified in all 0" in " ".join(text.split())


async def test_what_is_no_moment_is_told(opened: Opened) -> None:
    async with opened() as pilot:
        await answer(pilot, "h", "soon")
        assert "'soon' is no moment." in told(app_of(pilot))


async def test_a_review_is_continued_as_an_update(opened: Opened, review_path: Path) -> None:
    async with opened(size=(200, 60)) as pilot:
        text = await answer(pilot, "n", "Update [b]2027[/b]")
        assert "The review goes on as Update [b]2027[/b]." in text
        assert "Update: Update [b]2027[/b], begun on 20" in text
        assert "20  Reports of the previous version screened in this update" in text
        await pilot.press("n")
        await pilot.pause()
        assert "Until now" in shown(app_of(pilot))
        await pilot.press("escape", "U")
        await pilot.pause()
        assert "previous version screened" not in shown(app_of(pilot))
    with Review.read(review_path) as review:
        assert review.updates() == []
