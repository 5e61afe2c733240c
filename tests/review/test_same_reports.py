"""What is told of a few records, or after the last act alone, is what all acts together tell."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from leads_local.review.same_reports import Order, RecordName, ReportGroups, SameReports

RECORDS: Sequence[RecordName] = [("a", place) for place in range(1, 13)]
Said = Callable[[SameReports, Order], None]
names = st.sampled_from(RECORDS)
together = st.lists(names, min_size=2, max_size=4, unique=True)


def joins(records: Sequence[RecordName]) -> Said:
    return lambda reports, order: reports.join(records, order, [f"reason {len(records)}"])


def says(pair: Sequence[RecordName], same: bool | None) -> Said:
    one, other = sorted(pair[:2])
    return lambda reports, order: reports.say_of_pair(one, other, same, order)


def sets_apart(record: RecordName, apart: bool) -> Said:
    return lambda reports, order: reports.set_apart(record, apart, order)


acts = st.lists(
    st.one_of(
        st.builds(joins, together),
        st.builds(joins, st.lists(names, min_size=2, max_size=2, unique=True)),
        st.builds(says, together, st.sampled_from([True, False, False, None])),
        st.builds(sets_apart, names, st.booleans()),
    ),
    min_size=2,
    max_size=14,
)


def told(said: Sequence[Said]) -> SameReports:
    reports = SameReports()
    for clock, one in enumerate(said, 1):
        one(reports, (clock, "s", clock))
    return reports


def of(groups: ReportGroups, record: RecordName) -> tuple[object, ...]:
    group = groups.group_of(record)
    return group, groups.reasons.get(group), groups.formed.get(group), record in groups.apart


@given(acts, st.sets(names, min_size=1, max_size=3))
@settings(deadline=None)
def test_of_a_few_records_the_same_is_told(said: list[Said], few: set[RecordName]) -> None:
    reports = told(said)
    whole, part = reports.tell(), reports.tell(reports.reached_from(few))
    assert all(of(whole, record) == of(part, record) for record in few)


@given(acts, together)
@settings(deadline=None)
def test_after_what_was_found_last_the_same_is_told(said: list[Said], found: list[RecordName]) -> None:
    """On top of what held before, and what people said of pairs."""
    before, whole = told(said), told([*said, joins(found)]).tell()
    after = SameReports(before.tell())
    for (one, other), (same, order) in before._pairs.items():
        if not same:
            after.say_of_pair(one, other, False, order)
    after.join(found, (len(said) + 1, "s", 1), [f"reason {len(found)}"])
    grown = after.tell()
    assert all(of(whole, record) == of(grown, record) for record in RECORDS)
