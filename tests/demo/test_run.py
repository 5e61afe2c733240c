"""The whole way of the sample review with a model that is none: on Windows, again, and while its files are open."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest

from leads_local import demo, durable
from leads_local.demo import run
from leads_local.documents import mupdf
from leads_local.errors import InputError
from leads_local.export.tables import NAMES
from leads_local.records import Progress, Stage
from leads_local.review.review import Review
from tests.jobs.work_fixture import PACK, engine
from tests.review import old_reviews


def go(folder: Path, said: list[str] | None = None) -> run.DemoResult:
    def follow(steps: Iterator[Progress], unit: str) -> None:
        deque(steps, maxlen=0)

    found = run.run_demo(folder, engine(), PACK, (said if said is not None else []).append, follow, Event())
    assert found is not None
    return found


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(durable, "PATIENCE", 0.0)


def test_on_windows_the_whole_sample_goes_from_citations_to_tables_and_again(windows: None, tmp_path: Path) -> None:
    """Both formats are imported, every paper is read by a child and finds its record, and the tables are replaced; in a
    folder with spaces and umlauts."""
    folder = tmp_path / "Übersicht der Ärztin"
    said: list[str] = []
    first = go(folder, said)
    assert "8 PDFs read, 8 attached to their records." in said
    assert [file.name for file in first.files] == list(NAMES)
    assert {path.name for path in (folder / "tables").iterdir()} == set(NAMES)
    counted = dict(first.lines)
    assert counted["Values extracted"] != "0, 0 of them reported"
    again = go(folder)
    assert dict(again.lines) == counted and again.failed == 0


def test_it_runs_again_while_the_review_and_its_papers_are_open(windows: None, tmp_path: Path) -> None:
    """In the UI and in a PDF reader."""
    go(tmp_path)
    with Review.open(tmp_path / "sample.leads") as opened:
        before = opened.counts(), {one: opened.record(one).decisions for one in opened.record_ids(Stage.ABSTRACT)}
        paper, citations = next((tmp_path / "papers").glob("*.pdf")), tmp_path / "citations.ris"
        with paper.open("rb"), citations.open("rb"), mupdf.load().open(paper):
            go(tmp_path)
        after = opened.counts(), {one: opened.record(one).decisions for one in opened.record_ids(Stage.ABSTRACT)}
        assert after == before


@pytest.mark.parametrize("version", [4, 5])
def test_a_sample_that_an_earlier_version_made_is_brought_up_to_date(tmp_path: Path, version: int) -> None:
    old_reviews.make(path := tmp_path / "sample.leads", version)
    before = path.read_bytes()
    sample = demo.load()
    with pytest.raises(InputError, match="not the sample review"):
        run.open_review(path, sample)
    assert path.read_bytes() == before
    with Review.read(path) as old:
        sample = replace(sample, question=old.question)
    with run.open_review(path, sample) as opened:
        assert opened.writable and opened.record(1).decisions[Stage.ABSTRACT].reviewer == "Ann"


def test_tables_that_are_open_are_named_and_the_review_is_kept(windows: None, tmp_path: Path) -> None:
    go(tmp_path)
    table = tmp_path / "tables" / "evidence.csv"
    before = {path.name: path.read_bytes() for path in table.parent.iterdir()}
    with table.open("rb"), pytest.raises(InputError, match=r"evidence\.csv can't be replaced\. It is probably open"):
        go(tmp_path)
    assert {path.name: path.read_bytes() for path in table.parent.iterdir()} == before
    assert go(tmp_path).failed == 0


def test_a_changed_file_that_is_open_is_named(windows: None, tmp_path: Path) -> None:
    unpacked = demo.unpack(tmp_path)
    for path in (unpacked.citations[0], unpacked.papers[0], unpacked.form):
        right = path.read_bytes()
        path.write_bytes(b"changed by hand")
        with path.open("rb"), pytest.raises(InputError) as caught:
            demo.unpack(tmp_path)
        assert str(caught.value).startswith(f"{path} can't be replaced. It is probably open in another program")
        assert path.read_bytes() == b"changed by hand"
        demo.unpack(tmp_path)
        assert path.read_bytes() == right
    assert [path for path in tmp_path.rglob("*") if path.suffix == ".part"] == []


@pytest.mark.parametrize("name", ["con", "ends.", "a:b", "x" * 160])
def test_a_folder_that_windows_can_not_have_is_refused(windows: None, tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError) as caught:
        demo.unpack(tmp_path / name)
    assert str(tmp_path / name) in caught.value.message and "Windows" in caught.value.message
    assert list(tmp_path.iterdir()) == []
