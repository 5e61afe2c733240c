"""What a quantized file changes in practice: the same questions to two files of one model, and how often the decisions
differ.

The questions are those that the product asks, about the user's own records and papers. The answers come from the engine
by greedy decoding, so that whatever differs is the file's doing (up to ties in floating point). Nothing of it is
written into the review.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, zip_longest

from leads_local.documents.ocr import mark_pages
from leads_local.documents.sections import on_pages, paper_text
from leads_local.engine import Engine
from leads_local.engine.types import Request
from leads_local.errors import InputError, ReplyError
from leads_local.records import Eligibility, Stage
from leads_local.review.review import Review
from leads_local.review.store import documents
from leads_local.tasks import arms, characteristics, participants, results, screening
from leads_local.tasks.prompts import PromptPack

Decisions = tuple[Eligibility, ...] | None  # one for each criterion; None where the answer could not be read


@dataclass(frozen=True, slots=True)
class DecisionChanges:
    """``judged`` decisions were compared, ``changed`` of them differ, by ``changes`` ("YES → NO": 2); ``unread``
    answers were unusable."""

    records: int
    judged: int
    changed: int
    unread: int
    changes: Mapping[str, int]


def screening_requests(review: Review, pack: PromptPack) -> Iterator[Request]:
    """The question about each report of ``review`` at the abstract stage. Raises InputError without criteria."""
    criteria = review.criteria(Stage.ABSTRACT)
    for number in review.record_ids(Stage.ABSTRACT):
        citation = review.citation(number)
        if citation.title.strip() or citation.abstract.strip():
            yield screening.request(str(number), screening.citation_as_paper(citation), criteria, pack)


def paper_requests(review: Review, pack: PromptPack) -> Iterator[Request]:
    """Screening and the questions of the general form about each paper; arms are not known, so all participants are
    one."""
    form, criteria = review.form(), review.criteria(Stage.FULLTEXT)
    for number in review.record_ids(Stage.ABSTRACT):
        document, fulltext = review.document(number), documents.paper_of(review.db, number)
        shown = on_pages(document.passages, fulltext.pages) if document is not None and fulltext is not None else ()
        paper = paper_text(mark_pages(shown, document.pages if document is not None else ())).text
        if not paper:
            continue
        if criteria:
            yield screening.request(str(number), paper, criteria, pack)
        yield arms.request(str(number), paper, pack)
        for fields in characteristics.split(form.fields):
            yield characteristics.request(str(number), paper, fields, pack)
        for outcome in form.outcomes:
            yield results.request(str(number), paper, outcome, (), pack)
        for measure in form.measures:
            yield participants.request(str(number), paper, measure, (), pack)


def alternate_prompts(review: Review, pack: PromptPack) -> Iterator[str]:
    """The prompts about records and papers by turns, so that the first ones are of both. Raises InputError when there
    are none."""
    found = False
    for pair in zip_longest(screening_requests(review, pack), paper_requests(review, pack)):
        for request in filter(None, pair):
            found = True
            yield request.prompt
    if not found:
        raise InputError(f"{review.path} has no records to make prompts of.", "Import some first.")


def ask_decisions(engine: Engine, requests: Iterable[Request], count: int) -> Iterator[tuple[str, Decisions]]:
    """(request's id, the decision on each of ``count`` criteria) for each reply, in the order in which they come."""
    for reply in engine.run(requests):
        try:
            yield reply.id, tuple(Eligibility(row["eligibility"]) for row in screening.read_answer(reply, count))
        except ReplyError:
            yield reply.id, None


def compare_decisions(reference: Mapping[str, Decisions], found: Mapping[str, Decisions]) -> DecisionChanges:
    """Compare answer by answer; what either could not answer is counted as unread and not compared."""
    pairs = [(before, found.get(number)) for number, before in reference.items()]
    both = [(before, after) for before, after in pairs if before is not None and after is not None]
    judged = [(old, new) for before, after in both for old, new in zip(before, after, strict=True)]
    changes = Counter(f"{old} → {new}" for old, new in judged if old != new)
    return DecisionChanges(
        len(pairs), len(judged), changes.total(), len(pairs) - len(both), dict(changes.most_common())
    )


def first_screening_requests(review: Review, pack: PromptPack, most: int) -> Sequence[Request]:
    """The first ``most`` screening questions. Raises InputError when there is none."""
    requests = list(islice(screening_requests(review, pack), most))
    if not requests:
        raise InputError(f"{review.path} has no records to screen.", "Import some first.")
    return requests
