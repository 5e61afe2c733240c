"""Search: from the question to one Boolean query, with what a reviewer should look at before using it.

The query is a draft. Nothing is removed from it; terms that have nothing to do with the question and brackets that do
not match are named in ``flags``.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from leads_local.engine.types import Reply, Request
from leads_local.errors import InputError, ReplyError
from leads_local.records import Question
from leads_local.tasks import queries, replies, schemas, templates, terms
from leads_local.tasks.prompts import PromptPack

TASK = "search"


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """``sub_queries`` each join one term of every group with AND; ``blocks`` are the groups themselves, to be searched
    line by line.

    ``flags`` are sentences for the reviewer; none means that nothing stood out, not that the query is good.
    ``unusable`` says why it is none that could be searched with, and is not to be handed on; "" where it may be.
    """

    query: str
    sub_queries: tuple[str, ...]
    flags: tuple[str, ...] = ()
    blocks: tuple[str, ...] = ()
    unusable: str = ""

    @property
    def is_usable(self) -> bool:
        return not self.unusable


def request(id: str, question: Question, pack: PromptPack) -> Request:
    """Ask for a query. Parts that are empty are not sent. Raises InputError when all four are."""
    parts = {"P": question.population, "I": question.intervention, "C": question.comparison, "O": question.outcome}
    given = {name: " ".join(text.split()) for name, text in parts.items()}
    empty = tuple(name for name, text in given.items() if not text)
    if len(empty) == len(given):
        raise InputError(
            "The question is empty.", "Write at least one of population, intervention, comparison and outcome."
        )
    template = templates.drop_empty_lines(pack.templates[TASK], empty)
    schema = schemas.search()
    prompt = templates.fill(template, {name: text or "not specified" for name, text in given.items()})
    return Request(id, prompt, schema, schemas.answer_tokens(schema), pack.json_styles.get("search"))


def parse(reply: Reply, question: Question | None = None) -> SearchQuery:
    """The query, taken apart and checked against ``question``. Raises ReplyError when there is none."""
    entry = replies.require_object(replies.read_json(reply), ("query",), "the top")
    query = queries.tidy(replies.clean_text(entry["query"], '"query"'))
    cut = replies.is_cut(entry["query"] or "", schemas.QUERY_LIMIT)
    if not query:
        raise ReplyError("The answer holds an empty query.", "Ask again.")
    flags = list(queries.faults(query))
    if cut:
        flags.append(f"The query is {replies.FULL_REMARK} ({schemas.QUERY_LIMIT} characters): its end may be missing.")
    certain = not flags
    if certain and (queries.mixes_operators(query) or queries.mixes_operators_inside(query)):
        flags.append(
            "AND and OR stand side by side without brackets: PubMed reads them from left to right. Put brackets "
            "around what you mean."
        )
    blocks, excluded = queries.blocks(query) if certain else ((query,), ())
    flags += [
        f"NOT takes away every record that holds {block}: check that no eligible one is among them."
        for block in excluded
    ]
    if certain:
        flags += _repeated(blocks)
    if question is not None:
        flags += _unrelated(blocks, question)
    return SearchQuery(query, queries.sub_queries(query), tuple(flags), blocks, _why_unusable(query))


def _repeated(blocks: tuple[str, ...]) -> list[str]:
    found = []
    for block in blocks:
        told = Counter(term.casefold() for term in queries.every_term(block))
        found += [
            f'"{term}" stands {number} times in one group: once is enough.'
            for term, number in told.items()
            if number > 1
        ]
        found += [f'"{term}" says one word again.' for term in told if terms.repeats(term)]
    return found


def _why_unusable(query: str) -> str:
    """Why a query would find nothing that was asked for, in one sentence; "" where it may."""
    every = queries.terms(query)
    if terms.says_nothing(every):
        return "It has no word of its own, only such as stand in every question (adults, treatment, trial)."
    if every and all(terms.repeats(term) for term in every):
        return "It only says the same words again."
    return ""


def _unrelated(blocks: tuple[str, ...], question: Question) -> list[str]:
    asked = (question.title, question.population, question.intervention, question.comparison, question.outcome)
    found = dict.fromkeys(term for block in blocks for term in queries.terms(block))
    return [
        f'"{term}" shares no word with the question: keep it only if it is a synonym that you want.'
        for term in terms.unrelated(found, [text for text in asked if text])
    ]
