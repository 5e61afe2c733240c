"""Values and what people said of them."""

from __future__ import annotations

from leads_local.engine.types import ModelInfo, Reply
from leads_local.records import Box, Citation, ExtractedValue, Quote, QuotePlace
from leads_local.review.acts import ActKind
from leads_local.review.read_models import ValueStatus
from leads_local.review.review import Review
from leads_local.review.store import acts, job_rows, values
from tests.review.conftest import Attach, Import, paper

VALUES = [
    ExtractedValue(
        "characteristics",
        "Country",
        "Nepal",
        quote=Quote("in Nepal", "exact", 3, (QuotePlace(2, Box(1.5, 2.5, 3.5, 4.5)), QuotePlace(3, Box(0, 0, 1, 1)))),
    ),
    ExtractedValue(
        "results", "Pain", "-3.5 [-4.1; -2.9]", "Aspirin", "value", "from the table", Quote("-3.5", "", -1, ())
    ),
    ExtractedValue("results", "Pain", "", "Placebo", "unit", "a note", parts_disagree=True, cut=True),
]


def fill(review: Review, add: Import, attach: Attach) -> int:
    (record,) = add([Citation(title="One")])
    attach(record, paper("One", ["Text."]))
    with review.db.transaction():
        question = job_rows.RowQuestion("results", "extraction", record)
        reply_id = job_rows.add_reply(review.db, question, Reply("x"), "", ModelInfo("m", "m"), "p", ("references",))
        for value in VALUES:
            values.add(review.db, record, reply_id, 1, value, current=True)
    return record


def test_what_is_stored_is_read_back(review: Review, add: Import, attach: Attach) -> None:
    record = fill(review, add, attach)
    stored = review.values(record)
    assert [one.value for one in stored] == VALUES == [one.value for one in values.stream(review.db)]
    assert [one.page for one in stored] == [2, 0, 0]
    assert {(one.model, one.pack, one.left_out, one.status) for one in stored} == {
        ("m", "p", ("references",), ValueStatus.PROPOSED)
    }
    assert values.heads_with_values(review.db) == [record]


def test_what_nobody_has_looked_at_is_counted_over_all_studies(review: Review, add: Import, attach: Attach) -> None:
    record = fill(review, add, attach)
    others = add([Citation(title=f"Other {n}") for n in range(250)], "others.jsonl")
    asked = [*others, record]
    assert review.count_unverified(asked) == 3
    review.verify(1, "rejected")
    with review.db.transaction():
        values.set_current(review.db, [2], False)
    assert review.count_unverified(asked) == 1
    review.verify(1, "proposed")
    assert review.count_unverified(asked) == 2
    assert review.count_unverified(others) == 0


def test_a_value_that_is_set_aside_is_kept(review: Review, add: Import, attach: Attach) -> None:
    record = fill(review, add, attach)
    with review.db.transaction():
        values.set_current(review.db, [1, 3], False)
    assert [one.id for one in review.values(record)] == [2]
    assert [one.current for one in values.of_reply(review.db, 1)] == [False, True, False]


def test_verifying_many_times_keeps_every_word(review: Review, add: Import, attach: Attach) -> None:
    record = fill(review, add, attach)
    for status, text in (("accepted", ""), ("edited", "-3.4"), ("edited", ""), ("proposed", ""), ("rejected", "")):
        review.verify(1, status, text, f"note on {status}", "Ann")
    stored = review.values(record)[0]
    assert (stored.status, stored.final_text, stored.value.text) == (ValueStatus.REJECTED, "", "Nepal")
    said = [act.said_parts() for act, _ in acts.of_kinds(review.db, [ActKind.VERIFY])]
    assert [(one["status"], one["text"]) for one in said] == [
        ("accepted", "Nepal"),
        ("edited", "-3.4"),
        ("edited", ""),
        ("proposed", ""),
        ("rejected", ""),
    ]
