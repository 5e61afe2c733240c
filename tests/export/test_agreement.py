"""The table of agreement has the figures that the command has, and empty cells where one is undefined."""

from __future__ import annotations

from leads_local.evaluation.raters import compare_all
from leads_local.export.agreement import agreement_sheet
from leads_local.records import Choice, Stage
from leads_local.review.review import Review

FULL = Stage.FULLTEXT


def test_a_row_for_each_figure_and_each_count(review: Review) -> None:
    for record in (1, 2):
        for who in ("Ann", "Bob", "Cem"):
            review.decide(record, FULL, Choice.INCLUDE if who == "Cem" else Choice.EXCLUDE, reviewer=who)
    sheet = agreement_sheet(review)
    rows = [dict(zip(sheet.header, row, strict=True)) for row in sheet.rows()]
    assert list(sheet.rows()) == list(sheet.rows())
    report = compare_all(review, FULL)
    for two in report.people:
        mine = {
            row["measure"]: row
            for row in rows
            if (row["stage"], row["one"], row["other"]) == (FULL, two.one, two.other)
        }
        for name, found in two.agreement.figures():
            assert [mine[name][part] for part in ("value", "from", "to", "of")] == [
                *(found.value, found.low, found.high, found.of)
            ]
        assert mine["count: exclude, include"]["value"] == two.agreement.counts["exclude"]["include"]
        assert mine["reports on which the second could know the first's vote"]["value"] == two.seen
    assert [row["of"] for row in rows if row["measure"] == "Krippendorff’s alpha"] == [2]
    assert {row["other"] for row in rows if str(row["other"]).startswith("model: ")}
    assert None in [row["value"] for row in rows if row["measure"] == "Cohen’s kappa"]
