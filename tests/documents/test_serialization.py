"""A document comes out of the pipe as it went in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads_local.documents import serialization
from leads_local.records import Document, Page, PageState
from tests.documents.conftest import passage

TEXT = st.text(st.characters(codec="utf-8"), max_size=40)


@given(st.lists(TEXT.filter(bool), max_size=5), TEXT, TEXT)
def test_there_and_back(texts: list[str], path: str, notice: str) -> None:
    passages = tuple(passage(text, order, width=7) for order, text in enumerate(texts))
    document = Document(
        path,
        "ab12",
        (Page(1, 595.0, 842.5, 12, PageState.DRAWN, 2),),
        passages,
        notice=notice,
        info=(("title", path),),
        missing=3,
        rebuilt=True,
    )
    line = serialization.dumps(document)
    assert b"\n" not in line
    assert serialization.loads(line) == document


@pytest.mark.parametrize("line", [b"", b"{}", b"[1]", b'{"path": 1}', b"\x00", b"null"])
def test_anything_else_is_refused(line: bytes) -> None:
    with pytest.raises(ValueError):
        serialization.loads(line)
