"""Workbooks: read as the same table would be as CSV, from the sheet that has it; and what can't be read is said."""

from __future__ import annotations

import hashlib
import io
import struct
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest

from leads_local.citations import read_file, workbook_child, workbook_counts, workbook_reader, workbooks, zip_parts
from leads_local.citations.formats import tabular
from leads_local.citations.workbook_child import Sheet
from leads_local.errors import InputError
from leads_local.records import Citation
from tests.citations import workbook_files

ROWS = [
    ["Title", "Authors", "Year", "PMID", "Pages", "Note", "Abstract"],
    ["Walking for knees", "Lee, A; Wu, B", 2019, 12643982, "12-9", "said <b>once</b>", "Line one\nline two"],
    ["Swimming, and “more”", "Øst, C", 2020, 1264398, "e14", "", ""],
]
CSV = """Title,Authors,Year,PMID,Pages,Note,Abstract
Walking for knees,"Lee, A; Wu, B",2019,12643982,12-9,said <b>once</b>,"Line one
line two"
"Swimming, and “more”","Øst, C",2020,1264398,e14,,
"""


def parsed(data: bytes) -> list[dict]:
    found: list[dict] = []
    workbook_reader.read(data, found.append)
    return found


@pytest.mark.parametrize(
    ("suffix", "make"),
    [
        ("xlsx", lambda rows: workbook_files.xlsx({"R": rows})),
        ("xls", workbook_files.xls),
        ("ods", lambda rows: workbook_files.ods({"R": rows})),
    ],
)
def test_a_workbook_gives_what_the_same_table_gives_as_csv(
    tmp_path: Path, suffix: str, make: Callable[[list], bytes]
) -> None:
    file = tmp_path / f"some.{suffix}"
    rows = [[value.replace("\n", " ") if isinstance(value, str) else value for value in row] for row in ROWS]
    file.write_bytes(make(rows))
    found = read_file(file)
    assert found.format == suffix and not found.problems
    assert found.citations == tabular.read(CSV.replace("one\nline", "one line")).citations
    assert found.citations[0].year == 2019 and found.citations[0].pmid == "12643982"
    assert workbooks.format_of(file.read_bytes()) == suffix


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2019.0, "2019"), (2.5, "2.5"), (-3.0, "-3"), (1e300, "1e+300"), (7, "7"), (True, "TRUE"), ("a\r\nb", "a\nb"),
        (date(2019, 3, 1), "2019-03-01"), (datetime(2019, 3, 1), "2019-03-01"),
        (datetime(2019, 3, 1, 8, 30), "2019-03-01 08:30:00"), (time(8, 30), "08:30:00"),
        (timedelta(hours=26), "1 day, 2:00:00"),
    ],
)  # fmt: skip
def test_a_cell_is_what_is_printed_in_it(value: object, text: str) -> None:
    assert workbook_reader.cell_text(value) == text


def test_the_sheet_with_the_records_is_found_and_the_others_are_named() -> None:
    told = [["Made", "by"], ["us", 1]]
    data = workbook_files.xlsx({"About": told, "Found": [["Search of May"], [], *ROWS], "Old": ROWS}, hidden=["Old"])
    sheets: list[Sheet] = []
    for one in parsed(data):
        if "sheet" in one:
            sheets.append(Sheet(one["sheet"], one["hidden"]))
        else:
            sheets[-1].rows.append((one["row"], tuple(one["cells"])))
    found = workbooks.read_sheets(sheets, "some.xlsx")
    assert [one.title for one in found.citations] == [row[0] for row in ROWS[1:]]
    assert found.citations[0].abstract == "Line one\nline two"
    told = [problem.message for problem in found.problems]
    assert told[0] == "The records are from the sheet Found. Left out were About, Old (hidden)."
    assert "before the line with the column names" in told[1] and found.problems[1].raw == "Search of May"


def table(*rows: tuple[str, ...], name: str = "R", first: int = 1) -> Sheet:
    return Sheet(name, rows=list(enumerate(rows, start=first)))


def test_every_sheet_with_records_is_read_and_problems_name_theirs() -> None:
    first = table(("Title", "Year"), ("A", "2001"), name="One")
    second = table(("Year", "Title"), ("x", "B"), name="Two")
    found = workbooks.read_sheets([first, second], "some.ods")
    assert [(one.title, one.number) for one in found.citations] == [("A", 1), ("B", 2)]
    assert [(one.message.partition(":")[0], one.line) for one in found.problems] == [("Sheet Two", 2)]


def test_pages_that_a_spreadsheet_took_for_a_date_are_told_of() -> None:
    found = workbooks.read_sheets([table(("Title", "Pages"), ("A", "2024-03-12"), ("B", "3-12"))], "some.xlsx")
    assert [one.message.partition(":")[0] for one in found.problems] == ["Record 1"]
    assert found.citations == (Citation("A", pages="2024-03-12", number=1), Citation("B", pages="3-12", number=2))


def test_a_workbook_without_a_column_of_titles_says_which_columns_it_has() -> None:
    with pytest.raises(InputError, match=r"no sheet has a column that is named title.*R: Titel der Arbeit, Jahr"):
        workbooks.read_sheets([table(("Titel der Arbeit", "Jahr"), ("A", "2001"))], "some.xlsx")
    with pytest.raises(InputError, match="since it has none"):
        workbooks.read_sheets([], "some.xlsx")


def test_our_own_workbook_is_refused() -> None:
    ours = table(("record", "report", "study", "study label", "title"), ("1", "1", "", "", "A"))
    with pytest.raises(InputError, match="that leads-local exported"):
        workbooks.read_sheets([table(("Title",), ("B",)), ours], "review.xlsx")


def test_a_workbook_with_a_password_is_said_to_have_one(tmp_path: Path) -> None:
    locked = tmp_path / "locked.xlsx"
    locked.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le"))
    with pytest.raises(InputError, match="needs a password"):
        read_file(locked)


def test_a_damaged_workbook_is_one_sentence_and_the_child_does_not_fail() -> None:
    whole = workbook_files.xlsx({"R": ROWS})
    with zipfile.ZipFile(io.BytesIO(whole)) as old, zipfile.ZipFile(damaged := io.BytesIO(), "w") as new:
        for part in old.namelist():
            new.writestr(part, old.read(part)[: -40 if "sheet1" in part else None])
    assert [one.get("wrong") for one in parsed(damaged.getvalue())][-1] == "damaged"
    with pytest.raises(InputError, match=r"some\.xlsx is a damaged workbook"):
        workbooks.read(damaged.getvalue(), "some.xlsx")


def test_rows_that_the_library_passes_over_are_told_of() -> None:
    """It reads a damaged part of a ZIP on, and an XLS to the first line that says that it ends, or as far as it can."""
    rows = [["Title"], *([f"Walking {number}"] for number in range(40))]
    with (
        zipfile.ZipFile(io.BytesIO(workbook_files.ods({"R": rows}))) as old,
        zipfile.ZipFile(damaged := io.BytesIO(), "w") as new,
    ):
        for part in old.namelist():
            new.writestr(part, old.read(part).replace(b"Walking 7<", b"\x00\x00\x00\x00\x00\x00\x00\x00\x00<"))
    whole = workbook_files.xls(rows)
    label = struct.pack("<HHHH", 0x0204, 9 + 2 * len("Walking 7"), 8, 0)
    place = whole.index(label)
    ended = whole[:place] + struct.pack("<HH", 0x000A, 9 + 2 * len("Walking 7")) + whole[place + 4 :]
    for data, why in (
        (damaged.getvalue(), "is damaged in its part content.xml (line 1, not well-formed (invalid token))"),
        (ended, "is damaged: it ends within a sheet, or has cells outside of all sheets"),
    ):
        *_, last = parsed(data)
        assert why in last["doubt"]
    assert list(workbook_counts.doubts(whole, [12])) == ["has cells in 41 rows, and 12 could be read"]
    assert list(workbook_counts.doubts(whole[:-512], [41])) == ["is damaged, so that its rows can't be counted"]
    assert not list(workbook_counts.doubts(whole, [41]))
    sheet = table(("Title",), ("A",))
    sheet.doubts.append("is damaged")
    [problem] = workbooks.read_sheets([sheet], "some.xls").problems
    assert problem.doubtful and problem.message.startswith("This workbook is damaged. Rows may be missing")


def test_a_child_that_ends_by_itself_harms_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook_child, "_READER", "leads_local.citations.no_such_program")
    with pytest.raises(InputError, match="damaged workbook, or too large"):
        workbook_child.sheets(b"", "some.xlsx")


def test_a_workbook_of_far_too_many_cells_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook_reader, "_MOST_TOLD", 20)
    assert parsed(workbook_files.xlsx({"R": ROWS}))[-1]["wrong"] == "large"


@pytest.mark.parametrize("limit", ["_SECONDS", "_MEMORY"])
def test_a_child_over_a_limit_is_ended(monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    monkeypatch.setattr(workbook_child, limit, -1)
    monkeypatch.setattr(workbook_child, "_LOOK_SECONDS", 0.01)
    with pytest.raises(InputError, match="was given up"):
        workbook_child.sheets(b"", "some.xlsx")


def packed(size: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/workbook.xml", bytes(size))
    return out.getvalue()


def test_a_small_file_that_unpacks_to_a_large_one_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="far more than an export holds"):
        workbooks.read(packed(11_000_000), "bomb.xlsx")
    monkeypatch.setattr(zip_parts, "MOST_UNPACKED", 1_000)
    with pytest.raises(InputError, match="far more than an export holds"):
        workbooks.read(packed(1_001), "bomb.xlsx")


def test_a_workbook_larger_than_a_pipe_holds_is_read_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the child begins to read only after we have looked at it several times."""
    monkeypatch.setattr(workbook_child, "_LOOK_SECONDS", 0.001)
    monkeypatch.setattr(workbook_child, "_SECONDS", 60.0)
    texts = [hashlib.sha256(str(number).encode()).hexdigest() for number in range(4000)]
    data = workbook_files.xlsx({"R": [("Title", "Abstract"), *((text[:9], text) for text in texts)]})
    assert len(data) > 1 << 17
    [sheet] = workbook_child.sheets(data, "large.xlsx")
    assert len(sheet.rows) == 4001
