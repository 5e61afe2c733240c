"""What a work package holds and what it must not hold; what comes back of it, whatever was done meanwhile; and what is
refused."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from leads_local import citations
from leads_local.documents import pool
from leads_local.errors import InputError, LeadsError, ReviewError
from leads_local.records import Choice, Citation, Criterion, Eligibility, PageRange, Question, Stage
from leads_local.review import checking, derivation, file_links, log_check, shown_values
from leads_local.review.acts import ActKind
from leads_local.review.annotations import Field, Priority
from leads_local.review.merging import Conflict
from leads_local.review.outcomes import OutcomeState, Rule, RuleKind
from leads_local.review.packages import Package, PackageOrder
from leads_local.review.protocol import Keywords
from leads_local.review.read_models import RecordFilter, ValueStatus
from leads_local.review.restating import SAID_AGAIN
from leads_local.review.review import Review
from leads_local.review.store import acts, documents, package_rows, pairs
from leads_local.review.store.package_rows import LEFT_OUT, Work
from tests.review.conftest import Attach, Import, paper
from tests.review.copies import copied, judge, merged, open_quickly, set_apart_as_before, told

A, F = Stage.ABSTRACT, Stage.FULLTEXT
TEXTS = [Citation(title=f"Trial {number % 4}", doi=f"10.1000/{number % 4}") for number in range(6)]  # 1 = 5, 2 = 6
Ann = PackageOrder("Ann", A, (1, 3))
KEEP_ACTS = "CREATE TRIGGER act_keep BEFORE UPDATE ON act BEGIN SELECT RAISE(ABORT, 'act is never changed'); END"


@pytest.fixture
def origin(review: Review, add: Import, path: Path) -> Path:
    """Four reports, two of them with a duplicate, where two reviewers must agree; Ben has begun."""
    add(TEXTS)
    review.acting = "Ben"
    review.dedupe()
    review.set_rule(A, Rule(RuleKind.TWO))
    review.decide(1, A, Choice.INCLUDE, "a reason of Ben's")
    review.set_note(3, "a note of Ben's")
    review.close()
    return path


def give(origin: Path, order: PackageOrder = Ann, name: str = "package.leads") -> Path:
    with open_quickly(origin) as review:
        review.acting = "Ben"
        review.share(origin.parent / name, order)
    return origin.parent / name


def say(path: Path, who: str, *what: Callable[[Review], object]) -> None:
    with open_quickly(path) as review:
        review.acting = who
        for one in what:
            one(review)


def decide(record: int, choice: Choice, stage: Stage = A) -> Callable[[Review], object]:
    return lambda review: review.decide(record, stage, choice, "hers")


def sound(path: Path) -> None:
    assert checking.check_file(path).findings == ()


# ---------------------------------------------------------------- what is in it


def test_it_is_a_review_of_whole_groups_with_the_protocol_and_the_same_numbers(origin: Path) -> None:
    path = give(origin)
    sound(path)
    sound(origin)
    with Review.read(path) as package, Review.read(origin) as review:
        assert package.record_ids(A) == [1, 3]
        assert [record for record, _, _ in package.named_records()] == [1, 3, 5]
        assert package.record(5).id == review.record(5).id == 1
        assert package.protocol() == review.protocol()
        assert [one.at for one in package.protocol_history()][:1] == [one.at for one in review.protocol_history()][:1]
        found = package.package()
        assert found is not None
        assert (found.reviewer, found.by, found.stage, found.reports, found.of) == ("Ann", "Ben", A, 2, 4)
        assert found.title == "Pain" and review.package() is None
        assert [event.kind for event in package.events()] == ["create"]
        clocks = [act.clock for act, _ in acts.stream(package.db)]
        assert clocks == sorted(clocks) and clocks[-1] > max(act.clock for act, _ in list(acts.stream(review.db))[:-1])
        (given,) = review.given_packages()
        assert (given.reviewer, given.by, given.reports, given.back) == ("Ann", "Ben", 2, Work())
        assert review.given_records(A) == {1, 3} and not review.given_records(F)


def test_the_record_that_stands_for_a_group_is_the_reviews(origin: Path) -> None:
    """It was judged by the model, of which the package does not tell."""
    say(origin, "Ben", lambda review: review.separate(1), lambda review: judge(review, 5, Eligibility.YES))
    say(origin, "Ben", lambda review: review.rejoin(1), lambda review: review.dedupe())
    with Review.read(origin) as review, Review.read(give(origin)) as package:
        assert package.record(1).id == review.record(1).id == 5
        assert not package.record(1).screenings


def test_what_others_think_is_not_in_its_bytes(origin: Path) -> None:
    say(origin, "Cay", lambda review: review.adjudicate(1, A, Choice.EXCLUDE, "a reason of Cay's"))
    say(origin, "", lambda review: judge(review, 1, Eligibility.YES, "of the model"))
    hidden = (b"of Ben's", b"of Cay's", b"YES of the model")
    found = give(origin).read_bytes()
    assert not any(text in found for text in hidden)
    with_scores = give(origin, replace(Ann, scores=True), "scores.leads").read_bytes()
    assert [text in with_scores for text in hidden] == [False, False, True]
    for_cay = give(origin, replace(Ann, reviewer="Cay", decisions=True, scores=True), "all.leads").read_bytes()
    assert all(text in for_cay for text in hidden)


def test_the_models_judgements_are_there_where_nobody_has_to_be_independent(origin: Path) -> None:
    say(origin, "", lambda review: judge(review, 1, Eligibility.YES), lambda review: judge(review, 4, Eligibility.NO))
    say(origin, "Ben", lambda review: review.set_rule(A, Rule(RuleKind.ONE)))
    with Review.read(give(origin)) as package:
        assert package.record(1).screenings[A].judgements[0].eligibility is Eligibility.YES
        assert [one.value.text for one in package.values(1)] == ["YES 1", "the same"]
        assert package.db.number("SELECT count(*) FROM reply") == 1


def test_what_she_said_before_is_there_and_only_said_anew_not_undone(origin: Path) -> None:
    say(origin, "Ann", decide(1, Choice.MAYBE), lambda review: review.set_note(1, "a note of hers"))
    path = give(origin)
    with open_quickly(path) as package:
        package.acting = "Ann"
        assert [vote.choice for vote in package.record(1).votes[A]] == [Choice.MAYBE]
        assert [note.text for note in package.record(1).annotations.notes] == ["a note of hers"]
        assert package.undo_last() == [] and package.undo(A, "Ann") is None
        package.decide(1, A, Choice.INCLUDE)
        package.undo_last()
        assert [vote.choice for vote in package.record(1).votes[A]] == [Choice.MAYBE]
        package.redo()
    merged(origin, path)
    with Review.read(origin) as review:
        assert review.record(1).decisions[A].choice is Choice.INCLUDE


def test_what_is_no_secret_of_a_record_is_there(origin: Path) -> None:
    say(
        *(origin, "Ben"),
        lambda review: review.set_tags(3, ["gait"]),
        lambda review: review.set_priority(3, Priority.HIGH),
        lambda review: review.correct(3, Field.TITLE, "A corrected title"),
        lambda review: review.separate(3, [5]),
        lambda review: review.separate(3, [4]),
        lambda review: set_apart_as_before(review, 5),
    )
    with Review.read(give(origin, replace(Ann, records=(3, 5)))) as package:
        view = package.record(3)
        assert (view.citation.title, view.annotations.tags) == ("A corrected title", ("gait",))
        assert view.annotations.priority is Priority.HIGH
        assert package.record_ids(A) == [3, 5]
        assert derivation.derive(act for act, _ in acts.stream(package.db)).apart
        assert pairs.said(package.db) == {(3, 5): False}, "record 4 is not in the package"


def test_studies_are_those_of_its_reports(origin: Path) -> None:
    say(
        *(origin, "Ben"),
        lambda review: review.link_reports([1, 3, 4], "A trial of Ben's"),
        lambda review: review.unlink_reports([3]),
        lambda review: review.link_reports([2, 4], "Another trial"),
    )
    path = give(origin)
    sound(path)
    with Review.read(path) as package, Review.read(origin) as review:
        assert package.study_of(1).name == review.study_of(1).name and package.study_of(1).reports == (1,)
        assert package.study_of(1).label == review.study_of(1).label == "Another trial"
        assert [act.kind for act, _ in acts.stream(package.db)].count(ActKind.DISTINCT) == 2


def test_who_decides_full_texts_knows_that_they_are_sought_not_who_said_so(origin: Path) -> None:
    say(origin, "Cay", decide(1, Choice.INCLUDE))
    path = give(origin, PackageOrder("Ann", F, (1,)))
    with open_quickly(path) as package:
        assert package.record_ids(F) == [1]
        assert not package.record(1).votes
        package.decide(1, F, Choice.EXCLUDE, "not randomised", "Ann")
    assert b"of Ben's" not in path.read_bytes()
    merged(origin, path)
    with Review.read(origin) as review:
        assert review.record(1).decisions[F].reason == "not randomised"
        assert review.record(1).decisions[A].reviewer == "Ben"
        assert [vote.reviewer for vote in review.record(1).votes[A]] == ["Ben", "Cay"]


def test_full_texts_come_along_or_not(review: Review, add: Import, attach: Attach, path: Path) -> None:
    add(TEXTS)
    attach(1, paper("Trial 0", ["Words of the paper."]))
    attach(2, paper("Trial 1", ["Words of another paper."]))
    with review.db.transaction():
        for sha256 in documents.known_problems(review.db):
            found = documents.attachment(review.db, sha256)
            assert found is not None
            file_links.say(review.db, review._acts.log, ActKind.ATTACH, found, found.record_id, "for a test")
    before = {sha256: documents.read(review.db, sha256) for sha256 in documents.known_problems(review.db)}
    review.close()
    with Review.read(give(path, name="with.leads")) as package:
        document = package.document(1)
        assert document is not None and document.passages[1].text == "Words of the paper."
        assert [one.record_id for one in package.attachments()] == [1]
    without = give(path, replace(Ann, texts=False), "without.leads")
    sound(without)
    assert b"Words of" not in without.read_bytes()
    with Review.read(without) as package:
        document = package.document(1)
        assert document is not None and (document.problem, document.passages) == (LEFT_OUT, ())
    say(without, "Ann", decide(1, Choice.INCLUDE))
    merged(path, without)
    with Review.read(path) as after:
        assert before == {sha256: documents.read(after.db, sha256) for sha256 in documents.known_problems(after.db)}


def test_of_a_file_of_several_reports_it_says_only_what_concerns_its_own(
    review: Review, add: Import, attach: Attach, path: Path
) -> None:
    add(TEXTS)
    review.dedupe()
    attach(2, congress := paper("Congress", ["Words of all."]))
    review.link(congress.sha256, 2)
    for record in (3, 4):
        review.link(congress.sha256, record, pages=PageRange(1, 1), also=True)
    review.unlink(congress.sha256, 4)
    name = documents.paper_of(review.db, 3)
    review.close()
    made = give(path)
    sound(made)
    with Review.read(made) as package:
        (file,) = package.attachments()
        assert [(one.record_id, one.page_range) for one in file.links] == [(3, PageRange(1, 1))]
        assert package.record(1).fulltext is None
        same = documents.paper_of(package.db, 3)
        assert same is not None and name is not None and same.name == name.name, "what is asked there is asked here"
    say(made, "Ann", lambda review: review.link(congress.sha256, 1, also=True))
    merged(path, made)
    sound(path)
    with Review.read(path) as after:
        assert [one.record_id for one in after.attachments()[0].links] == [2, 1, 3]


def test_an_extraction_in_it_says_nothing_of_the_form(origin: Path) -> None:
    with open_quickly(give(origin)) as package:
        form = package.form()
        assert package.set_form(form) is False
        with Review.read(origin) as review:
            assert review.form() == form


def test_whoever_adds_a_kind_of_act_or_a_table_says_what_a_package_has_of_it(origin: Path) -> None:
    assert set(ActKind) == SAID_AGAIN | {ActKind.REVOKE, ActKind.SHARE, ActKind.PACKAGE, ActKind.UPDATE, ActKind.TAKE}
    cut = {statement.split()[2] for statement in package_rows._CUT if statement.startswith("DELETE FROM")}
    made_anew = {"act", "review", "generation", "seal"}
    derived = {"revoked", "rule", "outcome", "annotation", "withdrawal", "decision", "verification", "retrieval"}
    with Review.read(origin) as review:
        tables = set(review.db.columns()) | {"seal"}
    derived |= {"duplicate_group", "previous_source", "previous_choice", "ruled_out"}
    assert tables == cut | made_anew | derived | {"criterion"}


# ---------------------------------------------------------------- what comes back


def test_what_she_says_comes_back_and_more_the_next_time(origin: Path) -> None:
    say(origin, "Ben", lambda review: review.set_rule(A, Rule(RuleKind.ONE)))
    say(origin, "", lambda review: judge(review, 3, Eligibility.YES))
    path = give(origin)
    say(
        *(path, "Ann"),
        decide(3, Choice.EXCLUDE),
        lambda review: review.set_note(3, "a note"),
        lambda review: review.set_tags(1, ["gait"]),
        lambda review: review.verify(review.values(3)[0].id, ValueStatus.EDITED, "edited"),
        decide(1, Choice.MAYBE),
        lambda review: review.undo_last(),
    )
    (report,) = merged(origin, path).reports
    (ann,) = report.reviewers
    assert (ann.decisions, ann.verifications, ann.others) == (2, 1, 3)
    with Review.read(origin) as review:
        view = review.record(3)
        assert (view.votes[A][0].reviewer, view.votes[A][0].choice) == ("Ann", Choice.EXCLUDE)
        assert "a note" in [note.text for note in view.annotations.notes]
        assert review.record(1).annotations.tags == ("gait",)
        assert [vote.reviewer for vote in review.record(1).votes[A]] == ["Ben"]
        assert [(one.final_text, one.reviewer) for one in review.values(3)][:1] == [("edited", "Ann")]
        (given,) = review.given_packages()
        assert (given.back.acts, given.back.decided) == (6, 1) and given.back.last
    before = origin.read_bytes()
    assert merged(origin, path).kept is None and origin.read_bytes() == before
    say(path, "Ann", decide(1, Choice.EXCLUDE))
    assert merged(origin, path).reports[0].conflicts == (Conflict(A, 1),)
    sound(origin)


def test_of_other_records_a_package_has_nothing_to_say(origin: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    say(origin, "Ben", lambda review: review.set_rule(A, Rule(RuleKind.ONE)))
    say(origin, "", lambda review: judge(review, 3, Eligibility.YES), lambda review: judge(review, 4, Eligibility.NO))
    path = give(origin)
    say(path, "Ann", lambda review: review.verify(review.values(3)[0].id, ValueStatus.ACCEPTED))
    looked_at: set[int] = set()
    settle = shown_values.set_shown
    monkeypatch.setattr(
        *(shown_values, "set_shown"),
        lambda db, found, wanted: [looked_at.update(one.record_id for one in found), settle(db, found, wanted)],
    )
    merged(origin, path)
    assert looked_at == {3}


def meanwhile_grouped(review: Review) -> None:
    review.correct(4, Field.DOI, "10.1000/2")
    review.correct(4, Field.TITLE, "Trial 2")
    review.dedupe()
    assert review.record(4).id == review.record(3).id


def meanwhile_withdrawn(review: Review) -> None:
    review.withdraw(review.sources()[0].sha256, "the wrong search")


def meanwhile_asked_otherwise(review: Review) -> None:
    review.set_criteria([Criterion("Design", "any trial")])
    review.set_question(Question("Pain", "children with pain"))
    review.set_rule(A, Rule(RuleKind.ONE))


def meanwhile_apart(review: Review) -> None:
    review.separate(5)


def meanwhile_adjudicated(review: Review) -> None:
    review.decide(3, A, Choice.INCLUDE)
    review.adjudicate(3, A, Choice.INCLUDE)


def meanwhile_taken_back(review: Review) -> None:
    assert [act.kind for act, _ in review.undo_last()] == [ActKind.SHARE]
    assert review.given_packages()[0].withdrawn and not review.given_records(A)


@pytest.mark.parametrize(
    "meanwhile",
    [
        *(meanwhile_grouped, meanwhile_withdrawn, meanwhile_asked_otherwise, meanwhile_apart, meanwhile_adjudicated),
        meanwhile_taken_back,
    ],
)
def test_nothing_that_was_done_meanwhile_loses_what_she_decided(
    origin: Path, meanwhile: Callable[[Review], None]
) -> None:
    path = give(origin)
    say(origin, "Ben", meanwhile)
    say(path, "Ann", decide(3, Choice.EXCLUDE), decide(5, Choice.EXCLUDE))
    merged(origin, path)
    sound(origin)
    with open_quickly(origin) as review:
        if meanwhile is meanwhile_withdrawn:
            review.withdraw(review.sources()[0].sha256, withdrawn=False)
        if meanwhile is meanwhile_adjudicated:
            assert review.record(3).decisions[A].choice is Choice.INCLUDE
        for record in (1, 3):
            votes = {vote.reviewer: vote.choice for vote in review.record(record).votes[A]}
            assert votes["Ann"] is Choice.EXCLUDE


def test_a_pdf_that_matches_nothing_in_a_part_keeps_the_record_that_it_has(
    origin: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who works apart attaches a whole folder of papers."""
    document = paper("Trial 1", ["Words."])
    monkeypatch.setattr(pool, "read_many", lambda paths: iter([document]))
    file = origin.with_name("one.pdf")
    file.write_bytes(b"%PDF")
    path = give(origin)
    say(origin, "Ben", lambda review: review.attach(file), lambda review: review.link(document.sha256, 2))
    say(path, "Ann", *[lambda review: review.set_tags(1, ["late"])] * 3, lambda review: review.attach(file))
    with Review.read(path) as package:
        assert [one.record_id for one in package.attachments()] == [0]
    other = copied(origin, "other.leads")
    merged(origin, path)
    with Review.read(origin) as review:
        assert [one.record_id for one in review.attachments()] == [2]
    sound(origin)
    again = give(other, replace(Ann, records=(2,)), "again.leads")
    merged(other, path)
    assert told(other)["links"] == told(origin)["links"]
    with Review.read(again) as package:
        assert [one.record_id for one in package.attachments()] == [2]


def test_a_package_of_a_package_comes_back_through_it_or_after_it(origin: Path) -> None:
    path = give(origin)
    with open_quickly(path) as package:
        package.acting = "Ann"
        package.share(origin.with_name("inner.leads"), PackageOrder("Eve", A, (3,)))
    inner = origin.with_name("inner.leads")
    say(inner, "Eve", decide(3, Choice.EXCLUDE))
    other = copied(origin, "other.leads")
    assert "has not given out" in refused(origin, inner)
    merged(origin, path)
    merged(origin, inner)
    merged(path, inner)
    merged(other, path)
    assert told(origin) == told(other)
    with Review.read(origin) as review:
        assert [vote.reviewer for vote in review.record(3).votes[A]] == ["Eve"]
        assert [(one.reviewer, one.by) for one in review.given_packages()] == [("Ann", "Ben"), ("Eve", "Ann")]
    sound(origin)


def test_one_package_on_two_computers(origin: Path) -> None:
    path = give(origin)
    second = copied(path, "at-home.leads")
    say(path, "Ann", decide(1, Choice.INCLUDE))
    say(second, "Ann", decide(3, Choice.EXCLUDE))
    other = copied(origin, "other.leads")
    merged(other, path, second)
    merged(path, second)
    sound(path)
    merged(origin, path)
    assert told(origin) == told(other)
    with Review.read(origin) as review:
        assert review.record(1).decisions[A].choice is Choice.INCLUDE
        assert review.record(3).states[A] is OutcomeState.WAITING


def test_a_copy_of_the_review_learns_of_a_package_from_the_other_one(origin: Path) -> None:
    other = copied(origin, "other.leads")
    path = give(origin)
    say(path, "Ann", decide(1, Choice.INCLUDE))
    assert "has not given out" in refused(other, path)
    merged(other, origin)
    merged(other, path)
    merged(origin, path)
    assert told(other) == told(origin)


def test_an_adjudicator_gets_what_the_others_decided_and_settles_it(origin: Path) -> None:
    path = give(origin)
    say(path, "Ann", decide(1, Choice.EXCLUDE))
    merged(origin, path)
    with Review.read(origin) as review:
        conflicts = tuple(review.record_ids(A, RecordFilter.CONFLICT))
    second = give(origin, PackageOrder("Cay", A, conflicts, decisions=True), "cay.leads")
    with open_quickly(second) as package:
        package.acting = "Cay"
        assert {vote.reviewer: vote.reason for vote in package.record(1).votes[A]} == {
            "Ann": "hers",
            "Ben": "a reason of Ben's",
        }
        package.adjudicate(1, A, Choice.INCLUDE)
    merged(origin, second)
    with Review.read(origin) as review:
        assert review.record(1).decisions[A].reviewer == "Cay"


# ---------------------------------------------------------------- what is refused


def refused(into: Path, other: Path) -> str:
    before = into.read_bytes()
    with open_quickly(into) as review, pytest.raises(LeadsError) as told_error:
        review.merge([other])
    assert into.read_bytes() == before
    return str(told_error.value)


def test_packages_are_not_merged_into_each_other_nor_the_review_into_one(origin: Path) -> None:
    one, two = give(origin), give(origin, replace(Ann, reviewer="Eve"), "two.leads")
    assert "package.leads is a work package: " in refused(one, two)
    assert "Merge the work packages into the review" in refused(one, origin)


def test_a_package_of_another_review(origin: Path, tmp_path: Path) -> None:
    with Review.create(tmp_path / "x.leads", Question(population="adults")):
        pass
    assert "is another review than" in refused(tmp_path / "x.leads", give(origin))
    assert "is another review than" in refused(give(origin, name="two.leads"), tmp_path / "x.leads")


def test_a_newer_one(origin: Path) -> None:
    path = give(origin)
    raw = sqlite3.connect(path, isolation_level=None)
    raw.execute("PRAGMA user_version = 99")
    raw.close()
    assert "was made by a newer leads-local" in refused(origin, path)


def test_a_damaged_one(origin: Path) -> None:
    path = give(origin)
    raw = sqlite3.connect(path, isolation_level=None)
    raw.execute("DROP TRIGGER citation_keep")
    raw.execute("UPDATE citation SET title = 'Other words' WHERE record_id = 3")
    raw.close()
    assert "package.leads is damaged" in refused(origin, path)


def test_one_that_says_what_the_review_did_not_say_of_it(origin: Path) -> None:
    """Its first session was written anew, with all hashes and seals: one reviewer decides."""
    path = give(origin)
    before: dict[str, str] = {}
    with open_quickly(path) as package, package.db.transaction():
        package.db.write("DROP TRIGGER act_keep")
        for act, stored in acts.stream(package.db):
            said = act.said.replace('"kind":"two"', '"kind":"one"')
            forged = replace(act, said=said, before=before.get(act.before, act.before))
            before[stored] = forged.hash
            package.db.write(
                "UPDATE act SET said = ?, before = ?, hash = ? WHERE hash = ?",
                (forged.said, forged.before, forged.hash, stored),
            )
        package.db.write(KEEP_ACTS)
        package.db.write("UPDATE rule SET kind = 'one' WHERE stage = 'abstract'")
    sound(path)
    assert "has not given out" in refused(origin, path)


def test_one_whose_acts_somebody_has_rewritten_with_all_seals(origin: Path) -> None:
    path = give(origin)
    say(path, "Ann", decide(1, Choice.INCLUDE))
    with open_quickly(path) as review, review.db.transaction():
        review.db.write("DROP TRIGGER act_keep")
        review.db.write("UPDATE act SET said = replace(said, 'include', 'exclude') WHERE kind = 'decide'")
        review.db.write(KEEP_ACTS)
    assert "is not as leads-local wrote it: act 1 of session" in refused(origin, path)


def test_what_concerns_the_whole_review_is_not_done_in_a_part_of_it(origin: Path, tmp_path: Path) -> None:
    citations.write(tmp_path / "more.jsonl", [Citation(title="More")], "jsonl")
    path = give(origin)
    before = told(path)
    with open_quickly(path) as package:
        source = package.sources()[0].sha256
        for way in (
            lambda: package.set_question(Question(population="children")),
            lambda: package.set_criteria([]),
            lambda: package.set_rule(A, Rule(RuleKind.ONE)),
            lambda: package.set_reasons(tuple(reversed(package.reasons()))),
            lambda: package.set_keywords(Keywords(("trial",), ())),
            lambda: package.lock_protocol(),
            lambda: package.begin_update("second"),
            lambda: package.import_file(tmp_path / "more.jsonl"),
            lambda: package.withdraw(source),
        ):
            with pytest.raises(ReviewError, match="is a work package, a part of a review"):
                way()
    assert told(path) == before


def test_nothing_is_given_out_without_a_file(origin: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = told(origin)
    for order, name, match in (
        (replace(Ann, records=()), "p.leads", "There is no record for Ann"),
        (Ann, origin.name, "already exists"),
        (Ann, "nowhere/p.leads", "does not exist"),
    ):
        with pytest.raises(LeadsError, match=match):
            give(origin, order, name)
    monkeypatch.setattr(log_check, "find_breaks", lambda db: iter(["something differs"]))
    with pytest.raises(ReviewError, match="of it something differs"):
        give(origin)
    monkeypatch.undo()
    assert told(origin) == before
    assert sorted(one.name for one in origin.parent.glob("*.leads*")) == [origin.name]


def test_no_file_is_given_out_that_the_review_does_not_know(origin: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("leads_local.review.store.events.add", _fail_on_share)
    with pytest.raises(InputError, match="no room"):
        give(origin)
    assert sorted(one.name for one in origin.parent.glob("*.leads*")) == [origin.name]


def _fail_on_share(db: object, kind: str, text: str, reviewer: str = "") -> None:
    if kind == "share":
        raise InputError("no room")


def test_check_finds_records_of_it_that_are_missing(origin: Path) -> None:
    with Review.read(give(origin)) as package, open_quickly(origin) as review:
        found = package.package()
        assert isinstance(found, Package)
        said = {"records": {"0" * 64: [1]}}
        with review.db.transaction():
            review._acts.log.write(ActKind.PACKAGE, "[]", said)
        with Review.read(origin) as again:
            assert "1 records of the work package are missing" in list(log_check.find_breaks(again.db))


def test_an_act_that_cannot_be_read_keeps_nothing_else_from_being_shown(origin: Path) -> None:
    give(origin)
    raw = sqlite3.connect(origin, isolation_level=None)
    raw.execute("DROP TRIGGER act_keep")
    raw.execute("UPDATE act SET said = '{' WHERE kind = 'share'")
    raw.execute(KEEP_ACTS)
    raw.close()
    with Review.read(origin) as review:
        assert review.given_packages() == [] and review.package() is None
        assert any(what.startswith("act ") for what in review.unreadable())
        assert review.counts().to_screen == 4
