"""The tables before they are files: people's words and the model's in columns of their own."""

from __future__ import annotations

from leads_local.export.sheets import Sheet, extraction, judgements, prisma, records
from leads_local.review.review import Review


def column(sheet: Sheet, name: str) -> list[object]:
    place = sheet.header.index(name)
    return [row[place] for row in sheet.rows()]


def test_headers_fit_their_rows_and_are_unique(review: Review) -> None:
    for make in (records, judgements, extraction, prisma):
        sheet = make(review)
        assert {len(row) for row in sheet.rows()} == {len(sheet.header)}
        assert len(set(sheet.header)) == len(sheet.header)


def test_a_table_can_be_read_twice(review: Review) -> None:
    for make in (records, judgements, extraction, prisma):
        sheet = make(review)
        assert list(sheet.rows()) == list(sheet.rows()) != []


def test_suggestions_never_stand_in_a_persons_column(review: Review) -> None:
    header = records(review).header
    people = {part for name in header if name.startswith(("abstract: ", "fulltext: ")) for part in [name.split(": ")[1]]}
    assert people == {
        *("decision", "reason", "reviewer", "decided at"),
        *("model score", "model expected score", "model probability of inclusion"),
    }
    decided = [bool(choice) for choice in column(records(review), "fulltext: decision")]
    assert sum(decided) == 2
    scored = [score is not None for score in column(records(review), "fulltext: model score")]
    assert sum(scored) == 4


def test_a_record_of_a_group_has_its_reports_decision(review: Review) -> None:
    from leads_local.records import Choice, Stage

    review.decide(14, Stage.ABSTRACT, Choice.MAYBE)
    assert column(records(review), "abstract: decision")[12:14] == ["maybe", "maybe"]


def test_evidence_that_was_not_found_says_so(review: Review) -> None:
    assert set(column(extraction(review), "quote found")) <= {"", "exact", "normalised", "not found"}
    assert "not found" in column(extraction(review), "quote found")


def test_windows_paths_show_their_file_only(review: Review) -> None:
    assert "hostile.ris" in column(records(review), "source")
    assert "Records identified in hostile.ris" in column(prisma(review), "label")
