"""Studies from the command line: what may be one is listed with its reason, linked, told apart, renamed, taken out."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from leads_local.records import Stage
from leads_local.review.review import Review

from .conftest import Done

Leads = Callable[..., Done]

RIS = """TY  - JOUR
TI  - Walking for knees: a randomised trial
AU  - Ito, Mai
PY  - 2019
AB  - We randomised 84 adults to walking or usual care.
C1  - ClinicalTrials.gov NCT01234567
ER  -

TY  - JOUR
TI  - Walking for knees: the protocol
AU  - Lund, A.
PY  - 2017
AB  - Registered as NCT 01234567.
ER  -

TY  - JOUR
TI  - Diet for hips
AU  - Ito, Mai
PY  - 2019
ER  -
"""


@pytest.fixture
def review(tmp_path: Path, leads: Leads, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three included reports, the first two of one trial."""
    monkeypatch.setenv("LEADS_LOCAL_REVIEWER", "Ann")
    file, records = tmp_path / "knees.leads", tmp_path / "some.ris"
    records.write_text(RIS, encoding="utf-8")
    leads("init", file, "--population", "adults")
    leads("import", file, records)
    for stage in Stage:
        assert leads("decide", file, 1, 2, 3, "include", "--stage", stage, "--yes").code == 0
    return file


def test_what_may_be_one_study_is_listed_with_its_reason(leads: Leads, review: Path) -> None:
    done = leads("studies", review)
    assert done.code == 0
    assert done.out.splitlines() == [
        "One study? same registration number NCT01234567 (1 in its record; 2 in its record)",
        "- 1: Walking for knees: a randomised trial (Ito, Mai, 2019): include",
        "- 2: Walking for knees: the protocol (Lund, A., 2017): include",
        "Study 1, Ito 2019b: 1 report",
        "- 1: Walking for knees: a randomised trial (Ito, Mai, 2019): include",
        "Study 2, Lund 2017: 1 report",
        "- 2: Walking for knees: the protocol (Lund, A., 2017): include",
        "Study 3, Ito 2019a: 1 report",
        "- 3: Diet for hips (Ito, Mai, 2019): include",
        "3 studies with 3 reports; included: 3 studies, 3 reports.",
    ]
    assert "--link 3 17" in done.err and "--not-one" in done.err


def test_linked_reports_are_one_study_everywhere(leads: Leads, review: Path, tmp_path: Path) -> None:
    done = leads("studies", review, "--link", 1, 2, "--label", "[b]KNEE[/b]", "--why", "same number")
    assert (done.code, done.out.splitlines()[0]) == (0, "Study 1, [b]KNEE[/b]: 2 reports")
    listed = leads("studies", review)
    assert "One study?" not in listed.out
    assert listed.out.endswith("2 studies with 3 reports; included: 2 studies, 3 reports.\n")
    status = " ".join(leads("status", review).out.split())
    assert "Studies included in review 2 Reports of included studies 3" in status
    shown = leads("show", review, 2).out
    assert "Study: [b]KNEE[/b] (study 1, 2 reports)\nLinked because: same number\n" in shown
    assert "Report of the same study: 1: Walking for knees: a randomised trial (Ito, Mai, 2019): include" in shown
    assert json.loads(leads("show", review, 2, "--json").out)["study"]["reports"] == [1, 2]
    assert "Study: Ito 2019\n" in leads("show", review, 3).out
    assert leads("export", review, "--to", tmp_path / "out").code == 0
    rows = csv.DictReader((tmp_path / "out" / "studies.csv").read_text(encoding="utf-8-sig").splitlines())
    found = [(row["study"], row["reports"], row["report numbers"]) for row in rows]
    assert found == [("1", "2", "1; 2"), ("3", "1", "3")]
    assert leads("check", review).code == 0
    undone = leads("undo", review).out.splitlines()
    assert undone[0] == "Undone: record 1 linked into a study by Ann."
    assert "3 studies with" in leads("studies", review).out


def test_what_is_turned_down_is_not_suggested_again(leads: Leads, review: Path) -> None:
    done = leads("studies", review, "--not-one", 1, 2)
    assert done.out == "Records 1 and 2 are not of one study and are not suggested again.\n"
    assert "One study?" not in leads("studies", review).out
    done = leads("studies", review, "--not-one", 1, 2)
    assert (done.out, done.err.split(":")[0]) == ("", "That was said before")


def test_one_is_taken_out_and_a_study_renamed(leads: Leads, review: Path) -> None:
    leads("studies", review, "--link", 1, 2, 3)
    done = leads("studies", review, "--rename", 3, "--label", "KNEE")
    assert done.out.splitlines()[0] == "Study 1, KNEE: 3 reports"
    done = leads("studies", review, "--unlink", 1)
    assert [line for line in done.out.splitlines() if line.startswith("Study")] == [
        "Study 1, Ito 2019: 1 report",
        "Study 2, KNEE: 2 reports",
    ]
    told = json.loads(leads("studies", review, "--rename", 2, "--label", "", "--json").out)
    assert [(study["label"], study["named"], study["reports"]) for study in told] == [("Lund 2017", False, [2, 3])]
    assert [study["number"] for study in json.loads(leads("studies", review, "--json").out)["studies"]] == [1, 2]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["1", "2"], "What of these records? Say --link"),
        (["--link"], "--link needs the numbers of records"),
        (["--link", "1"], "A study is linked from two reports or more"),
        (["--link", "1", "9"], "there is no record 9"),
        (["--unlink", "1"], "Record 1 is linked to no other report"),
        (["--unlink", "1", "--label", "x"], "Give it with --link or --rename"),
        (["--not-one", "1", "2", "--why", "x"], "Give it with --link"),
        (["--rename", "1"], "--rename says with --label"),
        (["--rename", "1", "2", "--label", "x"], "--rename says with --label"),
        (["--link", "1", "2", "--label", "x" * 81], "longer than 80 characters"),
    ],
)
def test_what_makes_no_sense_is_one_sentence(leads: Leads, review: Path, arguments: list[str], said: str) -> None:
    done = leads("studies", review, *arguments)
    assert done.code == 2
    assert said in done.err
    assert leads("undo", review).out.startswith("Undone: include")


def test_a_link_that_somebody_said_no_to_is_told(leads: Leads, review: Path) -> None:
    with Review.open(review) as opened:
        opened.tell_apart([1, 3], "Bob")
        opened.put_in_study(1, "aa", reviewer="Bob")
        opened.put_in_study(3, "aa", reviewer="Bob")
    assert "Records 1 and 3 are linked into one study, but it was also said" in leads("studies", review).err


def test_a_review_without_studies(leads: Leads, tmp_path: Path) -> None:
    assert leads("init", tmp_path / "new.leads", "--population", "adults").code == 0
    done = leads("studies", tmp_path / "new.leads")
    assert done.out == "0 studies with 0 reports; included: 0 studies, 0 reports.\n"
