"""Comparing two files: the numbers are those of their definitions, and what can't be compared is refused."""

from __future__ import annotations

import contextlib
import errno
import json
from pathlib import Path

import numpy as np
import pytest

from convert import convert
from convert.command_line import main
from convert.compare import compare
from convert.errors import ConvertError
from convert.manifest import FILE_NAME, read
from convert.texts import SampleText
from tests.checkpoints import make_checkpoint
from tests.convert.conftest import SMALL
from tests.convert.peer import run

IDS = [1, 3, 17, 450, 450, 2, 99, 300, 5, 511, 0, 64, 7, 8, 9, 10, 11, 12, 13, 14]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("compare")
    source = make_checkpoint(folder / "source", dtype="F32", scale=0.15, **SMALL)  # type: ignore[arg-type]
    return {name: convert(source, name, folder / f"{name}.gguf").path for name in ("F32", "Q8_0", "Q2_K")}


def test_a_file_does_not_differ_from_itself(files: dict[str, Path]) -> None:
    found = compare(files["F32"], files["F32"], [SampleText(ids=tuple(IDS))], threads=1)
    assert found.tokens == len(IDS) and found.same_first == 1 and found.perplexity_ratio == 1
    assert found.divergence_mean == found.divergence_99 == 0


def test_numbers_are_those_of_the_definitions(files: dict[str, Path]) -> None:
    found = compare(files["F32"], files["Q2_K"], [SampleText(ids=tuple(IDS)), SampleText(ids=(1, 2, 3))], threads=1)
    logits = [np.array(run("logits", model=files[name], tokens=IDS), np.float64) for name in ("F32", "Q2_K")]
    p, q = (rows - np.log(np.exp(rows).sum(axis=1, keepdims=True)) for rows in logits)
    divergence = (np.exp(p) * (p - q)).sum(axis=1)
    losses = [-rows[np.arange(len(IDS) - 1), IDS[1:]].mean() for rows in (p, q)]
    assert found.tokens == len(IDS)
    assert found.divergence_mean == pytest.approx(divergence.mean(), rel=0.01)
    assert found.divergence_median == pytest.approx(np.median(divergence), rel=0.01)
    assert found.same_first == pytest.approx((p.argmax(axis=1) == q.argmax(axis=1)).mean())
    assert (found.perplexity_reference, found.perplexity) == pytest.approx(
        tuple(np.exp(losses)), rel=0.05
    )  # keys and values are kept in F16 there


def test_more_bits_differ_less(files: dict[str, Path]) -> None:
    texts = [SampleText(ids=tuple(range(at, at + 200))) for at in (1, 200, 300)]
    fine, coarse = (compare(files["F32"], files[name], texts, threads=1) for name in ("Q8_0", "Q2_K"))
    assert fine.divergence_mean * 10 < coarse.divergence_mean and fine.same_first > coarse.same_first


def test_the_command_tells_and_remembers(
    files: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "prompts.jsonl").write_text(json.dumps({"ids": IDS}))
    command = ["compare", str(files["F32"]), str(files["Q8_0"]), "--from", str(tmp_path), "--threads", "1"]
    assert main(command) == 0
    assert "same next token" in capsys.readouterr().out
    assert main([*command, "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    kept = read(files["Q8_0"].with_name(FILE_NAME))["Q8_0.gguf"]["measured"]["compared with F32.gguf"]
    assert (
        kept["divergence_mean"] == shown["divergence_mean"]
        and kept["reference"] == "F32.gguf"
        and shown["tokens"] == len(IDS)
    )


def test_files_of_other_models_and_empty_texts_are_refused(files: dict[str, Path], tmp_path: Path) -> None:
    other = make_checkpoint(tmp_path / "other", **SMALL | {"vocabulary": 300})  # type: ignore[arg-type]
    with pytest.raises(ConvertError, match="have different tokens"):
        compare(files["F32"], convert(other, "Q8_0", tmp_path / "o.gguf").path, [SampleText(ids=tuple(IDS))])
    with pytest.raises(ConvertError, match="No texts were given"):
        compare(files["F32"], files["Q8_0"], [])
    with pytest.raises(ConvertError, match="too short"):
        compare(files["F32"], files["Q8_0"], [SampleText(ids=(1, 2))])
    with pytest.raises(ConvertError, match="are needed there"):
        compare(files["F32"], files["Q8_0"], [SampleText(ids=tuple(IDS))], tokens=10**12)


def test_a_list_that_can_not_be_changed_costs_no_result(
    files: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hours may have gone into it."""
    (tmp_path / "prompts.jsonl").write_text(json.dumps({"ids": IDS}))

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("convert.disk.sync", full)
    assert main(["compare", str(files["F32"]), str(files["Q2_K"]), "--from", str(tmp_path), "--threads", "1"]) == 0
    said = capsys.readouterr()
    assert "same next token" in said.out
    assert "Note: the result is only shown, not kept. " in said.err and "the disk is full" in said.err


def test_a_place_for_predictions_that_fills_up_is_said_as_such(
    files: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = tmp_path / "full"
    full.mkdir()
    (full / "predictions").symlink_to("/dev/full")
    monkeypatch.setattr("convert.compare.temporary.folder", lambda: contextlib.nullcontext(full))
    with pytest.raises(ConvertError, match=r"predictions: it could not be written: the disk is full") as caught:
        compare(files["F32"], files["Q2_K"], [SampleText(ids=tuple(IDS))], threads=1)
    assert "llama.cpp" not in str(caught.value) and str(caught.value).endswith("for temporary files in TMPDIR.")
