"""Exit codes and what reaches the user: one sentence, never a traceback, whatever goes wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from leads_local import ending, paths
from leads_local.cli import __main__ as cli
from leads_local.errors import InputError, ModelError, ReviewError

from .conftest import Done

ROOT = Path(__file__).resolve().parents[2]
Leads = Callable[..., Done]


def test_every_command_has_help_and_its_line(leads: Leads) -> None:
    overview = leads("--help").out
    for name in cli.COMMANDS:
        assert f"  {name} " in overview
        if name != "convert":  # its help is the converter's own, in a process of its own
            assert leads(name, "--help").code == 0


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (InputError("a.ris: what.", "Do this."), 2, "a.ris: what. Do this."),
        (ReviewError("r.leads: locked."), 2, "r.leads: locked."),
        (ModelError("No model."), 3, "No model."),
        (KeyboardInterrupt(), 130, "Stopped. Nothing was changed."),
        (ending.Ended(15), 143, "Ended by SIGTERM. Nothing was changed."),
        (ending.Ended(1), 129, "The terminal was closed. Nothing was changed."),
    ],
)
def test_errors_become_exit_codes(
    leads: Leads, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, said: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(cli.leads_local, "main", fail)
    done = leads("doctor")
    assert done.code == code
    assert said in done.err


def test_a_fault_of_ours_goes_to_the_log_and_is_one_sentence(leads: Leads, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("out of cheese")

    monkeypatch.setattr(cli.leads_local, "main", fail)
    done = leads("doctor")
    assert done.code == 1
    assert "out of cheese" in done.err
    assert str(paths.log_file()) in done.err
    assert "Traceback" in paths.log_file().read_text()


def test_an_account_without_a_home_folder_gets_sentences(
    leads: Leads, homeless: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = leads("doctor")
    assert done.code == 2 and "Set HOME or LEADS_LOCAL_HOME" in done.err and "Traceback" not in done.err

    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("out of cheese")

    monkeypatch.setattr(cli.leads_local, "main", fail)
    done = leads("doctor")
    assert done.code == 1 and "out of cheese" in done.err and "could not be written to a log file" in done.err


@pytest.mark.parametrize(
    "arguments",
    [["nonsense"], ["init"], ["decide", "r.leads", "x", "include"], ["screen", "r.leads", "--stage", "never"]],
)
def test_wrong_arguments_end_with_two(leads: Leads, arguments: list[str]) -> None:
    assert leads(*arguments).code == 2


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    command = f"{sys.executable} -m leads_local --help | head -1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
    assert done.returncode == 0
    assert not done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="bash")
@pytest.mark.parametrize(
    "command", ["licences", "convert plan {demo}", "convert --types", "text nowhere.pdf", "--help"]
)
@pytest.mark.parametrize("pipe", ["| true", "2>&1 | true", "2>&1 >/dev/null | true"])
def test_a_reader_that_goes_away_changes_no_exit_code(command: str, pipe: str) -> None:
    line = f"{sys.executable} -m leads_local {command.format(demo=ROOT / 'models' / 'demo')}"
    alone = subprocess.run(["bash", "-c", line], capture_output=True, cwd=ROOT)
    slow = f"(sleep 0.3; {line}; echo $? >&3) {pipe}"  # the reader is gone by then
    environment = {**os.environ, "PYTHONUNBUFFERED": ""}
    done = subprocess.run(
        ["bash", "-c", f"exec 3>&1; {slow}"], capture_output=True, text=True, cwd=ROOT, env=environment
    )
    assert done.stdout.split("\n")[-2] == str(alone.returncode)
    assert "Traceback" not in done.stderr and "Exception ignored" not in done.stderr and "Broken" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full")
@pytest.mark.parametrize("command", ["licences", "licences --json", "convert --types", "convert plan {demo} --json"])
def test_output_that_goes_to_a_full_disk_is_one_sentence(command: str) -> None:
    line = f"{sys.executable} -m leads_local {command.format(demo=ROOT / 'models' / 'demo')} > /dev/full"
    environment = {**os.environ, "PYTHONUNBUFFERED": ""}
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, cwd=ROOT, env=environment)
    (told,) = done.stderr.splitlines()
    assert done.returncode == 2
    assert "standard output: it can't be read or written" in told and "No space left on device" in told


def test_a_broken_pipe_that_is_not_ours_is_no_success(leads: Leads, monkeypatch: pytest.MonkeyPatch) -> None:
    """A child that died, say: what the command was to do is not done."""

    def fail(*_: object) -> None:
        raise BrokenPipeError(32, "Broken pipe")

    monkeypatch.setattr("leads_local.cli.licences.table_lines", fail)
    done = leads("licences")
    assert done.code == 1 and "BrokenPipeError" in done.err
    assert "in fail" in paths.log_file().read_text()


def test_open_without_a_terminal_says_so(leads: Leads) -> None:
    done = leads("open")
    assert done.code == 2
    assert "needs a terminal" in done.err


def test_what_the_system_refuses_is_one_sentence_and_kept_in_the_log(
    leads: Leads, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device", "some/file")

    monkeypatch.setattr("leads_local.cli.licences.table_lines", fail)
    done = leads("licences")
    assert done.code == 2
    assert "some/file: it can't be read or written: No space left on device" in done.err
    assert "fault" not in done.err
    assert "Traceback" in paths.log_file().read_text()


def test_no_name_steers_the_terminal(leads: Leads) -> None:
    done = leads("status", "\x1b[2J\udcff.leads")
    assert done.code == 2
    assert "\x1b" not in done.err


def test_each_command_that_changes_something_says_what_holds_when_it_is_stopped(
    leads: Leads, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert set(cli.COMMANDS) - set(cli.STATE_AFTER_STOP) == {
        *("text", "status", "doctor", "licences", "check", "conflicts", "agreement", "find", "show", "reading")
    }
    assert set(cli.STATE_AFTER_STOP) <= set(cli.COMMANDS)

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli.leads_local, "main", stop)
    for name, holds in cli.STATE_AFTER_STOP.items():
        assert holds in leads(name, "x").err
    assert cli.STATE_AFTER_STOP["open"] in leads().err


def test_an_end_that_nobody_can_be_told_of_is_an_end(leads: Leads, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object, **__: object) -> None:
        raise ending.Ended(1)

    def gone(*_: object, **__: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(cli.leads_local, "main", stop)
    monkeypatch.setattr(cli.click, "echo", gone)
    assert leads("status", "x").code == 129


def test_a_stream_that_was_closed_before_is_no_terminal(leads: Leads, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", None)
    done = leads("open", "x.leads")
    assert done.code == 2 and "needs a terminal" in done.err
