"""Reports that are about one another are related, each in words, and never duplicates; what is not related is not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from leads_local.citations import duplicates, relations
from leads_local.records import Citation

PAPER = Citation(
    title="Stretching at desks for neck pain of clerks: a randomised trial",
    authors=("Ferro, Lia", "Brandvold, I."),
    year=2015,
    journal="Annals of Invented Care",
    volume="12",
    pages="50-61",
    doi="10.1000/aic.50",
)
AWAY = replace(PAPER, volume="13", pages="7", year=2016, doi="")
RELATED = {
    "correction": (replace(AWAY, title=f"Erratum: {PAPER.title}", authors=()), "one is a correction of the other"),
    "by its kind": (replace(AWAY, kind="Published Erratum"), "one is a correction of the other"),
    "retraction": (
        replace(AWAY, title=f"Retraction notice to: {PAPER.title}"), "one is a retraction notice of the other",
    ),
    "comment": (
        replace(AWAY, title=f"Comment on: {PAPER.title}", authors=("Else, A.",)), "one is a comment on the other",
    ),
    "reply": (replace(AWAY, title=f"Reply to: {PAPER.title}"), "one is a reply to the other"),
    "protocol": (
        replace(AWAY, title=f"{PAPER.title.partition(':')[0]}: study protocol"), "one is the protocol of the other",
    ),
    "design": (replace(AWAY, title=f"{PAPER.title}: rationale and design"), "one is the rationale of the other"),
    "interim": (replace(AWAY, title=f"{PAPER.title}: interim analysis"), "one is interim results of the other"),
    "congress": (replace(AWAY, kind="Conference Abstract"), "one is an abstract of a congress, the other the paper"),
    "preprint": (replace(AWAY, journal="medRxiv"), "one is a preprint, the other the paper"),
    "update": (replace(AWAY, title=f"{PAPER.title}: an update"), "one is an update of the other"),
}  # fmt: skip
UNRELATED = {
    "another place": replace(AWAY, title="Stretching at desks for back pain of clerks: study protocol"),
    "other authors' protocol": replace(AWAY, title=f"{PAPER.title}: study protocol", authors=("Else, A.",)),
    "its duplicate": replace(PAPER, doi=""),
    "phase 2": replace(AWAY, title=f"{PAPER.title}, phase 2"),
}


@pytest.mark.parametrize("name", RELATED)
def test_how_two_are_related(name: str) -> None:
    other, reason = RELATED[name]
    assert [(one.one, one.other, one.reason) for one in relations.find([PAPER, other])] == [(0, 1, reason)]
    found = duplicates.find([PAPER, other])
    assert found.groups == [] and found.doubts == []


@pytest.mark.parametrize("name", UNRELATED)
def test_what_is_not_related(name: str) -> None:
    assert relations.find([PAPER, UNRELATED[name]]) == []


def test_parts_of_a_series_and_versions_of_a_review() -> None:
    parts = [replace(AWAY, title=f"{PAPER.title}. Part {part}", pages=page) for part, page in (("I", "7"), ("II", "9"))]
    assert [one.reason for one in relations.find(parts)] == ["parts of one series"]
    versions = [replace(AWAY, doi=f"10.1002/14651858.cd001234{end}") for end in ("", ".pub2", ".pub3")]
    assert [one.reason for one in relations.find(versions)] == ["versions of one Cochrane review"] * 3


def test_a_title_of_few_words_relates_none_without_an_author() -> None:
    pair = Citation("Neck pain"), Citation("Erratum: Neck pain")
    assert relations.find(pair) == []
    assert len(relations.find([replace(one, authors=("Ferro, Lia",)) for one in pair])) == 1


def test_a_title_that_many_reports_have_relates_none() -> None:
    assert relations.find([replace(PAPER, title="Reply", kind="") for _ in range(5)]) == []
    many = [PAPER, *(replace(AWAY, title=f"Comment on: {PAPER.title}", pages=str(n)) for n in range(40))]
    assert relations.find(many) == []
