"""The protocol as one thing: its text, its reasons in their order, its form, its locks and what deviates from them, and
which judgements are by an earlier wording."""

from __future__ import annotations

import contextlib
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from leads_local.errors import InputError, ReviewError
from leads_local.judgements import Judgement
from leads_local.records import Choice, Citation, Criterion, Eligibility, Field, Question, Stage
from leads_local.review import log_check, protocol_text, suggestions
from leads_local.review.outcomes import Rule, RuleKind
from leads_local.review.protocol import Keywords
from leads_local.review.read_models import RecordFilter, RecordOrder
from leads_local.review.reasons import KEYS, NOT_RETRIEVED, Reason, first_list, means_not_retrieved, new_key
from leads_local.review.review import Review
from leads_local.tasks import forms
from leads_local.tasks.forms import Form
from tests.review.conftest import Import

A, F = Stage.ABSTRACT, Stage.FULLTEXT


def sound(review: Review) -> None:
    with contextlib.closing(review.db.copied()) as moment:
        assert list(log_check.find_breaks(moment)) == []


@pytest.fixture
def sought(review: Review, add: Import) -> Review:
    """Three records, all included by abstract; Ann is at the keyboard."""
    review.acting = "Ann"
    for record in add([Citation(title=f"Trial {number}", doi=f"10.1/{number}") for number in range(3)]):
        review.decide(record, A, Choice.INCLUDE)
    return review


# ---------------------------------------------------------------- reasons


def test_a_new_review_has_a_list_with_a_key_for_each_criterion(review: Review) -> None:
    listed = review.reasons()
    named = [f"Wrong {one.name[:1].lower()}{one.name[1:]}" for one in review.criteria(F)]
    assert [one.text for one in listed][: len(named)] == named
    assert [one.key for one in listed] == list(KEYS[: len(listed)])
    assert not any(means_not_retrieved(one.text) for one in listed)


def test_keys_stay_whatever_is_decided_and_reordered(sought: Review) -> None:
    first, second, *others = sought.reasons()
    sought.decide(1, F, Choice.EXCLUDE, second.text)
    sought.decide(2, F, Choice.EXCLUDE, "Retracted")
    assert sought.reasons() == (first, second, *others)
    assert sought.unlisted_reasons() == ["Retracted"]
    sought.set_reasons([*others, second, first])
    assert sought.reasons()[-1] == first


def test_no_reason_is_deleted_but_it_is_retired(review: Review) -> None:
    first, *others = review.reasons()
    with pytest.raises(InputError, match=r"The reason '1' \(Wrong population\) is missing; no reason is deleted"):
        review.set_reasons(others)
    review.set_reasons([replace(first, retired=True), *others])
    assert review.reasons()[0].retired


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        (Reason("1", "Too old"), "has the key '1' of another reason"),
        (Reason("", "Too old"), "needs a key of letters and digits"),
        (Reason("0", "Too old"), "needs a key of letters and digits"),
        (Reason("z", " "), "needs a text of 1 to 500 characters"),
        (Reason("z", "wrong  POPULATION"), "is in the list twice"),
        (Reason("z", NOT_RETRIEVED), "excludes no report"),
    ],
)
def test_a_list_is_refused_whole(review: Review, reason: Reason, told: str) -> None:
    before = review.reasons()
    with pytest.raises(InputError, match=told):
        review.set_reasons([*before, reason])
    assert review.reasons() == before


def test_a_reason_that_decisions_give_keeps_its_words(sought: Review) -> None:
    first, second, *others = sought.reasons()
    sought.decide(1, F, Choice.EXCLUDE, first.text)
    sought.set_reasons([first, replace(second, text="Wrong drug"), *others])
    with pytest.raises(InputError, match=r"'1' \(Wrong population\) is given by decisions, so its words stay"):
        sought.set_reasons([replace(first, text="Children"), replace(second, text="Wrong drug"), *others])


@pytest.mark.parametrize("turned", [False, True])
def test_of_two_reasons_the_earlier_in_the_list_counts(sought: Review, turned: bool) -> None:
    sought.set_rule(F, Rule(RuleKind.TWO))
    first, second, *others = sought.reasons()
    sought.decide(1, F, Choice.EXCLUDE, second.text, "Ann")
    sought.decide(1, F, Choice.EXCLUDE, first.text, "Bob")
    sought.decide(2, F, Choice.EXCLUDE, "own words", "Ann")
    sought.decide(2, F, Choice.EXCLUDE, second.text, "Bob")
    if turned:
        sought.set_reasons([second, first, *others])
    expected = second.text if turned else first.text
    assert sought.record(1).decisions[F].reason == expected
    assert sought.record(2).decisions[F].reason == second.text
    assert dict(sought.counts().reasons) == ({second.text: 2} if turned else {first.text: 1, second.text: 1})
    sound(sought)


def test_a_retired_reason_still_counts_in_its_place(sought: Review) -> None:
    sought.set_rule(F, Rule(RuleKind.TWO))
    first, second, *others = sought.reasons()
    sought.decide(1, F, Choice.EXCLUDE, second.text, "Ann")
    sought.decide(1, F, Choice.EXCLUDE, first.text, "Bob")
    sought.set_reasons([replace(first, retired=True), second, *others])
    assert sought.record(1).decisions[F].reason == first.text


def test_an_earlier_reviews_reasons_come_first_and_what_is_no_reason_is_retired() -> None:
    listed = first_list([Criterion("Design", "a trial")], ["Retracted", "Not available in full", "Wrong design"])
    assert [(one.text, one.retired) for one in listed][:3] == [
        *(("Retracted", False), ("Not available in full", True), ("Wrong design", False))
    ]
    assert "Wrong study design" not in {one.text for one in listed}


def test_there_are_keys_for_any_number_of_reasons() -> None:
    listed = first_list(Criterion(f"C{number}", "x") for number in range(60))
    assert len({one.key for one in listed}) == len(listed) == 63
    assert new_key(listed) not in {one.key for one in listed}


# ---------------------------------------------------------------- not retrieved


def test_what_could_not_be_had_is_not_retrieved_and_no_exclusion(sought: Review) -> None:
    assert sought.set_not_retrieved(1)
    assert not sought.set_not_retrieved(1)
    counts = sought.counts()
    assert (counts.sought, counts.not_retrieved, counts.not_retrieved_said) == (3, 3, 1)
    assert (counts.fulltext_excluded, counts.reasons, counts.assessed) == (0, (), 0)
    assert sought.record(1).not_retrieved_by == "Ann"
    assert sought.record_ids(F, RecordFilter.TO_DO) == [2, 3]
    sound(sought)
    assert sought.set_not_retrieved(1, False)
    assert sought.record(1).not_retrieved_by is None
    assert sought.record_ids(F, RecordFilter.TO_DO) == [1, 2, 3]
    sound(sought)


def test_a_full_text_that_comes_later_is_to_be_assessed(sought: Review, path: Path) -> None:
    sought.set_not_retrieved(1)
    _attach(sought, 1)
    counts = sought.counts()
    assert (counts.not_retrieved, counts.not_retrieved_said, counts.awaiting) == (2, 0, 1)
    assert sought.record(1).not_retrieved_by is None
    assert 1 in sought.record_ids(F, RecordFilter.TO_DO)
    assert sought.set_not_retrieved(1, False)
    with pytest.raises(ReviewError, match=r"record 1 has a full text that can be read \(a.pdf\)"):
        sought.set_not_retrieved(1)


def test_a_report_that_is_decided_or_not_sought_is_not_missing(sought: Review) -> None:
    sought.decide(1, F, Choice.EXCLUDE, "Wrong design")
    with pytest.raises(ReviewError, match="record 1 is decided at the fulltext stage"):
        sought.set_not_retrieved(1)
    sought.decide(2, A, Choice.EXCLUDE)
    with pytest.raises(ReviewError, match="record 2 is not included by its abstract"):
        sought.set_not_retrieved(2)
    sought.set_not_retrieved(3)
    sought.decide(3, F, Choice.INCLUDE)
    assert (sought.counts().not_retrieved_said, sought.counts().included) == (0, 1)


def test_a_duplicate_shares_it(review: Review, add: Import) -> None:
    twice = [Citation(title="Exercise in adults", doi="10.1/1")] * 2
    add(twice)
    review.decide(2, A, Choice.INCLUDE)
    review.set_not_retrieved(2)
    review.dedupe()
    head = review.record(2).id
    assert review.record(head).not_retrieved_by is not None
    assert review.set_not_retrieved(head, False)
    assert review.record(2).not_retrieved_by is None


def test_the_check_names_a_difference(sought: Review) -> None:
    sought.set_not_retrieved(1)
    with sought.db.transaction():
        sought.db.write("DELETE FROM retrieval")
    with contextlib.closing(sought.db.copied()) as moment:
        assert [told for told in log_check.find_breaks(moment) if told.startswith("what was not retrieved of")]


def _attach(review: Review, record: int) -> None:
    from leads_local.records import Document
    from leads_local.review.store import documents

    with review.db.transaction():
        documents.put(review.db, Document(path="a.pdf", sha256="a" * 64))
        documents.link(review.db, "a" * 64, record, "for a test")


# ---------------------------------------------------------------- the text


def test_the_text_is_read_back_to_the_same(review: Review) -> None:
    review.set_criteria([Criterion('De"sign', 'a "trial"\n# not a comment'), Criterion("B", "[[reason]]")])
    review.set_criteria([Criterion("Full", "text")], F)
    review.set_rule(A, Rule(RuleKind.SHARE, 0.2))
    review.set_keywords(Keywords(("trial", 'a "b"'), ("rat",)))
    review.set_form(Form("Own", fields=(Field("Country", "where"), Field("Year"))))
    review.set_reasons([replace(review.reasons()[0], retired=True), *review.reasons()[1:]])
    text = protocol_text.dumps(review.protocol())
    assert protocol_text.parse(text.encode(), "x", review.protocol()) == review.protocol()


def test_every_mistake_is_told_with_its_line(review: Review) -> None:
    text = protocol_text.dumps(review.protocol()).replace('kind = "one"', 'kind = "won"', 1)
    text = text.replace("population =", "populaton =").replace('key = "2"', 'key = "1"').replace("[form]", "[fom]")
    lines = text.split("\n")
    with pytest.raises(InputError) as caught:
        protocol_text.parse(text.encode(), "p.toml", review.protocol())
    for told, line in (
        ("there is no 'populaton' here", 'populaton = "'),
        ("kind is one of one, two, second-check, share, latest, not 'won'", 'kind = "won"'),
        ("there is no 'fom' here", "[fom]"),
    ):
        number = next(number for number, found in enumerate(lines, 1) if found.startswith(line))
        assert f"p.toml, line {number}: {told}" in caught.value.message
    assert "the reason '2'" in caught.value.message


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('stage = "abstract"', 'stage = "title"', "stage is"),
        ("[keywords]", "[keywords]\ninclude = 3\n[more]", "include is a list of texts"),
        ("[question]", "[question", "it is not TOML"),
        ("\n[[form.field]]\nname =", "\n[[form.field]]\nnam =", r"line \d+, \[\[form.field\]\] number 1"),
        ('[[rule]]\nstage = "fulltext"\nkind = "one"', "", "there is no .*rule.* for the stage fulltext"),
        ('kind = "one"', 'kind = "share"', "share goes with kind share"),
        ('kind = "one"', 'kind = "share"\nshare = 7', "share is a number from 0 to 1"),
        ('text = "Wrong population"', 'text = "Wrong population"\nretired = 1', "retired is true or false"),
        ("# Reasons", '[[criterion]]\nname = "population"\ntext = "x"\n# Reasons', "another criterion is called"),
        ("# Reasons", '[[criterion]]\nname = ""\ntext = "x"\n# Reasons', "needs a name and a text"),
        ("[question]", "question = 3\n[more]", "question is written as"),
    ],
)
def test_a_mistake_is_one_sentence(review: Review, old: str, new: str, told: str) -> None:
    text = protocol_text.dumps(review.protocol())
    assert old in text
    with pytest.raises(InputError, match=f"p.toml.*{told}"):
        protocol_text.parse(text.replace(old, new, 1).encode(), "p.toml", review.protocol())


def test_texts_over_lines_do_not_shift_the_lines_told(review: Review) -> None:
    text = protocol_text.dumps(review.protocol()).replace("[question]", '[question]\ntitel = """\n[[rule]]\n# x\n"""')
    text = text.replace('kind = "one"', 'kind = "won"', 1)
    line = text.split("\n").index('kind = "won"') + 1
    with pytest.raises(InputError, match=rf"line {line}: kind is one of"):
        protocol_text.parse(text.encode(), "p.toml", review.protocol())


# ---------------------------------------------------------------- changing it as a whole


def test_a_change_is_one_gesture(review: Review) -> None:
    review.acting = "Ann"
    before = review.protocol()
    wanted = replace(
        before,
        question=Question(title="New", population="children"),
        rules={A: Rule(RuleKind.TWO), F: Rule()},
        keywords=Keywords(("trial",)),
    )
    assert review.set_protocol(wanted, before)
    assert review.protocol() == wanted
    assert not review.set_protocol(wanted)
    sound(review)
    assert {act.kind for act, _ in review.undo_last()} == {"question", "rule", "keywords", "form"}
    assert review.protocol() == before
    sound(review)


def test_what_somebody_changed_meanwhile_is_not_overwritten(review: Review) -> None:
    seen = review.protocol()
    review.set_rule(A, Rule(RuleKind.TWO))
    with pytest.raises(ReviewError, match="changed by somebody else meanwhile"):
        review.set_protocol(replace(seen, keywords=Keywords(("trial",))), seen)
    assert review.rules()[A].kind is RuleKind.TWO


def test_a_protocol_that_can_not_be_changes_nothing(review: Review) -> None:
    before = review.protocol()
    twice = {**before.criteria, "": (Criterion("Same", "x"), Criterion("same", "y"))}
    with pytest.raises(ReviewError, match="two criteria called"):
        review.set_protocol(replace(before, criteria=twice, keywords=Keywords(("trial",))))
    assert review.protocol() == before
    sound(review)


# ---------------------------------------------------------------- the form


def test_the_form_follows_the_question_until_it_is_stored(review: Review) -> None:
    review.set_question(Question(population="adults", outcome="pain; sleep"))
    assert [one.name for one in review.form().outcomes] == ["pain", "sleep"]
    own = Form("Own", fields=(Field("Country"),))
    assert review.set_form(own)
    assert not review.set_form(own)
    review.set_question(Question(population="adults", outcome="death"))
    assert review.form() == own
    review.close()
    with Review.open(review.path) as again:
        assert again.form() == own


def test_the_form_that_a_document_shows_is_the_form_that_holds(review: Review) -> None:
    seen = review.protocol()
    review.set_protocol(replace(seen, question=replace(seen.question, outcome="something else")), seen)
    assert review.form() == seen.form != forms.for_question(review.question)


# ---------------------------------------------------------------- locks and history


def test_a_lock_says_what_when_and_by_whom_and_later_changes_are_deviations(review: Review) -> None:
    review.acting = "Ann"
    review.set_rule(A, Rule(RuleKind.TWO))
    lock = review.lock_protocol()
    assert lock.by == "Ann"
    assert lock.sha256 == protocol_text.sha256_of(review.protocol())
    assert review.lock_protocol() == lock
    assert review.locks() == [lock]
    review.acting = "Bob"
    review.set_keywords(Keywords(("trial",)))
    review.undo_last()
    told = [(change.by, change.deviation, change.undoes, bool(change.lock)) for change in review.protocol_history()]
    assert told[1:] == [
        *(("Ann", False, False, False), ("Ann", False, False, True), ("Bob", True, False, False)),
        ("Bob", True, True, False),
    ]
    assert review.protocol_history()[-1].after == review.protocol()


def test_a_lock_pins_the_form_that_is_used(review: Review) -> None:
    before = review.form()
    review.lock_protocol()
    review.set_question(replace(review.question, outcome="something else"))
    assert review.form() == before


def test_a_lock_that_was_taken_back_makes_no_deviation(review: Review) -> None:
    review.acting = "Ann"
    review.lock_protocol()
    review.undo_last()
    review.set_keywords(Keywords(("trial",)))
    assert review.locks() == []
    assert not any(change.deviation for change in review.protocol_history())


def test_the_history_needs_no_decisions(sought: Review) -> None:
    before = sought.protocol_history()
    sought.decide(1, F, Choice.EXCLUDE)
    sought.undo_last()
    assert sought.protocol_history() == before


# ---------------------------------------------------------------- earlier wording


def judge(review: Review, record: int, word: Eligibility, stage: Stage = A) -> None:
    """Have a model's judgement by the criteria that are asked now stand."""
    from leads_local.review.store import screenings

    judged = [Judgement(criterion, word, "") for criterion in review.criteria(stage)]
    with review.db.transaction():
        reply = review.db.insert(
            "INSERT INTO reply (record_id, task, stage, item, key, text, finish, reason, prompt_tokens, shared_tokens, "
            "output_tokens, forced_tokens, seconds, model, model_sha256, pack, left_out, at) VALUES "
            "(?, 'screening', ?, '', ?, '', 'stop', '', 0, 0, 0, 0, 0, 'm', '', 'default', '[]', '')",
            (record, stage, f"{record}{stage}{[one.criterion.id for one in judged]}"),
        )
        screenings.add_judgements(review.db, reply, judged)
        suggestions.set_newest(review.db, record, stage, [reply], judged)


def test_judgements_by_an_earlier_wording_are_told_and_count_in_no_score(sought: Review) -> None:
    for record in (1, 2):
        judge(sought, record, Eligibility.YES)
    assert sought.stale(A) == []
    question = sought.question
    sought.set_question(replace(question, population="children"))
    judge(sought, 2, Eligibility.NO)
    assert sought.stale(A) == [1]
    assert [sought.record(record).screenings[A].stale for record in (1, 2)] == [True, False]
    assert [one.score for one in sought.summaries([1, 2, 3])] == [None, -1.0, None]
    assert sought.record_ids(A, order=RecordOrder.SCORE)[0] == 2
    assert sought.record_ids(A, order=RecordOrder.CHANCE)[0] == 2
    from leads_local.review.store import lists, screenings

    assert lists.decided_scores(sought.db, A) == [(-1.0, True)]
    assert [record for record, _ in screenings.scores(sought.db)] == [2]
    assert {record: view.stale for record, _, view in suggestions.stream(sought.db)} == {1: True, 2: False}
    sought.set_question(question)
    assert sought.stale(A) == [2], "the old words are asked again"


def test_a_new_criterion_leaves_what_was_judged_without_it_behind(sought: Review) -> None:
    judge(sought, 1, Eligibility.YES)
    judge(sought, 1, Eligibility.YES, F)
    sought.set_criteria([Criterion("Setting", "a clinic")], F)
    assert (sought.stale(A), sought.stale(F)) == ([], [1])


def test_a_title_or_the_order_of_criteria_is_no_other_wording(sought: Review) -> None:
    sought.set_criteria([Criterion("Design", "a trial"), Criterion("Year", "2000 on")])
    judge(sought, 1, Eligibility.YES)
    sought.set_criteria([Criterion("Year", "2000 on"), Criterion("Design", "a trial")])
    sought.set_question(replace(sought.question, title="Another"))
    assert sought.stale(A) == []


def test_what_was_decided_by_an_earlier_wording_is_told(sought: Review) -> None:
    assert sought.decided_earlier(A) == []
    question = sought.question
    sought.acting = "Ann"
    sought.set_question(replace(question, title="Another"))
    assert sought.decided_earlier(A) == [], "a title is no wording of a criterion"
    sought.set_question(replace(question, population="children"))
    sought.decide(2, A, Choice.INCLUDE)
    assert sought.decided_earlier(A) == [1, 3]
    assert sought.record_ids(A, RecordFilter.EARLIER_WORDING) == [1, 3]
    sought.decide(1, F, Choice.EXCLUDE, "too old")
    sought.set_criteria([Criterion("Setting", "a clinic")], F)
    assert (sought.decided_earlier(A), sought.decided_earlier(F)) == ([1, 3], [1])
    sought.undo_last()
    assert sought.decided_earlier(F) == []
    sought.set_question(question)
    assert sought.decided_earlier(A) == [2], "the old words are asked again"


def test_two_who_agree_decided_when_the_first_did_and_a_third_when_they_settled_it(sought: Review) -> None:
    sought.set_rule(A, Rule(RuleKind.TWO))
    sought.decide(1, A, Choice.EXCLUDE, reviewer="Ann")
    sought.decide(2, A, Choice.EXCLUDE, reviewer="Ann")
    sought.decide(2, A, Choice.INCLUDE, reviewer="Bob")
    sought.set_question(replace(sought.question, population="children"))
    sought.decide(1, A, Choice.EXCLUDE, reviewer="Bob")
    sought.adjudicate(2, A, Choice.EXCLUDE, reviewer="Cem")
    assert sought.decided_earlier(A) == [1]


def test_a_retrieval_of_no_record_is_refused_by_the_file(review: Review) -> None:
    with pytest.raises((ReviewError, sqlite3.Error)), review.db.transaction():
        review.db.write("INSERT INTO retrieval (record_id, reviewer, at) VALUES (99, '', '')")
