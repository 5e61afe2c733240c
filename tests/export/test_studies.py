"""Studies in an export: two reports of one study are visible as such in every table, and studies are counted apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from leads_local.export.evidence import evidence_sheet
from leads_local.export.sheets import Sheet, prisma_sheet, records_sheet, values_sheet
from leads_local.export.studies import studies_sheet
from leads_local.export.tables import export_review
from leads_local.records import Stage
from leads_local.review.review import Review


def rows_of(sheet: Sheet) -> list[dict[str, object]]:
    return [dict(zip(sheet.header, row, strict=True)) for row in sheet.rows()]


@pytest.fixture
def linked(review: Review) -> tuple[int, int]:
    """Two reports that were linked, of which the first is included."""
    _, included = review.included()
    other = next(one for one in review.record_ids(Stage.FULLTEXT) if one not in included)
    review.link_reports([included[0], other], "=BIG", "one registration number", "Ann")
    return included[0], other


def test_every_table_of_reports_says_of_which_study(review: Review, linked: tuple[int, int]) -> None:
    for make in (evidence_sheet, records_sheet, values_sheet):
        named = {row["report"]: (row["study"], row["study label"]) for row in rows_of(make(review))}
        assert {named[one] for one in linked if one in named} == {(min(linked), "=BIG")}, make
        assert len({said for report, said in named.items() if report not in linked and said[0]}) >= 1


def test_there_is_a_row_for_each_study(review: Review, linked: tuple[int, int]) -> None:
    rows = rows_of(studies_sheet(review))
    reports = [int(one) for row in rows for one in str(row["report numbers"]).split("; ")]
    assert sorted(reports) == sorted(set(reports)) == review.record_ids(Stage.FULLTEXT)
    assert len(rows) == len(reports) - 1
    (row,) = [row for row in rows if row["study"] == min(linked)]
    assert (row["reports"], row["reports included"], row["included"], row["label by"]) == (2, 1, "yes", "people")
    assert (row["linked because"], row["study id"]) == ("one registration number", review.study_of(linked[0]).name)
    included = sum(row["included"] == "yes" for row in rows)
    numbers = {line["key"]: line["number"] for line in rows_of(prisma_sheet(review))}
    assert (numbers["studies"], numbers["included"]) == (included, len(review.included()[1]))


def test_a_reference_manager_is_told(review: Review, linked: tuple[int, int], tmp_path: Path) -> None:
    export_review(review, tmp_path / "out")
    ris = (tmp_path / "out" / "included.ris").read_text(encoding="utf-8")
    assert ris.count("N1  - Report of the study =BIG (2 reports)") == 1
    page = (tmp_path / "out" / "README.txt").read_text(encoding="utf-8")
    assert "studies.csv\n    One row for each study" in page
    number = review.count_studies(review.included()[1])
    assert f"in all, of {number} stud" in " ".join(page.split())
