"""A document comes back from the store as the reader made it, boxes and all."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leads_local.records import Box, Document, Page, Passage, PassageKind, Span
from leads_local.review.review import Review
from leads_local.review.store import documents
from tests.review.conftest import Import, paper

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
_FLOAT = st.floats(allow_nan=False, allow_infinity=False, width=32)
_SPAN = st.builds(
    Span, st.integers(0, 99), st.integers(0, 99), st.integers(1, 9), st.builds(Box, _FLOAT, _FLOAT, _FLOAT, _FLOAT)
)
_PASSAGES = st.lists(
    st.tuples(st.sampled_from(PassageKind), _TEXT, st.lists(_SPAN, max_size=2).map(tuple), _TEXT), max_size=4
).map(lambda rows: tuple(Passage(order, *row) for order, row in enumerate(rows)))
_PAGES = st.lists(st.tuples(_FLOAT, _FLOAT, st.integers(0, 9999)), max_size=3).map(
    lambda rows: tuple(Page(number, *row) for number, row in enumerate(rows, 1))
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(
    passages=_PASSAGES,
    pages=_PAGES,
    problem=_TEXT,
    notice=_TEXT,
    info=st.lists(st.tuples(_TEXT, _TEXT), max_size=2).map(tuple),
)
def test_what_is_stored_is_read_back(
    review: Review,
    passages: tuple[Passage, ...],
    pages: tuple[Page, ...],
    problem: str,
    notice: str,
    info: tuple[tuple[str, str], ...],
) -> None:
    sha256 = str(review.db.number("SELECT count(*) FROM document"))
    document = Document("a.pdf", sha256, pages, passages, problem, notice, info)
    with review.db.transaction():
        documents.put(review.db, document)
    assert documents.read(review.db, sha256) == document
    assert documents.known_problems(review.db)[sha256] == problem


def test_a_text_that_is_there_never_changes(review: Review) -> None:
    """Quotes point into it, so a later reader's text of the same file must not take its place."""
    first = paper("One", ["Text."])
    with review.db.transaction():
        documents.put(review.db, first)
        documents.put(review.db, replace(first, passages=paper("Two", ["Other."]).passages, notice="other"))
    assert documents.read(review.db, first.sha256) == first


def test_of_several_documents_the_readable_and_latest_counts(review: Review, add: Import) -> None:
    (record,) = add_one(add)
    names = []
    for number, problem in enumerate(("", "", "broken")):
        document = replace(paper(f"P{number}", ["Text."]), problem=problem)
        with review.db.transaction():
            documents.put(review.db, document)
            documents.link(review.db, document.sha256, record, "for a test")
        found = documents.of_head(review.db, record)
        assert found is not None
        names.append(found.path)
    assert names == ["P0.pdf", "P1.pdf", "P1.pdf"]


def add_one(add: Import) -> list[int]:
    from leads_local.records import Citation

    return add([Citation(title="One")])
