"""Split requests: one question is asked as several requests, and their answers are joined into one reply before anyone
sees them.

They share the evaluation of what their prompts begin with, so a paper that stands first is evaluated once.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from leads_local.engine.types import FinishReason, Reply, Request

Replies = Generator[Reply, None, None]

_WORST = (
    FinishReason.CANCELLED,
    FinishReason.ERROR,
    FinishReason.LENGTH,
    FinishReason.STOP,
)  # of several ends, the first of these is the end of all


@dataclass(slots=True)
class _SplitRequest:
    """A request that is split, and the replies to its parts so far, by their place."""

    request: Request
    replies: dict[int, Reply] = field(default_factory=dict)

    def joined(self) -> Reply:
        replies = [self.replies[place] for place in sorted(self.replies)]
        finish = min((reply.finish for reply in replies), key=_WORST.index)
        margins = [reply.margin for reply in replies if reply.margin is not None]
        return Reply(
            self.request.id,
            text=_join_texts([reply.text for reply in replies]),
            finish=finish,
            error=next((reply.error for reply in replies if reply.error), ""),
            prompt_tokens=sum(reply.prompt_tokens for reply in replies),
            shared_tokens=sum(reply.shared_tokens for reply in replies),
            output_tokens=sum(reply.output_tokens for reply in replies),
            forced_tokens=sum(reply.forced_tokens for reply in replies),
            seconds=max(reply.seconds for reply in replies),
            margin=min(margins, default=None),
            choices=tuple(choice for reply in replies for choice in reply.choices),
        )


def run_and_join(ask: Callable[[Iterable[Request]], Replies], requests: Iterable[Request]) -> Replies:
    """Each of ``requests`` gets one Reply, in any order, from ``ask``, which is given the parts of those that are
    split."""
    awaited: dict[str, tuple[_SplitRequest, int]] = {}

    def parts() -> Iterator[Request]:
        for request in requests:
            if not request.split:
                yield request
                continue
            whole = _SplitRequest(request)
            for place, part in enumerate(request.split):
                name = f"{request.id}/{place + 1}"
                awaited[name] = whole, place
                yield replace(part, id=name)

    with contextlib.closing(ask(parts())) as replies:
        for reply in replies:
            if reply.id not in awaited:
                yield reply
                continue
            whole, place = awaited.pop(reply.id)
            whole.replies[place] = reply
            if len(whole.replies) == len(whole.request.split):
                yield whole.joined()


def _join_texts(texts: list[str]) -> str:
    """JSON objects of lists as one object of longer lists; texts of any other form one below the other, for a person to
    read."""
    try:
        found = [json.loads(text) for text in texts]
    except ValueError:
        found = []
    if not found or not all(
        isinstance(one, dict) and all(isinstance(rows, list) for rows in one.values()) for one in found
    ):
        return "\n".join(texts)
    whole: dict[str, list[Any]] = {}
    for key, rows in (pair for one in found for pair in one.items()):
        whole.setdefault(key, []).extend(rows)
    return json.dumps(whole, ensure_ascii=False)
