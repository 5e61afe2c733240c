"""The command: the same as the call, one sentence for each error, and exit codes that scripts can rely on."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from convert.command_line import main
from convert.recipes import RECIPES
from tests.convert.conftest import Maker


def test_the_command_makes_what_the_call_makes(tmp_path: Path, small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from convert import convert

    assert main([str(small), "--quant", "q4_k_m", "--out", str(tmp_path / "a.gguf")]) == 0
    shown = capsys.readouterr()
    assert shown.out.startswith(str(tmp_path / "a.gguf")) and "tensor 21/21" in shown.err
    made = convert(small, "Q4_K_M", tmp_path / "b.gguf").path
    assert made.read_bytes() == (tmp_path / "a.gguf").read_bytes()


def test_the_list_of_types(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--types"])
    lines = capsys.readouterr().out.splitlines()
    assert caught.value.code == 0 and [line.split()[0] for line in lines] == list(RECIPES)


def break_index(folder: Path) -> None:
    index = folder / "model.safetensors.index.json"
    (folder / json.loads(index.read_text())["weight_map"]["model.norm.weight"]).unlink()


def cut_shard(folder: Path) -> None:
    part = next(folder.glob("*.safetensors"))
    part.write_bytes(part.read_bytes()[:-100])


def edit_config(folder: Path, **changes: object) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


BAD = {
    "missing shard": (break_index, "this part of the checkpoint is missing"),
    "cut shard": (cut_shard, "the file is cut short: 100 bytes are missing"),
    "wrong size": (lambda f: edit_config(f, intermediate_size=500), "should be"),
    "architecture": (
        lambda f: edit_config(f, architectures=["GPT2LMHeadModel"]),
        "the architecture 'GPT2LMHeadModel' is not supported",
    ),
    "no tokenizer": (lambda f: (f / "tokenizer.model").unlink(), "there is no tokenizer"),
    "card": (lambda f: (f / "leads_local.json").write_text('{"name": 3}'), "'name' should be a short text"),
}


@pytest.mark.parametrize(("damage", "reason"), BAD.values(), ids=BAD)
def test_bad_input_gives_one_sentence_and_leaves_nothing(
    tmp_path: Path, checkpoint: Maker, capsys: pytest.CaptureFixture[str], damage: object, reason: str
) -> None:
    source = checkpoint(shards=2)
    damage(source)  # type: ignore[operator]
    out = tmp_path / "out"
    out.mkdir()
    assert main([str(source), "--quant", "Q8_0", "--out", str(out)]) == 2
    shown = capsys.readouterr()
    assert (
        shown.out == "" and shown.err.startswith("Error: ") and reason in shown.err and len(shown.err.splitlines()) == 1
    )
    assert not list(out.iterdir())


def test_arguments_are_checked_first(capsys: pytest.CaptureFixture[str], small: Path, tmp_path: Path) -> None:
    assert main([str(small)]) == 2 and "--quant Q4_K_M" in capsys.readouterr().err
    assert main([str(small), "--quant", "Q4"]) == 2 and "Choose one of" in capsys.readouterr().err
    assert main([str(tmp_path / "none"), "--quant", "Q8_0"]) == 2 and "no such folder" in capsys.readouterr().err
    for wrong in (["--threads", "0"], ["--threads", "x"], ["--unknown"]):
        with pytest.raises(SystemExit) as caught:
            main([str(small), "--quant", "Q8_0", *wrong])
        assert caught.value.code == 2


def test_what_the_system_refuses_is_no_fault_of_ours(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    long = "a" * 300
    for arguments in ([long, "--quant", "Q8_0"], [str(small), "--quant", "Q8_0", "--out", f"{long}.gguf"]):
        assert main(arguments) == 2
        said = capsys.readouterr().err
        assert long in said and "Check its name" in said and "fault" not in said


def test_a_fault_of_ours_is_no_traceback(
    monkeypatch: pytest.MonkeyPatch, small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("convert.pipeline.make_plan", lambda *_: 1 / 0)
    assert main([str(small), "--quant", "Q8_0", "--out", str(tmp_path)]) == 1
    assert "a fault of the program: ZeroDivisionError" in capsys.readouterr().err
    with pytest.raises(ZeroDivisionError):
        main([str(small), "--quant", "Q8_0", "--out", str(tmp_path), "--traceback"])


def test_help_imports_nothing_slow() -> None:
    code = (
        "import sys; sys.argv = ['convert', '--help']\ntry:\n import runpy; runpy.run_module('convert', "
        "run_name='__main__')\n"
    )
    code += "except SystemExit: pass\nslow = {'numpy', 'gguf', 'tqdm', 'llama_cpp', 'leads_local', 'json'}\n"
    code += "print(sorted(slow & set(sys.modules)), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ)
    assert done.stderr.strip() == "[]" and "--quant" in done.stdout


def test_a_whole_conversion_loads_nothing_of_leads_local_or_llama_cpp(tmp_path: Path, small: Path) -> None:
    code = (
        "import sys; from convert.command_line import main\n"
        f"code = main([{str(small)!r}, '--quant', 'Q8_0', '--quiet', '--out', {str(tmp_path / 'x.gguf')!r}])\n"
        "foreign = {'leads_local', 'llama_cpp', 'torch', 'tokenizers'}\n"
        "print(code, sorted(foreign & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.splitlines()[-1] == "0 []"


def test_as_installed_the_network_is_refused_to_it(tmp_path: Path) -> None:
    """As a wheel has it: the converter inside the package. In a checkout, where it stands alone, it runs without."""
    root = Path(__file__).resolve().parents[2]
    shutil.copytree(root / "leads_local", tmp_path / "leads_local", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(
        root / "convert", tmp_path / "leads_local" / "convert", ignore=shutil.ignore_patterns("__pycache__")
    )
    code = (
        "import atexit, runpy, sys; sys.path.insert(0, sys.argv.pop(1)); from leads_local import offline; name = "
        "sys.argv.pop(1)\n"
    )
    code += (
        "atexit.register(lambda: print(offline.__file__, offline.guard_in_force().python)); runpy.run_module(name, "
        "run_name='__main__')"
    )
    for place, name, refused in ((tmp_path, "leads_local.convert", "True"), (root, "convert", "False")):
        command = [sys.executable, "-P", "-c", code, str(place), name, "--types"]
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
        assert done.returncode == 0 and "Q4_K_M" in done.stdout, done.stderr
        assert done.stdout.splitlines()[-1] == f"{place / 'leads_local' / 'offline' / '__init__.py'} {refused}"
