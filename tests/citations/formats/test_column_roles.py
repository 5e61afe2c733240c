"""What is said of columns comes before their names, is used for the same columns only, and drops none."""

from __future__ import annotations

from pathlib import Path

import pytest

from leads_local.citations import read_file, workbooks
from leads_local.citations.formats.column_roles import ColumnChoice, in_words, parse, remembered
from leads_local.citations.previews import preview
from leads_local.citations.source import read_text
from leads_local.citations.workbook_child import Sheet
from leads_local.errors import InputError
from tests.citations import workbook_files

GERMAN = """Nr;Titel der Arbeit;Wer;Wann;Fazit
1;Gehen für Knie;Lee A, Wu B;2019;Wir teilten zu.
2;Schwimmen;;2020;
"""
SAID = "Titel der Arbeit=title, fazit = abstract,Wer=authors, Wann=Year"


def test_what_is_said_of_columns_is_what_they_hold() -> None:
    _, parsed = read_text(GERMAN, "some.csv", ColumnChoice(parse(SAID)))
    first, second = parsed.citations
    assert (first.title, first.abstract, first.authors, first.year) == (
        "Gehen für Knie", "Wir teilten zu.", ("Lee A", "Wu B"), 2019,
    )  # fmt: skip
    assert (second.title, second.year, first.extra) == ("Schwimmen", 2020, (("Nr", "1"),))
    assert parsed.columns.kept == ("Nr",) and dict(parsed.columns.said)["Fazit"] == "abstract"


def test_what_is_said_holds_in_a_table_that_is_put_below() -> None:
    """Its columns stand in another order; that line is known by what was said of them, too."""
    below = "Jahr;FAZIT;Wer;Titel der Arbeit\n2021;Wir losten.;Obi N;Laufen\n"
    _, parsed = read_text(GERMAN + below, "some.csv", ColumnChoice(parse(SAID)))
    last = parsed.citations[-1]
    assert len(parsed.citations) == 3
    assert (last.title, last.abstract, last.authors, last.year) == ("Laufen", "Wir losten.", ("Obi N",), 2021)


@pytest.mark.parametrize(
    ("said", "roles"),
    [
        ("a=title", (("a", "title"),)),
        ("a, b=title;c=YEAR\nd = extra", (("a, b", "title"), ("c", "year"), ("d", "extra"))),
        ("x=y=title", (("x=y", "title"),)),
    ],
)
def test_what_is_said_is_read_and_written(said: str, roles: tuple[tuple[str, str], ...]) -> None:
    assert parse(said) == roles == parse(in_words(roles))


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("a=heading", "“a=heading” does not say"), ("", "does not say"), ("a=title,b", "“b” does not say"),
        ("a=title,A=year", "One column is said to hold two things"),
    ],
)  # fmt: skip
def test_what_says_nothing_is_refused_with_the_fields_that_there_are(said: str, why: str) -> None:
    with pytest.raises(InputError, match=why):
        parse(said)


def test_what_is_said_comes_before_what_names_tell() -> None:
    text = "Title,Description,Notes,Author,First Author\nT,not this,this,A,B\n"
    said = ColumnChoice(parse("Notes=abstract,Description=extra,First Author=authors"))
    (found,) = read_text(text, "some.csv", said)[1].citations
    assert (found.abstract, found.authors) == ("this", ("B",))
    assert found.extra == (("Description", "not this"), ("Author", "A"))


def test_a_column_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(InputError, match=r"some\.csv has no column Titel; its columns are: Nr, Titel der Arbeit"):
        read_text(GERMAN, "some.csv", ColumnChoice(parse("Titel=title")))
    with pytest.raises(InputError, match="has no column A; its columns are: Title, B"):
        read_text("Title,B\nx,y\n", "some.csv", ColumnChoice(parse("A=abstract")))
    with pytest.raises(InputError, match="none, as it is no table"):
        read_text("TY  - JOUR\nTI  - x\nER  - \n", "some.ris", ColumnChoice(parse("A=title")))
    with pytest.raises(InputError, match="no column A; its columns are: Title"):
        workbooks.read_sheets([Sheet("R", rows=[(1, ("Title",))])], "some.xlsx", ColumnChoice(parse("A=title")))


def test_what_was_said_before_holds_for_the_same_columns_only() -> None:
    names = ("Nr", "Titel der Arbeit", "Wer", "Wann", "Fazit")
    before = ColumnChoice(remembered=(remembered(names, parse(SAID)),))
    assert read_text(GERMAN, "some.csv", before)[1].citations[0].title == "Gehen für Knie"
    with pytest.raises(InputError, match="no column is named title"):
        read_text(GERMAN.replace("Nr;", "Nr.;"), "some.csv", before)
    assert read_text("Title,Fazit\nx,y\n", "some.csv", before)[1].columns.said == ()


def test_columns_without_a_name_are_called_by_their_number() -> None:
    _, parsed = read_text(",Year,\nThe title,2019,rest\n", "some.csv", ColumnChoice(parse("column 1=title")))
    assert parsed.citations[0].title == "The title" and parsed.columns.kept == ("column 3",)


def test_a_file_read_with_other_columns_is_another_source(tmp_path: Path) -> None:
    file = tmp_path / "some.csv"
    file.write_text(GERMAN, encoding="utf-8")
    one, two = (read_file(file, ColumnChoice(parse(said))) for said in (SAID, "Fazit=title"))
    assert one.sha256 != two.sha256 and one.file_sha256 == two.file_sha256
    again = parse("Wer=authors,Wann=year,Fazit=abstract,Titel der Arbeit=title")
    assert one.sha256 == read_file(file, ColumnChoice(again)).sha256


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_a_preview_shows_the_columns_what_they_are_taken_for_and_the_first_rows(tmp_path: Path, suffix: str) -> None:
    file, rows = tmp_path / f"some.{suffix}", [line.split(";") for line in GERMAN.splitlines()]
    file.write_bytes(GERMAN.encode() if suffix == "csv" else workbook_files.xlsx({"About": [["by us"]], "R": rows}))
    found = preview(file)
    assert found is not None and found.asks
    assert found.names == ("Nr", "Titel der Arbeit", "Wer", "Wann", "Fazit") and found.taken_for == ("",) * 5
    assert [row[1] for row in found.rows] == ["Gehen für Knie", "Schwimmen"] and {len(row) for row in found.rows} == {5}


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("Title,Abstract,X\na,b,c\n", False), ("Title,Year\na,2019\n", False), ("Title,X\na,b\n", True),
        ("TY  - JOUR\nTI  - x\nER  - \n", None), ("Some words\nand more\n", None), ("", None),
    ],
)  # fmt: skip
def test_a_table_is_asked_about_where_its_columns_do_not_tell(tmp_path: Path, text: str, asks: bool | None) -> None:
    (tmp_path / "some.csv").write_text(text)
    found = preview(tmp_path / "some.csv")
    assert (found.asks if found else None) is asks
