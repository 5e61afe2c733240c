"""What each reviewer decides, and what that comes to for the review.

Both tables follow from the log. A decision belongs to the record that it was made on; for a duplicate group the latest
of its records' decisions by the same reviewer counts. ``outcome`` has a row for each group of which somebody has said
something, by its head.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

from leads_local.records import Choice, Decision, Stage
from leads_local.review.acts import Act, ActKind, gesture_subject
from leads_local.review.database import Database, Row
from leads_local.review.outcomes import Outcome, OutcomeState, Rule, RuleKind, Vote
from leads_local.review.read_models import HistoryEntry
from leads_local.review.store import acts
from leads_local.review.store.rows import AT_ANY_STAGE, UNREADABLE_ERRORS, read_rows

_COLUMNS = "d.record_id, d.stage, d.choice, d.reason, d.reviewer, d.at"
_ORDER = "a.clock, a.session, a.number"
_HOLDS = "state, choice, reason, reviewer, at, clock"
_STAND = (
    "INSERT INTO decision (stage, record_id, reviewer, choice, reason, at, act_id, clock) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (stage, record_id, reviewer) DO UPDATE SET "
    "choice = excluded.choice, reason = excluded.reason, at = excluded.at, act_id = excluded.act_id, "
    "clock = excluded.clock"
)


def derive(db: Database, told: Iterable[tuple[Act, int]]) -> None:
    """In the place of each of these decisions, each with its record, have the last one of its reviewer that holds
    stand, or none."""
    records = {(act.subject, act.reviewer): record for act, record in told}
    last = acts.last_holding_of(db, ActKind.DECIDE, records)
    places = {place: (json.loads(place[0])[2], record, place[1]) for place, record in records.items()}
    db.write_many(
        "DELETE FROM decision WHERE stage = ? AND record_id = ? AND reviewer = ?",
        [where for place, where in places.items() if place not in last],
    )
    db.write_many(_STAND, [_row_of(places[place], *found) for place, found in last.items()])


def _row_of(place: tuple[str, int, str], act_id: int, act: Act) -> tuple[object, ...]:
    said = act.said_parts()
    return (*place, said["choice"], said["reason"], act.at, act_id, act.clock)


def derive_all(db: Database) -> None:
    """``derive`` for every decision of the log, once it is known which acts hold."""
    last = {
        (act.subject_parts()[2], record, act.reviewer): (act_id, act)
        for act_id, act, record in acts.holding(db, ActKind.DECIDE)
    }
    now = {tuple(row)[:3]: row[3] for row in db.stream("SELECT stage, record_id, reviewer, act_id FROM decision")}
    db.write_many(
        "DELETE FROM decision WHERE stage = ? AND record_id = ? AND reviewer = ?", sorted(now.keys() - last.keys())
    )
    db.write_many(
        _STAND,
        [_row_of(place, act_id, act) for place, (act_id, act) in last.items() if now.get(place) != act_id],
    )


_IN_THE_LIST = (
    "EXISTS (SELECT 1 FROM record r JOIN record h ON h.id = r.head AND h.absent = 0 WHERE r.id = d.record_id AND "
    "(:stage = 'abstract' OR EXISTS (SELECT 1 FROM outcome o WHERE o.stage = 'abstract' AND o.record_id = h.id AND "
    "o.choice = 'include')))"
)


def latest_act(db: Database, stage: Stage, reviewer: str) -> Act | None:
    """The act of the latest decision that stands at ``stage`` (of ``reviewer``, unless that is "") on a report that is
    to be decided there: what is in no list, nobody takes back without seeing it."""
    theirs = f"d.stage = :stage AND (:reviewer = '' OR d.reviewer = :reviewer) AND {_IN_THE_LIST}"
    row = db.row(
        f"SELECT a.* FROM act a CROSS JOIN decision d ON d.act_id = a.id WHERE {theirs} AND a.clock = "
        f"(SELECT d.clock FROM decision d WHERE {theirs} ORDER BY d.clock DESC LIMIT 1) "
        "ORDER BY a.session DESC, a.number DESC LIMIT 1",
        {"stage": stage, "reviewer": reviewer},
    )
    return acts.to_act(row) if row is not None else None


def of_reviewers(db: Database, heads: Sequence[int], stage: Stage) -> dict[int, list[tuple[Vote, int]]]:
    """The decisions on the records of each group in their order, each with its record; by head."""
    rows = db.rows(
        f"SELECT r.head, {_COLUMNS}, a.clock, a.session, a.number FROM json_each(?) i CROSS JOIN record r ON r.head = "
        "i.value CROSS JOIN decision d ON d.stage = ? AND d.record_id = r.id CROSS JOIN act a ON a.id = d.act_id "
        f"ORDER BY r.head, {_ORDER}",
        (json.dumps(list(heads)), stage),
    )
    found: dict[int, list[tuple[Vote, int]]] = {}
    for head, vote, record in read_rows(
        db, "decision on report", rows, lambda row: (row["head"], _to_vote(row), row["record_id"])
    ):
        found.setdefault(head, []).append((vote, record))
    return found


def own(db: Database, head: int, stage: Stage, reviewer: str) -> Decision | None:
    """What ``reviewer`` decides on the group of ``head`` at a stage."""
    return own_of_many(db, [head], stage, reviewer).get(head)


def own_of_many(db: Database, heads: Sequence[int], stage: Stage, reviewer: str) -> dict[int, Decision]:
    """What ``reviewer`` decides on these groups at a stage, by head."""
    return {
        head: Decision(head, stage, vote.choice, vote.reason, reviewer, vote.at)
        for head, said in of_reviewers(db, heads, stage).items()
        for vote, _ in said
        if vote.reviewer == reviewer
    }


def of_adjudicators(db: Database, heads: Sequence[int], stage: Stage) -> dict[int, Vote]:
    """The last adjudication of each group that holds, by head."""
    rows = db.rows(
        f"SELECT r.head, a.* FROM json_each(?) i CROSS JOIN record r ON r.head = i.value CROSS JOIN act a ON "
        f"a.record_id = r.id AND a.kind = 'adjudicate' AND {acts.HOLDS} ORDER BY {_ORDER}",
        (json.dumps(list(heads)),),
    )
    made = read_rows(db, "adjudication of report", rows, _to_adjudication)
    return {head: vote for head, at, vote in made if at == stage}


def _to_adjudication(row: Row) -> tuple[int, str, Vote]:
    act = acts.to_act(row)
    said = act.said_parts()
    return (
        row["head"],
        act.subject_parts()[2],
        Vote(act.reviewer, Choice(said["choice"]), said["reason"], act.at, act.order),
    )


def decided_records(db: Database) -> list[int]:
    """Every record of which a reviewer or an adjudicator has said something."""
    return db.numbers("SELECT DISTINCT record_id FROM act WHERE kind IN ('decide', 'adjudicate') ORDER BY 1")


# ---------------------------------------------------------------- outcomes


def rules(db: Database) -> dict[Stage, Rule]:
    """How each stage is decided."""
    rows = db.rows("SELECT * FROM rule")
    found = dict(
        read_rows(
            db, "rule of stage", rows, lambda row: (Stage(row["stage"]), Rule(RuleKind(row["kind"]), row["share"]))
        )
    )
    return {stage: found.get(stage, Rule()) for stage in Stage}


def write_rule(db: Database, stage: Stage, rule: Rule) -> None:
    db.write("DELETE FROM rule WHERE stage = ?", (stage,))
    db.write("INSERT INTO rule (stage, kind, share) VALUES (?, ?, ?)", (stage, rule.kind, rule.share))


def replace_outcomes(db: Database, stage: Stage, heads: Iterable[int], found: Iterable[tuple[int, Outcome]]) -> None:
    """Take away the outcomes of these records at ``stage`` and write those that were ``found``, by head."""
    db.write_many("DELETE FROM outcome WHERE stage = ? AND record_id = ?", [(stage, head) for head in heads])
    db.write_many(
        f"INSERT INTO outcome (stage, record_id, {_HOLDS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [(stage, head, *to_outcome_row(outcome)) for head, outcome in found],
    )


def standing(db: Database, head: int) -> dict[Stage, Decision]:
    """What holds for the group of ``head``, by stage; a stage at which nothing holds yet is left out."""
    rows = db.rows(
        f"SELECT {_COLUMNS} FROM outcome d WHERE d.{AT_ANY_STAGE} AND d.record_id = ? AND d.state = 'settled'", (head,)
    )
    return dict(read_rows(db, "decision on record", rows, lambda row: (Stage(row["stage"]), to_decision(row))))


def states(db: Database, head: int) -> dict[Stage, OutcomeState]:
    """How it stands with the group of ``head`` at each stage at which somebody has decided."""
    rows = db.rows(
        f"SELECT d.record_id, d.stage, d.state FROM outcome d WHERE d.{AT_ANY_STAGE} AND d.record_id = ?", (head,)
    )
    made = read_rows(db, "decision on record", rows, lambda row: (Stage(row["stage"]), OutcomeState(row["state"])))
    return dict(made)


def holding(db: Database, heads: Sequence[int], stage: Stage) -> dict[int, Decision]:
    """What holds for these groups at a stage, by head; where nothing does, it is left out."""
    rows = db.rows(
        f"SELECT {_COLUMNS} FROM json_each(?) i CROSS JOIN outcome d ON d.stage = ? AND d.record_id = i.value "
        "WHERE d.state = 'settled'",
        (json.dumps(list(heads)), stage),
    )
    return dict(read_rows(db, "decision on report", rows, lambda row: (row["record_id"], to_decision(row))))


def votes(db: Database, head: int) -> dict[Stage, tuple[Decision, ...]]:
    """What each reviewer decides on the group of ``head`` now, by stage, in the order in which they did."""
    return {stage: said for stage in Stage if (said := votes_of(db, [head], stage).get(head))}


def votes_of(db: Database, heads: Sequence[int], stage: Stage) -> dict[int, tuple[Decision, ...]]:
    """What each reviewer decides on these groups at a stage, in the order in which they did; by head."""
    found = {}
    for head, every in of_reviewers(db, heads, stage).items():
        last = {vote.reviewer: vote for vote, _ in every}
        by_time = sorted(last.values(), key=lambda vote: vote.order)
        found[head] = tuple(Decision(head, stage, vote.choice, vote.reason, vote.reviewer, vote.at) for vote in by_time)
    return found


def all_standing(db: Database) -> dict[tuple[int, Stage], Decision]:
    """What holds for every group, by head and stage."""
    rows = db.rows(f"SELECT {_COLUMNS} FROM outcome d WHERE d.state = 'settled'")
    made = read_rows(
        db, "decision on report", rows, lambda row: ((row["record_id"], Stage(row["stage"])), to_decision(row))
    )
    return dict(made)


def settled_clocks(db: Database, stage: Stage) -> dict[int, int]:
    """When what holds at ``stage`` was decided, by the log's clock: where reviewers agree, when the first of them did.
    By head."""
    rows = db.stream(
        "SELECT o.record_id, o.clock, min(d.clock), max((d.reviewer, d.at) = (o.reviewer, o.at)) FROM outcome o "
        "LEFT JOIN record m ON m.head = o.record_id LEFT JOIN decision d ON d.stage = o.stage AND d.record_id = m.id "
        "AND d.choice = o.choice WHERE o.stage = ? AND o.state = 'settled' GROUP BY o.record_id",
        (stage,),
    )
    return {head: first if agreed else last for head, last, first, agreed in rows}


def outcome_rows(db: Database) -> dict[tuple[str, int], tuple[str, str, str, str, str, int]]:
    """(state, choice, reason, reviewer, at, clock) of every outcome, by stage and head."""
    return {(row[0], row[1]): tuple(row)[2:] for row in db.stream(f"SELECT stage, record_id, {_HOLDS} FROM outcome")}


def to_outcome_row(outcome: Outcome) -> tuple[str, str, str, str, str, int]:
    """An outcome as ``outcome_rows`` tells it."""
    vote = outcome.vote
    holds = (str(vote.choice), vote.reason, vote.reviewer, vote.at) if vote is not None else ("", "", "", "")
    return (str(outcome.state), *holds, outcome.order[0])


def decision_rows(db: Database) -> dict[tuple[str, int, str], tuple[str, str, str, int]]:
    """(choice, reason, at, clock) of every reviewer's decision, by stage, record and reviewer."""
    rows = db.stream("SELECT stage, record_id, reviewer, choice, reason, at, clock FROM decision")
    return {(row[0], row[1], row[2]): tuple(row)[3:] for row in rows}


# ---------------------------------------------------------------- history

_DECIDING = (ActKind.DECIDE, ActKind.ADJUDICATE)


def history(db: Database, head: int) -> tuple[HistoryEntry, ...]:
    """All that was ever decided, undone and redone for the group of ``head``, oldest first."""
    told: list[tuple[tuple[int, str, int], HistoryEntry]] = []
    for act, record in acts.on_records(db, head, _DECIDING):
        try:
            told += _tell(db, act, record)
        except UNREADABLE_ERRORS:
            db.unreadable[f"act {act.name.number} of session {act.name.session}"] = None
    return tuple(entry for _, entry in sorted(told, key=lambda one: one[0]))


def _tell(db: Database, act: Act, record_id: int) -> Iterator[tuple[tuple[int, str, int], HistoryEntry]]:
    """An entry for the act, for each time that it was taken back, and for each time that this was."""
    decision = decision_of(act, record_id)
    yield act.order, HistoryEntry("decided", decision, act.at, act.reviewer)
    later, action = [act], "undone"
    while later:
        later = [other for one in later for other in acts.revoking(db, gesture_subject(one))]
        for other in later:
            yield other.order, HistoryEntry(action, decision, other.at, other.reviewer)
        action = "redone" if action == "undone" else "undone"


def decision_of(act: Act, record_id: int) -> Decision:
    """What an act that decides says of its record."""
    said = act.said_parts()
    return Decision(
        record_id, Stage(act.subject_parts()[2]), Choice(said["choice"]), said["reason"], act.reviewer, act.at
    )


def _to_vote(row: Row) -> Vote:
    order = (row["clock"], row["session"], row["number"])
    return Vote(row["reviewer"], Choice(row["choice"]), row["reason"], row["at"], order)


def to_decision(row: Row) -> Decision:
    return Decision(
        row["record_id"], Stage(row["stage"]), Choice(row["choice"]), row["reason"], row["reviewer"], row["at"]
    )
