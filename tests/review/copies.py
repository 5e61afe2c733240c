"""What two copies of a review hold and what stands in them, told by names that both know: nothing by a file's own
numbers. And copies to work on, quickly."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from leads_local.engine.types import ModelInfo, Reply
from leads_local.judgements import Judgement
from leads_local.records import Eligibility, ExtractedValue, Stage
from leads_local.review import log_check, proposals, standing, suggestions
from leads_local.review.acts import ActKind, canonical
from leads_local.review.attachments import Paper
from leads_local.review.merging import Merged
from leads_local.review.read_models import RecordFilter
from leads_local.review.review import Review
from leads_local.review.store import (
    acts,
    annotation_rows,
    citations,
    decisions,
    documents,
    groups,
    job_rows,
    pairs,
    screenings,
    update_rows,
    values,
)
from leads_local.review.studies import Study


def open_quickly(path: Path) -> Review:
    review = Review.open(path)
    review.db._connection.execute("PRAGMA synchronous = OFF")  # durability has its own tests
    return review


def copied(path: Path, name: str) -> Path:
    to = path.with_name(name)
    shutil.copyfile(path, to)
    return to


def merged(into: Path, *others: Path) -> Merged:
    with open_quickly(into) as review:
        return review.merge(others)


def set_apart_as_before(review: Review, record: int) -> None:
    """Say as versions up to 5 of the file did that a record is nobody's duplicate."""
    with review.db.transaction():
        _, act = review._acts.log.write_on_record(ActKind.APART, record, said={"apart": True})
        standing.bring_up_to_date(review.db, [(act, record)])


def told(path: Path) -> dict[str, object]:
    """All that the file holds and shows."""
    with Review.read(path) as review:
        db = review.db
        assert list(log_check.find_breaks(db)) == []
        names, called = citations.all_names(db), values.all_names(db)
        whole: dict[int, list[tuple[str, int]]] = {}
        for member in groups.members(db):
            whole.setdefault(member.head, []).append(names[member.id])
        group = {head: tuple(sorted(records)) for head, records in whole.items()}
        stored = groups.stored_groups(db)
        texts = citations.read_many(db, list(names))
        conflicting = [group[head] for head in groups.conflicting_heads(db)]
        return {
            "acts": {(act.name, stored) for act, stored in acts.stream(db)},
            "revoked": acts.revoked_names(db),
            "records": {names[record]: text for record, text in texts.items()},
            "groups": {
                names[head]: (records, stored[head].reasons, stored[head].clock) if head in stored else records
                for head, records in group.items()
            },
            "pairs": {tuple(sorted((names[one], names[other]))): same for (one, other), same in pairs.said(db).items()},
            "doubts": sorted(sorted((names[one.one], names[one.other])) for one in review.doubts()),
            "apart": {names[member.id] for member in groups.members(db) if member.separate},
            "decisions": {
                (stage, names[record], who): said for (stage, record, who), said in decisions.decision_rows(db).items()
            },
            "outcomes": {(stage, group[head]): said for (stage, head), said in decisions.outcome_rows(db).items()},
            "conflicts": sorted(conflicting),
            "links": {
                sha256: (
                    names.get(links.first),
                    {names[record]: part for record, part in links.parts.items()},
                    (links.how, links.unmatched, links.ignored),
                )
                for sha256, links in documents.all_links(db).items()
            },
            "fulltexts": {
                group[head]: found.name for head in group if (found := documents.paper_of(db, head)) is not None
            },
            "annotations": {
                (kind, names[record], about): said
                for (kind, record, about), said in annotation_rows.all_rows(db).items()
            },
            "studies": [
                (study.name, study.label, sorted(group[head] for head in study.reports)) for study in by_label(review)
            ],
            "disputed": sorted(sorted(group[head] for head in pair) for pair in review.disputed_links()),
            "rules": review.rules(),
            "limits": review.limits(),
            "ruled out": {group[head]: by for head, by in review.ruled_out().items()},
            "question": review.question,
            "updates": (review.updates(), *update_rows.read(db)[:1]),
            "held before": {names[record]: choice for record, choice in update_rows.read(db)[1].items()},
            "criteria": {stage: {(one.name, one.text) for one in review.criteria(stage)} for stage in Stage},
            "verified": {called[value]: said for value, said in values.said_rows(db).items()},
            "shown": {called[value.id] for value in values.stream(db) if value.current},
            "screenings": {
                (one.stage, names[one.record_id]): (
                    one.score,
                    [[(j.criterion.text, j.eligibility) for j in found] for found in one.judgements],
                )
                for one in screenings.stream(db)
            },
            "counts": {**vars_of(review), "sources": None},
            "histories": {
                group[head]: [
                    (entry.action, entry.decision.choice, entry.by, entry.at) for entry in decisions.history(db, head)
                ]
                for head in group
            },
        }


def by_label(review: Review) -> list[Study]:
    return sorted(review.studies(), key=lambda study: (study.name, study.label))


def vars_of(review: Review) -> dict[str, object]:
    counts = review.counts()
    return {name: getattr(counts, name) for name in counts.__slots__}


def check_flow(path: Path) -> None:
    """Every record is in exactly one box, and in the same by the log."""
    with Review.read(path) as review:
        c = review.counts()
        numbers = tuple(sorted(number for _, number in c.sources))
        by_log = review.counts_at(datetime.max.replace(tzinfo=UTC)).counts
        assert tuple(sorted(number for _, number in by_log.sources)) == numbers
        assert replace(c, sources=(), progress=(), conflicts=None) == replace(by_log, sources=())
        assert c.identified == c.to_screen + c.ruled_out + c.duplicates
        carried = c.update.carried if c.update else 0
        assert c.identified == sum(number for _, number in c.sources) + c.from_pdfs + carried
        assert c.to_screen == c.screened + c.unscreened
        assert c.screened == c.excluded + c.maybe + c.sought
        assert c.sought == c.not_retrieved + c.awaiting + c.assessed
        assert c.assessed == c.fulltext_excluded + c.included
        included = set(review.record_ids(Stage.FULLTEXT, RecordFilter.INCLUDED))
        parts = [included.intersection(study.reports) for study in review.studies()]
        told = (c.update.total, c.update.total_studies) if c.update else (c.included, c.studies)
        assert (sum(map(len, parts)), sum(map(bool, parts))) == told


def judge(review: Review, record: int, word: Eligibility, way: str = "1") -> None:
    """Have the model judge a record's abstract, and propose a value; ``way`` is that of asking."""
    db = review.db
    about = canonical(citations.name_of(db, record))
    question = job_rows.RowQuestion("characteristics", Stage.ABSTRACT, record, "Age", f"{about} {way}")
    with db.transaction():
        if job_rows.newest_answer(db, question.key) is not None:
            return
        said = f"{word} {way}"
        reply = Reply(question.key, said, prompt_tokens=10, output_tokens=5, seconds=0.5)
        row = job_rows.make_pending(db, question)
        reply_id = job_rows.add_reply(db, question, reply, "", ModelInfo("m", ""), "pack", [])
        job_rows.settle_row(db, row, "done", reply_id=reply_id)
        judged = [Judgement(one, word, "because") for one in review.criteria()]
        screenings.add_judgements(db, reply_id, judged)
        suggestions.set_newest(db, record, Stage.ABSTRACT, [reply_id], judged)
        standing = values.of_head(db, citations.head(db, record))
        found = [(reply_id, ExtractedValue("characteristics", "Age", text)) for text in (said, "the same")]
        proposals.propose(db, record, Paper("", None), found, standing)  # type: ignore[arg-type]
