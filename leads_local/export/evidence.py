"""The evidence table: one row for each report, four columns for each thing extracted: value, status, quote, page.

The value is what holds: as a person accepted or edited it, else as the model proposed it, and the status says which.
Rejected values are not shown. Where there is one value for each arm, the cell names the arms.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from leads_local.export.sheets import Cell, Row, Sheet
from leads_local.export.study_cells import StudyCells
from leads_local.records import Quote
from leads_local.review.read_models import StoredValue, ValueStatus
from leads_local.review.review import Review
from leads_local.review.store import citations, documents, values

EvidenceColumn = tuple[str, str, str]
_ORDER = {"characteristics": 0, "arms": 1, "participants": 2, "results": 3}
_ARMS = ("arms", "arms", "")
UNREAD = "not read in the PDF"


def evidence_sheet(review: Review) -> Sheet:
    """The table of all reports that are included or have values."""
    reports = sorted({*review.included()[1], *values.heads_with_values(review.db)})
    columns = _find_columns(review, reports)
    header = [f"{_column_title(column)}{part}" for column in columns for part in ("", ": status", ": quote", ": page")]

    def rows() -> Iterator[Row]:
        studies = StudyCells(review)
        for head in reports:
            citation = citations.read(review.db, head)
            by_column: dict[EvidenceColumn, list[StoredValue]] = {}
            for stored in filter(_holds, values.of_head(review.db, head)):
                by_column.setdefault(_column_of(stored), []).append(stored)
            cells = [cell for column in columns for cell in _column_cells(column, by_column.get(column, ()))]
            paper = documents.of_head(review.db, head)
            unread = paper.notice or paper.problem if paper is not None else ""
            work = (citation.title, "; ".join(citation.authors), citation.year, citation.doi, unread)
            yield (head, *studies.of(head), *work, *cells)

    about = (
        "One row for each report; reports of one study have the same study number, and studies.csv has one row for "
        "each study. Status says whether a person has verified the value: “proposed” is the model's word alone. "
        "What of the paper could not be read, so that no value can come from there, stands before the values."
    )
    return Sheet(
        "evidence", about, ("report", *StudyCells.HEADER, "title", "authors", "year", "doi", UNREAD, *header), rows
    )


def _find_columns(review: Review, reports: Sequence[int]) -> list[EvidenceColumn]:
    """Every column that some report fills, characteristics first, each task's items in the order in which they were
    asked."""
    filled: dict[EvidenceColumn, bool] = {}
    for head in reports:
        for stored in values.of_head(review.db, head):
            column = _column_of(stored)
            filled[column] = filled.get(column, False) or _holds(stored)
    return sorted(
        (column for column, fills in filled.items() if fills), key=lambda column: _ORDER.get(column[0], len(_ORDER))
    )


def _holds(stored: StoredValue) -> bool:
    return stored.status is not ValueStatus.REJECTED


def _column_of(stored: StoredValue) -> EvidenceColumn:
    value = stored.value
    return _ARMS if value.task == "arms" else (value.task, value.item, value.part)


def _column_title(column: EvidenceColumn) -> str:
    _, item, part = column
    return item if part in ("value", "") else f"{item} ({part})"


def _column_cells(column: EvidenceColumn, found: Sequence[StoredValue]) -> tuple[Cell, ...]:
    """Value, status, quote, page; several values are joined, quotes and pages in the same order."""
    if column == _ARMS:
        texts = [_arm_text(found, item) for item in dict.fromkeys(stored.value.item for stored in found)]
    else:
        texts = [
            f"{one.value.group}: {one.final_text or 'not reported'}" if one.value.group else one.final_text
            for one in found
        ]
    quotes = [one.value.quote for one in found]
    shown = dict.fromkeys(_shown_quote(quote) for quote in quotes if quote is not None and _is_shown(quote))
    pages = sorted({one.page for one in found if one.page})
    page: Cell = pages[0] if len(pages) == 1 else "; ".join(map(str, pages))
    return "; ".join(texts), "; ".join(dict.fromkeys(one.status for one in found)), " … ".join(shown), page or None


def _is_shown(quote: Quote) -> bool:
    return quote.found or quote.match == "ocr"


def _shown_quote(quote: Quote) -> str:
    return quote.text if quote.found else f"{quote.text} [{quote.doubt}]"


def _arm_text(found: Sequence[StoredValue], item: str) -> str:
    parts = {one.value.part: one.final_text for one in found if one.value.item == item}
    more = [text for part in ("type", "interventions") if (text := parts.get(part, ""))]
    return f"{parts.get('label', item)} ({', '.join(more)})" if more else parts.get("label", item)
