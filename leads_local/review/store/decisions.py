"""What people decided.

A decision is stored with the record that stood for its report when it was made. For a duplicate group the latest of its
records' decisions counts. ``decision`` holds what stands now; the triggers keep everything that ever stood in
``decision_history``.
"""

from __future__ import annotations

from collections.abc import Iterator

from leads_local.records import Choice, Decision, Stage
from leads_local.review.database import Database, Row
from leads_local.review.read_models import HistoryEntry
from leads_local.review.store.rows import read_row, read_rows

_COLUMNS = "d.record_id, d.stage, d.choice, d.reason, d.reviewer, d.at"


def put(db: Database, decision: Decision) -> None:
    """Make ``decision`` stand for its record and stage."""
    db.write(
        "INSERT INTO decision (stage, record_id, choice, reason, reviewer, at, seq, previous) "
        "VALUES (?, ?, ?, ?, ?, ?, (SELECT coalesce(max(seq), 0) + 1 FROM decision_history), 0) "
        "ON CONFLICT (stage, record_id) DO UPDATE SET choice = excluded.choice, reason = excluded.reason, reviewer "
        "= excluded.reviewer, "
        "at = excluded.at, seq = excluded.seq, previous = decision.seq",
        (decision.stage, decision.record_id, decision.choice, decision.reason, decision.reviewer, decision.at),
    )


def take_back(db: Database, stage: Stage, reviewer: str) -> Decision | None:
    """Undo the latest standing decision at ``stage`` (of ``reviewer``, unless that is ""), and let stand what it had
    replaced."""
    last = db.row(
        f"SELECT {_COLUMNS}, d.previous FROM decision d WHERE d.stage = ? AND (? = '' OR d.reviewer = ?) ORDER BY "
        "d.seq DESC LIMIT 1",
        (stage, reviewer, reviewer),
    )
    if last is None:
        return None
    if last["previous"]:
        db.write(
            "UPDATE decision SET (choice, reason, reviewer, at, seq, previous) = "
            "(SELECT choice, reason, reviewer, decided_at, seq, previous FROM decision_history WHERE seq = ? AND "
            "action = 'decided') "
            "WHERE stage = ? AND record_id = ?",
            (last["previous"], stage, last["record_id"]),
        )
    else:
        db.write("DELETE FROM decision WHERE stage = ? AND record_id = ?", (stage, last["record_id"]))
    return read_row(db, "the decision on record", last, _to_decision)


def standing(db: Database, head: int) -> dict[Stage, Decision]:
    """What stands for the group of ``head``, by stage."""
    rows = db.rows(
        f"SELECT {_COLUMNS}, max(d.seq) FROM decision d JOIN record r ON r.id = d.record_id WHERE r.head = ? GROUP "
        "BY d.stage",
        (head,),
    )
    return dict(read_rows(db, "decision on record", rows, lambda row: (Stage(row["stage"]), _to_decision(row))))


def all_standing(db: Database) -> dict[tuple[int, Stage], Decision]:
    """What stands for every group, by head and stage."""
    rows = db.rows(
        f"SELECT r.head, {_COLUMNS}, max(d.seq) FROM decision d JOIN record r ON r.id = d.record_id GROUP BY "
        "r.head, d.stage"
    )
    return dict(
        read_rows(db, "decision on report", rows, lambda row: ((row["head"], Stage(row["stage"])), _to_decision(row)))
    )


def history(db: Database, head: int) -> tuple[HistoryEntry, ...]:
    """All that was ever decided or undone for the group of ``head``, oldest first."""
    rows = db.rows(
        "SELECT d.id, d.action, d.record_id, d.stage, d.choice, d.reason, d.reviewer, d.decided_at AS at, d.at AS "
        "happened "
        "FROM decision_history d JOIN record r ON r.id = d.record_id WHERE r.head = ? ORDER BY d.id",
        (head,),
    )
    return tuple(read_rows(db, "entry of the decisions' history", rows, _to_entry))


def stream_history(db: Database) -> Iterator[HistoryEntry]:
    """All that was ever decided or undone, oldest first."""
    rows = db.stream(
        "SELECT id, action, record_id, stage, choice, reason, reviewer, decided_at AS at, at AS happened FROM "
        "decision_history ORDER BY id"
    )
    yield from read_rows(db, "entry of the decisions' history", rows, _to_entry)


def history_differences(db: Database) -> dict[tuple[str, int], tuple[str, str]]:
    """Where what stands is not what follows from the history: (what stands, what follows), by stage and record; "" for
    no decision."""
    columns = "stage, record_id, choice, reason, reviewer, seq, previous"
    made: dict[int, tuple[object, ...]] = {}
    follows: dict[tuple[str, int], tuple[object, ...]] = {}
    for row in db.stream(f"SELECT action, {columns}, decided_at AS at FROM decision_history ORDER BY id"):
        place, said = (row["stage"], row["record_id"]), tuple(row)[3:]
        if row["action"] == "decided":
            follows[place] = made[row["seq"]] = said
        elif row["previous"] in made:
            follows[place] = made[row["previous"]]
        else:
            follows.pop(place, None)
    stands = {
        (row["stage"], row["record_id"]): tuple(row)[2:] for row in db.stream(f"SELECT {columns}, at FROM decision")
    }
    return {
        place: (_in_words(stands.get(place)), _in_words(follows.get(place)))
        for place in sorted(stands.keys() | follows.keys(), key=repr)
        if stands.get(place) != follows.get(place)
    }


def _in_words(said: tuple[object, ...] | None) -> str:
    return f"{said[0]} by {said[2] or 'nobody'}" if said else ""


def _to_entry(row: Row) -> HistoryEntry:
    return HistoryEntry(row["action"], _to_decision(row), row["happened"])


def _to_decision(row: Row) -> Decision:
    return Decision(
        row["record_id"], Stage(row["stage"]), Choice(row["choice"]), row["reason"], row["reviewer"], row["at"]
    )
