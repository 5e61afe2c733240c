"""The items of a batch of ``api``: how each is asked and read, its own success or failure, and what is asked of its
arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from leads_local.engine import Engine
from leads_local.engine.types import Reply, Request
from leads_local.errors import InputError, ModelError
from leads_local.tasks.prompts import PromptPack


@dataclass(frozen=True, slots=True)
class TaskItem:
    """How one kind of question is asked and read. ``ask`` gives one or more requests, ``read`` their replies in that
    order."""

    ask: Callable[[PromptPack], list[Request]]
    read: Callable[[list[Reply]], Any]


def collect_replies(
    engine: Engine, tasks: Mapping[int, tuple[TaskItem, list[Request]]], close: Callable[[], None]
) -> dict[str, Reply | ModelError]:
    """The reply to each request, or why the model ended before it; then ``close`` is called."""
    requests = {
        f"{number}.{part}": replace(request, id=f"{number}.{part}")
        for number, (_, asked) in tasks.items()
        for part, request in enumerate(asked)
    }
    replies: dict[str, Reply | ModelError] = {}
    ended = ModelError("The model gave no answer to this question.", "Ask again.")
    try:
        for reply in engine.run(requests.values()):
            replies[reply.id] = reply
    except ModelError as error:
        ended = error
        close()
    return {key: replies.get(key, ended) for key in requests}


def require_reply(reply: Reply | ModelError) -> Reply:
    if isinstance(reply, ModelError):
        raise reply
    return reply


def require_papers(paper_contents: Sequence[str]) -> list[str]:
    if isinstance(paper_contents, str):
        raise InputError(
            "paper_contents is one text, a list of texts is expected.", "Put the text into a list: [text]."
        )
    return list(paper_contents)


def require_text(value: object, name: str) -> str:
    """``value``, which must be a text. Raises InputError that names it."""
    if not isinstance(value, str):
        raise InputError(f"{name} must be a text, it is {type(value).__name__}.", "Give the text itself.")
    return value


def spread_over_papers(value: Any, count: int, name: str, single: type) -> list[Any]:
    """``value`` for each of ``count`` papers: one for all, or a list of ``single`` with one for each."""
    if not isinstance(value, list | tuple) or (
        value and not all(isinstance(one, single) or one is None for one in value)
    ):
        return [value] * count
    if len(value) != count:
        raise InputError(
            f"{name} has {len(value)} entries for {count} papers.", "Give one for all papers, or one for each."
        )
    return list(value)
