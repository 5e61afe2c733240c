"""Papers beyond the context are asked in parts: nothing is cut unseen, and what the parts say differently is for the
reviewer."""

from __future__ import annotations

import json
import re
import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from leads_local.engine.types import Request
from leads_local.evaluation.comparison import compare_variants
from leads_local.jobs import context_budget, model_jobs
from leads_local.records import (
    Choice,
    Citation,
    Criterion,
    Eligibility,
    Field,
    PaperPosition,
    Question,
    ScreeningMethod,
    ScreeningMode,
    Stage,
)
from leads_local.review.review import Review
from leads_local.review.store import citations, documents
from leads_local.tasks.forms import Form
from tests.fake_engine import FakeEngine
from tests.jobs.test_triage import answer as triage_answer
from tests.jobs.work_fixture import FORM, PACK, engine, model, result, work
from tests.review.conftest import paper

SMALL, LARGE = model(context=4096), model(context=65536)


@pytest.fixture
def review(tmp_path: Path) -> Iterator[Review]:
    """One included report whose paper has its number of participants at the beginning and another one at its end."""
    long = [f"Sentence s{n:03}x of the results says nothing of use to anybody who reads it." for n in range(300)]
    text = ["We randomised 84 adults with pain.", *long, "The sample that was analysed in the end was 90 adults."]
    review = Review.create(
        tmp_path / "long.leads", Question(population="adults", outcome="pain"), [Criterion("Design", "randomised")]
    )
    with review.db.transaction():
        source = citations.add_source(review.db, "rows.ris", "0" * 64, "ris", "utf-8")
        (record,) = citations.add(review.db, source, [Citation(title="A long paper")])
        document = paper("A long paper", text)
        documents.put(review.db, document)
        documents.link(review.db, document.sha256, record, "for a test")
    review.decide(record, Stage.ABSTRACT, Choice.INCLUDE)
    yield review
    review.close()


def reading(request: Request) -> str:
    """A model that only says what the text in front of it holds."""
    words = [
        "YES" if "84 adults" in request.prompt else "UNCERTAIN",
        "NO" if "90 adults" in request.prompt else "UNCERTAIN",
    ]
    if "/screening/" in request.id:
        conflict = "YES" if "84 adults" in request.prompt else "NO" if "90 adults" in request.prompt else "UNCERTAIN"
        said = [{"eligibility": word, "rationale": f"I read {word}"} for word in (*words, conflict)]
        return json.dumps({"evaluations": said})
    numbers = re.findall(r"(\d+) adults", request.prompt.split("# PAPER CONTENT #")[1].split("# TARGET #")[0])
    if "/characteristics/" in request.id:
        values = {
            "Sample size": numbers[0] if numbers else "NA",
            "First": "84" if "84" in numbers else "NA",
            "Nothing": "NA",
        }
        return json.dumps([{"name": name, "value": value} for name, value in values.items()])
    arms = [
        {"label": f"Arm of {number}", "type": "OTHER", "description": "", "interventionNames": []} for number in numbers
    ]
    return json.dumps(arms)


SIZES = Form("Sizes", (Field("Sample size"), Field("First"), Field("Nothing")))


def test_a_full_text_is_judged_by_its_parts_together(review: Review) -> None:
    asked = engine(answer=reading, model=SMALL)
    list(work(review, "fulltext", asked))
    assert len(asked.seen) > 2
    assert all(asked.count_tokens([request.prompt])[0] < 4096 for request in asked.seen)
    text = "".join(request.prompt for request in asked.seen)
    assert all(f"Sentence s{n:03}x " in text for n in range(300))
    screening = review.record(1).screenings[Stage.FULLTEXT]
    first, second, third = screening.judgements
    assert screening.parts == len(asked.seen)
    assert (first.eligibility, first.rationale) == (Eligibility.YES, f"Part 1 of {screening.parts}: I read YES")
    assert second.eligibility is Eligibility.NO
    assert third.eligibility is Eligibility.UNCERTAIN
    assert third.parts_disagree and not first.parts_disagree and not second.parts_disagree
    for said in (
        f"Part 1 of {screening.parts} says YES: I read YES",
        f"Part {screening.parts} of {screening.parts} says NO: I read NO",
    ):
        assert said in third.rationale
    assert screening.score == 0.0  # YES, NO, UNCERTAIN
    assert screening.left_out == ()


def test_values_that_parts_give_differently_stay_side_by_side_with_their_evidence(review: Review) -> None:
    list(work(review, "extract", engine(answer=reading, model=SMALL), form=SIZES))
    found = [stored for stored in review.values(1) if stored.value.task == "characteristics"]
    sizes = [stored for stored in found if stored.value.item == "Sample size"]
    assert [stored.value.text for stored in sizes] == ["84", "90"]
    assert all(stored.value.parts_disagree and "disagree" in stored.value.note for stored in sizes)
    quotes = [stored.value.quote for stored in sizes]
    assert [quote is not None and quote.found for quote in quotes] == [True, True]
    (first,) = (stored for stored in found if stored.value.item == "First")
    assert (first.value.text, first.value.note) == ("84", "")
    (nothing,) = (stored for stored in found if stored.value.item == "Nothing")
    assert nothing.value.text == ""
    review.verify(sizes[0].id, "accepted")
    list(work(review, "extract", engine(answer=reading, model=SMALL), form=SIZES))
    assert [s.status for s in review.values(1) if s.value.item == "Sample size"] == ["accepted", "proposed"]


def test_evidence_for_what_was_read_in_one_part_is_looked_for_in_that_part(review: Review) -> None:
    def answer(request: Request) -> str:
        if "/characteristics/" not in request.id:
            return reading(request)
        value = "adults" if "90 adults" in request.prompt else "NA"
        return json.dumps([{"name": field.name, "value": value} for field in SIZES.fields])

    list(work(review, "extract", engine(answer=answer, model=SMALL), form=SIZES))
    quotes = [one.value.quote for one in review.values(1) if one.value.task == "characteristics"]
    assert len(quotes) == 3
    for quote in quotes:  # the first part holds the word, too
        assert quote is not None and quote.text == "The sample that was analysed in the end was 90 adults."


def test_the_arms_of_all_parts_are_asked_about(review: Review) -> None:
    def answer(request: Request) -> str:
        return reading(request) if "/arms/" in request.id else str(FakeEngine()._default(request))

    asked = engine(answer=answer, model=SMALL)
    last = list(work(review, "extract", asked))[-1]
    assert (last.done, last.failed) == (last.total, 0)
    count = sum("/arms/" in request.id for request in asked.seen)
    assert count > 2
    for request in asked.seen:
        if "/results/" in request.id or "/participants/" in request.id:
            assert "Arm of 84" in request.prompt and "Arm of 90" in request.prompt
            assert re.search(rf"part \d of {count}$", request.id)
    assert {stored.value.group for stored in review.values(1) if stored.value.task == "results"} == {
        "",
        "Arm of 84",
        "Arm of 90",
    }


def test_a_part_that_fails_leaves_nothing_shown_and_is_asked_again(review: Review) -> None:
    def failing(request: Request) -> str:
        return "no JSON" if "part 2" in request.id else reading(request)

    for job in ("fulltext", "extract"):
        list(work(review, job, engine(answer=failing, model=SMALL), **({"form": SIZES} if job == "extract" else {})))
    assert Stage.FULLTEXT not in review.record(1).screenings
    assert review.values(1) == []
    assert {failure.task for failure in review.failures()} == {"screening", "arms", "characteristics"}
    again = engine(answer=reading, model=SMALL)
    list(work(review, "fulltext", again, retry=True))
    assert len(again.seen) == 1
    assert review.record(1).screenings[Stage.FULLTEXT].parts > 2


@pytest.mark.parametrize("job", ["fulltext", "extract"])
@pytest.mark.parametrize("after", [1, 6])
def test_stopped_and_resumed_is_not_stopped(review: Review, tmp_path: Path, job: str, after: int) -> None:
    review.db.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(review.path, tmp_path / "whole.leads")
    with Review.open(tmp_path / "whole.leads") as whole:
        list(work(whole, job, engine(model=SMALL)))
        cancel = threading.Event()
        for progress in work(review, job, engine(model=SMALL, window=1), cancel=cancel):
            if progress.done == after:
                cancel.set()
        list(work(review, job, engine(model=SMALL, window=3, reverse=True)))
        assert result(review.db) == result(whole.db)
        again = engine(model=SMALL)
        assert list(work(review, job, again)) == []


@pytest.mark.parametrize("job", ["fulltext", "extract"])
def test_an_answer_about_more_of_the_paper_is_not_asked_again_with_less_room(review: Review, job: str) -> None:
    list(work(review, job, engine(model=LARGE)))
    before, less = result(review.db), engine(model=SMALL)
    assert list(work(review, job, less)) == []
    assert less.seen == []
    assert result(review.db) == before


@pytest.mark.parametrize("job", ["fulltext", "extract"])
def test_answers_about_parts_are_kept_when_the_paper_would_be_parted_elsewhere(review: Review, job: str) -> None:
    list(work(review, job, engine(model=SMALL)))
    before, other = result(review.db), engine(model=model(context=2400))
    assert list(work(review, job, other)) == []
    assert other.seen == []
    assert result(review.db) == before
    fresh = engine(model=model(context=2400, name="other", sha256="1" * 64))
    list(work(review, job, fresh))
    first = next(request.id for request in fresh.seen)
    parts = {row[0] for row in review.db.rows("SELECT DISTINCT parts FROM reply")}
    assert len(parts) == 2, first  # it would have been parted elsewhere


def test_an_answer_about_less_is_asked_again_when_the_whole_paper_fits(review: Review) -> None:
    list(work(review, "fulltext", engine(answer=reading, model=SMALL)))
    more = engine(answer=reading, model=LARGE)
    list(work(review, "fulltext", more))
    assert len(more.seen) == 1
    screening = review.record(1).screenings[Stage.FULLTEXT]
    assert screening.parts == 0
    assert screening.judgements[2].eligibility is Eligibility.YES
    assert review.work().total == 1


def test_a_cut_paper_is_not_asked_again_for_another_budget(tmp_path: Path) -> None:
    with Review.create(tmp_path / "cut.leads", Question(population="adults")) as review:
        with review.db.transaction():
            source = citations.add_source(review.db, "rows.ris", "0" * 64, "ris", "utf-8")
            (record,) = citations.add(review.db, source, [Citation(title="A paper")])
            document = paper(
                "A paper",
                [f"Words of the discussion, sentence {n}, and no more." for n in range(500)],
                section="discussion",
            )
            documents.put(review.db, document)
            documents.link(review.db, document.sha256, record, "for a test")
        review.decide(record, Stage.ABSTRACT, Choice.INCLUDE)
        for job in ("fulltext", "extract"):
            list(work(review, job, engine(model=SMALL)))
            other = engine(model=model(context=6000))
            assert list(work(review, job, other)) == []
            assert other.seen == []
        assert review.record(1).screenings[Stage.FULLTEXT].left_out == ("end of discussion",)


def test_in_triage_parts_are_asked_in_full_so_that_disagreement_can_be_read(review: Review) -> None:
    asked = engine(answer=triage_answer, model=SMALL)
    list(work(review, "fulltext", asked, way=ScreeningMethod(ScreeningMode.TRIAGE)))
    screening = review.record(1).screenings[Stage.FULLTEXT]
    assert screening.way == ScreeningMethod()
    assert all("/screening/" in request.id for request in asked.seen)
    assert all(judgement.rationale for judgement in screening.judgements)
    assert list(model_jobs.give_reasons(review, asked, Stage.FULLTEXT, PACK, [1])) == []


def test_the_form_of_the_other_tests_can_be_asked_in_parts_at_all(review: Review) -> None:
    last = list(work(review, "extract", engine(model=SMALL), form=FORM))[-1]
    assert (last.done, last.failed) == (last.total, 0)


def test_what_was_not_read_whole_is_listed_by_record_and_stage(review: Review) -> None:
    assert review.unread() == []
    list(work(review, "fulltext", engine(answer=reading, model=SMALL)))
    list(work(review, "extract", engine(answer=reading, model=SMALL), form=SIZES))
    parts = review.record(1).screenings[Stage.FULLTEXT].parts
    found = review.unread()
    assert [(one.record_id, one.stage, one.left_out) for one in found] == [(1, "extraction", ()), (1, "fulltext", ())]
    assert f"asked about in {parts} parts" in review.unread("fulltext")[0].in_words()


def test_a_comparison_takes_the_parts_together(review: Review) -> None:
    list(work(review, "fulltext", engine(answer=reading, model=SMALL)))
    review.decide(1, Stage.FULLTEXT, Choice.INCLUDE)
    list(
        model_jobs.screen_for_comparison(
            review,
            engine(answer=reading, model=SMALL),
            Stage.FULLTEXT,
            PACK,
            ScreeningMethod(ScreeningMode.FULL, PaperPosition.CRITERIA_FIRST),
        )
    )
    results = compare_variants(review, Stage.FULLTEXT).results
    assert [result.confusion.records for result in results] == [1, 1]
    assert [result.words[2].included["UNCERTAIN"] for result in results] == [1, 1]
    shown = review.record(1).screenings[Stage.FULLTEXT]
    assert shown.way == ScreeningMethod()


def saying(*words: str, parts: int = 9) -> FakeEngine:
    """A model that says so of the criteria, of the first ``parts`` that it is asked about; its other answers can't be
    read."""
    left = iter(range(parts))

    def say(request: Request) -> str:
        if next(left, None) is None:
            return '{"evaluations": ['
        return json.dumps({"evaluations": [{"eligibility": word, "rationale": "r"} for word in words]})

    return engine(answer=say, model=SMALL)


@pytest.mark.parametrize(
    "change", [[Criterion("Design", "randomised"), Criterion("Language", "English")], [Criterion("Design", "any")]]
)
@pytest.mark.parametrize("before", [9, 2])
def test_answers_about_parts_by_other_criteria_are_never_joined(
    review: Review, change: list[Criterion], before: int
) -> None:
    """The run with new criteria ends with a part missing; the run before was whole, or had its own part missing."""
    list(work(review, "fulltext", saying("YES", "YES", "NO", parts=before)))
    review.decide(1, Stage.FULLTEXT, Choice.INCLUDE)
    old = review.criteria(Stage.FULLTEXT)
    review.set_criteria(change)
    list(work(review, "fulltext", saying("YES", "YES", *["YES"] * len(change), parts=1), retry=True))
    results = compare_variants(review, Stage.FULLTEXT).results
    assert [(one.confusion.records, one.other_criteria) for one in results] == ([(0, 1)] if before == 9 else [])
    list(work(review, "fulltext", saying("YES", "YES", *["YES"] * len(change)), retry=True))
    (result,) = compare_variants(review, Stage.FULLTEXT).results
    assert (result.confusion.kept_included, result.other_criteria) == (1, 0)
    review.set_criteria([criterion for criterion in old if criterion.name == "Design"])
    list(work(review, "fulltext", saying("YES", "YES", "NO"), retry=True))  # a whole run before is used again as it is
    (result,) = compare_variants(review, Stage.FULLTEXT).results
    assert (result.confusion.dropped_included, result.other_criteria) == (1, 0)


def test_answers_about_parts_of_another_paper_are_never_joined(review: Review) -> None:
    list(work(review, "fulltext", saying("NO", "NO", "NO")))
    review.decide(1, Stage.FULLTEXT, Choice.INCLUDE)
    long = [f"Sentence t{n:03}x of the results says nothing of use to anybody who reads it." for n in range(300)]
    other = paper(
        "Another print",
        ["We randomised 84 adults with pain.", *long, "The sample that was analysed in the end was 90 adults."],
    )
    with review.db.transaction():
        documents.put(review.db, other)
        documents.link(review.db, other.sha256, 1, "for a test")
    list(work(review, "fulltext", saying("YES", "YES", "YES", parts=1)))
    assert len({row[0] for row in review.db.rows("SELECT parts FROM reply")}) == 1
    (result,) = compare_variants(review, Stage.FULLTEXT).results
    assert result.confusion.dropped_included == 1
    assert {word for row in result.words for word, count in row.included.items() if count} == {"NO"}


def cut_paper(tmp_path: Path) -> Review:
    """One included report whose paper has short methods and results, and more discussion and introduction than a small
    context holds."""
    sections = ["methods"] * 20 + ["results"] * 40 + ["introduction"] * 200 + ["discussion"] * 200
    texts = [f"Words of the {section}, sentence {n}, and no more." for n, section in enumerate(sections)]
    made = paper("A paper", texts)
    in_sections = zip(made.passages, ["", *sections], strict=True)
    document = replace(made, passages=tuple(replace(passage, section=section) for passage, section in in_sections))
    review = Review.create(tmp_path / "cut.leads", Question(population="adults"), [])
    with review.db.transaction():
        source = citations.add_source(review.db, "rows.ris", "0" * 64, "ris", "utf-8")
        (record,) = citations.add(review.db, source, [Citation(title="A paper")])
        documents.put(review.db, document)
        documents.link(review.db, document.sha256, record, "for a test")
    review.decide(record, Stage.ABSTRACT, Choice.INCLUDE)
    return review


def left_out(review: Review) -> set[str]:
    """What the newest reply has not seen."""
    (row,) = review.db.rows("SELECT left_out FROM reply ORDER BY id DESC LIMIT 1")
    return set(json.loads(row["left_out"]))


@pytest.mark.parametrize("job", ["fulltext", "extract"])
def test_a_cut_paper_is_asked_about_again_when_a_section_is_whole_that_was_not(tmp_path: Path, job: str) -> None:
    options = {"form": SIZES} if job == "extract" else {}
    with cut_paper(tmp_path) as review:
        list(work(review, job, engine(model=model(context=3500)), **options))
        assert left_out(review) == {"end of introduction", "discussion"}
        for context in (3300, 3800):  # a little less and a little more room, cut elsewhere in the same section
            other = engine(model=model(context=context))
            assert list(work(review, job, other, **options)) == []
            assert other.seen == []
        more = engine(model=model(context=6500))
        assert list(work(review, job, more, **options))
        assert left_out(review) == {"end of discussion"}
        before = result(review.db)
        for context in (3500, 6300, 6700):
            again = engine(model=model(context=context))
            assert list(work(review, job, again, **options)) == []
            assert again.seen == []
            assert result(review.db) == before


@pytest.mark.parametrize("job", ["fulltext", "extract"])
def test_an_answer_about_a_cut_paper_by_an_earlier_version_holds(
    tmp_path: Path, job: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its key names no sections; it holds in its row, and when its question comes back after another one."""
    options = {"form": SIZES} if job == "extract" else {}
    with cut_paper(tmp_path) as review:
        with monkeypatch.context() as before:
            before.setattr(context_budget, "_cut_text", lambda sha256, left_out: f"document {sha256} cut")
            list(work(review, job, engine(model=model(context=3500)), **options))
        stood = result(review.db)
        same = engine(model=model(context=3500))
        assert list(work(review, job, same, **options)) == []
        assert result(review.db) == stood
        list(work(review, job, engine(model=model(context=3500, sha256="1" * 64)), **options))
        assert list(work(review, job, same, **options)) == []
        assert same.seen == []
        assert result(review.db)["work"] == stood["work"]
        more = engine(model=model(context=6500))
        assert list(work(review, job, more, **options))
        assert left_out(review) == {"end of discussion"}


def test_a_cut_paper_needs_the_model_to_see_whether_more_of_it_would_fit(tmp_path: Path) -> None:
    with cut_paper(tmp_path) as review:
        list(work(review, "fulltext", engine(model=model(context=3500))))
        again = engine(model=model(context=3500))
        assert list(work(review, "fulltext", again)) == []
        assert again.counted
