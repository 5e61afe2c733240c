"""The page that explains an export counts what it says from the review."""

from __future__ import annotations

from leads_local.export import about
from leads_local.export.sheets import prisma_sheet
from leads_local.records import Choice, Stage
from leads_local.review.review import Review


def flat(review: Review) -> str:
    return " ".join(about.page_text(review, [prisma_sheet(review)]).split())


def test_which_decisions_the_included_reports_rest_on(review: Review) -> None:
    assert "The reports that were included by their full text, 1 in all" in flat(review)
    while review.undo(Stage.FULLTEXT):
        pass
    assert "(no full text has been decided yet), 12 in all" in flat(review)


def test_models_and_their_replies(review: Review, empty: Review) -> None:
    number = review.db.number("SELECT count(*) FROM reply")
    assert f"prompts default, mode full, layout trained: {number} replies" in flat(review)
    assert flat(empty).endswith("None.")


def test_the_question_is_there_and_every_line_is_short(review: Review) -> None:
    text = about.page_text(review, [prisma_sheet(review)])
    assert "Population: adults" in text
    assert max(map(len, text.splitlines())) <= 120
    review.decide(5, Stage.ABSTRACT, Choice.EXCLUDE)
