"""A newer export of a search: its text stands, the earlier one is kept, and who has decided is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from leads_local.records import Choice, Citation, Stage
from leads_local.review import log_check
from leads_local.review.annotations import Field
from leads_local.review.outcomes import Rule, RuleKind
from leads_local.review.read_models import ImportReport, RecordFilter
from leads_local.review.review import Review
from tests.review.conftest import Import

ABS, NO = Stage.ABSTRACT, Choice.EXCLUDE
RECORD = "TY  - JOUR\nTI  - {title}\nAN  - {number}\nDB  - {base}\nAB  - {abstract}\n{more}ER  - \n\n"


def entry(number: int, abstract: str, base: str = "PubMed", more: str = "", title: str = "") -> str:
    title = title or f"Exercise and the knee, cohort {'abcdef'[number]}"
    return RECORD.format(title=title, number=30000000 + number, base=base, abstract=abstract, more=more)


def bring(review: Review, folder: Path, name: str, *entries: str) -> ImportReport:
    (folder / name).write_text("".join(entries), encoding="utf-8")
    return review.import_file(folder / name)


def changed(review: Review) -> list[int]:
    return review.record_ids(ABS, RecordFilter.CHANGED)


@pytest.fixture
def updated(review: Review, tmp_path: Path) -> ImportReport:
    """Three records, two of them decided, then imported again: one with results, one retracted, one as before."""
    review.acting = "Ann"
    bring(review, tmp_path, "jan.ris", entry(1, "A protocol."), entry(2, "The same."), entry(3, "Undecided."))
    review.decide_many([1, 2], ABS, NO)
    newer = entry(1, "Now with results."), entry(2, "the  same", more="N1  - [Retracted]\n"), entry(3, "More results.")
    report = bring(review, tmp_path, "jul.ris", *newer)
    review.dedupe()
    return report


def test_the_newer_text_stands_and_the_earlier_is_kept(review: Review, updated: ImportReport) -> None:
    assert [(one.record, one.fields) for one in updated.newer.changed] == [(1, ("abstract",)), (3, ("abstract",))]
    assert review.citation(1).abstract == "Now with results."
    [kept] = review.annotations(1).corrections
    assert (kept.field, kept.imported, kept.newer) == (Field.ABSTRACT, "A protocol.", True)
    assert not list(log_check.find_breaks(review.db))
    review.undo_last("")
    review.undo_last("Ann")
    review.undo_last("Ann")
    assert review.citation(1).abstract == "A protocol."


def test_what_was_decided_and_has_changed_is_listed_until_it_is_decided_again(
    review: Review, updated: ImportReport
) -> None:
    assert changed(review) == [1, 2], "the third was not decided"
    assert review.annotations(2).tags == ("retracted",)
    [told] = review.summaries([2])
    assert told.shown_title == "[RETRACTED] Exercise and the knee, cohort c"
    review.decide(1, ABS, NO)
    assert changed(review) == [2]
    assert review.record(1).decisions[ABS].choice is NO, "no decision is touched"


def test_withdrawing_the_newer_export_has_the_earlier_text_again(review: Review, updated: ImportReport) -> None:
    review.withdraw(review.find_source("2").sha256)
    assert review.citation(1).abstract == "A protocol." and changed(review) == []
    assert review.annotations(2).tags == ()
    review.undo_last()
    assert review.citation(1).abstract == "Now with results." and review.annotations(2).tags == ("retracted",)
    review.withdraw(review.find_source("2").sha256)
    review.withdraw(review.find_source("2").sha256, withdrawn=False)
    assert review.citation(1).abstract == "Now with results."
    assert not list(log_check.find_breaks(review.db))


def test_of_several_newer_exports_the_last_that_is_in_the_review_stands(review: Review, tmp_path: Path) -> None:
    for number, name in enumerate(("jan.ris", "jul.ris", "dec.ris"), start=1):
        bring(review, tmp_path, name, entry(1, f"Text {number} of it."))

    def stands(source: int, number: int, *, withdrawn: bool = True) -> None:
        review.withdraw(review.sources()[source - 1].sha256, withdrawn=withdrawn)
        [head] = review.record_ids(ABS) if len(review.record_ids(ABS)) == 1 else [1]
        assert review.citation(head).abstract == f"Text {number} of it."
        assert not list(log_check.find_breaks(review.db))

    stands(3, 2)
    stands(3, 3, withdrawn=False)
    stands(2, 3)
    stands(2, 3, withdrawn=False)
    stands(3, 2)
    stands(2, 1)
    stands(3, 3, withdrawn=False)


def test_what_comes_back_replaces_nothing_that_came_later(review: Review, tmp_path: Path) -> None:
    bring(review, tmp_path, "jan.ris", entry(1, "First."))
    bring(review, tmp_path, "jul.ris", entry(1, "Second."))
    review.withdraw(review.sources()[1].sha256)
    bring(review, tmp_path, "dec.ris", entry(1, "Third."))
    review.withdraw(review.sources()[1].sha256, withdrawn=False)
    assert review.citation(1).abstract == "Third."


def test_an_older_text_an_empty_one_and_no_identifier_change_nothing(review: Review, add: Import) -> None:
    def record(abstract: str, revised: str, **more: str) -> Citation:
        return Citation("Walking", abstract, doi="10.5555/1", extra=(("LR", revised), ("DB", "PubMed")), **more)  # type: ignore[arg-type]

    add([record("Now with results.", "20210101")], "a.jsonl")
    add([record("A protocol.", "20200101")], "b.jsonl")
    add([record("", "20220101")], "c.jsonl")
    add([record("Now with results.", "20220101", pmid="no number")], "d.jsonl")
    assert (review.citation(1).abstract, review.citation(1).pmid) == ("Now with results.", "")
    assert not review.annotations(1).corrections


def test_only_what_is_in_the_review_and_was_there_before_is_changed(review: Review, tmp_path: Path) -> None:
    bring(review, tmp_path, "jan.ris", entry(1, "First."))
    review.withdraw(review.sources()[0].sha256)
    assert not bring(review, tmp_path, "jul.ris", entry(1, "Second.")).newer.changed
    review.withdraw(review.sources()[0].sha256, withdrawn=False)
    assert [review.citation(record).abstract for record in (1, 2)] == ["First.", "Second."]


def test_a_tag_of_a_list_is_the_records_that_it_names(review: Review, add: Import, tmp_path: Path) -> None:
    one, two = add([Citation("Walking for knees", "A.", doi="10.5555/a"), Citation("Rowing for hips", doi="10.5555/b")])
    review.join_records(one, two)
    file = tmp_path / "rw.csv"
    file.write_text("OriginalPaperDOI,OriginalPaperPubMedID,RetractionNature\n10.5555/b,0,Retraction\n")
    assert review.note_retractions(file).new == 1 and review.annotations(one).tags == ("retracted",)
    review.separate(one, [two])
    assert (review.annotations(one).tags, review.annotations(two).tags) == ((), ("retracted",))


def test_what_a_person_corrected_stays(review: Review, tmp_path: Path) -> None:
    bring(review, tmp_path, "jan.ris", entry(1, "A protocol."))
    review.correct(1, Field.ABSTRACT, "As the paper has it.")
    report = bring(review, tmp_path, "jul.ris", entry(1, "Now with results."))
    assert review.citation(1).abstract == "As the paper has it."
    assert "corrected by a person" in report.newer.left[0] and not report.newer.changed


def test_another_database_or_another_paper_changes_nothing(review: Review, tmp_path: Path) -> None:
    bring(review, tmp_path, "jan.ris", entry(1, "A protocol."), entry(2, "Words."))
    other = entry(2, "Quite another paper.", title="Mesh repair of hernias in dogs")
    report = bring(
        review, tmp_path, "jul.ris", entry(1, "Worded otherwise.", more="PM  - 30000001\n", base="Embase"), other
    )
    assert (review.citation(1).abstract, review.citation(2).abstract) == ("A protocol.", "Words.")
    assert "another title" in report.newer.left[0]


def test_an_abstract_that_was_missing_comes_from_any_database(review: Review, add: Import) -> None:
    add([Citation("Walking", doi="10.5555/1")], "a.jsonl")
    review.decide(1, ABS, NO, reviewer="Ann")
    add([Citation("Walking", "Found.", doi="10.5555/1", extra=(("DB", "Embase"),))], "b.jsonl")
    assert review.citation(1).abstract == "Found." and changed(review) == [1]


def test_the_list_gives_nothing_away_to_who_has_yet_to_decide(review: Review, updated: ImportReport) -> None:
    review.set_rule(ABS, Rule(RuleKind.TWO))
    assert changed(review) == [1, 2]
    review.acting = "Bob"
    assert changed(review) == []


def test_a_list_of_retractions_tags_and_removes_nothing(review: Review, add: Import, tmp_path: Path) -> None:
    first, second = add([Citation("Walking", doi="10.5555/walk"), Citation("Running", pmid="12345678")])
    review.decide(first, ABS, NO)
    file = tmp_path / "rw.csv"
    file.write_text(
        "OriginalPaperDOI,OriginalPaperPubMedID,RetractionNature,Reason,RetractionDate\n10.5555/WALK,0,Retraction,+Error;,2020\n"
        "10.5555/other,12345678,Expression of concern,,2020\n",
        encoding="utf-8",
    )
    report = review.note_retractions(file)
    assert [(one.record, one.notice, one.reason) for one in report.papers] == [
        (first, "retracted", "Error"), (second, "expression-of-concern", ""),
    ]  # fmt: skip
    assert (report.new, review.note_retractions(file).new) == (2, 0)
    assert review.annotations(first).tags == ("retracted",) and changed(review) == [first]
    assert len(review.record_ids(ABS)) == 2


def test_a_line_on_copyright_calls_nobody_back(review: Review, tmp_path: Path) -> None:
    bring(review, tmp_path, "jan.ris", entry(1, "Pain fell by 12 points."))
    review.decide(1, ABS, NO)
    bring(review, tmp_path, "jul.ris", entry(1, "Pain fell by 12 points. © 2021 The Authors."))
    assert review.citation(1).abstract.endswith("The Authors.") and changed(review) == []
    bring(review, tmp_path, "dec.ris", entry(1, "Pain fell by 21 points. © 2021 The Authors."))
    assert changed(review) == [1]


def test_abstracts_of_a_congress_with_one_doi_keep_their_own_texts(review: Review, tmp_path: Path) -> None:
    def abstracts(*told: tuple[str, str]) -> list[str]:
        head = "TY  - JOUR\nDO  - 10.5555/supplement\nDB  - Embase\n"
        return [f"{head}TI  - Walking and pain of the knee in {who}\nAB  - {text}\nER  - \n\n" for who, text in told]

    bring(review, tmp_path, "jan.ris", *abstracts(("men", "Fifty men."), ("women", "Fifty women.")))
    report = bring(
        review, tmp_path, "jul.ris", *abstracts(("women", "Sixty women."), ("men", "Fifty men."), ("dogs", ""))
    )
    assert [(one.record, one.fields) for one in report.newer.changed] == [(2, ("abstract",))]
    assert [review.citation(record).abstract for record in (1, 2)] == ["Fifty men.", "Sixty women."]
    both = abstracts(("women", "Seventy women."), ("women: a trial", "All of them."))
    bring(review, tmp_path, "oct.ris", *both)
    assert review.citation(2).abstract == "Seventy women.", "the very title before one that is like it"
    report = bring(review, tmp_path, "dec.ris", *abstracts(("children", "Ten children.")))
    assert not report.newer.changed and len(report.newer.left) == 7


def test_what_was_not_known_of_a_paper_before_it_appeared_is_taken(review: Review, tmp_path: Path) -> None:
    early = "AU  - Marlow, Anne\nAU  - Ek, P\nVL  - 3\nSP  - 12\nJO  - J Inv Trials\n"
    late = "AU  - Marlow, A.\nAU  - Ek, Per\nAU  - Okoye, A\nVL  - 4\nIS  - 2\nSP  - 12\nEP  - 19\nJO  - J of Trials\n"
    doi = "DO  - 10.5555/2\n"
    bring(review, tmp_path, "jan.ris", entry(1, "As it was.", more=early), entry(2, "As it was.", more=early + doi))
    review.decide(1, ABS, NO)
    [change, _] = bring(
        review,
        tmp_path,
        "jul.ris",
        entry(1, "As it was.", more=late),
        entry(2, "As it was.", "Embase", more=late + doi),
    ).newer.changed
    assert (change.record, change.fields) == (1, ("authors", "volume", "issue"))
    stands = review.citation(1)
    assert (stands.authors, stands.volume, stands.issue) == (("Marlow, A.", "Ek, Per", "Okoye, A"), "4", "2")
    assert (stands.pages, stands.journal) == ("12", "J Inv Trials") and changed(review) == []
    review.withdraw(review.sources()[1].sha256, "", withdrawn=True)
    assert (review.citation(1).volume, review.citation(2).issue) == ("3", "")
