"""Embase's fields by row are told from a table, and every record is one."""

from __future__ import annotations

from leads_local.citations.formats import by_row
from leads_local.citations.source import read_text

TEXT = """"TITLE","A trial of, say, walking"
"AUTHOR NAMES","Ngata M.","Okoye U."
"SOURCE","J Trials (2019) 4:2 (11-19). Date of Publication: 2019"
"ABSTRACT","First.
Second."
"DOI","10.1000/jt"
"EMBASE LINK","https://example.org/1"
"CAS","1-2-3"

"TITLE","Another"
"AUTHOR NAMES","Lone L."
"SOURCE","Somewhere else"
"""


def test_fields_by_row() -> None:
    format, parsed = read_text(TEXT, "records.csv")
    assert format == "csv by row"
    first, second = parsed.citations
    assert (first.title, first.authors, first.abstract) == (
        "A trial of, say, walking",
        ("Ngata M.", "Okoye U."),
        "First.\nSecond.",
    )
    assert (first.year, first.journal, first.volume, first.issue, first.pages) == (2019, "J Trials", "4", "2", "11-19")
    assert ("CAS", "1-2-3") in first.extra
    assert (second.title, second.journal, second.number) == ("Another", "Somewhere else", 2)


def test_a_table_is_not_taken_for_fields_by_row() -> None:
    assert not by_row.is_by_row("title,abstract\nyear,authors\nsource,doi\n")
    assert not by_row.is_by_row("title,year\nA study of the abstract,2001\n")
