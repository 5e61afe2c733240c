"""Numbers of lines leave the text; numbers of rows and references stay."""

from __future__ import annotations

import pytest

from leads_local.documents import layout
from leads_local.documents.geometry import Sheet
from leads_local.documents.line_numbers import find_line_numbers
from leads_local.records import PassageKind
from tests.documents.conftest import printed, sheet

SENTENCE = "the patients were seen each week of the trial and"


def manuscript(step: int, pages: int = 2) -> list[Sheet]:
    sheets = []
    for page in range(pages):
        lines = [
            printed(72, 72 + 24 * n, f"{('first', 'second')[page]} {SENTENCE} {'abcdefghijklmnopqrstuvwxyz'[n]}", 12)
            for n in range(26)
        ]
        counted = [(n, 26 * page + n + 1) for n in range(26) if (26 * page + n + 1) % step == 0]
        lines += [printed(52 - 4 * len(str(k)), 72 + 24 * n, str(k), 8) for n, k in counted]
        sheets.append(sheet(page + 1, lines))
    return sheets


@pytest.mark.parametrize("step", [1, 5])
def test_line_numbers_stand_apart_from_the_text(step: int) -> None:
    passages = layout.build_passages(manuscript(step))
    text = " ".join(p.text for p in passages if p.kind is not PassageKind.FURNITURE)
    assert not any(c.isdigit() for c in text) and text.count("patients") == 52
    kept = [p.text for p in passages if p.kind is PassageKind.FURNITURE]
    assert kept[0].split()[:2] == [str(step), str(2 * step)]


def test_numbers_of_references_and_rows_stay() -> None:
    references = [printed(72, 72 + 24 * (n // 2) + 12 * (n % 2), SENTENCE, 10) for n in range(40)]
    references += [printed(52, 72 + 24 * n, str(n + 1), 10) for n in range(20)]
    rows = [printed(x, 72 + 14 * n, text, 8) for n in range(20) for x, text in ((52, str(n + 1)), (90, "Liver"))]
    assert find_line_numbers([sheet(1, references)]) == {}
    assert find_line_numbers([sheet(1, rows)]) == {}
