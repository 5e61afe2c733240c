"""Write → read gives the same back, whatever the citations hold."""

from __future__ import annotations

import csv
import io
from dataclasses import fields, replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leads_local.citations import dumps, read_file, write
from leads_local.citations.source import read_text
from leads_local.errors import InputError
from leads_local.records import Citation

HOSTILE = st.sampled_from(
    [
        *(
            "=1+1",
            "-omics",
            "+",
            "@SUM(A1)",
            "'=x",
            "''",
            'say "no',
            "a;b; c\\;d",
            "\\",
            ";",
            "[x]",
            "\u2028",
            "\x85x",
            "\ufeff",
            "a|b",
        ),
        *("x;=1", "x\n@y", "a\t-b", "x; '=1", "x;''=1", 'x;"=1', "x;-2.1", "\t=1", "'\t'=1", ";;='\n+"),
        *(
            "TY  - JOUR",
            "ER  - ",
            "\\ER  - x",
            "a\nER  - \nb",
            "a\nTI - b",
            "1.",
            "a\n\nb",
            "T2-weighted",
            "ZX  - a=b",
            "%3D=1",
        ),
        "<i>E. coli</i> &amp; more",
    ]
)
TEXT = st.one_of(HOSTILE, st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=30))
ITEM = TEXT.filter(bool)  # no reader gives an empty author, keyword or link
TAG = st.one_of(
    st.sampled_from(["N1", "PY", "T1", "AU", "IS", "TY", "ER", "DO", "KW", "ZX", "ZK", "OWN", "a=b", "", "Column (x)"]),
    TEXT,
)
CITATIONS = st.builds(
    Citation,
    title=TEXT,
    abstract=TEXT,
    authors=st.lists(ITEM, max_size=3).map(tuple),
    year=st.none() | st.integers(1500, 2099),
    journal=TEXT,
    volume=TEXT,
    issue=TEXT,
    pages=TEXT | st.sampled_from(["1-2", "e1-e9", "5-5", "No-Specified", "1-", "-1", "1–2"]),
    doi=st.sampled_from(["", "10.1000/a(b)c", "10.1002/(sici)1097<1::aid>3.0.co;2-2"]),
    pmid=st.sampled_from(["", "12345678"]),
    language=TEXT,
    kind=TEXT | st.sampled_from(["JOUR", "Journal Article; Review", "BOOK"]),
    keywords=st.lists(ITEM, max_size=3).map(tuple),
    urls=st.lists(ITEM, max_size=2).map(tuple),
    extra=st.lists(st.tuples(TAG, TEXT), max_size=4).map(tuple),
)


def reread(citations: list[Citation], format: str) -> list[Citation]:
    text = dumps(citations, format).replace("\r\n", "\n")
    found, parsed = read_text(text, f"x.{format}")
    assert found == format
    assert not [problem for problem in parsed.problems if problem.raw]
    return list(parsed.citations)


def numbered(citations: list[Citation]) -> list[Citation]:
    return [replace(citation, number=n) for n, citation in enumerate(citations, start=1)]


@settings(max_examples=150, deadline=None)
@given(st.lists(CITATIONS, min_size=1, max_size=3), st.sampled_from(["csv", "jsonl"]))
def test_csv_and_jsonl_give_back_exactly_what_was_written(citations: list[Citation], format: str) -> None:
    named = [field.name for field in fields(Citation) if field.name != "number"]
    kept = [
        c for c in citations if format == "jsonl" or any(str(getattr(c, name) or "").strip("() ") for name in named)
    ]
    if kept:
        assert reread(kept, format) == numbered(kept)


@settings(max_examples=200, deadline=None)
@given(st.lists(CITATIONS, min_size=1, max_size=3))
def test_ris_keeps_every_record_and_is_stable_once_read(citations: list[Citation]) -> None:
    titled = [replace(c, title=f"Title {n} {c.title}") for n, c in enumerate(citations)]
    once = reread(titled, "ris")
    assert len(once) == len(titled)
    assert reread(once, "ris") == once
    for before, after in zip(titled, once, strict=True):
        assert after.title == " ".join(before.title.split())
        assert after.doi == before.doi or not before.doi
        assert after.year == before.year


@pytest.mark.parametrize("format", ["ris", "csv", "jsonl"])
def test_every_export_of_the_shared_folder_survives_being_written(shared: Path, format: str) -> None:
    for file in sorted((shared / "exports").rglob("*")):
        if not file.is_file():
            continue
        try:
            citations = list(read_file(file).citations)
        except InputError:
            continue
        if citations:
            assert reread(citations, format) == citations, file.name


def test_tags_go_out_by_their_meaning() -> None:
    nbib = (
        "PMID- 20000001\nOWN - NLM\nDA  - 20100520\nDP  - 2009\nTI  - a\nTA  - J Inv\nRN  - 0 (Aspirin)\nAD  - Here\n"
    )
    text = dumps(read_text(nbib, "x.nbib")[1].citations, "ris")
    lines = text.split("\n")
    assert not [line for line in lines if line[:2] in ("DA", "DP", "TA", "RN")]
    assert "ZX  - RN=0 (Aspirin)" in lines and "AD  - Here" in lines
    assert {"PM  - 20000001", "AN  - 20000001", "DB  - PubMed"} <= set(lines)
    wos = "PT J\nTI a\nUT WOS:1\nNR 3\nRP Somebody\nER\n"
    lines = dumps(read_text(wos, "x.txt")[1].citations, "ris").split("\n")
    assert lines[0] == "TY  - JOUR" and "ZX  - RP=Somebody" in lines


def test_a_record_s_own_accession_number_stays_alone() -> None:
    citation = Citation(title="a", pmid="20000001", extra=(("AN", "20000001"), ("DB", "PubMed")), number=1, kind="JOUR")
    assert dumps([citation], "ris").count("AN  -") == 1
    assert reread([citation], "ris") == [citation]


def test_no_cell_starts_a_formula() -> None:
    marks = ("=", "+", "-", "@", "\t", "\u00a0=", "\u200b@", "\n=", "＝")
    citations = [Citation(title=f"{mark}cmd|x", authors=(f"{mark}a",), extra=((mark, mark),)) for mark in marks]
    for row in list(csv.reader(io.StringIO(dumps(citations, "csv"), newline=""))):
        assert not [cell for cell in row if cell[:1] in "=+-@\t\r\n\u00a0\u200b＝" and cell]


def test_a_stranger_s_apostrophes_are_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_text("title,abstract\n'-omics' today,'=a\n", encoding="utf-8")
    citation = read_file(file).citations[0]
    assert (citation.title, citation.abstract) == ("'-omics' today", "'=a")


def test_a_file_is_replaced_in_one_step_and_refused_with_a_reason(tmp_path: Path) -> None:
    file = tmp_path / "out.ris"
    assert write(file, [Citation(title="a"), Citation(title="b")], "ris") == 2
    assert [c.title for c in read_file(file).citations] == ["a", "b"]
    assert [path.name for path in tmp_path.iterdir()] == ["out.ris"]
    with pytest.raises(InputError, match=r"no/out\.ris can't be written"):
        write(tmp_path / "no" / "out.ris", [], "ris")
    with pytest.raises(InputError, match="expected ris, csv, jsonl"):
        write(file, [], "docx")
