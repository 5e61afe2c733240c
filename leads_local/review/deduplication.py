"""Duplicates: records of the same report are grouped behind one of them, explained, and can be taken apart again.

Invariants. A group that was found stays when more is imported and grouping runs again; it may only grow: where the new
records would make the comparison take it apart, it is left as it is and they are left out of it. A record that a person
has set apart is never grouped again until that is taken back. Nothing that was said of a record moves or is lost (see
``store.groups``). Running twice changes nothing the second time.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from leads_local.errors import ReviewError
from leads_local.records import Citation, Progress
from leads_local.review import standing
from leads_local.review.act_log import ActLog
from leads_local.review.acts import ActKind, canonical, groups_said
from leads_local.review.database import Database
from leads_local.review.read_models import DedupeReport
from leads_local.review.store import citations, events, groups


@dataclass(frozen=True, slots=True)
class _WantedGroup:
    records: tuple[int, ...]
    reasons: tuple[str, ...]


class _Components:
    """Sets of records that belong together, with the reasons why, each once."""

    def __init__(self) -> None:
        self._parent: dict[int, int] = {}
        self._reasons: dict[int, dict[str, None]] = {}

    def join(self, records: Iterable[int], reasons: Iterable[str]) -> None:
        roots = sorted({self._root(record) for record in records})
        for root in roots[1:]:
            self._parent[root] = roots[0]
            self._reasons.setdefault(roots[0], {}).update(self._reasons.pop(root, {}))
        self._reasons.setdefault(roots[0], {}).update(dict.fromkeys(reasons))

    def all(self) -> list[tuple[tuple[int, ...], tuple[str, ...]]]:
        found: dict[int, list[int]] = {}
        for record in sorted(self._parent):
            found.setdefault(self._root(record), []).append(record)
        return [(tuple(records), tuple(self._reasons[root])) for root, records in found.items() if len(records) > 1]

    def _root(self, record: int) -> int:
        root = record
        while self._parent.setdefault(root, root) != root:
            root = self._parent[root]
        while self._parent[record] != root:  # the next search is short
            self._parent[record], record = root, self._parent[record]
        return root


def group_duplicates(db: Database, log: ActLog, progress: Callable[[Progress], None] | None = None) -> DedupeReport:
    """Group the duplicates among all records. What takes long is done without holding the file's write lock."""
    while True:
        with contextlib.closing(db.copied()) as moment:
            before = groups.members(moment)
            texts = {record: citation for record, _, _, citation in citations.stream(moment)}
            pdfs, stored = citations.made_for_pdfs(moment), groups.stored_groups(moment)
        wanted = _find_wanted_groups(before, texts, pdfs, stored, progress)
        with db.transaction():
            if groups.members(db) != before:
                continue  # someone imported, grouped or separated meanwhile
            if wanted:
                found = [(group.records, group.reasons) for group in wanted]
                _, act = log.write(ActKind.GROUP, canonical([]), groups_said(found, citations.all_names(db)))
                standing.bring_up_to_date(db, [(act, 0)])
            report = _count_groups(db)
            events.add(
                db,
                "dedupe",
                f"{report.records} records, {report.duplicates} of them duplicates in {report.groups} groups",
            )
            return report


def separate(db: Database, log: ActLog, record_id: int) -> None:
    """Take a record out of its group, for good. The others stay together. Raises ReviewError when there is no such
    record."""
    with db.transaction():
        rest = [record for record in groups.of_head(db, _require_head(db, record_id)) if record != record_id]
        _, act = log.write_on_record(ActKind.APART, record_id, said={"apart": True})
        standing.bring_up_to_date(db, [(act, record_id)])
        events.add(db, "separate", f"record {record_id} set apart from {', '.join(map(str, rest)) or 'all others'}")


def rejoin(db: Database, log: ActLog, record_id: int) -> None:
    """Let a record that was set apart be grouped again the next time. Raises ReviewError when there is no such
    record."""
    with db.transaction():
        _require_head(db, record_id)
        _, act = log.write_on_record(ActKind.APART, record_id, said={"apart": False})
        standing.bring_up_to_date(db, [(act, record_id)])
        events.add(db, "rejoin", f"record {record_id} may be grouped again")


def _require_head(db: Database, record_id: int) -> int:
    head = citations.head(db, record_id)
    if not head:
        raise ReviewError(f"{db.path}: there is no record {record_id}.", "Choose a record of this review.")
    return head


def _find_wanted_groups(
    members: list[groups.GroupedRecord],
    all_texts: Mapping[int, Citation],
    pdfs: set[int],
    stored: Mapping[int, groups.StoredGroup],
    progress: Callable[[Progress], None] | None,
) -> list[_WantedGroup]:
    """The groups that are new or have grown."""
    from leads_local.citations import duplicates  # and rapidfuzz, which no other work on a review needs

    apart = {member.id for member in members if member.separate}
    texts = {record: citation for record, citation in all_texts.items() if record not in apart}
    head_of = {member.id: member.head for member in members}
    components = _Components()
    compared: dict[int, set[int]] = {}  # of each group, what the comparison found; PDFs are put into groups without it
    for record, head in head_of.items():
        if record in texts and record not in pdfs:
            compared.setdefault(head, set()).add(record)
        if head in stored:
            components.join((head, record), stored[head].reasons)
    ids = list(texts)
    for found in duplicates.group(list(texts.values()), progress):
        together = {ids[place] for place in found.members}
        whole = [
            record for record in together if compared.get(head_of[record], set()) <= together
        ]  # the others stay in the group that they are in
        if len(whole) > 1:
            components.join(whole, found.reasons)
    return [
        _WantedGroup(records, reasons)
        for records, reasons in components.all()
        if len({head_of[record] for record in records}) > 1
    ]


def _count_groups(db: Database) -> DedupeReport:
    members = [member for member in groups.members(db) if not member.absent]
    doubles = [member.head for member in members if member.head != member.id]
    return DedupeReport(len(members), len(set(doubles)), len(doubles), tuple(groups.conflicting_heads(db)))
