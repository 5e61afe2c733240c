"""The list of retractions that Retraction Watch publishes as a CSV, which a user has downloaded: what has become of
which papers, by their identifiers.

Its columns are called ``Record ID``, ``Title``, ``OriginalPaperDOI``, ``OriginalPaperPubMedID``, ``RetractionDOI``,
``RetractionDate``, ``RetractionNature`` and ``Reason`` among others; a paper may stand there several times.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from leads_local import files
from leads_local.citations import decoding, normalise
from leads_local.citations.standing_notices import PaperNotice
from leads_local.errors import InputError

_NEEDED = ("OriginalPaperDOI", "OriginalPaperPubMedID", "RetractionNature")
_NATURES = {
    "retraction": PaperNotice.RETRACTED,
    "expression of concern": PaperNotice.CONCERN,
    "correction": PaperNotice.ERRATUM,
    "reinstatement": PaperNotice.REINSTATED,
}
_HINT = "Name the CSV that Retraction Watch publishes, as it was downloaded."
_LONGEST_CELL = 10_000_000


@dataclass(frozen=True, slots=True)
class RetractionEntry:
    """One entry of the list. ``doi`` and ``pmid`` are the original paper's, normalised, "" for none; ``date`` and
    ``reason`` as they stand there."""

    notice: PaperNotice
    doi: str
    pmid: str
    title: str
    date: str
    reason: str


@dataclass(frozen=True, slots=True)
class RetractionList:
    """``unknown``: how many entries are of a nature that is not known here."""

    sha256: str
    entries: tuple[RetractionEntry, ...]
    unknown: int = 0


def read(path: Path) -> RetractionList:
    """Raises InputError where the file can't be read, or is another one."""
    files.require_file(path, "a list of retractions", _HINT)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} can't be read: {error.strerror}.", "Correct its permissions.") from error
    csv.field_size_limit(_LONGEST_CELL)
    rows = csv.DictReader(io.StringIO(decoding.decode(data).text.lstrip("\ufeff"), newline=""))
    if missing := [name for name in _NEEDED if name not in (rows.fieldnames or ())]:
        raise InputError(f"{path} has no column {missing[0]}, so it is no list of Retraction Watch's.", _HINT)
    try:
        found = list(_entries(rows))
    except csv.Error as error:
        raise InputError(f"{path}, line {rows.line_num}: {error}.", "Download the list again.") from error
    known = tuple(one for one in found if one is not None)
    return RetractionList(hashlib.sha256(data).hexdigest(), known, len(found) - len(known))


def _entries(rows: csv.DictReader[str]) -> Iterator[RetractionEntry | None]:
    for row in rows:
        cells = {name: (cell or "").strip() for name, cell in row.items() if isinstance(cell, str)}
        notice = _NATURES.get(cells.get("RetractionNature", "").casefold())
        if notice is None:
            yield None
            continue
        pmid = cells.get("OriginalPaperPubMedID", "")
        reasons = "; ".join(part.strip(" +") for part in cells.get("Reason", "").split(";") if part.strip(" +"))
        yield RetractionEntry(
            notice,
            normalise.find_doi(cells.get("OriginalPaperDOI", "")),
            normalise.parse_pmid(pmid) if pmid.strip("0") else "",
            cells.get("Title", ""),
            cells.get("RetractionDate", "").partition(" ")[0],
            reasons,
        )
