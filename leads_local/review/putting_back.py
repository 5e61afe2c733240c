"""Doing again what was rescued: what a person said, in the version of the review that is there now.

Only what replaces nothing that was said meanwhile is done; the rest is named, to be done by hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol

from leads_local.errors import LeadsError, ReviewError
from leads_local.records import Choice, Decision, PageRange, Stage
from leads_local.review import rescue
from leads_local.review.act_log import ActLog
from leads_local.review.acts import ActKind
from leads_local.review.annotations import Field, Priority, stored_text
from leads_local.review.attachments import Attachment, FileRole
from leads_local.review.database import Database
from leads_local.review.read_models import PutBackReport, Source, StoredValue, ValueStatus
from leads_local.review.rescue import RecordOrigin, RescuedAct
from leads_local.review.search_details import SearchDetails
from leads_local.review.store import annotation_rows, citations, decisions, events, pairs
from leads_local.review.studies import Study


class OpenReview(Protocol):
    """What of a review is needed to repeat in it what somebody said."""

    db: Database

    def separate(self, record_id: int, others: Iterable[int] = ()) -> tuple[int, ...]: ...
    def join_records(self, one: int, other: int) -> tuple[int, ...]: ...
    def rejoin(self, record_id: int) -> None: ...
    def link(
        self,
        sha256: str,
        record_id: int,
        role: FileRole = FileRole.MAIN,
        pages: PageRange | None = None,
        *,
        also: bool = False,
    ) -> Attachment: ...
    def unlink(self, sha256: str, record_id: int = 0) -> Attachment: ...
    def ignore(self, sha256: str) -> Attachment: ...
    def add_as_new(self, sha256: str) -> Attachment: ...
    def withdraw(self, sha256: str, reason: str = "", *, withdrawn: bool = True) -> Source: ...
    def set_not_retrieved(self, record_id: int, not_retrieved: bool = True, reviewer: str = "") -> bool: ...
    def values(self, record_id: int) -> list[StoredValue]: ...
    def decide_at(
        self, at: str, record_id: int, stage: Stage, choice: Choice, reason: str = "", reviewer: str = ""
    ) -> Decision: ...
    def set_note(self, record_id: int, text: str, reviewer: str = "") -> bool: ...
    def set_tags(self, record_id: int, on: Iterable[str] = (), off: Iterable[str] = (), reviewer: str = "") -> bool: ...
    def set_priority(self, record_id: int, priority: Priority | None, reviewer: str = "") -> bool: ...
    def correct(self, record_id: int, field: Field, text: str | None, reviewer: str = "") -> bool: ...
    def study_of(self, record_id: int) -> Study: ...
    def put_in_study(self, record_id: int, study: str, label: str = "", why: str = "", reviewer: str = "") -> bool: ...
    def unlink_reports(self, record_ids: Iterable[int], reviewer: str = "") -> list[Study]: ...
    def tell_apart(self, record_ids: Iterable[int], reviewer: str = "") -> bool: ...
    def label_study(self, record_id: int, label: str, reviewer: str = "") -> Study: ...
    def describe_search(self, sha256: str, details: SearchDetails) -> bool: ...
    def verify(
        self, value_id: int, status: ValueStatus | str, text: str = "", note: str = "", reviewer: str = ""
    ) -> StoredValue: ...


def put_back_file(review: OpenReview, file: Path, birth: str, log: ActLog) -> PutBackReport:
    """Do the acts again that were rescued into ``file`` from the review whose first generation is ``birth``. ``log`` is
    the hand in which ``review`` writes.

    Raises InputError when it holds no acts, ReviewError when they are another review's.
    """
    whose, acts = rescue.read_acts(file)
    if whose != birth:
        raise ReviewError(
            f"{file} was rescued from another review than {review.db.path}.", "Open the review that it belongs to."
        )
    done = put_back(review, acts, log)
    rescue.mark_put_back(file)
    return done


def put_back(review: OpenReview, acts: Iterable[RescuedAct], log: ActLog) -> PutBackReport:
    """Do the acts again: what is there already is left, and what would replace what somebody said meanwhile is named
    instead. What was one gesture is one again."""
    wanted, by_hand = _sum_up(acts)
    outcomes: list[str | None] = []
    for gesture in _gestures(wanted):
        if len(gesture) == 1:
            outcomes.append(_repeat(review, gesture[0]))
            continue
        with review.db.transaction(), log.one_gesture():
            outcomes += [_repeat(review, said) for said in gesture]
    done, there = outcomes.count(""), outcomes.count(None)
    by_hand += [outcome for outcome in outcomes if outcome]
    with review.db.transaction():
        events.add(
            review.db,
            "rescue",
            f"{done} rescued acts put back, {there} were there, {len(by_hand)} left to be done by hand",
        )
    return PutBackReport(done, there, tuple(by_hand))


def _gestures(wanted: Iterable[Sequence[RescuedAct]]) -> list[list[Sequence[RescuedAct]]]:
    """What is to be done, by what was done at once."""
    found: dict[str, list[Sequence[RescuedAct]]] = {}
    for number, said in enumerate(wanted):
        found.setdefault(said[-1].gesture or str(number), []).append(said)
    return list(found.values())


def _repeat(review: OpenReview, said: Sequence[RescuedAct]) -> str | None:
    """Do the last of what was said in one place: "" when it was done, None when it was there, otherwise why not."""
    act = said[-1]
    try:
        return _repeat_act(review, act, [one.said.get("instead of", "") for one in said])
    except (LeadsError, KeyError, ValueError, TypeError, OverflowError) as error:
        return f"{act.in_words()}: {error}"


def _sum_up(acts: Iterable[RescuedAct]) -> tuple[list[Sequence[RescuedAct]], list[str]]:
    """What is to be done: what each reviewer said in each place in order, of which the last one counts, then all else;
    and what can't be done, in words."""
    decided: dict[_Place, list[RescuedAct]] = {}
    others, by_hand = [], []
    for act in _holding(acts):
        if act.kind in _PLACES:
            decided.setdefault(_place(act, act.kind), []).append(act)
        elif (
            act.kind == "undo" and not act.takes_back and decided.get(_place(act, "decide"))
        ):  # as it was rescued before
            decided[_place(act, "decide")].pop()
        elif act.kind in ("undo", "redo"):  # of what was said before, which is not known here
            by_hand.append(act.in_words())
        else:
            others.append([act])
    return [*(said for said in decided.values() if said), *others], by_hand


_Place = tuple[str, RecordOrigin | None, str, str]
_PLACES = {"decide": "stage", "set_note": "", "set_priority": "", "correct": "field"}
"""What is said again in the place of what was said before, and what of the record is the place."""


def _place(act: RescuedAct, kind: str) -> _Place:
    who = act.reviewer if kind in ("decide", "set_note") else ""
    return kind, act.subject, str(act.said.get(_PLACES[kind], "")), who


def _holding(acts: Iterable[RescuedAct]) -> list[RescuedAct]:
    """Those that were not taken back in the same session, nor only took back what was said in it."""
    known, taken = list(acts), set()
    for act in reversed(known):
        if act.takes_back and act.gesture not in taken:
            taken.add(act.takes_back)
    here = {act.gesture for act in known}
    return [act for act in known if (not act.gesture or act.gesture not in taken) and act.takes_back not in here - {""}]


def _repeat_act(review: OpenReview, act: RescuedAct, before: list[Any]) -> str | None:
    """Do one act: "" when it was done, None when it was there, otherwise why not. ``before``: the decisions that this
    session replaced there, each None for none, "" where that is not known."""
    record = citations.find_by_origin(review.db, act.subject.source, act.subject.number) if act.subject else 0
    if act.subject and not record:
        return f"{act.in_words()}: this record is not in the review"
    if act.kind == "decide":
        return _repeat_decision(review, act, record, before)
    if act.kind == "verify":
        return _repeat_verification(review, act, record)
    if act.kind in ("separate", "rejoin", "join_records"):
        return _repeat_on_pair(review, act, record)
    if act.kind == "set_not_retrieved":
        changed = review.set_not_retrieved(record, bool(act.said["not retrieved"]), act.reviewer)
        return "" if changed else None
    if act.kind == "link":
        role, pages = FileRole(act.said.get("role", FileRole.MAIN)), act.said.get("pages")
        part = PageRange(int(pages[0]), int(pages[1])) if pages else None
        review.link(str(act.said["sha256"]), record, role, part, also=bool(act.said.get("also")))
        return ""
    if act.kind == "unlink":
        review.unlink(str(act.said["sha256"]), record)
        return ""
    if act.kind in ("ignore", "add_as_new"):
        (review.ignore if act.kind == "ignore" else review.add_as_new)(str(act.said["sha256"]))
        return ""
    if act.kind == "withdraw":
        review.withdraw(str(act.said["sha256"]), str(act.said["reason"]), withdrawn=bool(act.said["withdrawn"]))
        return ""
    if act.kind == "describe_search":
        return _done(review.describe_search(str(act.said["sha256"]), SearchDetails.from_said(act.said)))
    if act.kind in ("set_note", "set_tags", "set_priority", "correct"):
        return _repeat_annotation(review, act, record, before)
    if act.kind in ("put_in_study", "unlink_report", "tell_apart", "label_study"):
        return _repeat_on_study(review, act, record)
    return act.in_words()


def _repeat_on_pair(review: OpenReview, act: RescuedAct, record: int) -> str | None:
    named = [act.said["other"]] if act.kind == "join_records" else act.said.get("from", ())
    others = [citations.find_by_origin(review.db, str(source), int(number)) for source, number, _ in named]
    if not all(others):
        return f"{act.in_words()}: one of these records is not in the review"
    wanted = {"rejoin": None, "separate": False, "join_records": True}[act.kind]
    said = pairs.said(review.db)
    if others and all(said.get(pairs.ordered(record, other)) is wanted for other in others):
        return None
    if act.kind == "rejoin":
        review.rejoin(record)
    elif act.kind == "separate":
        review.separate(record, others)
    else:
        review.join_records(record, others[0])
    return ""


def _repeat_decision(review: OpenReview, act: RescuedAct, record: int, before: list[Any]) -> str | None:
    stage, choice, reason = Stage(act.said["stage"]), Choice(act.said["choice"]), str(act.said["reason"])
    with review.db.transaction():
        head = citations.head(review.db, record)
        own = decisions.own(review.db, head, stage, act.reviewer)
        stands = [own.choice, own.reason] if own is not None else None
        if stands == [choice, reason]:
            return None
        if own is not None and stands not in before and own.at > act.at:
            return f"{act.in_words()}: {act.reviewer or 'somebody'} has decided {own.choice} meanwhile"
        review.decide_at(act.at, record, stage, choice, reason, act.reviewer)
        return ""


def _repeat_annotation(review: OpenReview, act: RescuedAct, record: int, before: list[Any]) -> str | None:
    """What was added to a record, unless somebody has written over what this session found there."""
    said, who = act.said, act.reviewer
    if act.kind == "set_tags":
        return _done(review.set_tags(record, said["on"], said["off"], who))
    if act.kind == "set_note":
        kind, place, about = ActKind.NOTE, citations.head(review.db, record), who
        wanted = said["text"] or None
    elif act.kind == "set_priority":
        kind, place, about = ActKind.PRIORITY, citations.head(review.db, record), ""
        wanted = said["priority"]
    else:
        kind, place, about = ActKind.CORRECT, record, str(Field(said["field"]))
        wanted = None if said["text"] is None else stored_text(Field(about), str(said["text"]))
    stands = annotation_rows.text_of(review.db, place, kind, about)
    if stands not in (None, wanted, *before):
        return f"{act.in_words()}: somebody has written “{stands}” meanwhile"
    if kind is ActKind.NOTE:
        return _done(review.set_note(record, str(said["text"]), who))
    if kind is ActKind.PRIORITY:
        return _done(review.set_priority(record, Priority(wanted) if wanted else None, who))
    return _done(review.correct(record, Field(about), said["text"], who))


def _repeat_on_study(review: OpenReview, act: RescuedAct, record: int) -> str | None:
    said, who, study = act.said, act.reviewer, review.study_of(record)
    if act.kind == "put_in_study":
        return _done(review.put_in_study(record, str(said["study"]), str(said["label"]), str(said["why"]), who))
    if act.kind == "unlink_report":
        return _done(len(study.reports) > 1 and bool(review.unlink_reports([record], who)))
    if act.kind == "tell_apart":
        return _done(review.tell_apart([citations.find_by_origin(review.db, *one[:2]) for one in said["reports"]], who))
    stands, wanted = study.label if study.named else "", str(said["label"])
    if stands not in (wanted, said["instead of"]):
        return f"{act.in_words()}: somebody has called it “{stands}” meanwhile"
    return _done(stands != wanted and bool(review.label_study(record, wanted, who)))


def _done(new: bool) -> str | None:
    return "" if new else None


def _repeat_verification(review: OpenReview, act: RescuedAct, record: int) -> str | None:
    said = act.said
    for stored in review.values(record):
        value = stored.value
        if [value.task, value.item, value.group, value.part, value.text, stored.document] == said["value"]:
            if (stored.status, stored.note, stored.reviewer) == (said["status"], said["note"], act.reviewer):
                return None
            if stored.status is not ValueStatus.PROPOSED and stored.reviewer != act.reviewer:
                return f"{act.in_words()}: {stored.reviewer or 'somebody'} has said {stored.status} meanwhile"
            review.verify(stored.id, str(said["status"]), str(said["text"]), str(said["note"]), act.reviewer)
            return ""
    raise ReviewError("this value is not in the review")
