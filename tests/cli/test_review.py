"""Starting a review, deciding, and seeing where it stands."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from leads_local.records import Stage
from leads_local.review.prisma import flow_lines
from leads_local.review.review import Review

from .conftest import Done

Leads = Callable[..., Done]


def test_a_review_of_too_many_criteria_is_refused(leads: Leads, tmp_path: Path) -> None:
    given = [part for number in range(60) for part in ("--criterion", f"c{number}=text")]
    done = leads("init", tmp_path / "x.leads", *given)
    assert done.code == 2 and "There are 60 criteria" in done.err
    assert not (tmp_path / "x.leads").exists()


def test_init_keeps_the_question_and_all_criteria(leads: Leads, tmp_path: Path) -> None:
    file = tmp_path / "new.leads"
    done = leads(
        "init",
        file,
        "--population",
        "P",
        "--outcome",
        "O",
        "--criterion",
        "Design=trial",
        "--criterion",
        "Language=any = fine",
    )
    assert done.code == 0
    with Review.open(file) as review:
        assert [(c.name, c.text) for c in review.criteria()] == [
            ("Population", "P"),
            ("Outcome", "O"),
            ("Design", "trial"),
            ("Language", "any = fine"),
        ]


@pytest.mark.parametrize(
    "arguments", [[], ["--title", "only a title"], ["--criterion", "no equals sign"], ["--criterion", "=x"]]
)
def test_init_refuses_what_asks_nothing(leads: Leads, tmp_path: Path, arguments: list[str]) -> None:
    file = tmp_path / "new.leads"
    assert leads("init", file, *arguments).code == 2
    assert not file.exists()


def test_init_never_replaces_a_review(leads: Leads, review: Path) -> None:
    before = review.read_bytes()
    assert leads("init", review, "--population", "other").code == 2
    assert review.read_bytes() == before


def test_decisions_are_kept_with_their_reviewer(leads: Leads, review: Path) -> None:
    with Review.open(review) as opened:
        first = opened.record_ids(Stage.ABSTRACT)[0]
    done = leads("decide", review, first, "exclude", "--reason", "wrong population", "--reviewer", "Ana")
    assert done.code == 0
    assert "Ana" in done.out
    with Review.open(review) as opened:
        decision = opened.record(first).decisions[Stage.ABSTRACT]
        assert (decision.choice, decision.reason, decision.reviewer) == ("exclude", "wrong population", "Ana")
    assert leads("decide", review, 999, "include").code == 2


def test_status_counts_what_is_there(leads: Leads, review: Path) -> None:
    counts = json.loads(leads("status", review, "--json").out)["counts"]
    assert counts["identified"] == 3
    said = leads("status", review).out
    with Review.open(review) as opened:
        lines = flow_lines(opened.counts())
    for line in lines:
        assert any(row.split() == [*line.label.split(), str(line.number)] for row in said.splitlines()), line


def test_status_tells_what_is_in_conflict_and_what_waits(leads: Leads, review: Path) -> None:
    assert "differ" not in leads("status", review).out
    leads("rule", review, "--rule", "two")
    for record, choice, reviewer in ((1, "include", "Ana"), (1, "exclude", "Ben"), (3, "include", "Ana")):
        leads("decide", review, record, choice, "--reviewer", reviewer)
    rows = [line.split() for line in leads("status", review).out.splitlines()]
    assert ["Reviewers", "differ", "(abstract)", "1"] in rows
    assert ["Waiting", "for", "a", "second", "reviewer", "(abstract)", "1"] in rows
    outcomes = json.loads(leads("status", review, "--json").out)["outcomes"]
    assert outcomes["abstract"] == {"settled": 0, "conflict": 1, "waiting": 1}


def test_status_tells_what_is_asked_and_who_works(leads: Leads, review: Path) -> None:
    leads("decide", review, 1, "include", "--reviewer", "Ana")
    said = leads("status", review).out
    assert said.startswith("Criteria (abstract): Population, Design\n2 reviewers: Ana, Tess Tester\n")
    assert json.loads(leads("status", review, "--json").out)["reviewers"] == ["Ana", "Tess Tester"]


def test_status_tells_what_was_done_but_not_what_another_took_back(leads: Leads, review: Path) -> None:
    leads("decide", review, 1, "exclude", "--reviewer", "Ana")
    with Review.open(review) as opened:
        opened.undo_decisions(Stage.ABSTRACT, "Ana")
    told = leads("status", review, "--events").out
    assert "UTC: import: " in told
    assert "UTC: undo by Ana: record 1, abstract: exclude taken back\n" in told
    leads("rule", review, "--rule", "two")
    assert "UTC: undo by Ana: a decision taken back\n" in leads("status", review, "--events").out
    told = leads("status", review, "--events", "--reviewer", "Ana", "--json").out
    assert "record 1, abstract: exclude taken back" in [event["text"] for event in json.loads(told)]


@pytest.mark.parametrize("content", [b"", b"no database at all, but long enough to look at", None])
def test_unusable_review_files_are_named(leads: Leads, tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "bad.leads"
    if content is not None:
        file.write_bytes(content)
    done = leads("status", file)
    assert done.code == 2
    assert "bad.leads" in done.err


@pytest.mark.parametrize("record", [0, 99, 2**63, 10**30])
def test_a_record_that_is_not_there_is_said(leads: Leads, review: Path, record: int) -> None:
    done = leads("decide", review, record, "include")
    assert done.code == 2
    assert f"there is no record {record}" in done.err


@pytest.mark.parametrize("names", [["Design", "design"], ["Population"]])
def test_two_criteria_of_one_name_could_not_be_told_apart(leads: Leads, tmp_path: Path, names: list[str]) -> None:
    given = [word for name in names for word in ("--criterion", f"{name}=something")]
    done = leads("init", tmp_path / "new.leads", "--population", "adults", *given)
    assert done.code == 2
    assert "two criteria called" in done.err
    assert not (tmp_path / "new.leads").exists()


def test_the_flow_at_a_past_moment(leads: Leads, review: Path) -> None:
    assert leads("decide", review, "1", "exclude", "--reviewer", "Ann").code == 0
    now = leads("status", review, "--at", "2999-01-01")
    assert now.code == 0
    lines = [" ".join(line.split()) for line in leads("status", review).out.splitlines()]
    flow = [" ".join(line.split()) for line in now.out.splitlines()]
    assert lines[lines.index(flow[0]) :][: len(flow)] == flow
    assert "As it stood on 2999-01-01 at 23:59:59 UTC: " in now.err
    told = json.loads(leads("status", review, "--at", "2020-01-01", "--json").out)
    assert (told["at"], told["acts"]) == ("2020-01-01T23:59:59.999000+00:00", 0)
    assert told["counts"]["identified"] == told["counts"]["excluded"] == 0
    assert "progress" not in told["counts"], "the log doesn't tell of the model's work"


def test_no_moment_is_one_sentence(leads: Leads, review: Path) -> None:
    done = leads("status", review, "--at", "last May")
    assert (done.code, done.out) == (2, "")
    assert done.err == "'last May' is no moment. Write a day or a time of it in UTC: 2026-11-01 or 2026-11-01T14:30.\n"


def test_a_review_is_continued_as_an_update(leads: Leads, review: Path, tmp_path: Path) -> None:
    told = leads("continue", review)
    assert (told.code, told.out) == (0, "The review is in its first version: it was not continued yet.\n")
    leads("dedupe", review)
    leads("decide", review, "1", "exclude", "--reviewer", "Ann")
    done = leads("continue", review, "--label", "Update 2027", "--reviewer", "Ann")
    assert done.code == 0
    included = "0 reports of studies included in the previous version, 1 excluded there."
    assert done.out == f"The review goes on as Update 2027. {included}\n"
    assert "1 report not finished there goes on in the update." in done.err
    (tmp_path / "new.ris").write_text("TY  - JOUR\nTI  - Swimming for knees\nER  -\n", encoding="utf-8")
    leads("import", review, tmp_path / "new.ris")
    status = leads("status", review).out
    assert "\nUpdate: Update 2027, begun on 20" in status
    assert "Reports excluded in the previous version, not decided since 1" in " ".join(status.split())
    assert leads("continue", review, "--label", "Update 2027").code == 2
    told = leads("continue", review, "--json")
    assert json.loads(told.out)["counts"]["carried"] == 1
    assert json.loads(told.out)["updates"][0]["by"] == "Ann"
    assert "by Ann" in leads("continue", review).out
    assert leads("undo", review, "--reviewer", "Ann").out == "Undone: continuing as Update 2027.\n"
    assert "Update" not in leads("status", review).out


def test_what_was_excluded_by_an_earlier_wording_is_told(leads: Leads, review: Path, tmp_path: Path) -> None:
    leads("decide", review, "3", "exclude", "--reviewer", "Ann")
    text = leads("protocol", review).out
    file = tmp_path / "protocol.toml"
    file.write_text(text.replace("randomised", "any trial, randomised"), encoding="utf-8")
    assert leads("protocol", review, "--from", file, "--yes").code == 0, text
    told = leads("continue", review)
    assert told.code == 1
    assert "1 record excluded by an earlier wording of the criteria at the abstract stage:\n" in told.out
    assert "record 3: Diet for hips" in told.out and "decide --where earlier-wording" in told.err
    assert json.loads(leads("continue", review, "--json").out)["excluded by an earlier wording"]["abstract"] == [3]
    assert "3: Diet for hips" in leads("find", review, "--where", "earlier-wording").out
    leads("decide", review, "include", "--where", "earlier-wording", "--yes", "--reviewer", "Ann")
    assert leads("continue", review).code == 0


def test_what_is_added_to_tables_is_not_added_to_records(leads: Leads, review: Path, tmp_path: Path) -> None:
    done = leads("export", review, "--records", tmp_path / "x.ris", "--report")
    assert done.code == 2 and "Give them with --to." in done.err
    assert not (tmp_path / "x.ris").exists()
