"""The benchmark's own parts: its checkpoint is a real one, it sees one wrong byte, and a step that fails is said."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from sentencepiece import SentencePieceProcessor

from convert import convert, random_checkpoint
from convert.benchmark import compare_tensors
from convert.checkpoint import open_checkpoint
from convert.command_line import main
from convert.errors import ConvertError
from convert.gguf_reader import read_gguf
from convert.names import match_weights
from convert.proof import prove
from convert.step_cost import run_step

linux = pytest.mark.skipif(sys.platform != "linux", reason="processes are looked at as Linux shows them")


@pytest.fixture
def random(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, size in {"HIDDEN": 256, "HEADS": 4, "KV_HEADS": 2, "FFN": 512, "SHARD": 17_000_000}.items():
        monkeypatch.setattr(random_checkpoint, name, size)
    random_checkpoint.write_checkpoint(tmp_path / "random", 2)
    return tmp_path / "random"


def test_the_random_checkpoint_can_be_converted_and_proved(tmp_path: Path, random: Path) -> None:
    with open_checkpoint(random) as checkpoint:
        assert len(match_weights(checkpoint.settings, checkpoint.tensors)) == 21 and len(checkpoint.files) == 3
    assert SentencePieceProcessor(str(random / "tokenizer.model")).vocab_size() == random_checkpoint.VOCABULARY
    found = {
        finding.what: finding
        for finding in prove(convert(random, "Q8_0", tmp_path / "made.gguf").path, random, quick=True)
    }
    assert found.pop("tokenization").detail and {finding.good for finding in found.values()} == {True}


def test_one_wrong_byte_is_seen(tmp_path: Path, small: Path) -> None:
    made = convert(small, "Q8_0", tmp_path / "made.gguf").path
    data = bytearray(made.read_bytes())
    (tmp_path / "same.gguf").write_bytes(data)
    tensor = read_gguf(made).tensors[3]
    data[tensor.start + tensor.size - 1] ^= 1
    (tmp_path / "other.gguf").write_bytes(data)
    assert compare_tensors(made, tmp_path / "same.gguf") == (21, [])
    assert compare_tensors(made, tmp_path / "other.gguf") == (20, [tensor.name])


@linux
def test_a_step_is_watched_to_its_end(tmp_path: Path) -> None:
    write = "pathlib.Path(sys.argv[1]).write_bytes(sys.stdin.buffer.read())"
    code = f"import sys, time, pathlib; held = bytearray(200 << 20); {write}; time.sleep(0.3)"
    found = run_step([sys.executable, "-c", code, str(tmp_path / "x")], {}, tmp_path / "x", "given")
    assert (tmp_path / "x").read_bytes() == b"given" and found.wall >= 0.3 and 200 << 20 < found.anonymous < 400 << 20
    with pytest.raises(ConvertError, match="ended with 3: out of luck"):
        run_step(
            [sys.executable, "-c", "import sys; print('out of luck', file=sys.stderr); sys.exit(3)"], {}, tmp_path / "y"
        )


def test_a_peer_that_is_not_there_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "--peer", str(tmp_path)]) == 2
    assert "convert_hf_to_gguf.py: there is no such file" in capsys.readouterr().err or sys.platform != "linux"
