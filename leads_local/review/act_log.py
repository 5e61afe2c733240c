"""Writing into the review's log, in the transaction that also derives what follows.

A session is one opening of a file to write: its name is random, so that no two acts of any two copies are called the
same, however the files were copied meanwhile.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from leads_local.errors import ReviewError
from leads_local.review.acts import OF_THE_WHOLE, Act, ActKind, ActName, canonical, record_subject
from leads_local.review.database import Database, utc_now
from leads_local.review.store import acts, citations

_NAME_BYTES = 8
_CONCERNS = {
    **dict.fromkeys(OF_THE_WHOLE, "its protocol is that"),
    ActKind.IMPORT: "imported files are those",
    ActKind.WITHDRAW: "imported files are those",
    ActKind.DESCRIBE: "imported files are those",
}


class ActLog:
    """One session's hand in the log of one review."""

    def __init__(self, db: Database, session: str = "") -> None:
        self._db = db
        self._session = session or secrets.token_hex(_NAME_BYTES)
        self._begun = False
        self._package = ""  # the first session of the work package that the file is, "" in a review
        self.reviewer = ""  # whose acts those are that name nobody
        self.last: Act | None = None  # what was written last
        self._common: int | None = None  # the gesture that all belongs to: 0 before its first act, None for none

    @contextmanager
    def one_gesture(self) -> Iterator[None]:
        """All that is written inside is one gesture, which one undo takes back; inside another one it is that one."""
        is_first, self._common = self._common is None, self._common or 0
        try:
            yield
        finally:
            if is_first:
                self._common = None

    def write(
        self,
        kind: ActKind,
        subject: str,
        said: Mapping[str, Any],
        *,
        reviewer: str = "",
        at: str = "",
        record_id: int = 0,
        gesture: int = 0,
    ) -> tuple[int, Act]:
        """Add an act, ``gesture`` being the number of an earlier act of the same key or command. Inside a transaction.
        Returns its id in this file, and itself."""
        self._begin(kind)
        number = acts.last_number(self._db, self._session) + 1
        if self._common is not None:
            gesture = self._common = self._common or number
        act = Act(
            name=ActName(self._session, number),
            clock=acts.highest_clock(self._db) + 1,
            gesture=gesture or number,
            kind=kind,
            subject=subject,
            said=canonical(said),
            reviewer=reviewer or self.reviewer,
            at=at or utc_now(),
            before=acts.last_hash(self._db, self._session),
        )
        self.last = act
        return acts.add(self._db, act, record_id), act

    def write_on_records(
        self, kind: ActKind, told: Sequence[tuple[int, str, Mapping[str, Any]]], *, reviewer: str = "", at: str = ""
    ) -> list[tuple[Act, int]]:
        """``write_on_record`` for many, which are one gesture: each the record, what of it, and what is said. Returns
        the acts, each with its record."""
        if not told:
            return []
        self._begin(kind)
        number, clock = acts.last_number(self._db, self._session), acts.highest_clock(self._db)
        before, names = acts.last_hash(self._db, self._session), citations.names_of(self._db, [one[0] for one in told])
        gesture = self._common or number + 1
        if self._common is not None:
            self._common = gesture
        written: list[tuple[Act, int]] = []
        for place, (record, more, said) in enumerate(told, 1):
            subject = record_subject(*names[record], more)
            act = Act(
                name=ActName(self._session, number + place),
                clock=clock + place,
                gesture=gesture,
                kind=kind,
                subject=subject,
                said=canonical(said),
                reviewer=reviewer or self.reviewer,
                at=at or utc_now(),
                before=before,
            )
            before = act.hash
            written.append((act, record))
        self.last = written[-1][0]
        acts.add_many(self._db, written)
        return written

    def _begin(self, kind: ActKind) -> None:
        """Know before the first act whether the file is a work package: its sessions are called after its first.
        Raises ReviewError where ``kind`` concerns more than the package."""
        if not self._begun:
            self._begun, self._package = True, acts.package_session(self._db)
            if self._package:
                self._session = f"{self._package}-{self._session}"
        if self._package and kind in OF_THE_WHOLE:
            raise ReviewError(
                f"{self._db.path} is a work package, a part of a review: {_CONCERNS[kind]} of the whole review.",
                "Do that in the review itself; what is decided here comes into it by `leads-local merge`.",
            )

    def write_on_record(
        self,
        kind: ActKind,
        record_id: int,
        *more: str,
        said: Mapping[str, Any],
        reviewer: str = "",
        at: str = "",
        gesture: int = 0,
    ) -> tuple[int, Act]:
        """``write`` about a record, or about ``more`` of it (its stage). The record must be there."""
        subject = record_subject(*citations.name_of(self._db, record_id), *more)
        return self.write(kind, subject, said, reviewer=reviewer, at=at, record_id=record_id, gesture=gesture)
