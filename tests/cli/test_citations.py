"""Imports from the command line: every record counted, every unusable file named, the rest goes on."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from leads_local import paths
from leads_local.citations import source
from leads_local.errors import ReviewError
from leads_local.export.tables import NAMES
from leads_local.review.review import Review
from leads_local.review.store import citations as store

from .conftest import Done

Leads = Callable[..., Done]


def test_a_bad_file_does_not_stop_the_others(leads: Leads, review: Path, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text("title,year\nOne more,2020\n")
    bad.write_text("colour,size\nred,1\n")
    done = leads("import", review, bad, tmp_path / "missing.ris", good)
    assert done.code == 1
    assert "bad.csv" in done.err
    assert "title" in done.err
    assert "missing.ris" in done.err
    assert "1 record read" in done.out


def test_importing_twice_adds_nothing_and_says_so(leads: Leads, review: Path, citations: Path) -> None:
    done = leads("import", review, citations)
    assert done.code == 0
    assert "imported before" in done.err
    assert json.loads(leads("status", review, "--json").out)["counts"]["identified"] == 3


def test_dedupe_reports_groups(leads: Leads, review: Path) -> None:
    assert json.loads(leads("dedupe", review, "--json").out)["duplicates"] == 1
    assert "1 duplicate in 1 group" in leads("dedupe", review).out


def test_json_lists_every_file(leads: Leads, review: Path, tmp_path: Path) -> None:
    done = leads("import", review, tmp_path / "missing.ris", "--json")
    assert "missing.ris" in json.loads(done.out)[0]["path"]


def test_the_exit_code_is_two_when_no_file_could_be_read(leads: Leads, review: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("colour,size\nred,1\n")
    assert leads("import", review, bad).code == 2
    assert leads("import", review, bad, tmp_path / "missing.ris", "--json").code == 2


def test_what_is_wrong_with_the_review_ends_the_import(
    leads: Leads, review: Path, citations: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_: object) -> None:
        raise ReviewError(f"{review} is in use by another program.")

    monkeypatch.setattr(Review, "import_file", locked)
    done = leads("import", review, citations, citations)
    assert done.code == 2
    assert done.err.count("is in use") == 1


@pytest.mark.parametrize(
    "line", ['{"title":"x","extra":5}', '{"title":["x"],"doi":[1],"pmid":{"a":1},"year":true,"urls":7}', "5"]
)
def test_odd_json_lines_stop_nothing(leads: Leads, review: Path, tmp_path: Path, line: str) -> None:
    odd, good = tmp_path / "odd.jsonl", tmp_path / "good.csv"
    odd.write_text(f'{{"title": "first"}}\n{line}\n')
    good.write_text("title,year\nOne more,2020\n")
    done = leads("import", review, odd, good)
    assert "One more" in leads("find", review, "One more").out
    assert done.code in (0, 1) and "fault of leads-local" not in done.err


def test_what_leads_local_exported_is_known_again(leads: Leads, review: Path, tmp_path: Path) -> None:
    assert leads("export", review, "--to", tmp_path / "out").code == 0
    before = leads("status", review, "--json").out
    said = {name: leads("import", review, tmp_path / "out" / name).err for name in NAMES if name != "included.ris"}
    assert leads("status", review, "--json").out == before
    for name in ("records.csv", "evidence.csv", "judgements.csv", "values.csv", "everything.jsonl"):
        assert "leads-local exported of a review" in said[name] and "leads-local merge" in said[name], name
    rescued = tmp_path / "knee.rescued-1.jsonl"
    rescued.write_text('{"format": "leads-local rescue 1", "review": "1"}\n')
    assert "puts it back" in leads("import", review, rescued).err


def test_a_fault_at_one_file_does_not_stop_the_others(
    leads: Leads, review: Path, citations: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(text: str) -> None:
        raise LookupError("unknown encoding: XTF-8")

    monkeypatch.setitem(source.READERS, "endnote xml", fail)
    bad, good = tmp_path / "bad.xml", tmp_path / "good.csv"
    bad.write_text("<xml><records><record><titles><title>Walking</title></titles></record></records></xml>")
    good.write_text("title,year\nOne more,2020\n")
    done = leads("import", review, bad, good)
    assert done.code == 1
    assert f"{bad}: leads-local failed at this file (LookupError: unknown encoding: XTF-8)" in done.err
    assert str(paths.log_file()) in done.err and "Traceback" in paths.log_file().read_text()
    assert "1 record read" in done.out
    assert leads("import", review, bad).code == 2


def test_a_fault_while_storing_is_the_files_too(
    leads: Leads, review: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add = store.add_rows

    def fail(db: object, source: int, found: object) -> object:
        monkeypatch.setattr(store, "add_rows", add)
        raise OverflowError("Python int too large to convert to SQLite INTEGER")

    monkeypatch.setattr(store, "add_rows", fail)
    for name in ("a", "b"):
        (tmp_path / f"{name}.csv").write_text(f"title,year\nThe title {name},2020\n")
    done = leads("import", review, tmp_path / "a.csv", tmp_path / "b.csv", "--json")
    assert done.code == 1
    bad, good = json.loads(done.out)
    assert "OverflowError" in bad["error"] and good["added"] == 1
    assert json.loads(leads("status", review, "--json").out)["counts"]["identified"] == 4


def test_what_came_in_before_the_review_failed_is_named(
    leads: Leads, review: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Review.import_file

    def full(self: Review, path: Path, columns: object) -> object:
        if path.name == "c.csv":
            raise ReviewError(f"{review}: the disk is full.", "Make room.")
        return real(self, path)

    monkeypatch.setattr(Review, "import_file", full)
    for name in "abcd":
        (tmp_path / f"{name}.csv").write_text(
            "colour\nred\n" if name == "b" else f"title,year\nThe title {name},2020\n"
        )
    given = [tmp_path / f"{name}.csv" for name in "abcd"]
    done = leads("import", review, *given, "--json")
    assert done.code == 2
    assert "the disk is full. What was imported before it is kept: a.csv. Make room." in done.err
    assert [Path(one["path"]).name for one in json.loads(done.out)] == ["a.csv", "b.csv"]
    assert json.loads(leads("status", review, "--json").out)["counts"]["identified"] == 4


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="this system has no /dev/zero")
def test_devices_end_with_a_sentence(leads: Leads, review: Path, citations: Path) -> None:
    done = leads("import", review, "/dev/zero", citations)
    assert done.code == 1
    assert "/dev/zero: this is a device, not a file of citations." in done.err
    assert "imported before" in done.err


def test_control_characters_of_a_file_reach_no_terminal(leads: Leads, review: Path, tmp_path: Path) -> None:
    file = tmp_path / "odd.ris"
    file.write_text("TY  - JOUR\nTI  - Knees\nPY  - \x1b[31m99\nER  - \n")
    done = leads("import", review, file)
    assert "can't be read as a year" in done.err
    assert "\x1b" not in done.err


def test_columns_are_shown_said_and_remembered(leads: Leads, review: Path, tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / f"{name}.csv").write_text(
            f"Arbeit;Fazit;Ort\nGehen {name};Wir teilten zu.;Bonn\n", encoding="utf-8"
        )
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    shown = leads("import", review, first, "--show-columns")
    assert shown.code == 1 and "Fazit: not known, kept beside the record. Wir teilten zu." in shown.out
    refused = leads("import", review, first)
    assert refused.code == 2 and "--columns COLUMN=title,OTHER=abstract" in refused.err
    assert leads("import", review, first, "--columns", "Arbeit=title,Fazit=abstract").code == 0
    again = leads("import", review, second)
    assert (
        again.code == 0 and "Arbeit=title, Fazit=abstract" in again.err and "kept beside the records: Ort" in again.err
    )
    assert json.loads(leads("import", review, second, "--show-columns", "--json").out)[0]["taken_for"][1] == "abstract"
    assert leads("import", review, first, "--columns", "Arbeit=headline").code == 2
    plain = tmp_path / "c.ris"
    plain.write_text("TY  - JOUR\nTI  - A\nER  - \n")
    assert "is no table with columns" in leads("import", review, plain, "--show-columns").err
    several = leads("import", review, tmp_path / "gone.csv", first, "--show-columns")
    assert "gone.csv: there is no such file." in several.err
    assert several.code == 1 and f"{first}:\nArbeit: title." in several.out


def test_a_file_that_one_may_not_read_does_not_stop_the_others(
    leads: Leads, review: Path, citations: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever runs this as root may read all files, so that the system is asked nothing before they are read."""
    other = tmp_path / "other.ris"
    other.write_text("TY  - JOUR\nTI  - B\nER  - \n", encoding="utf-8")
    read_bytes = Path.read_bytes

    def refuse(path: Path) -> bytes:
        if path == citations:
            raise PermissionError(13, "Permission denied")
        return read_bytes(path)

    monkeypatch.setattr(os, "access", lambda path, mode, **options: Path(path) != citations)
    monkeypatch.setattr(Path, "read_bytes", refuse)
    done = leads("import", review, citations, other)
    assert f"{citations} can't be read: Permission denied." in done.err
    assert f"{other}: 1 record read" in done.out and done.code == 1


def test_a_record_is_typed_by_hand(leads: Leads, review: Path) -> None:
    done = leads("add", review, "--title", "Rowing for knees", "--authors", "Lee, Anna; Wu, Bo", "--year", "2021")
    assert done.code == 0 and "was added: Rowing for knees" in done.out
    assert "typed by hand: Rowing for knees: 1 record" in leads("sources", review).out
    refused = leads("add", review, "--title", "A", "--year", "21")
    assert refused.code == 2 and "“21” is no year. Give four digits" in refused.err
