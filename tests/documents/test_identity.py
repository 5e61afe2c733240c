"""What a file says of itself decides whether it may belong to a record unasked, and as what."""

from __future__ import annotations

from pathlib import Path

import pytest

from leads_local.documents import file_kinds, identity, reader
from leads_local.documents.file_kinds import FileKind
from leads_local.documents.identity import find_dois
from leads_local.documents.matching import CitationMatch, Matcher, NoMatch
from leads_local.records import Document, PassageKind
from tests.documents import decoys
from tests.documents.conftest import passage


def test_no_file_that_only_speaks_of_a_trial_becomes_its_text_unasked(tmp_path: Path) -> None:
    matcher, wrong = Matcher(decoys.TRIALS), []
    for decoy in decoys.decoys():
        found = matcher.look(reader.read(decoys.write(decoy, tmp_path)), "download.pdf")
        kind = found.kind if isinstance(found, CitationMatch) else None
        if kind not in decoy.kinds or (isinstance(found, CitationMatch) and found.index != decoy.trial):
            wrong.append((decoy.name, kind, found))
    assert not wrong


def test_a_doubt_names_what_speaks_against_and_the_record_to_look_at(tmp_path: Path) -> None:
    told = {decoy.name: decoy for decoy in decoys.decoys()}
    matcher = Matcher(decoys.TRIALS)
    for name, said in (
        ("1-editorial-own-doi", "its own title is another one: “Small steps towards better care of people”"),
        ("1-preprint", "it has a DOI of its own, 10.5555/2020.01.02.20012345"),
        ("1-other-people", "none of its authors stands on the first pages"),
        ("1-other-year", "its year, 2018, does not stand on the first pages"),
        ("1-comment", "an editorial, a letter or a comment"),
    ):
        found = matcher.look(reader.read(decoys.write(told[name], tmp_path)))
        assert isinstance(found, NoMatch) and said in found.reason and found.likely == 1, name


def test_a_paper_is_found_by_its_title_where_it_cites_another_ones_doi() -> None:
    one, other = decoys.TRIALS[0], decoys.TRIALS[1]
    text = f"{' '.join(other.authors)} followed a trial (doi:{one.doi}) in {other.year}."
    document = Document("x.pdf", "", (), (passage(other.title, 0, PassageKind.TITLE), passage(text, 1)))
    found = Matcher(decoys.TRIALS).look(document)
    assert isinstance(found, CitationMatch) and (found.index, found.how) == (1, "title")


@pytest.mark.parametrize(
    ("title", "kind", "rest"),
    [
        ("Supplementary appendix to: Water for backs", FileKind.SUPPLEMENT, "Water for backs"),
        ("Supplemental Material – Water for backs", FileKind.SUPPLEMENT, "Water for backs"),
        ("Additional file 3: Water for backs", FileKind.SUPPLEMENT, "Water for backs"),
        ("Study protocol for “Water for backs”", FileKind.PROTOCOL, "Water for backs"),
        ("Publisher’s correction: Water for backs", FileKind.CORRECTION, "Water for backs"),
        ("ERRATUM", FileKind.CORRECTION, ""),
        ("Authors’ reply: Water for backs", FileKind.COMMENT, "Water for backs"),
        ("Protocol biopsies after transplantation", FileKind.PAPER, "Protocol biopsies after transplantation"),
        ("Supplementary oxygen in labour", FileKind.PAPER, "Supplementary oxygen in labour"),
        ("Editorials in five journals", FileKind.PAPER, "Editorials in five journals"),
    ],
)
def test_a_title_is_parted_from_the_words_that_tell_the_kind(title: str, kind: FileKind, rest: str) -> None:
    assert file_kinds.parted(title) == (kind, rest)


def test_a_report_called_after_its_kind_is_that_report() -> None:
    protocol = decoys.TRIALS[0].__class__(title="Response to yellow fever vaccine in infants", authors=("Ng, Q.",))
    document = Document("x.pdf", "", (), (passage(protocol.title, 0, PassageKind.TITLE), passage("Q. Ng", 1)))
    found = Matcher([protocol]).look(document)
    assert isinstance(found, CitationMatch) and found.kind is FileKind.PAPER


def test_a_cited_doi_is_not_the_papers_own() -> None:
    lines = (
        "Journal 2020;1:2 https://doi.org/10.5555/own.1",
        "As shown before (doi:10.5555/other.2).",
        "10.1186/ISRCTN123",
    )
    document = Document("x.pdf", "", (), tuple(passage(line, at) for at, line in enumerate(lines)))
    assert identity.read(document).dois == {"10.5555/own.1"}
    assert find_dois("(doi:10.1000/ABC(2019)12).") == ["10.1000/abc(2019)12"]
