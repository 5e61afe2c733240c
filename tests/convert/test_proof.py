"""Proof: a good file passes in every point, and each kind of wrong file fails in the point that is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from convert import convert
from convert.command_line import main
from convert.corpus import TOKENIZER_TEXTS
from convert.errors import ConvertError
from convert.gguf_reader import read_gguf
from convert.native import ask_llama_cpp
from convert.proof import Finding, prove
from convert.sentencepiece import USER_DEFINED
from tests.checkpoints import BYTE_LEVEL_SIZE, make_checkpoint, write_tokenizer
from tests.convert.conftest import SMALL
from tests.convert.test_rope import SCALING

FULL = SMALL | {"hidden": 64, "ffn": 96, "vocabulary": 32768}


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_checkpoint(tmp_path_factory.mktemp("proof") / "source", tokenizer="both", **FULL)  # type: ignore[arg-type]


def results(file: Path, source: Path, **options: bool) -> dict[str, Finding]:
    return {finding.what: finding for finding in prove(file, source, **options)}


def until(file: Path, source: Path, what: str) -> dict[str, Finding]:
    """Findings up to the one about ``what``, without the slower ones after it."""
    found: dict[str, Finding] = {}
    for finding in prove(file, source):
        found[finding.what] = finding
        if finding.what == what:
            break
    return found


@pytest.mark.parametrize("quant", ["F32", "Q4_K_M"])
def test_a_good_file_passes_in_every_point(tmp_path: Path, source: Path, quant: str) -> None:
    found = results(convert(source, quant, tmp_path / "made.gguf").path, source)
    assert {finding.good for finding in found.values()} == {True}, found
    assert "the very bytes that ggml makes of it." in found["numbers"].detail
    assert "sentencepiece and tokenizers" in found["tokenization"].detail


def test_a_file_of_a_llama_3_checkpoint_passes_in_every_point(tmp_path: Path) -> None:
    """Its tokenizer is byte-level, and one of its tensors is stored nowhere."""
    options = FULL | {"vocabulary": BYTE_LEVEL_SIZE, "tokenizer": "bytes", "config": {"rope_scaling": SCALING}}
    source = make_checkpoint(tmp_path / "source", **options)  # type: ignore[arg-type]
    made = convert(source, "Q8_0", tmp_path / "made.gguf").path
    found = results(made, source)
    assert {finding.good for finding in found.values()} == {True}, found
    assert (
        f"All {len(read_gguf(made).tensors)} names" in found["tensors"].detail
        and "by tokenizers" in found["tokenization"].detail
    )


def test_tokens_that_are_text_are_tried(tmp_path: Path) -> None:
    """Each behind a word, and a file in which one of them is another text fails there."""
    files, sources = [], []
    for name, token in (("one", "n-3"), ("other", "n-4")):
        options = FULL | {"vocabulary": BYTE_LEVEL_SIZE + 2, "tokenizer": "bytes"}
        source = make_checkpoint(tmp_path / name, **options)  # type: ignore[arg-type]
        described = json.loads((source / "tokenizer.json").read_text())
        plain = {"lstrip": False, "rstrip": False, "normalized": False, "special": False, "single_word": False}
        described["added_tokens"] += [
            {"id": BYTE_LEVEL_SIZE + number, "content": text, **plain} for number, text in enumerate(("\n\n", token))
        ]
        (source / "tokenizer.json").write_text(json.dumps(described))
        sources.append(source)
        files.append(convert(source, "Q8_0", tmp_path / f"{name}.gguf").path)
    kinds = read_gguf(files[0]).metadata["tokenizer.ggml.token_type"]
    found = results(files[0], sources[0], quick=True)["tokenization"]
    assert found.good and f"{len(TOKENIZER_TEXTS) + list(kinds).count(USER_DEFINED)} texts" in found.detail
    assert list(kinds)[-2:] == [USER_DEFINED] * 2
    found = results(files[1], sources[0], quick=True)["tokenization"]
    assert not found.good and found.detail.startswith("'trialn-3' is")


def test_other_weights_of_the_same_shape_fail_in_their_numbers(tmp_path: Path, source: Path) -> None:
    other = make_checkpoint(tmp_path / "other", tokenizer="both", seed=9, **FULL)  # type: ignore[arg-type]
    found = until(convert(other, "Q4_K_M", tmp_path / "made.gguf").path, source, "chat template")
    assert {what for what, finding in found.items() if not finding.good} == {"numbers"}
    assert "times as much as its type explains" in found["numbers"].detail


def test_rows_in_another_order_fail_in_their_numbers(tmp_path: Path, source: Path) -> None:
    """The query rows left in the checkpoint's own order: every byte is plausible, and the model would talk nonsense."""
    path = convert(source, "F32", tmp_path / "made.gguf").path
    tensor = next(t for t in read_gguf(path).tensors if t.name == "blk.1.attn_q.weight")
    data = bytearray(path.read_bytes())
    rows = [data[tensor.start + 256 * row : tensor.start + 256 * (row + 1)] for row in range(64)]
    head = [rows[16 * (row // 16) + (row % 16) // 2 + 8 * (row % 2)] for row in range(64)]
    data[tensor.start : tensor.start + tensor.size] = b"".join(head)
    path.write_bytes(data)
    found = until(path, source, "numbers")
    assert not found["numbers"].good and "'blk.1.attn_q.weight'" in found["numbers"].detail


def test_another_shape_fails_in_its_tensors(tmp_path: Path, source: Path) -> None:
    other = make_checkpoint(tmp_path / "other", tokenizer="both", **FULL | {"layers": 1})  # type: ignore[arg-type]
    found = until(convert(other, "Q8_0", tmp_path / "made.gguf").path, source, "settings")
    assert not found["tensors"].good and not found["settings"].good


def test_another_tokenizer_or_template_fails_there(tmp_path: Path, source: Path) -> None:
    other = make_checkpoint(tmp_path / "other", tokenizer="both", **FULL)  # type: ignore[arg-type]
    config = json.loads((other / "tokenizer_config.json").read_text())
    (other / "tokenizer_config.json").write_text(
        json.dumps(config | {"chat_template": "{{ x }}", "add_prefix_space": False})
    )
    found = results(convert(other, "Q8_0", tmp_path / "made.gguf").path, source, quick=True)
    assert {what for what, finding in found.items() if not finding.good} == {
        "tokenizer",
        "chat template",
        "tokenization",
    }
    assert (
        "tokenizer.ggml.add_space_prefix" in found["tokenizer"].detail
        and "in llama.cpp, but" in found["tokenization"].detail
    )


def test_changed_files_fail_in_their_hashes(tmp_path: Path, source: Path) -> None:
    path = convert(source, "Q8_0", tmp_path / "made.gguf").path
    path.rename(tmp_path / "renamed.gguf")
    assert results(tmp_path / "renamed.gguf", source)["hashes"].good is None
    data = bytearray((tmp_path / "renamed.gguf").read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    assert "not the one that manifest.json lists" in results(path, source)["hashes"].detail


def test_only_tokenizer_json_is_checked_with_tokenizers(tmp_path: Path) -> None:
    other = make_checkpoint(tmp_path / "other", tokenizer="json", **FULL)  # type: ignore[arg-type]
    found = results(convert(other, "Q8_0", tmp_path / "made.gguf").path, other, quick=True)
    assert found["tokenization"].good and "by tokenizers, and" in found["tokenization"].detail


def test_without_reference_packages_it_says_so(tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from convert.tokenizer_check import check_tokenizer

    monkeypatch.setattr("convert.tokenizer_check.importlib.util.find_spec", lambda _: None)
    good, detail = check_tokenizer(tmp_path / "none.gguf", source)
    assert good is None and "pip install" in detail


def test_what_llama_cpp_can_not_load_is_an_error_of_ours(tmp_path: Path, source: Path) -> None:
    write_tokenizer(tmp_path)
    (tmp_path / "bad.gguf").write_bytes(b"GGUF" + bytes(100))
    with pytest.raises(ConvertError, match=r"llama\.cpp can't use this file"):
        ask_llama_cpp("tokenize", tmp_path / "bad.gguf", texts=list(TOKENIZER_TEXTS))


def test_the_command_prints_findings_and_its_code_says_whether_all_is_well(
    tmp_path: Path, source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = convert(source, "Q8_0", tmp_path / "made.gguf").path
    assert main(["verify", str(path), "--against", str(source)]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["good"] * 7
    other = make_checkpoint(tmp_path / "other", tokenizer="both", seed=3, **FULL)  # type: ignore[arg-type]
    assert main(["verify", str(path), "--against", str(other), "--quick", "--json"]) == 1
    assert {finding["what"]: finding["good"] for finding in json.loads(capsys.readouterr().out)}["numbers"] is False
    path.write_bytes(path.read_bytes()[:-100])
    assert main(["verify", str(path), "--against", str(source)]) == 3 and "cut short" in capsys.readouterr().err
