"""What was of the review's previous version when it was continued as an update: the sources of its records, and what
held of them."""

from __future__ import annotations

from collections.abc import Mapping, Set

from leads_local.review.acts import ActKind, canonical
from leads_local.review.database import Database
from leads_local.review.store import acts, citations
from leads_local.review.updates import Update

RecordName = tuple[str, int]


def updates(db: Database) -> list[Update]:
    """Every update that the review was continued as, oldest first."""
    return [
        Update(str(act.said_parts()["label"]), act.reviewer, act.at, act.order)
        for _, act, _ in acts.holding(db, ActKind.UPDATE)
    ]


def current(db: Database) -> Update | None:
    """What the review is since it was continued last; None while it never was."""
    found = acts.last_holding(db, ActKind.UPDATE, canonical([]))
    return (
        Update(str(found[1].said_parts()["label"]), found[1].reviewer, found[1].at, found[1].order) if found else None
    )


def read(db: Database) -> tuple[set[str], dict[int, str]]:
    """The previous version's sources, by their SHA-256, and what held of its records where anything did."""
    sources = db.rows("SELECT s.sha256 FROM previous_source p JOIN source s ON s.id = p.source_id")
    choices = db.rows("SELECT record_id, choice FROM previous_choice")
    return {row[0] for row in sources}, {row[0]: row[1] for row in choices}


def replace(db: Database, sources: Set[str], choices: Mapping[RecordName, str]) -> None:
    """Have these be the previous version's; only what differs is written."""
    stood, said = read(db)
    named = {name: record for record, name in citations.all_names(db).items()}
    wanted = {named[name]: choice for name, choice in choices.items() if choice}
    db.write_many(
        "DELETE FROM previous_source WHERE source_id = (SELECT id FROM source WHERE sha256 = ?)",
        [(one,) for one in sorted(stood - sources)],
    )
    db.write_many(
        "INSERT INTO previous_source (source_id) SELECT id FROM source WHERE sha256 = ?",
        [(one,) for one in sorted(sources - stood)],
    )
    changed = {record for record in said.keys() | wanted.keys() if said.get(record) != wanted.get(record)}
    db.write_many("DELETE FROM previous_choice WHERE record_id = ?", [(one,) for one in sorted(changed & said.keys())])
    db.write_many(
        "INSERT INTO previous_choice (record_id, choice) VALUES (?, ?)",
        [(one, wanted[one]) for one in sorted(changed & wanted.keys())],
    )
