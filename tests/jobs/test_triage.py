"""Triage: words first, reasons where someone must look, and never a judgement changed by its reason."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from leads_local.engine.types import Reply, Request
from leads_local.errors import ReviewError
from leads_local.jobs import job_queue, model_jobs
from leads_local.records import Choice, Criterion, Eligibility, PaperPosition, ScreeningMethod, ScreeningMode, Stage
from leads_local.review import suggestions
from leads_local.review.database import Database
from leads_local.review.read_models import RecordFilter, RecordOrder
from leads_local.review.review import Review
from leads_local.tasks import screening as task
from tests.fake_engine import FakeEngine
from tests.jobs.work_fixture import PACK, engine, make, model, result, work

TRIAGE = ScreeningMethod(ScreeningMode.TRIAGE)


@pytest.fixture
def review(path: Path) -> Iterator[Review]:
    make(path)
    with Review.open(path) as opened:
        yield opened


def words_of(request: Request) -> list[str]:
    """The words that a schema leaves or forces, a sure YES or NO or an unsure word by a hash of the prompt where it is
    free."""
    assert request.schema is not None
    evaluations = request.schema["properties"]["evaluations"]
    if "prefixItems" in evaluations:
        return [entry["properties"]["eligibility"]["const"] for entry in evaluations["prefixItems"]]
    digest = hashlib.sha256(request.prompt.encode()).digest()
    return [list(Eligibility)[digest[n] % 4].value for n in range(evaluations["minItems"])]


def answer(request: Request) -> Reply:
    """Words with their probabilities, reasons where the schema lets there be any."""
    assert request.schema is not None
    evaluations = request.schema["properties"]["evaluations"]
    words = words_of(request)
    entries = evaluations.get("prefixItems") or [evaluations["items"]] * len(words)
    said = []
    for word, entry in zip(words, entries, strict=True):
        free = "const" not in entry["properties"]["rationale"]
        said.append({"eligibility": word, "rationale": f"because {word}" if free else ""})
    choices: Sequence[tuple[tuple[str, float], ...]] = ()
    if "prefixItems" not in evaluations:
        choices = [tuple((w.value[:2], 0.85 if w == word else 0.05) for w in Eligibility) for word in words]
    return Reply("", json.dumps({"evaluations": said}), choices=tuple(choices))


def asked(**options: object) -> FakeEngine:
    return engine(answer=answer, **options)


def kinds(seen: FakeEngine) -> list[str]:
    return [request.id.split("/")[1] for request in seen.seen]


def test_words_come_first_and_reasons_only_where_someone_must_look(review: Review) -> None:
    seen = asked()
    list(work(review, "abstract", seen, way=TRIAGE))
    kind = kinds(seen)
    assert kind == sorted(kind, reverse=True)  # screening, then rationale
    unsure = 0
    for record in range(1, 12):
        screening = review.record(record).screenings[Stage.ABSTRACT]
        assert screening.way == TRIAGE
        for judgement in screening.judgements:
            assert judgement.chances is not None
            assert sum(judgement.chances.of(word) for word in Eligibility) == pytest.approx(1)
            assert bool(judgement.rationale) == task.is_unsure(judgement)
            unsure += task.is_unsure(judgement)
        assert screening.expected == pytest.approx(task.expected_score(screening.judgements))
    assert kind.count("rationale") == unsure > 3


def test_the_most_promising_are_explained_first(review: Review) -> None:
    seen = asked(window=1)
    list(work(review, "abstract", seen, way=TRIAGE))
    scores = [
        review.record(int(r.id.split("/")[2])).screenings[Stage.ABSTRACT].expected
        for r in seen.seen
        if "rationale" in r.id
    ]
    assert scores == sorted(scores, key=lambda score: -(score or 0))


def test_a_full_text_is_explained_while_it_is_fresh(review: Review) -> None:
    seen = asked(window=1)
    list(work(review, "fulltext", seen, way=TRIAGE))
    records = [request.id.split("/")[2] for request in seen.seen]
    assert "rationale" in kinds(seen)
    assert records == sorted(records)


@pytest.mark.parametrize("stage", ["abstract", "fulltext"])
@pytest.mark.parametrize("after", [1, 9])
def test_stopped_and_resumed_is_not_stopped(tmp_path: Path, stage: str, after: int) -> None:
    make(tmp_path / "whole.leads")
    make(tmp_path / "stopped.leads")
    with Review.open(tmp_path / "whole.leads") as whole, Review.open(tmp_path / "stopped.leads") as stopped:
        list(work(whole, stage, asked(), way=TRIAGE))
        cancel = threading.Event()
        for progress in work(stopped, stage, asked(window=1), way=TRIAGE, cancel=cancel):
            if progress.done == after:
                cancel.set()
        assert len(result(stopped.db)["answers"]) < len(result(whole.db)["answers"])
        rest = list(work(stopped, stage, asked()))  # goes on in the way in which it was begun
        assert rest[-1].done == rest[-1].total
        assert result(stopped.db) == result(whole.db)
        again = asked()
        assert list(work(stopped, stage, again)) == []
        assert again.seen == []


def test_reasons_on_demand_leave_the_judgement_and_the_decision_as_they_are(review: Review) -> None:
    list(work(review, "abstract", asked(), way=TRIAGE))
    before = review.record(3)
    words = before.screenings[Stage.ABSTRACT]
    assert any(not judgement.rationale for judgement in words.judgements)
    seen = asked()
    list(model_jobs.give_reasons(review, seen, Stage.ABSTRACT, PACK, [3]))
    after = review.record(3)
    explained = after.screenings[Stage.ABSTRACT]
    assert all(judgement.rationale for judgement in explained.judgements)
    assert [replace(j, rationale="") for j in explained.judgements] == [
        replace(j, rationale="") for j in words.judgements
    ]
    assert (explained.reply_id, explained.score, explained.expected) == (words.reply_id, words.score, words.expected)
    assert after.decisions == before.decisions
    assert list(model_jobs.give_reasons(review, asked(), Stage.ABSTRACT, PACK, [3])) == []
    assert list(work(review, "abstract", asked())) == []  # what was asked on demand is not asked again


def test_a_reason_is_asked_with_the_words_that_stand(review: Review) -> None:
    seen = asked()
    list(work(review, "abstract", seen, way=TRIAGE))
    for request in seen.seen:
        if "rationale" in request.id:
            record = int(request.id.split("/")[2])
            stand = [j.eligibility for j in review.record(record).screenings[Stage.ABSTRACT].judgements]
            words = words_of(request)
            assert words == stand[: len(words)]


def test_reasons_of_what_was_not_judged_are_refused(review: Review) -> None:
    with pytest.raises(ReviewError, match="not judged record 2"):
        list(model_jobs.give_reasons(review, asked(), Stage.ABSTRACT, PACK, [2]))


def test_another_model_can_not_say_why(review: Review) -> None:
    list(work(review, "abstract", asked(), way=TRIAGE))
    with pytest.raises(ReviewError, match="judged by fake, and another model"):
        list(model_jobs.give_reasons(review, asked(model=model(name="other")), Stage.ABSTRACT, PACK, [3]))


def test_another_way_asks_all_again_and_the_way_is_kept_with_the_work(review: Review) -> None:
    assert review.begun_method(Stage.ABSTRACT) is None
    list(work(review, "abstract", asked(), way=TRIAGE))
    assert review.begun_method(Stage.ABSTRACT) == TRIAGE
    full = asked()
    list(work(review, "abstract", full, way=ScreeningMethod()))
    assert len(full.seen) == 11
    assert review.begun_method(Stage.ABSTRACT) == ScreeningMethod()
    first = ScreeningMethod(ScreeningMode.TRIAGE, PaperPosition.CRITERIA_FIRST)
    last = asked()
    list(work(review, "abstract", last, way=first))
    words = [request.prompt for request in last.seen if "/screening/" in request.id]
    shared = len(words[0]) - len(words[0].split("# PAPER DETAILS #")[1])
    assert all(prompt[:shared] == words[0][:shared] for prompt in words)
    assert {row[0] for row in review.db.rows("SELECT layout FROM reply WHERE item = '' ORDER BY id DESC LIMIT 11")} == {
        "criteria-first"
    }
    back = asked()
    list(work(review, "abstract", back, way=TRIAGE))
    assert back.seen == []  # the same question was answered before
    assert review.begun_method(Stage.ABSTRACT) == TRIAGE


def test_reasons_that_nobody_wants_any_more_are_forgotten_as_work_and_kept_as_answers(review: Review) -> None:
    list(work(review, "abstract", engine(answer=lambda r: answer(r) if "/screening/" in r.id else "none"), way=TRIAGE))
    assert review.work().failed > 5
    list(model_jobs.give_reasons(review, asked(), Stage.ABSTRACT, PACK, [3]))
    given = len(review.db.rows("SELECT 1 FROM rationale"))
    review.set_criteria([Criterion("Design", "another one")])
    list(work(review, "abstract", asked(), way=TRIAGE))
    state = review.work()
    assert (state.pending, state.failed) == (0, 1)  # the empty record
    assert len(review.db.rows("SELECT 1 FROM rationale")) > given


def test_the_list_by_chance_is_in_the_order_of_the_calibrated_probabilities(review: Review) -> None:
    list(work(review, "abstract", asked(), way=TRIAGE))
    ids = review.record_ids(Stage.ABSTRACT, RecordFilter.ALL, RecordOrder.CHANCE)
    assert "at least 5 of each" in review.calibration(Stage.ABSTRACT).problem
    for place, record in enumerate(ids[:-1]):  # the last has no score
        review.decide(record, Stage.ABSTRACT, Choice.INCLUDE if place < 6 else Choice.EXCLUDE)
    calibration = review.calibration(Stage.ABSTRACT)
    assert (calibration.included, calibration.excluded, calibration.problem) == (6, 5, "")
    found = [calibration.probability(summary.expected) for summary in review.summaries(ids)]
    known = [chance for chance in found if chance is not None]
    assert found[-1] is None
    assert known == sorted(known, reverse=True)
    assert 0 < known[-1] < 0.5 < known[0] < 1


def test_a_reason_that_can_not_be_read_fails_alone(review: Review) -> None:
    def broken(request: Request) -> Reply:
        reply = answer(request)
        return replace(reply, text='{"evaluations": []}') if "rationale" in request.id else reply

    list(work(review, "abstract", engine(answer=broken), way=TRIAGE))
    assert {failure.task for failure in review.failures()} == {"screening", "rationale"}  # the empty record, too
    assert len(review.db.rows("SELECT 1 FROM screening")) == 11
    list(work(review, "abstract", asked(), retry=True))
    assert {failure.task for failure in review.failures()} == {"screening"}


def test_each_record_is_read_once_and_each_request_composed_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path / "many.leads", records=40, papers=0)
    read, composed = list[int](), list[str]()
    whole, ask, ask_reason = suggestions.read, task.request, task.reason_request

    def count_read(db: Database, record_id: int) -> object:
        read.append(record_id)
        return whole(db, record_id)

    def count(made: Request) -> Request:
        composed.append(made.id)
        return made

    monkeypatch.setattr(suggestions, "read", count_read)
    monkeypatch.setattr(task, "request", lambda *given: count(ask(*given)))
    monkeypatch.setattr(task, "reason_request", lambda *given: count(ask_reason(*given)))
    with Review.open(tmp_path / "many.leads") as review:
        seen = asked()
        list(work(review, "abstract", seen, way=TRIAGE))
    assert kinds(seen).count("screening") == 39
    assert kinds(seen).count("rationale") > 39
    assert sorted(read) == list(range(1, 40))
    assert sorted(composed) == sorted(request.id for request in seen.seen)


def test_requests_beyond_what_is_kept_are_composed_again_and_are_the_same(
    review: Review, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path / "other.leads")
    kept, again = asked(window=1), asked(window=1)
    list(work(review, "abstract", kept, way=TRIAGE))
    monkeypatch.setattr(job_queue, "_MOST_CHARACTERS", 6000)
    with Review.open(tmp_path / "other.leads") as other:
        list(work(other, "abstract", again, way=TRIAGE))
        assert result(other.db) == result(review.db)
    assert again.seen == kept.seen
