"""One job of the model's at a time on a stage of a review: the second is told who works, and a job that is gone holds
nothing."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import psutil  # type: ignore[import-untyped]
import pytest

from leads_local.jobs import lease
from leads_local.jobs.lease import StageTaken, hold_stage
from leads_local.private import this_process
from leads_local.records import Stage
from leads_local.review import file_identity
from leads_local.review.review import Review
from leads_local.review.store import leases
from leads_local.review.store.leases import Lease
from tests.jobs import work_fixture as fixture
from tests.jobs.work_fixture import engine, make, result, work


@pytest.fixture
def review(path: Path) -> Iterator[Review]:
    make(path)
    with Review.open(path) as opened:
        yield opened


@contextmanager
def at_work(path: Path, job: str) -> Iterator[subprocess.Popen[str]]:
    """Another process that does ``job`` slowly and has announced its first answer."""
    command = [sys.executable, fixture.__file__, str(path), job, "0.3"]
    program = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert program.stdout is not None and program.stdout.readline()
        yield program
    finally:
        program.kill()
        program.wait()
        program.stdout.close()  # type: ignore[union-attr]


def standing(review: Review, stage: str = "abstract") -> Lease | None:
    return leases.read(review.db, stage)


def put(review: Review, **changes: object) -> None:
    """Another job's row, of this computer and file unless ``changes`` says otherwise."""
    mine = lease._new_lease(review.db, "abstract", "Screening abstracts")
    with review.db.transaction():
        leases.put(review.db, replace(mine, token="another's", **changes))  # type: ignore[arg-type]


def ago(**time: float) -> str:
    return f"{datetime.now(UTC) - timedelta(**time):%Y-%m-%dT%H:%M:%S.000Z}"


def test_a_second_process_is_told_who_works_and_asks_nothing(review: Review, path: Path) -> None:
    with at_work(path, "abstract") as program:
        mine = engine()
        with pytest.raises(StageTaken) as told:
            list(work(review, "abstract", mine))
        assert mine.seen == []
        held = standing(review)
        assert held is not None and held.holder.number == program.pid
        since = datetime.fromisoformat(held.since).astimezone()
        for said in (str(path), "Screening abstracts", f"process {program.pid} on this computer", f"{since:%H:%M}"):
            assert said in str(told.value)
        assert told.value.exit_code == 2
        assert list(work(review, "fulltext", engine()))  # another stage is free
        assert program.wait(60) == 0
    assert standing(review) is None
    assert list(work(review, "abstract", mine)) == []
    asked = review.db.number("SELECT count(*) FROM reply WHERE stage = 'abstract'")
    assert asked == review.db.number("SELECT count(DISTINCT key) FROM reply WHERE stage = 'abstract'") == 11


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_process_that_is_killed_loses_its_stage(review: Review, path: Path, tmp_path: Path, how: int) -> None:
    shutil.copy(path, tmp_path / "whole.leads")
    with at_work(path, "abstract") as program:
        program.send_signal(how)
        program.wait()
        assert list(work(review, "abstract", engine()))
    with Review.open(tmp_path / "whole.leads") as whole:
        list(work(whole, "abstract", engine()))
        assert result(review.db) == result(whole.db)


def test_a_process_that_was_killed_and_not_cleared_away_yet_holds_nothing(review: Review, path: Path) -> None:
    """Whoever started it has not asked yet how it ended, so the system still lists its number."""
    with at_work(path, "abstract") as program:
        program.kill()
        held = standing(review)
        assert held is not None
        for _ in range(1000):
            if not held.holder.is_running():
                break
        assert not held.holder.is_running()
        assert list(work(review, "abstract", engine()))


@pytest.mark.parametrize("end", ["whole", "closed", "error"])
def test_the_stage_is_given_up_however_the_job_ends(review: Review, end: str) -> None:
    steps = iter(work(review, "abstract", engine(dies_after=3 if end == "error" else None)))
    next(steps)
    assert standing(review) is not None
    if end == "whole":
        list(steps)
    elif end == "closed":
        steps.close()  # type: ignore[attr-defined]
    else:
        with pytest.raises(Exception, match="model process ended"):
            list(steps)
    assert standing(review) is None


@pytest.mark.parametrize(("silent", "held"), [(lease.SILENT_SECONDS - 600, True), (lease.SILENT_SECONDS + 600, False)])
def test_a_job_on_another_computer_counts_as_gone_after_a_stated_time(
    review: Review, silent: float, held: bool
) -> None:
    put(
        review, holder=replace(this_process(), host="elsewhere"), heard=ago(seconds=silent), since=ago(days=1), file="x"
    )
    if not held:
        assert list(work(review, "abstract", engine()))
        return
    with pytest.raises(StageTaken) as told:
        list(work(review, "abstract", engine()))
    until = datetime.now().astimezone() + timedelta(seconds=lease.SILENT_SECONDS - silent)
    assert "on the computer elsewhere" in str(told.value)
    assert any(f"{until + timedelta(minutes=late):%H:%M}" in str(told.value) for late in (-1, 0, 1))


def test_a_number_that_another_process_has_by_now_holds_nothing(review: Review, path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as later:
        try:
            mark = replace(this_process(), number=later.pid, started=psutil.Process(later.pid).create_time())
            put(review, holder=mark)
            with pytest.raises(StageTaken):
                list(work(review, "abstract", engine()))
            put(review, holder=replace(mark, started=mark.started - 3600))
            assert list(work(review, "abstract", engine()))
        finally:
            later.kill()


def test_a_copy_of_the_file_is_free(review: Review, path: Path, tmp_path: Path) -> None:
    with at_work(path, "abstract"):
        review.back_up(tmp_path / "copy.leads")
        with Review.open(tmp_path / "copy.leads") as copy:
            assert standing(copy) is not None
            assert list(work(copy, "abstract", engine()))


def test_one_file_is_one_review_however_its_name_is_typed(review: Review, path: Path, tmp_path: Path) -> None:
    """A disk that takes Knee.leads and knee.leads for one, which is acted here by two names for one file."""
    (other := path.with_name(path.name.upper())).hardlink_to(path)
    (link := tmp_path / "link").symlink_to(path.parent, target_is_directory=True)
    parent = psutil.Process().parent()
    put(review, holder=replace(this_process(), number=parent.pid, started=parent.create_time()))
    for name in (other, link / path.name, link / other.name):
        assert file_identity.identify_place(name) == file_identity.identify_place(path)
        with closing(Review.open(name)) as again, pytest.raises(StageTaken):
            lease.require_free(again.db, "abstract")
    other.unlink()
    shutil.copy(path, other)  # another file of nearly the same name, where the disk tells them apart
    assert file_identity.identify_place(other) != file_identity.identify_place(path)


def test_a_review_whose_file_was_exchanged_is_in_the_same_place(review: Review, path: Path, tmp_path: Path) -> None:
    before = file_identity.identify_place(path)
    review.db.copy_to(tmp_path / "part")
    (tmp_path / "part").replace(path)
    assert file_identity.identify_place(path) == before


def test_what_this_process_could_not_give_up_does_not_stand_in_its_way(review: Review) -> None:
    put(review)
    assert list(work(review, "abstract", engine()))


def test_a_job_says_that_it_is_at_work_and_stops_when_another_has_taken_its_stage(
    review: Review, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "_BEAT_SECONDS", 0.0)
    steps, heard = iter(work(review, "abstract", engine(window=1))), set[str]()
    for _ in range(3):
        next(steps)
        held = standing(review)
        assert held is not None
        heard.add(held.heard)
    assert len(heard) > 1
    with closing(Review.open(path)) as other:
        put_by_other = replace(held, token="another's", what="Reasons", holder=replace(held.holder, host="elsewhere"))
        with other.db.transaction():
            leases.put(other.db, put_by_other)
    with pytest.raises(StageTaken, match="Reasons"):
        list(steps)
    assert standing(review) == put_by_other
    assert review.work().done == 4  # what was answered by then is kept


def test_a_computer_that_wakes_says_at_once_that_it_is_at_work(review: Review, monkeypatch: pytest.MonkeyPatch) -> None:
    """Linux' monotonic clock stands still while it sleeps; other computers' patience does not."""
    wall = [lease.time.time()]
    monkeypatch.setattr(lease, "time", SimpleNamespace(time=lambda: wall[0], monotonic=lambda: 5.0))
    steps = iter(work(review, "abstract", engine(window=1)))
    heard = [standing(review).heard for _ in range(3) if next(steps)]  # type: ignore[union-attr]
    assert len(set(heard)) == 1
    for jump in (3600.0, -90_000.0):  # it slept; it slept and somebody has put the clock right
        wall[0] += jump
        next(steps)
        heard.append(standing(review).heard)  # type: ignore[union-attr]
    assert len(set(heard)) == 3
    assert list(steps)


@pytest.mark.parametrize("still_there", [True, False])
def test_a_job_that_lost_its_stage_in_its_sleep_is_told_why(
    review: Review, monkeypatch: pytest.MonkeyPatch, still_there: bool
) -> None:
    monkeypatch.setattr(lease, "_BEAT_SECONDS", 0.0)
    steps = iter(work(review, "abstract", engine(window=1)))
    next(steps)
    held = standing(review)
    assert held is not None
    by_other = replace(held, token="another's", holder=replace(held.holder, host="elsewhere"))
    with review.db.transaction():
        leases.put(review.db, by_other)
        if not still_there:
            leases.remove(review.db, by_other)
    with pytest.raises(StageTaken) as caught:
        list(steps)
    where = "on the computer elsewhere" if still_there else "has ended since"
    assert where in caught.value.message and f"process {held.holder.number} on this computer" not in str(caught.value)
    assert "nothing was heard of it for 2 hours, as when a computer sleeps" in caught.value.message
    assert review.work().done == 2 and ("Wait" if still_there else "Start it again") in caught.value.hint


def test_reasons_are_not_given_while_the_stage_is_screened(review: Review) -> None:
    from leads_local.jobs import model_jobs

    list(work(review, "abstract", engine()))
    with (
        Review.open(review.path) as other,
        hold_stage(other.db, "abstract", "Screening abstracts"),
        pytest.raises(StageTaken),
    ):
        list(model_jobs.give_reasons(review, engine(), Stage.ABSTRACT, fixture.PACK, [1]))
