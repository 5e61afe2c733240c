"""Making importance matrices: what is made is what the definition says, survives a kill, and holds no text."""

from __future__ import annotations

import errno
import io
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from gguf import GGUFReader

from convert import convert
from convert import gguf_file as gguf
from convert.activations import ActivationSums
from convert.command_line import main
from convert.errors import ConvertError
from convert.imatrix_maker import make_imatrix
from convert.library import find_library
from convert.native import child_command
from convert.proof import prove
from convert.texts import SampleText, read_texts
from tests.checkpoints import make_checkpoint, random_tensors, tensor_shapes, tiny_gguf
from tests.convert.conftest import SMALL, Maker, write_imatrix

SECRET = "Zanzibar-quokka"


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_gguf(tmp_path_factory.mktemp("tiny"))


def test_sums_are_those_of_the_definition(tmp_path: Path) -> None:
    """The input of the first attention is the normalised embedding, so its sums can be told without a forward pass."""
    source = make_checkpoint(tmp_path / "source", dtype="F32", seed=4, **SMALL)  # type: ignore[arg-type]
    model = convert(source, "F32", tmp_path / "made.gguf").path
    texts = [
        [5, 9, 17, 300, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52],
        list(range(100, 130)),
        [1] * 700,
        [2, 3],
    ]
    assert make_imatrix(model, [SampleText(ids=tuple(ids)) for ids in texts], tmp_path / "m.gguf") == 17 + 30 + 700
    weights = dict(random_tensors(tensor_shapes(256, 2, 4, 2, 64, 512, False, 512), 4))
    x = weights["model.embed_tokens.weight"][[number for ids in texts[:3] for number in ids]].astype(np.float64)
    x = x / np.sqrt((x * x).mean(axis=1, keepdims=True) + 1e-5) * weights["model.layers.0.input_layernorm.weight"]
    found = {t.name: t.data for t in GGUFReader(tmp_path / "m.gguf").tensors}
    for kind in ("attn_q", "attn_k", "attn_v"):
        np.testing.assert_allclose(found[f"blk.0.{kind}.weight.in_sum2"], (x * x).sum(axis=0), rtol=1e-4)
    names = {f"blk.{layer}.{kind}.weight" for layer in (0, 1) for kind in KINDS}
    assert found.keys() == {name + end for name in names for end in (".in_sum2", ".counts")}
    assert all(found[name + ".counts"].tolist() == [747.0] for name in names)
    assert len(found["blk.1.ffn_down.weight.in_sum2"]) == 512 and not list(tmp_path.glob("*.sums*"))


KINDS = ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")


def test_it_serves_the_smallest_types_and_is_in_the_manifest(tmp_path: Path, checkpoint: Maker) -> None:
    source = checkpoint(layers=1, ffn=256)
    model = convert(source, "BF16", tmp_path / "made.gguf").path
    matrix = tmp_path / "m.gguf"
    make_imatrix(model, [SampleText(ids=tuple(range(3, 200)))], matrix)
    made = convert(source, "IQ3_XS", tmp_path / "small.gguf", imatrix=matrix)
    assert "m.gguf" in [source.file for source in made.entry.sources]
    numbers = next(finding for finding in prove(made.path, source) if finding.what == "numbers")
    assert numbers.good and "the rest within the error of the type" in numbers.detail


def test_no_text_is_written(tmp_path: Path, tiny: Path) -> None:
    text = tmp_path / "paper.txt"
    text.write_text(f"{SECRET} was given to the patients. " * 40)
    out = tmp_path / "out"
    out.mkdir()
    assert main(["imatrix", str(tiny), "--from", str(text), "--out", str(out / "m.gguf")]) == 0
    assert [path.name for path in out.iterdir()] == ["m.gguf"]
    data = (out / "m.gguf").read_bytes()
    assert SECRET.encode() not in data and b"paper" not in data and str(tmp_path).encode() not in data


def test_a_killed_run_goes_on_and_gives_the_same_sums(tmp_path: Path, tiny: Path) -> None:
    texts = [SampleText(ids=tuple((7 * n + k) % 30000 for n in range(32))) for k in range(40)]
    expected = tmp_path / "expected.gguf"
    make_imatrix(tiny, texts, expected, threads=1)
    lines = tmp_path / "texts.jsonl"
    lines.write_text("".join(json.dumps({"ids": text.ids}) + "\n" for text in texts))
    out = tmp_path / "m.gguf"
    command, environment = child_command("activations")
    task = {
        "model": str(tiny),
        "part": str(out) + ".sums",
        "chunk": 512,
        "tokens": 10**6,
        "threads": 1,
        "gpu_layers": 0,
    }
    stamp = tiny.stat()
    task |= {"library": str(find_library()), "identity": [stamp.st_size, stamp.st_mtime_ns, 512]}
    program = "import convert.activations as a; a.SAVE_EVERY = 0.0; a._main()"
    command = [command[0], "-c", f"import sys; sys.path.insert(0, sys.argv[1]); {program}", command[4]]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True, stderr=subprocess.DEVNULL
    ) as child:
        assert child.stdin is not None and child.stdout is not None
        child.stdin.write(json.dumps(task) + "\n" + lines.read_text())
        child.stdin.close()
        for line in child.stdout:
            if json.loads(line)["done"] > 320:
                break
        child.kill()
    left = ActivationSums.load(Path(task["part"]))  # type: ignore[arg-type]
    assert left is not None and 8 < left.done < 40
    seen: list[int] = []
    make_imatrix(tiny, read_texts(lines), out, lambda done, _: seen.append(done), threads=1)
    assert seen[0] == 32 * left.done and out.read_bytes() == expected.read_bytes()


def test_ctrl_c_stops_it(tmp_path: Path, tiny: Path) -> None:
    (tmp_path / "t.jsonl").write_text("".join(json.dumps({"ids": list(range(500))}) + "\n" for _ in range(3000)))
    command = [
        sys.executable,
        "-m",
        "convert",
        "imatrix",
        str(tiny),
        "--from",
        str(tmp_path / "t.jsonl"),
        "--out",
        str(tmp_path / "m.gguf"),
    ]
    command += ["--tokens", "1500000"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as running:
        time.sleep(4)
        running.send_signal(signal.SIGINT)
        errors = running.communicate(timeout=60)[1]
    assert (
        running.returncode == 130
        and "Stopped" in errors
        and "Traceback" not in errors
        and not (tmp_path / "m.gguf").exists()
    )


def test_models_and_places_that_can_not_be_used(tmp_path: Path, tiny: Path) -> None:
    texts = [SampleText("word " * 50)]
    with pytest.raises(ConvertError, match=r"should be called something\.gguf"):
        make_imatrix(tiny, texts, tmp_path / "m.dat")
    with pytest.raises(ConvertError, match="no such folder"):
        make_imatrix(tiny, texts, tmp_path / "none" / "m.gguf")
    with pytest.raises(ConvertError, match="No texts were given"):
        make_imatrix(tiny, [], tmp_path / "m.gguf")
    with pytest.raises(ConvertError, match="too short"):
        make_imatrix(tiny, [SampleText("a word")], tmp_path / "m.gguf")
    (tmp_path / "bad.gguf").write_bytes(b"no model")
    with pytest.raises(ConvertError, match="this is not a GGUF file"):
        make_imatrix(tmp_path / "bad.gguf", texts, tmp_path / "m.gguf")
    matrix = write_imatrix(tmp_path / "matrix.gguf", {"blk.0.attn_q.weight": np.ones(8, np.float32)}, 1)
    with pytest.raises(ConvertError, match=r"llama\.cpp can't run this model"):
        make_imatrix(matrix, texts, tmp_path / "m.gguf")


def test_a_model_is_never_replaced_by_a_matrix(tmp_path: Path, tiny: Path) -> None:
    out = tmp_path / "model.gguf"
    out.write_bytes(tiny.read_bytes())
    with pytest.raises(ConvertError, match="is no importance matrix"):
        make_imatrix(tiny, [SampleText(ids=tuple(range(3, 99)))], out)
    assert out.read_bytes() == tiny.read_bytes()


def test_lines_on_stdin_are_utf_8_whatever_the_console_is(monkeypatch: pytest.MonkeyPatch) -> None:
    for data, told in ((b'{"text": "f\xc3\xbcr"}\n', "für"), (b'\xef\xbb\xbf{"text": "x"}', "x")):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data), encoding="cp1252"))
        assert [text.text for text in read_texts(None)] == [told]
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b'{"text": "f\xfcr"}'), encoding="cp1252"))
    with pytest.raises(ConvertError, match=r"stdin: it is not UTF-8 at byte \d+\. Save it as UTF-8"):
        list(read_texts(None))


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full")
def test_a_disk_that_fills_up_is_said_and_the_older_matrix_kept(
    tmp_path: Path, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "m.gguf"
    older = gguf.build_header({"general.type": gguf.string("imatrix")}, [])
    out.write_bytes(older)
    (tmp_path / "m.gguf.sums.new").symlink_to("/dev/full")
    with pytest.raises(ConvertError, match=r"m\.gguf\.sums: it could not be written: the disk is full") as caught:
        make_imatrix(tiny, [SampleText(ids=tuple(range(3, 99)))], out)
    assert "llama.cpp" not in str(caught.value)

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("convert.disk.sync", full)
    with pytest.raises(ConvertError, match=r"m\.gguf: it could not be written: the disk is full"):
        make_imatrix(tiny, [SampleText(ids=tuple(range(3, 99)))], out)
    assert out.read_bytes() == older and not list(tmp_path.glob("*.new"))
