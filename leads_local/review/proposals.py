"""What an extraction proposes, beside what people have verified.

A person's accept, edit or reject is never overwritten: where a value is accepted or edited, a later proposal for the
same place is kept aside; where it is rejected, only a different one comes up again. Proposals that nobody has verified
are set aside by later ones. Nothing is deleted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from leads_local.documents import evidence, quotes, value_columns
from leads_local.records import ExtractedValue, Passage, Quote
from leads_local.review import shown_values
from leads_local.review.act_log import ActLog
from leads_local.review.acts import ActKind, canonical
from leads_local.review.attachments import Paper
from leads_local.review.database import Database
from leads_local.review.read_models import StoredValue, ValueStatus
from leads_local.review.shown_values import ValueAddress, is_settled_by, value_address
from leads_local.review.store import values
from leads_local.tasks.replies import CUT_MARK

_PARTS_WITHOUT_EVIDENCE = frozenset({"type"})  # words of a fixed vocabulary, which papers do not use
_CONTEXT_PARTS = ("unit", "time frame")  # parts of an answer that say more about its other parts


def add_evidence(
    found: Sequence[ExtractedValue], hints: Sequence[str], passages: Iterable[Passage]
) -> list[ExtractedValue]:
    """Each value with the place where its quote, or the value itself, stands in the paper. ``hints`` are further words
    on what is asked.

    A value that the paper does not report has no evidence; one that can't be found has a quote that says so, as has one
    whose quote holds other numbers, or has them under the head of another group.
    """
    passages = tuple(passages)
    context = [value.text for value in found if value.part in _CONTEXT_PARTS and value.text]
    shown = []
    for value in found:
        if value.quote is not None:
            value = replace(value, quote=_check_numbers(value, quotes.find_quote(value.quote.text, passages)))
        elif (said := value.text.removesuffix(CUT_MARK).rstrip("; ")) and value.part not in _PARTS_WITHOUT_EVIDENCE:
            words = [word for word in (value.item, value.group, *hints, *context) if word and word != value.text]
            value = replace(value, quote=evidence.find_evidence(said, words, passages))
        shown.append(_check_column(value, passages))
    return shown


def _check_numbers(value: ExtractedValue, quote: Quote) -> Quote:
    """The quote, marked where it stands in the paper without the numbers of the value."""
    said = value.text.removesuffix(CUT_MARK)
    if not quote.stands or evidence.numbers_stand_together(said, quote.text):
        return quote
    return replace(quote, match="other numbers")


def _check_column(value: ExtractedValue, passages: tuple[Passage, ...]) -> ExtractedValue:
    """The value, its quote marked where a table has it in the column of another group."""
    quote, said = value.quote, value.text.removesuffix(CUT_MARK)
    if quote is None or not (quote.found or quote.match == "ocr") or not value.group:
        return value
    if not value_columns.is_under_another_group(said, value.group, quote.passage, passages):
        return value
    return replace(value, quote=replace(quote, match="other column"))


def propose(
    db: Database,
    head: int,
    paper: Paper,
    found: Sequence[tuple[int, ExtractedValue]],
    standing: Sequence[StoredValue],
) -> None:
    """Store what one reply says, or what those about the parts of a paper say together: each value with the reply that
    it is from, and with the file of ``paper`` that its evidence stands in.

    ``standing`` are the current values of all that was asked with it.
    """
    by_slot: dict[ValueAddress, list[StoredValue]] = {}
    for stored in standing:
        by_slot.setdefault(value_address(stored.value), []).append(stored)
    unverified = [stored.id for stored in standing if stored.status is ValueStatus.PROPOSED]
    values.set_current(db, unverified, False)
    before = [
        stored
        for reply_id in dict.fromkeys(reply_id for reply_id, _ in found)
        for stored in values.of_reply(db, reply_id)
    ]
    if before:  # the answer is used again: what it said then is what it says now
        values.set_current(db, [stored.id for stored in before if not _is_settled(stored.value, by_slot)], True)
        return
    for reply_id, value in found:
        document_id, value = _in_its_file(value, paper)
        values.add(db, head, reply_id, document_id, value, current=not _is_settled(value, by_slot))


def _in_its_file(value: ExtractedValue, paper: Paper) -> tuple[int, ExtractedValue]:
    """The document that a value's evidence stands in, and the value with the passage's number there."""
    if value.quote is None or not value.quote.match:
        return paper.document_id, value
    document_id, passage = paper.locate(value.quote.passage)
    return document_id, replace(value, quote=replace(value.quote, passage=passage))


def verify(
    db: Database, log: ActLog, stored: StoredValue, status: ValueStatus, text: str, note: str, reviewer: str
) -> StoredValue:
    """Store what a person makes of a value, ``text`` where they edit it. Returns the value as it stands then.

    One that a later extraction had set aside meanwhile holds again by that. Inside a transaction.
    """
    final = {ValueStatus.ACCEPTED: stored.value.text, ValueStatus.EDITED: text}.get(status, "")
    said = {"status": status, "text": final, "note": note}
    _, act = log.write(
        ActKind.VERIFY, canonical(values.name(db, stored.id)), said, reviewer=reviewer, record_id=stored.record_id
    )
    values.verify(db, stored.id, status, final, note, reviewer, act.at)
    shown_values.follow(db, stored.id)
    changed = values.read(db, stored.id)
    assert changed is not None
    return changed


def _is_settled(value: ExtractedValue, by_slot: dict[ValueAddress, list[StoredValue]]) -> bool:
    """Whether a person has said what holds in the place of ``value``."""
    return any(is_settled_by(value, stored) for stored in by_slot.get(value_address(value), ()))
