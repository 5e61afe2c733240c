"""What is kept of papers on disk changes no answer, is private, stays within its limit, and is never trusted when it is
damaged."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from leads_local import paths
from leads_local.engine import disk_prefix_cache
from leads_local.engine.disk_prefix_cache import DiskPrefixCache
from leads_local.engine.policy import Policy
from leads_local.engine.scheduler import Scheduler
from leads_local.engine.sequence import Sequence
from tests.engine.mock_runner import MockRunner, alone

PAPER = [1] * 2000


@pytest.fixture
def model(tmp_path: Path) -> Path:
    file = tmp_path / "m.gguf"
    file.write_bytes(os.urandom(3000))
    return file


def ask(states: DiskPrefixCache | None, question: int, paper: list[int] = PAPER) -> tuple[list[int], int]:
    """The answer of a fresh cache, and how many tokens were evaluated for it."""
    runner = MockRunner(cells=8192, batch_size=2048)
    scheduler = Scheduler(runner, Policy(2, 4096, rows=1000, states=states))
    scheduler.add(Sequence(0, [*paper, question, 2], 4, frozenset()))
    ended = []
    while not scheduler.idle:
        ended += scheduler.step()
        assert scheduler._prefixes.used == runner.used
    return ended[0].output, runner.evaluated


def files() -> list[Path]:
    return [file for file in paths.states_dir().rglob("*") if file.is_file()]


def test_a_job_that_goes_on_reads_the_paper_from_disk_and_answers_the_same(model: Path) -> None:
    assert ask(DiskPrefixCache(model, "f16", 1 << 20), 3)[1] > 2000
    answer, evaluated = ask(DiskPrefixCache(model, "f16", 1 << 20), 4)
    assert answer == alone([*PAPER, 4, 2], 4, frozenset()) and evaluated < 10
    assert len(files()) == 2  # the second question adds nothing
    if sys.platform != "win32":
        assert {file.stat().st_mode & 0o777 for file in files()} == {0o600}
        assert files()[0].parent.stat().st_mode & 0o777 == 0o700


def test_another_model_or_cache_type_or_paper_does_not_use_it(model: Path, tmp_path: Path) -> None:
    ask(DiskPrefixCache(model, "f16", 1 << 20), 3)
    assert ask(DiskPrefixCache(model, "q8_0", 1 << 20), 3)[1] > 2000
    assert ask(DiskPrefixCache(model, "f16", 1 << 20), 3, [2] * 2000)[1] > 2000
    other = tmp_path / "other.gguf"
    other.write_bytes(os.urandom(3000))
    assert ask(DiskPrefixCache(other, "f16", 1 << 20), 3)[1] > 2000


@pytest.mark.parametrize("damage", ["cut", "changed", "note", "gone", "foreign"])
def test_a_damaged_state_is_removed_and_the_paper_evaluated_again(model: Path, damage: str) -> None:
    ask(DiskPrefixCache(model, "f16", 1 << 20), 3)
    state = next(file for file in files() if file.suffix == ".state")
    states = DiskPrefixCache(model, "f16", 1 << 20)
    if damage == "cut":
        state.write_bytes(state.read_bytes()[:-1])
    elif damage == "changed":
        state.write_bytes(b"[9" + state.read_bytes()[2:])
    elif damage == "note":
        state.with_suffix(".json").write_text("{}")
    elif damage == "gone":
        state.unlink()
    else:
        state.write_bytes(os.urandom(5000))
    answer, evaluated = ask(states, 4)
    assert answer == alone([*PAPER, 4, 2], 4, frozenset()) and evaluated > 2000
    assert ask(DiskPrefixCache(model, "f16", 1 << 20), 5)[1] < 10  # it was kept anew


def scarce(states: DiskPrefixCache, keep: int = 1024) -> tuple[MockRunner, Scheduler]:
    """A cache that holds one paper with its question and little more, and a paper in it whose first 200 tokens are
    PAPER's."""
    runner = MockRunner(cells=2300, batch_size=2048)
    scheduler = Scheduler(runner, Policy(2, 2300, rows=1000, keep=keep, reserve=4, states=states))
    scheduler.add(Sequence(0, [*PAPER[:200], *[2] * 1700, 3], 4, frozenset()))
    finished(scheduler)
    return runner, scheduler


def finished(scheduler: Scheduler) -> list[Sequence]:
    ended = []
    for _ in range(1000):
        ended += scheduler.step()
        if scheduler.idle:
            return ended
    raise AssertionError("it never ends")


@pytest.mark.parametrize("trouble", ["forgotten", "of another layout", "no room"])
def test_a_state_that_fails_to_load_takes_nothing_away_from_the_answer(
    model: Path, trouble: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was shared with is dropped to make room for the state, and then the state can't be had."""
    ask(DiskPrefixCache(model, "f16", 1 << 20), 3)
    runner, scheduler = scarce(DiskPrefixCache(model, "f16", 1 << 20))
    if trouble == "forgotten":
        disk_prefix_cache.clear()
    elif trouble == "of another layout":
        monkeypatch.setattr(runner, "restore", lambda slot, file: False)
    else:
        monkeypatch.setattr(scheduler._prefixes, "make_room", _without_room(scheduler))
    scheduler.add(Sequence(1, [*PAPER, 4, 2], 4, frozenset()))
    (sequence,) = finished(scheduler)
    assert (sequence.output, sequence.error) == (alone([*PAPER, 4, 2], 4, frozenset()), "")


def _without_room(scheduler: Scheduler) -> Callable[..., bool]:
    """For a state (two slots), whoever is kept is dropped in vain."""
    real = scheduler._prefixes.make_room
    return lambda cells, slots=0, spare=-1: real(9999, slots) if slots == 2 else real(cells, slots, spare)


def test_a_state_that_holds_less_than_it_says_is_not_used(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(DiskPrefixCache(model, "f16", 1 << 20), 3)
    monkeypatch.setattr(MockRunner, "restore", lambda self, slot, file: self.fill(slot, PAPER[:1500]))
    answer, evaluated = ask(DiskPrefixCache(model, "f16", 1 << 20), 4)
    assert answer == alone([*PAPER, 4, 2], 4, frozenset()) and evaluated > 2000


def test_a_state_that_would_not_be_kept_is_not_read_again_and_again(model: Path) -> None:
    ask(DiskPrefixCache(model, "f16", 1 << 20), 3)
    runner = MockRunner(cells=8192, batch_size=2048)
    reads = []
    real = runner.restore

    def restore(slot: int, file: Path) -> bool:
        reads.append(slot)
        assert len(reads) < 9
        return real(slot, file)

    runner.restore = restore  # type: ignore[method-assign]
    scheduler = Scheduler(
        runner, Policy(2, 4096, rows=1000, keep=1800, paper=1900, states=DiskPrefixCache(model, "f16", 1 << 20))
    )
    prompt = [*PAPER[:1500], *[2] * 600]
    scheduler.add(Sequence(1, prompt, 4, frozenset()))
    assert finished(scheduler)[0].output == alone(prompt, 4, frozenset())


def test_a_note_may_hold_anything(model: Path) -> None:
    ask(DiskPrefixCache(model, "f16", 1 << 20), 3)
    note = next(file for file in files() if file.suffix == ".json")
    nested = json.dumps(
        {"tokens": [[token] for token in json.loads(note.read_text())["tokens"]], "size": 1, "sha256": ""}
    )
    odd = ("[" * 100_000, "null", "nothing", "[3]", "{}", '{"tokens": []}', nested)
    for text in (*odd, '{"tokens": 3}', '{"tokens": [[1], [2]]}', '{"tokens": [99999999999999999999]}'):
        states = DiskPrefixCache(model, "f16", 1 << 20)
        before = note.read_bytes()
        note.write_text(text)
        assert DiskPrefixCache(model, "f16", 1 << 20).best(np.asarray(PAPER, np.int32), 0)[0] is None
        assert not states.load(note, lambda _: True) and not note.exists()
        note.write_bytes(before)


def test_a_state_under_the_name_of_another_paper_is_not_that_papers(model: Path) -> None:
    for first in (1, 2):
        ask(DiskPrefixCache(model, "f16", 1 << 20), 3, [first] * 2000)
    states = DiskPrefixCache(model, "f16", 1 << 20)
    one, other = (states.best(np.full(2000, first, np.int32), 0)[0] for first in (1, 2))
    assert one and other
    for suffix in (".json", ".state"):
        one.with_suffix(suffix).write_bytes(other.with_suffix(suffix).read_bytes())
    assert states.load(other, lambda _: True) and not states.load(one, lambda _: True)


def test_files_that_another_program_removes_meanwhile_are_no_error(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(DiskPrefixCache(model, "f16", 1 << 20), 3)
    real = disk_prefix_cache._files
    monkeypatch.setattr(
        disk_prefix_cache, "_files", lambda folder, pattern: [*real(folder, pattern), folder / "gone.json"]
    )
    assert ask(DiskPrefixCache(model, "f16", 1 << 20), 3, [2] * 2000)[0] == alone([*[2] * 2000, 3, 2], 4, frozenset())
    assert len(files()) == 4

    def gone(folder: Path) -> None:
        raise FileNotFoundError(folder)

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "disk_usage", gone)
        assert ask(DiskPrefixCache(model, "f16", 1 << 20), 3, [3] * 2000)[0] == alone(
            [*[3] * 2000, 3, 2], 4, frozenset()
        )
    assert len(files()) == 4 and disk_prefix_cache.clear() > 8000


def test_the_one_used_longest_ago_goes_first(model: Path) -> None:
    def texts(first: int) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
        return np.full(2000, first, np.int32)

    def write(file: Path) -> bool:
        return file.write_bytes(bytes(4000)) > 0

    states = DiskPrefixCache(model, "f16", 9000)
    for first in (1, 2):
        assert states.save(texts(first), 4000, write)
        for file in files():
            os.utime(file, (first, first)) if file.stat().st_mtime > 2 else None
    note, saved, length = states.best(texts(1), 0)
    assert note is not None and (saved, length) == (2000, 2000) and states.load(note, lambda _: True)
    assert states.save(texts(3), 4000, write) and not states.save(texts(3), 4000, write)
    for again in (states, DiskPrefixCache(model, "f16", 9000)):
        assert [again.best(texts(first), 0)[1] for first in (1, 2, 3)] == [2000, 0, 2000]


def test_nothing_is_kept_where_disk_is_short_or_the_limit_is_small(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(DiskPrefixCache(model, "f16", 1000), 3)
    ask(DiskPrefixCache(model, "f16", 0), 3)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=4 << 30))
    ask(DiskPrefixCache(model, "f16", 1 << 20), 3)
    assert files() == []


def test_clear_removes_all(model: Path) -> None:
    ask(DiskPrefixCache(model, "f16", 1 << 20), 3)
    assert disk_prefix_cache.clear() > 4000 and files() == [] and disk_prefix_cache.clear() == 0
