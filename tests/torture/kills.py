"""Kills at random moments: what was announced is in the review afterwards, once and on its record, and nothing else is
left anywhere.

    python -m tests.torture.kills [--rounds 500] [--seed 1] [--model MODEL.gguf]

Each round does one piece of work in a terminal on a fresh review and ends it after a random part of the time that it
takes when left alone: ``kill -9`` of the program, of its children, of both, of the program after its children were
stopped; the terminal closed; SIGTERM; SIGHUP; Ctrl-C. Then the review is opened again and compared with what the
terminal had shown. Prints a table and every fault. Without ``--model`` the model's work is done by the tests' engine,
which has no child.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import re
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from leads_local.export.tables import export_review
from leads_local.jobs import model_jobs
from leads_local.records import Choice, Criterion, Question, Stage
from leads_local.review.review import Review
from leads_local.tasks import prompts
from tests.fake_engine import FakeEngine
from tests.terminal import LEADS, Terminal

RECORDS = 30
IMPORTED = 4000
MARK = "LEADS_TORTURE_ROUND"
IN_TIME = 5.5  # seconds for an orderly end
CHOICES = [Choice.INCLUDE, Choice.EXCLUDE, Choice.MAYBE]
EXPORTED = 13  # files
PAPERS = 6

# As the program does it: until it has begun, Ctrl-C is the system's business.
BEGIN = "import signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL)\n"
DECIDING = f"""{BEGIN}
from leads_local.cli import __main__ as cli
choices = sys.argv.pop(1).split(",")
run = cli.main
def main():
    for number, choice in enumerate(choices, 1):
        code = run(["decide", sys.argv[1], str(number), choice])
        if code:
            return code
    return 0
cli.main = main
from leads_local.__main__ import main as begin
sys.exit(begin())
"""
EXPORTING = f"""{BEGIN}
from leads_local.cli import __main__ as cli
run = cli.main
def main():
    for _ in range(4):
        code = run()
        if code:
            return code
    return 0
cli.main = main
from leads_local.__main__ import main as begin
sys.exit(begin())
"""
SCREENING = f"""{BEGIN}
from leads_local.cli import progress
progress.FIRST_SHOWN_AFTER_SECONDS = 0.0
from leads_local.__main__ import main
sys.exit(main())
"""
IMPORTING = f"""{BEGIN}
from leads_local.citations import portions
from leads_local.review.database import Database
portions.AT_ONCE = portions._PORTION = 60_000
begin = Database._begin
def begin_with_little_memory(self, large):
    self.execute("PRAGMA cache_size = 20")
    begin(self, large)
Database._begin = begin_with_little_memory
from leads_local.__main__ import main
sys.exit(main())
"""
"""As of a file that is larger than memory: read in parts, and written before the commit."""
FAKE_SCREENING = SCREENING.replace(
    "from leads_local.__main__ import main",
    "from leads_local.engine import host\nfrom tests.fake_engine import FakeEngine\n"
    "host.open_engine = lambda settings, progress=None, **_: FakeEngine(delay=0.02)\n"
    "from leads_local.__main__ import main",
)


def records(count: int, what: str = "walking") -> str:
    return "".join(
        f"TY  - JOUR\nTI  - Trial {n} of {what}\nAB  - We randomised {n} adults.\nER  -\n\n"
        for n in range(1, count + 1)
    )


@dataclass
class Round:
    """One review in a folder of its own, and what is wrong with it in the end."""

    folder: Path
    rng: random.Random
    faults: list[str] = field(default_factory=list)

    @property
    def review(self) -> Path:
        return self.folder / "review" / "some.leads"

    @property
    def scratch(self) -> Path:
        return self.folder / "scratch"

    @property
    def home(self) -> Path:
        return self.folder / "home"

    def environment(self) -> dict[str, str]:
        home = {"LEADS_LOCAL_HOME": str(self.home), "LEADS_LOCAL_REVIEWER": "Tess Tester"}
        return {MARK: self.folder.name, "TMPDIR": str(self.scratch), **home}

    def number(self, sql: str) -> int:
        with contextlib.closing(sqlite3.connect(f"{self.review.as_uri()}?mode=ro", uri=True)) as connection:
            return int(connection.execute(sql).fetchone()[0])

    def claim(self, holds: bool, fault: str) -> None:
        if not holds:
            self.faults.append(fault)


class Work:
    """A piece of work: how it is started, and what must hold once it was ended."""

    def __init__(self, model: str = "") -> None:
        self.model = model

    def start(self, round_: Round) -> Terminal:
        raise NotImplementedError

    def drive(self, round_: Round, terminal: Terminal, until: float) -> None:
        """What a person does meanwhile."""
        while time.monotonic() < until and terminal.ended(0.0) is None:
            terminal.read(min(0.02, max(0.0, until - time.monotonic())))

    def check(self, round_: Round, shown: str, code: int | None) -> None:
        raise NotImplementedError


class Importing(Work):
    def start(self, round_: Round) -> Terminal:
        file = round_.folder / "big.ris"
        file.write_text(records(IMPORTED, "diets"))
        program = round_.rng.choice((LEADS, [sys.executable, "-c", IMPORTING]))
        return Terminal([*program, "import", round_.review, file], round_.environment())

    def check(self, round_: Round, shown: str, code: int | None) -> None:
        found = round_.number("SELECT count(*) FROM record")
        wanted = {RECORDS + IMPORTED} if "added" in shown else {RECORDS, RECORDS + IMPORTED}
        round_.claim(found in wanted, f"{found} records, announced: {shown.strip()[-80:]!r}")


class Screening(Work):
    """Announced is the count of the progress bar. What is left is done afterwards, so that nothing is there twice."""

    def start(self, round_: Round) -> Terminal:
        code, more = (SCREENING, ["--model", self.model]) if self.model else (FAKE_SCREENING, [])
        return Terminal([sys.executable, "-c", code, "screen", round_.review, *more], round_.environment())

    def check(self, round_: Round, shown: str, code: int | None) -> None:
        announced = max((int(done) for done in re.findall(rf"(\d+)/{RECORDS}", shown)), default=0)
        found = round_.number("SELECT count(*) FROM screening")
        round_.claim(found >= announced, f"{announced} answers announced, {found} stored")
        with Review.open(round_.review) as review:
            list(model_jobs.screen(review, FakeEngine(), Stage.ABSTRACT, prompts.load("default")))
        round_.claim(round_.number("SELECT count(*) FROM screening") == RECORDS, "not all screened in the end")
        doubled = round_.number(
            "SELECT count(*) FROM (SELECT 1 FROM reply GROUP BY record_id, key HAVING count(*) > 1)"
        )
        round_.claim(doubled == 0, f"{doubled} answers stored twice")


class Deciding(Work):
    """The command, again and again: every decision that a line tells of."""

    def start(self, round_: Round) -> Terminal:
        self.choices = [round_.rng.choice(CHOICES) for _ in range(RECORDS)]
        return Terminal([sys.executable, "-c", DECIDING, ",".join(self.choices), round_.review], round_.environment())

    def check(self, round_: Round, shown: str, code: int | None) -> None:
        announced = len(re.findall(r"Record \d+(?: \(“[^”]*”\))?: \w+ at the abstract stage", shown))
        check_decisions(round_, self.choices, announced)


class Interface(Work):
    """Keys in the terminal UI, one decision at a time; announced is what the file held when the next key was
    pressed."""

    def start(self, round_: Round) -> Terminal:
        self.choices: list[Choice] = []
        self.seen = 0
        return Terminal([*LEADS, "open", round_.review], round_.environment())

    def drive(self, round_: Round, terminal: Terminal, until: float) -> None:
        def wait(holds: Callable[[], bool]) -> bool:
            while not holds():
                if time.monotonic() >= until or terminal.ended(0.0) is not None:
                    return False
                terminal.read(0.02)
            return True

        if not wait(lambda: b"Walking" in terminal.seen):
            return
        terminal.read(0.3)
        terminal.type("2")
        if not wait(lambda: b"Trial 1 of walking" in terminal.seen):
            return
        terminal.read(0.3)
        while len(self.choices) < RECORDS - 1:
            self.choices.append(round_.rng.choice(CHOICES))
            terminal.type({"include": "i", "exclude": "e", "maybe": "m"}[self.choices[-1]])
            if self.choices[-1] is Choice.EXCLUDE:
                terminal.read(0.15)
                terminal.type("\r")
            if not wait(lambda: round_.number("SELECT count(*) FROM decision") == len(self.choices)):
                return
            self.seen = len(self.choices)
        wait(lambda: False)

    def check(self, round_: Round, shown: str, code: int | None) -> None:
        check_decisions(round_, self.choices, self.seen)


class Attaching(Work):
    """PDFs read by several children; announced is the count of the progress bar."""

    def start(self, round_: Round) -> Terminal:
        import pymupdf

        papers = round_.folder / "papers"
        papers.mkdir()
        for number in range(1, PAPERS + 1):
            with pymupdf.open() as pdf:
                pdf.new_page().insert_text((72, 100), f"Trial {number} of walking. We randomised {number} adults.")
                pdf.save(papers / f"{number}.pdf")
        return Terminal([sys.executable, "-c", SCREENING, "pdfs", round_.review, papers], round_.environment())

    def check(self, round_: Round, shown: str, code: int | None) -> None:
        announced = max((int(done) for done in re.findall(rf"(\d+)/{PAPERS}", shown)), default=0)
        found = round_.number("SELECT count(*) FROM document")
        round_.claim(found >= announced, f"{announced} PDFs announced, {found} stored")
        with Review.open(round_.review) as review:
            review.attach(round_.folder / "papers")
        found = round_.number("SELECT count(*) FROM document")
        round_.claim(found == PAPERS, f"{found} of {PAPERS} PDFs in the end")


class Exporting(Work):
    """What a killed export leaves goes with the next one."""

    def start(self, round_: Round) -> Terminal:
        return Terminal(
            [sys.executable, "-c", EXPORTING, "export", round_.review, "--to", round_.folder / "out"],
            round_.environment(),
        )

    def check(self, round_: Round, shown: str, code: int | None) -> None:
        out = round_.folder / "out"
        there = [path for path in out.iterdir() if not path.name.startswith(".export--")] if out.is_dir() else []
        round_.claim(len(there) in (0, EXPORTED) or code == -signal.SIGKILL, f"{len(there)} of {EXPORTED} files")
        left = [path for path in out.iterdir() if path.name.startswith(".export--")] if out.is_dir() else []
        round_.claim(not left or code == -signal.SIGKILL, f"left after an orderly end: {left}")
        with Review.open(round_.review) as review:
            export_review(review, out)
        found = sorted(path.name for path in out.iterdir())
        round_.claim(len(found) == EXPORTED, f"after the next export: {found}")


def check_decisions(round_: Round, wanted: list[Choice], announced: int) -> None:
    """Record n has the n-th choice, once, for all that were announced and at most one more."""
    with contextlib.closing(sqlite3.connect(round_.review)) as connection:
        found = connection.execute(
            "SELECT d.record_id, d.choice, c.title FROM decision d JOIN citation c USING (record_id) ORDER BY 1"
        ).fetchall()
        history = connection.execute(
            "SELECT record_id, json_extract(said, '$.choice') FROM act WHERE kind = 'decide' ORDER BY id"
        ).fetchall()
    expected = [(number, str(choice), f"Trial {number} of walking") for number, choice in enumerate(wanted, 1)]
    round_.claim(announced <= len(found) <= announced + 1, f"{announced} decisions announced, {len(found)} stored")
    round_.claim(
        found == expected[: len(found)],
        f"stored {found[-3:]} where {expected[max(0, len(found) - 3) : len(found)]} was decided",
    )
    round_.claim([row[:2] for row in found] == history, f"{len(history)} in the history, {len(found)} stand")


# ---------------------------------------------------------------- endings


def children(terminal: Terminal) -> list[psutil.Process]:
    with contextlib.suppress(psutil.NoSuchProcess):
        return list(terminal.process.children(recursive=True))
    return []


def _each(processes: list[psutil.Process], act: Callable[[psutil.Process], None]) -> None:
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            act(process)


def kill(terminal: Terminal) -> None:
    os.kill(terminal.pid, signal.SIGKILL)


def kill_children(terminal: Terminal) -> None:
    _each(children(terminal), psutil.Process.kill)


def kill_both(terminal: Terminal) -> None:
    found = children(terminal)
    kill(terminal)
    _each(found, psutil.Process.kill)


def stop_children_and_kill(terminal: Terminal) -> None:
    """Children whose own program has begun: the kernel is told of the bond by its first line, which Python takes a
    moment to reach."""
    _each([child for child in children(terminal) if _begun(child)], psutil.Process.suspend)
    kill(terminal)


def _begun(child: psutil.Process) -> bool:
    """Whether Ctrl-C is not held back any more, which a child lets in after it is bound."""
    try:
        lines = Path(f"/proc/{child.pid}/status").read_text().splitlines()
    except OSError:
        return sys.platform != "linux"
    return not next(int(line.split()[1], 16) for line in lines if line.startswith("SigBlk")) & 2


def close(terminal: Terminal) -> None:
    terminal.close()


def terminate(terminal: Terminal) -> None:
    os.kill(terminal.pid, signal.SIGTERM)


def hang_up(terminal: Terminal) -> None:
    os.kill(terminal.pid, signal.SIGHUP)


def interrupt(terminal: Terminal) -> None:
    terminal.type("\x03")


# ending: what it is called, its exit codes besides those of work that was done already
ENDINGS: dict[Callable[[Terminal], None], tuple[str, set[int]]] = {
    kill: ("kill -9", {-9}),
    kill_children: ("kill -9 child", set()),
    kill_both: ("kill -9 both", {-9}),
    stop_children_and_kill: ("stop child, kill -9", {-9}),
    close: ("terminal closed", {129, -1}),  # -1: before our handlers were there
    terminate: ("SIGTERM", {143, -15}),
    hang_up: ("SIGHUP", {129, -1}),
    interrupt: ("Ctrl-C", {130, -2}),
}
WORKS: dict[str, type[Work]] = {
    "import": Importing,
    "screen": Screening,
    "decide": Deciding,
    "pdfs": Attaching,
    "export": Exporting,
    "interface": Interface,
}


# ---------------------------------------------------------------- a round


@contextlib.contextmanager
def prepared() -> Iterator[Path]:
    """A review with records, made once."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "some.ris"
        file.write_text(records(RECORDS))
        with Review.create(
            Path(folder) / "some.leads", Question("Walking", "adults"), [Criterion("Design", "trial")]
        ) as review:
            review.import_file(file)
        yield Path(folder) / "some.leads"


def one(
    work: Work, end: Callable[[Terminal], None], source: Path, place: Path, rng: random.Random, lasts: float
) -> list[str]:
    """Run a round in ``place``, ended at a random moment of the ``lasts`` seconds that the work takes. Returns its
    faults."""
    round_ = Round(place, rng)
    for folder in (round_.review.parent, round_.scratch, round_.home):
        folder.mkdir(parents=True)
    shutil.copy(source, round_.review)
    name, codes = ENDINGS[end]
    with work.start(round_) as terminal:
        work.drive(round_, terminal, time.monotonic() + rng.uniform(0.05, lasts))
        if terminal.ended(0.0) is None:
            end(terminal)
        patient = end is kill_children or (isinstance(work, Interface) and end is interrupt)  # goes on
        code = terminal.ended(1.0 if isinstance(work, Interface) else 60.0) if patient else terminal.ended(IN_TIME)
        if code is None and patient and isinstance(work, Interface):
            terminate(terminal)
            code = terminal.ended(IN_TIME)
            codes = codes | {143}
        shown = terminal.seen.decode("utf-8", "replace")
    round_.claim(code is not None, f"still there {IN_TIME} seconds after {name}")
    round_.claim(code is None or code in codes | {0, 1, 3}, f"exit code {code} after {name}")
    round_.claim("Traceback" not in shown, f"a traceback after {name}: {shown[-600:]!r}")
    round_.claim(not _left_processes(place.name), f"processes left after {name}")
    _check_file(round_)
    beside = sorted(path.name for path in round_.review.parent.iterdir() if not _idle_journal(path))
    round_.claim(beside == [round_.review.name], f"beside the review: {beside}")
    work.check(round_, shown, code)
    round_.claim(not list(round_.scratch.iterdir()), f"left in the temporary folder: {list(round_.scratch.iterdir())}")
    round_.claim(not list(round_.home.rglob("*.part")), f"left at home: {list(round_.home.rglob('*.part'))}")
    return round_.faults


def _left_processes(mark: str) -> list[int]:
    """Processes of the round that do not go within three seconds."""
    end = time.monotonic() + 3
    while True:
        left = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                if process.environ().get(MARK) == mark and process.status() != psutil.STATUS_ZOMBIE:
                    left.append(process.pid)
        if not left or time.monotonic() > end:
            for pid in left:
                with contextlib.suppress(OSError):
                    os.kill(pid, signal.SIGKILL)
            return left
        time.sleep(0.05)


def _check_file(round_: Round) -> None:
    with Review.open(round_.review) as review:
        review.counts()
    with contextlib.closing(sqlite3.connect(round_.review)) as connection:
        round_.claim(connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)], "integrity")
        round_.claim(connection.execute("PRAGMA foreign_key_check").fetchall() == [], "foreign keys")
        doubled = connection.execute(
            "SELECT record_id FROM decision GROUP BY record_id, stage, reviewer HAVING count(*) > 1"
        ).fetchall()
        round_.claim(not doubled, f"decided twice: {doubled}")


def _idle_journal(path: Path) -> bool:
    """A journal whose change had not begun: SQLite takes no notice of it, and writes over it with the next."""
    return path.name.endswith("-journal") and path.read_bytes()[:1] in (b"", b"\x00")


def length(work: Work, source: Path, place: Path) -> float:
    """Seconds that the work takes when nobody ends it."""
    round_ = Round(place, random.Random(0))
    for folder in (round_.review.parent, round_.scratch, round_.home):
        folder.mkdir(parents=True)
    shutil.copy(source, round_.review)
    began = time.monotonic()
    with work.start(round_) as terminal:
        if isinstance(work, Interface):
            return 8.0
        while terminal.ended(0.05) is None:
            assert time.monotonic() - began < 120, terminal.seen
    return time.monotonic() - began


def run(rounds: int, seed: int, model: str = "", only: str = "") -> tuple[Counter[tuple[str, str]], list[str]]:
    """How many rounds of each kind there were, and all faults."""
    rng, done, faults = random.Random(seed), Counter[tuple[str, str]](), []
    kinds = {name: kind(model) for name, kind in WORKS.items() if only in ("", name)}
    with prepared() as source, tempfile.TemporaryDirectory() as folder:
        lasts = {name: length(work, source, Path(folder) / f"length-{name}") for name, work in kinds.items()}
        every = [(name, end) for name in kinds for end in ENDINGS]
        for number in range(rounds):
            if number % len(every) == 0:
                rng.shuffle(every)
            name, end = every[number % len(every)]
            place = Path(folder) / f"round-{seed}-{number}-{os.getpid()}"
            try:
                found = one(kinds[name], end, source, place, rng, 1.05 * lasts[name])
            except Exception as error:
                found = [f"{type(error).__name__}: {error}"]
            found = [f"round {number}, {name}, {ENDINGS[end][0]}: {fault}" for fault in found]
            faults += found
            for fault in found:
                print(fault, file=sys.stderr, flush=True)
            done[name, ENDINGS[end][0]] += 1
            if not found:
                shutil.rmtree(place, ignore_errors=True)
    return done, faults


def table(done: Counter[tuple[str, str]]) -> str:
    names, ends = (
        list(dict.fromkeys(name for name in WORKS if any(key[0] == name for key in done))),
        [name for name, _ in ENDINGS.values()],
    )
    lines = [f"| | {' | '.join(names)} |", "| --- " * (len(names) + 1) + "|"]
    lines += [f"| {end} | {' | '.join(str(done[name, end]) for name in names)} |" for end in ends]
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description="Kill the program at random moments.")
    parser.add_argument("--rounds", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--model", default="")
    parser.add_argument("--only", default="", choices=["", *WORKS])
    options = parser.parse_args()
    done, faults = run(options.rounds, options.seed, options.model, options.only)
    print(table(done))
    print(f"\n{sum(done.values())} rounds, {len(faults)} faults")
    print("\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
