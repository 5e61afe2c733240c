"""Studies: every report is in exactly one, what people link is counted once, and what they said no to is not asked
again."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path

import pytest

from leads_local.app.deciding import describe_taken
from leads_local.errors import InputError, ReviewError
from leads_local.records import Choice, Citation, ExtractedValue, PageRange, Stage
from leads_local.review import log_check, proposals, putting_back
from leads_local.review.attachments import FilePart, Paper
from leads_local.review.prisma import flow_lines
from leads_local.review.read_models import PutBackReport
from leads_local.review.rescue import RescuedAct
from leads_local.review.review import Review
from leads_local.review.store import citations, documents, study_rows
from leads_local.review.study_names import partition
from tests.review.conftest import Attach, Import, paper
from tests.review.copies import copied, merged, open_quickly

A, F = Stage.ABSTRACT, Stage.FULLTEXT
NUMBER = "NCT01234567"


def trial(number: int, authors: tuple[str, ...] = (), year: int = 2019, abstract: str = "") -> Citation:
    return Citation(title=f"Report {number}", authors=authors, year=year, abstract=abstract)


def sound(review: Review) -> None:
    with contextlib.closing(review.db.copied()) as moment:
        assert list(log_check.find_breaks(moment)) == []


def together(review: Review) -> list[tuple[int, ...]]:
    return [study.reports for study in review.studies()]


@pytest.fixture
def included(review: Review, add: Import) -> Review:
    """Reports 1 to 5 are included by their full texts."""
    review.acting = "Ann"
    for record in add([trial(number, (f"Author{number}, A",), 2010 + number) for number in range(1, 6)]):
        for stage in Stage:
            review.decide(record, stage, Choice.INCLUDE)
    return review


def in_flow(review: Review) -> tuple[int, int]:
    lines = {line.label: line.number for line in flow_lines(review.counts())}
    return lines["Studies included in review"], lines["Reports of included studies"]


def test_a_report_that_nobody_linked_is_a_study_of_its_own(included: Review) -> None:
    assert together(included) == [(1,), (2,), (3,), (4,), (5,)]
    assert in_flow(included) == (5, 5)
    assert [study.label for study in included.studies()][:2] == ["Author1 2011", "Author2 2012"]


def test_linked_reports_are_one_study_with_all_that_are_linked_to_them(included: Review) -> None:
    made = included.link_reports([3, 1], why="same\nnumber")
    assert (made.number, made.reports, made.label, made.named) == (1, (1, 3), "Author1 2011", False)
    assert in_flow(included) == (4, 5)
    included.link_reports([4, 5])
    assert included.link_reports([5, 3]).reports == (1, 3, 4, 5)
    assert together(included) == [(1, 3, 4, 5), (2,)]
    assert (included.why_linked(3), included.why_linked(2)) == ("same number", "")
    assert in_flow(included) == (2, 5)
    sound(included)


def test_a_new_report_of_an_earlier_study_is_no_new_study_of_an_update(included: Review, add: Import) -> None:
    included.link_reports([1, 2])
    included.begin_update("Update 1")
    new = add([trial(8), trial(9)], "second.jsonl")
    for record in new:
        for stage in Stage:
            included.decide(record, stage, Choice.INCLUDE)
    included.link_reports([2, new[0]])
    counts = included.counts()
    assert counts.update is not None
    assert (counts.studies, counts.included) == (1, 2)
    assert (counts.update.previous_studies, counts.update.previous) == (4, 5)
    assert (counts.update.total_studies, counts.update.total) == (5, 7)
    labels = [line.label for line in flow_lines(counts) if "tudies included" in line.label]
    assert labels == [
        *("Studies included in the previous version", "Reports of studies included in the previous version"),
        *("New studies included in review", "Studies included in all"),
    ]
    sound(included)


def test_a_link_is_undone_whole(included: Review) -> None:
    included.link_reports([1, 2], "BIG")
    included.link_reports([2, 3])
    assert describe_taken(included.undo_last(), "undone").results == ("Undone: record 3 linked into a study by Ann.",)
    assert together(included)[0] == (1, 2)
    assert describe_taken(included.undo_last(), "undone").results[-1] == "Undone: study called BIG by Ann."
    assert (together(included)[0], included.studies()[0].label) == ((1,), "Author1 2011")
    included.redo()
    assert included.studies()[0].label == "BIG"
    sound(included)


def test_a_report_taken_out_leaves_the_others_together(included: Review) -> None:
    included.link_reports([1, 2])
    included.link_reports([2, 3], "BIG")
    left = included.unlink_reports([2])
    assert [study.reports for study in left] == [(1, 3), (2,)]
    assert [study.label for study in left] == ["BIG", "Author2 2012"]
    assert included.unlink_reports([1, 3])[0].reports == (1,)
    assert len(together(included)) == 5
    for _ in range(2):
        included.undo_last()
    assert together(included)[0] == (1, 2, 3)
    with pytest.raises(InputError, match="Record 4 is linked to no other report"):
        included.unlink_reports([1, 4])
    assert together(included)[0] == (1, 2, 3)
    sound(included)


def test_what_bridged_two_names_leaves_the_others_together(included: Review) -> None:
    included.put_in_study(1, "aa")
    included.put_in_study(2, "aa")
    included.put_in_study(2, "bb")
    included.put_in_study(3, "bb")
    assert together(included)[0] == (1, 2, 3)
    included.unlink_reports([2])
    assert together(included)[:2] == [(1, 3), (2,)]


def test_saying_it_again_changes_nothing(included: Review) -> None:
    first = included.link_reports([1, 2], "BIG")
    acts = included.db.number("SELECT count(*) FROM act")
    assert included.link_reports([2, 1], "BIG") == first
    assert included.label_study(1, " BIG ") == first
    assert not included.put_in_study(1, first.name)
    assert included.tell_apart([1, 3])
    assert not included.tell_apart([3, 1])
    assert included.db.number("SELECT count(*) FROM act") == acts + 1


@pytest.mark.parametrize("records", [[], [1], [1, 1]])
def test_a_study_is_linked_from_two_reports(included: Review, records: list[int]) -> None:
    with pytest.raises(InputError, match="from two reports or more"):
        included.link_reports(records)


def test_what_can_not_be_said(included: Review) -> None:
    with pytest.raises(ReviewError, match="there is no record 9"):
        included.link_reports([1, 9])
    with pytest.raises(InputError, match="is longer than 80 characters"):
        included.label_study(1, "x" * 81)
    with pytest.raises(InputError, match="linked as reports of one study, or are one report"):
        included.tell_apart([1])
    sound(included)


# ---------------------------------------------------------------- duplicates and what has left


def test_duplicates_are_one_report_of_the_study(review: Review, add: Import) -> None:
    same = {"title": "Exercise in adults of many kinds", "doi": "10.1/1", "authors": ("Doe, J",)}
    first, second, third = add([Citation(**same), Citation(**same), Citation(title="Other")])  # type: ignore[arg-type]
    for record in (first, second, third):
        review.decide(record, A, Choice.INCLUDE)
        review.decide(record, F, Choice.INCLUDE)
    review.link_reports([second, third])
    assert in_flow(review) == (2, 3)
    review.dedupe()
    assert together(review) == [(first, third)]
    assert in_flow(review) == (1, 2)
    with pytest.raises(InputError, match="from two reports"):
        review.link_reports([first, second])
    review.unlink_reports([first])
    assert together(review) == [(first,), (third,)]
    sound(review)


def test_what_has_left_the_review_is_of_no_study(included: Review, add: Import) -> None:
    included.link_reports([1, 2])
    (more,) = add([trial(9)], "more.jsonl")
    included.link_reports([2, more])
    source = included.find_source("more.jsonl")
    included.withdraw(source.sha256)
    assert together(included)[0] == (1, 2)
    assert included.study_of(more).reports == (more,)
    with pytest.raises(ReviewError, match="not in the review any more"):
        included.link_reports([1, more])
    included.withdraw(source.sha256, withdrawn=False)
    assert together(included)[0] == (1, 2, more)
    assert in_flow(included) == (4, 5)  # the report that came later is not included
    sound(included)


# ---------------------------------------------------------------- labels


def test_labels_are_told_apart(review: Review, add: Import) -> None:
    smith = [trial(n, ("Smith, J",), 2019) for n in range(3)]
    ids = add([*smith, trial(3, ("Smith, J",), None), trial(4, (), 2001), Citation()])  # type: ignore[arg-type]
    for record in ids:
        review.decide(record, A, Choice.INCLUDE)
    labels = [study.label for study in review.studies()]
    assert labels == ["Smith 2019a", "Smith 2019b", "Smith 2019c", "Smith", "Report 4 2001", f"Record {ids[5]}"]
    review.label_study(ids[1], "Smith 2019a")
    assert [study.label for study in review.studies()][:3] == ["Smith 2019b", "Smith 2019a", "Smith 2019c"]
    assert review.study_of(ids[1]).named
    review.label_study(ids[1], "")
    assert [study.label for study in review.studies()][:3] == labels[:3]


def test_the_earliest_report_gives_the_label(included: Review) -> None:
    assert included.link_reports([5, 3, 4]).label == "Author3 2013"


# ---------------------------------------------------------------- what may be one


@pytest.fixture
def alike(review: Review, add: Import) -> Review:
    """Reports 1, 2 and 3 have one registration number, 4 and 5 two authors and a topic."""
    walking, two = "Supervised walking for knee osteoarthritis", ("Ito, Mai", "Okafor, B")
    numbered = [trial(n, (f"Author{n}, A",), abstract=f"Registered as {NUMBER}") for n in (1, 2, 3)]
    add(
        [*numbered, Citation(title=walking, authors=two), Citation(title=f"Protocol: {walking}", authors=two), trial(6)]
    )
    review.acting = "Ann"
    for record in range(1, 7):
        review.decide(record, A, Choice.INCLUDE)
    return review


def suggested(review: Review) -> list[tuple[int, ...]]:
    return [one.reports for one in review.study_suggestions()]


def test_what_may_be_one_study_and_why(alike: Review) -> None:
    by_number, by_authors = alike.study_suggestions()
    assert by_number.reports == (1, 2, 3)
    assert by_number.reasons == (
        f"same registration number {NUMBER} (1 in its record; 2 in its record; 3 in its record)",
    )
    assert by_authors.reports == (4, 5)
    assert by_authors.reasons == (
        "4 and 5: one is the protocol of the other",
        "4 and 5: 2 authors in common (Ito, Okafor); similar titles",
    )
    assert len(together(alike)) == 6  # nothing is linked by it


def test_only_reports_that_are_sought_are_suggested(alike: Review) -> None:
    alike.decide(5, A, Choice.EXCLUDE)
    assert suggested(alike) == [(1, 2, 3)]


def test_what_is_linked_is_not_suggested(alike: Review) -> None:
    alike.link_reports([1, 2])
    assert suggested(alike) == [(1, 2, 3), (4, 5)]
    alike.link_reports([2, 3])
    assert suggested(alike) == [(4, 5)]


def test_what_was_turned_down_does_not_come_back(alike: Review, add: Import) -> None:
    assert alike.tell_apart([4, 5])
    assert suggested(alike) == [(1, 2, 3)]
    assert alike.tell_apart([1, 2])
    assert suggested(alike) == [(1, 3), (2, 3)]
    alike.link_reports([2, 3])
    assert suggested(alike) == []  # 1 is not of the study of 2, and so not of that of 3
    alike.undo_last()
    alike.undo_last()
    assert suggested(alike) == [(1, 2, 3)]
    (more,) = add([trial(7, abstract=NUMBER)], "more.jsonl")
    alike.tell_apart([1, 2, 3])
    alike.decide(more, A, Choice.INCLUDE)
    assert suggested(alike) == [(1, more), (2, more), (3, more)]
    sound(alike)


def test_what_was_taken_out_is_not_suggested_again(alike: Review) -> None:
    alike.link_reports([1, 2, 3])
    alike.unlink_reports([3])
    assert suggested(alike) == [(4, 5)]
    alike.link_reports([1, 3])  # which takes back what was said against it
    assert study_rows.distinct(alike.db) == []


def test_numbers_in_papers(review: Review, add: Import, attach: Attach) -> None:
    texts = {
        1: ("methods", f"The trial is {NUMBER}."),
        2: ("introduction", f"In an earlier trial ({NUMBER}) nothing was found."),
        3: ("references", f"Doe J. A trial. Registered as {NUMBER}."),
        4: ("discussion", f"It was registered before ({NUMBER})."),
        5: ("results", f"{NUMBER}, NCT00000001, NCT00000002 and NCT00000003 were pooled."),
    }
    for record in add([trial(number) for number in texts]):
        review.decide(record, A, Choice.INCLUDE)
        section, text = texts[record]
        attach(record, paper(f"Paper {record}", [text], section=section))
    (found,) = review.study_suggestions()
    assert found.reports == (1, 4)
    assert found.reasons == (
        f"same registration number {NUMBER} (1 in its full text, page 1; 4 in its full text, page 1)",
    )


def test_a_file_that_serves_several_reports_tells_of_each_on_its_pages(review: Review, add: Import) -> None:
    ids = add([trial(1, abstract=NUMBER), trial(2), trial(3)])
    for record in ids:
        review.decide(record, A, Choice.INCLUDE)
    book = paper("Abstracts of a congress", ["Of the first.", f"Of the second: {NUMBER}."])
    place = book.passages[-1].spans[0]
    second = replace(book.passages[-1], spans=(replace(place, page=2),))
    with review.db.transaction():
        documents.put(review.db, replace(book, passages=(*book.passages[:-1], second)))
        parts = {ids[1]: FilePart(pages=PageRange(2, 2)), ids[2]: FilePart(pages=PageRange(1, 1))}
        documents.set_links(review.db, book.sha256, documents.StoredLinks(ids[1], parts))
    assert suggested(review) == [(ids[0], ids[1])]


def test_numbers_of_participants_that_were_extracted(review: Review, add: Import, attach: Attach) -> None:
    two = ("Ito, Mai", "Okafor, B")
    ids = add([trial(1, two, abstract="Of 431 adults"), trial(2, two)])
    for record in ids:
        review.decide(record, A, Choice.INCLUDE)
    assert suggested(review) == []
    document = paper("Sleep", ["Words."])
    attach(ids[1], document)
    size = ExtractedValue("characteristics", "Sample size", "431")
    file = Paper(document.sha256, documents.id_of(review.db, document.sha256))
    with review.db.transaction():
        proposals.propose(review.db, ids[1], file, [(None, size)], [])  # type: ignore[list-item]
    assert suggested(review) == [tuple(ids)]


# ---------------------------------------------------------------- merging and rescue


def test_studies_are_all_that_names_and_reports_reach() -> None:
    found = partition([(1, "a"), (2, "a"), (2, "b"), (3, "b"), (4, "c")])
    assert found == {1: {"a", "b"}, 2: {"a", "b"}, 3: {"a", "b"}, 4: {"c"}}


def test_what_is_linked_in_two_copies_is_one_study(included: Review) -> None:
    included.close()
    mine, yours = included.path, copied(included.path, "yours.leads")
    with open_quickly(mine) as one, open_quickly(yours) as other:
        one.acting, other.acting = "Ann", "Bob"
        one.link_reports([1, 2], "ONE")
        one.tell_apart([1, 3])
        other.link_reports([2, 3], "TWO")
        other.tell_apart([4, 5])
    both = copied(yours, "both.leads")
    merged(mine, yours)
    merged(both, copied(mine, "again.leads"))
    for path in (mine, both):
        with open_quickly(path) as review:
            assert together(review) == [(1, 2, 3), (4,), (5,)]
            assert review.disputed_links() == [(1, 3)]
            study = review.studies()[0]
            assert study.label in ("ONE", "TWO")
            review.acting = "Ann"
            review.link_reports([1, 3])
            assert review.disputed_links() == []
            sound(review)
    with open_quickly(mine) as review, open_quickly(both) as other:
        assert review.studies() == other.studies()


def test_what_was_rescued_is_put_back(included: Review) -> None:
    named = {"study": "aa11", "label": "BIG", "why": "same number"}
    origins = {record: citations.origin_of(included.db, record) for record in range(1, 6)}
    log = included._acts.log

    def act(kind: str, record: int, said: dict[str, object]) -> RescuedAct:
        return RescuedAct(kind, "2026-01-01", "Bob", _origin(included, record), said, f'["s",{len(said)}]')

    acts = [act("put_in_study", record, dict(named)) for record in (1, 2, 3)]
    assert putting_back.put_back(included, acts, log) == PutBackReport(3, 0)
    study = included.studies()[0]
    assert (study.name, study.label, study.reports, included.why_linked(2)) == ("aa11", "BIG", (1, 2, 3), "same number")
    assert putting_back.put_back(included, acts, log) == PutBackReport(0, 3)
    assert [one.kind for one, _ in included.undo_last("Bob")].count("study") == 3  # one gesture, as it was
    included.redo("Bob")
    apart = act("tell_apart", 4, {"reports": [origins[4], origins[5]]})
    more = [act("unlink_report", 3, {}), apart, act("label_study", 1, {"label": "NEW", "instead of": "BIG"})]
    assert putting_back.put_back(included, more, log) == PutBackReport(3, 0)
    assert (together(included)[0], included.studies()[0].label) == ((1, 2), "NEW")
    assert len(study_rows.distinct(included.db)) == 3
    again = putting_back.put_back(included, [*more, act("label_study", 1, {"label": "X", "instead of": "BIG"})], log)
    assert (again.done, again.there) == (0, 3)
    assert "somebody has called it “NEW” meanwhile" in again.by_hand[0]
    sound(included)


def _origin(review: Review, record: int) -> object:
    from leads_local.review.rescue import record_origin

    return record_origin(review.db, record)


def test_what_is_said_is_kept_for_a_rescue(included: Review, tmp_path: Path) -> None:
    included.link_reports([1, 2], "BIG", "same number")
    included.tell_apart([3, 4])
    included.unlink_reports([2])
    included.label_study(1, "SMALL")
    kinds = [act.kind for act in included._acts._acts if act.kind not in ("decide",)]
    assert kinds == [*["put_in_study"] * 2, *["tell_apart"] * 2, "unlink_report", "label_study"]
    assert included._acts._acts[-6].said["why"] == "same number"


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("DELETE FROM annotation WHERE kind = 'study' AND record_id = 1", "('study',"),
        ("UPDATE annotation SET about = 'x' WHERE kind = 'study'", "('study',"),
        ("DELETE FROM annotation WHERE kind = 'distinct'", "('distinct',"),
    ],
)
def test_check_finds_what_the_log_does_not_say(included: Review, change: str, found: str) -> None:
    included.link_reports([1, 2])
    included.tell_apart([1, 3])
    sound(included)
    with included.db.transaction():
        included.db.write(change)
    with contextlib.closing(included.db.copied()) as moment:
        assert any(found in one for one in log_check.find_breaks(moment))


def test_what_stands_under_one_title_is_suggested_and_linked_by_a_person_only(review: Review, add: Import) -> None:
    title = "Stretching at desks for neck pain of clerks"
    review.acting = "Ann"
    records = add(
        [
            Citation(title=title, authors=("Ferro, Lia",), year=2015, doi="10.1000/aic.50"),
            Citation(title=f"{title}: study protocol", authors=("Ferro, Lia",), year=2013),
            Citation(title=f"Erratum: {title}", year=2016),
        ]
    )
    assert review.dedupe().groups == 0
    for record in records:
        review.decide(record, A, Choice.INCLUDE)
    told = {one.reports: one.reasons for one in review.study_suggestions()}
    assert told[1, 2] == ("1 and 2: one is the protocol of the other",)
    assert told[1, 3] == ("1 and 3: one is a correction of the other",)
    assert together(review) == [(1,), (2,), (3,)]
    review.tell_apart([1, 3])
    assert (1, 3) not in {one.reports for one in review.study_suggestions()}
