"""The workbook: text stays text, numbers are numbers, long texts say that they were cut."""

from __future__ import annotations

import errno
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads_local.export import spreadsheet
from leads_local.export.sheets import Sheet
from tests.export.conftest import HOSTILE

_NS = {"x": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


def cells(path: Path, sheet: int = 1) -> list[tuple[str, str]]:
    """(type, text) of every cell of a worksheet."""
    with zipfile.ZipFile(path) as file:
        root = ET.fromstring(file.read(f"xl/worksheets/sheet{sheet}.xml"))
    found = []
    for cell in root.iterfind(".//x:c", _NS):
        text = cell.find(".//x:t", _NS)
        number = cell.find("x:v", _NS)
        assert cell.find("x:f", _NS) is None
        shown = text if text is not None else number
        found.append((cell.get("t", "n"), (shown.text or "") if shown is not None else ""))
    return found


def test_hostile_texts_are_texts(tmp_path: Path) -> None:
    sheet = Sheet(
        "one", "", ("=head", "n"), lambda: iter([(text, 5) for text in (*HOSTILE, "http://x.org", "12", "\x01\x0b")])
    )
    spreadsheet.write_workbook(tmp_path / "x.xlsx", [sheet])
    found = cells(tmp_path / "x.xlsx")
    assert [kind for kind, _ in found] == ["inlineStr", "inlineStr", *["inlineStr", "n"] * 10]
    assert [text for kind, text in found[2:] if kind == "inlineStr"][:7] == list(HOSTILE)
    assert found[-2] == ("inlineStr", "␁␋")


def test_a_table_without_rows(tmp_path: Path) -> None:
    spreadsheet.write_workbook(tmp_path / "x.xlsx", [Sheet("one", "", ("a", "b"), lambda: iter([]))])
    assert cells(tmp_path / "x.xlsx") == [("inlineStr", "a"), ("inlineStr", "b")]


def test_more_rows_than_excel_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheet, "_MOST_ROWS", 5)
    spreadsheet.write_workbook(tmp_path / "x.xlsx", [Sheet("one", "", ("a",), lambda: iter([(n,) for n in range(50)]))])
    texts = [text for _, text in cells(tmp_path / "x.xlsx")]
    assert texts[:4] == ["a", "0", "1", "2"]
    assert "CSV" in texts[4]
    assert len(texts) == 5


@given(st.text(alphabet=st.sampled_from("a👩é"), min_size=0, max_size=50), st.integers(0, 700))
def test_a_cell_is_never_too_long(text: str, times: int) -> None:
    long = text * times
    cell = spreadsheet.shorten_for_cell(long)
    assert len(cell.encode("utf-16-le")) // 2 <= 32_767
    assert cell == long or cell.endswith("The rest is in the CSV file.")


@pytest.mark.parametrize(("sign", "room"), [("a", 32_767), ("é", 32_767), ("👩", 32_767 // 2)])
def test_a_text_that_is_cut_says_where_its_rest_is(sign: str, room: int) -> None:
    assert spreadsheet.shorten_for_cell(sign * room) == sign * room
    cut = spreadsheet.shorten_for_cell(sign * (room + 1))
    assert cut.endswith("The rest is in the CSV file.") and cut.startswith(sign * (room - 100))


def test_a_place_that_can_not_be_written_to(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        spreadsheet.write_workbook(tmp_path / "none" / "x.xlsx", [Sheet("one", "", ("a",), lambda: iter([]))])


def test_a_full_disk_is_said_and_nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **more: object) -> NoReturn:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("xlsxwriter.workbook.ZipFile", full)
    with pytest.raises(OSError) as failed:
        spreadsheet.write_workbook(tmp_path / "x.xlsx", [Sheet("one", "", ("a",), lambda: iter([("a",)]))])
    assert failed.value.strerror == "No space left on device" and not list(tmp_path.iterdir())
