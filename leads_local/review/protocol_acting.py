"""What a person says of the protocol, and of reports that could not be had: each is a method here, an act of the log,
and on disk when the method returns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from leads_local.citations.limits import Limit
from leads_local.errors import ReviewError
from leads_local.records import Stage
from leads_local.review import earlier_wording, limiting, protocol_history, protocol_text, standing, updating
from leads_local.review import protocol as protocols
from leads_local.review.acting import ActingReview
from leads_local.review.acts import Act, ActKind, canonical
from leads_local.review.limiting import LimitsPreview
from leads_local.review.protocol import Keywords, Protocol
from leads_local.review.protocol_history import Lock, ProtocolChange
from leads_local.review.read_models import RecordFilter, RecordOrder
from leads_local.review.reasons import Reason
from leads_local.review.store import decisions, events, limit_rows, lists, protocol_rows, screenings, update_rows
from leads_local.review.updates import Update
from leads_local.tasks import forms
from leads_local.tasks.forms import Form


class ProtocolReview(ActingReview):
    """A review whose protocol is read, changed and locked. All methods raise ReviewError when the file can't be
    written."""

    def protocol(self) -> Protocol:
        """The protocol that is in force."""
        with self.db.snapshot():
            return protocols.read(self.db)

    def reasons(self) -> tuple[Reason, ...]:
        """The reasons for exclusion in the order in which they count, those that are retired among them."""
        return tuple(Reason(*one) for one in protocol_rows.reasons(self.db))

    def unlisted_reasons(self) -> list[str]:
        """Reasons that exclusions give and that are not in the list, most frequent first."""
        listed = {one.text for one in self.reasons()}
        return [text for text in protocol_rows.given_reasons(self.db) if text not in listed]

    def form(self) -> Form:
        """What is extracted: the review's own form, or the general one with the question's outcomes."""
        return self.protocol().form

    def set_reasons(self, reasons: Sequence[Reason]) -> None:
        """Put another list of reasons into force. Raises InputError when it lacks one that there was, or has other
        words for one that decisions give."""
        said = {"reasons": [[one.key, one.text, one.retired] for one in reasons]}
        with self._acts.recording("set_reasons", said=said):
            now = protocols.read(self.db)
            self._change(replace(now, reasons=tuple(reasons)), now)

    def set_form(self, form: Form) -> bool:
        """Store what is extracted as the review's own form. Whether it was not so before."""
        with self._acts.recording("set_form", said={"form": forms.dumps(form)}):
            now = protocols.read(self.db)
            if form != now.form:
                return self._change(replace(now, form=form), now)
            pinned = bool(protocols.pin_form(self.db, self._acts.log))
            if not pinned:
                self._acts.drop()
            return pinned

    def limits(self) -> tuple[Limit, ...]:
        """The criteria that are checked by rule, in the order in which they count."""
        return protocol_rows.limits(self.db)

    def set_limits(self, limits: Sequence[Limit], seen: Protocol | None = None) -> bool:
        """Put other limits into force; what they rule out follows at once. Whether anything was changed by that. Raises
        ReviewError when two criteria would have one name, or the protocol is no longer the one that was ``seen``."""
        told = "; ".join(f"{one.name}: {one.in_words()}{' (excludes)' if one.excludes else ''}" for one in limits)
        with self._acts.recording("set_limits", said={"limits": told}):
            now = protocols.read(self.db)
            return self._change(replace(now, limits=tuple(limits)), seen)

    def preview_limits(self, limits: Sequence[Limit] | None = None) -> LimitsPreview:
        """What these limits say of all reports, or those that are in force, and which they take out before
        screening."""
        with self.db.snapshot():
            return limiting.preview(self.db, protocol_rows.limits(self.db) if limits is None else limits)

    def ruled_out(self) -> dict[int, str]:
        """Which reports are taken out before screening, by head, and by which limit."""
        return limit_rows.ruled_out(self.db)

    def set_keywords(self, keywords: Keywords) -> None:
        with self._acts.recording("set_keywords", said={"include": keywords.include, "exclude": keywords.exclude}):
            now = protocols.read(self.db)
            self._change(replace(now, keywords=keywords), now)

    def set_protocol(self, wanted: Protocol, seen: Protocol | None = None) -> bool:
        """Put another protocol into force, as one gesture. Whether anything was changed by that.

        Raises ReviewError when the protocol is no longer the one that was ``seen``, or the new one asks too much or has
        two criteria of one name; InputError as ``set_reasons`` does.
        """
        with self._acts.recording("set_protocol", said={"protocol": protocol_text.dumps(wanted)}):
            return self._change(wanted, seen)

    def lock_protocol(self) -> Lock:
        """Say that the protocol is final as it stands: what is changed later is a deviation from it. The form that is
        used becomes the review's own by that. One that is locked as it stands is left so."""
        locked = protocol_history.locks(self.db)
        sha256 = protocol_text.sha256_of(self.protocol())
        if locked and locked[-1].sha256 == sha256:
            return locked[-1]
        with self._acts.recording("lock_protocol", said={"sha256": sha256}):
            gesture = protocols.pin_form(self.db, self._acts.log)
            self._acts.log.write(ActKind.LOCK, canonical([]), {"sha256": sha256}, gesture=gesture)
            events.add(self.db, "protocol", f"locked, SHA-256 {sha256}")
        return protocol_history.locks(self.db)[-1]

    def locks(self) -> list[Lock]:
        """When and by whom the protocol was locked, oldest first."""
        return protocol_history.locks(self.db)

    def protocol_history(self) -> list[ProtocolChange]:
        """What changed the protocol, oldest first: each gesture with the protocol before and after it."""
        return protocol_history.read(self.db)

    def stale(self, stage: Stage) -> list[int]:
        """The records that the model judged by other criteria at ``stage``, or other words of them, than are asked now.
        They count in no score or calibration until they are asked again."""
        return screenings.stale(self.db, stage)

    def decided_earlier(self, stage: Stage) -> list[int]:
        """The reports of which something holds at ``stage`` that was decided by other criteria, or other words of them,
        than there are now."""
        with self.db.snapshot():
            return earlier_wording.decided(self.db, stage)

    def excluded_earlier(self, stage: Stage) -> list[int]:
        """Those of them that are excluded, and would be decided at ``stage``."""
        with self.db.snapshot():
            decided = set(self.decided_earlier(stage))
            excluded = lists.report_ids(self.db, stage, RecordFilter.EXCLUDED, RecordOrder.ENTRY) if decided else []
            return [head for head in excluded if head in decided]

    # ------------------------------------------------------------ updates

    def begin_update(self, label: str) -> Update:
        """Continue the review as an update: what is included now is known as included in the previous version, what is
        excluded stays so until it is decided again, and the PRISMA flow counts what is new, carried over or decided
        again. Raises InputError and ReviewError as ``updating.begin`` does."""
        with self._acts.recording("begin_update", said={"label": label}):
            return updating.begin(self.db, self._acts.log, label)

    def updates(self) -> list[Update]:
        """Every update that the review was continued as, oldest first; the last one is in force."""
        return update_rows.updates(self.db)

    # ------------------------------------------------------------ what could not be had

    def set_not_retrieved(self, record_id: int, not_retrieved: bool = True, reviewer: str = "") -> bool:
        """Say that the report of ``record_id`` was sought and could not be had (no exclusion: PRISMA counts it among
        the reports not retrieved), or take that back. It holds until a full text of it can be read. Whether it was not
        said before.

        Raises ReviewError when there is no such record, it is not sought, it has a full text, or it is decided.
        """
        said, reviewer = {"not retrieved": not_retrieved}, reviewer or self.acting
        with self._acts.recording("set_not_retrieved", record_id, reviewer, said):
            head = self._head(record_id)
            stood = protocol_rows.not_retrieved_in_group(self.db, head)
            if bool(stood) == not_retrieved:
                self._acts.drop()
                return False
            if not_retrieved:
                self._require_missing(head)
            acts: list[tuple[Act, int]] = []
            for record in stood or [head]:
                gesture = acts[0][0].gesture if acts else 0
                _, act = self._acts.log.write_on_record(
                    ActKind.RETRIEVAL, record, said=said, reviewer=reviewer, gesture=gesture
                )
                acts.append((act, record))
            standing.bring_up_to_date(self.db, acts)
            return True

    def _require_missing(self, head: int) -> None:
        self.require_stage(head, Stage.FULLTEXT)
        if paper := protocol_rows.readable_fulltext(self.db, head):
            raise ReviewError(
                f"{self.path}: record {head} has a full text that can be read ({paper}).",
                "Decide it by that, or link that PDF to the record that it belongs to.",
            )
        decided = decisions.standing(self.db, head).get(Stage.FULLTEXT)
        if decided is not None:
            raise ReviewError(
                f"{self.path}: record {head} is decided at the fulltext stage ({decided.choice}).",
                "Take that decision back first.",
            )

    def _change(self, wanted: Protocol, seen: Protocol | None) -> bool:
        if protocols.apply(self.db, self._acts.log, wanted, seen):
            return True
        self._acts.drop()
        return False
