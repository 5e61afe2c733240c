"""Web of Science, EndNote tagged, Ovid, BibTeX and JSON Lines; and that no reader falls over anything."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leads_local.citations.formats import bibtex, enw, jsonl, ovid, wos
from leads_local.citations.source import READERS, read_text
from leads_local.errors import InputError

WOS = """FN Export
VR 1.0
PT J
AU Ngata, M
   Okoye, U
AF Ngata, Mere
   Okoye, Ude
TI A trial that
   goes on
SO JOURNAL OF TRIALS
DE walking; more
   steps
BP 11
EP 19
PY 2019
DI 10.1000/JT
UT MEDLINE:31000001
ER

PT J
TI Second
PT J
TI Third
ER

EF
"""
ENW = """%0 Journal Article
%A Ngata, Mere
%A Okoye, Ude
%T A trial
%J J Trials
%D 2019
%P 11-19
%R 10.1000/JT
%X First.
Second.
%Z kept

%0 Book
%T A book
%B Series

%T Without a type
%A X, Y
"""
OVID = """<1>
Unique Identifier
  31000001
Database
  Ovid MEDLINE(R)
Author
  Ngata, Mere 1;  Okoye, Ude MD *
Title
  A trial that
  goes on
Source
  Journal of Trials.   4(2):11-19, March 2019.
Odd Label
  kept
<2>
Title
  Second
"""
BIB = """@comment{not a record}
@string{jt = "Journal of Trials"}
@article{ngata2019,
  title = {The {TERT} gene in M{\\'e}ni{\\`e}re's {\\"o}},
  author = {Ngata, Mere and {TRIAL Group and Friends} and M{\\"u}ller, K.},
  journal = jt # " (Online)",
  year = 2019, pages = "11--19", doi = {https://doi.org/10.1000/JT},
  keywords = {one, two},
  note = {kept \\& more}
}
@book{broken, title = {never closed
@misc{last, title = {Last}}
"""


def test_web_of_science() -> None:
    parsed = wos.read(WOS)
    first = parsed.citations[0]
    assert [citation.title for citation in parsed.citations] == ["A trial that goes on", "Second", "Third"]
    assert (first.authors, first.keywords, first.pages) == (
        ("Ngata, Mere", "Okoye, Ude"),
        ("walking", "more steps"),
        "11-19",
    )
    assert (first.doi, first.pmid, first.year) == ("10.1000/jt", "31000001", 2019)
    assert (
        first.extra == (("PT", "J"), ("AU", "Ngata, M\nOkoye, U"), ("UT", "MEDLINE:31000001"))
        or ("AU", "Ngata, M\nOkoye, U") in first.extra
    )
    assert ["no last line (ER)" in problem.message for problem in parsed.problems] == [True]


def test_endnote_tagged() -> None:
    parsed = enw.read(ENW)
    first = parsed.citations[0]
    assert [citation.title for citation in parsed.citations] == ["A trial", "A book", "Without a type"]
    assert (first.authors, first.journal, first.year, first.pages) == (
        ("Ngata, Mere", "Okoye, Ude"),
        "J Trials",
        2019,
        "11-19",
    )
    assert (first.abstract, first.doi, first.extra) == ("First.\nSecond.", "10.1000/jt", (("%Z", "kept"),))


def test_ovid() -> None:
    first, second = ovid.read(OVID).citations
    assert (first.title, first.authors, first.pmid) == (
        "A trial that goes on",
        ("Ngata, Mere", "Okoye, Ude MD"),
        "31000001",
    )
    assert (first.journal, first.volume, first.issue, first.pages, first.year) == (
        "Journal of Trials",
        "4",
        "2",
        "11-19",
        2019,
    )
    assert ("Odd Label", "kept") in first.extra
    assert ("Source", "Journal of Trials.   4(2):11-19, March 2019.") in first.extra
    assert second.title == "Second"


def test_bibtex() -> None:
    parsed = bibtex.read(BIB)
    first, last = parsed.citations
    assert first.title == "The TERT gene in Ménière's ö"
    assert first.authors == ("Ngata, Mere", "TRIAL Group and Friends", "Müller, K.")
    assert (first.journal, first.pages, first.doi, first.keywords) == (
        "Journal of Trials (Online)",
        "11-19",
        "10.1000/jt",
        ("one", "two"),
    )
    assert first.extra == (("@key", "ngata2019"), ("note", "kept & more"))
    assert last.title == "Last"
    assert [(p.line, p.whole, p.raw) for p in parsed.problems] == [(11, True, "@book{broken, title = {never closed")]


def test_what_can_be_read_of_a_damaged_entry_is_kept_and_said() -> None:
    parsed = bibtex.read(
        "@article{a, title = {A}, year = 2001, note = {open\n\n@article{b, title = {B}, year = {2002}}\n"
    )
    assert [(c.title, c.year) for c in parsed.citations] == [("A", 2001), ("B", 2002)]
    (problem,) = parsed.problems
    assert "what could be read was kept" in problem.message
    assert (
        (problem.line, problem.whole) == (1, False)
        and "note = {open" in problem.raw
        and "@article{b" not in problem.raw
    )


@pytest.mark.parametrize("quoted", ["@article{x,", "@article{x, title = {y}}", "@misc{x}"])
def test_a_quoted_entry_begins_no_record(quoted: str) -> None:
    one = "@article{{a{0}, title = {{T{0}}}, abstract = {{We saw\n{1}\nin {0}.}}, keywords = {{k}}}}\n"
    parsed = bibtex.read("".join(one.format(n, quoted) for n in range(3)))
    assert [citation.title for citation in parsed.citations] == ["T0", "T1", "T2"]
    assert all(f"in {n}." in citation.abstract for n, citation in enumerate(parsed.citations))


def test_two_open_braces_do_not_swallow_the_next_entries() -> None:
    parsed = bibtex.read("".join(f"@article{{a{n}, title = {{T{n}}}, note = {{{{open}}\n" for n in range(4)))
    assert [citation.title for citation in parsed.citations] == ["T0", "T1", "T2", "T3"]


def test_json_lines_of_others() -> None:
    text = '{"title": "a", "authors": "X, Y; Z", "year": "2001-05", "score": 1.5, "doi": null}\nnot json\n[1]\n'
    parsed = jsonl.read(text)
    (citation,) = parsed.citations
    assert (citation.title, citation.authors, citation.year, citation.extra) == (
        "a",
        ("X, Y", "Z"),
        2001,
        (("score", "1.5"),),
    )
    assert [(p.line, p.raw) for p in parsed.problems] == [(2, "not json"), (3, "[1]")]


def test_json_lines_pass_through_what_all_formats_do() -> None:
    made = {"title": "&alpha; <i>x</i>", "abstract": "NA", "doi": "https://doi.org/10.1000/X.pdf", "pmid": "PMID: 0123"}
    (citation,) = jsonl.read(json.dumps(made | {"extra": 5})).citations
    assert (citation.title, citation.abstract, citation.doi, citation.pmid) == ("α x", "", "10.1000/x", "123")
    assert ("extra", "5") in citation.extra
    own = jsonl.format_line(replace(citation, title="&alpha;", extra=()))
    assert jsonl.read(own).citations[0].title == "&alpha;"
    odd = replace(citation, doi="10.1/1", pmid="x")
    assert jsonl.read(jsonl.format_line(odd)).citations == (odd,)
    edited = own.replace('"10.1000/x"', '"doi:10.1000/Y"')
    assert jsonl.read(edited).citations[0].doi == "10.1000/y"


SAMPLES = [
    WOS,
    ENW,
    OVID,
    BIB,
    "TY  - JOUR\nTI  - a\nER  - \n",
    "PMID- 1\nTI  - a\n",
    'title,year\n"a",2001\n',
    '{"title": "a"}\n',
    '[{"title": "a", "author": [{"family": "b"}], "issued": {"date-parts": [[2001]]}}]',
    "Record #1 of 1\nTI: a\nAU: b\n",
    "<Trials_downloaded_from_ICTRP><Trial><Scientific_title>a</Scientific_title></Trial></Trials_downloaded_from_ICTRP>",
    '{"studies": [{"protocolSection": {"identificationModule": {"briefTitle": "a"}}}]}',
]


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(SAMPLES), st.integers(0, 400), st.integers(0, 60), st.text(max_size=8))
def test_no_damage_raises_anything_but_a_reason(sample: str, at: int, length: int, put: str) -> None:
    text = (sample[:at] + put + sample[at + length :]).replace("\r", "\n")
    for read in READERS.values():
        try:
            read(text)
        except InputError as error:
            assert "entities" in error.message or "JSON" in error.message
    try:
        read_text(text, "x.txt")
    except InputError as error:
        assert error.message.startswith("x.txt")


@pytest.mark.parametrize(
    "text", ["", "\n", "@", "@a{", "%0", "<1>", "{", "{}", "PT J", "TY  -", "PMID-", "<a", "&;", '"']
)
def test_scraps_are_no_trouble(text: str) -> None:
    for name, read in READERS.items():
        try:
            read(text)
        except InputError as error:
            assert "json" in name and "JSON" in error.message
