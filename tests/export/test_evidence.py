"""The evidence table: one row for each report, and never a rejected value."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from leads_local.export.evidence import _column_cells, evidence_sheet
from leads_local.export.sheets import Cell
from leads_local.records import Box, Choice, Quote, QuotePlace, Stage
from leads_local.review.review import Review
from leads_local.review.store import documents


def rows(review: Review) -> list[dict[str, Cell]]:
    sheet = evidence_sheet(review)
    found = [dict(zip(sheet.header, row, strict=True)) for row in sheet.rows()]
    assert len(set(sheet.header)) == len(sheet.header)
    return found


def test_a_row_for_each_report_with_values_or_included(review: Review) -> None:
    assert [row["report"] for row in rows(review)] == [1, 2, 3, 4]
    review.decide(9, Stage.FULLTEXT, Choice.INCLUDE)
    assert [row["report"] for row in rows(review)] == [1, 2, 3, 4, 9]


def _sha256(review: Review, head: int) -> str:
    paper = documents.of_head(review.db, head)
    assert paper is not None
    return paper.sha256


def test_what_was_not_read_of_a_paper_stands_in_its_row(review: Review) -> None:
    assert [row["not read in the PDF"] for row in rows(review)][:2] == ["", ""]
    with review.db.transaction():
        sha256 = _sha256(review, 2)
        review.db.write("UPDATE document SET notice = 'Page 2 of 3 is damaged.' WHERE sha256 = ?", (sha256,))
    assert [row["not read in the PDF"] for row in rows(review)][:2] == ["", "Page 2 of 3 is damaged."]


def test_columns_are_the_form_in_its_order(review: Review) -> None:
    names = [name for name in evidence_sheet(review).header[8:] if ":" not in name]
    assert names[:10] == [f"Field {n}" for n in range(10)]
    assert names[10] == "arms"
    assert "Pain (unit)" in names
    assert "Pain" in names
    assert "Age" in names


def test_a_persons_word_replaces_the_models(review: Review) -> None:
    field = next(stored for stored in review.values(2) if stored.value.item == "Field 3")
    review.verify(field.id, "edited", "as I read it", reviewer="Ann")
    row = rows(review)[1]
    assert (row["Field 3"], row["Field 3: status"]) == ("as I read it", "edited")
    review.verify(field.id, "rejected", reviewer="Ann")
    row = rows(review)[1]
    assert [row[f"Field 3{part}"] for part in ("", ": status", ": quote", ": page")] == ["", "", "", None]
    assert field.value.text not in [row["Field 3"] for row in rows(review)]


def test_what_is_rejected_everywhere_has_no_column(review: Review) -> None:
    for report in (1, 2, 3, 4):
        for stored in review.values(report):
            if stored.value.item == "Field 3":
                review.verify(stored.id, "rejected", reviewer="Ann")
    header = evidence_sheet(review).header
    assert "Field 4" in header and not [name for name in header if name.startswith("Field 3")]


def test_values_of_arms_name_their_arms(review: Review) -> None:
    found = [
        stored
        for stored in review.values(1)
        if (stored.value.task, stored.value.item, stored.value.part) == ("results", "Pain", "value")
    ]
    assert found
    assert rows(review)[0]["Pain"] == "; ".join(
        f"{one.value.group}: {one.final_text or 'not reported'}" if one.value.group else one.final_text for one in found
    )


@pytest.mark.parametrize(("pages", "told"), [((7, 3), "3; 7"), ((4, 4), 4), ((10, 9, 0), "9; 10"), ((0,), None)])
def test_every_page_that_holds_evidence_is_named(review: Review, pages: tuple[int, ...], told: Cell) -> None:
    stored = review.values(2)[0]
    found = []
    for page in pages:
        places = (QuotePlace(page, Box(1, 1, 2, 2)),) if page else ()
        quote = Quote("x", "exact" if page else "", 0, places)
        found.append(replace(stored, value=replace(stored.value, quote=quote)))
    assert _column_cells(("results", "Pain", "value"), found)[-1] == told


def test_an_empty_review(empty: Review, tmp_path: Path) -> None:
    assert rows(empty) == []
    assert evidence_sheet(empty).header == (
        *("report", "study", "study label", "title", "authors", "year", "doi"),
        "not read in the PDF",
    )
