"""A large file is read in portions, with the same records and notices as at once, wherever it is cut."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from leads_local.citations import SourceFile, portions, read_file, read_parts
from leads_local.citations.formats.tabular import Header
from leads_local.errors import InputError
from leads_local.records import Citation
from tests.citations import papers

CUT = ("ris", "nbib", "wos", "enw", "ovid", "jsonl", "csv", "tsv", "endnote", "pubmed", "ictrp")
WHOLE = sorted(set(papers.RECORD) - set(CUT))


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of a few records are large."""
    monkeypatch.setattr(portions, "AT_ONCE", 100)
    monkeypatch.setattr(portions, "_PORTION", 1_000)
    monkeypatch.setattr(portions, "_BLOCK", 173)
    monkeypatch.setattr("leads_local.citations.large_files._BLOCKS_OF_FIRST", 12)


def saved(folder: Path, text: str) -> Path:
    file = folder / "large.txt"
    file.write_bytes(text.encode())
    return file


def parts_of(path: Path) -> tuple[list[SourceFile], tuple[Citation, ...]]:
    parts = list(read_parts(path))
    return parts, tuple(one for part in parts for one in part.citations)


@pytest.mark.parametrize("format", CUT)
@pytest.mark.parametrize(
    "line", ["", *papers.TELL_TALES[:2], "title,abstract,year", 'A "quoted word', "é\u2028 \ufeff"]
)
def test_portions_hold_what_the_whole_file_holds(tmp_path: Path, format: str, line: str) -> None:
    if format == "ris" and line in papers.TELL_TALES:
        line = f"x {line}"
    text = papers.written(format, range(1, 31), f"{line}\n" if line else "")
    path = saved(tmp_path, text if line else text.replace("\n", "\r\n"))
    whole = read_file(path)
    parts, citations = parts_of(path)
    assert citations == whole.citations
    assert parts[-1].problems == whole.problems
    assert {(part.sha256, part.format, part.encoding) for part in parts} == {(whole.sha256, whole.format, "utf-8")}
    assert not line or len(parts) > 3


def test_lines_and_numbers_go_on_from_portion_to_portion(tmp_path: Path) -> None:
    records = [papers.RECORD["ris"](n, "") for n in range(1, 31)]
    records[20] = records[20].replace("PY  - 1921", "PY  - 1921\nPY  - 1999").replace("TI  - ", "XX  - ")
    path = saved(tmp_path, "".join(records))
    whole, (parts, citations) = read_file(path), parts_of(path)
    assert (citations, parts[-1].problems) == (whole.citations, whole.problems)
    assert [problem.line for problem in parts[-1].problems if problem.doubtful] == [306]


def test_columns_that_change_in_a_portion_hold_in_the_next(tmp_path: Path) -> None:
    rows = "".join(f"{10_000_000 + n},t{n},words of {n}\n" for n in range(200))
    path = saved(tmp_path, f"Title,Authors,Year,DOI\n{'a,b,2001,10.1000/x' * 1}\nPMID,Title,Abstract\n{rows}")
    whole, (parts, citations) = read_file(path), parts_of(path)
    assert (citations, parts[-1].problems) == (whole.citations, whole.problems)
    assert citations[-1].pmid == "10000199"


@pytest.mark.parametrize("format", WHOLE)
def test_what_has_no_certain_places_is_read_at_once(tmp_path: Path, format: str) -> None:
    path = saved(tmp_path, papers.written(format, range(1, 31)))
    parts, citations = parts_of(path)
    assert (citations, parts[-1].problems) == (read_file(path).citations, ())
    assert sum(bool(part.citations) for part in parts) == 1


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252"])
def test_other_encodings_are_read_at_once(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.ris"
    path.write_bytes(papers.written("ris", range(1, 31), "é\n").encode(encoding))
    assert list(read_parts(path)) == [read_file(path)]


def test_a_file_of_no_record_is_refused_in_portions_too(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="looks like CSV but holds no record"):
        list(read_parts(saved(tmp_path, "title,abstract,year,doi\n" + ",,,\n" * 2_000)))


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_text_is_decoded_over_the_edges_of_blocks(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(portions, "_BLOCK", size)
    data = "\ufeffa\r\nb\rc\r\r\nd é\U0001f600\r".encode()
    assert portions.survey(io.BytesIO(data)) is not None
    assert "".join(portions.texts(io.BytesIO(data))) == "a\nb\nc\n\nd é\U0001f600\n"


def test_a_table_is_cut_only_between_rows() -> None:
    text = '"x","one\n,,,\nstill one",2001,d\n' * 90
    cut = portions.cut_for("csv", Header(0, ",", ("a", "b", "c", "d"), True))
    assert cut is not None
    found = list(portions.divide(iter([text]), cut))
    assert "".join(found) == text
    assert len(found) > 1
    assert all(part.startswith('"x"') for part in found)
