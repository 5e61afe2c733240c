"""PDFs into the review: linked to their report, kept with their problem, and never lost."""

from __future__ import annotations

import contextlib
import os
import shutil
import unicodedata
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote_to_bytes

import pymupdf
import pytest

from leads_local.app.documents import describe_attachments
from leads_local.documents.finding import find_pdfs
from leads_local.errors import InputError, ReviewError
from leads_local.records import Choice, Citation, Progress, Stage
from leads_local.review import log_check
from leads_local.review.attachments import Attachment, FileRole
from leads_local.review.read_models import UNMATCHED, RecordFilter
from leads_local.review.review import Review
from tests.review.conftest import Import, add_as_before

TITLE = "Aspirin against low back pain in adults: a randomised trial"
OTHER = "Ginger tea for nausea after surgery in older women"


def write_pdf(path: Path, title: str, doi: str = "") -> Path:
    with pymupdf.open() as document:
        page = document.new_page()
        page.insert_text((60, 80), title, fontsize=16)
        page.insert_text((60, 120), f"doi:{doi}" if doi else "No identifier.", fontsize=9)
        for line in range(12):
            page.insert_text(
                (60, 160 + 14 * line),
                f"Line {line} of a paragraph about what was done in this trial of adults.",
                fontsize=10,
            )
        document.save(path)
    return path


def made_by_an_earlier_version(review: Review, folder: Path) -> Attachment:
    """Attach the one PDF of ``folder``, with a record of its own as up to version 4 where it matched none."""
    (attached,) = review.attach(folder)
    add_as_before(review, attached.sha256)
    return review.attachments()[0]


def sound(review: Review) -> None:
    with contextlib.closing(review.db.copied()) as moment:
        assert list(log_check.find_breaks(moment)) == []


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "pdfs"
    (made / "more").mkdir(parents=True)
    return made


def test_a_pdf_finds_its_report_by_doi_and_by_title(review: Review, add: Import, folder: Path) -> None:
    one, two, three = add(
        [
            Citation(title=TITLE),
            Citation(title="A title that nobody knows", doi="10.1234/xyz.5"),
            Citation(title="Third"),
        ]
    )
    write_pdf(folder / "a.pdf", TITLE)
    write_pdf(folder / "more" / "b.PDF", "A title that nobody knows", "10.1234/xyz.5")
    attached = review.attach(folder)
    assert [(Path(a.path).name, a.record_id) for a in attached] == [("a.pdf", one), ("b.PDF", two)]
    assert all(a.how and not a.problem for a in attached)
    assert review.document(one).passages  # type: ignore[union-attr]
    assert review.document(three) is None
    assert review.record(two).fulltext.how == attached[1].how  # type: ignore[union-attr]


def test_a_pdf_of_no_record_waits_until_a_person_says_that_it_is_a_new_one(
    review: Review, add: Import, folder: Path
) -> None:
    add([Citation(title=OTHER)])
    write_pdf(folder / "a.pdf", TITLE)
    (attached,) = review.attach(folder)
    assert attached.how.startswith(UNMATCHED)
    assert (attached.record_id, attached.waits) == (0, True)
    assert review.waiting_pdfs() == review.attachments()
    assert (review.counts().from_pdfs, review.counts().identified) == (0, 1)
    attached = review.add_as_new(attached.sha256)
    assert review.waiting_pdfs() == []
    assert review.record(attached.record_id).citation.title == TITLE == attached.title
    assert review.record(attached.record_id).citation.kind == UNMATCHED
    counts = review.counts()
    assert (counts.from_pdfs, counts.identified, [number for _, number in counts.sources]) == (1, 2, [1])


def test_a_record_that_comes_later_takes_the_unmatched_pdf_in(review: Review, add: Import, folder: Path) -> None:
    """Made for it by an earlier version; it is no identified record any more."""
    write_pdf(folder / "a.pdf", TITLE)
    own = made_by_an_earlier_version(review, folder).record_id
    review.decide(own, Stage.ABSTRACT, Choice.INCLUDE, reviewer="Ann")
    assert (review.counts().identified, review.counts().from_pdfs) == (1, 1)
    (record,) = add([Citation(title=TITLE, abstract="Adults took aspirin.", authors=("Doe, Jane",), year=2001)])
    (attached,) = review.attach(folder)
    assert (attached.record_id, attached.how, attached.unmatched) == (record, "title", False)
    assert review.record(own).id == record
    assert review.record(record).decisions[Stage.ABSTRACT].reviewer == "Ann"
    assert review.document(record).passages  # type: ignore[union-attr]
    assert review.dedupe().duplicates == 0
    counts = review.counts()
    assert (counts.identified, counts.from_pdfs, counts.duplicates, counts.groups) == (1, 0, 0, 0)
    sound(review)


def test_a_record_that_only_says_it_was_made_for_a_pdf_is_matched_like_any_other(
    review: Review, add: Import, folder: Path
) -> None:
    """An export of ours names that kind, and can be imported again."""
    (record,) = add([Citation(title=TITLE, kind=UNMATCHED)])
    write_pdf(folder / "a.pdf", TITLE)
    (attached,) = review.attach(folder)
    assert (attached.record_id, attached.how, attached.unmatched) == (record, "title", False)


def test_a_pdf_that_a_person_linked_to_its_own_record_stays_there(review: Review, add: Import, folder: Path) -> None:
    write_pdf(folder / "a.pdf", TITLE)
    attached = made_by_an_earlier_version(review, folder)
    assert attached.unmatched
    assert not review.link(attached.sha256, attached.record_id).unmatched
    add([Citation(title=TITLE, abstract="Adults took aspirin.")])
    assert review.attach(folder)[0].record_id == attached.record_id


def test_a_group_with_a_pdf_still_grows(review: Review, add: Import, folder: Path) -> None:
    write_pdf(folder / "a.pdf", OTHER)
    attached = review.add_as_new(review.attach(folder)[0].sha256)
    same = {"title": TITLE, "doi": "10.1/a", "abstract": "Adults took aspirin."}
    (one,) = add([Citation(**same)])  # type: ignore[arg-type]
    review.link(attached.sha256, one)
    (two,) = add([Citation(**same, volume="7")], "more.jsonl")  # type: ignore[arg-type]
    assert review.dedupe().duplicates == 1
    assert review.record(two).id == review.record(attached.record_id).id == one


def test_linking_an_unmatched_pdf_by_hand_takes_its_record_along(review: Review, add: Import, folder: Path) -> None:
    one, two = add([Citation(title=OTHER), Citation(title="Third")])
    write_pdf(folder / "a.pdf", TITLE)
    attached = review.add_as_new(review.attach(folder)[0].sha256)
    own = attached.record_id
    for record, others in ((one, two), (two, one), (own, two)):
        linked = review.link(attached.sha256, record)
        assert linked.record_id == review.record(own).id == record
        assert review.document(others) is None
        assert review.document(record) is not None
    assert review.counts().duplicates == 0


def test_a_pdf_that_a_person_took_from_its_record_is_not_matched_again(
    review: Review, add: Import, folder: Path
) -> None:
    (one,) = add([Citation(title=TITLE)])
    write_pdf(folder / "a.pdf", TITLE)
    (attached,) = review.attach(folder)
    assert attached.record_id == one
    assert review.unlink(attached.sha256).waits
    assert review.document(one) is None
    assert review.attach(folder)[0].waits, "it would go back to the wrong record"
    assert not review.ignore(attached.sha256).waits
    assert review.attach(folder)[0].ignored
    with pytest.raises(ReviewError, match=r"a\.pdf belongs to no record"):
        review.unlink(review.unlink(attached.sha256).sha256)
    assert review.link(attached.sha256, one).record_id == one
    for change in (review.ignore, review.add_as_new):
        with pytest.raises(ReviewError, match=rf"a\.pdf belongs to record {one}\..*--unlink"):
            change(attached.sha256)
    sound(review)


def test_a_waiting_pdf_finds_the_citation_that_comes_later(review: Review, add: Import, folder: Path) -> None:
    write_pdf(folder / "a.pdf", TITLE)
    assert review.attach(folder)[0].waits
    (record,) = add([Citation(title=TITLE)])
    assert review.attach(folder)[0].record_id == record
    assert review.counts().identified == 1
    sound(review)


def test_an_earlier_version_s_record_of_a_pdf_is_none_once_that_is_unlinked(review: Review, folder: Path) -> None:
    write_pdf(folder / "a.pdf", TITLE)
    attached = made_by_an_earlier_version(review, folder)
    review.decide(attached.record_id, Stage.ABSTRACT, Choice.EXCLUDE)
    assert review.unlink(attached.sha256).waits
    counts = review.counts()
    assert (counts.identified, counts.screened, review.record_ids(Stage.ABSTRACT)) == (0, 0, [])
    assert review.add_as_new(attached.sha256).record_id == attached.record_id
    assert review.record(attached.record_id).decisions[Stage.ABSTRACT].choice is Choice.EXCLUDE
    sound(review)


def test_of_several_files_the_model_reads_the_main_one(review: Review, add: Import, folder: Path) -> None:
    (one,) = add([Citation(title=TITLE)])
    write_pdf(folder / "a.pdf", TITLE)
    write_pdf(folder / "b.pdf", OTHER)
    main, more = review.attach(folder)
    assert review.link(more.sha256, one, FileRole.SUPPLEMENT).role is FileRole.SUPPLEMENT
    assert review.record(one).fulltext == main
    review.link(more.sha256, one, FileRole.MAIN)
    assert review.record(one).fulltext.sha256 == more.sha256  # type: ignore[union-attr]
    review.link(more.sha256, one, FileRole.PROTOCOL)
    review.unlink(main.sha256)
    assert review.document(one) is None
    assert not review.summaries([one])[0].has_fulltext
    review.decide(one, Stage.ABSTRACT, Choice.INCLUDE)
    assert review.counts().not_retrieved == 1
    sound(review)


def test_what_can_not_be_read_is_made_no_record(review: Review, folder: Path) -> None:
    (folder / "a.pdf").write_bytes(b"")
    (attached,) = review.attach(folder)
    assert not attached.waits
    with pytest.raises(ReviewError, match=r"a\.pdf can't be read, so no record can be made of it"):
        review.add_as_new(attached.sha256)


def test_attaching_again_reads_nothing_and_changes_nothing(review: Review, folder: Path) -> None:
    write_pdf(folder / "a.pdf", TITLE)
    shutil.copy(folder / "a.pdf", folder / "copy.pdf")
    first = review.attach(folder)
    seen: list[Progress] = []
    again = review.attach(folder, seen.append)
    assert seen == []
    assert [(a.sha256, a.record_id) for a in again] == [(a.sha256, a.record_id) for a in first]
    assert first[0].sha256 == first[1].sha256
    assert len(review.attachments()) == 1
    assert review.counts().identified == 0


def test_a_file_that_can_not_be_read_keeps_its_reason(review: Review, add: Import, folder: Path) -> None:
    (record,) = add([Citation(title=TITLE, authors=("Doe, J",), year=2001)])
    (folder / "empty.pdf").write_bytes(b"")
    (folder / "web.pdf").write_text("<!DOCTYPE html><html><body>Log in</body></html>")
    (folder / f"Doe 2001 {TITLE.split(':')[0]}.pdf").write_bytes(b"%PDF-1.4 nothing")
    attached = {Path(a.path).name: a for a in review.attach(folder)}
    assert all(a.problem and name in a.problem for name, a in attached.items())
    assert attached["empty.pdf"].record_id == 0
    assert next(a for name, a in attached.items() if name.startswith("Doe")).record_id == record
    assert review.document(record).problem  # type: ignore[union-attr]
    review.decide(record, Stage.ABSTRACT, Choice.INCLUDE)
    assert review.counts().not_retrieved == 1
    assert review.record_ids(Stage.FULLTEXT, RecordFilter.NEEDS_LOOK) == [record]


def test_a_better_copy_replaces_a_problem(review: Review, add: Import, folder: Path) -> None:
    (record,) = add([Citation(title=TITLE, doi="10.1/x")])
    whole = write_pdf(folder / "a.pdf", TITLE).read_bytes()
    (folder / "a.pdf").write_bytes(whole[:300])
    assert review.attach(folder)[0].problem
    (folder / "a.pdf").write_bytes(whole)
    (attached,) = review.attach(folder)
    assert (attached.problem, attached.record_id) == ("", record)
    assert not review.document(record).problem  # type: ignore[union-attr]


def test_linking_by_hand_stays(review: Review, add: Import, folder: Path) -> None:
    one, two = add([Citation(title=TITLE), Citation(title=OTHER)])
    write_pdf(folder / "a.pdf", TITLE)
    (attached,) = review.attach(folder)
    assert attached.record_id == one
    linked = review.link(attached.sha256, two)
    assert (linked.record_id, linked.how) == (two, "linked by hand")
    assert review.attach(folder)[0].record_id == two
    assert review.document(one) is None
    with pytest.raises(ReviewError, match="no record 99"):
        review.link(attached.sha256, 99)
    with pytest.raises(ReviewError, match="no document"):
        review.link("abc", one)


def test_a_duplicate_shares_its_full_text(review: Review, add: Import, folder: Path) -> None:
    same = {"authors": ("Doe, Jane",), "year": 2001, "volume": "7", "pages": "1-9"}
    one, two = add([Citation(title=TITLE, abstract="x", **same), Citation(title=TITLE, doi="10.1234/xyz.5", **same)])  # type: ignore[arg-type]
    assert review.dedupe().groups == 1
    write_pdf(folder / "a.pdf", TITLE, "10.1234/xyz.5")
    assert review.attach(folder)[0].record_id == one
    assert review.document(two) == review.document(one)


def test_progress_counts_files(review: Review, folder: Path) -> None:
    write_pdf(folder / "a.pdf", TITLE)
    (folder / "b.pdf").write_bytes(b"")
    seen: list[Progress] = []
    review.attach(folder, seen.append)
    assert [(progress.done, progress.total, progress.failed) for progress in seen] == [(1, 2, 0), (2, 2, 1)]


def test_which_files_are_taken(folder: Path) -> None:
    for name in ("b.pdf", "A.PDF", "notes.txt", ".hidden.pdf", "more/c.pdf"):
        (folder / name).write_bytes(b"x")
    assert [file.name for file in find_pdfs(folder).papers] == ["A.PDF", "b.pdf", "c.pdf"]
    assert find_pdfs(folder / "b.pdf").papers == (folder / "b.pdf",)


def test_a_folder_without_pdfs(review: Review, folder: Path) -> None:
    with pytest.raises(InputError, match="holds no PDF"):
        review.attach(folder)
    with pytest.raises(InputError, match="no such folder"):
        review.attach(folder / "none")


def test_what_was_passed_over_is_told_and_noted_and_not_stored(review: Review, folder: Path) -> None:
    write_pdf(folder / "a.pdf", TITLE)
    (folder / "b.pdf.crdownload").write_bytes(b"x")
    (folder / "._a.pdf").write_bytes(b"x")
    one, unfinished, companions = review.attach(folder)
    assert (one.problem, unfinished.sha256, companions.sha256) == ("", "", "")
    assert unfinished.problem == f"{folder / 'b.pdf.crdownload'}: this download has not finished."
    assert (companions.problem, companions.path) == ("", str(folder)) and "Macs" in companions.notice
    assert len(review.attachments()) == 1
    (noted,) = review.db.rows("SELECT text FROM event WHERE kind = 'attach'")
    assert noted["text"].startswith(f"{folder}: 1 files, 0 with problems; {folder / 'b.pdf.crdownload'}")
    outcome = describe_attachments([one, unfinished, companions])
    assert outcome.failed and len(outcome.results) == 1
    waits = next(line for line in outcome.notices if line.startswith("1 PDF matches no record"))
    assert [unfinished.problem, waits, "1 PDF: 1 readable, 0 not."] == list(outcome.notices[1:])
    assert outcome.notices[0].startswith("pdfs: passed over 1 ×")
    assert not describe_attachments([replace(one, record_id=1), companions]).failed


def test_a_pdf_whose_name_is_no_unicode_is_stored_shown_and_known_again(review: Review, folder: Path) -> None:
    path = folder / os.fsdecode(b"Studie_M\xfcller.pdf")
    try:
        write_pdf(folder / "a.pdf", "12 34").rename(path)
    except OSError:
        pytest.skip("this disk has Unicode names only")
    (attached,) = review.attach(folder)
    assert (attached.problem, attached.path) == ("", f"{folder.as_uri()}/Studie_M%FCller.pdf")
    assert os.fsencode(path) == unquote_to_bytes(attached.path.removeprefix("file://"))
    seen: list[Progress] = []
    assert review.attach(folder, seen.append)[0].sha256 == attached.sha256 and seen == []
    (line,) = describe_attachments([attached]).results
    assert line.startswith("Studie_M\N{REPLACEMENT CHARACTER}ller.pdf: ")
    (stored,) = review.attachments()
    assert stored.path == attached.path


def test_a_mac_s_way_of_writing_umlauts_matches_authors(review: Review, add: Import, folder: Path) -> None:
    """APFS keeps names as they are given, often decomposed; exports have composed letters."""
    record, _ = add(
        [
            Citation(title="Ingwer gegen Übelkeit nach Operationen", authors=("Müller, Jörg",), year=2019),
            Citation(title="Ingwer gegen Schmerzen nach Operationen", authors=("Möller, Jan",), year=2019),
        ]
    )
    name = unicodedata.normalize("NFD", "Müller 2019 Ingwer gegen Übelkeit nach Operationen.pdf")
    assert name != unicodedata.normalize("NFC", name)
    write_pdf(folder / name, "12 34")
    (attached,) = review.attach(folder)
    assert (attached.record_id, attached.how) == (record, "file name")


def test_real_papers(review: Review, shared: Path, folder: Path) -> None:
    for name in ("PMC7899845.pdf", "nasty/derived_truncated60pct_PMC7899845.pdf"):
        shutil.copy(shared / "pdfs" / name, folder)
    broken, whole = sorted(review.attach(folder), key=lambda attached: not attached.problem)
    assert "cut short" in broken.problem
    whole = review.add_as_new(whole.sha256)
    document = review.document(whole.record_id)
    assert document is not None
    assert len(document.pages) == whole.pages == 6
    assert review.record(whole.record_id).citation.abstract


def test_a_supplement_is_linked_as_that_and_never_displaces_the_paper(
    review: Review, add: Import, folder: Path
) -> None:
    (one,) = add([Citation(title=TITLE, doi="10.1234/xyz.5")])
    write_pdf(folder / "a.pdf", TITLE, "10.1234/xyz.5")
    write_pdf(folder / "b.pdf", f"Supplementary appendix to: {TITLE}", "10.1234/xyz.5")
    write_pdf(folder / "c.pdf", f"Correction to: {TITLE}", "10.1234/xyz.5")
    attached = review.attach(folder)
    assert [(each.record_id, each.role) for each in attached] == [
        (one, FileRole.MAIN),
        (one, FileRole.SUPPLEMENT),
        (one, FileRole.CORRECTION),
    ]
    assert review.record(one).fulltext.path.endswith("a.pdf")  # type: ignore[union-attr]
    sound(review)


def test_a_second_paper_of_a_report_waits_for_a_person(review: Review, add: Import, folder: Path) -> None:
    (one,) = add([Citation(title=TITLE, doi="10.1234/xyz.5")])
    write_pdf(folder / "a.pdf", TITLE, "10.1234/xyz.5")
    review.attach(folder)
    write_pdf(folder / "b.pdf", f"{TITLE}.", "10.1234/xyz.5")
    first, second = review.attach(folder)
    assert first.record_id == one and second.waits
    assert f"record {one}" in second.how and "has a full text, a.pdf" in second.how
    assert review.attach(folder)[1].waits, "also when its folder is attached again"
    assert review.link(second.sha256, one).record_id == one
    assert review.record(one).fulltext.path.endswith("b.pdf")  # type: ignore[union-attr]


def test_a_better_copy_under_the_same_name_takes_the_papers_place(review: Review, add: Import, folder: Path) -> None:
    (one,) = add([Citation(title=TITLE, doi="10.1234/xyz.5")])
    review.attach(write_pdf(folder / "a.pdf", TITLE, "10.1234/xyz.5").parent)
    write_pdf(folder / "a.pdf", f"{TITLE}.", "10.1234/xyz.5")
    assert review.attach(folder)[0].record_id == one


def test_a_paper_that_only_cites_a_record_waits_and_names_it(review: Review, add: Import, folder: Path) -> None:
    (one,) = add([Citation(title=TITLE, doi="10.1234/xyz.5")])
    write_pdf(folder / "a.pdf", OTHER, "10.1234/xyz.5")
    (attached,) = review.attach(folder)
    assert attached.waits and f"may belong to record {one}" in attached.how and OTHER in attached.how
