"""Whether a value that is said of one group stands in a table's row under the column of another one.

A row holds the numbers of all groups, so that a value of the wrong group is found in it, too. Only where the heads name
the group, and not over every column, can that be told.
"""

from __future__ import annotations

from collections.abc import Sequence

from leads_local.documents import evidence
from leads_local.records import Passage, PassageKind

_CELL = " | "
_SAID_OF_ANY = frozenset(("group", "arm"))


def is_under_another_group(value: str, group: str, row: int, passages: Sequence[Passage]) -> bool:
    """Whether the numbers of ``value`` stand in the row of this order (``Passage.order``) only in columns in which no
    row above names the ``group``, while it is named in others."""
    wanted = evidence.reduce_words(group) - _SAID_OF_ANY
    rows = _rows_up_to(row, passages)
    if not rows or not wanted:
        return False
    cells, *above = (passage.text.split(_CELL) for passage in reversed(rows))
    named = {
        n
        for heads in above
        for n, head in enumerate(heads)
        if n and len(heads) == len(cells) and wanted <= evidence.reduce_words(head)
    }
    holding = {n for n, cell in enumerate(cells) if evidence.numbers_stand_together(value, cell)}
    return bool(named and holding) and 0 not in holding and holding.isdisjoint(named)  # a text is in all


def _rows_up_to(row: int, passages: Sequence[Passage]) -> list[Passage]:
    """The rows of the table from its first one to this one; none where it is no row."""
    place = next((n for n, passage in enumerate(passages) if passage.order == row), -1)
    found: list[Passage] = []
    while place >= 0 and passages[place].kind in (PassageKind.TABLE_ROW, PassageKind.FURNITURE):
        if passages[place].kind is PassageKind.TABLE_ROW:
            found.append(passages[place])
        place -= 1
    return found[::-1] if found and found[0].order == row else []
