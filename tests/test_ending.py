"""A terminal that is closed, a log-out, Ctrl-C: the program is gone in time with the right code, and what was announced
is in the file."""

from __future__ import annotations

import os
import queue
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from leads_local import ending, paths
from leads_local.records import Criterion, Question
from leads_local.review.review import Review
from tests.patience import patience
from tests.sleepy import SleepyClock
from tests.terminal import LEADS, ROOT, Terminal

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and terminals of POSIX")
FAKE = (sys.executable, "-m", "tests.fake_program")
IN_TIME = 5.0  # seconds
End = Callable[[Terminal], None]


def close(terminal: Terminal) -> None:
    terminal.close()


def hang_up(terminal: Terminal) -> None:
    os.kill(terminal.pid, signal.SIGHUP)


def terminate(terminal: Terminal) -> None:
    os.kill(terminal.pid, signal.SIGTERM)


ENDS = pytest.mark.parametrize(("end", "code"), [(close, 129), (hang_up, 129), (terminate, 143)])


def records(count: int) -> str:
    return "".join(
        f"TY  - JOUR\nTI  - Trial {n} of walking\nAB  - We randomised {n} adults.\nER  -\n\n" for n in range(count)
    )


@pytest.fixture
def review(tmp_path: Path) -> Path:
    file = tmp_path / "some.ris"
    file.write_text(records(20))
    with Review.create(tmp_path / "some.leads", Question("Walking", "adults"), [Criterion("Design", "trial")]) as made:
        made.import_file(file)
    return tmp_path / "some.leads"


def count(review: Path, table: str) -> int:
    connection = sqlite3.connect(f"{review.as_uri()}?mode=ro", uri=True)
    try:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
    finally:
        connection.close()


def sound(review: Path) -> bool:
    """Also that nothing but the one file is there."""
    with Review.open(review) as opened:
        opened.counts()
    connection = sqlite3.connect(review)
    try:
        return connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    finally:
        connection.close()


def decided(terminal: Terminal, review: Path, keys: str = "iiiii") -> None:
    """Decide about records with keys, one at a time as a person does."""
    terminal.until(lambda: b"Walking" in terminal.seen)
    terminal.read(0.3)
    terminal.type("2")
    terminal.until(lambda: b"Trial 0 of walking" in terminal.seen)
    terminal.read(0.3)
    for number, key in enumerate(keys, 1):
        terminal.type(key)
        terminal.until(lambda number=number: count(review, "decision") == number)  # type: ignore[misc]


@ENDS
def test_the_interface_leaves_with_all_decisions_in_the_file(review: Path, end: End, code: int) -> None:
    with Terminal([*LEADS, "open", review]) as terminal:
        decided(terminal, review)
        end(terminal)
        assert terminal.ended(IN_TIME) == code
        assert b"Traceback" not in terminal.seen
        if end is not close:
            assert b"\x1b[?1049l" in terminal.seen  # the terminal is as it was
            assert b"Every decision that was made is stored" in terminal.seen
    assert count(review, "decision") == 5
    assert sound(review)


def test_an_interface_whose_terminal_is_gone_ends_without_a_signal(review: Path) -> None:
    with Terminal([*LEADS, "open", review], ignore_hangup=True) as terminal:
        decided(terminal, review)
        before = sum(terminal.process.cpu_times()[:2])
        terminal.close()
        time.sleep(0.2)
        after = before
        while terminal.ended(0.0) is None:
            after = sum(terminal.process.cpu_times()[:2])
            assert terminal.ended(0.1) is not None or after - before < IN_TIME
        assert terminal.ended(0.0) == 129
        assert after - before < 1.5  # it span on a whole core
    assert count(review, "decision") == 5


@ENDS
def test_screening_leaves_and_keeps_its_answers(review: Path, end: End, code: int) -> None:
    with Terminal([*FAKE, "0.1", "screen", review]) as terminal:
        terminal.until(lambda: count(review, "screening") >= 3)
        end(terminal)
        assert terminal.ended(IN_TIME) == code
        assert b"Traceback" not in terminal.seen
        if end is not close:
            assert b"Every answer that was counted is kept" in terminal.seen
    assert 3 <= count(review, "screening") < 20
    assert sound(review)


@ENDS
def test_screening_in_the_interface_leaves_too(review: Path, end: End, code: int) -> None:
    with Terminal([*FAKE, "0.2", "open", review, "--model", "fake.gguf"]) as terminal:
        terminal.until(lambda: b"Walking" in terminal.seen)
        terminal.read(0.5)
        terminal.type("2")
        terminal.until(lambda: b"Trial 0 of walking" in terminal.seen)
        terminal.read(0.5)
        terminal.type("s")
        terminal.until(lambda: b"Enter chooses" in terminal.seen)
        terminal.read(0.3)
        terminal.type("\r")
        terminal.until(lambda: count(review, "screening") >= 2)
        end(terminal)
        assert terminal.ended(IN_TIME) == code
        assert b"Traceback" not in terminal.seen
    assert count(review, "screening") < 20


def test_work_outlives_a_terminal_that_it_was_told_to_outlive(review: Path) -> None:
    with Terminal([*FAKE, "0.1", "screen", review], ignore_hangup=True) as terminal:
        terminal.until(lambda: count(review, "screening") >= 3)
        terminal.close()
        assert terminal.ended(20.0) == 0
    assert count(review, "screening") == 20


@ENDS
def test_an_import_is_whole_or_not_there(review: Path, tmp_path: Path, end: End, code: int) -> None:
    big = tmp_path / "big.ris"
    big.write_text(records(40_000))
    with Terminal([*LEADS, "import", review, big]) as terminal:
        terminal.until(lambda: sum(terminal.process.cpu_times()[:2]) > 1.0)
        end(terminal)
        assert terminal.ended(IN_TIME) == code
        assert b"Traceback" not in terminal.seen
    assert count(review, "record") == 20
    assert sound(review)


@ENDS
def test_an_export_leaves_nothing_half(review: Path, tmp_path: Path, end: End, code: int) -> None:
    out = tmp_path / "out"
    slow = (sys.executable, "-c", SLOW_EXPORT)
    with Terminal([*slow, "export", review, "--to", out]) as terminal:
        terminal.until(lambda: bool(list(out.glob(".export*/review.xlsx"))) if out.is_dir() else False)
        end(terminal)
        assert terminal.ended(IN_TIME) == code
    assert not out.exists()


SLOW_EXPORT = """
import sys, time
from leads_local.export import tables
def slow(review, path):
    time.sleep(30)
tables._write_audit = slow
from leads_local.__main__ import main
sys.exit(main())
"""


def test_a_step_that_does_not_end_is_not_waited_for(review: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", STUCK, "status", str(review)], stdout=subprocess.PIPE, cwd=ROOT)
    with child:
        assert child.stdout is not None and child.stdout.readline() == b"at work\n"
        time.sleep(1.0)
        child.terminate()
        try:
            assert child.wait(patience(IN_TIME)) == 143
        finally:
            child.kill()


STUCK = """
import sys, threading
from leads_local.review.review import Review
lock = threading.Lock()
lock.acquire()
def never(self):
    while True:
        try:
            lock.acquire()
        except BaseException:
            pass
Review.counts = never
print("at work", flush=True)
from leads_local.__main__ import main
sys.exit(main())
"""

COMMANDS = [
    ("init", "{new}", "--population", "adults"),
    ("status", "{review}"),
    ("import", "{review}", "{big}"),
    ("dedupe", "{review}"),
    ("decide", "{review}", "1", "include"),
    ("export", "{review}", "--to", "{out}"),
    ("models", "list"),
    ("doctor",),
    ("screen", "{review}"),
    ("convert", "{missing}", "--quant", "Q8_0"),
]


@pytest.mark.skipif(sys.platform != "linux", reason="needs to see when Python itself is up")
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_ctrl_c_at_any_moment_is_no_traceback(command: tuple[str, ...], review: Path, tmp_path: Path) -> None:
    """The whole group gets it, as from a terminal."""
    big = tmp_path / "big.ris"
    big.write_text(records(3000))
    places = {"review": review, "big": big, "out": tmp_path / "out", "missing": tmp_path / "missing"}
    program = FAKE if command[0] == "screen" else LEADS
    for turn in range(6):
        words = [part.format(new=tmp_path / f"{turn}.leads", **places) for part in command]
        child = subprocess.Popen(
            [*program, *(["0.05"] if program is FAKE else []), *words],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd=ROOT,
            start_new_session=True,
            text=True,
        )
        with child:
            while not _loaded(child.pid):
                time.sleep(0.002)
            time.sleep(0.09 * turn)
            os.killpg(child.pid, signal.SIGINT)
            _, said = child.communicate(timeout=patience(20))
        assert "Traceback" not in said and "Exception ignored" not in said, said
        assert child.returncode in (0, 1, 2, 130, -signal.SIGINT), said
        ended = ("Stopped", "Error")  # the error may have been said just before, and after a notice
        assert child.returncode != 130 or any(line.startswith(ended) for line in said.splitlines()), said


def _loaded(pid: int) -> bool:
    """Whether Python itself is up and ours begins: what Python prints before that is not ours to say."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return True
    caught = next((int(line.split()[1], 16) for line in status.splitlines() if line.startswith("SigCgt")), 0)
    seen = sum(psutil.Process(pid).cpu_times()[:2]) if psutil.pid_exists(pid) else 1.0
    return not caught & 2 and seen > 0.03


CONSOLE_SCRIPT = (sys.executable, "-c", "import sys; from leads_local.__main__ import main; sys.exit(main())")


@pytest.mark.parametrize("program", [LEADS, CONSOLE_SCRIPT], ids=["module", "script"])
def test_ctrl_c_in_the_first_moments_is_no_traceback_of_ours(program: tuple[str, ...], review: Path) -> None:
    """At moments by chance, as a person presses it. What Python prints before it comes to us is not ours to say."""
    chance = random.Random(15)
    for _ in range(20):
        child = subprocess.Popen(
            [*program, "dedupe", str(review)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd=ROOT,
            start_new_session=True,
            text=True,
        )
        with child:
            time.sleep(chance.uniform(0.0, 0.5))
            os.killpg(child.pid, signal.SIGINT)
            _, said = child.communicate(timeout=20)
        if "Traceback" in said and "leads_local" not in said:
            continue
        assert "Traceback" not in said and "Exception ignored" not in said and "fault of" not in said, said
        assert child.returncode in (0, 130, -signal.SIGINT), said


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("import", "{review}", "{big}"), "Each file is in the review whole or not at all"),
        (("export", "{review}", "--to", "{out}"), "the files from before or all of the new ones"),
    ],
)
def test_ctrl_c_says_what_holds(command: tuple[str, ...], said: str, review: Path, tmp_path: Path) -> None:
    big = tmp_path / "big.ris"
    big.write_text(records(40_000))
    places = {"review": review, "big": big, "out": tmp_path / "out"}
    slow = (sys.executable, "-c", SLOW_EXPORT) if command[0] == "export" else LEADS
    with Terminal([*slow, *(part.format(**places) for part in command)]) as terminal:
        terminal.until(lambda: sum(terminal.process.cpu_times()[:2]) > 0.7 or (tmp_path / "out").is_dir())
        terminal.read(0.3)
        terminal.type("\x03")
        assert terminal.ended(IN_TIME) == 130
        assert said.encode() in terminal.seen.replace(b"\r\n", b"\n")
    assert count(review, "record") == 20
    assert not (tmp_path / "out").exists()


NEVER_LOADED = """
import sys
from leads_local import lifeline
start = lifeline.start_child
def deaf(command, **options):
    code = "from leads_local.lifeline import end_with_parent; end_with_parent(); import time; time.sleep(60)"
    return start([sys.executable, "-c", code], **options)
lifeline.start_child = deaf
from leads_local.__main__ import main
sys.exit(main())
"""


def leave(terminal: Terminal) -> None:
    """With keys, as a person does."""
    terminal.type("q")
    terminal.until(lambda: b"Stop and quit" in terminal.seen)
    terminal.read(0.3)
    terminal.type("s")


@pytest.mark.parametrize(("end", "code"), [(close, 129), (terminate, 143), (leave, 0)])
def test_the_interface_leaves_while_a_model_is_loaded(review: Path, end: End, code: int) -> None:
    with Terminal([sys.executable, "-c", NEVER_LOADED, "open", review, "--model", "some.gguf"]) as terminal:
        terminal.until(lambda: b"Walking" in terminal.seen)
        terminal.read(0.5)
        terminal.type("2")
        terminal.until(lambda: b"Trial 0 of walking" in terminal.seen)
        terminal.read(0.5)
        terminal.type("s")
        terminal.until(lambda: b"Enter chooses" in terminal.seen)
        terminal.read(0.3)
        terminal.type("\r")
        terminal.until(lambda: bool(terminal.process.children()))
        (child,) = terminal.process.children()
        terminal.read(0.5)
        end(terminal)
        assert terminal.ended(IN_TIME) == code
        assert not child.is_running()


def test_loading_a_model_can_be_stopped(review: Path) -> None:
    with Terminal([sys.executable, "-c", NEVER_LOADED, "screen", review, "--model", "some.gguf"]) as terminal:
        terminal.until(lambda: bool(terminal.process.children()))
        terminal.read(0.5)
        terminal.type("\x03")
        assert terminal.ended(IN_TIME) == 130
        assert b"Stopped. 0 answers are kept" in terminal.seen


def test_a_reader_that_is_gone_at_the_end_is_no_complaint() -> None:
    code = (
        "import sys, time; from leads_local.cli import __main__ as cli; cli.main = lambda: print(time.sleep(0.5)) "
        "or 0\n"
    )
    code += "from leads_local.__main__ import main; sys.exit(main())"
    command = f'{sys.executable} -c "{code}" | true; exit ${{PIPESTATUS[0]}}'
    buffered = {key: value for key, value in os.environ.items() if key != "PYTHONUNBUFFERED"}
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, cwd=ROOT, env=buffered)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_terminal_that_was_gone_before_the_program_began(review: Path) -> None:
    wait = "import os, sys, time\nwhile os.isatty(1):\n    time.sleep(0.05)\n"
    with Terminal([sys.executable, "-c", wait + FAKE_STATUS, "status", review], ignore_hangup=True) as terminal:
        terminal.read(0.3)
        terminal.close()
        assert terminal.ended(10.0) == 0


FAKE_STATUS = "from leads_local.__main__ import main\nsys.exit(main())"


LOST = """
import os, sys, time, weakref
from leads_local.cli import __main__ as cli
class Thing:
    pass
def callback(_):
    os.kill(os.getpid(), int(sys.argv[1]))
    for _ in range(1000):
        pass
def run(arguments=None):
    thing = Thing()
    reference = weakref.ref(thing, callback)
    del thing
    time.sleep(20)
cli.leads_local.main = lambda **_: run()
from leads_local.__main__ import main
sys.exit(main())
"""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_in_a_callback_is_not_lost(number: int, code: int) -> None:
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", LOST, str(int(number))], capture_output=True, text=True, cwd=ROOT, timeout=patience(30)
    )
    assert (done.returncode, "Exception ignored" in done.stderr, "Traceback" in done.stderr) == (code, False, False), (
        done.stderr
    )
    assert "Nothing was changed" in done.stderr
    assert time.monotonic() - began < patience(15)


UNRAISABLE = """
import sys, threading
from leads_local.cli import __main__ as cli
class Thing:
    def __del__(self):
        raise ValueError("in a finaliser")
def fail():
    raise ValueError("in a thread")
def run(**_):
    Thing()
    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
cli.leads_local.main = run
from leads_local.__main__ import main
sys.exit(main())
"""


def test_what_can_not_be_raised_goes_to_the_log() -> None:
    done = subprocess.run(
        [sys.executable, "-c", UNRAISABLE], capture_output=True, text=True, cwd=ROOT, timeout=patience(30)
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert all(text in paths.log_file().read_text() for text in ("in a finaliser", "in a thread"))


LONG_CALL = """
from leads_local import ending
ending.install()
import sqlite3
print("begun", flush=True)
rows = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000000) SELECT sum(i) FROM n"
sqlite3.connect(":memory:").execute(rows).fetchone()
"""


@pytest.mark.parametrize("number", ["SIGTERM", "SIGHUP"])
def test_a_long_call_into_c_is_not_waited_for(number: str) -> None:
    """Python's own handler of a signal runs only when the call has come back."""
    with subprocess.Popen([sys.executable, "-c", LONG_CALL], stdout=subprocess.PIPE, cwd=ROOT) as program:
        assert program.stdout is not None and program.stdout.readline() == b"begun\n"
        program.send_signal(getattr(signal, number))
        assert program.wait(ending.GRACE_SECONDS + 4) == 128 + getattr(signal, number)


def test_sleep_takes_little_of_the_time_for_an_orderly_end(
    computer: SleepyClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A log-out, and the lid is closed: the program still has time to leave things in order when it wakes."""
    gone: list[float] = []

    def end(code: int) -> None:
        gone.append(computer.worked)
        raise SystemExit(code)

    monkeypatch.setattr(ending._EndRequest, "number", signal.SIGTERM)
    monkeypatch.setattr(ending._EndRequest, "words", queue.SimpleQueue())
    monkeypatch.setattr(ending.os, "_exit", end)
    ending._EndRequest.words.put(0)
    threading.Timer(0.2, lambda: (computer.sleep(), ending._EndRequest.words.put(0))).start()
    began = computer.worked
    with pytest.raises(SystemExit):
        ending._end_in_time()
    assert 0.9 < gone[0] - began < ending.GRACE_SECONDS + patience(1)
