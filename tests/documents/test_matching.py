"""A PDF goes to the citation that it is the text of, by the surest evidence, and to none where two fit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads_local.documents import identity
from leads_local.documents.identity import Agreement
from leads_local.documents.matching import CitationMatch, Matcher, NoMatch, find_dois, match, plain_words
from leads_local.records import Citation, Document, PassageKind
from tests.documents.conftest import passage

CITATIONS = [
    Citation(
        title="Zoltrexin for pain of the thumb: a randomised trial",
        doi="10.1000/pain.1",
        pmid="31234567",
        authors=("Miller, Anna",),
        year=2019,
    ),
    Citation(
        title="Aspirin and the common cold in older adults", doi="10.1000/cold.22", authors=("Smith BC",), year=2020
    ),
    Citation(
        title="Sleep after surgery of the knee: a cohort study", pmid="29876543", authors=("Jo Brown",), year=2018
    ),
    Citation(title="Proceedings of the annual meeting of thumb surgeons", authors=("Miller, Anna",), year=2017),
    Citation(title="Proceedings of the annual meeting of thumb surgeons", authors=("Okafor, Chi",), year=2021),
    Citation(title=""),
]


def paper(
    title: str = "", text: str = "", path: str = "download.pdf", info: tuple[tuple[str, str], ...] = ()
) -> Document:
    passages = [passage(title, 0, PassageKind.TITLE)] if title else []
    passages += [passage(text, 1)] if text else []
    passages.append(passage("1. See doi:10.1000/cold.22", 2, section="references"))
    return Document(path, "", (), tuple(passages), info=info)


@pytest.mark.parametrize(
    ("document", "index", "how"),
    [
        (paper(text="Trials 2019. https://doi.org/10.1000/PAIN.1."), 0, "DOI"),
        (paper(text="doi: 10.1000/ cold.22; received in May"), 1, "DOI"),
        (paper(info=(("subject", "Trials 2019, doi:10.1000/pain.1"),)), 0, "DOI"),
        (paper(text="Published online. PMID: 29876543"), 2, "PMID"),
        (paper("Sleep after surgery of the knee – a cohort study"), 2, "title"),
        (paper("ASPIRIN AND THE COMMON COLD IN OLDER ADULTS"), 1, "title"),
        (
            paper(
                "Sleep after surgery"[:5],
                "Research article Sleep after surgery of the knee: a cohort study. Jo Brown 2018",
            ),
            2,
            "title",
        ),
        (paper(path="10.1000_cold.22.pdf"), 1, "file name"),
        (paper(path="31234567.pdf"), 0, "file name"),
        (paper(path="Brown 2018 - Sleep after surgery of the knee.pdf"), 2, "file name"),
        (paper("Proceedings of the annual meeting of thumb surgeons", "Chi Okafor, London 2021"), 4, "title"),
    ],
)
def test_the_surest_evidence_decides(document: Document, index: int, how: str) -> None:
    found = match(document, CITATIONS)
    assert found is not None and found.index == index and how in found.how and 80 < found.score <= 100


@pytest.mark.parametrize(
    "document",
    [
        paper("Proceedings of the annual meeting of thumb surgeons"),
        paper(text="Both 10.1000/pain.1 and 10.1000/cold.22 are cited here."),
        paper("Something else altogether about hips"),
        paper(path="scan0001.pdf"),
        paper(path="a study.pdf"),
        paper(text="10.1000/pain.12"),
        paper(text="PMID: 31234567, PMID: 29876543"),
        paper(path="PMC31234567.pdf"),
        paper(
            "Proceedings of the annual meeting of thumb surgeons",
            "Anna Miller, Chi Okafor: the meetings of 2017 and 2021",
        ),
        Document("x.pdf", "", (), (passage("See also PMID 31234567.", page=3),)),
    ],
)
def test_what_is_unclear_has_no_match_but_a_reason(document: Document) -> None:
    assert match(document, CITATIONS) is None
    found = Matcher(CITATIONS).look(document)
    assert isinstance(found, NoMatch) and found.reason


def test_duplicates_of_one_paper_are_no_rivals() -> None:
    twice = [CITATIONS[0], CITATIONS[0]]
    assert match(paper(CITATIONS[0].title), twice) == CitationMatch(0, 100.0, "title")
    assert match(paper(text="10.1000/pain.1"), twice) == CitationMatch(0, 100.0, "DOI 10.1000/pain.1")


def test_text_that_only_prints_a_number_is_of_no_paper_whose_authors_are_not_known() -> None:
    nobodys = Citation(title="Cold water for sore knees of runners", doi="10.1000/cold.1")
    words = " ".join(f"word{number} of the day" for number in range(60))
    found = Matcher([nobodys]).look(paper(text=f"{words} (10.1000/cold.1) {words}"))
    assert isinstance(found, NoMatch) and "no title was read in it" in found.reason


def test_a_line_that_cites_a_title_is_no_title() -> None:
    title = "Aspirin and the common cold in older adults"
    for line, agrees in ((f"{title}. Smith BC", True), (f"See the article {title}. Smith BC", False)):
        told = identity.read(paper(text=line))
        assert (told.fits_title(CITATIONS[1]).agreement is Agreement.AGREES) is agrees


def test_no_candidates_and_no_text() -> None:
    assert match(paper("A title of some length"), []) is None
    assert match(Document("x.pdf", "", problem="x.pdf: the file is empty"), CITATIONS) is None


@given(st.text(max_size=60))
def test_plain_is_stable(text: str) -> None:
    assert plain_words(plain_words(text)) == plain_words(text)


def test_dois_lose_the_punctuation_after_them() -> None:
    assert find_dois("(doi:10.1000/ABC(2019)12).") == ["10.1000/abc(2019)12"]
    assert find_dois("see 10.1016/j.x.2019.01.001; and [10.1/x]") == ["10.1016/j.x.2019.01.001"]


def test_a_file_name_needs_three_words_of_its_citation() -> None:
    short = [Citation(title="Zoltrexin trial", authors=("Ng, A.",))]
    assert match(paper(path="zoltrexin trial protocol appendix.pdf"), short) is None
    assert match(paper(path="Ng - zoltrexin trial.pdf"), short) is not None
