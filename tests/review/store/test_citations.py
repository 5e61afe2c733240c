"""What a file held comes back from the store as it was."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leads_local.records import Citation, ReadProblem
from leads_local.review.review import Review
from leads_local.review.store import citations

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
_LIST = st.lists(_TEXT, max_size=3).map(tuple)
CITATIONS = st.builds(
    Citation,
    **dict.fromkeys(
        ("title", "abstract", "journal", "volume", "issue", "pages", "doi", "pmid", "language", "kind"), _TEXT
    ),
    **dict.fromkeys(("authors", "keywords", "urls"), _LIST),
    year=st.none() | st.integers(-9999, 9999),
    extra=st.lists(st.tuples(_TEXT, _TEXT), max_size=3).map(tuple),
    number=st.integers(0, 10**6),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(
    records=st.lists(CITATIONS, max_size=4),
    problems=st.lists(st.builds(ReadProblem, _TEXT, st.integers(0, 10**6), _TEXT), max_size=2),
)
def test_what_is_stored_is_read_back(review: Review, records: list[Citation], problems: list[ReadProblem]) -> None:
    db = review.db
    before = len(citations.problems(db))
    with db.transaction():
        source = citations.add_source(db, "a.ris", str(db.number("SELECT count(*) FROM source")), "ris", "utf-8")
        ids = citations.add(db, source, records)
        citations.add_problems(db, source, problems)
    assert ids == sorted(ids)
    assert [citations.read(db, record) for record in ids] == records
    streamed = {record: citation for record, _, _, citation in citations.stream(db)}
    assert [streamed[record] for record in ids] == records
    assert citations.count_records(db, source) == len(records)
    assert citations.problems(db)[before:] == [("a.ris", problem) for problem in problems]


def test_a_record_that_is_none(review: Review) -> None:
    assert citations.head(review.db, 1) == 0
    assert not citations.exists(review.db, 1)
    assert citations.read(review.db, 1) == Citation()
    assert citations.source_path(review.db, 1) == ""
