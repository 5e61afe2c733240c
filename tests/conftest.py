"""Fixtures for the whole suite."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from functools import partial
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from leads_local import awake_clock, offline
from tests.sleepy import SleepyClock

# How long an example takes depends on what else the machine does, so no test fails for it. The examples are the same in
# every run, so that a failure is of what was changed; CONTRIBUTING.md says how to search for others.
settings.register_profile(
    "any speed",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize="LEADS_LOCAL_SEARCH" not in os.environ,
)
settings.load_profile("any speed")

pytest_plugins = ("tests.left_open",)

TESTS = Path(__file__).resolve().parent

# What starts models, programs or the terminal UI, or writes thousands of texts: not in the quick run. A test in another
# file that takes more than a second of a computer at rest is marked "slow" by itself.
SLOW_PLACES = (
    *("convert", "demo", "jobs", "models", "network", "torture", "tui", "cli/test_bench.py", "ranking"),
    *("citations/test_hostile.py", "cli/test_convert.py", "cli/test_quantizing.py", "cli/test_sleep.py"),
    *("documents/test_pool.py", "documents/test_worker.py", "test_awake_clock.py", "test_keep_awake.py"),
    *("documents/test_layout.py", "documents/test_reading_whole.py", "cli/test_encodings.py", "review/test_states.py"),
    *("documents/test_reader.py", "engine/test_constraint.py", "engine/test_host.py", "engine/test_llama.py"),
    *("engine/test_rendering.py", "engine/test_text_tokens.py", "engine/test_triage.py", "export/test_placing.py"),
    *("export/test_tables.py", "cli/test_on_windows.py", "engine/test_on_windows.py"),
    *("review/test_backups.py", "review/test_opening.py", "review/test_replaced.py", "review/test_schema.py"),
    *("tasks/test_schemas.py", "tasks/test_style_probe.py", "test_api.py", "test_bootstrap.py", "test_children.py"),
    *("test_closing.py", "test_dependencies.py", "test_ending.py", "test_left_open.py", "test_lifeline.py"),
    *("test_offline.py", "test_private.py", "test_real_model.py", "test_spreadsheet_cells.py", "test_toml_text.py"),
)
LONGEST = ("test_real_model.py", "network/test_journey.py")
"""Files of a minute and more."""


def pytest_configure() -> None:
    """Who decides in the tests, in programs that they start, too: whoever runs them may be root, who may not."""
    os.environ["LEADS_LOCAL_REVIEWER"] = "Tess Tester"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what lies in one of the slow places, and have that run first: a file that takes a minute and is begun last
    keeps one core at work while the others have none."""
    if missing := [name for name in SLOW_PLACES if not (TESTS / name).exists()]:
        raise pytest.UsageError(f"tests/conftest.py names as slow what is not there: {missing}")
    for item in items:
        if any(item.path.is_relative_to(TESTS / name) for name in SLOW_PLACES):
            item.add_marker(pytest.mark.slow)
    items.sort(key=lambda item: [item.path != TESTS / name for name in LONGEST] + [not item.get_closest_marker("slow")])


@pytest.fixture(scope="session")
def new_homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Names of new homes. They lie in a folder of their own and are counted here: ``mktemp`` looks at all that is there
    for each new name, which took half a minute for the thousands of tests that there are."""
    homes = tmp_path_factory.mktemp("homes")
    return (homes / str(number) for number in count())


@pytest.fixture(autouse=True)
def home(new_homes: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home for settings, models and caches, so that no test sees or changes the developer's own."""
    folder = next(new_homes)
    folder.mkdir(mode=0o700)
    monkeypatch.setenv("LEADS_LOCAL_HOME", str(folder))
    monkeypatch.delenv("LEADS_LOCAL_MODEL", raising=False)
    return folder


@pytest.fixture
def homeless(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An account without a home folder, as a container gives one."""
    pwd = pytest.importorskip("pwd", reason="accounts are known otherwise on Windows")

    def unknown(uid: int) -> None:
        raise KeyError(uid)

    monkeypatch.setattr(pwd, "getpwuid", unknown)
    for name in ("LEADS_LOCAL_HOME", "HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def unguarded(monkeypatch: pytest.MonkeyPatch) -> None:
    """No guard against the network in the tests' own process: it could not be taken down again. Processes that it
    starts put up theirs."""
    monkeypatch.setattr(offline, "enforce", lambda: None)


@pytest.fixture
def computer(monkeypatch: pytest.MonkeyPatch) -> SleepyClock:
    """This computer, which a test may send to sleep."""
    clock = SleepyClock()
    clock.install(monkeypatch)
    monkeypatch.setattr(awake_clock, "_clock", awake_clock.AwakeClock(clock))
    return clock


@pytest.fixture(scope="session")
def shared() -> Path:
    """The developers' data folder beside the checkout. Not part of the project: without it the test is skipped."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("needs the developers' shared data folder, which is not beside this checkout")
    return folder


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Code of ours is on Windows for the length of the test: see ``tests/simulated_windows``."""
    if sys.platform != "linux":
        pytest.skip("Windows is acted with what Linux tells of open files and locks")
    from tests.simulated_windows import modules, simulate

    before = set(sys.modules)
    simulate(partial(monkeypatch.setattr, raising=False))
    yield
    modules.forget_since(before)
