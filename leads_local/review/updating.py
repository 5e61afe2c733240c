"""Continuing a review as an update: an act of the log, before which all is the review's previous version (see
``updates``), and which is undone like any other. Nothing that was decided is changed by it."""

from __future__ import annotations

from leads_local.errors import InputError, ReviewError
from leads_local.review import standing
from leads_local.review.act_log import ActLog
from leads_local.review.acts import ActKind, canonical
from leads_local.review.database import Database
from leads_local.review.store import events, lists, update_rows
from leads_local.review.updates import Update

LONGEST_LABEL = 80


def begin(db: Database, log: ActLog, label: str) -> Update:
    """Continue the review as the update that is called so. Inside a transaction. Raises InputError where that is no
    name for one, ReviewError where there is nothing to continue."""
    label = " ".join(label.split())
    if not 0 < len(label) <= LONGEST_LABEL:
        raise InputError(
            f"An update needs a name of 1 to {LONGEST_LABEL} characters.", 'For instance: --label "Update 2027".'
        )
    if label in (one.label for one in update_rows.updates(db)):
        raise InputError(f"There is an update called {label} already.", "Give this one another name.")
    if not lists.has_reports(db):
        raise ReviewError(f"{db.path}: there is nothing to continue: no record was imported.", "Import your searches.")
    _, act = log.write(ActKind.UPDATE, canonical([]), {"label": label})
    events.add(db, "update", f"continued as {label}", act.reviewer)
    standing.bring_up_to_date(db, [(act, 0)])
    return Update(label, act.reviewer, act.at, act.order)
