"""Tables: columns under any of their names, rows that break the rules, and none lost."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leads_local.citations.formats.column_names import column_keys
from leads_local.citations.formats.tabular import find_header, read
from leads_local.citations.source import read_text


@pytest.mark.parametrize(
    ("header", "row", "expected"),
    [
        (
            "Title,Authors,Published Year,Journal,DOI,Notes",
            'a,"X, Y; Z, W",2010,J,10.1000/q,n',
            ("a", ("X, Y", "Z, W"), 2010, "J", "10.1000/q"),
        ),
        (
            "PMID,Title,Authors,Journal/Book,Publication Year",
            '7000001,a,"Liu R, Adler D",J,2010',
            ("a", ("Liu R", "Adler D"), 2010, "J", ""),
        ),
        ("primary_title;first_authors;publication_year", "a;['X, Y'];2010//", ("a", ("X, Y",), 2010, "", "")),
        (
            "Article Title\tAuthor Full Names\tSource Title\tPublication Year",
            "a\tX, Y\tJ\t2010",
            ("a", ("X, Y",), 2010, "J", ""),
        ),
        ("AU\tTI\tSO\tPY\tDI", "X, Y; Z\ta\tJ\t2010\t10.1000/q", ("a", ("X, Y", "Z"), 2010, "J", "10.1000/q")),
        ("sep=;\nTitle;Year", "a;2010", ("a", (), 2010, "", "")),
        ("Title,Source", '"a","J (2010) 3:4 (5-6). Date of Publication: 2010"', ("a", (), 2010, "J", "")),
    ],
)
def test_columns_are_known_by_the_names_that_programs_give_them(
    header: str, row: str, expected: tuple[object, ...]
) -> None:
    (citation,) = read(f"{header}\n{row}\n").citations
    assert (citation.title, citation.authors, citation.year, citation.journal, citation.doi) == expected


def test_pubmed_s_citation_column_is_taken_apart() -> None:
    text = (
        "PMID,Title,Citation,Journal/Book,Publication Year,DOI\n"
        '7000001,a,"J Inv. 2018 Jan 2;12(3 Suppl):3-9. doi: 10.1000/w. Epub 2017 Dec 1.",J Inv,2018,10.1000/w\n'
        '7000002,b,"J Inv. 2019;13:e12. doi: 10.1000/x.",J Inv,2019,10.1000/x\n7000003,c,In press,J Inv,2020,\n'
    )
    found = read(text).citations
    assert [(c.volume, c.issue, c.pages, c.year) for c in found] == [
        ("12", "3 Suppl", "3-9", 2018),
        ("13", "", "e12", 2019),
        ("", "", "", 2020),
    ]
    assert found[0].extra == (("Citation", "J Inv. 2018 Jan 2;12(3 Suppl):3-9. doi: 10.1000/w. Epub 2017 Dec 1."),)


def test_covidence_s_accession_numbers_are_pubmed_s_where_they_look_so() -> None:
    text = "Title,Accession Number,Covidence #\na,30000001,#1\nb,CN-01,#2\nc,2019123456,#3\n"
    assert [(c.pmid, dict(c.extra)["Accession Number"]) for c in read(text).citations] == [
        ("30000001", "30000001"),
        ("", "CN-01"),
        ("", "2019123456"),
    ]
    assert read("Title,Accession Number\na,30000001\n").citations[0].pmid == ""


def test_columns_that_are_not_known_are_kept_under_their_names() -> None:
    (citation,) = read("My Label ,title\nrelevant,a\n").citations
    assert citation.extra == (("My Label", "relevant"),)


def test_one_name_for_two_columns_is_no_second_value() -> None:
    (citation,) = read("title,Keywords,Keywords,PubMed ID\na,x;y,z,7000001\n").citations
    assert (citation.keywords, citation.pmid) == (("x", "y", "z"), "7000001")


@pytest.mark.parametrize(
    "name", ["Publication Year", "publication_year", " PublicationYear", "\ufeffPUBLICATION YEAR:"]
)
def test_a_column_s_name_in_many_dresses(name: str) -> None:
    assert "publication year" in column_keys(name)


def test_a_broken_quote_costs_one_row_only() -> None:
    text = (
        'title,abstract,year\n"one,x,2001\ntwo,"y\nz",2002\n"three",x,2003\nfour,5" wide,2004\n"five '
        '\\"x\\"",y,2005\n"six","a"b,2006\n'
    )
    parsed = read(text)
    assert [citation.title for citation in parsed.citations] == ["two", "three", "four", 'five "x"', "six"]
    assert [citation.year for citation in parsed.citations] == [2002, 2003, 2004, 2005, 2006]
    assert [(p.line, p.raw, p.whole) for p in parsed.problems] == [(2, '"one,x,2001', True)]


def test_rows_of_another_width_are_read_and_reported() -> None:
    parsed = read("title,year\na\nb,2001,more,\nc,2002,\n\n,\n")
    assert [citation.title for citation in parsed.citations] == ["a", "b", "c"]
    assert parsed.citations[1].extra == (("column 3", "more"),)
    assert [problem.line for problem in parsed.problems] == [2, 3]


def test_text_before_the_header_is_kept_in_a_problem() -> None:
    parsed = read("Exported on Monday\n\ntitle,year\na,2001\ntitle,year\nb,2002\n")
    assert [citation.title for citation in parsed.citations] == ["a", "b"]
    assert [(p.line, p.raw) for p in parsed.problems] == [(1, "Exported on Monday"), (5, "")]


CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\x00"), max_size=12)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=6), st.sampled_from(",;\t"))
def test_every_row_that_the_csv_module_writes_is_a_record(rows: list[tuple[str, str, str]], delimiter: str) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    writer.writerow(("title", "abstract", "other"))
    writer.writerows((f"t{n} {cells[0]}", *cells[1:]) for n, cells in enumerate(rows))
    parsed = read(out.getvalue())
    assert [citation.title.split()[0] for citation in parsed.citations] == [f"t{n}" for n in range(len(rows))]
    for citation, cells in zip(parsed.citations, rows, strict=True):
        assert dict(citation.extra).get("other", "").split() == cells[2].split()


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text('ab",\n', max_size=10), max_size=8))
def test_every_word_of_any_table_is_in_a_citation_or_a_problem(rows: list[str]) -> None:
    marked = [f"{row} w{number}w" for number, row in enumerate(rows)]
    parsed = read("\n".join(["title,abstract,year", *marked]))
    kept = repr(parsed.citations) + repr([problem.raw for problem in parsed.problems])
    assert not [number for number in range(len(rows)) if f"w{number}w" not in kept]


def test_the_header_is_the_widest_reading_that_names_a_title() -> None:
    assert find_header("a;b,title\n").delimiter == ","
    assert find_header('"title";"x, y"\n').delimiter == ";"
    assert not find_header("a,b,c\n").title


@pytest.mark.parametrize(
    "header",
    [
        "Titel;Autoren;Jahr;Zeitschrift;Band;Heft;Seiten;Zusammenfassung",
        "Titre;Auteurs;Année;Revue;Tome;Numéro;Pages;Résumé",
        "Título;Autores;Año;Revista;Volumen;Número;Páginas;Resumen",
        "Titolo;Autori;Anno;Rivista;Volume;Numero;Pagine;Riassunto",
    ],
)
def test_titles_of_columns_in_other_languages(header: str) -> None:
    _, parsed = read_text(f"{header}\nWalking;Obi, N;2018;J Inv;1;2;3-9;We walk.\n", "x.csv")
    (citation,) = parsed.citations
    assert (citation.title, citation.authors, citation.year, citation.journal) == (
        "Walking",
        ("Obi, N",),
        2018,
        "J Inv",
    )
    assert (citation.volume, citation.issue, citation.pages, citation.abstract) == ("1", "2", "3-9", "We walk.")
    assert citation.extra == ()


def test_tables_of_trial_registers() -> None:
    ictrp = "TrialID,Public_title,Scientific_title,Date_registration,web_address\nDRKS1,Walk,A trial,09/03/2018,https://x.org\n"
    (trial,) = read_text(ictrp, "ictrp.csv")[1].citations
    assert (trial.title, trial.year, trial.urls) == ("A trial", 2018, ("https://x.org",))
    assert {("TrialID", "DRKS1"), ("Public_title", "Walk")} <= set(trial.extra)
    registered = (
        "NCT Number,Study Title,Study URL,Brief Summary,First Posted\nNCT00000001,A trial,,We walk.,2018-03-09\n"
    )
    (trial,) = read_text(registered, "ctg.csv")[1].citations
    assert (trial.title, trial.year, trial.abstract) == ("A trial", 2018, "We walk.")
