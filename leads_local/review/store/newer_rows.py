"""Known records and those of a newer export: which are of one database entry, and what stands because of it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from leads_local.citations.newer import ACCESSION_TAGS
from leads_local.records import Citation
from leads_local.review.acts import ActKind
from leads_local.review.database import Database
from leads_local.review.store import acts, citations

_KINDS = (ActKind.CORRECT, ActKind.TAG)
_SAYS_NEWER = "instr(a.said, '\"newer\":') > 0"
_LAST = (
    "NOT EXISTS (SELECT 1 FROM act b WHERE b.kind = a.kind AND b.subject = a.subject AND b.clock > a.clock AND NOT "
    "EXISTS (SELECT 1 FROM revoked v WHERE v.act_id = b.id))"
)
_OF_SUBSTANCE = (
    "(a.kind = 'correct' AND (a.subject LIKE '%\"title\"]' OR a.subject LIKE '%\"abstract\"]') OR a.kind = 'tag' AND "
    "(a.subject LIKE '%\"retracted\"]' OR a.subject LIKE '%\"expression-of-concern\"]'))"
)
CHANGED_HEADS = (
    "SELECT r.head FROM act a CROSS JOIN record r ON r.id = a.record_id CROSS JOIN outcome o ON o.stage = :stage AND "
    f"o.record_id = r.head WHERE a.kind IN ('correct', 'tag') AND {_SAYS_NEWER} AND a.clock > o.clock AND "
    f"instr(a.said, '\"text\":null') = 0 AND instr(a.said, '\"slight\":true') = 0 AND {_OF_SUBSTANCE} AND "
    f"{acts.HOLDS} AND {_LAST} AND "
    "(o.state = 'settled' OR :reviewer = '' OR EXISTS (SELECT 1 FROM record m CROSS JOIN decision x ON x.stage = "
    ":stage AND x.record_id = m.id AND x.reviewer = :reviewer WHERE m.head = r.head))"
)
"""Reports that were decided before a newer export changed them in substance. Of what waits for a second reviewer only
what ``:reviewer`` has decided, so that nothing is given away."""
_AT_ONCE = 1_000  # records that are read at once
_ACCESSION = (
    "(SELECT json_extract(e.value, '$[1]') FROM json_each(c.extra) e WHERE json_extract(e.value, '$[0]') IN "
    f"({', '.join(repr(tag) for tag in ACCESSION_TAGS)}) LIMIT 1)"
)
_OF_REVIEW = "FROM record r CROSS JOIN citation c ON c.record_id = r.id WHERE r.absent = 0"
_NEW = f"{_OF_REVIEW} AND r.source_id = ?"
_KNOWN = f"{_OF_REVIEW} AND r.source_id <> ? AND r.id < (SELECT max(id) FROM record WHERE source_id = ?)"


@dataclass(frozen=True, slots=True)
class KnownRecord:
    """A record as it stands, and the format of the file that it came from."""

    citation: Citation
    format: str


def of_source(db: Database, source_id: int) -> Iterator[tuple[int, Citation]]:
    """The records of a source, never many of them in memory at once."""
    ids = db.numbers("SELECT id FROM record WHERE source_id = ? ORDER BY place", (source_id,))
    for start in range(0, len(ids), _AT_ONCE):
        yield from citations.read_many(db, ids[start : start + _AT_ONCE]).items()


def format_of(db: Database, source_id: int) -> str:
    row = db.row("SELECT format FROM source WHERE id = ?", (source_id,))
    return str(row[0]) if row is not None else ""


def same_identifiers(db: Database, source_id: int) -> dict[int, list[int]]:
    """Each record that was there before with those of this source that have the same PMID, else DOI or, where it has
    neither, accession number: several where one was given to several."""
    if not db.number("SELECT EXISTS (SELECT 1 FROM record WHERE source_id <> ?)", (source_id,)):
        return {}
    new: dict[tuple[str, str], list[int]] = {}
    for row in db.rows(
        f"SELECT r.id, c.pmid, c.doi {_NEW} AND (c.pmid <> '' OR c.doi <> '') ORDER BY r.id", (source_id,)
    ):
        for kind in (kind for kind in ("pmid", "doi") if row[kind]):
            new.setdefault((kind, row[kind]), []).append(row["id"])
    pmids, dois = (json.dumps([value for one, value in new if one == kind]) for kind in ("pmid", "doi"))
    known = db.rows(
        f"SELECT r.id, c.pmid, c.doi {_KNOWN} AND (c.pmid IN (SELECT value FROM json_each(?)) OR c.doi IN (SELECT "
        "value FROM json_each(?))) ORDER BY r.id",
        (source_id, source_id, pmids, dois),
    )
    found: dict[int, list[int]] = {}
    for row in known:
        found[row["id"]] = new.get(("pmid", row["pmid"])) or new["doi", row["doi"]]
    for record, before in _same_accession(db, source_id):
        found.setdefault(before, [record])
    return found


def _same_accession(db: Database, source_id: int) -> list[tuple[int, int]]:
    """Only of records without PMID and DOI, of which there are few."""
    without = "AND c.pmid = '' AND c.doi = ''"
    rows = db.rows(f"SELECT r.id, {_ACCESSION} AS number {_NEW} {without} ORDER BY r.id", (source_id,))
    new = {row["number"]: row["id"] for row in rows if row["number"]}
    if not new:
        return []
    known = db.rows(f"SELECT r.id, {_ACCESSION} AS number {_KNOWN} {without} ORDER BY r.id", (source_id, source_id))
    return [(new[row["number"]], row["id"]) for row in known if row["number"] in new]


def read_known(db: Database, records: Collection[int]) -> dict[int, KnownRecord]:
    """These records as they stand, with the format of their files."""
    rows = db.rows(
        "SELECT r.id, s.format FROM json_each(?) i CROSS JOIN record r ON r.id = i.value CROSS JOIN source s ON s.id = "
        "r.source_id",
        (json.dumps(sorted(records)),),
    )
    read = citations.read_many(db, sorted(records))
    return {row[0]: KnownRecord(read[row[0]], row[1]) for row in rows if row[0] in read}


def corrected_by_people(db: Database, records: Iterable[int]) -> set[tuple[int, str]]:
    """The fields of these records in which stands what a person wrote."""
    rows = db.rows(
        f"SELECT a.record_id, a.subject, a.said FROM json_each(?) i CROSS JOIN act a ON a.record_id = i.value WHERE "
        f"a.kind = 'correct' AND NOT {_SAYS_NEWER} AND {acts.HOLDS} AND {_LAST}",
        (json.dumps(sorted(records)),),
    )
    return {(row[0], json.loads(row[1])[2]) for row in rows if json.loads(row[2])["text"] is not None}


def by_identifier(db: Database, column: str, values: Collection[str]) -> list[tuple[int, int, str, str]]:
    """The records of the review with one of these PMIDs or DOIs (``column``): record, head, identifier, title."""
    rows = db.rows(
        f"SELECT r.id, r.head, c.{column} AS named, c.title FROM {citations.CURRENT} c JOIN record r ON r.id = "
        f"c.record_id WHERE r.absent = 0 AND c.{column} IN (SELECT value FROM json_each(?)) ORDER BY r.id",
        (json.dumps(sorted(values)),),
    )
    return [(row["id"], row["head"], row["named"], row["title"]) for row in rows]


def tags_of(db: Database, records: Sequence[int]) -> set[tuple[int, str]]:
    rows = db.rows(
        "SELECT record_id, about FROM annotation WHERE kind = 'tag' AND record_id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(records)),),
    )
    return {(row[0], row[1]) for row in rows}


@dataclass(frozen=True, slots=True)
class StandingText:
    """What stands because of a file: ``kind`` correction or tag, the record, ``about`` what of it. ``instead``: what an
    earlier file that is in the review says there, with its SHA-256 and whether that is slight; None for none."""

    kind: str
    record_id: int
    about: str
    instead: tuple[str, str, bool] | None


def standing(db: Database, sha256: str, withdrawn: Collection[str]) -> list[StandingText]:
    """What stands because of this file, which is among the ``withdrawn``."""
    rows = db.rows(
        f"SELECT a.kind, a.record_id, a.subject FROM act a WHERE a.kind IN ('correct', 'tag') AND {_SAYS_NEWER} AND "
        f"instr(a.said, ?) > 0 AND instr(a.said, '\"text\":null') = 0 AND {acts.HOLDS} AND {_LAST} ORDER BY a.id",
        (sha256,),
    )
    return [
        StandingText(row[0], row[1], json.loads(row[2])[2], _instead(db, row[0], row[2], withdrawn)) for row in rows
    ]


def _instead(db: Database, kind: str, subject: str, withdrawn: Collection[str]) -> tuple[str, str, bool] | None:
    for act in reversed(acts.holding_on(db, (ActKind(kind),), subject)):
        said = act.said_parts()
        source = said.get("newer", "")
        if not source or (source not in withdrawn and said["text"] is None):
            return None
        if source not in withdrawn:
            return str(said["text"]), source, bool(said.get("slight"))
    return None


def said_later(db: Database, records: Iterable[int], source_id: int) -> set[tuple[int, str]]:
    """The fields of these records in which stands what a file says that was imported after this source."""
    rows = db.rows(
        f"SELECT a.record_id, a.subject, a.said FROM json_each(?) i CROSS JOIN act a ON a.record_id = i.value WHERE "
        f"a.kind = 'correct' AND {_SAYS_NEWER} AND {acts.HOLDS} AND {_LAST}",
        (json.dumps(sorted(records)),),
    )
    told = [(row[0], json.loads(row[1])[2], json.loads(row[2])) for row in rows]
    return {
        (record, field)
        for record, field, said in told
        if said["text"] is not None and citations.find_source(db, said["newer"]) > source_id
    }


def said_of(db: Database, heads: Sequence[int]) -> list[tuple[int, str]]:
    """Of these reports, which fields stand as a newer export has them, and which tags it gave."""
    rows = db.rows(
        f"SELECT r.head, a.subject FROM json_each(?) i CROSS JOIN record r ON r.head = i.value CROSS JOIN act a ON "
        f"a.record_id = r.id WHERE a.kind IN ('correct', 'tag') AND {_SAYS_NEWER} AND instr(a.said, '\"text\":null') = "
        f"0 AND {acts.HOLDS} AND {_LAST} ORDER BY r.head, a.id",
        (json.dumps(list(heads)),),
    )
    return [(row[0], json.loads(row[1])[2]) for row in rows]
