"""How much of a paper goes into a prompt: all of it where it fits, else its most useful sections, with what is missing
by name; and where even what matters most does not fit, all but minor sections in parts, each asked about by itself.

All questions of one job get the same budget, so that all questions about one paper begin with the very same text and
share its evaluation. Tokens are the model's own. Counting is done before a run begins: an engine that is working is not
asked to count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from leads_local.documents.sections import PaperText, paper_text, paper_windows
from leads_local.engine import Engine
from leads_local.engine.types import Request
from leads_local.errors import ModelError
from leads_local.records import Passage
from leads_local.review.store.job_rows import RowQuestion

_LEAST_TOKENS = 256  # tokens of a paper that are worth asking about
_FRAME_TOKENS = 16  # tokens of the chat template and of joining two texts
_END_OF = "end of "  # what stands before a section's name where only its end was left out


def token_budget(engine: Engine, bare: Iterable[Request], spare: int = 0) -> int | None:
    """The most tokens of a paper that leave room for every request of ``bare`` (built with an empty paper) and its
    answer.

    ``spare`` is kept free for what is not known yet. The answer is given its limit, but at most a quarter of the
    context. None when the model's context is not known. Raises ModelError when there is no room for a paper worth the
    name.
    """
    requests = list(bare)
    if not requests:
        return None
    question = max(engine.count_tokens([request.prompt for request in requests]))
    context = engine.model.context  # after counting, which loads the model: before, its context may not be known
    if not context:
        return None
    answer = min(max(request.max_tokens for request in requests), context // 4)
    room = context - answer - question - min(spare, context // 8) - _FRAME_TOKENS
    if room < _LEAST_TOKENS:
        raise ModelError(
            f"The model's context of {context:,} tokens has no room for a paper beside the question and its answer.",
            "Set a larger context, use a model that has one, or shorten the criteria or the form.",
        )
    return room


def lay_out_paper(
    passages: Iterable[Passage], budget: int | None, engine: Engine, length: Callable[[str], int] | None = None
) -> tuple[PaperText, ...]:
    """The paper within ``budget`` tokens: one text, or as many as it takes where what matters most does not fit into
    one. ``length`` gives the tokens of the whole text, for who knows them already."""
    passages = list(passages)
    whole = paper_text(passages)
    length = length or (lambda text: engine.count_tokens([text])[0])
    if budget is None or _has_fewer_bytes(whole.text, budget) or length(whole.text) <= budget:
        return (whole,)
    return paper_windows(passages, budget, engine.count_tokens)


def _has_fewer_bytes(text: str, budget: int) -> bool:
    """Then it need not be counted: no text has more tokens than bytes."""
    return len(text.encode("utf-8", "replace")) < budget


@dataclass(frozen=True, slots=True)
class PaperStandIn:
    """The text that represents a paper in the hash of a question: ``parts`` has one for each part that is asked about,
    or one for the paper as one text.

    The token budget depends on the memory that is free today, so it is not hashed. Of a paper that is cut, the sections
    that are missing or lack their end are named instead: a question is asked again only when today's text has a section
    whole that was not whole then, never because a new budget cuts the same section elsewhere.
    """

    parts: tuple[str, ...]
    document: str = ""
    left_out: frozenset[str] = field(default_factory=frozenset)

    def numbered(self, question: RowQuestion, parts: int) -> list[tuple[RowQuestion, str]]:
        """``question`` about each of so many parts, with what stands for the part."""
        return [
            (replace(question, part=part, parts=parts), f"document {self.document} part {part} of {parts}")
            for part in range(1, parts + 1)
        ]

    def as_good(self, left_out: Iterable[str]) -> str | None:
        """What stands in the key of an answer about one text of this paper without ``left_out``, where that answer is
        as good as one about today's text; None where it is not."""
        then = _section_names(left_out)
        if self.document and not then:
            return f"document {self.document} whole"
        if len(self.parts) > 1 or (self.left_out and then <= self.left_out):
            return _cut_text(self.document, then)
        return None

    @property
    def earlier(self) -> tuple[str, ...]:
        """What may stand in the keys of answers about more of the paper, and of those of earlier versions, which named
        no sections: ``as_good`` tells of each whether it is as good."""
        if not self.left_out and len(self.parts) == 1:
            return ()
        return (f"document {self.document} whole", f"document {self.document} cut")


def whole_stand_in(paper: str) -> PaperStandIn:
    """For a paper of this name (``Paper.name``) that is shown whole."""
    return PaperStandIn((f"document {paper} whole",), paper)


def make_stand_in(paper: str, texts: Sequence[PaperText]) -> PaperStandIn:
    """For the paper of this name, laid out as ``texts``."""
    if len(texts) > 1:
        parts = tuple(f"document {paper} part {part} of {len(texts)}" for part in range(1, len(texts) + 1))
        return PaperStandIn(parts, paper)
    if not texts or not texts[0].left_out:
        return whole_stand_in(paper)
    left_out = _section_names(texts[0].left_out)
    return PaperStandIn((_cut_text(paper, left_out),), paper, left_out)


def _cut_text(paper: str, left_out: Iterable[str]) -> str:
    return f"document {paper} cut, without {', '.join(sorted(left_out))}"


def _section_names(left_out: Iterable[str]) -> frozenset[str]:
    return frozenset(name.removeprefix(_END_OF) for name in left_out)
