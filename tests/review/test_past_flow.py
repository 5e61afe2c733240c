"""The PRISMA flow at a past moment: what was written by then counts, wherever it was written. (That it is the flow as
it stood, whatever people do, is in test_states.)"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from leads_local import citations
from leads_local.errors import InputError
from leads_local.records import Choice, Citation, Stage
from leads_local.review import act_log
from leads_local.review.attachments import FileRole
from leads_local.review.past_flow import read_moment
from leads_local.review.prisma import flow_lines
from leads_local.review.review import Review
from tests.review.conftest import Attach, Import, paper
from tests.review.copies import copied, merged


def day(number: int) -> datetime:
    return datetime(2026, 10, 31, 12, tzinfo=UTC) + timedelta(days=number)


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """On which day of November acts are written by the clock of the computer."""
    told = [1]
    monkeypatch.setattr(act_log, "utc_now", lambda: day(told[0]).strftime("%Y-%m-%dT%H:%M:%S.000Z"))
    return told


def decide(review: Review, record: int, choice: Choice, at: int, stage: Stage = Stage.ABSTRACT) -> None:
    review.decide_at(day(at).strftime("%Y-%m-%dT%H:%M:%S.000Z"), record, stage, choice, "why", "Ann")


@pytest.mark.parametrize(
    ("typed", "is_"),
    [
        ("2026-11-01", "2026-11-01T23:59:59.999000+00:00"),
        (" 2026-11-01T14:30 ", "2026-11-01T14:30:59.999000+00:00"),
        ("2026-11-01 14:30:05", "2026-11-01T14:30:05.999000+00:00"),
        ("2026-11-01T14:30:05.250Z", "2026-11-01T14:30:05.250000+00:00"),
        ("2026-11-01T14:30+02:00", "2026-11-01T12:30:59.999000+00:00"),
        ("2026-11-01t14:30z", "2026-11-01T14:30:59.999000+00:00"),
    ],
)
def test_what_is_left_out_of_a_moment_counts_until_its_end(typed: str, is_: str) -> None:
    assert read_moment(typed).isoformat() == is_


@pytest.mark.parametrize("typed", ["", "yesterday", "2026-13-01", "2026-11-01T25:00", "01.11.2026", "9999-12-31T24:00"])
def test_what_is_no_moment_is_said(typed: str) -> None:
    with pytest.raises(InputError, match="is no moment"):
        read_moment(typed)


def test_the_flow_of_a_day_counts_what_was_written_by_then(review: Review, add: Import, today: list[int]) -> None:
    ids = add([Citation(title=f"Title {n % 3}", doi=f"10.1/{n % 3}") for n in range(4)])
    today[0] = 2
    review.dedupe()
    decide(review, ids[1], Choice.EXCLUDE, 3)
    decide(review, ids[0], Choice.INCLUDE, 4)
    today[0] = 5
    review.set_not_retrieved(ids[0], reviewer="Ann")
    today[0] = 6
    review.undo_last("Ann")
    told = {n: {line.key: line.number for line in flow_lines(review.counts_at(day(n)).counts)} for n in range(7)}
    assert [told[n]["identified"] for n in range(7)] == [0, 4, 4, 4, 4, 4, 4]
    assert [told[n]["duplicates"] for n in range(7)] == [0, 0, 1, 1, 1, 1, 1]
    assert [told[n]["screened"] for n in range(7)] == [0, 0, 0, 1, 2, 2, 2]
    assert [told[n]["not_retrieved_said"] for n in range(7)] == [0, 0, 0, 0, 0, 1, 0]
    found = review.counts_at(day(3))
    assert (found.acts, found.of) == (3, review.db.number("SELECT count(*) FROM act"))
    assert found.counts.conflicts is None


def test_a_pdf_that_can_be_read_is_a_report_retrieved_since_it_was_linked(
    review: Review, add: Import, attach: Attach, today: list[int]
) -> None:
    (record,) = add([Citation(title="A")])
    decide(review, record, Choice.INCLUDE, 1)
    attach(record, paper("A", ["Words."]))
    attach(record, paper("B", ["More."]))
    today[0] = 2
    review.unlink(paper("A", []).sha256)
    today[0] = 3
    review.link(paper("A", []).sha256, record)
    counts = [review.counts_at(day(n)).counts for n in (1, 2, 3)]
    assert [one.not_retrieved for one in counts] == [1, 1, 0]
    assert [one.awaiting for one in counts] == [0, 0, 1]


def test_a_supplement_is_no_report_retrieved_and_yet_ends_that_none_could_be_had(
    review: Review, add: Import, attach: Attach, today: list[int]
) -> None:
    (record,) = add([Citation(title="A")])
    decide(review, record, Choice.INCLUDE, 1)
    review.set_not_retrieved(record)
    attach(record, paper("A", ["Words."]))
    today[0] = 2
    review.link(paper("A", []).sha256, record, FileRole.SUPPLEMENT)
    told = [(one.not_retrieved, one.not_retrieved_said) for one in (review.counts_at(day(n)).counts for n in (1, 2))]
    assert told == [(1, 1), (1, 0)]
    now = review.counts()
    assert (now.not_retrieved, now.not_retrieved_said) == (1, 0)


def test_what_a_copy_brings_counts_at_the_time_at_which_it_was_done_there(
    review: Review, add: Import, path: Path, today: list[int]
) -> None:
    ids = add([Citation(title="A"), Citation(title="B")])
    review.close()
    other = copied(path, "other.leads")
    with Review.open(path) as here:
        decide(here, ids[0], Choice.EXCLUDE, 2)
    with Review.open(other) as there:
        decide(there, ids[1], Choice.EXCLUDE, 3)
        file = path.with_name("more.jsonl")
        citations.write(file, [Citation(title="C")], "jsonl")
        today[0] = 4
        there.import_file(file)
    today[0] = 9
    merged(path, other)
    with Review.read(path) as both:
        counts = [both.counts_at(day(n)).counts for n in (1, 2, 3, 4)]
    assert [one.excluded for one in counts] == [0, 1, 2, 2]
    assert [one.identified for one in counts] == [2, 2, 2, 3]


def test_a_clock_that_is_behind_leaves_no_record_in_two_boxes(review: Review, add: Import, today: list[int]) -> None:
    """A duplicate is grouped and decided on a computer whose clock says that its file has not come yet."""
    today[0] = 5
    ids = add([Citation(title="A", doi="10.1/1"), Citation(title="B")])
    today[0] = 6
    more = add([Citation(title="A", doi="10.1/1")], "more.jsonl")
    today[0] = 2
    review.dedupe()
    decide(review, more[0], Choice.EXCLUDE, 2)
    decide(review, ids[1], Choice.EXCLUDE, 3)
    early, between, late = (review.counts_at(day(n)).counts for n in (4, 5, 6))
    assert (early.identified, early.screened) == (0, 0)
    assert (between.identified, between.duplicates, between.excluded) == (2, 0, 2)
    assert (late.identified, late.duplicates, late.excluded) == (3, 1, 2)
