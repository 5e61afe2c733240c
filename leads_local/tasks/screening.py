"""Screening: does one publication meet each of the reviewer's criteria? Judgements are suggestions; deciding is a person's.

The number of judgements is the number of criteria, in their order, or there are none at all: a judgement on the wrong criterion is the
one mistake that nobody would see.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from leads_local.errors import InputError, ReplyError
from leads_local.records import Citation, Criterion, Eligibility, Judgement, Reply, Request
from leads_local.tasks import replies, schemas
from leads_local.tasks.prompts import PromptPack

WEIGHTS: Mapping[Eligibility, float] = MappingProxyType(
    {Eligibility.YES: 1.0, Eligibility.PARTIAL: 0.5, Eligibility.UNCERTAIN: 0.0, Eligibility.NO: -1.0}
)


def abstract_paper(citation: Citation) -> str:
    """A citation as the paper of a prompt; a missing title or abstract is said plainly, so that nothing is made up for it."""
    title = " ".join(citation.title.split()) or "(no title in the record)"
    abstract = citation.abstract.strip() or "(no abstract in the record)"
    return f"[Title] {title}\n[Abstract] {abstract}"


def criteria_text(criteria: Sequence[Criterion]) -> str:
    """``1: Population: …. 2: Intervention: …``, as LEADS was trained to read it."""
    return ". ".join(f"{n}: {' '.join(c.name.split())}: {' '.join(c.text.split())}" for n, c in enumerate(criteria, 1))


def request(id: str, paper: str, criteria: Sequence[Criterion], pack: PromptPack) -> Request:
    """Ask about all ``criteria`` at once. Raises InputError when there are none."""
    if not criteria:
        raise InputError("There is no criterion to screen by.", "Write at least one part of the question or one criterion.")
    prompt = pack.prompt("screening", paper_content=paper, num_criteria=str(len(criteria)), criteria_text=criteria_text(criteria))
    schema = schemas.screening(len(criteria))
    return Request(id, prompt, schema, schemas.room(schema))


def answer(reply: Reply, count: int) -> list[dict[str, str]]:
    """``count`` times ``{"eligibility", "rationale"}`` in the order of the criteria. Raises ReplyError."""
    outer = replies.table(replies.data(reply), ("evaluations",), "the top")
    found = []
    for number, row in enumerate(replies.rows(outer["evaluations"], '"evaluations"', count), 1):
        where = f"evaluation {number}"
        entry = replies.table(row, ("eligibility", "rationale"), where)
        word = replies.text(entry["eligibility"], where).upper()
        if word not in set(Eligibility):
            raise ReplyError(f'The answer holds an unknown eligibility at {where}: "{word[:40]}".', "Its raw text is kept; ask again.")
        found.append({"eligibility": word, "rationale": replies.text(entry["rationale"], where)})
    return found


def parse(reply: Reply, criteria: Sequence[Criterion]) -> tuple[Judgement, ...]:
    """One judgement for each criterion, in order. Raises ReplyError with the reason when the reply can't be read as that."""
    limit = schemas.rationale_limit(len(criteria))
    return tuple(
        Judgement(criterion, Eligibility(row["eligibility"]), replies.shown(row["rationale"], limit))
        for criterion, row in zip(criteria, answer(reply, len(criteria)), strict=True)
    )


def score(judgements: Sequence[Judgement]) -> float:
    """The mean of YES 1, PARTIAL 0.5, UNCERTAIN 0, NO -1: from -1 to 1. Raises ValueError when there are no judgements."""
    if not judgements:
        raise ValueError("no judgements to score")
    return sum(WEIGHTS[judgement.eligibility] for judgement in judgements) / len(judgements)
