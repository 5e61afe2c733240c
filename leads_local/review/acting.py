"""What a person says of a review: each is a method here, an act of the log, and on disk when the method returns.

Why it exists: who says something to a review sees nothing of logs, registers and outcomes; and what reads a review does
not need to know how things are said to it, so ``Review`` builds on this.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from leads_local.errors import ReviewError
from leads_local.records import Choice, Criterion, Decision, PageRange, Question, Stage
from leads_local.review import (
    deciding,
    deduplication,
    file_links,
    presence,
    proposals,
    reasons,
    screening_question,
    search_details,
    taking_back,
    withdrawing,
)
from leads_local.review.act_log import ActLog
from leads_local.review.attachments import Attachment, FilePart, FileRole
from leads_local.review.database import Database, utc_now
from leads_local.review.outcomes import Rule
from leads_local.review.read_models import Source, StoredValue, ValueStatus
from leads_local.review.search_details import SearchDetails
from leads_local.review.session_acts import SessionActs
from leads_local.review.sights import Sight, require, require_value
from leads_local.review.store import citations, decisions, events, groups, values
from leads_local.review.taking_back import ActOnRecord


class ActingReview:
    """A review that things are said to. All methods raise ReviewError when the file can't be written."""

    def __init__(self, db: Database) -> None:
        self.db = db  # for the modules of this package and for export; front ends use the methods
        self._acts = SessionActs(db)

    @property
    def path(self) -> Path:
        return self.db.path

    @property
    def acting(self) -> str:
        """Whose acts those are that name nobody else: the person at the keyboard."""
        return self._acts.log.reviewer

    @acting.setter
    def acting(self, reviewer: str) -> None:
        self._acts.log.reviewer = reviewer

    # ------------------------------------------------------------ what is asked

    def set_question(self, question: Question) -> None:
        with self._acts.recording("question", said=asdict(question)):
            screening_question.set_question(self.db, self._acts.log, question)

    def set_criteria(self, criteria: Sequence[Criterion], stage: Stage | None = None) -> None:
        """Replace the reviewer's own criteria of both stages, or those that are asked at ``stage`` only."""
        said = {"stage": stage or "both stages", "criteria": [[one.name, one.text] for one in criteria]}
        with self._acts.recording("criteria", said=said):
            screening_question.set_criteria(self.db, self._acts.log, criteria, stage)

    # ------------------------------------------------------------ records and documents

    def separate(self, record_id: int, others: Iterable[int] = ()) -> tuple[int, ...]:
        """Say that a record is another report than each of ``others``, or than each that it is grouped with, for good.
        Returns these. Raises ReviewError when there is no such record, InputError when there are none."""
        with self._acts.recording("separate", record_id):
            rest = deduplication.separate(self.db, self._acts.log, record_id, others)
            self._acts.complete(said={"from": [citations.origin_of(self.db, other) for other in rest]})
            return rest

    def join_records(self, one: int, other: int) -> tuple[int, ...]:
        """Say that two records are one report, for good. Returns all records of it. Raises ReviewError when there is no
        such record, InputError when they are one already."""
        with self._acts.recording("join_records", one, said={"other": citations.origin_of(self.db, other)}):
            return deduplication.join(self.db, self._acts.log, one, other)

    def rejoin(self, record_id: int) -> None:
        """Take ``separate`` back; the next ``dedupe`` may group the record again. Raises ReviewError when there is no
        such record, InputError when it was not set apart."""
        with self._acts.recording("rejoin", record_id):
            deduplication.rejoin(self.db, self._acts.log, record_id)

    def link(
        self,
        sha256: str,
        record_id: int,
        role: FileRole = FileRole.MAIN,
        pages: PageRange | None = None,
        *,
        also: bool = False,
    ) -> Attachment:
        """Say that a PDF belongs to a record and to no other one: as which of its files, and which pages of it, None
        for all. With ``also`` it belongs to this record beside those that it has. Raises ReviewError when either is not
        in the review, or the file has no such pages."""
        said: dict[str, Any] = {"sha256": sha256, "role": role}
        said |= {"pages": [pages.first, pages.last] if pages else None, "also": True if also else None}
        with self._acts.recording("link", record_id, said=said):
            return file_links.link(self.db, self._acts.log, sha256, record_id, FilePart(role, pages), also=also)

    def unlink(self, sha256: str, record_id: int = 0) -> Attachment:
        """Take a PDF from all its records, or from ``record_id`` only, so that it waits for a person where it has none
        any more; or have one that was ignored wait again."""
        with self._acts.recording("unlink", record_id, said={"sha256": sha256}):
            return file_links.unlink(self.db, self._acts.log, sha256, record_id)

    def ignore(self, sha256: str) -> Attachment:
        """Say that a PDF is wanted for no record."""
        return self._on_file("ignore", file_links.ignore, sha256)

    def add_as_new(self, sha256: str) -> Attachment:
        """Make a record for a PDF that belongs to none."""
        return self._on_file("add_as_new", file_links.add_as_new, sha256)

    def _on_file(self, kind: str, change: Callable[[Database, ActLog, str], Attachment], sha256: str) -> Attachment:
        with self._acts.recording(kind, said={"sha256": sha256}):
            return change(self.db, self._acts.log, sha256)

    def withdraw(self, sha256: str, reason: str = "", *, withdrawn: bool = True) -> Source:
        """Take the imported file with this SHA-256 out of the review, or have it back (``withdrawn`` False). Nothing is
        deleted. Raises ReviewError when there is no such file, or nothing would change."""
        said = {"sha256": sha256, "reason": reason, "withdrawn": withdrawn}
        with self._acts.recording("withdraw", said=said):
            return withdrawing.withdraw(self.db, self._acts.log, sha256, reason, withdrawn=withdrawn)

    def describe_search(self, sha256: str, details: SearchDetails) -> bool:
        """Say how the records of the imported file with this SHA-256 were searched for. Returns whether that was new.
        Raises ReviewError where there is no such file."""
        with self._acts.recording("describe_search", said={"sha256": sha256, **asdict(details)}):
            if search_details.describe(self.db, self._acts.log, sha256, details):
                return True
            self._acts.drop()
            return False

    def search_details(self) -> dict[str, SearchDetails]:
        """How the records of each imported file were searched for, by its SHA-256, where anything was said."""
        return search_details.read(self.db)

    # ------------------------------------------------------------ decisions and values

    def decide(
        self,
        record_id: int,
        stage: Stage,
        choice: Choice,
        reason: str = "",
        reviewer: str = "",
        seen: Sight | None = None,
    ) -> Decision:
        """Store a reviewer's decision about the report of ``record_id``, in place of their own before, which the
        history keeps. What another reviewer decided stays; what holds of both is an outcome (see ``outcomes``).

        Raises ReviewError when there is no such record, or when a full text is decided whose abstract is not included;
        ChangedMeanwhile when the report is not as it was ``seen`` (``Review.sight_of``).
        """
        reasons.require_exclusion(stage, choice, reason)
        return self.decide_at(utc_now(), record_id, stage, choice, reason, reviewer, seen)

    def decide_at(
        self,
        at: str,
        record_id: int,
        stage: Stage,
        choice: Choice,
        reason: str = "",
        reviewer: str = "",
        seen: Sight | None = None,
    ) -> Decision:
        """``decide`` with the time at which it was said, for what was said before and is put back."""
        said, reviewer = {"stage": stage, "choice": choice, "reason": reason.strip()}, reviewer or self.acting
        with self._acts.recording("decide", record_id, reviewer, said, at):
            head = self._head_as_seen(record_id, stage, reviewer, seen)
            self.require_stage(head, stage)
            self._acts.complete(said=_instead_of(decisions.own(self.db, head, stage, reviewer)))
            decision = Decision(head, stage, Choice(choice), reason.strip(), reviewer, at)
            deciding.decide(self.db, self._acts.log, decision)
        return decision

    def decide_many(
        self,
        record_ids: Iterable[int],
        stage: Stage,
        choice: Choice,
        reason: str = "",
        reviewer: str = "",
        seen: Mapping[int, Sight] | None = None,
    ) -> list[Decision]:
        """``decide`` for many reports, all or none, as one gesture: one undo takes all back. ``seen``: what was seen of
        them, by the same ids."""
        reasons.require_exclusion(stage, choice, reason)
        at, reviewer, reason = utc_now(), reviewer or self.acting, reason.strip()
        said, records = {"stage": stage, "choice": choice, "reason": reason}, list(record_ids)
        with self._acts.recording_many("decide", [(record, said) for record in records], reviewer, at):
            sights, known = seen or {}, groups.head_of(self.db, records)
            head_of = {record: known.get(record) or self._head(record) for record in records}
            require(
                self.db,
                {head_of[record]: sight for record, sight in sights.items() if record in head_of},
                stage,
                reviewer,
            )
            heads = list(dict.fromkeys(head_of.values()))
            self._require_stage_of_many(heads, stage)
            stood = decisions.own_of_many(self.db, heads, stage, reviewer)
            self._acts.complete_many([_instead_of(stood.get(head_of[record])) for record in records])
            made = [Decision(head, stage, Choice(choice), reason, reviewer, at) for head in heads]
            deciding.decide_many(self.db, self._acts.log, made)
        return made

    def _require_stage_of_many(self, heads: Sequence[int], stage: Stage) -> None:
        """``require_stage`` for each of them; looked at one by one only where one of them can't be decided."""
        able = set(groups.in_review(self.db, heads))
        if stage is Stage.FULLTEXT:
            holds = decisions.holding(self.db, heads, Stage.ABSTRACT)
            able &= {head for head, decision in holds.items() if decision.choice is Choice.INCLUDE}
        for head in heads:
            if head not in able:
                self.require_stage(head, stage)

    def require_stage(self, head: int, stage: Stage) -> None:
        """Raise ReviewError when a report can't be decided at ``stage``: it has left the review, or ``stage`` is that
        of full texts and its abstract is not included."""
        presence.require_present(self.db, head)
        if stage is Stage.FULLTEXT:
            abstract = decisions.standing(self.db, head).get(Stage.ABSTRACT)
            if abstract is None or abstract.choice is not Choice.INCLUDE:
                message = (
                    f"{self.path}: record {head} is not included by its abstract, so its full text can't be decided."
                )
                raise ReviewError(message, "Include it at the abstract stage first.")

    def undo(self, stage: Stage, reviewer: str = "") -> Decision | None:
        """Take back the latest decision that stands at ``stage`` (of ``reviewer``, unless that is "") on a report that
        is to be decided there, with those that were decided with it. What they had replaced stands again.

        Returns the decision taken back, with the record that stands for its report now, or None when there is none.
        """
        taken = self.undo_decisions(stage, reviewer)
        return taken[-1] if taken else None

    def undo_decisions(self, stage: Stage, reviewer: str = "") -> list[Decision]:
        """``undo``, with all the decisions that were one gesture; the latest is the last of them."""
        with self._acts.recording("undo", reviewer=reviewer, said={"stage": stage}):
            taken = deciding.take_back(self.db, self._acts.log, stage, reviewer, reviewer)
            if not taken:
                self._acts.drop()
                return []
            last = taken[-1]
            self._acts.complete(last.record_id)
            what = f"record {last.record_id}" if len(taken) == 1 else f"{len(taken)} records"
            events.add(self.db, "undo", f"{what}, {stage}: {last.choice} taken back", reviewer)
            return [replace(one, record_id=citations.head(self.db, one.record_id)) for one in taken]

    def undo_last(self, reviewer: str = "") -> list[ActOnRecord]:
        """Take back the last thing that ``reviewer`` (or who acts here) did, whatever it was: a decision, many at once,
        a merge of duplicates, a link, the question. Returns its acts with their records; none where there is
        nothing."""
        return self._take_back("undo", taking_back.undo, reviewer or self.acting)

    def redo(self, reviewer: str = "") -> list[ActOnRecord]:
        """Do again what was undone last, unless something else was done since. Returns the acts that hold again."""
        return self._take_back("redo", taking_back.redo, reviewer or self.acting)

    def _take_back(
        self, kind: str, change: Callable[[Database, ActLog, str], list[ActOnRecord]], reviewer: str
    ) -> list[ActOnRecord]:
        with self._acts.recording(kind, reviewer=reviewer):
            changed = change(self.db, self._acts.log, reviewer)
            if not changed:
                self._acts.drop()
                return []
            last, record = changed[-1]
            self._acts.complete(record, {"what": last.kind, "acts": len(changed)})
            events.add(self.db, kind, f"{len(changed)} acts of {last.kind}", reviewer)
            return changed

    def adjudicate(
        self,
        record_id: int,
        stage: Stage,
        choice: Choice,
        reason: str = "",
        reviewer: str = "",
        seen: Sight | None = None,
    ) -> Decision:
        """Say what holds for a report although its reviewers differ, or wait for each other. It holds until it is taken
        back. Raises as ``decide`` does, and ReviewError where nobody has decided yet."""
        reasons.require_exclusion(stage, choice, reason)
        said, reviewer = {"stage": stage, "choice": choice, "reason": reason.strip()}, reviewer or self.acting
        with self._acts.recording("adjudicate", record_id, reviewer, said):
            head = self._head_as_seen(record_id, stage, reviewer, seen)
            self.require_stage(head, stage)
            if not decisions.of_reviewers(self.db, [head], stage):
                raise ReviewError(
                    f"{self.path}: nobody has decided record {head} at the {stage} stage: there is nothing to settle.",
                    "Decide it.",
                )
            decision = Decision(head, stage, Choice(choice), reason.strip(), reviewer, utc_now())
            deciding.adjudicate(self.db, self._acts.log, decision)
        return decision

    def rules(self) -> dict[Stage, Rule]:
        """How each stage is decided."""
        return decisions.rules(self.db)

    def set_rule(self, stage: Stage, rule: Rule, reviewer: str = "") -> None:
        """Say how ``stage`` is decided from now on; what holds follows at once."""
        with self._acts.recording(
            "rule", reviewer=reviewer, said={"stage": stage, "rule": rule.kind, "share": rule.share}
        ):
            deciding.set_rule(self.db, self._acts.log, stage, rule, reviewer)

    def verify(
        self,
        value_id: int,
        status: ValueStatus | str,
        text: str = "",
        note: str = "",
        reviewer: str = "",
        seen: StoredValue | None = None,
    ) -> StoredValue:
        """Say what a person makes of a value: accepted as it is, edited to ``text``, rejected, or "proposed" to take
        that back.

        A value that a later extraction has set aside meanwhile holds again by that. Raises ReviewError when there is no
        such value or status, ChangedMeanwhile when something else was said of it than was ``seen``.
        """
        if status not in tuple(ValueStatus):
            raise ReviewError(f"{status!r} is no status of a value.", f"Use one of {', '.join(ValueStatus)}.")
        reviewer = reviewer or self.acting
        with self._acts.recording("verify", reviewer=reviewer, said={"status": status, "text": text, "note": note}):
            stored = values.read(self.db, value_id)
            if stored is None:
                raise ReviewError(f"{self.path}: there is no value {value_id}.", "Choose a value of this review.")
            if seen is not None:
                require_value(seen, stored, reviewer)
            value = stored.value
            what = [value.task, value.item, value.group, value.part, value.text, stored.document]
            self._acts.complete(stored.record_id, {"value": what})
            return proposals.verify(self.db, self._acts.log, stored, ValueStatus(status), text, note, reviewer)

    def _head(self, record_id: int) -> int:
        head = citations.head(self.db, record_id)
        if not head:
            raise ReviewError(f"{self.path}: there is no record {record_id}.", "Choose a record of this review.")
        return head

    def _head_as_seen(self, record_id: int, stage: Stage, reviewer: str, seen: Sight | None) -> int:
        """``_head``. Raises ChangedMeanwhile when its report is not as it was ``seen``."""
        head = self._head(record_id)
        if seen is not None:
            require(self.db, {head: seen}, stage, reviewer)
        return head


def _instead_of(stood: Decision | None) -> dict[str, list[str] | None]:
    return {"instead of": [stood.choice, stood.reason] if stood else None}
