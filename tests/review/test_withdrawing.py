"""A wrong import leaves the review and can come back: nothing is deleted, and no number is wrong meanwhile."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from leads_local.errors import InputError, ReviewError
from leads_local.export.tables import export_review
from leads_local.records import Choice, Citation, Stage
from leads_local.review import log_check, putting_back
from leads_local.review.prisma import flow_lines
from leads_local.review.read_models import PutBackReport
from leads_local.review.rescue import RescuedAct
from leads_local.review.review import Review
from leads_local.review.store import decisions, documents, groups, job_rows
from tests.review.conftest import Attach, Import, paper

A = Stage.ABSTRACT
SAME = {"title": "Exercise in adults", "doi": "10.1/1", "authors": ("Doe, Jane",), "year": 2001}


def sound(review: Review) -> None:
    with contextlib.closing(review.db.copied()) as moment:
        assert list(log_check.find_breaks(moment)) == []


@pytest.fixture
def twice(review: Review, add: Import) -> Review:
    """Record 1 stands in a wrong and in a right file (as 3), and for both; 2 in the wrong one only, 4 in the right."""
    review.acting = "Ann"
    add([Citation(**SAME, abstract="All of it."), Citation(title="Wrong")], "wrong.jsonl")  # type: ignore[arg-type]
    add([Citation(**SAME), Citation(title="Right")], "right.jsonl")  # type: ignore[arg-type]
    assert review.dedupe().groups == 1
    review.decide(1, A, Choice.INCLUDE)
    review.decide(2, A, Choice.EXCLUDE, "not a trial")
    assert review.record_ids(A) == [1, 2, 4]
    return review


def test_its_records_leave_lists_counts_and_exports(twice: Review, tmp_path: Path) -> None:
    source = twice.find_source("wrong.jsonl")
    gone = twice.withdraw(source.sha256, "a wrong search")
    assert (gone.withdrawn, gone.reason, gone.withdrawn_by, gone.records) == (True, "a wrong search", "Ann", 2)
    assert twice.duplicate_groups() == []
    counts = twice.counts()
    assert (counts.identified, counts.duplicates, counts.groups, counts.to_screen) == (2, 0, 0, 2)
    assert (counts.screened, counts.excluded, counts.sought) == (1, 0, 1)
    assert [(Path(path).name, number) for path, number in counts.sources] == [("right.jsonl", 2)]
    assert [line.label for line in flow_lines(counts) if "wrong" in line.label] == []
    assert twice.record_ids(A) == [3, 4]
    export_review(twice, tmp_path / "out")
    rows = (tmp_path / "out" / "records.csv").read_text(encoding="utf-8-sig")
    assert "right.jsonl" in rows and "wrong.jsonl" not in rows and "not a trial" not in rows
    assert "not a trial" in "".join(path.read_text() for path in (tmp_path / "out").glob("*.jsonl"))
    sound(twice)


def test_a_report_that_another_source_has_goes_on_with_its_decisions(twice: Review) -> None:
    twice.withdraw(twice.sources()[0].sha256)
    view = twice.record(1)
    assert (view.id, view.duplicates, view.decisions[A].choice) == (3, (), Choice.INCLUDE)
    assert twice.decide(1, A, Choice.MAYBE).record_id == 3
    assert twice.undo(A).record_id == 3  # type: ignore[union-attr]
    assert twice.included() == (A, [3])
    sound(twice)


def test_what_was_decided_on_the_others_is_kept_and_can_not_be_changed(twice: Review) -> None:
    twice.withdraw(twice.sources()[0].sha256)
    assert decisions.decision_rows(twice.db)[A, 2, "Ann"][:2] == (Choice.EXCLUDE, "not a trial")
    for change in (twice.decide, twice.adjudicate):
        with pytest.raises(ReviewError, match="record 2 is not in the review any more: its source was withdrawn"):
            change(2, A, Choice.INCLUDE)
    twice.withdraw(twice.sources()[0].sha256, withdrawn=False)
    assert twice.record(2).decisions[A].reason == "not a trial"
    assert twice.record_ids(A) == [1, 2, 4]


def test_dedupe_leaves_them_and_finds_them_again(twice: Review, add: Import) -> None:
    twice.withdraw(twice.sources()[0].sha256)
    add([Citation(title="Wrong")], "more.jsonl")
    report = twice.dedupe()
    assert (report.records, report.groups, report.duplicates) == (3, 0, 0)
    assert [member.head for member in groups.members(twice.db)] == [3, 2, 3, 4, 5]
    twice.withdraw(twice.sources()[0].sha256, withdrawn=False)
    assert (twice.dedupe().records, twice.counts().duplicates) == (5, 1)
    sound(twice)


def test_the_models_work_on_them_is_not_counted(twice: Review) -> None:
    with twice.db.transaction():
        for record in (2, 4):
            question = job_rows.RowQuestion("screening", A, record, key=f"{record}")
            job_rows.settle_row(twice.db, job_rows.make_pending(twice.db, question), "failed", "no answer")
    assert (twice.work().failed, len(twice.failures())) == (2, 2)
    twice.withdraw(twice.sources()[0].sha256)
    assert (twice.work().failed, [one.record_id for one in twice.failures()]) == (1, [4])
    assert twice.counts().progress[0].failed == 1


def test_a_pdf_of_a_withdrawn_record_waits_and_finds_the_right_one(twice: Review, attach: Attach) -> None:
    attach(2, paper("Wrong", ["Words."]))
    (file,) = twice.attachments()
    twice.withdraw(twice.sources()[0].sha256)
    assert [one.sha256 for one in twice.waiting_pdfs()] == [file.sha256]
    with pytest.raises(ReviewError, match="record 2 is not in the review any more"):
        twice.link(file.sha256, 2)
    assert twice.link(file.sha256, 4).record_id == 4
    assert twice.waiting_pdfs() == []
    assert documents.of_head(twice.db, 2) is None


def test_importing_it_again_says_that_it_was_withdrawn(twice: Review, tmp_path: Path) -> None:
    twice.withdraw(twice.sources()[0].sha256)
    with pytest.raises(InputError, match=r"wrong.jsonl: this file was imported before, and withdrawn. .*--back"):
        twice.import_file(tmp_path / "wrong.jsonl")
    assert twice.import_file(tmp_path / "right.jsonl").already == 2


def test_what_can_not_be_withdrawn(twice: Review) -> None:
    with pytest.raises(ReviewError, match="was not withdrawn"):
        twice.withdraw(twice.sources()[0].sha256, withdrawn=False)
    twice.withdraw(twice.sources()[0].sha256)
    with pytest.raises(ReviewError, match="has been withdrawn before"):
        twice.withdraw(twice.sources()[0].sha256)
    with pytest.raises(ReviewError, match="no file with SHA-256 abc was imported"):
        twice.withdraw("abc")


def test_a_source_is_found_by_what_a_person_calls_it(twice: Review, add: Import, tmp_path: Path) -> None:
    first = twice.sources()[0]
    for named in ("1", "wrong.jsonl", first.path, first.sha256[:8], first.sha256.upper()):
        assert twice.find_source(named) == first
    for named in ("3", "other.jsonl", first.sha256[:7], ""):
        with pytest.raises(InputError, match="no import of this review is called so"):
            twice.find_source(named)
    (tmp_path / "sub").mkdir()
    add([Citation(title="Third")], "sub/wrong.jsonl")
    with pytest.raises(InputError, match="several imports are called so"):
        twice.find_source("wrong.jsonl")


def test_what_was_rescued_is_put_back(twice: Review, attach: Attach) -> None:
    attach(4, paper("Right", ["Words."]))
    (file,) = twice.attachments()
    withdrawal = {"sha256": twice.sources()[0].sha256, "reason": "wrong", "withdrawn": True}
    acts = [RescuedAct(kind, "2026-01-01", "Ann", None, {"sha256": file.sha256}) for kind in ("unlink", "ignore")]
    acts.append(RescuedAct("withdraw", "2026-01-01", "Ann", None, withdrawal))
    assert putting_back.put_back(twice, acts, twice._acts.log) == PutBackReport(3, 0)
    assert twice.attachments()[0].ignored
    assert twice.sources()[0].reason == "wrong"
    again = putting_back.put_back(twice, acts, twice._acts.log)
    assert "has been withdrawn before" in again.by_hand[-1]


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("UPDATE record SET absent = 1 WHERE id = 2", "record 2 has left the review, by the log it is not so"),
        ("UPDATE record SET absent = 1 WHERE id = 1", "record 1 has left the review and stands for record 3"),
        ("UPDATE document SET ignored = 1", "is ignored is not what the log has"),
        ("UPDATE file_link SET role = 'protocol'", "which of its report's files"),
        ("UPDATE file_link SET first_page = 1, last_page = 1", "which of its report's files"),
        ("UPDATE file_link SET further = 1", "belongs to record 2 of"),
        ("INSERT INTO withdrawal VALUES (1, '', '', '')", "the withdrawal of source"),
    ],
)
def test_check_finds_what_the_log_does_not_say(twice: Review, attach: Attach, change: str, found: str) -> None:
    attach(4, paper("Right", ["Words."]))
    twice.link(twice.attachments()[0].sha256, 4)
    sound(twice)
    with twice.db.transaction():
        twice.db.write(change)
    with contextlib.closing(twice.db.copied()) as moment:
        assert any(found in one for one in log_check.find_breaks(moment))


def test_a_decision_reads_no_whole_table(twice: Review, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("members", "stored_groups", "screened_ids"):
        real = getattr(groups, name)
        monkeypatch.setattr(
            groups,
            name,
            lambda db, among=None, real=real: real(db, among) if among is not None else pytest.fail("all is read"),
        )
    twice.decide(4, A, Choice.MAYBE)
