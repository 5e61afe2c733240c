"""The sample review, the whole way: citations, duplicates, screening, full texts, extraction, tables.

Every step is one that a user takes with the same commands, and every step may be stopped and started again. The
decisions are those of the sample's authors, stored under a name that says so; the model's judgements stand beside them
and decide nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from leads_local import demo
from leads_local.app import citations, duplicates, safekeeping
from leads_local.demo import gold
from leads_local.engine import Engine
from leads_local.errors import InputError
from leads_local.export.tables import export_review
from leads_local.jobs import model_jobs
from leads_local.jobs.papers import PaperShelf
from leads_local.records import Progress, Stage
from leads_local.review.opening import OldReview
from leads_local.review.prisma import flow_lines
from leads_local.review.read_models import RecordFilter
from leads_local.review.review import Review
from leads_local.tasks.prompts import PromptPack

REVIEWER = "authors of the sample"
FollowProgress = Callable[[Iterator[Progress], str], None]
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class DemoResult:
    """What a run found: lines of ``(what, how many)`` for a person, the review's file and the exported files.
    ``failed`` is how many questions failed in this run."""

    lines: tuple[tuple[str, str], ...]
    review: Path
    files: tuple[Path, ...]
    failed: int


def run_demo(
    folder: Path, engine: Engine, pack: PromptPack, say: Say, follow: FollowProgress, stop: Event
) -> DemoResult | None:
    """Take the sample review through ``folder``. Returns None when ``stop`` was set: what is done is kept, and running
    again goes on."""
    sample = demo.load()
    say(f"Writing the sample's citation files and papers to {folder} …")
    unpacked = demo.unpack(folder)
    with open_review(folder / "sample.leads", sample) as review:
        failed_before = set(review.failures())

        def way() -> Iterator[None]:
            """Every step up to the tables; between two of them it may be stopped."""
            for file in unpacked.citations:
                imported = citations.ImportedFile(file, review.import_file(file))
                say("\n".join(citations.describe_import(imported, file.name).lines))
                yield
            say("\n".join(duplicates.describe_duplicates(review, review.dedupe()).lines))
            yield
            follow(model_jobs.screen(review, engine, Stage.ABSTRACT, pack, stop), "record")
            yield
            store_gold_decisions(review, Stage.ABSTRACT)
            attachments = review.attach(unpacked.folder)
            say(
                f"{len(attachments)} PDFs read, {sum(1 for a in attachments if a.record_id)} attached to their records."
            )
            yield
            shelf = PaperShelf(review.db, engine)
            follow(model_jobs.screen(review, engine, Stage.FULLTEXT, pack, stop, shelf=shelf), "paper")
            yield
            store_gold_decisions(review, Stage.FULLTEXT)
            review.set_form(sample.form)
            follow(model_jobs.extract(review, engine, sample.form, pack, stop, shelf=shelf), "answer")
            yield

        for _ in way():
            if stop.is_set():
                return None
        files = export_review(review, folder / "tables")
        failed = len(set(review.failures()) - failed_before)
        return DemoResult(tuple(count_figures(review)), review.path, tuple(files), failed)


def open_review(path: Path, sample: demo.DemoReview) -> Review:
    """The sample's review file, made when it is not there and brought up to date when an earlier version has made it.
    Raises InputError when the file there is another review's."""
    if not path.exists():
        return Review.create(path, sample.question, sample.criteria)
    with Review.read(path) as found:
        if found.question != sample.question:
            raise InputError(f"{path}: this is not the sample review.", "Choose another folder with --out.")
    try:
        return Review.open(path)
    except OldReview:
        safekeeping.upgrade(path)
        return Review.open(path)


def store_gold_decisions(review: Review, stage: Stage) -> None:
    """Store the authors' decision for every record of the stage that has none."""
    answers = gold.decisions(stage)
    for record_id in review.record_ids(stage, RecordFilter.UNDECIDED):
        answer = answers.get(gold.study_of(review.citation(record_id)))
        if answer is not None:
            review.decide(record_id, stage, answer.choice, answer.reason, REVIEWER)


def count_figures(review: Review) -> Iterator[tuple[str, str]]:
    """The figures of the run, each counted from the review file."""
    flow = {line.key: (line.label, str(line.number)) for line in flow_lines(review.counts())}
    yield flow["identified"]
    yield flow["duplicates"]
    for stage in Stage:
        right, judged = count_agreement(review, stage)
        yield f"Criteria judged as the sample's authors did ({stage.value})", f"{right} of {judged}"
    yield from (flow[key] for key in ("sought", "not_retrieved", "included"))
    values = [value for record_id in review.record_ids(Stage.ABSTRACT) for value in review.values(record_id)]
    reported = [value for value in values if value.value.text]
    found = [value for value in reported if value.value.quote is not None and value.value.quote.found]
    yield "Values extracted", f"{len(values)}, {len(reported)} of them reported"
    yield "Values found again in their paper", f"{len(found)} of {len(reported)}"
    work = review.work()
    yield "Answers by the model", f"{work.done} done, {work.failed} failed"


def count_agreement(review: Review, stage: Stage) -> tuple[int, int]:
    """How many judgements of the model are the authors', and how many there are to compare."""
    right = judged = 0
    for record_id in review.record_ids(stage):
        view = review.record(record_id)
        answers = gold.judgements(stage, gold.study_of(view.citation))
        for judgement in view.judgements.get(stage, ()):
            if judgement.criterion.name in answers:
                judged += 1
                right += judgement.eligibility is answers[judgement.criterion.name]
    return right, judged
