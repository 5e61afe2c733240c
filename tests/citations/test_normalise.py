"""Spellings of one fact are one, and nothing is invented."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads_local.citations import normalise, title_notes


@pytest.mark.parametrize(
    "text",
    [
        "10.1000/Ab.c(1)2",
        "https://doi.org/10.1000/AB.C(1)2",
        "http://dx.doi.org/10.1000/ab.c(1)2.",
        "doi:10.1000/ab.c(1)2",
        "DOI: 10.1000/ab.c(1)2",
        "10.1000/ab.c(1)2 [doi]",
        "(10.1000/ab.c(1)2)",
        "https://x.org/?a=1&doi=10.1000%2Fab.c(1)2&b=2",
        "see doi 10.1000/ab.c(1)2; and more",
    ],
)
def test_one_doi_in_many_dresses(text: str) -> None:
    assert normalise.find_doi(text) == "10.1000/ab.c(1)2"


@pytest.mark.parametrize("text", ["", "10.1", "10.5 mg/kg", "n/a", "10/12/2004", "S0140-6736(10)60000-1"])
def test_no_doi_is_made_up(text: str) -> None:
    assert normalise.find_doi(text) == ""


@pytest.mark.parametrize(
    ("text", "whole"), [("10.1000/a", True), ("https://doi.org/10.1000/A", True), ("10.1000/a, 10.1000/b", False)]
)
def test_a_doi_field_tells_whether_it_held_more(text: str, whole: bool) -> None:
    assert normalise.parse_doi(text) == ("10.1000/a", whole)


@pytest.mark.parametrize(
    ("text", "pmid"),
    [
        ("12345678", "12345678"),
        ("PMID: 00123", "123"),
        ("123[pmid]", "123"),
        ("12345678.0", "12345678"),
        ("WOS:0004", ""),
        ("1234567890", ""),
    ],
)
def test_pmids(text: str, pmid: str) -> None:
    assert normalise.parse_pmid(text) == pmid


@pytest.mark.parametrize(
    ("text", "year"),
    [("2001", 2001), ("2001/09/01/", 2001), ("Spring 1999", 1999), ("20190815", 2019), ("2019-20", 2019),
        ("10 15", None), ("99", None),
     ("1-1200", None), ("120034", None), ("c1987.", 1987)],
)  # fmt: skip
def test_years(text: str, year: int | None) -> None:
    assert normalise.find_year(text) == year


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Liu R., Adler D.G.", ["Liu R.", "Adler D.G."]),
        ("Rudnik A, Piotrowicz G", ["Rudnik A", "Piotrowicz G"]),
        ("Marx, Karl; Lindgren, Astrid", ["Marx, Karl", "Lindgren, Astrid"]),
        ("['Marx, Karl', 'Lindgren, Astrid']", ["Marx, Karl", "Lindgren, Astrid"]),
        ("Marx, Karl and Lindgren, Astrid", ["Marx, Karl", "Lindgren, Astrid"]),
        ("Marx, Karl|Lindgren, Astrid", ["Marx, Karl", "Lindgren, Astrid"]),
        ("Marx, Karl", ["Marx, Karl"]),
        ("Department of Sand and Water", ["Department of Sand", "Water"]),
        ("Liu R, Adler D, et al.", ["Liu R", "Adler D", "et al."]),
        ("", []),
    ],
)
def test_author_cells(text: str, names: list[str]) -> None:
    assert normalise.split_authors(text) == names


@pytest.mark.parametrize(
    ("author", "key"),
    [
        ("Müller-Lüdenscheidt, K.", "mullerludenscheidt"),
        ("Smith JA", "smith"),
        ("van der Berg J.", "vanderberg"),
        ("Jane Q. Public", "public"),
        ("J. Smith", "smith"),
        ("LI W", "li"),
        ("Smith JA Jr", "smith"),
        ("Smith, J. A., III", "smith"),
        ("Sørensen Ł.", "sorensen"),
        ("Đæłþ, A", "daelth"),
    ],
)
def test_surnames(author: str, key: str) -> None:
    assert normalise.name_key(author) == key


@pytest.mark.parametrize(
    ("pages", "page"),
    [("211-9", "211"), ("pp. 211-219", "211"), ("e0012", "e12"), ("S12-S15", "s12"), ("Article 7", "7"), ("", "")],
)
def test_first_pages(pages: str, page: str) -> None:
    assert normalise.first_page_key(pages) == page


def test_keywords_keep_entities_whole() -> None:
    assert normalise.split_keywords("Wounds &amp; injuries; two;\nthree") == ["Wounds &amp; injuries", "two", "three"]


def test_titles_compare_without_dress() -> None:
    dressed = "<b>Effect</b> of &beta;-blockers: a  R&amp;D Study.[Article]"
    assert (
        title_notes.bare_key(dressed)
        == normalise.title_key("effect of β-blockers – a R&D study")
        == "effect of beta blockers a r d study"
    )


@given(st.text())
def test_nothing_raises_on_any_text(text: str) -> None:
    for function in (
        normalise.find_doi,
        normalise.parse_doi,
        normalise.parse_pmid,
        normalise.find_pmid,
        normalise.find_year,
    ):
        function(text)
    for function in (
        normalise.split_authors,
        normalise.split_items,
        normalise.split_keywords,
        normalise.split_links,
        normalise.title_key,
        normalise.name_key,
    ):
        function(text)
    assert normalise.title_key(text.upper()) == normalise.title_key(text.upper().lower()) or not text.isascii()


@pytest.mark.parametrize(
    ("text", "doi"),
    [
        ("10.1016/0140-6736(95)90000(1)", "10.1016/0140-6736(95)90000(1)"),
        ("(see 10.1016/0140-6736(95)90000(1))", "10.1016/0140-6736(95)90000(1)"),
        ("<10.1002/1097(1998)17:15<1::aid>", "10.1002/1097(1998)17:15<1::aid>"),
        ("10.1000/x[1].", "10.1000/x[1]"),
    ],
)
def test_a_bracket_at_the_end_belongs_to_a_doi_that_opens_it(text: str, doi: str) -> None:
    assert normalise.find_doi(text) == doi


@pytest.mark.parametrize(
    ("link", "doi"),
    [
        ("https://onlinelibrary.wiley.com/doi/10.1002/abc.123/abstract", "10.1002/abc.123"),
        ("https://x.org/doi/pdf/10.1000/jit.12.pdf", "10.1000/jit.12"),
        ("https://x.org/10.1000/jit.12?via=ihub", "10.1000/jit.12"),
        ("10.1136/bmj.326.7379.12.full.pdf", "10.1136/bmj.326.7379.12"),
        ("10.1000/html", "10.1000/html"),
        (
            "10.1002/1099-1018(200005)24:3<141::aid-fam731>3.0.co;2-t",
            "10.1002/1099-1018(200005)24:3<141::aid-fam731>3.0.co;2-t",
        ),
    ],
)
def test_the_tail_of_a_link_is_no_part_of_a_doi(link: str, doi: str) -> None:
    found, whole = normalise.parse_doi(link)
    assert found == doi
    assert whole == (link == doi), "what is more than the DOI is kept where it stood"
