"""Writing into the review's log, in the transaction that also derives what follows.

A session is one opening of a file to write: its name is random, so that no two acts of any two copies are called the
same, however the files were copied meanwhile.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from leads_local.review.acts import Act, ActKind, ActName, canonical, record_subject
from leads_local.review.database import Database, utc_now
from leads_local.review.store import acts, citations

_NAME_BYTES = 8


class ActLog:
    """One session's hand in the log of one review."""

    def __init__(self, db: Database, session: str = "") -> None:
        self._db = db
        self._session = session or secrets.token_hex(_NAME_BYTES)
        self.reviewer = ""  # whose acts those are that name nobody
        self.last: Act | None = None  # what was written last
        self._common: int | None = None  # the gesture that all belongs to: 0 before its first act, None for none

    @contextmanager
    def one_gesture(self) -> Iterator[None]:
        """All that is written inside is one gesture, which one undo takes back."""
        self._common = 0
        try:
            yield
        finally:
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
