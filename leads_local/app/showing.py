"""One record with everything known of it, and the records that hold some words.

What other reviewers think of a report is told by ``deciding.visible_votes`` alone: where reviewers are to be
independent, not before one has decided for oneself.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any

from leads_local.app import documents, studies
from leads_local.app.annotating import (
    JUDGED_BEFORE,
    correction_in_words,
    hidden_in_words,
    judged_before_correction,
    notes_in_words,
    tags_in_words,
)
from leads_local.app.conditions import names_a_list, where
from leads_local.app.deciding import standing_in_words, visible_history, visible_votes
from leads_local.app.duplicates import apart_in_words
from leads_local.app.keywords import describe_marks, keywords_as_data, mark_in_words
from leads_local.app.limits import answers_in_words
from leads_local.app.outcome import Outcome, format_count
from leads_local.records import Citation, Decision, Stage
from leads_local.review.protocol import Keywords
from leads_local.review.read_models import (
    RecordFilter,
    RecordSummary,
    RecordView,
    ScreeningView,
    StoredValue,
)
from leads_local.review.review import Review

_NOT_DECIDED = "not decided"


def find(review: Review, texts: list[str], stage: Stage, conditions: Sequence[str] = ()) -> list[RecordSummary]:
    """The reports of ``stage`` that have all of these words and of which all ``conditions`` hold. Where none of these
    says which list is meant, what a rule has taken out before screening is found, too."""
    found = review.find(texts) if any(text.strip() for text in texts) else None
    among = where(review, stage, conditions, found)
    if not any(map(names_a_list, conditions)):
        among = sorted([*among, *where(review, stage, [*conditions, RecordFilter.RULED_OUT], found)])
    return review.summaries(among, stage)


def describe_found(found: list[RecordSummary]) -> Outcome:
    lines = [f"{one.id}: {one.shown_title}{_year(one.year)}: {_choice(one)}" for one in found]
    return Outcome(tuple(lines), (f"{format_count(len(found), 'report')} found.",))


def found_as_data(found: list[RecordSummary]) -> list[dict[str, Any]]:
    return [
        {"record": one.id, "title": one.title, "authors": one.authors, "year": one.year, "decision": _choice(one)}
        | {"noticed": list(one.noticed)}
        for one in found
    ]


def describe_record(review: Review, record_id: int) -> Outcome:
    """Everything about the report of ``record_id``, a line each."""
    view = review.record(record_id)
    keywords = review.protocol().keywords
    lines = [
        *_identity(view, record_id, keywords),
        *_added(view),
        *answers_in_words(view),
        *(line for stage in Stage for line in _decided(review, view, stage)),
        *(line for stage in Stage if stage in view.screenings for line in _judged(view.screenings[stage], stage)),
        *([JUDGED_BEFORE] if judged_before_correction(view, Stage.ABSTRACT) else []),
        *studies.study_of_in_words(review, view.id),
        *(_value_in_words(value) for value in review.values(view.id)),
        *_paper(view),
        *(f"Failed: {failure.task} {failure.item}: {failure.reason}" for failure in view.failures),
    ]
    return Outcome(tuple(lines), hidden_in_words(view.annotations))


def record_as_data(review: Review, record_id: int) -> dict[str, Any]:
    """The same for a program."""
    view = review.record(record_id)
    votes = {stage: visible_votes(review, view, stage) for stage in Stage}
    return {
        "record": record_id,
        "report": view.id,
        "citation": dataclasses.asdict(view.citation),
        "keywords": keywords_as_data((view.citation.title, view.citation.abstract), review.protocol().keywords),
        "source": view.source,
        "duplicates": [dataclasses.asdict(one) for one in view.duplicates],
        "grouped because": view.reasons,
        "apart from": view.apart_from,
        "annotations": dataclasses.asdict(view.annotations),
        "holds": {stage: dataclasses.asdict(decision) for stage, decision in view.decisions.items()},
        "decisions": {stage: [dataclasses.asdict(vote) for vote in said] for stage, said in votes.items()},
        "history": [dataclasses.asdict(entry) for stage in Stage for entry in visible_history(review, view, stage)],
        "limits": [dataclasses.asdict(answer) for answer in view.limits],
        "ruled out by": view.ruled_out_by,
        "judgements": {stage: dataclasses.asdict(said) for stage, said in view.screenings.items()},
        "values": [dataclasses.asdict(value) for value in review.values(view.id)],
        "full text": documents.as_data(view.fulltext) if view.fulltext else None,
        "study": studies.study_as_data(review.study_of(view.id)),
        "failures": [dataclasses.asdict(failure) for failure in view.failures],
    }


def _identity(view: RecordView, record_id: int, keywords: Keywords) -> Iterator[str]:
    citation = view.citation
    yield f"Record {view.id}: {mark_in_words(citation.title, keywords) or '(no title)'}{_year(citation.year)}"
    if view.id != record_id:
        yield f"Record {record_id} is a duplicate of it."
    yield from (line for line in (_published(citation), f"From: {view.source}") if line)
    for one in view.duplicates:
        yield f"Duplicate: {one.id}: {one.title}, from {one.source}"
    if said := apart_in_words(view.apart, view.apart_from):
        yield said
    if view.reasons:
        yield f"Grouped because: {'; '.join(view.reasons)}"
    yield mark_in_words(citation.abstract, keywords) or "No abstract came with this record."
    yield from filter(None, [describe_marks((citation.title, citation.abstract), keywords)])
    if citation.keywords:
        yield f"Keywords: {'; '.join(citation.keywords)}"


def _published(citation: Citation) -> str:
    ids = (f"DOI {citation.doi}" if citation.doi else "", f"PMID {citation.pmid}" if citation.pmid else "")
    issue = f"{citation.volume}({citation.issue})" if citation.issue else citation.volume
    where = " ".join(part for part in (citation.journal, issue, citation.pages) if part)
    return ". ".join(part for part in ("; ".join(citation.authors), where, *ids) if part)


def _added(view: RecordView) -> Iterator[str]:
    added = view.annotations
    if added.tags:
        yield f"Tags: {tags_in_words(added.tags)}"
    if added.priority:
        yield f"Priority: {added.priority}"
    yield from (f"Record {one.record_id}: {correction_in_words(one)}" for one in added.corrections)
    yield from (line[0].upper() + line[1:] for line in notes_in_words(added))


def _decided(review: Review, view: RecordView, stage: Stage) -> Iterator[str]:
    votes, holds = visible_votes(review, view, stage), view.decisions.get(stage)
    if stage is Stage.ABSTRACT or holds is not None or votes:
        yield f"At the {stage} stage: {holds.choice if holds is not None else _NOT_DECIDED}"
    yield from (f"- {_decision_in_words(vote)}" for vote in votes)
    if votes:
        yield from standing_in_words(view, stage)
    for entry in visible_history(review, view, stage):
        by = f" by {entry.by}" if entry.by and entry.action != "decided" else ""
        yield f"- {entry.at[:16].replace('T', ' ')} UTC: {entry.action}{by}: {_decision_in_words(entry.decision)}"


def _decision_in_words(decision: Decision) -> str:
    reason = f" ({decision.reason})" if decision.reason else ""
    return f"{decision.reviewer or 'somebody'}: {decision.choice}{reason}"


def _judged(screening: ScreeningView, stage: Stage) -> Iterator[str]:
    yield f"The model at the {stage} stage ({screening.model}): score {screening.score:.2f}"
    for judgement in screening.judgements:
        reason = f": {judgement.rationale}" if judgement.rationale else ""
        yield f"- {judgement.criterion.name}: {judgement.eligibility}{reason}"


def describe_value(stored: StoredValue) -> Outcome:
    """A value as it stands, and whose it is."""
    return Outcome((f"Record {stored.record_id}: {_value_in_words(stored)}",))


def _value_in_words(stored: StoredValue) -> str:
    value = stored.value
    what = ", ".join(part for part in (value.task, value.item, value.group, value.part) if part)
    by = f" by {stored.reviewer}" if stored.reviewer else ""
    doubt = f" ({value.quote.doubt})" if value.quote is not None and value.quote.doubt else ""
    where = f", page {stored.page}{doubt}" if stored.page else ""
    return f"Value {stored.id}: {what}: {stored.final_text or '–'} ({stored.status}{by}{where})"


def _paper(view: RecordView) -> Iterator[str]:
    paper = view.fulltext
    if paper is None:
        yield "No full text."
    else:
        state = f"can't be read: {paper.problem}" if paper.problem else format_count(paper.pages, "page")
        own = f", {paper.page_range.in_words()}" if paper.page_range else ""
        others = " and ".join(f"record {link.record_id}" for link in paper.also)
        yield f"Full text: {paper.path}{own} ({state}{f'; also of {others}' if others else ''})"
        if paper.notice and not paper.problem:
            yield f"Of the full text: {paper.notice}"


def _choice(summary: RecordSummary) -> str:
    """What holds, or what the person at the keyboard has decided; of what only others decided nothing."""
    if summary.state == "conflict" and summary.own:
        return "conflict"
    if summary.ruled_out_by:
        return f"ruled out ({summary.ruled_out_by})"
    choice = summary.choice or summary.own
    return str(choice) if choice else _NOT_DECIDED


def _year(year: int | None) -> str:
    return f" ({year})" if year else ""
