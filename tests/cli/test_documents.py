"""PDFs from the command line: one that can't be read is a sentence and an exit code, and no text of a paper steers the
terminal."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from leads_local.cli.documents import print_text
from leads_local.records import Document, Passage, PassageKind

from .conftest import Done

Leads = Callable[..., Done]


@pytest.mark.parametrize(("name", "said"), [("none.pdf", "no such file"), (".", "a folder"), ("bad.pdf", "not a PDF")])
def test_text_of_what_is_no_pdf(leads: Leads, tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / "bad.pdf").write_text("a letter")
    done = leads("text", tmp_path / name)
    assert done.code == 2
    assert said in done.err
    assert done.out == ""


def test_a_folder_without_pdfs_is_refused_and_bad_ones_are_listed(leads: Leads, review: Path, tmp_path: Path) -> None:
    folder = tmp_path / "papers"
    folder.mkdir()
    assert leads("pdfs", review, folder).code == 2
    (folder / "bad.pdf").write_text("a letter")
    done = leads("pdfs", review, folder)
    assert done.code == 1
    assert "bad.pdf" in done.err


def test_a_papers_control_characters_are_shown_and_not_obeyed(capsys: pytest.CaptureFixture[str]) -> None:
    print_text(Document("a.pdf", "", passages=(Passage(0, PassageKind.PARAGRAPH, "before\x1b[2Jafter", ()),)))
    assert capsys.readouterr().out == "before\N{SYMBOL FOR ESCAPE}[2Jafter\n"
