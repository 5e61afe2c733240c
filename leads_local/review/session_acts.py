"""What a person has said since the review was opened, kept in memory while it is written into the file.

When another version of the review is found in its place, ``rescue`` writes these acts to a file of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from leads_local.review import opening, rescue, soundness
from leads_local.review.act_log import ActLog
from leads_local.review.acts import ActKind, gesture_subject
from leads_local.review.database import Database, ReviewReplaced, utc_now
from leads_local.review.rescue import RecordOrigin, RescuedAct


class SessionActs:
    """The acts of one open review, oldest first."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self.log = ActLog(db)
        self._acts: list[RescuedAct] = []
        self._seen: dict[int, RecordOrigin] = {}  # records that were looked at, should they be out of reach later
        self._kept: tuple[int, ReviewReplaced] | None = None  # how many acts were kept, and how that was told
        self._looked = 0  # how many acts had been said when every byte of the file was looked at last
        self.birth = str(db.birth())
        db.replaced = self._keep

    def note_seen(self, record_id: int) -> None:
        """Know a record by what is the same in every copy of the review, before anybody says something of it."""
        self._seen[record_id] = rescue.record_origin(self._db, record_id)

    @contextmanager
    def recording(
        self, kind: str, record_id: int = 0, reviewer: str = "", said: dict[str, Any] | None = None, at: str = ""
    ) -> Iterator[None]:
        """A transaction for something that a person says, which is kept in a file of its own if the review is replaced
        meanwhile. ``kind`` is the method of Review, ``said`` its arguments."""
        act = RescuedAct(kind, at or utc_now(), reviewer, self._origin(record_id) if record_id else None, said or {})
        self._acts.append(act)
        try:
            with self._db.transaction():
                if record_id:
                    self._acts[-1] = replace(act, subject=rescue.record_origin(self._db, record_id))
                self.log.last = None
                yield
                self._note_written(1)
        except ReviewReplaced:
            raise
        except BaseException:
            self._acts.pop()
            raise

    @contextmanager
    def together(self) -> Iterator[None]:
        """One transaction and one gesture for all that is recorded inside: all of it, or nothing."""
        before = len(self._acts)
        try:
            with self._db.transaction(), self.log.one_gesture():
                yield
        except ReviewReplaced:
            raise
        except BaseException:
            del self._acts[before:]
            raise

    def _note_written(self, count: int) -> None:
        """Know by its name in the log what is being recorded, the last ``count`` acts, so that what takes it back later
        is known to."""
        written = self.log.last
        if written is not None:
            taken = written.subject if written.kind == ActKind.REVOKE else ""
            for place in range(len(self._acts) - count, len(self._acts)):
                self._acts[place] = replace(self._acts[place], gesture=gesture_subject(written), takes_back=taken)

    @contextmanager
    def recording_many(
        self, kind: str, told: Sequence[tuple[int, Mapping[str, Any]]], reviewer: str, at: str
    ) -> Iterator[None]:
        """``recording`` of many acts that are one gesture, each the record and what is said: all of it, or nothing."""
        before = len(self._acts)
        self._acts += [RescuedAct(kind, at, reviewer, self._origin(record), said) for record, said in told]
        try:
            with self._db.transaction():
                origins = rescue.record_origins(self._db, [record for record, _ in told])
                for place, (record, _) in enumerate(told, before):
                    self._acts[place] = replace(self._acts[place], subject=origins[record])
                self.log.last = None
                yield
                self._note_written(len(told))
        except ReviewReplaced:
            raise
        except BaseException:
            del self._acts[before:]
            raise

    def complete_many(self, said: Sequence[Mapping[str, Any]]) -> None:
        """``complete`` for the acts that are being recorded at once, one for each of them."""
        start = len(self._acts) - len(said)
        for place, more in enumerate(said, start):
            self._acts[place] = replace(self._acts[place], said={**self._acts[place].said, **more})

    def complete(self, record_id: int = 0, said: Mapping[str, Any] | None = None) -> None:
        """Add to the act that is being recorded what is known by now: its record, and further things ``said``."""
        act = self._acts[-1]
        subject = rescue.record_origin(self._db, record_id) if record_id else act.subject
        self._acts[-1] = replace(act, subject=subject, said={**act.said, **(said or {})})

    def drop(self, count: int = 1) -> None:
        """Forget the acts that are being recorded, the last ``count``: nothing was said after all."""
        del self._acts[-count:]

    def said_since_look(self) -> int:
        """How many acts were said, if some of them since every byte of the file was looked at last; else 0."""
        return len(self._acts) if len(self._acts) > self._looked else 0

    def note_look(self, acts: int, damage: Sequence[str]) -> None:
        """``damage`` is what was found in the file when so many acts had been said. Raises ReviewReplaced, which says
        where the acts are kept, unless there is none."""
        if damage:
            raise self._keep(self._exchanged_error(damage))
        self._looked = acts

    def close(self) -> None:
        """Close the review. Raises ReviewError, which says where the acts are kept, when the file turns out not to hold
        them."""
        try:
            if self._acts and (self._kept is None or self._kept[0] < len(self._acts)):
                self._db.check_same()
        finally:
            self._db.close()
            acts, self._acts = [] if self._kept else self._acts, []
        if acts and self._db.writable and (found := opening.find_damage(self._db.path)):
            raise rescue.keep_acts(self._db, acts, self.birth, self._exchanged_error(found))

    def _exchanged_error(self, found: Sequence[str]) -> ReviewReplaced:
        return ReviewReplaced(
            f"{self._db.path} is damaged: {soundness.findings_in_words(found)}. Bytes of it were probably exchanged "
            "while it was open.",
            soundness.RESTORE_HINT,
        )

    def _keep(self, error: ReviewReplaced) -> ReviewReplaced:
        """Keep what was said, once for the same acts."""
        if self._kept is None or self._kept[0] < len(self._acts):
            self._kept = len(self._acts), rescue.keep_acts(self._db, self._acts, self.birth, error)
        return self._kept[1]

    def _origin(self, record_id: int) -> RecordOrigin:
        """A record as this session knows it. Not looked up where another file may be by now; one that was moved is
        still the old one."""
        if record_id not in self._seen and self._db.was_replaced():
            return rescue.record_origin(self._db, record_id)
        return self._seen.get(record_id, RecordOrigin(record=record_id))
