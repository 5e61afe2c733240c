"""One file may hold several reports: a supplement of abstracts, a thesis with two studies."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path

import pytest

from leads_local.app.documents import describe_attachments, describe_file
from leads_local.app.showing import describe_record
from leads_local.errors import ReviewError
from leads_local.export.tables import export_review
from leads_local.records import Choice, Citation, Document, Page, PageRange, Stage
from leads_local.review import file_links, log_check, putting_back
from leads_local.review.attachments import Attachment, FileRole
from leads_local.review.past_flow import read_moment
from leads_local.review.read_models import PutBackReport, RecordFilter
from leads_local.review.rescue import RecordOrigin, RescuedAct
from leads_local.review.review import Review
from leads_local.review.store import citations, documents, groups
from tests.review.conftest import Import, add_as_before, paper
from tests.review.copies import copied, merged, open_quickly, told

A, F = Stage.ABSTRACT, Stage.FULLTEXT


def sound(review: Review) -> None:
    with contextlib.closing(review.db.copied()) as moment:
        assert list(log_check.find_breaks(moment)) == []


def congress() -> Document:
    """A file of four pages."""
    document = paper("Abstracts of the congress", [f"Abstract number {page}." for page in (1, 2, 3, 4)])
    title, *abstracts = document.passages
    told = [replace(one, spans=(replace(one.spans[0], page=page),)) for page, one in enumerate(abstracts, 1)]
    pages = tuple(Page(page, 595.0, 842.0, 100) for page in (1, 2, 3, 4))
    return replace(document, passages=(title, *told), pages=pages)


def put(review: Review, document: Document) -> Attachment:
    """Attach a file that matches no record."""
    with review.db.transaction():
        documents.put(review.db, document)
        stored = file_links.require(review.db, document.sha256)
        return file_links.attach(review.db, review._acts.log, stored, 0, "matched none")


@pytest.fixture
def file(review: Review, add: Import) -> str:
    """A file that waits, beside records 1 to 3, all included by their abstracts."""
    review.acting = "Ann"
    add([Citation(title="Walking for knees"), Citation(title="Diet for hips"), Citation(title="Tea for backs")])
    for record in (1, 2, 3):
        review.decide(record, A, Choice.INCLUDE)
    return put(review, congress()).sha256


def served(review: Review) -> dict[int, tuple[FileRole, str]]:
    (file,) = review.attachments()
    return {link.record_id: (link.role, str(link.page_range or "")) for link in file.links}


def test_each_record_has_its_full_text_and_they_are_no_duplicates(review: Review, file: str) -> None:
    assert review.counts().not_retrieved == 3
    review.link(file, 1, pages=PageRange(1, 2))
    assert review.link(file, 2, pages=PageRange(3, 3), also=True).links == review.attachments()[0].links
    assert served(review) == {1: (FileRole.MAIN, "1-2"), 2: (FileRole.MAIN, "3")}
    counts = review.counts()
    assert (counts.identified, counts.duplicates, counts.not_retrieved, counts.awaiting) == (3, 0, 1, 2)
    then = review.counts_at(read_moment("2999-01-01")).counts
    assert (then.not_retrieved, then.awaiting) == (1, 2), "by the log, too"
    assert [one.has_fulltext for one in review.summaries([1, 2, 3], F)] == [True, True, False]
    assert [review.document(record) is not None for record in (1, 2, 3)] == [True, True, False]
    assert [review.record(record).fulltext.page_range for record in (1, 2)] == [PageRange(1, 2), PageRange(3, 3)]  # type: ignore[union-attr]
    assert review.waiting_pdfs() == []
    assert groups.stored_groups(review.db) == {}
    assert review.dedupe().groups == 0
    sound(review)


def test_a_record_that_was_made_for_the_file_joins_only_the_one_it_belongs_to_by_itself(
    review: Review, file: str
) -> None:
    own = review.add_as_new(file).record_id
    review.link(file, 2, also=True)
    assert served(review).keys() == {own, 2}
    assert [member.head for member in groups.members(review.db)] == [1, 2, 3, own]
    assert (review.counts().identified, review.counts().from_pdfs) == (4, 1)
    review.link(file, 1)
    review.link(file, 2, also=True)
    assert [member.head for member in groups.members(review.db)] == [1, 2, 3, 1]
    assert (review.counts().identified, review.counts().from_pdfs, review.counts().duplicates) == (3, 0, 0)
    review.unlink(file, 1)
    assert served(review).keys() == {2}
    assert [member.head for member in groups.members(review.db)] == [1, 2, 3, own]
    assert review.counts().identified == 3
    sound(review)


def test_an_earlier_version_s_record_of_a_file_stays_one_while_the_file_serves_it(review: Review, file: str) -> None:
    add_as_before(review, file)
    assert review.link(file, 3, also=True).unmatched
    assert served(review).keys() == {3, 4}
    assert review.counts().from_pdfs == 1
    assert review.unlink(file, 4).links == review.attachments()[0].links
    assert (review.attachments()[0].unmatched, review.counts().from_pdfs) == (False, 0)
    sound(review)


def test_linking_it_to_one_record_takes_it_from_the_others_and_one_undo_brings_all_back(
    review: Review, file: str
) -> None:
    review.link(file, 1, FileRole.SUPPLEMENT)
    review.link(file, 2, pages=PageRange(2, 2), also=True)
    before = review.attachments()
    assert review.link(file, 3).also == ()
    assert served(review).keys() == {3}
    for change in (review.ignore, review.add_as_new):
        with pytest.raises(ReviewError, match="belongs to record 3"):
            change(file)
    assert len(review.undo_last()) == 2
    assert review.attachments() == before
    assert review.redo()
    assert served(review).keys() == {3}
    review.undo_last()
    assert review.unlink(file).waits
    assert served(review) == {}
    review.undo_last()
    assert review.attachments() == before
    sound(review)


def test_within_a_larger_gesture_it_is_one_with_what_comes_after(review: Review, file: str) -> None:
    """As when rescued acts are put back."""
    review.link(file, 1)
    review.link(file, 2, also=True)
    with review.db.transaction(), review._acts.log.one_gesture():
        review.link(file, 3)
        review.set_note(3, "from the congress")
    assert len(review.undo_last()) == 3
    assert served(review).keys() == {1, 2} and review.annotations(3).notes == ()


def test_it_is_taken_from_one_record_and_stays_with_the_other(review: Review, file: str) -> None:
    review.link(file, 1)
    review.link(file, 2, also=True)
    with pytest.raises(ReviewError, match="belongs to record 1 and record 2, not to record 3"):
        review.unlink(file, 3)
    left = review.unlink(file, 1)
    assert (left.record_id, left.how, left.waits, left.also) == (2, "linked by hand", False, ())
    assert served(review).keys() == {2}
    assert review.link(file, 3, also=True).links == review.attachments()[0].links
    assert served(review).keys() == {2, 3}
    assert review.unlink(file, 2).record_id == 3
    assert review.unlink(file, 3).waits
    with pytest.raises(ReviewError, match="belongs to no record"):
        review.unlink(file)
    sound(review)


def test_said_of_a_duplicate_it_is_said_of_the_report(review: Review, file: str, add: Import) -> None:
    same = {"title": "Walking for knees in adults", "doi": "10.1/1"}
    four, five = add([Citation(**same), Citation(**same)], "more.jsonl")  # type: ignore[arg-type]
    assert review.dedupe().groups == 1
    for also in (2, 3):
        review.link(file, also, also=True)
    review.link(file, five, pages=PageRange(1, 1), also=True)
    review.link(file, four, pages=PageRange(2, 2), also=True)
    head = review.record(four).id
    assert served(review) == {2: (FileRole.MAIN, ""), 3: (FileRole.MAIN, ""), head: (FileRole.MAIN, "2")}
    review.unlink(file, four)
    assert served(review).keys() == {2, 3}
    review.link(file, 2, FileRole.PROTOCOL, PageRange(4, 4), also=True)
    assert served(review) == {2: (FileRole.PROTOCOL, "4"), 3: (FileRole.MAIN, "")}
    sound(review)


def test_a_report_of_two_records_that_both_have_it_has_it_once(review: Review, file: str) -> None:
    review.link(file, 1, pages=PageRange(1, 1))
    review.link(file, 2, also=True)
    with review.db.transaction():
        groups.form_group(review.db, 2, [1, 2], ["for a test"])
    assert served(review) == {2: (FileRole.MAIN, "1")}, "as what it is to the one that it belongs to by itself"
    assert review.record(1).fulltext.also == ()  # type: ignore[union-attr]
    review.unlink(file, 2)
    assert served(review) == {}


def test_pages_that_it_has_not_are_refused(review: Review, file: str) -> None:
    for also in (False, True):
        with pytest.raises(ReviewError, match="ends with page 4, so it has no pages 4-5"):
            review.link(file, 1, pages=PageRange(4, 5), also=also)
    assert served(review) == {}


def test_a_record_that_has_left_does_not_keep_the_file_from_the_other(review: Review, file: str, add: Import) -> None:
    (four,) = add([Citation(title="Wrong")], "wrong.jsonl")
    review.link(file, four)
    review.link(file, 2, also=True)
    review.withdraw(review.find_source("wrong.jsonl").sha256)
    (left,) = review.attachments()
    assert (left.record_id, left.absent, left.waits, [one.absent for one in left.also]) == (2, False, False, [True])
    assert describe_file(left).endswith(f"Diet for hips. Also record {four} has left the review. Wrong.")
    with pytest.raises(ReviewError, match=f"record {four} is not in the review any more"):
        review.link(file, four, also=True)
    sound(review)


def test_what_the_model_reads_is_called_otherwise_for_each(review: Review, file: str) -> None:
    review.link(file, 1)
    alone = documents.paper_of(review.db, 1)
    assert alone is not None and alone.name == file, "what was answered about it before stays"
    for record in (2, 3):
        review.link(file, record, also=True)
    review.link(file, 3, pages=PageRange(2, 3), also=True)
    named = [documents.paper_of(review.db, record) for record in (1, 2, 3)]
    source = citations.name_of(review.db, 1)[0]
    ends = ["", f" for record 2 of {source}", f" pages 2-3 for record 3 of {source}"]
    assert [one.name if one else "" for one in named] == [f"{file}{end}" for end in ends]


def test_where_it_stands_is_told(review: Review, file: str, tmp_path: Path) -> None:
    review.link(file, 1)
    review.link(file, 2, pages=PageRange(3, 4), also=True)
    (one,) = review.attachments()
    name = "Abstracts of the congress.pdf"
    assert describe_file(one) == (
        f"{name}: record 1, linked by hand. Walking for knees. Also record 2, pages 3-4. Diet for hips. The model "
        "reads all of it for record 1, unless you say which pages are whose."
    )
    assert "The model" not in describe_file(review.link(file, 1, pages=PageRange(1, 2), also=True))
    assert f"Full text: {name}, pages 3-4 (4 pages; also of record 1)" in describe_record(review, 2).results
    export_review(review, tmp_path / "out")
    table = (tmp_path / "out" / "records.csv").read_text(encoding="utf-8-sig").splitlines()
    cells = [[cell for cell in line.split(",") if "pages" in cell or name in cell] for line in table]
    assert f'"{name}, pages 1-2"' in table[1] and f'"{name}, pages 3-4"' in table[2] and cells[3] == []


def test_copies_that_say_different_things_of_it_agree_when_merged(review: Review, file: str, path: Path) -> None:
    review.link(file, 1)
    review.close()
    other = copied(path, "other.leads")
    with open_quickly(path) as here, open_quickly(other) as there:
        here.link(file, 2, pages=PageRange(2, 2), also=True)
        here.unlink(file, 1)
        there.link(file, 3, also=True)
        there.link(file, 2, FileRole.SUPPLEMENT, also=True)
        there.link(file, 1, pages=PageRange(1, 1), also=True)
    whole = copied(path, "whole.leads")
    merged(whole, other)
    merged(other, path)
    assert told(whole) == told(other)
    with Review.read(whole) as review:
        assert served(review).keys() >= {2, 3}
        assert review.counts().duplicates == 0


def test_what_was_rescued_is_put_back(review: Review, file: str) -> None:
    source = citations.origin_of(review.db, 2)
    assert source is not None
    origin = RecordOrigin(source[0], source[1])
    review.link(file, 1)
    linked = {"sha256": file, "role": "main", "pages": [2, 3], "also": True}
    acts = [RescuedAct("link", "2026-01-01", "Ann", origin, linked)]
    assert putting_back.put_back(review, acts, review._acts.log) == PutBackReport(1, 0)
    assert served(review) == {1: (FileRole.MAIN, ""), 2: (FileRole.MAIN, "2-3")}
    acts = [RescuedAct("unlink", "2026-01-01", "Ann", origin, {"sha256": file})]
    assert putting_back.put_back(review, acts, review._acts.log) == PutBackReport(1, 0)
    assert served(review).keys() == {1}


@pytest.mark.parametrize(
    "problem", ["x.pdf: the file is cut short.", "x.pdf: the file is locked with a password.", "x.pdf: a scan."]
)
def test_one_that_can_not_be_read_is_told_for_each_of_its_records(review: Review, file: str, problem: str) -> None:
    broken = put(review, replace(congress(), sha256="b" * 64, pages=(), passages=(), problem=problem)).sha256
    for record in (1, 2):
        review.link(broken, record, pages=PageRange(record, record), also=True)
    assert review.record_ids(F, RecordFilter.NEEDS_LOOK) == [1, 2, 3]
    assert (review.counts().not_retrieved, review.counts().awaiting) == (3, 0)
    for record in (1, 2):
        assert any(f"can't be read: {problem}" in line for line in describe_record(review, record).results)
        assert documents.paper_of(review.db, record) is None
    (told,) = (line for line in describe_attachments(review.attachments()).notices if problem in line)
    assert told == f"{problem} It belongs to record 1 and record 2."


@pytest.mark.parametrize("change", ["DELETE FROM file_link WHERE further = 1", "UPDATE file_link SET record_id = 3"])
def test_check_finds_what_the_log_does_not_say(review: Review, file: str, change: str) -> None:
    review.link(file, 2, also=True)
    review.link(file, 1, also=True)
    sound(review)
    with review.db.transaction():
        review.db.write(f"{change}{' WHERE further = 1' if 'WHERE' not in change else ''}")
    with contextlib.closing(review.db.copied()) as moment:
        (found,) = log_check.find_breaks(moment)
    assert "belongs to record" in found
