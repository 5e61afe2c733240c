"""What other tools' exports say of records is taken as acts of those who decided, replaces nothing said here, and is
taken back at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from leads_local import citations
from leads_local.app.taking import describe_plan
from leads_local.errors import InputError
from leads_local.records import Choice, Citation, Stage
from leads_local.review import log_check, told_taking
from leads_local.review.review import Review
from leads_local.review.store import acts
from leads_local.review.told_plan import TakingOrder, TakingPlan
from tests.review.conftest import Import

YES, NO = Choice.INCLUDE, Choice.EXCLUDE
ABS, FULL = Stage.ABSTRACT, Stage.FULLTEXT


def rayyan(title: str, said: str, more: str = "", **fields: str) -> Citation:
    note = f"RAYYAN-INCLUSION: {{{said}}}{f' | {more}' if more else ''}"
    return Citation(title, extra=(("N1", note),), **fields)  # type: ignore[arg-type]


def records() -> list[Citation]:
    return [
        rayyan("A trial of walking", '"Anna"=>"Included", "Bo"=>"Excluded"', "RAYYAN-LABELS: RCT", doi="10.5555/1"),
        rayyan("A trial of running", '"Anna"=>"Excluded"', 'USER-NOTES: {"Anna"=>["rats"]}', doi="10.5555/2"),
    ]


def planned(review: Review, export: Path | str, **order: object) -> TakingPlan:
    return review.plan_taking(review.told_by(export), TakingOrder(**order))  # type: ignore[arg-type]


def votes(review: Review, record: int, stage: Stage = ABS) -> dict[str, Choice]:
    return {one.reviewer: one.choice for one in review.record(record).votes.get(stage, ())}


def test_each_reviewers_decisions_are_taken_as_theirs_and_taken_back_at_once(review: Review, add: Import) -> None:
    review.acting = "Ann"
    first, second = add(records())
    plan = planned(review, "1")
    assert votes(review, first) == {}, "nothing is taken by looking"
    taken = review.take(plan)
    assert (len(taken.decisions), taken.tags, taken.notes) == (3, 1, 1)
    assert votes(review, first) == {"Anna": YES, "Bo": NO} and votes(review, second) == {"Anna": NO}
    assert review.annotations(first).tags == ("RCT",)
    assert planned(review, "1").is_empty and planned(review, "1").already == 3
    assert not list(log_check.find_breaks(review.db))
    for theirs in ("Anna", "Bo"):
        assert review.undo_last(theirs) == [], "whoever took it takes it back"
        assert review.undo_decisions(ABS, theirs) == []
    review.undo_last()
    assert votes(review, first) == {} and review.annotations(first).tags == () and planned(review, "1").notes
    review.redo()
    assert votes(review, second) == {"Anna": NO}
    assert not list(log_check.find_breaks(review.db))


def test_what_a_reviewer_decided_here_stays(review: Review, add: Import) -> None:
    first, second = add(records())
    review.decide(first, ABS, NO, reviewer="Anna")
    review.set_note(second, "mice", reviewer="Anna")
    plan = planned(review, "1")
    assert {(one.reviewer, one.record_id) for one in plan.decisions} == {("Bo", first), ("Anna", second)}
    assert not plan.notes
    assert {one.why.partition(" here")[0] for one in plan.left_out} == {
        "Anna has decided otherwise",
        "Anna has another note on this record",
    }
    meanwhile = planned(review, "1")
    review.decide(second, ABS, YES, reviewer="Anna")
    assert review.take(meanwhile).meanwhile == 1
    assert votes(review, first) == {"Anna": NO, "Bo": NO} and votes(review, second) == {"Anna": YES}


def test_an_export_of_records_that_came_otherwise_is_matched_by_what_they_are(
    review: Review, add: Import, tmp_path: Path
) -> None:
    [first] = add([Citation("A Trial of Walking.", doi="10.5555/1", year=2020)])
    export = tmp_path / "rayyan.ris"
    citations.write(export, records(), "ris")
    plan = planned(review, export)
    assert [one.record_id for one in plan.decisions] == [first, first]
    assert [one.title for one in plan.unmatched] == ["A trial of running"]


def test_an_imported_table_is_read_with_the_columns_that_were_said(review: Review, tmp_path: Path) -> None:
    (table := tmp_path / "ours.csv").write_text("Arbeit,included\nWalking,1\nRunning,0\n")
    review.import_file(table, (("Arbeit", "title"),))
    plan = planned(review, table)
    assert [(one.record_id, one.choice) for one in plan.decisions] == [(1, YES), (2, NO)] and not plan.unmatched


def test_a_file_that_would_be_read_otherwise_today_is_taken_as_it_came_in(
    review: Review, add: Import, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = add(records())
    before = planned(review, tmp_path / "records.jsonl").decisions

    def otherwise(*asked: object) -> citations.SourceFile:
        read = citations.read_file(*asked)  # type: ignore[arg-type]
        return replace(read, citations=tuple(reversed(read.citations)))

    monkeypatch.setattr(told_taking, "read_file", otherwise)
    assert planned(review, tmp_path / "records.jsonl").decisions == before
    assert sorted(one.record_id for one in before) == [first, first, second]


def test_two_decisions_of_one_reviewer_on_one_report_are_none(review: Review, add: Import, tmp_path: Path) -> None:
    add(
        [
            rayyan("A trial of walking", '"Anna"=>"Included"', doi="10.5555/1"),
            rayyan("A trial of walking", '"Anna"=>"Excluded"', doi="10.5555/1"),
        ]
    )
    review.dedupe()
    plan = planned(review, "1")
    assert plan.is_empty and "two different decisions of Anna" in plan.left_out[0].why


def test_a_record_that_could_be_two_reports_or_has_left_the_review_is_none(
    review: Review, add: Import, tmp_path: Path
) -> None:
    one, _ = add([Citation("A trial of walking", doi="10.5555/1", number=n) for n in (1, 2)], "two.jsonl")
    review.dedupe()
    review.separate(one)
    export = tmp_path / "rayyan.ris"
    citations.write(export, records()[:1], "ris")
    plan = planned(review, export)
    assert plan.is_empty and "could be several reports" in plan.unmatched[0].why
    review.import_file(export)
    review.withdraw(review.sources()[1].sha256)
    plan = planned(review, export)
    assert plan.is_empty and "is not in the review" in plan.unmatched[0].why


def test_what_can_not_be_taken_is_named(review: Review, add: Import) -> None:
    unclear = rayyan("A", '"Anna"=>"Postponed"', f"RAYYAN-LABELS: {'long ' * 20}", doi="10.5555/1")
    notes = ("Covidence #", "#1"), ("Notes", "Exclusion reason: Full text not available;")
    add([unclear, Citation("B", extra=notes, doi="10.5555/2")])
    plan = planned(review, "1")
    assert [(one.stage, one.choice) for one in plan.decisions] == [(ABS, YES)]
    told = "\n".join(one.why for one in plan.left_out)
    assert all(why in told for why in ("not understood: Anna: Postponed", "too long to be a tag", "no full text"))


def test_full_texts_wait_for_their_abstracts(review: Review, add: Import) -> None:
    excluded = Citation("A", extra=(("Covidence #", "#1"), ("Notes", "Exclusion reason: Wrong dose;")), doi="10.5555/1")
    [first] = add([excluded])
    review.decide(first, ABS, NO, reviewer="Covidence")
    taken = review.take(planned(review, "1"))
    assert [one.record_id for one in taken.not_included] == [first] and not taken.decisions
    review.undo_last("Covidence")
    taken = review.take(planned(review, "1"))
    assert votes(review, first) == {"Covidence": YES} and votes(review, first, FULL) == {"Covidence": NO}


def test_names_there_are_names_here(review: Review, add: Import) -> None:
    add([*records(), Citation("C", extra=(("N1", "ASReview_relevant"),), doi="10.5555/3")])
    plan = planned(review, "1", names={"Bo": "Bob", "": "Kim"}, stage=FULL)
    assert {(one.stage, one.reviewer) for one in plan.decisions} == {(FULL, "Anna"), (FULL, "Bob"), (FULL, "Kim")}
    assert plan.unnamed


def test_what_is_neither_file_nor_import_is_told(review: Review) -> None:
    with pytest.raises(InputError, match="is no file"):
        review.told_by("nothing.ris")


def test_a_failure_takes_nothing(review: Review, add: Import) -> None:
    first, _ = add(records())
    plan = planned(review, "1")

    def stop(_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        review.take(plan, stop)
    assert votes(review, first) == {} and review.said_since_look() == 0


def test_the_log_keeps_when_a_decision_was_made_there(review: Review, add: Import) -> None:
    said = (("asreview_label", "1"), ("asreview_user_name", "Anna"), ("asreview_time", "1700000000.5"))
    add([Citation("A trial of walking", extra=said), *records()])
    plan = planned(review, "1")
    assert plan.times == ((1, "Anna", "1700000000.5"),)
    told = describe_plan(plan, review.told_by("1")).lines
    assert any("from 2023-11-14 22:13 to 2023-11-14 22:13" in line for line in told)
    review.take(plan)
    assert [act.said_parts()["times"] for act in acts.saying(review.db, "take", "times")] == [
        [[1, "Anna", "1700000000.5"]]
    ]
