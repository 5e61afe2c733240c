"""`share` gives a part of a review to one reviewer, `merge` brings it back, and `status` knows of both. With the walk
of two reviewers and an adjudicator who never see each other's file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from leads_local.review.review import Review
from tests.cli.conftest import Done

Leads = Callable[..., Done]


@pytest.fixture
def shared(leads: Leads, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Six reports, by Ben; two reviewers must agree."""
    monkeypatch.setenv("LEADS_LOCAL_REVIEWER", "Ben")
    path, file = tmp_path / "knee.leads", tmp_path / "knee.csv"
    file.write_text("Title,Year\n" + "".join(f"Trial number {n},201{n}\n" for n in range(6)), encoding="utf-8")
    assert leads("init", path, "--title", "Walking", "--population", "adults").code == 0
    assert leads("import", path, file).code == 0
    for stage in ("abstract", "fulltext"):
        assert leads("rule", path, "--rule", "two", "--stage", stage).code == 0
    return path


def numbers(leads: Leads, review: Path) -> dict[str, int]:
    counts = json.loads(leads("status", review, "--json").out)["counts"]
    return {key: value for key, value in counts.items() if isinstance(value, int)}


def test_two_reviewers_and_an_adjudicator_with_work_packages(leads: Leads, shared: Path, tmp_path: Path) -> None:
    """Ben keeps the review; Ann and Eve screen apart, Cay settles; then Ann and Eve read the full texts."""

    def give(who: str, *more: object) -> Path:
        file = tmp_path / f"{who}-{len(list(tmp_path.glob('*.leads')))}.leads"
        done = leads("share", shared, file, "--reviewer", who, *more)
        assert done.code == 0, done.err
        return file

    def decide(file: Path, who: str, choices: str, *more: object, first: int = 1) -> None:
        for record, choice in enumerate(choices, first):
            word = {"i": "include", "e": "exclude", "m": "maybe"}[choice]
            assert leads("decide", file, record, word, "--reviewer", who, *more).code == 0

    ann, eve = give("Ann"), give("Eve")
    decide(ann, "Ann", "iiieee")
    decide(eve, "Eve", "iieiee")
    assert numbers(leads, ann)["screened"] == 0, "each waits for the other"
    assert f"{ann}, the work package for Ann: 0 records" in leads("merge", shared, ann).out
    done = leads("merge", shared, eve)
    assert done.code == 1 and "The reviewers differ on 2 reports more by that" in done.err
    flow = numbers(leads, shared)
    assert (flow["to_screen"], flow["screened"], flow["excluded"], flow["sought"]) == (6, 4, 2, 2)

    cay = give("Cay", "--conflicts")
    told = leads("conflicts", cay, "--stage", "abstract")
    assert "Ann: include" in told.out and "Eve: exclude" in told.out
    for record, choice in ((3, "include"), (4, "exclude")):
        assert leads("adjudicate", cay, record, choice, "--reviewer", "Cay").code == 0
    assert leads("merge", shared, cay).code == 0
    flow = numbers(leads, shared)
    assert (flow["screened"], flow["excluded"], flow["sought"], flow["unscreened"]) == (6, 3, 3, 0)

    ann, eve = give("Ann", "--stage", "fulltext"), give("Eve", "--stage", "fulltext")
    decide(ann, "Ann", "iie", "--stage", "fulltext", "--reason", "Wrong population")
    decide(eve, "Eve", "iie", "--stage", "fulltext", "--reason", "Wrong population")
    assert leads("merge", shared, eve, ann).code == 0
    flow = numbers(leads, shared)
    assert {key: flow[key] for key in ("identified", "to_screen", "screened", "excluded", "sought", "assessed")} == {
        "identified": 6,
        "to_screen": 6,
        "screened": 6,
        "excluded": 3,
        "sought": 3,
        "assessed": 3,
    }
    assert (flow["fulltext_excluded"], flow["included"]) == (1, 2)
    assert leads("check", shared).code == 0
    status = leads("status", shared).out
    today = json.loads(leads("status", shared, "--json").out)["given_packages"][0]["at"][:10]
    for line in (
        f"  Ann: 6 reports, abstract stage, given out {today} by Ben: 6 decided, as it came back last said {today}\n",
        f"  Cay: 2 reports, abstract stage, given out {today} by Ben: 2 decided, as it came back last said {today}\n",
        f"  Eve: 3 reports, fulltext stage, given out {today} by Ben: 3 decided, as it came back last said {today}\n",
    ):
        assert line in status
    assert "Wrong population" in leads("status", shared).out


def test_which_reports_go_into_it(leads: Leads, shared: Path, tmp_path: Path) -> None:
    def held(name: str, *more: object) -> list[int]:
        file = tmp_path / f"{name}.leads"
        done = leads("share", shared, file, "--reviewer", "Ann", *more)
        assert done.code == 0, done.err
        with Review.read(file) as package:
            return [record for record, _, _ in package.named_records()]

    assert held("some", "--records", "1, 3-4") == [1, 3, 4]
    assert held("rest", "--rest") == [2, 5, 6]
    assert held("recent", "--where", "year>2013") == [5, 6]
    half = held("half", "--share", "0.5")
    assert 0 < len(half) < 6 and half == held("half again", "--share", "0.5"), "drawn by their own names"
    assert leads("decide", shared, 1, "include", "--reviewer", "Ann").code == 0
    assert held("to do") == [2, 3, 4, 5, 6]
    assert held("to do, too", "--where", "to-do", "--where", "year<2013") == [2, 3]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--records", "1-99"), "Not to be decided at the abstract stage: record 7"),
        (("--records", "one"), "'one' is no number or range of records"),
        (("--records", "4-2"), "'4-2' is no number or range of records"),
        (("--records", "1", "--conflicts"), "one of these"),
        (("--conflicts",), "There is no record for Ann"),
        (("--stage", "fulltext", "--records", "1"), "Not to be decided at the fulltext stage: record 1"),
        (("--where", "nonsense"), "says nothing that can be looked up"),
        (("--reviewer", "\u2026"), "has no letter"),
        (("--share", "1.5"), "1.5 is not in the range"),
    ],
)
def test_what_cannot_be_meant_is_refused(leads: Leads, shared: Path, given: tuple[str, ...], said: str) -> None:
    file = shared.with_name("p.leads")
    done = leads("share", shared, file, "--reviewer", "Ann", *given)
    assert done.code == 2 and said in done.err, done.err
    assert not file.exists() and json.loads(leads("status", shared, "--json").out)["given_packages"] == []


def test_what_is_told_of_it(leads: Leads, shared: Path, tmp_path: Path) -> None:
    file = tmp_path / "ann.leads"
    done = leads("share", shared, file, "--reviewer", "Ann", "--records", "1,2")
    assert done.out == (
        f"{file}: 2 reports for Ann to decide at the abstract stage, without full texts, without what others decided.\n"
    )
    assert "leads-local merge knee.leads ann.leads" in done.err
    assert "not come back yet" in leads("status", shared).out
    part = (
        "This is a work package for Ann: 2 of the 6 reports of the review “Walking”, for the abstract stage, given out"
    )
    assert leads("status", file).out.startswith(part)
    assert "Records identified in all" in leads("status", file).out
    told = json.loads(leads("status", file, "--json").out)["package"]
    assert (told["reviewer"], told["reports"], told["of"], told["by"]) == ("Ann", 2, 6, "Ben")
    assert json.loads(leads("status", shared, "--json").out)["package"] is None
    again = json.loads(leads("share", shared, tmp_path / "b.leads", "--reviewer", "ann", "--json").out)
    assert (again["file"], again["reports"]) == (str(tmp_path / "b.leads"), 6)
    assert leads("decide", file, 1, "include", "--reviewer", "Ann").code == 0
    assert "you decide as 'Ben'" in leads("note", file, 1, "a note").err
    assert leads("undo", shared).out.startswith("Undone: work package of 6 reports for ann")
    assert ", taken back" in leads("status", shared).out


def test_an_export_of_it_says_what_it_is(leads: Leads, shared: Path, tmp_path: Path) -> None:
    file = tmp_path / "ann.leads"
    assert leads("share", shared, file, "--reviewer", "Ann", "--records", "1,2").code == 0
    done = leads("export", file, "--to", tmp_path / "tables")
    part = "This is a work package for Ann: 2 of the 6 reports"
    assert part in done.err
    for name in ("README.txt", "prisma.csv"):
        assert part in " ".join((tmp_path / "tables" / name).read_text("utf-8-sig").split())
    assert leads("export", shared, "--to", tmp_path / "all").code == 0
    assert "work package" not in (tmp_path / "all" / "prisma.csv").read_text("utf-8-sig")


def test_it_is_no_place_for_what_concerns_the_review(leads: Leads, shared: Path, tmp_path: Path) -> None:
    file = tmp_path / "ann.leads"
    assert leads("share", shared, file, "--reviewer", "Ann").code == 0
    for command in (("rule", file, "--rule", "one"), ("import", file, tmp_path / "knee.csv")):
        if command[0] == "import":
            (tmp_path / "knee.csv").write_text("Title\nAnother\n", encoding="utf-8")
        done = leads(*command)
        assert done.code == 2
        assert "ann.leads is a work package, a part of a review" in done.err
    done = leads("merge", file, shared)
    assert done.code == 2 and "Merge the work packages into the review" in done.err
