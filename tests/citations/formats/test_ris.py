"""RIS as it comes: no record is lost, whatever is missing or in the way."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leads_local.citations.formats.ris import read
from leads_local.records import Citation


def one(text: str) -> Citation:
    parsed = read(text)
    assert len(parsed.citations) == 1, parsed
    return parsed.citations[0]


def test_the_fields_of_a_plain_record() -> None:
    citation = one(
        "TY  - JOUR\nTI  - A trial of\n      something  new\nAU  - Ngata, Mere\nA1  - Okoye, U.\n"
        "PY  - 2019/03/01/\nJF  - Journal of Trials\n"
        "JO  - J Trials\nVL  - 4\nIS  - 2\nSP  - 11\nEP  - 19\nDO  - https://doi.org/10.1000/ABC(1)9\nKW  - "
        "one\nKW  - two; three\n"
        "UR  - https://example.org/a; https://example.org/b\nXX  - kept\nN2  - First.\nSecond.\nER  - \n"
    )
    assert citation == Citation(
        title="A trial of something new",
        abstract="First.\nSecond.",
        authors=("Ngata, Mere", "Okoye, U."),
        year=2019,
        journal="Journal of Trials",
        volume="4",
        issue="2",
        pages="11-19",
        doi="10.1000/abc(1)9",
        kind="JOUR",
        keywords=("one", "two", "three"),
        urls=("https://example.org/a", "https://example.org/b"),
        extra=(("PY", "2019/03/01/"), ("JO", "J Trials"), ("XX", "kept")),
        number=1,
    )


@pytest.mark.parametrize(
    ("text", "titles", "notices"),
    [
        ("TY  - JOUR\nTI  - a\nTY  - JOUR\nTI  - b\nER  - \n", ["a", "b"], ["no last line (ER)"]),
        ("TY  - JOUR\nTI  - a\nER  - \nTI  - b\nAU  - X\nER  - \n", ["a", "b"], ["no first line (TY)"]),
        ("TI  - a\nAU  - X\nER  - \n", ["a"], ["no first line (TY)"]),
        ("TI  - a\nAU  - X\n\nTI  - b\nAU  - Y\n", ["a", "b"], ["no first line (TY)", "no first line (TY)"]),
        ("TY  - JOUR\nTI  - a", ["a"], ["no last line (ER)"]),
        ("ER  - \nTY  - JOUR\nTI  - a\nER  - \nER  - \n", ["a"], []),
        ("TY  -JOUR\nTI  -a\nER  -\n", ["a"], []),
        ("TY - JOUR\nTI - a\nER - \nTY  - JOUR\nTI  - b\nER  - \n", ["a", "b"], []),
        ("\ufeffTY  - JOUR\nTI  - a\nER  - \n\ufeffTY  - JOUR\nTI  - b\nER  - \n", ["a", "b"], []),
        ("1.\nTY  - JOUR\nTI  - a\nER  - \n\n2.\nTY  - JOUR\nTI  - b\nER  - \n", ["a", "b"], []),
        ("<1>\nTY  - JOUR\nTI  - a\nER  - \nNL  - tail\n\nlink: x\n2.\nTY  - JOUR\nTI  - b\nER  - ", ["a", "b"], []),
    ],
)
def test_records_without_their_first_or_last_line_are_read_and_said_so(
    text: str, titles: list[str], notices: list[str]
) -> None:
    parsed = read(text)
    assert [citation.title for citation in parsed.citations] == titles
    assert [citation.number for citation in parsed.citations] == list(range(1, len(titles) + 1))
    assert len(parsed.problems) == len(notices)
    assert all(notice in problem.message for notice, problem in zip(notices, parsed.problems, strict=True))
    assert not any(problem.whole for problem in parsed.problems)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (
            "PM  - 12643982 (http://www.ncbi.nlm.nih.gov/pubmed/12643982)\nAN  - 12643982\nDB  - Embase",
            ("12643982", "", ""),
        ),
        ("M1  - 3\nC7  - e353", ("", "3", "e353")),
        ("M1  - 3\nIS  - 4\nC7  - 353\nSP  - 1", ("", "4", "1")),
        ("M1  - (Liu R.) Department of Medicine\nC7  - see there", ("", "", "")),
        ("M1  - 1008150341", ("", "", "")),
        ("C2  - 31421429\nDB  - Scopus", ("31421429", "", "")),
        ("C2  - 31421429\nPM  - 12643982\nDB  - Scopus", ("12643982", "", "")),
        ("C2  - 31421429", ("", "", "")),
    ],
)
def test_identifiers_issue_and_article_number_in_odd_places(lines: str, expected: tuple[str, str, str]) -> None:
    citation = one(f"TY  - JOUR\nTI  - a\n{lines}\nER  - \n")
    assert (citation.pmid, citation.issue, citation.pages) == expected


def test_text_that_looks_like_a_tag_stays_in_the_abstract() -> None:
    citation = one("TY  - JOUR\nAB  - We used\nT2-weighted images and\nIL - 6 levels.\nER  - \n")
    assert citation.abstract == "We used\nT2-weighted images and\nIL - 6 levels."


def test_tags_after_the_end_belong_to_the_record_before() -> None:
    assert ("NL", "Short name") in one("TY  - JOUR\nTI  - a\nER  - \nNL  - Short name\n").extra


def test_stray_text_is_kept_in_a_problem_with_its_line() -> None:
    parsed = read("Exported by somebody\non a Monday\n\nTY  - JOUR\nTI  - a\nER  - \nwho knows\n")
    assert [(p.line, p.raw, p.whole) for p in parsed.problems] == [
        (1, "Exported by somebody\non a Monday", False),
        (7, "who knows", False),
    ]


def test_a_record_with_nothing_in_it_is_a_problem_and_counted() -> None:
    parsed = read("TY  - JOUR\nER  - \nTY  - JOUR\nTI  - a\nER  - \n")
    assert [citation.title for citation in parsed.citations] == ["a"]
    assert [(p.line, p.whole, p.raw) for p in parsed.problems] == [(1, True, "TY  - JOUR\nER  -")]


@pytest.mark.parametrize(
    ("lines", "pmid"),
    [
        ("AN  - 21553931\nDP  - NLM", "21553931"),
        ("AN  - 21553931\nDB  - Scopus", ""),
        ("ID  - 369\nDP  - NLM", ""),
        ("ID  - 31012345\nDB  - Ovid MEDLINE(R)", "31012345"),
        ("U1  - 23690738[pmid]", "23690738"),
        ("C5  - 24020731\nDB  - Embase\nDB  - Medline", "24020731"),
        ("C3  - PUBMED 30388194,EMBASE 36231497", "30388194"),
        ("UR  - https://pubmed.ncbi.nlm.nih.gov/26957754/", "26957754"),
        ("N1  - Comment in: 2019;3 (PMID: 11111111)", ""),
        ("AN  - rayyan-264552525", ""),
    ],
)
def test_where_a_pmid_stands(lines: str, pmid: str) -> None:
    assert one(f"TY  - JOUR\nTI  - a\n{lines}\nER  - \n").pmid == pmid


@pytest.mark.parametrize(
    ("lines", "doi"),
    [
        ("DO  - doi:10.1201/b19107-2", "10.1201/b19107-2"),
        ("DO  - n/a\nM3  - doi: 10.1063/1.1954747", "10.1063/1.1954747"),
        ("UR  - https://x.org/r?eid=2-s2.0&doi=10.15598%2faeee.v16i3.2698&partnerID=40", "10.15598/aeee.v16i3.2698"),
        ("N1  - Erratum in: Lancet doi: 10.1016/s0140", ""),
        *((f"{tag}  - https://doi.org/10.1000/{tag}", f"10.1000/{tag.lower()}") for tag in ("L3", "L2", "LK", "L1")),
        (
            "L1  - file.pdf\nL2  - 10.1000/second\nUR  - https://doi.org/10.1000/third\nL3  - 10.1000/first",
            "10.1000/first",
        ),
        ("UR  - https://doi.org/10.1000/third\nL2  - 10.1000/second", "10.1000/second"),
        (
            "DO  - 10.1002/(SICI)1097-0258(19980815)17:15<1661::AID-SIM968>3.0.CO;2-2",
            "10.1002/(sici)1097-0258(19980815)17:15<1661::aid-sim968>3.0.co;2-2",
        ),
    ],
)
def test_where_a_doi_stands(lines: str, doi: str) -> None:
    citation = one(f"TY  - JOUR\nTI  - a\n{lines}\nER  - \n")
    assert citation.doi == doi
    assert ("DO", "n/a") in citation.extra or "n/a" not in lines


def test_what_stands_beside_a_doi_in_its_field_is_kept() -> None:
    citation = one("TY  - JOUR\nTI  - a\nDO  - 10.1000/x (print), replaced by 10.1000/y\nER  - \n")
    assert citation.doi == "10.1000/x" and citation.extra == (("DO", "10.1000/x (print), replaced by 10.1000/y"),)


@pytest.mark.parametrize(
    ("start", "end", "pages"), [("11", "19", "11-19"), ("11", "11", "11"), ("e12", "", "e12"), ("11-19", "19", "11-19")]
)
def test_pages_are_a_range_only_where_there_are_two(start: str, end: str, pages: str) -> None:
    assert one(f"TY  - JOUR\nTI  - a\nSP  - {start}\nEP  - {end}\nER  - \n").pages == pages


def test_a_record_with_two_types_is_one_record() -> None:
    citation = one("TY  - JOUR\nTY  - ELEC\nTI  - a\nER  - \n")
    assert (citation.kind, citation.title) == ("JOUR; ELEC", "a")
    assert not read("TY  - JOUR\nTY  - ELEC\nTI  - a\nER  - \n").problems


def test_a_year_that_is_none_is_reported_and_kept() -> None:
    parsed = read("TY  - JOUR\nTI  - a\nPY  - 10 15\nER  - \n")
    assert parsed.citations[0].year is None
    assert parsed.citations[0].extra == (("PY", "10 15"),)
    assert [(p.line, p.raw) for p in parsed.problems] == [(3, "")]
    assert '"10 15"' in parsed.problems[0].message


TAGS = ["TY", "ER", "TI", "AU", "AB", "KW", "PY", "SP", "EP", "DO", "ZZ", "N1"]
LINES = st.one_of(
    st.builds(
        lambda tag, text: f"{tag}  - {text}",
        st.sampled_from(TAGS),
        st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    ),
    st.sampled_from(["", "TY  - JOUR", "ER  - ", "1.", "loose words", "TY - JOUR", "TY  -", "  indented"]),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(LINES, max_size=25))
def test_every_word_of_any_file_is_in_a_citation_or_a_problem(lines: list[str]) -> None:
    marked = [
        f"{line} w{number}w" if line[:2] not in ("ER", "1.") and line else line for number, line in enumerate(lines)
    ]
    parsed = read("\n".join(marked))
    kept = repr(parsed.citations) + repr([problem.raw for problem in parsed.problems])
    missing = [number for number, line in enumerate(marked) if f"w{number}w" in line and f"w{number}w" not in kept]
    assert not missing


def test_a_value_of_very_many_lines_takes_no_more_time_than_its_length() -> None:
    lines = 200_000
    citation = one("TY  - JOUR\nAB  - start\n" + "words and words\n" * lines + "ER  - \n")
    assert citation.abstract.count("\n") == lines
