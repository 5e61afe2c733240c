"""A child of ours ends with its parent, even while it is stopped; and not before."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from convert import lifeline as converters
from leads_local import lifeline
from tests.checkpoints import make_checkpoint
from tests.patience import patience
from tests.terminal import ROOT

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a process that is stopped")

MODEL = """
from leads_local.engine.child import Child
child = Child(lambda event: None)
"""
PDF = """
import threading
from leads_local.documents.pool import _Worker
threading.Thread(target=lambda: _Worker(60, 1 << 30)._started()).start()
"""
ENCODING = """
import threading
from leads_local.engine import encoding
def slowly():
    yield "one"
    threading.Event().wait()
threading.Thread(target=lambda: list(encoding.encode(Path(sys.argv[1]), slowly()))).start()
"""
CONVERTER = """
import threading
from leads_local.cli.converter_process import run_converter
def slowly():
    yield '{"text": "one"}'
    threading.Event().wait()
threading.Thread(target=lambda: run_converter("imatrix", sys.argv[1], "--from", "-", lines=slowly())).start()
"""
GRANDCHILD = """
import threading
from leads_local.cli import converter_process as converter
converter.converter.NAME = "tests.slow_converter"
threading.Thread(target=lambda: converter.run_converter(sys.argv[1])).start()
"""


@contextlib.contextmanager
def parent_of(code: str, *arguments: object) -> Iterator[subprocess.Popen[bytes]]:
    lasting = f"import sys, time\nfrom pathlib import Path\n{code}\ntime.sleep(60)"
    with subprocess.Popen(
        [sys.executable, "-c", lasting, *map(str, arguments)], cwd=ROOT, stderr=subprocess.DEVNULL
    ) as parent:
        try:
            yield parent
        finally:
            parent.kill()


def family(pid: int, members: int) -> list[psutil.Process]:
    """The children and their children, once there are so many and all have said to the kernel whom they follow."""
    end = time.monotonic() + patience(20)
    while time.monotonic() < end:
        found = psutil.Process(pid).children(recursive=True)
        if len(found) == members and not any(_waits(one.pid) for one in found):
            return found
        time.sleep(0.02)
    raise AssertionError(found)


def _waits(pid: int) -> bool:
    """Whether Ctrl-C is still held back: it is until the child is bound."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return True
    blocked = next(int(line.split()[1], 16) for line in lines if line.startswith("SigBlk"))
    return bool(blocked & 2) or not command


def rest(process: psutil.Process) -> None:
    """Wait until it waits: for input, or for its child."""
    used, since = -1.0, time.monotonic()
    while time.monotonic() - since < 0.5:
        now = sum(process.cpu_times()[:2])
        if now != used or process.status() != psutil.STATUS_SLEEPING:
            used, since = now, time.monotonic()
        time.sleep(0.02)


def gone(process: psutil.Process, seconds: float) -> bool:
    end = time.monotonic() + patience(seconds)
    while time.monotonic() < end:
        with contextlib.suppress(psutil.NoSuchProcess):
            if process.status() != psutil.STATUS_ZOMBIE:
                time.sleep(0.02)
                continue
        return True
    return False


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from convert import convert

    folder = tmp_path_factory.mktemp("model")
    make_checkpoint(folder / "source")
    convert(folder / "source", "F32", folder / "tiny.gguf")
    return folder / "tiny.gguf"


@linux
@pytest.mark.parametrize(
    ("code", "members"),
    [(MODEL, 1), (PDF, 1), (ENCODING, 1), (CONVERTER, 1), (GRANDCHILD, 2)],
    ids=["model", "PDF", "encoding", "converter", "converter's"],
)
def test_a_stopped_child_of_a_killed_parent_ends(code: str, members: int, tiny: Path) -> None:
    with parent_of(code, tiny) as parent:
        children = family(parent.pid, members)
        time.sleep(0.3)
        for child in children:
            child.suspend()
        parent.kill()
        try:
            assert all(gone(child, patience(2.0)) for child in children)
        finally:
            for child in children:
                with contextlib.suppress(psutil.NoSuchProcess):
                    child.kill()


def test_a_child_outlives_the_thread_that_wanted_it() -> None:
    code = (
        "import sys; from leads_local import lifeline; lifeline.end_with_parent(); print(flush=True); sys.stdin.read()"
    )
    started: list[subprocess.Popen[Any]] = []

    def want() -> None:
        command = [sys.executable, "-c", code]
        started.append(lifeline.start_child(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT))
        assert started[0].stdout is not None and started[0].stdout.readline() == b"\n"  # it is bound

    thread = threading.Thread(target=want)
    thread.start()
    thread.join()
    (child,) = started
    time.sleep(0.3)
    assert child.poll() is None
    child.communicate()
    assert child.returncode == 0


def test_what_can_not_be_started_raises_where_it_was_wanted(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        lifeline.start_child([str(tmp_path / "missing")])


@pytest.mark.parametrize("module", ["leads_local.lifeline", "convert.lifeline"])
def test_a_child_whose_parent_was_gone_before_it_began_ends(module: str) -> None:
    code = f"import time; from {module} import end_with_parent; end_with_parent(); time.sleep(30)"
    environment = {**os.environ, lifeline.PARENT_VARIABLE: "1" if os.getpid() != 1 else "2"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, cwd=ROOT, timeout=patience(20))
    assert done.returncode == 1


@pytest.mark.parametrize("module", ["leads_local.lifeline", "convert.lifeline"])
def test_where_the_kernel_does_not_do_it_a_thread_looks_after_the_parent(
    module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = f"import sys, time; sys.platform = 'darwin'; from {module} import end_with_parent; end_with_parent(); "
    child += "print(flush=True); time.sleep(30)"
    parent = "import os, subprocess, sys, time\n"
    parent += f"environment = {{**os.environ, {lifeline.PARENT_VARIABLE!r}: str(os.getpid())}}\n"
    parent += "child = subprocess.Popen([sys.executable, '-c', sys.argv[1]], env=environment)\ntime.sleep(30)"
    with subprocess.Popen([sys.executable, "-c", parent, child], cwd=ROOT, stdout=subprocess.PIPE) as started:
        assert started.stdout is not None and started.stdout.readline() == b"\n"
        (process,) = psutil.Process(started.pid).children()
        started.kill()
        assert gone(process, 3.0)


def test_a_program_started_by_hand_is_bound_to_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError

    for module in (lifeline, converters):
        monkeypatch.setattr(module, "_end_with", never)
        monkeypatch.delenv(lifeline.PARENT_VARIABLE, raising=False)
        module.end_with_parent()
    assert lifeline.PARENT_VARIABLE == converters.PARENT


def test_ctrl_c_waits_until_a_child_is_ready_for_it() -> None:
    code = "import signal, sys, time\nprint(flush=True); sys.stdin.readline()\n"
    code += "signal.signal(signal.SIGINT, lambda *_: sys.exit(5))\nfrom leads_local import lifeline\n"
    code += "lifeline.end_with_parent(); time.sleep(20)"
    child = lifeline.start_child([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)
    assert child.stdout is not None and child.stdin is not None
    child.stdout.readline()
    os.kill(child.pid, signal.SIGINT)
    time.sleep(0.2)
    assert child.poll() is None
    child.communicate(b"\n", timeout=patience(10))
    assert child.returncode == 5


_LIMITED = """
import sys, time
from leads_local import lifeline
lifeline.limit_work(0.5)
if "work" in sys.argv: 10**10**9
time.sleep(2)
lifeline.limit_work(0)
end = time.process_time() + 1
while time.process_time() < end: pass
print("alive")
"""


def _limited(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", _LIMITED, *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=patience(60))


def test_a_child_that_works_on_for_ever_ends_itself_and_one_that_waits_does_not() -> None:
    """Should nobody be there to end it; a stop and a sleep are waiting, too."""
    assert _limited().stdout == "alive\n"
    worked = _limited("work")
    assert worked.returncode == -signal.SIGPROF and not worked.stdout
