"""The tables before they are files: people's words and the model's in columns of their own."""

from __future__ import annotations

from leads_local.export.sheets import Sheet, judgements_sheet, prisma_sheet, records_sheet, values_sheet
from leads_local.records import Choice, Stage
from leads_local.review.read_models import RecordFilter, RecordOrder
from leads_local.review.review import Review
from leads_local.review.store import values
from tests.jobs.work_fixture import engine, work


def column(sheet: Sheet, name: str) -> list[object]:
    place = sheet.header.index(name)
    return [row[place] for row in sheet.rows()]


def test_headers_fit_their_rows_and_are_unique(review: Review) -> None:
    for make in (records_sheet, judgements_sheet, values_sheet, prisma_sheet):
        sheet = make(review)
        assert {len(row) for row in sheet.rows()} == {len(sheet.header)}
        assert len(set(sheet.header)) == len(sheet.header)


def test_a_table_can_be_read_twice(review: Review) -> None:
    for make in (records_sheet, judgements_sheet, values_sheet, prisma_sheet):
        sheet = make(review)
        assert list(sheet.rows()) == list(sheet.rows()) != []


def test_suggestions_never_stand_in_a_persons_column(review: Review) -> None:
    header = records_sheet(review).header
    people = {
        part for name in header if name.startswith(("abstract: ", "fulltext: ")) for part in [name.split(": ")[1]]
    }
    assert people == {
        *("decision", "reason", "reviewer", "decided at"),
        *("model score", "model expected score", "model probability of inclusion"),
        *("model probability of inclusion, from", "model probability of inclusion, to"),
    }
    decided = [bool(choice) for choice in column(records_sheet(review), "fulltext: decision")]
    assert sum(decided) == 2
    scored = [score is not None for score in column(records_sheet(review), "fulltext: model score")]
    assert sum(scored) == 4


def test_a_record_of_a_group_has_its_reports_decision(review: Review) -> None:
    from leads_local.records import Choice, Stage

    review.decide(14, Stage.ABSTRACT, Choice.MAYBE)
    assert column(records_sheet(review), "abstract: decision")[12:14] == ["maybe", "maybe"]


def test_evidence_that_was_not_found_says_so(review: Review) -> None:
    assert set(column(values_sheet(review), "quote found")) <= {"", "exact", "normalised", "not found"}
    assert "not found" in column(values_sheet(review), "quote found")


def test_words_that_are_not_in_the_paper_are_in_no_column_of_quotes(review: Review) -> None:
    sheet = values_sheet(review)
    shown = list(zip(column(sheet, "quote"), column(sheet, "quote found"), strict=True))
    assert {bool(quote) for quote, found in shown if found in ("exact", "normalised")} == {True}
    assert {quote for quote, found in shown if found in ("", "not found")} == {""}


def test_a_value_that_was_set_aside_says_so(review: Review) -> None:
    aside = review.values(2)[0].id
    with review.db.transaction():
        values.set_current(review.db, [aside], False)
    sheet = values_sheet(review)
    told = dict(zip(column(sheet, "value"), column(sheet, "current"), strict=True))
    assert [value for value, current in told.items() if current != "yes"] == [aside] and told[aside] == "no"


def test_windows_paths_show_their_file_only(review: Review) -> None:
    assert "hostile.ris" in column(records_sheet(review), "source")
    assert "Records identified in hostile.ris" in column(prisma_sheet(review), "label")


def test_a_probability_is_told_only_where_it_was_learned(review: Review) -> None:
    """Of the records that were screened the ten best are decided: the others get a bound, and no number that looks like
    knowledge."""
    list(work(review, "abstract", engine()))
    ids = review.record_ids(Stage.ABSTRACT, RecordFilter.ALL, RecordOrder.CHANCE)
    scores = {one.id: one.score for one in review.summaries(ids) if one.score is not None}
    best, rest = list(scores)[:10], list(scores)[10:]
    assert rest
    with review.db.transaction():
        for place, record in enumerate(scores):
            given = 0.9 - place / 100 if record in best else -0.5
            review.db.write(
                "UPDATE screening SET score = ?, expected = NULL WHERE record_id = ? AND stage = 'abstract'",
                (given, record),
            )
    for place, record in enumerate(scores):
        choice = Choice.MAYBE if record in rest else Choice.INCLUDE if place < 5 else Choice.EXCLUDE
        review.decide(record, Stage.ABSTRACT, choice)
    sheet = records_sheet(review)
    assert "only a bound is given" in sheet.about
    name = "abstract: model probability of inclusion"
    table = {
        row[0]: told
        for row, *told in zip(
            sheet.rows(), *(column(sheet, f"{name}{part}") for part in ("", ", from", ", to")), strict=True
        )
    }
    for record in best:
        value, low, high = table[record]
        assert isinstance(value, float) and isinstance(low, float) and isinstance(high, float) and low <= value <= high
    for record in rest:
        value, low, high = table[record]
        assert (value, low) == (None, 0.0) and isinstance(high, float) and high > 0.05
