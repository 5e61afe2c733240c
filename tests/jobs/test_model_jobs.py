"""Model work: killed and resumed is the same as not killed, and what was announced is on disk."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from leads_local.config import Settings
from leads_local.engine import on_demand as on_demand_module
from leads_local.engine.on_demand import ModelOnDemand
from leads_local.engine.types import FinishReason, Reply, Request
from leads_local.errors import InputError, ModelError, ReviewError
from leads_local.jobs import context_budget, job_queue, lease, model_jobs
from leads_local.jobs.papers import PaperShelf
from leads_local.records import Choice, Question, Stage
from leads_local.review.database import Database
from leads_local.review.read_models import RecordFilter
from leads_local.review.review import Review
from leads_local.review.store import documents
from tests.fake_engine import FakeEngine
from tests.jobs import work_fixture as fixture
from tests.jobs.work_fixture import engine, make, result, work

JOBS = ["abstract", "fulltext", "extract"]


@pytest.fixture
def review(path: Path) -> Iterator[Review]:
    make(path)
    with Review.open(path) as opened:
        yield opened


@pytest.fixture
def other(review: Review, tmp_path: Path) -> Iterator[Callable[[], Review]]:
    """Another review that is the same as the first was at the beginning."""
    review.db.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    start = tmp_path / "start.leads"
    shutil.copy(review.path, start)
    with ExitStack() as opened:
        made = iter(range(100))

        def copy() -> Review:
            file = tmp_path / f"copy{next(made)}.leads"
            shutil.copy(start, file)
            return opened.enter_context(Review.open(file))

        yield copy


@pytest.mark.parametrize("job", JOBS)
def test_every_progress_is_on_disk_when_it_arrives(review: Review, job: str) -> None:
    with Review.open(review.path) as watcher:
        last = None
        for last in work(review, job, engine()):
            assert watcher.work().done == last.done
            assert last.failed == 0
        assert last is not None
        assert last.done == last.total
        assert review.work().pending == 0


@pytest.mark.parametrize("job", JOBS)
def test_work_is_done_once(review: Review, job: str) -> None:
    assert list(work(review, job, engine()))
    before, again = result(review.db), engine()
    assert list(work(review, job, again)) == []
    assert again.seen == []
    assert list(work(review, job, again, retry=True)) == []
    assert result(review.db) == before


@pytest.mark.parametrize("job", JOBS)
@pytest.mark.parametrize("after", [1, 4, 9])
def test_killed_and_resumed_is_not_killed(review: Review, other: Callable[[], Review], job: str, after: int) -> None:
    whole = other()
    list(work(whole, job, engine()))
    total = whole.work().done
    program = subprocess.Popen(
        [sys.executable, fixture.__file__, str(review.path), job, "0.03"], stdout=subprocess.PIPE, text=True
    )
    assert program.stdout is not None
    announced = 0
    for line in program.stdout:
        announced = int(line)
        if announced >= min(after, total - 1):
            break
    program.kill()
    program.wait()
    program.stdout.close()
    with Review.open(review.path) as resumed:
        assert announced <= resumed.work().done < total
        rest = list(work(resumed, job, engine()))
        assert rest[-1].done == rest[-1].total <= total - announced
        assert result(resumed.db) == result(whole.db)


@pytest.mark.parametrize("job", JOBS)
@pytest.mark.parametrize("options", [{"window": 1}, {"window": 3, "reverse": True}, {"window": 100, "reverse": True}])
def test_the_order_of_replies_does_not_matter(
    review: Review, other: Callable[[], Review], job: str, options: dict[str, int]
) -> None:
    whole = other()
    list(work(whole, job, engine()))
    list(work(review, job, engine(**options)))
    assert result(review.db) == result(whole.db)


@pytest.mark.parametrize("job", JOBS)
def test_a_model_that_gives_up_leaves_what_it_answered(review: Review, other: Callable[[], Review], job: str) -> None:
    with pytest.raises(ModelError):
        list(work(review, job, engine(dies_after=3)))
    assert review.work().done == 3
    assert "3 of" in review.events()[-1].text
    list(work(review, job, engine()))
    whole = other()
    list(work(whole, job, engine()))
    assert result(review.db) == result(whole.db)


@pytest.mark.parametrize("job", JOBS)
def test_what_is_cancelled_stays_pending(review: Review, other: Callable[[], Review], job: str) -> None:
    cancel = threading.Event()
    for progress in work(review, job, engine(), cancel=cancel):
        if progress.done == 2:
            cancel.set()
    state = review.work()
    assert 2 <= state.done < state.total
    assert all(failure.reason.startswith("The record has neither") for failure in review.failures())
    list(work(review, job, engine()))
    whole = other()
    list(work(whole, job, engine()))
    assert result(review.db) == result(whole.db)


def test_looking_through_many_records_can_be_seen_and_stopped(review: Review, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_queue, "ROWS_PER_TRANSACTION", 2)
    monkeypatch.setattr(model_jobs, "_REPORTS_PER_NOTE", 4)
    cancel, seen = threading.Event(), []
    for progress in work(review, "abstract", engine(), cancel=cancel):
        seen.append((progress.done, progress.total))
        if len(seen) == 2:
            cancel.set()
    assert seen == [(0, 0), (0, 0)]
    assert review.work().done == 0
    seen = [(progress.done, progress.total) for progress in work(review, "abstract", engine())]
    assert seen[:3] == [(0, 0)] * 3
    assert seen[-1] == (11, 11)


@pytest.mark.parametrize("job", JOBS)
def test_leaving_early_loses_nothing_that_was_announced(review: Review, job: str) -> None:
    steps = iter(work(review, job, engine()))
    next(steps)
    next(steps)
    steps.close()  # type: ignore[attr-defined]
    assert review.work().done == 2
    assert "ended: 2 of" in review.events()[-1].text


def test_a_failure_belongs_to_its_record_and_keeps_its_text(review: Review) -> None:
    bad = engine(errors={"abstract/screening/3": "The prompt is too long."}, cut=["abstract/screening/5"])
    last = list(work(review, "abstract", bad))[-1]
    assert (last.done, last.failed) == (11, 2)
    failures = {failure.record_id: failure for failure in review.failures()}
    assert failures[3].reason == "The prompt is too long."
    assert "cut off" in failures[5].reason
    assert failures[5].raw.startswith('{"evaluations"')
    assert failures[12].raw == ""
    assert review.record_ids(Stage.ABSTRACT, RecordFilter.NEEDS_LOOK) == [3, 5, 12]
    assert [summary.failed for summary in review.summaries([3, 4])] == [True, False]
    assert review.record(3).failure == failures[3]
    assert 3 not in [record for record in review.record_ids(Stage.ABSTRACT) if review.record(record).screenings]


def test_a_failure_is_asked_again_only_with_retry(review: Review, other: Callable[[], Review]) -> None:
    list(work(review, "abstract", engine(errors={"abstract/screening/3": "No."})))
    again = engine()
    assert list(work(review, "abstract", again)) == []
    assert [progress.record_id for progress in work(review, "abstract", again, retry=True)] == [3]
    assert [failure.record_id for failure in review.failures()] == [12]
    replies = review.db.rows("SELECT reason FROM reply WHERE record_id = 3 ORDER BY id")
    assert [row["reason"] for row in replies] == ["No.", ""]


def judged(review: Review, record: int = 1) -> list[str]:
    return [judgement.criterion.text for judgement in review.record(record).judgements.get(Stage.ABSTRACT, ())]


def test_other_criteria_are_asked_anew_and_the_old_answers_used_again(review: Review) -> None:
    list(work(review, "abstract", engine()))
    before = {record: review.record(record).screenings for record in review.record_ids(Stage.ABSTRACT)}
    review.set_question(Question(population="children"))
    asked = engine()
    list(work(review, "abstract", asked))
    assert len(asked.seen) == 11
    assert judged(review) == ["children", "randomised"]
    review.set_question(Question(population="adults", outcome="pain"))
    asked = engine()
    assert list(work(review, "abstract", asked)) == []
    assert asked.seen == []
    assert {record: review.record(record).screenings for record in review.record_ids(Stage.ABSTRACT)} == before


@pytest.mark.parametrize("changes", [{"sha256": "1" * 64}, {"sha256": "", "quantization": "Q8_0"}])
def test_another_model_is_asked_anew(review: Review, changes: dict[str, str]) -> None:
    list(work(review, "abstract", engine()))
    asked = engine(model=fixture.model(**changes))
    list(work(review, "abstract", asked))
    assert len(asked.seen) == 11


def test_another_prompt_pack_is_asked_anew(review: Review) -> None:
    list(work(review, "abstract", engine()))
    asked = engine()
    list(work(review, "abstract", asked, pack=replace(fixture.PACK, name="other")))
    assert len(asked.seen) == 11


def test_screening_needs_criteria(path: Path) -> None:
    with Review.create(path, Question(title="Nothing")) as empty, pytest.raises(InputError, match="no criteria"):
        list(work(empty, "abstract", engine()))


def test_a_models_word_never_changes_a_decision(review: Review) -> None:
    review.decide(1, Stage.ABSTRACT, Choice.EXCLUDE, "mine", "Ann")
    before = {record: review.record(record).decisions for record in review.record_ids(Stage.ABSTRACT)}
    for job in JOBS:
        list(work(review, job, engine()))
    assert {record: review.record(record).decisions for record in review.record_ids(Stage.ABSTRACT)} == before


def test_duplicates_are_screened_once(review: Review) -> None:
    with review.db.transaction():
        from leads_local.review.store import groups

        groups.form_group(review.db, 1, [1, 2, 3], ["for a test"])
    asked = engine()
    list(work(review, "abstract", asked))
    assert len(asked.seen) == 9


def test_order_by_score(review: Review) -> None:
    from leads_local.review.read_models import RecordOrder

    list(work(review, "abstract", engine()))
    ids = review.record_ids(Stage.ABSTRACT, order=RecordOrder.SCORE)
    scores = [summary.score for summary in review.summaries(ids)]
    assert ids[-1] == 12
    assert scores[-1] is None
    assert scores[:-1] == sorted((score for score in scores if score is not None), reverse=True)


def test_a_review_can_be_worked_on_while_the_model_works(review: Review) -> None:
    with Review.open(review.path) as person:
        for progress in work(review, "abstract", engine()):
            person.decide(progress.record_id, Stage.ABSTRACT, Choice.MAYBE)
        assert person.counts().maybe == 11


@pytest.mark.parametrize("job", JOBS)
def test_a_person_may_decide_while_work_is_planned(review: Review, job: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from leads_local.review.store import job_rows as store

    ask_anew, asked = store.make_pending, []

    def slow(db: Database, question: store.RowQuestion) -> store.QuestionRow:
        asked.append(question)
        return ask_anew(db, question)

    transaction, person = Database.transaction, Review.open(review.path)

    def between(self: Database) -> object:
        if self is review.db and asked:
            person.decide(1, Stage.ABSTRACT, Choice.INCLUDE, reviewer="Ann")
        return transaction(self)

    monkeypatch.setattr(job_queue, "ROWS_PER_TRANSACTION", 2)
    monkeypatch.setattr(store, "make_pending", slow)
    monkeypatch.setattr(Database, "transaction", between)
    list(work(review, job, engine()))
    monkeypatch.undo()
    assert review.work().pending == 0
    person.close()


@pytest.fixture
def two_at_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second job believes the first to be gone, as one on another computer may after hours without a word."""
    monkeypatch.setattr(lease, "_is_held", lambda standing, mine: False)


@pytest.mark.usefixtures("two_at_work")
def test_a_question_that_changed_meanwhile_keeps_its_new_form(review: Review) -> None:
    """Criteria changed and planned by another process while a reply was on its way: the late reply is kept, and settles
    nothing."""

    def answer(request: Request) -> Reply:
        if request.id == "abstract/screening/1":
            with Review.open(review.path) as person:
                person.set_question(Question(population="children"))
                steps = iter(work(person, "abstract", FakeEngine(dies_after=0, model=fixture.model())))
                with pytest.raises(ModelError):
                    next(steps)
        return Reply("", '{"evaluations": []}', FinishReason.STOP)

    list(work(review, "abstract", engine(answer=answer, window=1)))
    assert review.work().pending == 11
    assert review.db.number("SELECT count(*) FROM reply") == 11


@pytest.mark.usefixtures("two_at_work")
def test_a_late_good_answer_never_replaces_the_answer_to_the_newer_question(review: Review) -> None:
    """Criteria changed and screened by another process while a reply was on its way."""

    def say(text: str) -> str:
        return json.dumps({"evaluations": [{"eligibility": "YES", "rationale": text}] * 3})

    def answer(request: Request) -> str:
        if request.id == "abstract/screening/1":
            with Review.open(review.path) as person:
                person.set_question(Question(population="children", outcome="pain"))
                list(work(person, "abstract", engine(answer=lambda _: say("new"))))
        return say("old")

    list(work(review, "abstract", engine(answer=answer, window=1)))
    assert {j.rationale for record in range(1, 12) for j in review.record(record).judgements[Stage.ABSTRACT]} == {"new"}
    assert review.db.number("SELECT count(*) FROM reply") == 22


@pytest.mark.usefixtures("two_at_work")
def test_two_processes_that_do_the_same_work_store_it_once(review: Review, other: Callable[[], Review]) -> None:
    whole, others = other(), iter([True])

    def answer(request: Request) -> str:
        if next(others, False):
            with Review.open(review.path) as second:
                list(work(second, "extract", engine()))
        return engine()._default(request)

    list(work(review, "extract", engine(answer=answer)))
    list(work(whole, "extract", engine()))
    assert result(review.db)["values"] == result(whole.db)["values"]
    assert result(review.db)["work"] == result(whole.db)["work"]


@pytest.mark.parametrize("job", JOBS)
def test_an_error_once_the_work_was_told_to_stop_is_no_failure(review: Review, job: str) -> None:
    cancel = threading.Event()

    def answer(request: Request) -> Reply:
        cancel.set()
        return Reply("", "", FinishReason.ERROR, "The model process was closed.")

    list(work(review, job, engine(answer=answer), cancel=cancel))
    assert all(failure.reason.startswith("The record has neither") for failure in review.failures())
    assert review.db.number("SELECT count(*) FROM reply") == 0


@pytest.mark.parametrize("job", ["fulltext", "extract"])
def test_papers_that_fit_are_not_asked_about_again_when_another_context_fits_into_memory(
    review: Review, job: str
) -> None:
    list(work(review, job, engine()))
    asked = engine(model=fixture.model(context=24576))
    assert list(work(review, job, asked)) == []
    assert asked.seen == []


def test_looking_through_many_papers_can_be_seen_and_stopped(review: Review, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_jobs, "_PAPERS_PER_NOTE", 1)
    cancel, seen = threading.Event(), []
    for progress in work(review, "extract", engine(), cancel=cancel):
        seen.append((progress.done, progress.total))
        if len(seen) == 2:
            cancel.set()
    assert seen == [(0, 0), (0, 0)]


def on_demand(using: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> ModelOnDemand:
    """An engine that becomes ``using`` when it is asked something, and notes that in ``LOADED``; its context is not
    known before, nor a hash of another file than was read before."""
    LOADED.clear()
    monkeypatch.setattr(on_demand_module, "known_model", lambda settings: replace(using.model, context=0))

    def load(settings: Settings, tell: Callable[[float], None]) -> FakeEngine:
        tell(1.0)
        LOADED.append(using)
        return using

    return ModelOnDemand(Settings(), load, threading.Event())


LOADED: list[FakeEngine] = []


@pytest.mark.parametrize("job", JOBS)
def test_the_model_is_loaded_only_when_there_is_something_to_ask(
    review: Review, job: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert list(work(review, job, on_demand(engine(), monkeypatch)))
    assert len(LOADED) == 1
    before = result(review.db)
    assert list(work(review, job, on_demand(engine(), monkeypatch))) == []
    assert LOADED == []
    assert result(review.db) == before
    review.set_question(Question(population="children"))
    list(work(review, job, on_demand(engine(), monkeypatch)))
    assert bool(LOADED) == (job != "extract")


@pytest.mark.parametrize("job", JOBS)
def test_what_failed_needs_no_model_until_it_is_asked_again(
    review: Review, job: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = {"extract": "extraction/arms/2"}.get(job, f"{job}/screening/2")
    list(work(review, job, engine(errors={name: "No."})))
    assert list(work(review, job, on_demand(engine(), monkeypatch))) == []
    assert LOADED == []
    assert list(work(review, job, on_demand(engine(), monkeypatch), retry=True))
    assert len(LOADED) == 1


def test_what_is_no_record_or_not_judged_is_refused_before_a_model_is_loaded(
    review: Review, monkeypatch: pytest.MonkeyPatch
) -> None:
    for record, said in ((99999, "no record 99999"), (2, "not judged record 2")):
        with pytest.raises(ReviewError, match=said):
            list(
                model_jobs.give_reasons(
                    review, on_demand(engine(), monkeypatch), Stage.ABSTRACT, fixture.PACK, [record]
                )
            )
    assert LOADED == []


def test_a_paper_is_read_laid_out_and_counted_once(review: Review, monkeypatch: pytest.MonkeyPatch) -> None:
    """By two jobs that share a shelf, and not at all by two that find all answered."""
    read: list[str] = []
    laid_out: list[tuple[object, ...]] = []
    whole, lay_out = documents.read, context_budget.lay_out_paper

    def count(db: Database, sha256: str) -> object:
        read.append(sha256)
        return whole(db, sha256)

    monkeypatch.setattr(documents, "read", count)
    monkeypatch.setattr(context_budget, "lay_out_paper", lambda *given: (laid_out.append(given), lay_out(*given))[1])
    using = engine()
    monkeypatch.setattr(context_budget, "_has_fewer_bytes", lambda text, budget: False)
    shelf = PaperShelf(review.db, using)
    for job in ("fulltext", "extract"):
        assert list(work(review, job, using, shelf=shelf))
    assert len(read) == len(set(read)) == 4
    counted = [text for text in using.counted if "points." in text and "# " not in text]
    assert len(counted) == len(set(counted)) == 4
    assert len(laid_out) == 8  # once for each job, which have room for more or less of a paper
    for job in ("fulltext", "extract"):
        again = engine()
        assert list(work(review, job, again)) == []
        assert again.counted == []
    assert len(read) == 4
