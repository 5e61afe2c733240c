"""What is changed behind the program's back in a table that follows from the log, ``check`` names."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from leads_local.documents import pool
from leads_local.records import Choice, Citation, Criterion, Stage
from leads_local.review import checking, log_check
from leads_local.review.outcomes import Rule, RuleKind
from leads_local.review.review import Review
from tests.review.conftest import Import, paper
from tests.review.copies import set_apart_as_before

A = Stage.ABSTRACT
TWICE = [Citation(title="Exercise in adults", doi="10.1/1"), Citation(title="Exercise in adults", doi="10.1/1")]
VALUE = (
    "INSERT INTO value (id, record_id, task, item, arm, part, text, note, document_id, quote, match, passage, places, "
    "at) VALUES (1, 3, 'characteristics', 'Country', '', 'value', 'Nepal', '', 1, NULL, '', 0, '[]', '')"
)


@pytest.fixture
def begun(review: Review, add: Import, path: Path, monkeypatch: pytest.MonkeyPatch) -> Review:
    review.acting = "Ann"
    add([*TWICE, Citation(title="Another trial"), Citation(title="A third trial")])
    review.dedupe()
    review.set_rule(A, Rule(RuleKind.SHARE, 0.0))
    review.set_criteria([Criterion("One", "1"), Criterion("Two", "2")])
    review.decide(3, A, Choice.INCLUDE, "a reason")
    review.decide(4, A, Choice.EXCLUDE, reviewer="Bob")
    review.undo(A, "Bob")
    review.decide(4, A, Choice.MAYBE)
    set_apart_as_before(review, 4)
    review.separate(3, [4])
    monkeypatch.setattr(pool, "read_many", lambda paths: iter([paper("A paper of its own", ["Words."])]))
    (path.parent / "own.pdf").write_bytes(b"%PDF")
    review.attach(path.parent / "own.pdf")
    review.add_as_new(review.waiting_pdfs()[0].sha256)
    with review.db.transaction():
        review.db.write(VALUE)
    review.verify(1, "edited", "India", "as the table says", "Ann")
    return review


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("DELETE FROM decision WHERE record_id = 3", "the decision of Ann on record 3 at the abstract stage is none"),
        ("UPDATE decision SET choice = 'exclude' WHERE record_id = 3", "is exclude, by its history include"),
        ("UPDATE decision SET reason = '' WHERE record_id = 3", "the decision of Ann on record 3"),
        ("UPDATE decision SET reviewer = 'Bob' WHERE record_id = 3", "the decision of Bob on record 3"),
        ("UPDATE decision SET at = '' WHERE record_id = 3", "the decision of Ann on record 3"),
        ("UPDATE decision SET clock = 1 WHERE record_id = 3", "the decision of Ann on record 3"),
        ("DELETE FROM outcome WHERE record_id = 3", "what holds of record 3 at the abstract stage is nothing"),
        ("UPDATE outcome SET choice = 'maybe' WHERE record_id = 3", "record 3 at the abstract stage is maybe"),
        ("UPDATE outcome SET reason = 'x' WHERE record_id = 3", "what holds of record 3"),
        ("UPDATE outcome SET clock = 1 WHERE record_id = 3", "what holds of record 3"),
        ("UPDATE outcome SET stage = 'fulltext' WHERE record_id = 3", "record 3 at the fulltext stage is include"),
        (
            "INSERT INTO outcome VALUES ('abstract', 2, 'settled', 'include', '', '', '', 1)",
            "is noted for record 2, for which",
        ),
        ("DELETE FROM revoked", "is taken back by the log, but not in the table"),
        ("INSERT INTO revoked SELECT id, id FROM act WHERE kind = 'rule'", "holds by the log, but not in the table"),
        ("DELETE FROM rule", "the rule of the abstract stage is one 0, by the log share 0"),
        ("UPDATE rule SET share = 0.5", "the rule of the abstract stage is share 0.5, by the log share 0"),
        ("INSERT INTO rule VALUES ('fulltext', 'two', 0.0)", "the rule of the fulltext stage is two 0, by the log one"),
        ("UPDATE record SET head = 2 WHERE id = 3", "record 2 stands for record 3, but another one for it"),
        ("UPDATE record SET head = id", "the duplicates of record 1"),
        ("UPDATE record SET separate = 0", "record 4 is set apart by the table or the log"),
        ("DELETE FROM duplicate_group", "the group of record 1 has no reasons"),
        ("UPDATE duplicate_group SET reasons = '[]'", "why record 1 has duplicates is not what the log has"),
        ("UPDATE duplicate_group SET clock = clock + 1", "since when record 1 has its duplicates is not what"),
        ("DELETE FROM verification", "is nothing, by its history edited by Ann"),
        ("UPDATE verification SET text = 'Peru'", "what was said of value"),
        ("UPDATE verification SET note = ''", "what was said of value"),
        ("UPDATE file_link SET record_id = 3", "the PDF A paper of"),
        ("DELETE FROM file_link", "belongs to no record"),
        ("UPDATE review SET population = 'children'", "the question is not the one that the log has"),
        ("UPDATE criterion SET position = 2 - position WHERE name IN ('One', 'Two')", "the criteria of both stages"),
        ("UPDATE criterion SET active = 0 WHERE name = 'Two'", "the criteria of both stages"),
        (
            "INSERT INTO criterion (origin, stage, name, text, position) VALUES ('reviewer', 'fulltext', 'X', 'x', 0)",
            "the criteria of fulltext",
        ),
        ("DELETE FROM act WHERE kind = 'rule'", "acts of session"),
        ("UPDATE act SET said = replace(said, 'include', 'exclude') WHERE record_id = 3", "is not as it was written"),
        ("UPDATE act SET record_id = 4 WHERE record_id = 3 AND kind = 'decide'", "is noted for record 4"),
    ],
)
def test_it_is_named(begun: Review, change: str, named: str) -> None:
    with contextlib.closing(begun.db.copied()) as moment:
        assert list(log_check.find_breaks(moment)) == []
        connection = moment._connection
        connection.execute("PRAGMA query_only = OFF")
        connection.execute("PRAGMA foreign_keys = OFF")
        for (trigger,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            connection.execute(f'DROP TRIGGER "{trigger}"')
        assert connection.execute(change).rowcount > 0
        found = "\n".join(log_check.find_breaks(moment))
    assert named in found


def test_rows_that_hold_no_json_where_they_should_are_named(begun: Review) -> None:
    """In a file that is sealed as it is."""
    with begun.db.transaction():
        begun.db.write("UPDATE duplicate_group SET reasons = '[\"same'")
        begun.db.write(VALUE.replace("(1, 3,", "(2, 3,").replace("'[]'", "'none'"))
    begun.close()
    report = checking.check_file(begun.path)
    assert set(report.rows) >= {"row of duplicate_group 1", "row of value 2"}
    assert not report.sound
