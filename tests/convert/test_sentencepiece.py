"""tokenizer.model: read as the sentencepiece package reads it, and refused when damaged."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sentencepiece import SentencePieceProcessor

from convert import sentencepiece
from convert.errors import ConvertError
from convert.sentencepiece import CONTROL
from tests.checkpoints import tokenizer_source


def test_pieces_are_those_of_the_sentencepiece_package() -> None:
    reference = SentencePieceProcessor(str(tokenizer_source()))
    found = sentencepiece.read(tokenizer_source())
    assert len(found.pieces) == reference.vocab_size()
    assert all(
        (piece.text.decode(), piece.score, piece.kind == CONTROL, piece.kind == sentencepiece.BYTE)
        == (reference.id_to_piece(i), reference.get_score(i), reference.is_control(i), reference.is_byte(i))
        for i, piece in enumerate(found.pieces)
    )
    assert found.ids == {"unk": 0, "bos": 1, "eos": 2} and found.space_prefix


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_model_is_read_or_refused(tmp_path: Path, data: st.DataObject) -> None:
    good = bytearray(tokenizer_source().read_bytes()[: data.draw(st.integers(0, 4000))])
    for _ in range(data.draw(st.integers(0, 3)) if good else 0):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    (tmp_path / "tokenizer.model").write_bytes(good)
    try:
        sentencepiece.read(tmp_path / "tokenizer.model")
    except ConvertError as error:
        assert "tokenizer.model" in error.message
