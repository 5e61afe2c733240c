"""What a newer program does with an older review: what it read out of prose then is in columns now, and nothing is
lost."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from leads_local.evaluation.variants import find_variants
from leads_local.records import PaperPosition, ScreeningMethod, ScreeningMode, Stage
from leads_local.review import backups, checking, opening
from leads_local.review.read_models import RecordFilter
from leads_local.review.review import Review
from leads_local.review.store import documents, job_rows
from tests.review import old_reviews

TRIAGE = ScreeningMethod(ScreeningMode.TRIAGE, PaperPosition.TRAINED)
FULL = ScreeningMethod()


def reply(id: int, stage: str, task: str = "screening", mode: str = "full", part: int = 0, parts: int = 0) -> str:
    return (
        "INSERT INTO reply (id, key, task, stage, record_id, item, text, finish, reason, prompt_tokens, shared_tokens, "
        "output_tokens, forced_tokens, seconds, model, model_sha256, pack, left_out, at, mode, part, parts) VALUES "
        f"({id}, 'k{id}', '{task}', '{stage}', 1, '', '{{}}', 'stop', '', 1, 0, 1, 0, 0.5, 'm', '', 'p', '[]', '', "
        f"'{mode}', {part}, {parts})"
    )


def work(id: int, stage: str, reply_id: int, mode: str = "full", state: str = "done", part: int = 0) -> str:
    reason = "broken" if state == "failed" else ""
    return (
        "INSERT INTO work (id, task, stage, record_id, item, key, state, reason, reply_id, mode, part, parts) VALUES "
        f"({id}, 'screening', '{stage}', 1, '', 'k{reply_id}', '{state}', '{reason}', {reply_id}, '{mode}', {part}, "
        f"{2 if part else 0})"
    )


def value(id: int, task: str, text: str, note: str, reply_id: int) -> str:
    said = note.replace("'", "''")
    return (
        "INSERT INTO value (id, record_id, reply_id, task, item, arm, part, text, note, quote, match, passage, places, "
        f"at) VALUES ({id}, 1, {reply_id}, '{task}', 'x{id}', '', 'value', '{text}', '{said}', NULL, '', 0, '[]', '')"
    )


DISAGREE = "The parts of the paper disagree: this is from part 1 of 2."
CUT = "The model's quote is as long as it may be (400 characters): it may go on."
FULL_LIST = "The list of arms is as long as it may be (24): look for further ones."
PROSE = (
    reply(1, "abstract"),
    reply(2, "evaluation abstract triage trained", mode="triage"),
    reply(3, "extraction", "characteristics", part=1, parts=2),
    reply(4, "extraction", "arms"),
    *(
        f"INSERT INTO judgement (reply_id, position, criterion_id, eligibility, rationale) VALUES ({n}, {c - 1}, {c}, "
        "'YES', 'The parts of the paper disagree')"
        for n in (1, 2)
        for c in (1, 2)
    ),
    "INSERT INTO screening (stage, record_id, reply_id, score) VALUES ('abstract', 1, 1, 1.0)",
    work(1, "abstract", 1),
    work(2, "evaluation abstract triage trained", 2, "triage", "failed"),
    # The parts of a paper were asked in full whatever was compared, so two rows were one question.
    work(3, "evaluation fulltext full trained", 1, part=1),
    work(4, "evaluation fulltext triage trained", 1, part=1, state="pending"),
    value(1, "characteristics", "84", DISAGREE, 3),
    value(2, "characteristics", "85", f"{DISAGREE} {CUT}", 3),
    value(3, "characteristics", "86", DISAGREE, 4),  # the model's own words: its paper was asked about as one text
    value(4, "arms", "Drug", FULL_LIST, 4),
    value(5, "participants", "7", "as long as it may be (said the model)", 4),
    *(
        "INSERT INTO document (id, sha256, path, problem, notice, record_id, how, at) VALUES "
        f"({n}, 'd{n}', '{n}.pdf', '', '', 1, '{how}', '')"
        for n, how in enumerate(("title", "linked by hand", "unmatched PDF: nothing in it stands in a record"), 1)
    ),
)


@pytest.fixture(params=[2, 3])
def upgraded(path: Path, request: pytest.FixtureRequest) -> Path:
    old_reviews.make(path, request.param, more=PROSE)
    opening.upgrade(path, lambda db: backups.back_up(db, why="before-upgrade"))
    return path


def test_what_stood_in_prose_stands_in_columns_and_the_prose_stays(upgraded: Path) -> None:
    with Review.open(upgraded) as review:
        values = {stored.id: stored.value for stored in review.values(1)}
        assert {n for n, one in values.items() if one.parts_disagree} == {1, 2}
        assert {n for n, one in values.items() if one.cut} == {2, 4}
        assert [values[n].note for n in (1, 2, 4)] == [DISAGREE, f"{DISAGREE} {CUT}", FULL_LIST]
        attached = {one.sha256: one for one in documents.attachments(review.db)}
        assert {name for name, one in attached.items() if one.unmatched} == {"d3"}
        assert attached["d3"].how.startswith("unmatched PDF")


def test_what_was_asked_only_to_compare_is_told_from_what_counts(upgraded: Path) -> None:
    with Review.open(upgraded) as review:
        (stands,) = job_rows.rows(review.db, "abstract").values()
        (compared,) = job_rows.rows(review.db, "abstract", comparison=TRIAGE).values()
        assert (stands.id, stands.question.comparison) == (1, False)
        assert (compared.id, compared.question.comparison, compared.state) == (2, True, "failed")
        assert not job_rows.rows(review.db, "abstract", comparison=FULL)
        for way in (FULL, TRIAGE):  # of one question that stood twice, what was answered
            assert [row.id for row in job_rows.rows(review.db, "fulltext", comparison=way).values()] == [3]
        assert {variant.way for variant in find_variants(review.db, Stage.ABSTRACT)} == {FULL, TRIAGE}
        assert review.begun_method(Stage.ABSTRACT) == FULL
        assert not review.summaries([1])[0].failed and review.record(1).failures == ()
        assert [(one.stage, one.comparison) for one in review.failures()] == [("abstract", True)]
        assert review.counts().progress[0].failed == 0
        assert review.record_ids(Stage.ABSTRACT, RecordFilter.NEEDS_LOOK) == []
        assert review.db.numbers("SELECT id FROM reply WHERE comparison = 1") == [2]


def test_an_upgraded_file_is_sound_and_as_this_program_makes_one(upgraded: Path) -> None:
    report = checking.check_file(upgraded)
    assert report.sound, report
    made = upgraded.with_name("new.leads")
    with Review.open(upgraded) as old, Review.create(made, old.question) as new:
        columns = [
            {table: [one.name for one in db.columns()[table]] for table in db.columns()} for db in (old.db, new.db)
        ]
    assert columns[0] == columns[1]


def test_what_the_new_columns_say_can_not_be_changed(upgraded: Path) -> None:
    raw = sqlite3.connect(upgraded, isolation_level=None)
    for statement in (
        "UPDATE value SET parts_disagree = 1 - parts_disagree",
        "UPDATE value SET cut = 1 - cut",
        "UPDATE value SET note = 'other'",
        "UPDATE reply SET comparison = 1 - comparison",
        "UPDATE document SET unmatched = 7",
    ):
        with pytest.raises(sqlite3.IntegrityError):
            raw.execute(statement)
    raw.execute("UPDATE value SET current = 0")
    raw.close()


def test_the_copy_that_is_kept_is_the_file_as_it_was(path: Path) -> None:
    old_reviews.make(path, 3, more=PROSE)
    kept = opening.upgrade(path, lambda db: backups.back_up(db, why="before-upgrade"))
    assert kept is not None
    assert checking.check_file(path).generation == 3, "the upgrade is a generation of its own"
    raw = sqlite3.connect(kept)
    assert raw.execute("PRAGMA user_version").fetchone() == (3,)
    assert raw.execute("SELECT stage FROM reply WHERE id = 2").fetchone() == ("evaluation abstract triage trained",)
    raw.close()
