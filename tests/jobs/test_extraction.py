"""Extraction: ordered by paper, arms before what depends on them, and nothing that a person has verified is
overwritten."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import pytest

from leads_local.engine.types import FinishReason, Reply, Request
from leads_local.errors import ModelError
from leads_local.jobs.extraction import NO_ARMS, NO_TEXT
from leads_local.jobs.papers import PaperShelf
from leads_local.records import Choice, ExtractedValue, Field, Quote, Stage
from leads_local.review import proposals
from leads_local.review.attachments import FileRole
from leads_local.review.read_models import ValueStatus
from leads_local.review.review import Review
from leads_local.review.store import documents, lists
from leads_local.tasks.forms import Form
from tests.jobs.work_fixture import FORM, engine, make, model, result, work
from tests.review.conftest import paper

QUESTIONS = 1 + 2 + 2 + 1  # arms, two portions of ten fields, two outcomes, one measure


@pytest.fixture
def review(path: Path) -> Iterator[Review]:
    make(path)
    with Review.open(path) as opened:
        yield opened


def record_of(request: Request) -> str:
    return request.id.split("/")[2]


def test_every_question_is_asked_about_every_readable_report(review: Review) -> None:
    asked = engine()
    list(work(review, "extract", asked))
    assert len(asked.seen) == 4 * QUESTIONS
    assert {record_of(request) for request in asked.seen} == {"1", "2", "3", "4"}
    for record in range(1, 5):
        tasks = {stored.value.task for stored in review.values(record)}
        assert tasks == {"arms", "characteristics", "results", "participants"}
    assert review.values(5) == []


def test_questions_about_one_paper_share_the_whole_of_it(review: Review) -> None:
    asked = engine()
    list(work(review, "extract", asked))
    for record, text in ((1, "pain fell by 1.5 points"), (2, "pain fell by 2.5 points")):
        mine = [request.prompt for request in asked.seen if record_of(request) == str(record)]
        assert all(text in prompt for prompt in mine)
        assert len({prompt.split(text)[0].rpartition("Trial number")[2] for prompt in mine}) == 1


@pytest.mark.parametrize("reverse", [False, True])
def test_values_stand_in_the_order_of_the_form_whatever_comes_first(review: Review, reverse: bool) -> None:
    list(work(review, "extract", engine(window=8, reverse=reverse)))
    for record in range(1, 5):
        values = [stored.value for stored in review.values(record)]
        for task, items in (
            ("characteristics", FORM.fields),
            ("results", FORM.outcomes),
            ("participants", FORM.measures),
        ):
            found = list(dict.fromkeys(value.item for value in values if value.task == task))
            assert found == [item.name for item in items]


@pytest.mark.parametrize("window", [1, 2, 4, 8])
def test_work_goes_from_paper_to_paper(review: Review, window: int) -> None:
    """A paper is left for good before the engine is more than its own read-ahead further on."""
    asked = engine(window=window)
    list(work(review, "extract", asked))
    order = [int(record_of(request)) for request in asked.seen]
    last = {record: max(place for place, one in enumerate(order) if one == record) for record in set(order)}
    first = {record: min(place for place, one in enumerate(order) if one == record) for record in set(order)}
    for record in (1, 2):
        assert last[record] - first[record] < QUESTIONS + 2 * window
    if window == 1:
        assert [record for record, _ in groupby(order)] == [1, 2, 3, 4]


def test_arms_are_asked_before_what_depends_on_them(review: Review) -> None:
    arms = [{"label": "Low dose", "type": "EXPERIMENTAL", "description": "", "interventionNames": ["aspirin"]}]

    def answer(request: Request) -> Reply | str:
        task = request.id.split("/")[1]
        if task == "arms":
            return json.dumps(arms)
        if task in ("results", "participants"):
            assert "Low dose" in request.prompt
        return engine()._default(request)

    list(work(review, "extract", engine(answer=answer)))
    assert review.failures() == []
    groups = {stored.value.group for stored in review.values(1) if stored.value.task in ("results", "participants")}
    assert groups == {"", "Low dose"}


def test_arms_that_can_not_be_read_fail_what_depends_on_them(review: Review) -> None:
    last = list(work(review, "extract", engine(errors={"extraction/arms/2": "No."})))[-1]
    assert (last.done, last.total, last.failed) == (4 * QUESTIONS, 4 * QUESTIONS, 4)
    failures = [(failure.task, failure.reason) for failure in review.failures()]
    assert failures == [("arms", "No."), ("results", NO_ARMS), ("results", NO_ARMS), ("participants", NO_ARMS)]
    assert list(work(review, "extract", engine())) == []
    assert list(work(review, "extract", engine(), retry=True))[-1].done == 4
    assert review.failures() == []


def test_another_model_asks_again_what_failed_for_want_of_arms(review: Review) -> None:
    list(work(review, "extract", engine(errors={"extraction/arms/2": "No."})))
    list(work(review, "extract", engine(model=model(sha256="2" * 64))))
    assert review.failures() == []
    assert review.work().pending == 0


def test_an_answer_for_an_unknown_group_is_a_failure_with_its_text(review: Review) -> None:
    wrong = json.dumps({"results": [{"groupId": "G77", "value": "1", "note": ""}]})

    def answer(request: Request) -> Reply | str:
        return wrong if "/participants/1/" in request.id else engine()._default(request)

    list(work(review, "extract", engine(answer=answer)))
    (failure,) = review.failures()
    assert (failure.record_id, failure.task, failure.item, failure.raw) == (1, "participants", "Age", wrong)


def test_values_have_their_evidence(review: Review) -> None:
    field = Field("Pain reduction", "points by which pain fell")

    def answer(request: Request) -> str:
        return json.dumps([{"name": field.name, "value": "2.5 points"}]) if "characteristics" in request.id else "[]"

    list(work(review, "extract", engine(answer=answer), form=Form("One", (field,))))
    (stored,) = review.values(2)
    assert stored.value.quote is not None
    assert stored.value.quote.found
    assert "pain fell by 2.5 points" in stored.value.quote.text
    assert stored.page == 1
    (elsewhere,) = review.values(3)
    assert elsewhere.value.quote is not None
    assert not elsewhere.value.quote.found
    assert elsewhere.page == 0


def answers(text: str) -> dict[str, object]:
    """An engine's options: every characteristic is ``text``, there are no arms."""

    def answer(request: Request) -> Reply | str:
        if "characteristics" in request.id:
            assert request.schema is not None
            names = [item["properties"]["name"]["const"] for item in request.schema["prefixItems"]]
            return json.dumps([{"name": name, "value": text} for name in names])
        return "[]" if "arms" in request.id else Reply("", "", FinishReason.ERROR, "not asked")

    return {"answer": answer}


FIELDS = Form("Fields", (Field("A"), Field("B"), Field("C"), Field("D")))


def values(review: Review) -> dict[str, list[tuple[str, ValueStatus]]]:
    found: dict[str, list[tuple[str, ValueStatus]]] = {}
    for stored in review.values(1):
        found.setdefault(stored.value.item, []).append((stored.final_text, stored.status))
    return found


def test_another_model_never_overwrites_what_a_person_said(review: Review) -> None:
    list(work(review, "extract", engine(**answers("old")), form=FIELDS))
    a, b, c, _ = review.values(1)
    review.verify(a.id, "accepted", reviewer="Ann")
    review.verify(b.id, "edited", "mine", reviewer="Ann")
    review.verify(c.id, "rejected", reviewer="Ann")
    list(work(review, "extract", engine(**answers("new"), model=model(sha256="2" * 64)), form=FIELDS))
    assert values(review) == {
        "A": [("old", ValueStatus.ACCEPTED)],
        "B": [("mine", ValueStatus.EDITED)],
        "C": [("", ValueStatus.REJECTED), ("new", ValueStatus.PROPOSED)],
        "D": [("new", ValueStatus.PROPOSED)],
    }
    list(work(review, "extract", engine(**answers("old"), model=model(sha256="3" * 64)), form=FIELDS))
    assert values(review)["C"] == [("", ValueStatus.REJECTED)]
    assert values(review)["D"] == [("old", ValueStatus.PROPOSED)]
    assert review.db.number("SELECT count(*) FROM value WHERE record_id = 1") == 12


def test_going_back_to_a_model_brings_its_answers_back(review: Review) -> None:
    list(work(review, "extract", engine(**answers("old")), form=FIELDS))
    before = result(review.db)
    list(work(review, "extract", engine(**answers("new"), model=model(sha256="2" * 64)), form=FIELDS))
    assert values(review)["A"] == [("new", ValueStatus.PROPOSED)]
    asked = engine(**answers("never asked"))
    assert list(work(review, "extract", asked, form=FIELDS)) == []
    assert asked.seen == []
    assert values(review)["A"] == [("old", ValueStatus.PROPOSED)]
    assert result(review.db)["work"] == before["work"]


def test_a_changed_form_asks_only_what_has_changed(review: Review) -> None:
    list(work(review, "extract", engine()))
    asked = engine()
    changed = replace(FORM, outcomes=(FORM.outcomes[0], replace(FORM.outcomes[1], definition="hours of sleep")))
    list(work(review, "extract", asked, form=changed))
    assert sorted(request.id for request in asked.seen) == [f"extraction/results/{n}/Sleep" for n in range(1, 5)]


def test_a_field_that_is_no_longer_asked_keeps_its_values(review: Review) -> None:
    list(work(review, "extract", engine(**answers("old")), form=FIELDS))
    list(work(review, "extract", engine(**answers("new")), form=Form("Less", (Field("A"),))))
    assert values(review) == {
        "A": [("new", ValueStatus.PROPOSED)],
        **{name: [("old", ValueStatus.PROPOSED)] for name in "BCD"},
    }


def test_which_reports_are_extracted(review: Review) -> None:
    everything = list(range(1, 13))
    assert lists.included_reports(review.db) == (Stage.ABSTRACT, everything)
    review.decide(2, Stage.FULLTEXT, Choice.INCLUDE)
    review.decide(3, Stage.FULLTEXT, Choice.EXCLUDE)
    assert lists.included_reports(review.db) == (Stage.FULLTEXT, [2])
    review.undo(Stage.FULLTEXT)
    review.undo(Stage.FULLTEXT)
    assert lists.included_reports(review.db) == (Stage.ABSTRACT, everything)


def test_a_paper_without_text_is_a_failure(review: Review) -> None:
    empty = paper("", [], "f" * 64)
    with review.db.transaction():
        documents.put(review.db, replace(empty, passages=()))
        documents.link(review.db, "f" * 64, 7, "for a test")
    list(work(review, "extract", engine()))
    assert {failure.record_id for failure in review.failures()} == {7}
    assert {failure.reason for failure in review.failures()} == {NO_TEXT}


def test_what_did_not_fit_is_named(review: Review) -> None:
    long = [f"Sentence number {n} says nothing of use to anybody." for n in range(400)]
    with review.db.transaction():
        documents.put(review.db, paper("A long paper", long, section="discussion"))
        documents.link(review.db, "A long paper".ljust(64, "0"), 7, "for a test")
    asked = engine(model=model(context=4096))
    list(work(review, "extract", asked))
    assert all(asked.count_tokens([request.prompt])[0] < 4096 for request in asked.seen)
    stored = review.values(7)
    assert stored
    assert {value.left_out for value in stored} == {("end of discussion",)}
    assert {value.left_out for value in review.values(1)} == {()}


def test_a_model_without_room_for_a_paper_is_refused(review: Review) -> None:
    with pytest.raises(ModelError, match="no room for a paper"):
        list(work(review, "extract", engine(model=model(context=700))))
    assert review.work().total == 0


@pytest.mark.parametrize(
    ("status", "shown"),
    [
        ("accepted", [("old", ValueStatus.ACCEPTED)]),
        ("edited", [("mine", ValueStatus.EDITED)]),
        ("rejected", [("", ValueStatus.REJECTED), ("new", ValueStatus.PROPOSED)]),
    ],
)
def test_what_a_person_says_of_a_value_that_was_just_set_aside_holds(
    review: Review, status: str, shown: object
) -> None:
    """The list that they saw was made before another process extracted again."""
    list(work(review, "extract", engine(**answers("old")), form=FIELDS))
    seen = review.values(1)[0]
    list(work(review, "extract", engine(**answers("new"), model=model(sha256="2" * 64)), form=FIELDS))
    assert review.verify(seen.id, status, "mine", reviewer="Ann").current
    assert values(review)["A"] == shown
    list(work(review, "extract", engine(**answers("old"), model=model(sha256="3" * 64)), form=FIELDS))
    assert values(review)["A"] == shown[:1]  # type: ignore[index]


def extract_thrice(review: Review) -> int:
    """Extract with one model, with another, and with the first again, whose answers are used again. Returns a value
    that the second one's answer has set aside and the third time brought back."""
    for sha256, said in (("1", "old"), ("2", "new"), ("1", "old")):
        list(work(review, "extract", engine(**answers(said), model=model(sha256=sha256 * 64)), form=FIELDS))
    return review.values(1)[0].id


@pytest.mark.parametrize("by_undo", [True, False])
@pytest.mark.parametrize(
    ("status", "shown"),
    [
        ("accepted", [("old", ValueStatus.ACCEPTED)]),
        ("rejected", [("", ValueStatus.REJECTED), ("new", ValueStatus.PROPOSED)]),
    ],
)
def test_a_value_that_was_set_aside_is_so_again_when_what_was_said_of_it_is_taken_back(
    review: Review, status: str, shown: object, by_undo: bool
) -> None:
    list(work(review, "extract", engine(**answers("old")), form=FIELDS))
    seen = review.values(1)[0]
    list(work(review, "extract", engine(**answers("new"), model=model(sha256="2" * 64)), form=FIELDS))
    review.acting = "Ann"
    review.verify(seen.id, status)
    assert values(review)["A"] == shown
    if by_undo:
        review.undo_last()
    else:
        assert not review.verify(seen.id, "proposed").current
    assert values(review)["A"] == [("new", ValueStatus.PROPOSED)]
    if by_undo:
        review.redo()
        assert values(review)["A"] == shown


def test_an_answer_that_is_used_again_stands_when_a_verification_is_taken_back(review: Review) -> None:
    """The other model's answer is later, and yet not the one that holds."""
    seen = extract_thrice(review)
    assert values(review)["A"] == [("old", ValueStatus.PROPOSED)]
    review.verify(seen, "accepted", reviewer="Ann")
    review.undo_last("Ann")
    assert values(review)["A"] == [("old", ValueStatus.PROPOSED)]


def test_taking_back_nothing_brings_nothing_back(review: Review) -> None:
    list(work(review, "extract", engine(**answers("old")), form=FIELDS))
    seen = review.values(1)[0]
    list(work(review, "extract", engine(**answers("new"), model=model(sha256="2" * 64)), form=FIELDS))
    review.verify(seen.id, "proposed")
    assert values(review)["A"] == [("new", ValueStatus.PROPOSED)]


def test_a_value_stays_with_the_document_that_its_quote_stands_in(review: Review) -> None:
    """A second file of the same report, a supplement say, becomes its full text; pages and passages are those of the
    first."""
    list(work(review, "extract", engine(**answers("2.5 points")), form=FIELDS))
    supplement = paper("Supplement", ["Other words on the same page.", "And others in the same passage."])
    with review.db.transaction():
        documents.put(review.db, supplement)
        documents.link(review.db, supplement.sha256, 2, "for a test")
    assert review.document(2) is not None and review.document(2).sha256 == supplement.sha256  # type: ignore[union-attr]
    for stored in review.values(2):
        read = review.document_of(stored)
        assert read is not None and stored.file == read.path == "Trial number 1 of aspirin.pdf"
        quote = stored.value.quote
        assert quote is not None and quote.text in next(p.text for p in read.passages if p.order == quote.passage)


def add_supplement(review: Review, record: int) -> str:
    """Link a supplement to a record; returns its SHA-256."""
    document = paper("Where adults slept", ["Table S1 lists 77 beds in 9 towns."], "5" * 64)
    with review.db.transaction():
        documents.put(review.db, document)
    review.link(document.sha256, record, FileRole.SUPPLEMENT)
    return document.sha256


def test_what_goes_with_a_paper_is_read_after_it_and_the_model_is_told_what_it_is(review: Review) -> None:
    add_supplement(review, 1)
    asked = engine()
    list(work(review, "extract", asked))
    prompt = next(request.prompt for request in asked.seen if record_of(request) == "1")
    at = [
        prompt.index(said)
        for said in ("pain fell by 1.5", "Supplement of this paper: Where adults slept.pdf", "77 beds")
    ]
    assert at == sorted(at)
    assert not any("77 beds" in request.prompt for request in asked.seen if record_of(request) != "1")


def test_a_value_out_of_a_supplement_has_its_place_there(review: Review) -> None:
    supplement = add_supplement(review, 1)
    value = ExtractedValue("characteristics", "Field 0", "77 beds", quote=Quote("Table S1 lists 77 beds in 9 towns."))
    subject = documents.paper_of(review.db, 1)
    assert subject is not None
    shelf = PaperShelf(review.db, engine())
    (shown,) = proposals.add_evidence([value], [], [p for p in shelf.passages(subject) if p.spans])
    with review.db.transaction():
        proposals.propose(review.db, 1, subject, [(None, shown)], [])  # type: ignore[list-item]
    (stored,) = review.values(1)
    assert stored.value.quote is not None and stored.value.quote.match == "exact"
    assert stored.value.quote.passage == 1 and stored.document == supplement


def test_where_there_is_no_room_a_supplement_goes_first_and_is_named(review: Review) -> None:
    add_supplement(review, 1)
    subject = documents.paper_of(review.db, 1)
    assert subject is not None
    whole = PaperShelf(review.db, engine()).texts(subject, None)[0]
    room = engine().count_tokens([whole.text])[0] - 1
    (cut,) = PaperShelf(review.db, engine()).texts(subject, room)
    assert cut.left_out == ("end of supplement",) and "pain fell by 1.5" in cut.text and "placebo" in cut.text


def test_only_the_report_that_gets_a_supplement_is_asked_about_again(review: Review) -> None:
    list(work(review, "extract", engine()))
    add_supplement(review, 2)
    again = engine()
    list(work(review, "extract", again))
    assert {record_of(request) for request in again.seen} == {"2"}
