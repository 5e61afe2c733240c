"""Commands whose computer sleeps in the middle of them: nothing fails, and the time left does not jump. Where the
system offers it, it is kept awake while they run, and no longer."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from leads_local import config, keep_awake
from leads_local.cli import convert as convert_command
from leads_local.cli import demo as demo_command
from leads_local.cli import progress
from leads_local.config import Settings
from leads_local.documents import pool
from leads_local.engine.types import Reply
from leads_local.review.review import Review
from tests.documents.conftest import Typeset
from tests.documents.conftest import typeset as typeset
from tests.fake_engine import FakeEngine
from tests.sleepy import SleepyClock

from .conftest import Done

Leads = Callable[..., Done]
SAID = "This computer is kept awake."


class Wish:
    """Whether this computer is kept awake now, and how often it was asked."""

    def __init__(self) -> None:
        self.held, self.asked = False, 0

    @contextmanager
    def while_working(self, wanted: bool) -> Iterator[str]:
        self.held, self.asked = wanted, self.asked + 1
        try:
            yield SAID if wanted else ""
        finally:
            self.held = False


@pytest.fixture
def wish(monkeypatch: pytest.MonkeyPatch) -> Wish:
    made = Wish()
    monkeypatch.setattr(keep_awake, "while_working", made.while_working)
    return made


def test_a_night_in_the_middle_of_screening_changes_nothing(
    leads: Leads, review: Path, wish: Wish, computer: SleepyClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Nightly(FakeEngine):
        def run(self, *arguments: Any, **options: Any) -> Iterator[Reply]:
            for reply in super().run(*arguments, **options):
                assert wish.held
                computer.sleep()
                time.sleep(0.2)
                yield reply

    monkeypatch.setattr(progress, "FIRST_SHOWN_AFTER_SECONDS", 0.0)
    monkeypatch.setattr("leads_local.engine.host.open_engine", lambda *_, **__: Nightly())
    done = leads("screen", review)
    assert done.code == 0 and "3 of 3 done, 0 failed" in done.out
    assert done.err.count(SAID) == 1 and not wish.held
    times = re.findall(r"\[(\S+) gone, (\S+) left\]", done.err)
    assert times and all(re.fullmatch(r"\?|\d\d:\d\d", text) for pair in times for text in pair), times
    with Review.open(review) as opened:
        assert not opened.failures() and opened.work().done == 3


@pytest.mark.usefixtures("fake_model")
def test_what_the_settings_say_holds_and_nothing_is_said(leads: Leads, review: Path, wish: Wish) -> None:
    config.save(Settings(keep_awake=False))
    assert SAID not in leads("screen", review).err and wish.asked == 1
    config.save(Settings())
    assert SAID in leads("screen", review, "--mode", "triage").err


def test_it_ends_with_work_that_fails(leads: Leads, review: Path, wish: Wish, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("leads_local.engine.host.open_engine", lambda *_, **__: FakeEngine(dies_after=1))
    assert leads("screen", review).code == 3
    assert wish.asked == 1 and not wish.held


def test_a_night_while_pdfs_are_read_makes_none_too_slow(
    leads: Leads, review: Path, tmp_path: Path, typeset: Typeset, computer: SleepyClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch, nights = pool._Worker.watch, []

    def watch_after_a_night(worker: pool._Worker) -> None:
        if worker._deadline < float("inf") and len(nights) < 5:
            nights.append(1)
            computer.sleep()
        watch(worker)

    monkeypatch.setattr(pool._Worker, "watch", watch_after_a_night)
    strange = "import time\nfrom leads_local.documents import reader, worker\nread = reader.read\n"
    strange += "reader.read = lambda path: time.sleep(0.5) or read(path)\nworker.main()"
    (tmp_path / "slow_worker.py").write_text(strange)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(pool, "_WORKER", "slow_worker")
    folder = tmp_path / "papers"
    folder.mkdir()
    for number in range(3):
        made = typeset([(72, 100, 11, f"Exercise for knees, paper {number}.")], name=f"paper{number}.pdf")
        made.rename(folder / made.name)
    done = leads("pdfs", review, folder)
    assert len(nights) == 5
    assert "given up" not in done.err + done.out, done
    assert "3 PDFs: 3 readable, 0 not." in done.err


@pytest.mark.parametrize(
    ("command", "kept"),
    [
        (("convert", "folder", "--quant", "Q8_0"), True),
        (("convert", "imatrix", "some.gguf", "--from", "texts"), True),
        (("convert", "compare", "a.gguf", "b.gguf", "--from", "texts"), True),
        (("bench", "convert", "--peer", "folder"), True),
        (("convert", "--help"), False),
        (("convert", "plan", "folder"), False),
        (("convert", "imatrix", "--help"), False),
        (("bench", "convert", "--help"), False),
        (("bench", "screen", "--help"), False),
    ],
)
def test_the_converter_runs_awake(
    leads: Leads, wish: Wish, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], kept: bool
) -> None:
    held: list[bool] = []

    def run(*arguments: str, **options: Any) -> int:
        held.append(wish.held)
        return 0

    monkeypatch.setattr(convert_command, "run_converter", run)
    monkeypatch.setattr("leads_local.cli.bench.run_converter", run)
    done = leads(*command)
    assert done.code == 0 and not wish.held
    assert held in ([kept], []) and (SAID in done.err) is kept
    assert held or not kept
    assert SAID not in leads(*command, "--quiet").err or command[0] == "bench"


@pytest.mark.parametrize("what", ["screen", "extract", "engine"])
def test_benchmarks_run_awake(leads: Leads, wish: Wish, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    held: list[bool] = []
    name = {"screen": "screening", "extract": "extraction", "engine": "engine"}[what]
    monkeypatch.setattr(f"leads_local.bench.{what}.measure_{name}", lambda *_: held.append(wish.held) or {})
    done = leads("bench", what, "--model", "some.gguf")
    assert held == [True] and not wish.held and done.err.count(SAID) == 1


def test_the_demo_runs_awake(leads: Leads, wish: Wish, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[bool] = []
    monkeypatch.setattr(demo_command, "run_demo", lambda *_: held.append(wish.held))
    monkeypatch.setattr("leads_local.engine.host.open_engine", lambda *_, **__: FakeEngine())
    done = leads("demo", "--out", tmp_path / "out", "--model", "some.gguf", "--headless")
    assert held == [True] and not wish.held and done.err.count(SAID) == 1
