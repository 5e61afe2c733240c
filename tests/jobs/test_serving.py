"""One file for several reports: each is asked about by itself, and about its own pages where they are known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from leads_local.documents import ocr
from leads_local.documents.sections import on_pages, paper_text
from leads_local.evaluation.quantization import paper_requests
from leads_local.jobs import model_jobs
from leads_local.jobs.papers import PaperShelf
from leads_local.records import Document, Page, PageRange, PageState, Passage, PassageKind, Stage
from leads_local.review.attachments import FileRole, Paper
from leads_local.review.review import Review
from leads_local.review.store import documents, ocr_rows
from tests.fake_ocr import read_page
from tests.jobs.test_extraction import FIELDS, answers
from tests.jobs.test_triage import TRIAGE
from tests.jobs.test_triage import answer as triage_answer
from tests.jobs.work_fixture import FORM, PACK, engine, make, work
from tests.review.conftest import paper

RECORDS = (7, 8)


def congress() -> Document:
    """A page for each of records 7 and 8, and one of somebody else."""
    made = paper("Congress", ["Pain fell by 77 points.", "Pain fell by 88 points.", "Pain fell by 99 points."])
    title, *abstracts = made.passages
    placed = [replace(one, spans=(replace(one.spans[0], page=page),)) for page, one in enumerate(abstracts, 1)]
    pages = tuple(Page(page, 595.0, 842.0, 100) for page in (1, 2, 3))
    return replace(made, passages=(title, *placed), pages=pages)


@pytest.fixture
def review(path: Path) -> Iterator[Review]:
    make(path)
    with Review.open(path) as opened:
        with opened.db.transaction():
            documents.put(opened.db, congress())
        yield opened


@pytest.fixture
def paged(review: Review) -> Review:
    for page, record in enumerate(RECORDS, 1):
        review.link(congress().sha256, record, pages=PageRange(page, page), also=True)
    return review


@pytest.mark.parametrize("job", ["fulltext", "extract"])
def test_the_model_sees_a_record_s_own_pages_only(paged: Review, job: str) -> None:
    asked = engine()
    list(work(paged, job, asked))
    for record, own, others in ((7, "77", ("88", "99")), (8, "88", ("77", "99"))):
        mine = [request.prompt for request in asked.seen if request.id.split("/")[2] == str(record)]
        assert mine and all(f"{own} points" in prompt for prompt in mine)
        assert not any(f"{other} points" in prompt for prompt in mine for other in others)
    list(work(paged, job, asked := engine()))
    assert asked.seen == []


def test_evidence_is_found_on_a_record_s_own_pages(paged: Review) -> None:
    """The same words stand on each of them."""
    list(work(paged, "extract", engine(**answers("Pain fell")), form=FIELDS))
    for page, record in enumerate(RECORDS, 1):
        found = [value for value in paged.values(record) if value.value.quote and value.value.quote.found]
        assert found and {value.page for value in found} == {page}
        assert {value.document for value in found} == {congress().sha256}


def test_records_that_share_the_whole_file_are_each_asked_and_verified_by_themselves(review: Review) -> None:
    for record in RECORDS:
        review.link(congress().sha256, record, also=True)
    asked = engine()
    list(work(review, "extract", asked, form=replace(FORM, outcomes=(), measures=())))
    about = [{request.prompt for request in asked.seen if f"/{record}" in request.id} for record in RECORDS]
    assert about[0] == about[1] != set(), "the very same text, which the engine evaluates once"
    seven, eight = (review.values(record) for record in RECORDS)
    assert len(seven) == len(eight) > 0
    review.verify(seven[0].id, "rejected")
    assert [value.status for value in review.values(8)] == [value.status for value in eight]


def test_another_record_changes_no_answer_and_other_pages_ask_anew(review: Review) -> None:
    review.link(congress().sha256, 7)
    list(work(review, "fulltext", engine()))
    review.link(congress().sha256, 8, also=True)
    list(work(review, "fulltext", asked := engine()))
    assert [request.id for request in asked.seen] == ["fulltext/screening/8"]
    review.link(congress().sha256, 7, pages=PageRange(1, 2), also=True)
    list(work(review, "fulltext", asked := engine()))
    assert [request.id for request in asked.seen] == ["fulltext/screening/7"]
    review.undo_last()
    list(work(review, "fulltext", asked := engine()))
    assert asked.seen == [], "this was asked before"


def test_reasons_are_asked_for_on_the_same_pages(paged: Review) -> None:
    list(work(paged, "fulltext", first := engine(answer=triage_answer), way=TRIAGE))
    list(model_jobs.give_reasons(paged, later := engine(answer=triage_answer), Stage.FULLTEXT, PACK, RECORDS))
    asked = [one for one in (*first.seen, *later.seen) if "rationale" in one.id]
    for record, own, other in ((7, "77", "88"), (8, "88", "77")):
        mine = [one.prompt for one in asked if f"/{record}/" in one.id]
        assert mine and all(f"{own} points" in prompt and f"{other} points" not in prompt for prompt in mine)
    assert later.seen


def test_a_comparison_of_models_reads_the_same_pages(paged: Review) -> None:
    prompts = [request.prompt for request in paper_requests(paged, PACK)]
    assert any("77 points" in prompt for prompt in prompts)
    assert not any("77 points" in prompt and "88 points" in prompt for prompt in prompts)


def test_pages_without_text_are_a_failure_of_their_record(review: Review) -> None:
    blank = Page(4, 595.0, 842.0, 0)
    with review.db.transaction():
        documents.put(review.db, replace(congress(), sha256="b" * 64, pages=(*congress().pages, blank)))
    review.link("b" * 64, 7, pages=PageRange(1, 1))
    review.link("b" * 64, 8, pages=PageRange(4, 4), also=True)
    list(work(review, "extract", engine()))
    assert {failure.record_id for failure in review.failures()} == {8}


def test_two_records_on_the_same_pages_are_laid_out_once(review: Review) -> None:
    shelf, asked = PaperShelf(review.db, engine()), congress().sha256
    texts = [shelf.texts(Paper(asked, pages=PageRange(1, 2), serves=serves), 1000) for serves in ("", "record 8 of x")]
    assert texts[0] is texts[1]
    assert "99 points" not in texts[0][0].text and "88 points" in texts[0][0].text


def test_a_passage_that_begins_on_the_page_before_is_shown_whole() -> None:
    _, first, second, _ = congress().passages
    both = replace(first, spans=(*first.spans, *second.spans))
    assert on_pages([both, second], PageRange(2, 2)) == (both, second)
    assert on_pages([first, second], None) == (first, second)


def test_references_of_the_paper_before_do_not_run_on_over_the_pages() -> None:
    def passage(order: int, page: int, text: str, section: str, kind: PassageKind = PassageKind.PARAGRAPH) -> Passage:
        span = congress().passages[0].spans[0]
        return Passage(order, kind, text, (replace(span, page=page),), section)

    found = on_pages(
        [
            passage(0, 1, "Doe 2001", "references"),
            passage(1, 2, "P 12", "references", PassageKind.HEADING),
            passage(2, 2, "We gave aspirin.", "references"),
            passage(3, 2, "Results", "results", PassageKind.HEADING),
            passage(4, 2, "Roe 2002", "references"),
        ],
        PageRange(2, 2),
    )
    assert [one.section for one in found] == ["", "", "results", "references"]
    assert "We gave aspirin." in paper_text(found).text


def test_the_model_is_told_what_ocr_has_read_in_the_paper_and_in_what_goes_with_it(review: Review) -> None:
    own, scans = congress(), ("a" * 64, "b" * 64)
    with review.db.transaction():
        for place, sha256 in enumerate(scans):
            scan = replace(own, sha256=sha256, pages=(*own.pages, Page(4, 595.0, 842.0, 0, PageState.PICTURE)))
            documents.put(review.db, scan)
            review.link(sha256, 7, FileRole.SUPPLEMENT if place else FileRole.MAIN)
    before = documents.paper_of(review.db, 7)
    with review.db.transaction():
        for sha256 in scans:
            stored = ocr_rows.without_ocr(review.db, sha256)
            assert stored is not None
            scan = replace(stored, pages=(*own.pages[:3], Page(4, 595.0, 842.0, 0, PageState.PICTURE)))
            ocr_rows.keep(review.db, ocr.add_pages(scan, [read_page(4)], "Fake 1"))
    paper = documents.paper_of(review.db, 7)
    assert before is not None and paper is not None and paper.text_name != before.text_name
    shelf = PaperShelf(review.db, engine())
    (text,) = shelf.texts(paper, None)
    assert text.text.count("[Page 4 was read by OCR, 90% sure: letters and numbers may be wrong.]") == 2
    assert text.text.index("99 points") < text.text.index("[Page 4") < text.text.index("Pain fell by 2.03")
    orders = [one.order for one in shelf.passages(paper)]
    assert len(set(orders)) == len(orders)
