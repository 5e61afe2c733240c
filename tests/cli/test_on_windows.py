"""A review from citations to tables by the command line, as on a Windows laptop."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from leads_local import demo, durable
from leads_local.documents.finding import find_pdfs
from leads_local.export.tables import NAMES
from tests.test_windows_names import long_folder

from .conftest import Done

Leads = Callable[..., Done]
ROOT = Path(__file__).resolve().parents[2]

EXPORTS = {
    "a.ris": "TY  - JOUR\r\nTI  - Ingwertee gegen Übelkeit 1\r\nER  - \r\n",
    "a.nbib": "PMID- 99000001\r\nTI  - Ingwertee gegen Übelkeit 2\r\n\r\n",
    "a.csv": "Title,Year\r\nIngwertee gegen Übelkeit 3,2019\r\n",
    "a.enw": "%0 Journal Article\r\n%T Ingwertee gegen Übelkeit 4\r\n\r\n",
    "a.bib": "@article{a,\r\n  title = {Ingwertee gegen Übelkeit 5},\r\n}\r\n",
    "a.jsonl": '{"title": "Ingwertee gegen Übelkeit 6"}\r\n',
    "a.xml": "<?xml version='1.0' encoding='UTF-8'?>\r\n<PubmedArticleSet><PubmedArticle><MedlineCitation>"
    "<PMID>1</PMID><Article><ArticleTitle>Ingwertee gegen Übelkeit 7</ArticleTitle></Article>"
    "</MedlineCitation></PubmedArticle></PubmedArticleSet>",
    "a.txt": "FN Clarivate Analytics Web of Science\r\nVR 1.0\r\nPT J\r\nTI Ingwertee gegen Übelkeit 8\r\nER\r\n\r\n"
    "EF\r\n",
}
"""What databases write there: a byte order mark or none, and Windows' line ends."""


@pytest.fixture(scope="session")
def paper(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return demo.unpack(tmp_path_factory.mktemp("sample")).papers[0].read_bytes()


@pytest.fixture
def far(paper: bytes, tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A disk that a Mac has written, on Windows."""
    for file in (long_folder(tmp_path / "disk") / "a.pdf", tmp_path / "disk" / "aux.pdf"):
        file.write_bytes(paper)
    request.getfixturevalue("windows")
    return tmp_path / "disk"


@pytest.fixture
def started(windows: None, monkeypatch: pytest.MonkeyPatch, leads: Leads, tmp_path: Path) -> Path:
    monkeypatch.setattr(durable, "PATIENCE", 0.0)
    file = tmp_path / "Übelkeit nach Operationen.leads"
    assert leads("init", file, "--population", "adults after surgery").code == 0
    return file


def test_exports_of_every_kind_are_imported_with_their_umlauts(leads: Leads, started: Path, tmp_path: Path) -> None:
    files = [tmp_path / f"{encoding} {name}" for name in EXPORTS for encoding in ("utf-8", "utf-8-sig", "cp1252")]
    for file in files:
        encoding, name = file.name.split(" ", 1)
        if not (encoding == "cp1252" and name in ("a.xml", "a.jsonl")):  # which are UTF-8 by definition
            file.write_bytes(EXPORTS[name].encode(encoding))
    files = [file for file in files if file.exists()]
    done = leads("import", started, *files)
    assert done.out.count(": 1 record read as ") == len(files)
    assert leads("export", started, "--to", tmp_path / "out").code == 0
    lines = (tmp_path / "out" / "records.csv").read_text(encoding="utf-8-sig").splitlines()[1:]
    assert len(lines) == len(files) and all("Ingwertee gegen Übelkeit" in line for line in lines)


def test_the_sample_goes_from_citations_to_tables(leads: Leads, started: Path, tmp_path: Path) -> None:
    unpacked = demo.unpack(tmp_path / "Beispiel mit Leerzeichen")
    assert leads("import", started, *unpacked.citations).code == 0
    assert leads("dedupe", started).code == 0
    done = leads("pdfs", started, unpacked.folder)
    assert (done.code, done.err.splitlines()[-1]) == (0, "8 PDFs: 8 readable, 0 not.")
    text = leads("text", unpacked.papers[0])
    assert text.code == 0 and len(text.out) > 5000
    for _ in range(2):
        assert leads("export", started, "--to", tmp_path / "Tabellen").code == 0
        assert {path.name for path in (tmp_path / "Tabellen").iterdir()} == set(NAMES)
    with (tmp_path / "Tabellen" / "review.xlsx").open("rb"):
        refused = leads("export", started, "--to", tmp_path / "Tabellen")
    assert refused.code == 2
    assert refused.err.strip() == (
        f"{tmp_path / 'Tabellen' / 'review.xlsx'} can't be replaced. It is probably open in another program: close it "
        "there and try again."
    )


def test_papers_that_windows_lists_and_does_not_open_are_attached(tmp_path: Path, leads: Leads, far: Path) -> None:
    """By the reader in its child, which is on Windows, too."""
    assert leads("init", tmp_path / "r.leads", "--population", "adults").code == 0
    done = leads("pdfs", tmp_path / "r.leads", far)
    assert (done.code, done.err.splitlines()[-1]) == (1, "2 PDFs: 2 readable, 0 not."), "they wait for a person"
    for path in find_pdfs(far).papers:
        text = leads("text", path)
        assert text.code == 0 and len(text.out) > 5000


def test_an_export_that_another_program_keeps_for_itself_is_named(leads: Leads, started: Path, tmp_path: Path) -> None:
    import msvcrt

    file = tmp_path / "a.csv"
    file.write_text(EXPORTS["a.csv"], encoding="utf-8")
    with file.open("r+b") as held:
        msvcrt.locking(held.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined, unused-ignore]
        done = leads("import", started, file)
    assert done.code == 2
    assert f"{file} can't be read: Permission denied. Close it in other programs" in done.err


def test_programs_of_their_own_do_the_same(tmp_path: Path) -> None:
    """With a console of the Western code page."""
    folder = tmp_path / "Beispiel Übelkeit"
    unpacked = demo.unpack(folder)
    review = folder / "r.leads"

    def leads(*arguments: object) -> str:
        command = [sys.executable, "-m", "tests.simulated_windows", "leads_local.cli", *map(str, arguments)]
        environment = {**os.environ, "PYTHONIOENCODING": "cp1252"}
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, encoding="cp1252", timeout=300)
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    leads("init", review, "--population", "adults")
    assert "25 records read as ris (utf-8), 25 new." in leads("import", review, *unpacked.citations)
    assert "8 PDFs: 8 readable, 0 not." in leads("pdfs", review, unpacked.folder)
    assert f"{len(NAMES)} files written to {folder / 'out'}." in leads("export", review, "--to", folder / "out")
