"""A question that is split is several questions to the model and one to everybody else."""

from __future__ import annotations

import json
from collections.abc import Iterable

import pytest

from leads_local.engine import split
from leads_local.engine.types import FinishReason, Reply, Request


def whole(name: str, count: int) -> Request:
    return Request(name, "all", split=tuple(Request("any", f"part {n}") for n in range(count)))


def answers(request: Request) -> Reply:
    text = json.dumps({"evaluations": [request.prompt]})
    return Reply(
        request.id,
        text,
        prompt_tokens=10,
        shared_tokens=4,
        output_tokens=2,
        margin=len(request.id),
        choices=((("YES", 1.0),),),
    )


def backwards(requests: Iterable[Request]) -> split.Replies:
    """Answers all, the last first."""
    for request in reversed(list(requests)):
        yield answers(request)


def test_the_answers_of_the_parts_are_joined_in_their_order() -> None:
    replies = {
        reply.id: reply
        for reply in split.run_and_join(backwards, [whole("a", 3), Request("b", "alone"), whole("c", 2)])
    }
    assert sorted(replies) == ["a", "b", "c"]
    assert json.loads(replies["a"].text) == {"evaluations": ["part 0", "part 1", "part 2"]}
    assert json.loads(replies["c"].text) == {"evaluations": ["part 0", "part 1"]}
    assert replies["b"] == answers(Request("b", "alone"))
    joined = replies["a"]
    assert (joined.prompt_tokens, joined.shared_tokens, joined.output_tokens, len(joined.choices)) == (30, 12, 6, 3)
    assert joined.ok


@pytest.mark.parametrize("finish", [FinishReason.LENGTH, FinishReason.ERROR, FinishReason.CANCELLED])
def test_one_part_without_a_whole_answer_is_none_for_the_whole(finish: FinishReason) -> None:
    def ask(requests: Iterable[Request]) -> split.Replies:
        for request in requests:
            yield (
                Reply(request.id, "{", finish, "no memory" if finish is FinishReason.ERROR else "")
                if "1" in request.prompt
                else answers(request)
            )

    (reply,) = split.run_and_join(ask, [whole("a", 3)])
    assert reply.finish is finish
    assert reply.error == ("no memory" if finish is FinishReason.ERROR else "")
    assert reply.text.splitlines()[1] == "{"  # what there is is kept for a person to read


@pytest.mark.parametrize("text", ['{"query": "two words"}', "[1, 2]", "no JSON"])
def test_answers_that_are_no_lists_are_left_as_they_are(text: str) -> None:
    def ask(requests: Iterable[Request]) -> split.Replies:
        yield from (Reply(request.id, text) for request in requests)

    (reply,) = split.run_and_join(ask, [whole("a", 2)])
    assert reply.text == f"{text}\n{text}"


def test_requests_are_read_as_they_are_asked_and_let_go_early() -> None:
    read, closed = [], []

    def source() -> Iterable[Request]:
        for number in range(100):
            read.append(number)
            yield whole(str(number), 2)

    def ask(requests: Iterable[Request]) -> split.Replies:
        try:
            yield from map(answers, requests)
        finally:
            closed.append(True)

    replies = split.run_and_join(ask, source())
    assert next(replies).id == "0"
    assert len(read) == 1
    replies.close()
    assert closed == [True]
