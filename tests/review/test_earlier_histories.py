"""What people did in a file of an earlier version stands in its log afterwards, under their names, with all that was
undone; and what held then holds now."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from pathlib import Path

import pytest

from leads_local.records import Choice, Stage
from leads_local.review import backups, checking, opening, standing
from leads_local.review.outcomes import Rule, RuleKind
from leads_local.review.read_models import RecordFilter, ValueStatus
from leads_local.review.review import Review
from leads_local.review.store import acts
from tests.review import old_reviews

VERSIONS = [1, 2, 3, 4]


def decide(record: int, choice: str, reviewer: str, seq: int, previous: int = 0, stage: str = "abstract") -> str:
    """As these versions stored a decision: in place of the one before."""
    return (
        f"INSERT INTO decision VALUES ('{stage}', {record}, '{choice}', 'because {seq}', '{reviewer}', "
        f"'2025-02-0{seq}T00:00:00.000Z', {seq}, {previous}) ON CONFLICT (stage, record_id) DO UPDATE SET choice = "
        "excluded.choice, reason = excluded.reason, reviewer = excluded.reviewer, at = excluded.at, seq = "
        "excluded.seq, previous = excluded.previous"
    )


def back_to(record: int, seq: int) -> str:
    """As these versions undid a decision that had replaced another."""
    return (
        "UPDATE decision SET (choice, reason, reviewer, at, seq, previous) = (SELECT choice, reason, reviewer, "
        f"decided_at, seq, previous FROM decision_history WHERE seq = {seq} AND action = 'decided') WHERE stage = "
        f"'abstract' AND record_id = {record}"
    )


def record(number: int) -> list[str]:
    return [
        f"INSERT INTO record (id, source_id, head) VALUES ({number}, 1, {number})",
        f"INSERT INTO citation VALUES ({number}, {number}, 'Title {number}', '[]', NULL, '', '', '', '', '', '', '', "
        "'', '[]', '[]', '[]', 'Abstract')",
    ]


# Record 1 was included by Ann (old_reviews.make). Then Bob excluded it; Ann maybe; taken back, so that Bob's holds.
HISTORY = (
    *(statement for number in range(2, 7) for statement in record(number)),
    decide(1, "exclude", "Bob", 2, 1),
    decide(1, "maybe", "Ann", 3, 2),
    back_to(1, 2),
    decide(2, "include", "Ann", 4),
    decide(3, "exclude", "Cem", 5),
    "DELETE FROM decision WHERE record_id = 3",  # taken back: nobody had decided before
    decide(2, "include", "Ann", 6, stage="fulltext"),
    "UPDATE record SET head = 4 WHERE id = 5",
    "INSERT INTO duplicate_group VALUES (4, '[\"same DOI\"]', 5, '2025-03-01T00:00:00.000Z')",
    "UPDATE record SET separate = 1 WHERE id = 6",
    "INSERT INTO criterion (origin, stage, name, text, position) VALUES ('reviewer', '', 'Own', 'text', 0)",
    "INSERT INTO document (id, sha256, path, problem, notice, record_id, how, at) VALUES (1, 'd1', '1.pdf', '', '', 2, "
    "'title', '2025-03-02T00:00:00.000Z')",
    "INSERT INTO value (id, record_id, task, item, arm, part, text, note, document_id, quote, match, passage, places, "
    "at) VALUES (1, 2, 'characteristics', 'Country', '', 'value', 'Nepal', '', 1, NULL, '', 0, '[]', '')",
    "INSERT INTO verification VALUES (1, 'accepted', 'Nepal', '', 'Ann', '2025-04-01T00:00:00.000Z')",
    "UPDATE verification SET status = 'edited', text = 'India', reviewer = 'Bob', at = '2025-04-02T00:00:00.000Z'",
)


@pytest.fixture(params=VERSIONS)
def old(path: Path, request: pytest.FixtureRequest) -> Path:
    old_reviews.make(path, request.param, more=HISTORY)
    return path


def upgrade(path: Path) -> Path | None:
    return opening.upgrade(path, lambda db: backups.back_up(db, why="before-upgrade"))


def seen(path: Path) -> object:
    with Review.read(path) as review:
        views = [review.record(head) for head in review.record_ids(Stage.ABSTRACT)]
        return [
            (view.id, view.decisions, view.votes, view.history, view.duplicates, view.reasons, view.fulltext)
            for view in views
        ], review.counts()


def test_what_held_holds_and_nothing_is_lost(old: Path) -> None:
    before = seen(old)
    upgrade(old)
    assert seen(old) == before, "read as it is, an older file tells the same as upgraded"
    with Review.open(old) as review:
        one = review.record(1)
        assert [(entry.action, entry.decision.choice, entry.decision.reviewer) for entry in one.history] == [
            ("decided", Choice.INCLUDE, "Ann"),
            ("decided", Choice.EXCLUDE, "Bob"),
            ("decided", Choice.MAYBE, "Ann"),
            ("undone", Choice.MAYBE, "Ann"),
        ]
        assert one.decisions[Stage.ABSTRACT].choice is Choice.EXCLUDE, "the last that was not taken back"
        assert [(vote.reviewer, vote.choice) for vote in one.votes[Stage.ABSTRACT]] == [
            ("Ann", Choice.INCLUDE),
            ("Bob", Choice.EXCLUDE),
        ]
        assert review.record(3).decisions == {}
        assert [entry.action for entry in review.record(3).history] == ["decided", "undone"]
        assert review.record(2).decisions[Stage.FULLTEXT].reviewer == "Ann"
        assert [one.id for one in review.record(4).duplicates] == [5]
        assert [criterion.name for criterion in review.criteria()] == ["Population", "Design", "Own"]
        (value,) = review.values(2)
        assert (value.status, value.final_text, value.reviewer) == (ValueStatus.EDITED, "India", "Bob")
        assert review.rules() == {stage: Rule(RuleKind.LATEST) for stage in Stage}


def test_the_upgraded_file_follows_from_its_log(old: Path) -> None:
    upgrade(old)
    report = checking.check_file(old)
    assert report.sound, report.findings


def test_two_copies_upgraded_apart_hold_the_same_acts(old: Path) -> None:
    other = old.with_name("copy.leads")
    raw = sqlite3.connect(old)  # what the WAL of the oldest versions holds, too
    raw.execute("PRAGMA journal_mode = DELETE")
    raw.close()
    shutil.copy(old, other)
    for file in (old, other):
        upgrade(file)
    logs = []
    for file in (old, other):
        with contextlib.closing(opening.open_file(file, to_write=False)) as db:
            logs.append(list(acts.stream(db)))
    assert logs[0] == logs[1] and len(logs[0]) > 10


def test_the_old_file_is_kept(old: Path) -> None:
    kept = upgrade(old)
    assert kept is not None
    raw = sqlite3.connect(kept)
    assert raw.execute("SELECT count(*) FROM decision_history").fetchone() == (8,)
    raw.close()


def test_a_rule_may_be_chosen_afterwards(old: Path) -> None:
    upgrade(old)
    with Review.open(old) as review:
        review.set_rule(Stage.ABSTRACT, Rule(RuleKind.ONE))
        assert review.record_ids(Stage.ABSTRACT, RecordFilter.CONFLICT) == [1]
        assert review.counts().unscreened == 4


def test_groups_that_were_decided_differently_are_still_named(path: Path) -> None:
    old_reviews.make(
        path,
        4,
        more=(
            *record(2),
            decide(2, "exclude", "Bob", 2),
            "UPDATE record SET head = 1 WHERE id = 2",
            "INSERT INTO duplicate_group VALUES (1, '[\"same DOI\"]', 2, '2025-03-01T00:00:00.000Z')",
        ),
    )
    upgrade(path)
    with Review.open(path) as review:
        assert review.record(1).decisions[Stage.ABSTRACT].choice is Choice.EXCLUDE, "the last one holds"
        assert review.counts().conflicts == 1, "though Ann had included the other record of this report"
        with review.db.transaction():
            standing.rebuild(review.db)
        assert review.counts().conflicts == 1, "also when all is derived anew, as after a merge"
        assert review.record_ids(Stage.ABSTRACT, RecordFilter.NEEDS_LOOK) == [1]
        review.decide(1, Stage.ABSTRACT, Choice.INCLUDE, reviewer="Ann")
        assert review.counts().conflicts == 0, "somebody has looked again"


@pytest.mark.parametrize("reviewer", ["", "Ann"])
def test_what_made_an_earlier_review_is_not_undone(old: Path, reviewer: str) -> None:
    upgrade(old)
    with Review.open(old) as review:
        while review.undo_last(reviewer):
            pass
        assert review.rules() == {stage: Rule(RuleKind.LATEST) for stage in Stage}
        assert [criterion.name for criterion in review.criteria()] == ["Population", "Design", "Own"]
