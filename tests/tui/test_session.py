"""What several screens ask of the open review."""

from dataclasses import replace
from pathlib import Path

import pytest

from leads_local.config import Settings
from leads_local.errors import InputError
from leads_local.records import Choice, Criterion, Question, Stage
from leads_local.review.reasons import Reason
from leads_local.review.review import Review
from leads_local.review.store import documents
from leads_local.tui.session import Session


def test_reasons_are_the_reviews_own_list_and_keep_their_keys(review_path: Path) -> None:
    session = Session.open(review_path, Settings())
    plain = session.reasons()
    assert [one.text for one in plain[:5]] == [
        *("Wrong population", "Wrong intervention", "Wrong comparison", "Wrong outcome", "Wrong design")
    ]
    assert [one.key for one in plain] == list("1234567")
    first, second, third = session.review.record_ids(Stage.ABSTRACT)[:3]
    for record_id, reason in ((first, "Retracted"), (second, "Retracted"), (third, "Wrong outcome")):
        session.review.decide(record_id, Stage.ABSTRACT, Choice.INCLUDE)
        session.review.decide(record_id, Stage.FULLTEXT, Choice.EXCLUDE, reason)
    assert session.reasons() == [*plain, Reason("", "Retracted")]
    session.review.set_reasons([replace(plain[0], retired=True), *plain[1:]])
    assert session.reasons() == [*plain[1:], Reason("", "Retracted")]
    session.close()


def test_no_criterion_is_left_out_of_the_reasons(tmp_path: Path) -> None:
    criteria = [Criterion(f"Criterion {n}", "x") for n in range(30)]
    Review.create(tmp_path / "a.leads", Question("", "Adults"), criteria).close()
    session = Session.open(tmp_path / "a.leads", Settings())
    assert {f"Wrong criterion {n}" for n in range(30)} <= {one.text for one in session.reasons()}
    assert session.title == "a"
    session.close()


def test_a_document_is_read_once_until_forgotten(extracted_path: Path) -> None:
    session = Session.open(extracted_path, Settings())
    with_paper, _, without = session.review.record_ids(Stage.ABSTRACT)[:3]
    document = session.document(with_paper)
    assert document is not None
    assert session.document(with_paper) is document
    assert session.document(without) is None
    for record_id in session.review.record_ids(Stage.ABSTRACT)[2:8]:
        session.document(record_id)
    assert session.document(with_paper) is not document
    session.forget_documents()
    assert session.document(with_paper) == document
    session.close()


def test_the_reviewer_is_the_one_of_the_settings_and_nobody_unasked(
    review_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = Session.open(review_path, Settings(reviewer=" Zoe\u0308 "))
    assert session.reviewer == session.review.acting == "Zo\xeb"
    session.close()
    monkeypatch.setenv("LOGNAME", "account")
    session = Session.open(review_path, Settings())
    assert session.reviewer == session.review.acting == ""
    session.name_reviewer("Kim")
    assert session.reviewer == session.review.acting == "Kim"
    session.close()
    with pytest.raises(InputError, match="can't be seen"):
        Session.open(review_path, Settings(reviewer="Kim\x07"))


def test_the_paper_of_a_value_is_the_one_that_it_was_read_from(extracted_path: Path) -> None:
    session = Session.open(extracted_path, Settings())
    with_paper = session.review.record_ids(Stage.ABSTRACT)[0]
    stored, before = session.review.values(with_paper)[0], session.document(with_paper)
    another = replace(before, path="supplement.pdf", sha256="f" * 64) if before is not None else None
    assert another is not None
    with session.review.db.transaction():
        documents.put(session.review.db, another)
        documents.link(session.review.db, another.sha256, with_paper, "for a test")
    session.forget_documents()
    assert session.document(with_paper) == another
    assert session.document_of(stored) == before
    session.close()
