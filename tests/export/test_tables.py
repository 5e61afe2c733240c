"""An export: complete, harmless in a spreadsheet, whole or not there."""

from __future__ import annotations

import csv
import errno
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads_local import citations
from leads_local.errors import InputError
from leads_local.export import tables
from leads_local.export.sheets import Sheet
from leads_local.export.tables import export_review, guard_cell
from leads_local.records import Choice, Progress, Question, Stage
from leads_local.review.prisma import flow_lines
from leads_local.review.review import Review
from leads_local.review.store import audit
from leads_local.spreadsheet_cells import make_printable, would_run
from tests.export.conftest import HOSTILE

FILES = [
    *("evidence.csv", "studies.csv", "records.csv", "judgements.csv", "values.csv", "searches.csv", "prisma.csv"),
    *("agreement.csv", "reading.csv", "review.xlsx", "included.ris", "everything.jsonl", "README.txt"),
]


def table(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / name).open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert {len(row) for row in rows} == {len(rows[0])}
    assert len(set(rows[0])) == len(rows[0])
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


@pytest.fixture
def folder(review: Review, tmp_path: Path) -> Path:
    written = export_review(review, tmp_path / "out")
    assert written == [tmp_path / "out" / name for name in FILES]
    return tmp_path / "out"


def test_every_file_is_there_and_nothing_else(folder: Path) -> None:
    assert sorted(file.name for file in folder.iterdir()) == sorted(FILES)
    assert all(file.stat().st_size for file in folder.iterdir())


def test_an_empty_review_gives_all_files(empty: Review, tmp_path: Path) -> None:
    export_review(empty, tmp_path / "out")
    assert table(tmp_path / "out", "records.csv") == []
    assert (tmp_path / "out" / "included.ris").read_text() == ""


def test_records_have_their_decisions(folder: Path, review: Review) -> None:
    rows = {int(row["record"]): row for row in table(folder, "records.csv")}
    assert len(rows) == 19
    assert (rows[1]["fulltext: decision"], rows[1]["fulltext: reviewer"]) == ("include", "Ann")
    assert (rows[2]["fulltext: decision"], rows[2]["fulltext: reason"]) == ("exclude", "'=wrong design")
    assert rows[3]["fulltext: decision"] == ""
    assert (rows[14]["report"], rows[14]["grouped because"], rows[13]["source"]) == ("13", "same title", "hostile.ris")
    assert rows[4]["full text"].endswith(".pdf")
    assert float(rows[1]["abstract: model score"]) == review.record(1).scores["abstract"]  # type: ignore[index]
    assert rows[7]["abstract: model score"] == ""


def test_nothing_in_a_table_runs_as_a_formula(folder: Path) -> None:
    cells = [cell for name in FILES[:5] for row in table(folder, name) for cell in (*row, *row.values())]
    dangerous = [
        cell for cell in cells if re.match(r"\s*[=+\-@\t\r]", cell) and not re.fullmatch(r"[+-]?[\d.,]+", cell)
    ]
    assert dangerous == []
    titles = [row["title"] for row in table(folder, "records.csv")][-7:]
    assert [re.sub(r"^'|(?<=\t)'", "", title) for title in titles] == list(HOSTILE)


@given(st.text(max_size=30) | st.from_regex(r"[=+\-@\t\r \u00a0\u200b\n\x1b][\s\S]{0,9}", fullmatch=True))
def test_a_harmless_cell_keeps_its_text_and_is_not_run(text: str) -> None:
    cell = str(guard_cell(text))
    parts = zip(re.split(r"([;\t\r\n])", make_printable(text)), re.split(r"([;\t\r\n])", cell), strict=True)
    assert all(new in (old, f"'{old}") for old, new in parts)
    assert not would_run(cell)
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", cell)


@pytest.mark.parametrize(
    "result", ["-3.5", "+1", "12", "-1,234.5", "-12 %", "-2.1 (-3.0 to -1.2)", "−2.1", "-3 to 5", "+0.4 [0.1; 0.9]"]
)
def test_results_stay_as_they_are(result: str) -> None:
    assert guard_cell(result) == result


@pytest.mark.parametrize(
    "text", ["\n=1+1", "\u00a0=1+1", "\u200b=1+1", "\x1b=1+1", "\x00=1+1", "- not reported", "＝1"]
)
def test_what_is_run_gets_an_apostrophe(text: str) -> None:
    assert str(guard_cell(text)).startswith("'")


def test_what_a_part_of_a_cell_would_run_gets_one_too() -> None:
    """Spreadsheets of many countries part a cell at its semicolons."""
    assert guard_cell("Pain;=1+cmd|x;Sleep") == "Pain;'=1+cmd|x;Sleep"
    assert guard_cell("Pain; -2.1 (-3.0 to -1.2)") == "Pain; -2.1 (-3.0 to -1.2)"


def test_the_names_of_columns_are_cells_too(tmp_path: Path) -> None:
    tables._write_csv(tmp_path / "x.csv", Sheet("x", "", ("=cmd|x", "a\x1b"), lambda: iter([("\x00", -2.1)])))
    assert (tmp_path / "x.csv").read_text(encoding="utf-8-sig") == "'=cmd|x,a␛\n␀,-2.1\n"


def test_judgements_are_complete(folder: Path, review: Review) -> None:
    expected = sum(
        len(judgements) for record in range(1, 13) for judgements in review.record(record).judgements.values()
    )
    assert len(table(folder, "judgements.csv")) == expected > 0


def test_values_carry_what_people_said(folder: Path, review: Review) -> None:
    rows = {int(row["value"]): row for row in table(folder, "values.csv")}
    first, second, third = review.values(1)[:3]
    assert [rows[one.id]["status"] for one in (first, second, third)] == ["accepted", "edited", "rejected"]
    assert (rows[second.id]["final value"], rows[second.id]["model: value"]) == ("'=mine", second.value.text)
    assert rows[third.id]["final value"] == ""
    assert len(rows) == review.db.number("SELECT count(*) FROM value")


def test_the_flow_is_the_reviews(folder: Path, review: Review) -> None:
    numbers = {row["key"]: int(row["number"]) for row in table(folder, "prisma.csv")}
    assert numbers == {line.key: line.number for line in flow_lines(review.counts())}
    assert numbers["included"] == 1


def test_what_could_not_be_had_is_in_the_flow_and_in_the_records(review: Review, tmp_path: Path) -> None:
    review.acting = "Ann"
    before = review.counts()
    review.decide(13, Stage.ABSTRACT, Choice.INCLUDE)
    review.decide(15, Stage.ABSTRACT, Choice.INCLUDE)
    review.set_not_retrieved(13)
    tables.export_review(review, tmp_path / "out")
    numbers = {row["key"]: int(row["number"]) for row in table(tmp_path / "out", "prisma.csv")}
    assert numbers["not_retrieved"] == before.not_retrieved + 2
    assert numbers["not_retrieved_said"] == 1
    assert numbers["sought"] == numbers["not_retrieved"] + numbers["awaiting"] + numbers["assessed"]
    labels = {row["key"]: row["label"] for row in table(tmp_path / "out", "prisma.csv")}
    assert labels["not_retrieved"] == "Reports not retrieved"
    said = {int(row["record"]): row["people: not retrieved"] for row in table(tmp_path / "out", "records.csv")}
    assert {record for record, by in said.items() if by} == {13, 14}, "both are records of the report"
    assert said[13] == "by Ann"
    review.undo_last()
    tables.export_review(review, tmp_path / "out")
    assert not any(row["people: not retrieved"] for row in table(tmp_path / "out", "records.csv"))


def test_deviations_from_the_protocol_are_told_and_marked(review: Review, tmp_path: Path) -> None:
    review.acting = "Ann"
    tables.export_review(review, tmp_path / "out")
    page = " ".join((tmp_path / "out" / "README.txt").read_text(encoding="utf-8").split())
    assert "The protocol was not locked." in page
    lock = review.lock_protocol()
    review.decide(16, Stage.ABSTRACT, Choice.MAYBE)
    review.set_question(Question(population="children"))
    review.decide(17, Stage.ABSTRACT, Choice.MAYBE)
    earlier = review.decided_earlier(Stage.ABSTRACT)
    assert 16 in earlier and 17 not in earlier
    tables.export_review(review, tmp_path / "out")
    page = " ".join((tmp_path / "out" / "README.txt").read_text(encoding="utf-8").split())
    assert f"The protocol was locked on {lock.at[:10]} by Ann, SHA-256 {lock.sha256}. Deviations from it: 1" in page
    assert f"by an earlier wording of the criteria: {len(earlier)} by title and abstract and 2 by full text;" in page
    marks = {int(row["record"]): row for row in table(tmp_path / "out", "records.csv")}
    column = "people: abstract decided by earlier wording"
    assert {record for record, row in marks.items() if row[column] == "yes"} == set(earlier)
    assert {row[column] for row in marks.values()} == {"yes", ""}
    assert marks[2]["people: fulltext decided by earlier wording"] == "yes"


def test_the_included_reports_come_back(folder: Path) -> None:
    (included,) = citations.read_file(folder / "included.ris").citations
    assert included.title == "Trial number 0 of aspirin"


def test_the_audit_has_every_row_of_every_table(folder: Path, review: Review) -> None:
    rows = [json.loads(line) for line in (folder / "everything.jsonl").read_text(encoding="utf-8").splitlines()]
    counts = Counter(row["table"] for row in rows)
    with closing(sqlite3.connect(review.path)) as raw:
        names = [
            name
            for (name,) in raw.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
            )
        ]
        assert sorted(names) == sorted((*audit.TABLES, *audit.WITHHELD_TABLES))
        stored = {name: raw.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in audit.TABLES}
    stored["event"] -= 1  # the export itself is noted afterwards
    assert counts == Counter(stored)
    said = [row for row in rows if row["table"] == "act" and row["kind"] in ("decide", "revoke")]
    history = [row["said"].get("choice", "taken back") for row in said if row["subject"][2:] in ([], ["fulltext"])]
    assert history == ["include", "exclude", "include", "taken back"]


def test_the_page_says_whose_words_are_whose(folder: Path) -> None:
    text = (folder / "README.txt").read_text(encoding="utf-8")
    assert all(name in text for name in FILES if name != "README.txt")
    assert "They are not decisions" in " ".join(text.split())
    assert "fake (SHA-256 000" in text


def test_exporting_again_replaces_the_files(folder: Path, review: Review) -> None:
    (folder / "notes.txt").write_text("mine")
    review.record_event("x", "y")
    before = (folder / "everything.jsonl").read_bytes()
    export_review(review, folder)
    assert (folder / "everything.jsonl").read_bytes() != before
    assert (folder / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize(
    ("module", "name"), [(tables, "_write_csv"), (tables.spreadsheet, "write_workbook"), (tables.about, "page_text")]
)
def test_an_export_that_fails_leaves_the_last_one_whole(
    folder: Path, review: Review, monkeypatch: pytest.MonkeyPatch, module: object, name: str
) -> None:
    before = {file.name: file.read_bytes() for file in folder.iterdir()}

    def fail(*_: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(module, name, fail)
    with pytest.raises(InputError, match="No space left"):
        export_review(review, folder)
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before


def test_a_folder_that_is_a_file(review: Review, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(InputError, match="can't be written to"):
        export_review(review, tmp_path / "out")


def test_a_file_that_is_open_elsewhere(folder: Path, review: Review, monkeypatch: pytest.MonkeyPatch) -> None:
    replace = os.replace

    def refuse(source: Path, target: Path) -> None:
        if Path(target).parent == folder:
            raise PermissionError(13, "Permission denied")
        replace(source, target)

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(InputError, match=r"evidence\.csv can't be replaced"):
        export_review(review, folder)


def test_a_review_whose_name_is_no_unicode_is_exported(filled: Path, tmp_path: Path) -> None:
    file = tmp_path / os.fsdecode(b"\xfcbersicht.leads")
    try:
        shutil.copy(filled, file)
    except OSError:
        pytest.skip("this disk has Unicode names only")
    with Review.open(file) as review:
        export_review(review, tmp_path / "out")
    page = (tmp_path / "out" / "README.txt").read_text(encoding="utf-8")
    assert page.startswith("Export of \N{REPLACEMENT CHARACTER}bersicht.leads, ")


def test_progress_reaches_its_end(review: Review, tmp_path: Path) -> None:
    seen: list[Progress] = []
    export_review(review, tmp_path / "out", seen.append)
    assert [progress.done for progress in seen] == list(range(len(FILES) + 1))
    assert {progress.total for progress in seen} == {len(FILES)}


def test_a_first_export_that_fails_leaves_no_folder(
    review: Review, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tables, "_write_audit", full)
    with pytest.raises(InputError, match="No space left"):
        export_review(review, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    (tmp_path / "mine").mkdir()
    with pytest.raises(InputError):
        export_review(review, tmp_path / "mine")
    assert not list((tmp_path / "mine").iterdir())


def test_files_are_replaced_together_or_not_at_all(
    folder: Path, review: Review, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "prisma.csv").unlink()
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    review.record_event("x", "y")
    replace = os.replace

    def refuse(source: Path, target: Path) -> None:
        if Path(target) == folder / "everything.jsonl" and Path(source).parent.name != "before":
            raise PermissionError(13, "Permission denied")
        replace(source, target)

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(InputError, match=r"everything\.jsonl can't be replaced"):
        export_review(review, folder)
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before


def test_a_disk_without_second_names_is_served_as_well(
    folder: Path, review: Review, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", no_links)
    test_files_are_replaced_together_or_not_at_all(folder, review, monkeypatch)


@pytest.mark.skipif(os.name == "nt", reason="kill -9")
@pytest.mark.parametrize(
    ("module", "name"), [("tables", "_write_audit"), ("spreadsheet", "_write_rows"), ("placing", "move_into_place")]
)
def test_a_killed_export_leaves_nothing_after_the_next(review: Review, tmp_path: Path, module: str, name: str) -> None:
    out, scratch = tmp_path / "out", tmp_path / "scratch"
    scratch.mkdir()
    code = "import os, signal, sys; from pathlib import Path\n"
    code += "from leads_local.export import placing, spreadsheet, tables\n"
    code += "from leads_local.review.review import Review\nreview = Review.open(sys.argv[1])\n"
    code += f"{module}.{name} = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
    code += "tables.export_review(review, Path(sys.argv[2]))"
    environment = {**os.environ, "TMPDIR": str(scratch)}
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", code, str(review.path), str(out)], cwd=root, env=environment)
    assert done.returncode == -9
    assert [path.name for path in out.iterdir() if not path.name.startswith(".export--")] == []
    export_review(review, out)
    assert sorted(file.name for file in out.iterdir()) == sorted(FILES)
    assert list(scratch.iterdir()) == []
