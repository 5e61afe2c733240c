"""The main ways through the product leave nothing open: afterwards as many files are open as before, without waiting
for the garbage collector, also where something fails; and no process that was started had to be tidied up by Python."""

from __future__ import annotations

import contextlib
import gc
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from convert import convert
from convert.compare import compare
from convert.errors import ConvertError
from convert.imatrix_maker import make_imatrix
from convert.texts import SampleText
from leads_local import children, demo, ending, lifeline
from leads_local.cli import converter_process
from leads_local.config import Settings
from leads_local.demo import run as demo_run
from leads_local.demo.source import load_papers
from leads_local.demo.typeset import typeset_papers
from leads_local.documents import pool
from leads_local.engine.encoding import encode
from leads_local.engine.host import open_engine
from leads_local.engine.rendering import Unrenderable, render
from leads_local.engine.types import Request
from leads_local.errors import ExitCode, LeadsError
from leads_local.export.tables import export_review
from leads_local.records import Choice, Stage
from leads_local.review import backups, checking, opening, versions
from leads_local.review.connection import Connection
from leads_local.review.review import Review
from leads_local.tui import session
from leads_local.tui.app import LeadsApp
from leads_local.tui.messages import ReviewChosen
from leads_local.tui.session import Session
from tests.checkpoints import make_checkpoint, tiny_gguf
from tests.jobs import work_fixture
from tests.patience import patience
from tests.review import old_reviews

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="what a process has open is read as Linux tells it")

Way = Callable[[Path], object]


def held() -> Counter[str]:
    found: Counter[str] = Counter()
    for descriptor in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):  # the one by which the folder is read
            found[str(descriptor.readlink())] += 1
    return found


@contextlib.contextmanager
def nothing_left_open() -> Iterator[None]:
    """Threads that read from an ended child get a moment to close their pipes."""
    gc.collect()
    before = held()
    gc.disable()
    try:
        yield
        end = time.monotonic() + patience(5)
        while (left := held() - before) and time.monotonic() < end:
            time.sleep(0.01)
        assert not left
    finally:
        gc.enable()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a review and a copy of it."""
    folder = tmp_path_factory.mktemp("made")
    work_fixture.make(folder / "pain.leads")
    with Review.open(folder / "pain.leads") as review:
        review.back_up()
    return folder


@pytest.fixture
def path(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "reviews")) / "pain.leads"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_gguf(tmp_path_factory.mktemp("model"))


# ---------------------------------------------------------------- a review


def change(statements: str) -> Way:
    def changed(path: Path) -> None:
        with closing(sqlite3.connect(path)) as raw:
            raw.executescript(statements)

    return changed


def replace_with(content: bytes) -> Way:
    return lambda path: path.write_bytes(content)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def make_older(path: Path) -> None:
    path.unlink()
    old_reviews.make(path, 2)


STATES: dict[str, Way] = {
    "sound": lambda path: None,
    "damaged by other triggers": change("DROP TRIGGER citation_keep; UPDATE citation SET title = 'Another'"),
    "damaged in its tables": change("DROP TABLE citation"),
    "cut short": cut,
    "older": make_older,
    "older and damaged": lambda path: (make_older(path), change("DROP TABLE event")(path)),
    "newer": change("PRAGMA user_version = 99"),
    "another program's": change("PRAGMA application_id = 7"),
    "no database": replace_with(b"TY  - JOUR\n"),
    "empty": replace_with(b""),
    "missing": lambda path: path.unlink(),
    "a folder": lambda path: (path.unlink(), path.mkdir()),
}


def decide(path: Path) -> None:
    with Review.open(path, busy_seconds=0.1) as review:
        review.decide(1, Stage.ABSTRACT, Choice.EXCLUDE)


def look(path: Path) -> None:
    with Review.read(path) as review, review.copied() as copy:
        copy.counts()


def look_in_the_interface(path: Path) -> None:
    with closing(Session.open(path, Settings(), look_only=True)) as opened, opened.open_again() as again:
        again.counts()


OPENINGS: dict[str, Way] = {
    "to change it": decide,
    "to read it": look,
    "in the interface": lambda path: Session.open(path, Settings()).close(),
    "in the interface, to read it": look_in_the_interface,
    "to upgrade it": lambda path: opening.upgrade(path, lambda db: backups.back_up(db, why="before-upgrade")),
    "to check it": checking.check_file,
    "to copy it": lambda path: opening.copy_file(path, path.with_name("copy.leads")),
    "to restore it": lambda path: backups.restore(path, backups.list_copies(path)[0].path),
    "to make it": lambda path: work_fixture.make(path),
    "for the demo": lambda path: demo_run.open_review(path, demo.load()).close(),
}


@pytest.mark.parametrize("way", OPENINGS)
@pytest.mark.parametrize("state", STATES)
def test_a_review_of_any_state_is_not_left_open(path: Path, state: str, way: str) -> None:
    STATES[state](path)
    with nothing_left_open(), suppress(LeadsError, OSError):
        OPENINGS[way](path)


HOLD = """
import sqlite3, sys
other = sqlite3.connect(sys.argv[1], isolation_level=None)
other.execute("BEGIN EXCLUSIVE")
print(1, flush=True)
sys.stdin.readline()
other.close()
"""


@pytest.mark.parametrize("way", OPENINGS)
def test_a_review_that_another_program_holds_is_not_left_open(
    path: Path, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "_PATIENCE", 0.1)
    connect = Connection.__init__
    monkeypatch.setattr(Connection, "__init__", lambda self, *a, **k: connect(self, *a, **{**k, "busy_seconds": 0.1}))
    command, pipe = [sys.executable, "-c", HOLD, str(path)], subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe) as holder:
        assert holder.stdout is not None and holder.stdout.readline()
        with nothing_left_open(), suppress(LeadsError, OSError):
            OPENINGS[way](path)
        holder.communicate(b"\n")


class Broken(Exception):
    pass


def fail(*values: object, **named: object) -> None:
    raise Broken


@pytest.mark.parametrize(
    ("place", "name", "state", "way"),
    [
        (backups, "back_up_daily", "sound", "to change it"),
        (Session, "__init__", "sound", "in the interface"),
        (Connection, "_back_up", "sound", "to read it"),
        (Connection, "_back_up", "older", "to read it"),
        (versions, "migrate", "older", "to read it"),
        (versions, "migrate", "older", "to upgrade it"),
        (versions, "require_known_version", "sound", "to change it"),
        (versions, "seal_tables", "missing", "to make it"),
    ],
)
def test_what_fails_while_a_review_is_opened_leaves_nothing_open(
    path: Path, monkeypatch: pytest.MonkeyPatch, place: object, name: str, state: str, way: str
) -> None:
    STATES[state](path)
    monkeypatch.setattr(place, name, fail)
    with nothing_left_open(), pytest.raises(Broken):
        OPENINGS[way](path)


def test_work_on_a_review_leaves_nothing_open(path: Path, tmp_path: Path, pdfs: list[Path]) -> None:
    citations = tmp_path / "more.ris"
    citations.write_text("TY  - JOUR\nTI  - Another trial of aspirin\nER  -\n")
    with nothing_left_open(), Review.open(path) as review:
        review.import_file(citations)
        review.dedupe()
        review.attach(pdfs[0].parent)
        list(work_fixture.work(review, "abstract", work_fixture.engine()))
        review.back_up()
        export_review(review, tmp_path / "tables")
        with pytest.raises(LeadsError):
            review.import_file(tmp_path / "missing.ris")
        with pytest.raises((LeadsError, OSError)):
            export_review(review, citations)


async def test_the_interface_leaves_nothing_open(path: Path) -> None:
    other = path.with_name("other.leads")
    work_fixture.make(other)
    for _ in range(2):  # what libraries keep of the first time is theirs
        with nothing_left_open():
            app = LeadsApp(Settings(reviewer="Kim"), Session.open(path, Settings(reviewer="Kim")))
            async with app.run_test() as pilot:
                await pilot.pause()
                await app.action_home()
                assert app.session is None
                app.post_message(ReviewChosen(other))
                await pilot.pause()
                assert app.session is not None
                app.session.close()


async def test_a_review_that_is_chosen_twice_at_once_is_opened_once(path: Path) -> None:
    app = LeadsApp(Settings(reviewer="Kim"))
    async with app.run_test() as pilot:
        await pilot.pause()
        with nothing_left_open():
            app.post_message(ReviewChosen(path))
            app.post_message(ReviewChosen(path))
            await pilot.pause()
            assert app.session is not None and not app.faults
            app.session.close()


async def test_a_review_into_which_nothing_could_be_put_back_is_not_left_open(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Review, "put_back", fail)
    app = LeadsApp(Settings(reviewer="Kim"))
    async with app.run_test() as pilot:
        await pilot.pause()
        with nothing_left_open():
            app.post_message(ReviewChosen(path, path))
            await pilot.pause()
            assert app.session is None and [type(fault) for fault in app.faults] == [Broken]


# ---------------------------------------------------------------- child processes

NOTE = """
import os, sys, warnings
warnings.simplefilter("always", ResourceWarning)

def note(message, category, *place, opened=os.open, write=os.write, **named):
    if issubclass(category, ResourceWarning):
        file = opened({notes!r}, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        write(file, f"{{sys.orig_argv[-3:]}}: {{message}}\\n".encode())

warnings.showwarning = note
"""


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], str]:
    """What children of this process, and theirs, have been warned of."""
    (folder := tmp_path / "first").mkdir()
    (folder / "sitecustomize.py").write_text(NOTE.format(notes=str(tmp_path / "notes")))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")]))
    return lambda: (tmp_path / "notes").read_text() if (tmp_path / "notes").exists() else ""


@pytest.fixture
def pdfs(tmp_path: Path) -> list[Path]:
    (folder := tmp_path / "pdfs").mkdir()
    typeset_papers(folder, load_papers()[:2])
    (folder / "damaged.pdf").write_bytes(b"%PDF-1.7\nnothing else")
    return sorted(folder.iterdir())


def read_some(paths: list[Path]) -> None:
    documents = pool.read_many(paths, workers=2)
    next(documents)
    documents.close()  # type: ignore[attr-defined]


def test_what_a_child_leaves_open_is_told(told: Callable[[], str]) -> None:
    subprocess.run([sys.executable, "-c", "left = open(__import__('os').devnull)"], check=True)
    assert "unclosed file" in told()


def test_readers_of_pdfs_leave_nothing_open(told: Callable[[], str], pdfs: list[Path]) -> None:
    with nothing_left_open():
        assert len(list(pool.read_many(pdfs, workers=2))) == len(pdfs)
        read_some(pdfs)
    assert not told()


def test_a_reader_that_ended_between_two_files_is_not_left_open(pdfs: list[Path]) -> None:
    with nothing_left_open():
        worker = pool._Worker(patience(60), 1 << 40)
        worker.read(pdfs[0])
        process = worker._process
        assert process is not None
        process.kill()
        process.wait()
        assert not worker.read(pdfs[0]).problem
        worker.close()


@pytest.mark.parametrize("end", ["closed", "killed"])
def test_a_model_leaves_nothing_open(told: Callable[[], str], model: Path, end: str) -> None:
    settings = Settings(model=str(model), sequences=2, context=2048, threads=1)
    with nothing_left_open(), open_engine(settings) as engine:
        if end == "killed":
            os.kill(engine.pid, signal.SIGKILL)
        (reply,) = engine.run([Request("1", "Is this a trial?", max_tokens=4)])
        assert not reply.error
    assert not told()


def test_a_model_that_can_not_be_loaded_leaves_nothing_open(
    told: Callable[[], str], model: Path, tmp_path: Path
) -> None:
    (wrong := tmp_path / "wrong.gguf").write_bytes(
        model.read_bytes().replace(b"block_count\x04\x00\x00\x00\x02", b"block_count\x04\x00\x00\x00\x03")
    )
    with nothing_left_open():
        with pytest.raises(LeadsError, match="can't load"):
            open_engine(Settings(model=str(wrong)))
        with pytest.raises(LeadsError):
            list(encode(tmp_path / "missing.gguf", ["a"]))
    assert not told()


def test_templates_and_token_ids_leave_nothing_open(told: Callable[[], str], model: Path) -> None:
    with nothing_left_open():
        assert render("{{ messages[0].content }}", ["a"], {}) == ["a"]
        with pytest.raises(Unrenderable):
            render("{{ messages[", ["a"], {})
        assert len(list(encode(model, ["a", "b"]))) == 2
        asked = encode(model, ["a", "b"])
        next(asked)
        asked.close()  # type: ignore[attr-defined]
    assert not told()


def test_the_converter_leaves_nothing_open(told: Callable[[], str], tmp_path: Path) -> None:
    source = make_checkpoint(tmp_path / "source", hidden=256, layers=1, heads=2, kv_heads=1, ffn=256)
    text = [SampleText(ids=tuple(range(3, 103)))]
    with nothing_left_open():
        made = convert(source, "Q8_0", tmp_path / "made.gguf").path
        assert make_imatrix(made, text, tmp_path / "matrix.gguf", threads=1)
        assert compare(made, made, text, threads=1).same_first == 1
        (source / "model.safetensors").write_bytes(b"nothing")
        with pytest.raises(ConvertError):
            convert(source, "Q8_0", tmp_path / "other.gguf")
    assert not told()


def test_a_converter_that_had_to_be_killed_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deaf = tmp_path / "deaf"
    code = "import signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    code += "open(sys.argv[1], 'x').close(); time.sleep(60)"
    start, started = lifeline.start_child, []

    def start_and_end(command: list[str], **options: Any) -> Any:
        started.append(child := start([sys.executable, "-c", code, str(deaf)], **options))
        wait = child.wait

        def ended(*_: object) -> None:
            child.wait = wait
            while not deaf.exists():
                time.sleep(0.01)
            raise ending.Ended(signal.SIGTERM)

        child.wait = ended
        return child

    monkeypatch.setattr(lifeline, "start_child", start_and_end)
    monkeypatch.setattr(converter_process, "_CLEANUP_SECONDS", 0.5)
    with pytest.raises(ending.Ended):
        converter_process.run_converter("verify")
    assert started[0].returncode is not None


def test_commands_leave_nothing_open(told: Callable[[], str], path: Path, tmp_path: Path, pdfs: list[Path]) -> None:
    environment = children.environment()
    for expected, *words in (
        (ExitCode.DONE, "status", path),
        (ExitCode.LOOK, "check", path),  # its papers were linked past the log
        (ExitCode.DONE, "decide", path, "1", "include"),
        (ExitCode.LOOK, "pdfs", path, pdfs[0].parent),
        (ExitCode.DONE, "export", path, "--to", tmp_path / "tables"),
        (ExitCode.BAD_INPUT, "text", pdfs[0].parent / "damaged.pdf"),
        (ExitCode.DONE, "text", pdfs[0]),
        (ExitCode.BAD_INPUT, "status", tmp_path / "missing.leads"),
        (ExitCode.BAD_INPUT, "convert", tmp_path / "missing", "--quant", "Q8_0"),
    ):
        command = [*children.command("leads_local"), *map(str, words)]
        said = subprocess.run(command, env=environment, capture_output=True, text=True)
        assert said.returncode == expected, said
    assert not told()
