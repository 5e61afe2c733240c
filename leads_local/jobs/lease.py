"""One job of the model's at a time on each stage of a review, so that no two do the same work.

A job takes the stage by a row in the file and gives it up at its end, however it ends. A process that is killed loses
it by being gone: on the same computer that can be seen. Of a process on another computer, which has the file on a
network drive or by a program that keeps folders in step, only the file tells: it counts as gone when nothing was heard
of it for ``SILENT_SECONDS``. A copy of the file, in which the row of the original stands, is not held by that.

A computer that sleeps says nothing, and the others count its silence by the clock on the wall. So a job that wakes
says with its first answer that it is at work, or learns that another went on with it meanwhile.
"""

from __future__ import annotations

import contextlib
import hashlib
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from leads_local import private
from leads_local.errors import ReviewError
from leads_local.review import file_identity
from leads_local.review.database import Database, utc_now
from leads_local.review.store import leases
from leads_local.review.store.leases import Lease

SILENT_SECONDS = 2 * 3600.0
"""After so long without a word, a job on another computer counts as ended. No single answer should take as long."""
_BEAT_SECONDS = 60.0  # between two words of a job that it is still at work, at least
_TOKENS_HELD: set[str] = set()  # by jobs of this process
_WHY_LOST = (
    f"This one counted as ended, since nothing was heard of it for {SILENT_SECONDS / 3600:.0f} hours, as when a "
    "computer sleeps or its connection is lost. What it has answered is kept."
)


class StageTaken(ReviewError):
    """Another job has the model at work at this stage of the review."""


@dataclass(slots=True)
class HeldStage:
    """A stage that this job has taken."""

    db: Database
    lease: Lease
    _said: float

    def say_at_work(self) -> None:
        """Write down now and then that this job is still at work. Raises StageTaken when another has taken the stage,
        which believed this one to be gone."""
        now = time.time()  # on the wall: the system's other clocks may stand while it sleeps
        if 0 <= now - self._said < _BEAT_SECONDS:
            return
        self._said = now
        with self.db.transaction():
            if leases.note_heard(self.db, self.lease):
                return
            other = leases.read(self.db, self.lease.stage)
        raise _lost_error(self.db, self.lease, other)


@contextlib.contextmanager
def hold_stage(db: Database, stage: str, what: str) -> Iterator[HeldStage]:
    """Take ``stage`` for as long as the block lasts; ``what`` is done there, for people to read. Raises StageTaken."""
    lease = _new_lease(db, stage, what)
    with db.transaction():
        standing = leases.read(db, stage)
        if standing is not None and _is_held(standing, lease):
            raise _taken_error(db, standing)
        leases.put(db, lease)
    _TOKENS_HELD.add(lease.token)
    try:
        yield HeldStage(db, lease, time.time())
    finally:
        _TOKENS_HELD.discard(lease.token)
        with contextlib.suppress(ReviewError), db.transaction():  # else it ends with this process
            leases.remove(db, lease)


def require_free(db: Database, stage: str) -> None:
    """Raise StageTaken when another job has the model at work at ``stage``. For saying so before a model is loaded."""
    standing = leases.read(db, stage)
    if standing is not None and _is_held(standing, _new_lease(db, stage, "")):
        raise _taken_error(db, standing)


def _new_lease(db: Database, stage: str, what: str) -> Lease:
    place = file_identity.identify_place(db.path)
    now, file = utc_now(), hashlib.sha256(place.encode("utf-8", "replace")).hexdigest()[:16]
    return Lease(stage, secrets.token_hex(8), what, private.this_process(), file, now, now)


def _is_held(standing: Lease, mine: Lease) -> bool:
    """Whether the job that took the stage is at work in the same file as ``mine`` would be."""
    if standing.holder == mine.holder:  # this process, which may have been unable to give it up
        return standing.token in _TOKENS_HELD
    if standing.holder.is_here:
        return standing.file == mine.file and standing.holder.is_running()
    return abs(_moment(mine.since) - _moment(standing.heard)) < timedelta(seconds=SILENT_SECONDS)


def _taken_error(db: Database, lease: Lease) -> StageTaken:
    holder = lease.holder
    where = "on this computer" if holder.is_here else f"on the computer {holder.host}"
    hint = "Wait for it to end or stop it there; what it answers is kept, and this goes on from it."
    if not holder.is_here:
        until = _moment(lease.heard) + timedelta(seconds=SILENT_SECONDS)
        hint += f" If that computer is not at work any more, this can go on from {_local_time(until)}."
    return StageTaken(
        f"{db.path}: the model is already at work here: {lease.what}, process {holder.number} {where}, "
        f"since {_local_time(_moment(lease.since))}.",
        hint,
    )


def _lost_error(db: Database, mine: Lease, other: Lease | None) -> StageTaken:
    """What is said when another took the stage that this job holds. It may have ended since."""
    if other is not None:
        taken = _taken_error(db, other)
        return StageTaken(f"{taken.message} {_WHY_LOST}", taken.hint)
    return StageTaken(
        f"{db.path}: another job went on with this one ({mine.what}) and has ended since. {_WHY_LOST}",
        "Start it again; it goes on from all that is answered.",
    )


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _local_time(moment: datetime) -> str:
    return f"{moment.astimezone():%Y-%m-%d %H:%M}"
