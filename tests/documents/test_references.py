"""Entries of reference lists in the styles that journals have."""

from __future__ import annotations

import pytest

from leads_local.documents.references import read_references
from leads_local.records import Citation, PassageKind
from tests.documents.conftest import passage

TITLE = "Rowing for stiff knees: a randomised trial"


def read(*entries: str) -> list[Citation]:
    found = read_references([passage(text, at, section="references") for at, text in enumerate(entries)])
    return [one.citation for one in found]


@pytest.mark.parametrize(
    ("entry", "authors"),
    [
        (f"1. Lee AB, van der Meer T, O’Hara K, et al. {TITLE}. J Row. 2019;4(2):11–19.", 3),
        (f"[2] Lee A.B., Wu C. {TITLE}. J. Row. 4 (2019) 11–19.", 2),
        (f"3 Lee AB, Wu C: {TITLE}. J Row 2019, 4:11-19.", 2),
        (f"4. A. B. Lee, C. Wu, and D. Obi, “{TITLE},” Journal of Rowing, vol. 4, no. 2, pp. 11–19, 2019.", 3),
        (f"Lee, A. B., & Wu, C. (2019). {TITLE}. Journal of Rowing, 4(2), 11–19.", 2),
        (f"5. Lee AB, Wu C. {TITLE}. Rowing 2000 2019;4:11.", 2),
        (f"6. Rowing Study Group. {TITLE}. J Row 2019;4:11–19.", 0),
    ],
)
def test_title_year_and_authors_are_told_in_every_style(entry: str, authors: int) -> None:
    (found,) = read(entry)
    assert (found.title, found.year, len(found.authors)) == (TITLE, 2019, authors)


def test_dois_pmids_and_years_within_titles_and_pages() -> None:
    text = "7. Obi N. Falls in 2014: a count of all. Lancet. 2016;1:1990–1999. doi:10.5555/ABC(16)1. PMID: 1234567."
    assert read(text) == [
        Citation(
            title="Falls in 2014: a count of all", authors=("Obi N",), year=2016, doi="10.5555/abc(16)1", pmid="1234567"
        )
    ]


def test_what_is_no_entry_is_none() -> None:
    assert (
        read("Submit your manuscript at www.example.org/submit", "doi:10.5555/own.1", "• Inclusion in all indexes")
        == []
    )
    body = [passage(f"Lee AB. {TITLE}. J Row. 2019;4:1.", 0, section="results")]
    heading = [passage("References 2019", 0, PassageKind.HEADING, section="references")]
    assert read_references([*body, *heading]) == ()


def test_an_entry_without_a_title_keeps_its_words() -> None:
    (found,) = read_references([passage("8. Data on file, Nowhere Ltd 2011", section="references")])
    assert (found.citation.title, found.citation.year, found.text) == ("", 2011, "Data on file, Nowhere Ltd 2011")
