"""The command line run in this process, with a review to work on and an engine that needs no model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from leads_local.cli.__main__ import main
from tests.fake_engine import FakeEngine

RIS = """TY  - JOUR
TI  - Walking for knees
AU  - Ito, Mai
PY  - 2019
AB  - We randomised 84 adults to walking or usual care.
DO  - 10.5555/walk.1
ER  -

TY  - JOUR
TI  - Walking for knees
AU  - Ito, M.
PY  - 2019
DO  - 10.5555/walk.1
ER  -

TY  - JOUR
TI  - Diet for hips
AB  - Twelve rats ate less.
ER  -
"""


@dataclass(frozen=True, slots=True)
class Done:
    code: int
    out: str
    err: str


@pytest.fixture
def leads(capsys: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    """Run ``leads-local`` with these arguments."""

    def run(*arguments: object) -> Done:
        capsys.readouterr()
        code = main([str(a) for a in arguments])
        captured = capsys.readouterr()
        assert "Traceback" not in captured.out + captured.err
        return Done(code, captured.out, captured.err)

    return run


@pytest.fixture
def citations(tmp_path: Path) -> Path:
    file = tmp_path / "some.ris"
    file.write_text(RIS, encoding="utf-8")
    return file


@pytest.fixture
def review(tmp_path: Path, citations: Path, leads: Callable[..., Done]) -> Path:
    """A review with three records, two of them duplicates."""
    file = tmp_path / "knees.leads"
    assert (
        leads("init", file, "--population", "adults with painful knees", "--criterion", "Design=randomised trial").code
        == 0
    )
    assert leads("import", file, citations).code == 0
    return file


@pytest.fixture
def fake_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every command that opens a model gets one that answers any schema."""
    monkeypatch.setattr("leads_local.engine.host.open_engine", lambda settings, progress=None, **_: FakeEngine())
