"""Screening: does one publication meet each of the reviewer's criteria? Judgements are suggestions; deciding is a
person's.

The number of judgements is the number of criteria, in their order, or there are none at all: a judgement on the wrong
criterion is the one mistake that nobody would see.

LEADS was trained to write, for each criterion in turn, its word and then the reason. Triage asks the very same prompt
and forces the very same keys, with each reason closed as soon as it is opened, so that one pass gives all words. For
the first criterion this is exactly what the full mode sees; a later word is chosen in sight of the words before it, as
in training, but not of their reasons. Leaving the key out, or asking one criterion at a time, would be further from
what the model knows (very small models are asked so all the same, if their prompt pack says it: they lose their place
in a list). A reason is asked for later, one criterion at a time, with the words up to it forced: it explains the
judgement that stands and can't change it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from leads_local.engine.types import Reply, Request
from leads_local.errors import InputError, ReplyError
from leads_local.judgements import Judgement, WordProbabilities
from leads_local.records import Citation, Criterion, Eligibility, Question, ScreeningMode
from leads_local.tasks import replies, schemas
from leads_local.tasks.prompts import PromptPack

ELIGIBILITY_SCORES: Mapping[Eligibility, float] = MappingProxyType(
    {Eligibility.YES: 1.0, Eligibility.PARTIAL: 0.5, Eligibility.UNCERTAIN: 0.0, Eligibility.NO: -1.0}
)

_SPACE = 64  # tokens for the white space of a layout

SURE_MARGIN = 0.5
"""By how much the chosen word's probability must be above the next for the judgement to need no reason."""


_ABSTRACT = 1_500  # characters of an abstract as most are
_TOKEN_BYTES = 3  # of English, at the least, in the vocabularies of the models that can be used
_FRAME = 16  # tokens of the chat template

MOST_CRITERIA = 50
"""More than a prompt and its answer have room for: each takes some 40 tokens to ask and 80 to answer."""
_LONGEST = 5_000  # characters of a criterion, or of a part of the question


def check_size(question: Question, criteria: Sequence[Criterion]) -> None:
    """Raise InputError when there is more to be asked at a stage than a prompt has room for."""
    if len(criteria) > MOST_CRITERIA:
        raise InputError(
            f"There are {len(criteria):,} criteria; a review may have {MOST_CRITERIA} at a stage.",
            "Leave out some, or join those that belong together.",
        )
    parts = {"title": question.title, "population": question.population, "intervention": question.intervention}
    parts |= {"comparison": question.comparison, "outcome": question.outcome}
    parts |= {f"criterion {criterion.name[:40]!r}": criterion.name + criterion.text for criterion in criteria}
    long = [name for name, text in parts.items() if len(text) > _LONGEST]
    if long:
        named = ", ".join(long[:5]) + (f" and {len(long) - 5} more" if len(long) > 5 else "")
        raise InputError(f"Too long to be asked: {named}.", f"At most {_LONGEST:,} characters each.")


def citation_as_paper(citation: Citation) -> str:
    """A citation as the paper of a prompt; a missing title or abstract is said plainly, so that nothing is made up for
    it."""
    title = " ".join(citation.title.split()) or "(no title in the record)"
    abstract = citation.abstract.strip() or "(no abstract in the record)"
    return f"[Title] {title}\n[Abstract] {abstract}"


def criteria_text(criteria: Sequence[Criterion]) -> str:
    """``1: Population: …. 2: Intervention: …``, as LEADS was trained to read it."""
    return ". ".join(f"{name}: {' '.join(c.text.split())}" for name, c in zip(_names(criteria), criteria, strict=True))


def _names(criteria: Sequence[Criterion]) -> list[str]:
    """``1: Population``, ``2: Intervention`` …: what tells each criterion from all others."""
    return [f"{n}: {' '.join(c.name.split())}" for n, c in enumerate(criteria, 1)]


def request(
    id: str, paper: str, criteria: Sequence[Criterion], pack: PromptPack, mode: ScreeningMode = ScreeningMode.FULL
) -> Request:
    """Ask about all ``criteria`` at once, or about each alone where the pack says so. Raises InputError when there are
    none."""
    whole = _request(id, paper, criteria, pack, mode, len(criteria))
    if not pack.split or len(criteria) == 1:
        return whole
    return replace(whole, split=tuple(_request(id, paper, [one], pack, mode, len(criteria)) for one in criteria))


def _request(
    id: str, paper: str, criteria: Sequence[Criterion], pack: PromptPack, mode: ScreeningMode, of: int
) -> Request:
    """Ask about these ``criteria``, of so many in all."""
    prompt, named = _prompt(paper, criteria, pack), _names(criteria) if pack.named else ()
    if mode is ScreeningMode.TRIAGE:
        schema = schemas.verdicts(len(criteria), named)
        return Request(id, prompt, schema, schemas.longest_bytes(schema) + _SPACE, pack.json_styles.get("screening"))
    schema = schemas.screening(len(criteria), named, of)
    return Request(id, prompt, schema, schemas.answer_tokens(schema), pack.json_styles.get("screening"))


def least_context(pack: PromptPack) -> int:
    """Tokens that hold the least that screening with ``pack`` asks, and its answer: an abstract of common length and
    the four parts of a question in a word each, with reasons as long as they may be. A bound, since no model is
    loaded."""
    criteria = [Criterion(name, name) for name in ("Population", "Intervention", "Comparison", "Outcome")]
    whole = request("", "x" * _ABSTRACT, criteria, pack)
    return max(map(_most_tokens, whole.split or (whole,)))


def _most_tokens(request: Request) -> int:
    assert request.schema is not None
    longest = len(request.prompt.encode("utf-8", "replace")) + schemas.longest_bytes(request.schema)
    return longest // _TOKEN_BYTES + _FRAME


def reason_request(id: str, paper: str, judgements: Sequence[Judgement], position: int, pack: PromptPack) -> Request:
    """Ask for the reason of the judgement at ``position``, with the words up to it as they were given, or its own
    alone."""
    if pack.split:
        judgements, position = judgements[position : position + 1], 0
    criteria = [judgement.criterion for judgement in judgements]
    words = [judgement.eligibility.value for judgement in judgements[: position + 1]]
    schema = schemas.reason(words, len(criteria), _names(criteria) if pack.named else ())
    return Request(
        id,
        _prompt(paper, criteria, pack),
        schema,
        schemas.longest_bytes(schema) + _SPACE,
        pack.json_styles.get("screening"),
    )


def _prompt(paper: str, criteria: Sequence[Criterion], pack: PromptPack) -> str:
    if not criteria:
        raise InputError(
            "There is no criterion to screen by.", "Write at least one part of the question or one criterion."
        )
    return pack.prompt(
        "screening", paper_content=paper, num_criteria=str(len(criteria)), criteria_text=criteria_text(criteria)
    )


def read_answer(reply: Reply, count: int, of: int = 0) -> list[dict[str, str]]:
    """``count`` times ``{"eligibility", "rationale"}`` in the order of the criteria, the first ``of`` so many. Raises
    ReplyError.

    A reason that is as long as it may be is marked.
    """
    limit = schemas.rationale_limit(of or count)
    outer = replies.require_object(replies.read_json(reply), ("evaluations",), "the top")
    found = []
    for number, row in enumerate(replies.require_list(outer["evaluations"], '"evaluations"', count), 1):
        where = f"evaluation {number}"
        entry = replies.require_object(row, ("eligibility", "rationale"), where)
        word = replies.clean_text(entry["eligibility"], where).upper()
        if word not in set(Eligibility):
            raise ReplyError(
                f'The answer holds an unknown eligibility at {where}: "{word[:40]}".',
                "Its raw text is kept; ask again.",
            )
        found.append({"eligibility": word, "rationale": replies.clean_text(entry["rationale"], where, limit)})
    return found


def parse(reply: Reply, criteria: Sequence[Criterion]) -> tuple[Judgement, ...]:
    """One judgement for each criterion, in order. Raises ReplyError with the reason when the reply can't be read as
    that."""
    rows = read_answer(reply, len(criteria))
    return tuple(
        Judgement(criterion, Eligibility(row["eligibility"]), row["rationale"], chances)
        for criterion, row, chances in zip(criteria, rows, _read_probabilities(reply, len(criteria)), strict=True)
    )


def parse_reason(reply: Reply, position: int, count: int, pack: PromptPack) -> str:
    """The reason for the judgement at ``position`` of ``count``, as ``pack`` asked. Raises ReplyError, also for an
    empty one."""
    if pack.split:
        position, count = 0, 1
    reason = read_answer(reply, position + 1, count)[position]["rationale"]
    if not reason:
        raise ReplyError("The model gave no reason.", "Its raw text is kept; ask again.")
    return reason


def _read_probabilities(reply: Reply, count: int) -> list[WordProbabilities | None]:
    """The probabilities of the words for each criterion, or None for all where the reply's choices can't be told apart
    with certainty."""
    if len(reply.choices) != count:
        return [None] * count
    return [_sum_by_word(choice) for choice in reply.choices]


def _sum_by_word(choice: Sequence[tuple[str, float]]) -> WordProbabilities | None:
    """Beginnings of words, each with its probability, added up by word; None where a beginning could be that of two
    words."""
    total = dict.fromkeys(Eligibility, 0.0)
    for beginning, part in choice:
        words = [
            word for word in Eligibility if beginning and (word.startswith(beginning) or beginning.startswith(word))
        ]
        if len(words) != 1:
            return None
        total[words[0]] += part
    whole = sum(total.values())
    return WordProbabilities(*(total[word] / whole for word in Eligibility)) if whole > 0 else None


def is_unsure(judgement: Judgement) -> bool:
    """Whether a person must look at why: the word itself says so, or another word was nearly as probable, or that is
    not known."""
    if judgement.eligibility in (Eligibility.PARTIAL, Eligibility.UNCERTAIN) or judgement.chances is None:
        return True
    others = [judgement.chances.of(word) for word in Eligibility if word is not judgement.eligibility]
    return judgement.chances.of(judgement.eligibility) - max(others) < SURE_MARGIN


def score(judgements: Sequence[Judgement]) -> float:
    """The mean of YES 1, PARTIAL 0.5, UNCERTAIN 0, NO -1: from -1 to 1. Raises ValueError when there are no
    judgements."""
    if not judgements:
        raise ValueError("no judgements to score")
    return sum(ELIGIBILITY_SCORES[judgement.eligibility] for judgement in judgements) / len(judgements)


def expected_score(judgements: Sequence[Judgement]) -> float | None:
    """The score that the probabilities lead one to expect, on the same scale; None where they are not known for every
    judgement."""
    chances = [judgement.chances for judgement in judgements]
    known = [one for one in chances if one is not None]
    if not known or len(known) < len(chances):
        return None
    return sum(ELIGIBILITY_SCORES[word] * one.of(word) for one in known for word in Eligibility) / len(known)
