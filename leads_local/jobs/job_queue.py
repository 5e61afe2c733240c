"""Asking the model, so that killing the program at any moment loses at most the replies in flight.

Every question is a row of work before it is asked. A reply, what it says and the new state of its row are committed
together, and only then announced. The key of a question is a hash of all that its answer depends on: an answer with the
same key is used again, a question whose key has changed is asked again.

Invariants: a reply that can't be read is a failure of its own row, kept with its raw text; a cancelled reply leaves its
row pending, and so does an error that comes once the work was told to stop; when the model itself gives up
(ModelError), everything that was answered before is stored. A reply to a question that another process has changed or
answered meanwhile is kept, but says nothing any more.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TypeVar

from leads_local.engine import Engine
from leads_local.engine.types import FinishReason, ModelInfo, Reply, Request
from leads_local.errors import ReplyError
from leads_local.records import Progress, ScreeningMethod
from leads_local.review.database import Database
from leads_local.review.store import job_rows
from leads_local.review.store.job_rows import QuestionRow, RowQuestion

_T = TypeVar("_T")

ROWS_PER_TRANSACTION = 500  # rows of one transaction, so that a person's decision never waits long for the plan
_MOST_CHARACTERS = 64_000_000  # of composed prompts that are kept, some ten thousand abstracts' or so

StoreAnswer = Callable[[Database, int], None]
"""Writes what a reply says, given the reply's id, inside the transaction that marks its row as done."""


def _do_nothing(_: Reply | None) -> None:
    return


@dataclass(frozen=True, slots=True)
class RowRequest:
    """One row of work with its request. ``read`` makes sense of a reply or raises ReplyError; ``then`` runs after the
    commit, with the reply if it was good and None if not. ``left_out`` names what of the paper is not in the prompt."""

    row: QuestionRow
    request: Request
    read: Callable[[Reply], StoreAnswer]
    left_out: tuple[str, ...] = ()
    then: Callable[[Reply | None], None] = _do_nothing


class RowPlan:
    """Compares the stored rows of one stage with the questions to be asked now, and writes only the differences."""

    def __init__(
        self, db: Database, stage: str, *, retry: bool, task: str = "", comparison: ScreeningMethod | None = None
    ) -> None:
        """``task``: of that task only; ``comparison``: what is asked only to compare that way with others."""
        self._db = db
        self._retry = retry
        self._before = job_rows.rows(db, stage, task, comparison)
        self._parts: dict[tuple[int, str, str], set[int]] = {}
        for record_id, of, item, part, parts in self._before:
            if part:
                self._parts.setdefault((record_id, of, item), set()).add(parts)

    def row(self, question: RowQuestion, read: Callable[[Reply], StoreAnswer]) -> QuestionRow:
        """The row for ``question``: as it was if its key is the same, done if there is an answer with its key, else
        pending.

        One that failed is pending again with ``retry``. Inside a transaction.
        """
        row = self._before.pop(job_rows.row_address(question), None)
        if row is not None and row.question.key == question.key and not (row.state == "failed" and self._retry):
            return row
        return reuse_answer(self._db, job_rows.make_pending(self._db, question), read)

    def is_settled(self, question: RowQuestion) -> bool:
        """Whether exactly this question was answered, or failed and is not to be asked again."""
        row = self._before.get(job_rows.row_address(question))
        if row is None or row.question.key != question.key:
            return False
        return row.state == "done" or (row.state == "failed" and not self._retry)

    def keep_if_done(self, question: RowQuestion) -> QuestionRow | None:
        """The row of exactly this question if it is done, which is then kept; None otherwise."""
        row = self._before.get(job_rows.row_address(question))
        if row is None or row.state != "done" or row.question.key != question.key:
            return None
        return self._before.pop(job_rows.row_address(question))

    def left_out_before(self, question: RowQuestion) -> tuple[str, ...] | None:
        """What of the paper the answer that stands for ``question`` has not seen; None while there is no answer."""
        row = self._before.get(job_rows.row_address(question))
        return job_rows.left_out(self._db, row.reply_id) if row is not None and row.state == "done" else None

    def keep_earlier(
        self, question: RowQuestion, read: Callable[[Reply], StoreAnswer], is_as_good: Callable[[tuple[str, ...]], bool]
    ) -> QuestionRow | None:
        """The row for ``question`` where it has an answer, though its row asks something else by now, and
        ``is_as_good`` says so of what that has not seen of the paper. Inside a transaction."""
        found = job_rows.newest_answer(self._db, question.key)
        if found is None or not is_as_good(job_rows.left_out(self._db, found[0])):
            return None
        row = self.row(question, read)
        return row if row.state == "done" else None

    def keep_done_parts(self, question: RowQuestion, about: Callable[[int], list[RowQuestion]]) -> list[QuestionRow]:
        """The rows for the parts of a paper if every part of some split has been answered; else an empty list.

        ``about(n)`` gives the questions for a split into n parts.
        """
        for parts in sorted(self._parts.get(job_rows.row_address(question)[:3], ())):
            rows = [self._before.get(job_rows.row_address(one)) for one in about(parts)]
            if all(row is not None and row.state == "done" for row in rows):
                kept = [self.keep_if_done(one) for one in about(parts)]
                if (whole := [row for row in kept if row is not None]) and len(whole) == parts:
                    return whole
        return []

    def close(self, *, answered_too: bool = True) -> None:
        """Delete the rows of questions that are no longer asked; those that were answered only with
        ``answered_too``."""
        with self._db.transaction():
            job_rows.drop_rows(self._db, (row for row in self._before.values() if answered_too or row.state != "done"))


@dataclass(slots=True)
class ComposedRequests:
    """Requests that were composed for the keys of their rows, to be asked later, for as many as there is room."""

    _requests: dict[int, Request] = field(default_factory=dict)
    _characters: int = 0

    def keep(self, row: QuestionRow, request: Request) -> None:
        if self._characters + len(request.prompt) <= _MOST_CHARACTERS:
            self._requests[row.id] = request
            self._characters += len(request.prompt)

    def take(self, row: QuestionRow, compose: Callable[[], Request]) -> Request:
        """The request for ``row`` as it was composed before, else as ``compose`` makes it."""
        request = self._requests.pop(row.id, None)
        if request is None:
            return compose()
        self._characters -= len(request.prompt)
        return request


@dataclass(slots=True)
class Tally:
    """How far a run has come. Counts what this run settles, not what earlier ones did."""

    what: str
    total: int = 0
    done: int = 0
    failed: int = 0

    def count_settled(self, *, failed: bool) -> None:
        self.done += 1
        self.failed += failed

    def progress(self, record_id: int = 0, note: str = "") -> Progress:
        return Progress(self.what, self.done, self.total, self.failed, record_id, note)


@dataclass(frozen=True, slots=True)
class ReplyCollector:
    """Asks the requests of one run and commits each reply as it comes. ``pack`` is the name of the prompt pack."""

    db: Database
    engine: Engine
    pack: str
    tally: Tally
    cancel: threading.Event = field(default_factory=threading.Event)

    def run(self, asks: Iterable[RowRequest]) -> Iterator[Progress]:
        """Ask everything that ``asks`` gives; one Progress after each reply has been committed. ``asks`` is read
        lazily, in this thread."""
        flying: dict[str, RowRequest] = {}

        def requests() -> Iterator[Request]:
            for ask in asks:
                if self.cancel.is_set():
                    return
                flying[ask.request.id] = ask
                yield ask.request

        for reply in self.engine.run(requests(), self.cancel):
            ask = flying.pop(reply.id)
            if reply.finish is not FinishReason.CANCELLED and not (
                reply.finish is FinishReason.ERROR and self.cancel.is_set()
            ):
                reason, wanted = self._settle(ask, reply)
                self.tally.count_settled(failed=bool(reason) and wanted)
                if wanted:
                    ask.then(None if reason else reply)
                yield self.tally.progress(ask.row.question.record_id, reason)

    def _settle(self, ask: RowRequest, reply: Reply) -> tuple[str, bool]:
        """Commit one reply. Returns why it failed, "" if it did not, and whether its question was still open."""
        try:
            store, reason = ask.read(reply), ""
        except ReplyError as error:
            store, reason = None, error.message
        with self.db.transaction():
            reply_id = job_rows.add_reply(
                self.db, ask.row.question, reply, reason, self.engine.model, self.pack, ask.left_out
            )
            wanted = job_rows.settle_row(self.db, ask.row, "failed" if reason else "done", reason, reply_id)
            if wanted and store is not None:
                store(self.db, reply_id)
        return reason, wanted


def question_key(question: RowQuestion, request: Request, model: ModelInfo, pack: str) -> str:
    """A hash of everything that the answer depends on: the record, the words asked, the schema and its layout, the
    model, the pack."""
    identity = model.sha256 or [model.name, model.architecture, model.quantization, model.parameters]
    asked = [
        question.task,
        question.stage,
        question.record_id,
        question.item,
        request.prompt,
        request.schema,
        request.max_tokens,
    ]
    if request.style is not None:
        asked.append(request.style.stored())
    if request.split:
        asked.append([part.prompt for part in request.split])
    return hashlib.sha256(json.dumps([asked, identity, pack]).encode("ascii")).hexdigest()


def request_id(question: RowQuestion) -> str:
    """The id of a question's request, for people who read logs."""
    part = f"part {question.part} of {question.parts}" if question.parts else ""
    return "/".join(one for one in (question.stage, question.task, str(question.record_id), question.item, part) if one)


def reuse_answer(db: Database, row: QuestionRow, read: Callable[[Reply], StoreAnswer]) -> QuestionRow:
    """``row``, settled with an earlier answer if there is one with its key. Inside a transaction."""
    found = job_rows.newest_answer(db, row.question.key) if row.question.key else None
    if found is None:
        return row
    reply_id, reply = found
    try:
        read(reply)(db, reply_id)
    except ReplyError:
        return row
    job_rows.settle_row(db, row, "done", "", reply_id)
    return replace(row, state="done", reply_id=reply_id)


def with_key(question: RowQuestion, request: Request, model: ModelInfo, pack: str) -> RowQuestion:
    """``question`` with the key of ``request``."""
    return replace(question, key=question_key(question, request, model, pack))


def in_portions(items: Iterable[_T], size: int) -> Iterator[list[_T]]:
    """``items`` in lists of at most ``size``."""
    source = iter(items)
    while portion := list(islice(source, size)):
        yield portion
