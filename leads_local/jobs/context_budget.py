"""How much of a paper goes into a prompt: all of it where it fits, else its most useful sections, with what is missing
by name; and where even what matters most does not fit, all but minor sections in parts, each asked about by itself.

All questions of one job get the same budget, so that all questions about one paper begin with the very same text and
share its evaluation. Tokens are the model's own. Counting is done before a run begins: an engine that is working is not
asked to count.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from leads_local.documents.sections import PaperText, paper_text, paper_windows
from leads_local.engine import Engine
from leads_local.engine.types import Request
from leads_local.errors import ModelError
from leads_local.records import Passage
from leads_local.review.store.job_rows import RowQuestion

AT_ONCE = 64  # papers that are laid out before a run begins; their texts are in memory while it lasts
_LEAST_TOKENS = 256  # tokens of a paper that are worth asking about
_FRAME_TOKENS = 16  # tokens of the chat template and of joining two texts


def token_budget(engine: Engine, bare: Iterable[Request], spare: int = 0) -> int | None:
    """The most tokens of a paper that leave room for every request of ``bare`` (built with an empty paper) and its
    answer.

    ``spare`` is kept free for what is not known yet. The answer is given its limit, but at most a quarter of the
    context. None when the model's context is not known. Raises ModelError when there is no room for a paper worth the
    name.
    """
    requests = list(bare)
    context = engine.model.context
    if not context or not requests:
        return None
    answer = min(max(request.max_tokens for request in requests), context // 4)
    room = (
        context
        - answer
        - max(engine.count_tokens([request.prompt for request in requests]))
        - min(spare, context // 8)
        - _FRAME_TOKENS
    )
    if room < _LEAST_TOKENS:
        message = (
            f"The model's context of {context:,} tokens has no room for a paper beside the question and its answer."
        )
        raise ModelError(
            message, "Set a larger context, use a model that has one, or shorten the criteria or the form."
        )
    return room


def lay_out_paper(passages: Iterable[Passage], budget: int | None, engine: Engine) -> tuple[PaperText, ...]:
    """The paper within ``budget`` tokens: one text, or as many as it takes where what matters most does not fit into
    one."""
    passages = list(passages)
    whole = paper_text(passages)
    return (
        (whole,)
        if budget is None or _fits(whole, budget, engine)
        else paper_windows(passages, budget, engine.count_tokens)
    )


@dataclass(frozen=True, slots=True)
class PaperStandIn:
    """What stands for a paper where its keys are made: one text for each part that is asked about, one in all where it
    is not in parts.

    The budget follows from the memory that is free today, so it is no part of it: a paper that was asked about whole,
    cut or in parts is not asked about again because another budget would cut it elsewhere. ``better`` is what an answer
    may have been about that is as good or better.
    """

    parts: tuple[str, ...]
    better: tuple[str, ...] = ()
    document: str = ""

    def numbered(self, question: RowQuestion, parts: int) -> list[tuple[RowQuestion, str]]:
        """``question`` about each of so many parts, with what stands for the part."""
        return [
            (replace(question, part=part, parts=parts), f"document {self.document} part {part} of {parts}")
            for part in range(1, parts + 1)
        ]


def make_stand_in(sha256: str, texts: Sequence[PaperText]) -> PaperStandIn:
    """For the document with this hash, laid out as ``texts``."""
    whole, cut = f"document {sha256} whole", f"document {sha256} cut"
    if len(texts) > 1:
        return PaperStandIn(
            tuple(f"document {sha256} part {part} of {len(texts)}" for part in range(1, len(texts) + 1)),
            (whole, cut),
            sha256,
        )
    return PaperStandIn((cut,), (whole,), sha256) if texts and texts[0].left_out else PaperStandIn((whole,), (), sha256)


def _fits(whole: PaperText, budget: int, engine: Engine) -> bool:
    if len(whole.text.encode("utf-8", "replace")) < budget:  # no text has more tokens than bytes
        return True
    return engine.count_tokens([whole.text])[0] <= budget
