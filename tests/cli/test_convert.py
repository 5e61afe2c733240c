"""``leads-local convert`` is the converter, offline, with the models folder as its usual place."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from convert import convert
from leads_local import paths
from leads_local.cli import convert as command
from leads_local.cli import converter_process
from tests.checkpoints import make_checkpoint


def leads_local(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "leads_local", *map(str, arguments)], capture_output=True, text=True, timeout=120
    )


def test_what_is_made_lies_where_models_are_looked_for(tmp_path: Path) -> None:
    make_checkpoint(tmp_path / "tiny")
    done = leads_local("convert", tmp_path / "tiny", "--quant", "Q8_0", "--quiet")
    assert done.returncode == 0, done.stderr
    assert (paths.models_dir() / "tiny-Q8_0.gguf").is_file()
    assert "tiny-Q8_0.gguf" in leads_local("models", "list").stdout
    assert leads_local("models", "verify", "tiny-Q8_0").returncode == 0
    assert leads_local("models", "use", "tiny-Q8_0").returncode == 0
    assert "* tiny-Q8_0.gguf" in leads_local("models", "list").stdout


def test_help_and_errors_are_the_converters_own(tmp_path: Path) -> None:
    assert "SRC_DIR" in leads_local("convert", "--help").stdout
    done = leads_local("convert", tmp_path / "missing", "--quant", "Q8_0")
    assert done.returncode == 2
    assert "missing" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_converter_runs_without_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = tmp_path / "reaches_out.py"
    module.write_text("import socket\ntry:\n    socket.socket()\nexcept OSError as error:\n    raise SystemExit(7)\n")
    monkeypatch.setattr(converter_process.converter, "NAME", "reaches_out")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert converter_process.run_converter() == 7


@pytest.mark.parametrize("arguments", [["--quant", "Q8_0"], ["--quant=Q8_0"]])
def test_without_out_the_file_goes_to_the_models_folder(monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> None:
    given: list[str] = []
    monkeypatch.setattr(command, "run_converter", lambda *all_: given.extend(all_) or 0)
    CliRunner().invoke(command.convert, ["some", *arguments])
    assert given == ["some", *arguments, "--out", str(paths.models_dir())]
    given.clear()
    CliRunner().invoke(command.convert, ["some", *arguments, "--out=x.gguf"])
    assert given == ["some", *arguments, "--out=x.gguf"]


def test_help_and_hints_name_the_command_that_was_typed(tmp_path: Path) -> None:
    for subcommand in ([], ["plan"], ["verify"], ["imatrix"], ["compare"]):
        ours = leads_local("convert", *subcommand, "--help").stdout
        assert ours.startswith(" ".join(["usage: leads-local convert", *subcommand])) and "python -m" not in ours
        alone = subprocess.run([sys.executable, "-m", "convert", *subcommand, "--help"], capture_output=True, text=True)
        assert alone.stdout.startswith(" ".join(["usage: python -m convert", *subcommand]))
        assert "leads-local" not in alone.stdout and "REVIEW" not in alone.stdout
    make_checkpoint(tmp_path / "tiny")
    done = leads_local("convert", tmp_path / "tiny", "--quant", "IQ2_XXS", "--imatrix", tmp_path / "none.gguf")
    assert done.returncode == 2 and "Make one with: leads-local convert imatrix MODEL.gguf --from" in done.stderr


def test_what_a_review_adds_is_in_the_help(tmp_path: Path) -> None:
    shown = leads_local("convert", "compare", "--help").stdout
    assert "leads-local convert compare --from REVIEW.leads --help" in shown
    more = leads_local("convert", "compare", "--from", "REVIEW.leads", "--help").stdout
    assert more.startswith("Usage: leads-local convert compare") and "--records" in more and "--prompts" in more


def test_prompts_is_a_pack_and_the_texts_are_from(tmp_path: Path) -> None:
    done = leads_local("convert", "compare", "a.gguf", "b.gguf", "--prompts", "my.leads")
    assert done.returncode == 2 and "give the texts with --from" in done.stderr and "Traceback" not in done.stderr


def test_a_model_that_can_not_be_used_is_3_and_unusable_input_2(tmp_path: Path) -> None:
    (tmp_path / "texts.txt").write_text("Some words.")
    (tmp_path / "no.gguf").write_bytes(b"PK")
    for name in ("no.gguf", "missing.gguf"):
        model = tmp_path / name
        assert leads_local("convert", "imatrix", model, "--from", tmp_path / "texts.txt").returncode == 3
        assert leads_local("convert", "compare", model, model, "--from", tmp_path / "texts.txt").returncode == 3
        assert leads_local("convert", "verify", model, "--against", tmp_path).returncode == 3
    make_checkpoint(tmp_path / "tiny")
    done = leads_local("convert", tmp_path / "tiny", "--quant", "Q8_0", "--imatrix", tmp_path / "no.gguf")
    assert done.returncode == 2 and "this is not a GGUF file" in done.stderr


@pytest.mark.parametrize("given", [["bench", "--quant", "Q8_0"], ["verify", "x"], ["--types"]])
def test_only_what_makes_a_file_or_plans_it_gets_a_place(monkeypatch: pytest.MonkeyPatch, given: list[str]) -> None:
    seen: list[str] = []
    monkeypatch.setattr(command, "run_converter", lambda *all_: seen.extend(all_) or 0)
    CliRunner().invoke(command.convert, given)
    assert seen == given
    seen.clear()
    CliRunner().invoke(command.convert, ["plan", "some"])
    assert seen == ["plan", "some", "--out", str(paths.models_dir())]


HANGS = """
import os, signal, sys, time
from pathlib import Path
signal.signal(signal.SIGINT, lambda *_: None)
from convert import lifeline
lifeline.end_with_parent()
Path(sys.argv[1]).write_text(str(os.getpid()))
time.sleep(600)
"""
PARENT = """
import sys
import time
from leads_local.cli import converter_process
converter_process.converter.NAME = "hangs"
sys.exit(converter_process.run_converter(sys.argv[1]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_the_third_ctrl_c_ends_a_converter_that_hangs(tmp_path: Path) -> None:
    (tmp_path / "hangs.py").write_text(HANGS)
    there = tmp_path / "there"
    root = Path(__file__).resolve().parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(there)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(tmp_path), str(root)))},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as parent:
        try:
            end = time.monotonic() + 60
            while time.monotonic() < end and not (there.exists() and there.read_text()):
                time.sleep(0.05)
            for pressed in range(3):
                assert parent.poll() is None, f"ended after {pressed}"
                os.killpg(parent.pid, signal.SIGINT)
                time.sleep(0.3)
            said = parent.communicate(timeout=30)[1]
        finally:
            parent.kill()
    assert parent.returncode == 130 and said.startswith("The converter did not answer") and "Traceback" not in said
    with pytest.raises(ProcessLookupError):
        os.kill(int(there.read_text()), 0)


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_conversion_goes_on(tmp_path: Path, sent: signal.Signals) -> None:
    """As at a terminal: Ctrl-C comes to both processes, a log-out to the first."""
    make_checkpoint(tmp_path / "large", hidden=256, layers=6, heads=4, kv_heads=2, ffn=1024, vocabulary=512)
    given = [sys.executable, "-m", "leads_local", "convert", str(tmp_path / "large"), "--quant", "Q4_K_M"]
    journal = paths.models_dir() / "large-Q4_K_M.gguf.part.journal"
    with subprocess.Popen([*given, "--threads", "1"], stderr=subprocess.PIPE, text=True, start_new_session=True) as run:
        while run.poll() is None and not (journal.exists() and len(journal.read_text().splitlines()) > 12):
            time.sleep(0.01)
        os.killpg(run.pid, sent) if sent == signal.SIGINT else run.send_signal(sent)
        try:
            said = run.communicate(timeout=60)[1]
        finally:
            run.kill()
    assert run.returncode == 128 + sent and "the same command goes on from there" in said and "Traceback" not in said
    assert journal.exists() and not journal.with_name("large-Q4_K_M.gguf").exists()
    done = subprocess.run(given, capture_output=True, text=True)
    assert done.returncode == 0 and "this one went on from there" in done.stderr
    found = (paths.models_dir() / "large-Q4_K_M.gguf").read_bytes()
    assert found == convert(tmp_path / "large", "Q4_K_M", tmp_path / "whole.gguf").path.read_bytes()
