"""The model's process and all others as Windows has them, acted by ``tests/simulated_windows``: what starts them, how
Ctrl-C and a closed console reach them, what a pipe without a reader says, and who ends whom behind a launcher."""

from __future__ import annotations

import contextlib
import errno
import os
import queue
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from leads_local import children, lifeline
from leads_local.cli import converter_process
from leads_local.config import Settings
from leads_local.documents import pool
from leads_local.engine import child, encoding
from leads_local.engine.host import open_engine
from leads_local.engine.types import FinishReason, Request
from leads_local.errors import ModelError
from leads_local.records import Criterion, Question
from leads_local.review.review import Review
from tests.launcher import launcher
from tests.patience import patience

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Windows is acted on Linux")
ROOT = Path(__file__).resolve().parents[2]
WINDOWS = "from tests.simulated_windows import simulate; simulate()\n"
OWN_GROUP, NO_WINDOW = 0x200, 0x08000000


def on_windows(code: str, *arguments: object, **options: Any) -> subprocess.Popen[str]:
    """A program on the simulated Windows, first of a process group as a shell starts it."""
    return subprocess.Popen(
        [sys.executable, "-c", WINDOWS + code, *map(str, arguments)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        **options,
    )


def said(program: subprocess.Popen[str], seconds: float = 60) -> tuple[int, str, str]:
    with program:
        try:
            out, err = program.communicate(timeout=patience(seconds))
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(program.pid, signal.SIGKILL)
    return program.returncode, out, err


def leads(*arguments: object) -> tuple[int, str, str]:
    command = "import runpy, sys; runpy.run_module('leads_local', run_name='__main__', alter_sys=True)"
    return said(on_windows(command, *arguments), 120)


# ---------------------------------------------------------------- the way of a user


@pytest.fixture
def review(tmp_path: Path) -> Path:
    (tmp_path / "some.ris").write_text(
        "".join(
            f"TY  - JOUR\nTI  - Trial {n} of walking\nAB  - We randomised {n} adults.\nER  -\n\n" for n in range(2, 5)
        )
    )
    return tmp_path / "some.leads"


def test_a_review_is_made_screened_by_a_model_and_exported(review: Path, tiny: Path, tmp_path: Path) -> None:
    """By llama.cpp's own library, in a process of its own, with the guard that Windows can have."""
    for command in (
        ("init", review, "--population", "adults"),
        ("import", review, tmp_path / "some.ris"),
        ("dedupe", review),
        ("doctor", "--model", tiny),
        ("status", review),
        ("export", review, "--to", tmp_path / "out"),
    ):
        code, out, err = leads(*command)
        assert (code, "Traceback" in err) == (0, False), (command, out, err)
    code, out, err = leads("screen", review, "--model", tiny)
    assert code in (0, 1) and "Traceback" not in err, (out, err)  # a model of chance numbers says what it likes
    assert re.search(r"Model work +[1-3] done, 0 pending", leads("status", review)[1])


UI = """
import asyncio, sys
from pathlib import Path
from leads_local import config, offline
offline.enforce()
families = []
import socket
real = socket.socketpair
def socketpair(*given):
    found = real(*given)
    families.append(found[0].family == socket.AF_INET)
    return found
socket.socketpair = socketpair
from leads_local.tui.app import LeadsApp
from leads_local.tui.session import Session
settings = config.load()
async def use():
    async with LeadsApp(settings, Session.open(Path(sys.argv[1]), settings)).run_test() as pilot:
        await pilot.pause()
        print(type(pilot.app.screen).__name__)
        await pilot.press("2")
        await pilot.pause()
        print(type(pilot.app.screen).__name__)
asyncio.run(use())
try:
    socket.socket()
    print("opened")
except offline.OfflineError:
    print("refused", families, offline.guard_in_force().kernel or "no kernel")
"""


def test_the_interface_starts_with_the_guard_up(tmp_path: Path) -> None:
    """Its event loop needs a pair of sockets, which is two of the loopback, and nothing else passes."""
    with Review.create(tmp_path / "r.leads", Question("Walking", "adults"), [Criterion("Design", "trial")]):
        pass
    code, out, err = said(on_windows(UI, tmp_path / "r.leads"))
    assert (code, out.split("\n")[:3]) == (0, ["OverviewScreen", "ScreeningScreen", "refused [True] no kernel"]), err


# ---------------------------------------------------------------- Ctrl-C and the console


@pytest.fixture
def started(windows: None, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The options with which processes were to be started; none is."""
    found: list[dict[str, Any]] = []

    def refuse(command: list[str], **options: Any) -> None:
        found.append(options)
        raise OSError("not started")

    monkeypatch.setattr(subprocess, "Popen", refuse)
    return found


@pytest.mark.parametrize(
    ("start", "flags"),
    [
        (lambda: child.Child(lambda event: None), OWN_GROUP),
        (lambda: next(encoding.encode(Path("x.gguf"), ["text"])), OWN_GROUP),
        (lambda: converter_process.run_converter("--help"), OWN_GROUP),
        (lambda: pool._Worker(1.0, 1)._started(), OWN_GROUP | NO_WINDOW),
    ],
    ids=["model", "encoding", "converter", "PDF"],
)
def test_a_child_begins_deaf_to_ctrl_c(started: list[dict[str, Any]], start: Callable[[], Any], flags: int) -> None:
    with pytest.raises(OSError, match="not started"):
        start()
    assert [options["creationflags"] for options in started] == [flags]


LOADING = """
import signal, sys
signal.signal(signal.SIGINT, lambda number, frame: None)  # as a command that stops in an orderly way
from leads_local.config import Settings
from leads_local.engine.host import open_engine
from leads_local.engine.types import Request
print("begun", flush=True)
with open_engine(Settings(model=sys.argv[1], sequences=1, context=1024, threads=1)) as engine:
    replies = list(engine.run([Request(id="a", prompt="hello", max_tokens=2)]))
    print(replies[0].finish, replies[0].error)
signal.signal(signal.SIGINT, signal.SIG_IGN)  # while Python itself ends
"""


def test_ctrl_c_never_ends_a_model_that_is_being_loaded(tiny: Path) -> None:
    """Everybody at the console gets it; the child's own Python, too, before a line of ours has run there."""
    program = on_windows(LOADING, tiny)
    assert program.stdout is not None and program.stdout.readline() == "begun\n"
    for _ in range(40):
        os.killpg(program.pid, signal.SIGINT)
        time.sleep(0.03)
    code, out, err = said(program)
    assert (code, out) == (0, "length \n"), (out, err)


DEAF = """
import signal, subprocess, sys
from leads_local import children, lifeline
code = '''
import signal
from leads_local import lifeline
held = []
def heard(number, frame): held.append(number)
signal.signal(signal.SIGINT, heard)
print("ready", flush=True); input()
print(len(held)); lifeline.end_with_parent(); print(len(held))
'''
child = lifeline.start_child([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
assert child.stdout.readline() == "ready\\n"
child.send_signal(signal.SIGINT)
print(child.communicate("\\n")[0].split())
"""


def test_ctrl_c_is_heard_once_the_child_has_said_what_it_means() -> None:
    assert said(on_windows(DEAF))[1] == "['0', '1']\n"


LASTING = """
import subprocess, sys
from leads_local import lifeline
code = "from leads_local import lifeline; lifeline.bind_to_parent(); print(1, flush=True); import time; time.sleep(99)"
child = lifeline.start_child([sys.executable, "-c", code], stdout=subprocess.PIPE)
assert child.stdout.readline() == b"1\\n"
print(child.pid, flush=True)
child.wait()
"""


def test_a_child_ends_with_its_parent() -> None:
    """By a thread that waits for the parent's handle."""
    program = on_windows(LASTING)
    assert program.stdout is not None
    below = psutil.Process(int(program.stdout.readline()))
    program.kill()
    program.wait()  # else the kernel acted here takes what is left of it for alive
    assert ended([below])
    said(program)


CONSOLE = """
import threading, time, sys
from tests.simulated_windows import kernel
def control(handler, on):
    def close():
        while not at_work.wait(0.05):
            pass
        print("answered", handler(event), flush=True)
    if handler is not None:
        threading.Thread(target=close, daemon=True).start()
    return 1
kernel.ANSWERS["SetConsoleCtrlHandler"] = control
at_work, event = threading.Event(), int(sys.argv[1])
from leads_local.cli import __main__ as cli
def work(**_):
    at_work.set()
    end = time.monotonic() + 3.0
    while time.monotonic() < end:
        time.sleep(0.02)
    print("finished", flush=True)
def stuck(**_):
    at_work.set()
    while True:
        try:
            time.sleep(60)
        except BaseException:
            pass
cli.leads_local.main = work if sys.argv[2] == "work" else stuck
del sys.argv[1:]
from leads_local.__main__ import main
sys.exit(main())
"""


@pytest.mark.parametrize("event", [2, 5, 6], ids=["close", "logoff", "shutdown"])
def test_a_console_that_is_closed_lets_the_work_end_in_order(event: int) -> None:
    """Windows ends the process when its question is answered, so it isn't answered before the work has ended."""
    began = time.monotonic()
    code, out, err = said(on_windows(CONSOLE, event, "work"))
    assert (code, out) == (129, ""), (out, err)
    assert "The terminal was closed" in err and "Traceback" not in err
    assert time.monotonic() - began < patience(3)


def test_a_console_that_is_closed_is_not_waited_for_longer_than_windows_waits() -> None:
    began = time.monotonic()
    code, out, _ = said(on_windows(CONSOLE, 2, "stuck"))
    assert (code, out) == (129, "")
    assert time.monotonic() - began < patience(7)


def test_ctrl_c_at_the_console_is_left_to_python() -> None:
    code, out, err = said(on_windows(CONSOLE, 0, "work"))
    assert (code, out) == (0, "answered 0\nfinished\n"), err


def test_nobody_waits_without_a_limit_for_a_pdf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, windows: None) -> None:
    """On Windows, Ctrl-C is heard between two waits only."""
    limits: list[float | None] = []
    wait_for = threading.Condition.wait_for

    def recorded(condition: threading.Condition, predicate: Any, timeout: float | None = None) -> Any:
        if threading.current_thread() is threading.main_thread():
            limits.append(timeout)
        return wait_for(condition, predicate, timeout)

    monkeypatch.setattr(threading.Condition, "wait_for", recorded)
    (tmp_path / "a.pdf").write_bytes(b"nothing")
    assert [document.problem != "" for document in pool.read_many([tmp_path / "a.pdf"])] == [True]
    assert limits and all(limit is not None and limit <= 0.5 for limit in limits)


# ---------------------------------------------------------------- pipes without a reader


@pytest.mark.parametrize(
    ("error", "on_windows", "left"),
    [
        (BrokenPipeError(errno.EPIPE, "x"), False, True),
        (BrokenPipeError(errno.EPIPE, "x"), True, True),
        (OSError(errno.EINVAL, "x"), True, True),
        (OSError(errno.EINVAL, "x"), False, False),
        (OSError(errno.ENOSPC, "x"), True, False),
    ],
)
def test_what_says_that_nobody_reads(
    error: OSError, on_windows: bool, left: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lifeline, "os", SimpleNamespace(name="nt" if on_windows else "posix"))
    try:
        with lifeline.until_reader_is_gone():
            raise error
    except OSError:
        assert not left
    else:
        assert left


@pytest.fixture
def dead_children(windows: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each child ends at once, before anything is written to it."""

    def command(module: str, *arguments: str) -> list[str]:
        return [sys.executable, "-c", "import sys; sys.exit(3)"]

    start = lifeline.start_child

    def dead(command: list[str], **options: Any) -> subprocess.Popen[Any]:
        found = start(command, **options)
        found.wait()
        return found

    monkeypatch.setattr(children, "command", command)
    monkeypatch.setattr(lifeline, "start_child", dead)


def test_a_model_that_dies_at_once_is_an_error_of_the_model(dead_children: None, tmp_path: Path) -> None:
    (tmp_path / "m.gguf").touch()
    with pytest.raises(ModelError, match=r"could not be loaded\. The model process ended with code 3"):
        open_engine(Settings(model=str(tmp_path / "m.gguf")))


def test_prompts_for_a_child_that_dies_at_once_are_an_error_of_the_model(dead_children: None) -> None:
    with pytest.raises(ModelError, match=r"x\.gguf: llama\.cpp can't read this model"):
        list(encoding.encode(Path("x.gguf"), ["a" * 100_000, "b"]))


def test_a_converter_that_dies_at_once_gives_its_code(dead_children: None) -> None:
    assert converter_process.run_converter("imatrix", lines=("a" * 1000 for _ in range(1000))) == 3


def test_a_pdf_whose_reader_dies_at_once_is_a_problem_of_that_file(dead_children: None, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF")
    (found,) = pool.read_many([tmp_path / "a.pdf"])
    assert "a.pdf: " in found.problem and "crashed" in found.problem


# ---------------------------------------------------------------- behind a launcher


@pytest.fixture
def family(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], list[psutil.Process]]]:
    """Python is a launcher, as in a virtual environment on Windows; the processes that live below this one."""
    before = set(psutil.Process().children(recursive=True))
    monkeypatch.setattr(children.sys, "executable", launcher(tmp_path))

    def living() -> list[psutil.Process]:
        found = set(psutil.Process().children(recursive=True)) - before
        return [one for one in found if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]

    yield living
    for left in living():
        left.kill()


def ended(processes: list[psutil.Process]) -> bool:
    return not psutil.wait_procs(processes, timeout=patience(10))[1]


def test_a_model_that_is_ended_ends_behind_its_launcher(tiny: Path, family: Callable[[], list[psutil.Process]]) -> None:
    with open_engine(Settings(model=str(tiny), sequences=1, context=1024, threads=1)) as engine:
        members = family()
        assert len(members) == 2  # the launcher and the real one
        long = Request(id="a", prompt="hello", schema={"type": "string", "minLength": 4000}, max_tokens=4000)
        replies = engine.run([long])
        threading.Timer(0.5, engine._child.kill, ["was ended by a test"]).start()
        reply = next(iter(replies))
        assert reply.finish in (FinishReason.ERROR, FinishReason.STOP, FinishReason.LENGTH)
        assert ended(members)
        again = family()
    assert ended(again)


@pytest.fixture
def deaf(family: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A child that has begun well hears nothing any more, not even the end of its input: it is in the middle of
    something."""
    said = '{"op": "alive"}\\n{"ids": [1]}'
    command = [children.sys.executable, "-c", f"import time; print('{said}', flush=True); time.sleep(99)"]
    monkeypatch.setattr(children, "command", lambda module: command)


def test_a_model_that_hears_nothing_is_ended_behind_its_launcher(
    deaf: None, family: Callable[[], list[psutil.Process]]
) -> None:
    events: queue.SimpleQueue[child.ChildEvent] = queue.SimpleQueue()
    model = child.Child(events.put)
    assert events.get(timeout=patience(20)) == {"op": "alive"}
    members = family()
    assert len(members) == 2
    model.close(0.2)
    assert ended(members)


def test_encoding_that_hears_nothing_is_ended_behind_its_launcher(
    deaf: None, family: Callable[[], list[psutil.Process]]
) -> None:
    ids = encoding.encode(Path("x.gguf"), ["one", "two", "three"])
    assert next(ids) == [1]
    members = family()
    assert len(members) == 2
    ids.close()  # type: ignore[attr-defined]
    assert ended(members)


def test_what_windows_means_by_a_code_is_said() -> None:
    assert child._exit_code_name(3) == "3"
    assert child._exit_code_name(0xC000001D).startswith("0xc000001d (this processor lacks an instruction")
    assert child._exit_code_name(0xC0001234) == "0xc0001234"
