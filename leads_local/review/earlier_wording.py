"""Which reports were decided when the criteria were other ones, or said in other words, than now: people may want to
look at them again, and a reader of the review will ask.

It follows from the order of the log: each decision was made under the criteria that held then.
"""

from __future__ import annotations

from bisect import bisect_right

from leads_local.records import Stage
from leads_local.review import protocol, protocol_history
from leads_local.review.database import Database
from leads_local.review.store import decisions


def decided(db: Database, stage: Stage) -> list[int]:
    """The reports of which something holds at ``stage`` that was decided by other criteria, or other words of them."""
    changes = protocol_history.read(db)
    if not changes:
        return []
    clocks, asked = [change.clock for change in changes], [protocol.asked(change.after, stage) for change in changes]
    if asked.count(asked[-1]) == len(asked):  # as in most reviews, whose decisions need not be looked at then
        return []
    return [
        head
        for head, clock in decisions.settled_clocks(db, stage).items()
        if asked[max(0, bisect_right(clocks, clock) - 1)] != asked[-1]
    ]
