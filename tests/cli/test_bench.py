"""The benchmarks run on a tiny model, count what they say they count, and name peers that are absent."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from leads_local.bench import peers
from leads_local.cli.bench import bench

from .conftest import Done


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from convert import convert
    from tests.checkpoints import make_checkpoint

    folder = tmp_path_factory.mktemp("bench")
    source = make_checkpoint(folder / "source", hidden=32, layers=1, heads=2, kv_heads=1, ffn=64, scale=0.3)
    convert(source, "F32", folder / "tiny.gguf")
    return folder / "tiny.gguf"


def run(*arguments: object) -> dict:
    done = CliRunner().invoke(bench, [str(argument) for argument in arguments])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_screen(model: Path) -> None:
    result = run("screen", "--model", model, "--threads", 1, "--records", 3, "--compared", 1)
    assert result["failed"] == 0 and result["ours"]["records_per_hour"] > 0 and 0 < result["part_of_floor"] < 1
    tokens = result["tokens"]
    assert tokens["shared"] > 300 and 0 < tokens["forced"] < tokens["answers"] < tokens["prompts"]
    assert result["peers"][peers.LOOP]["requests"] == 1 and "--server" in result["peers"][peers.SERVER]["absent"]
    assert result["faster_than_the_best_peer_by_wall"] == result["peers"][peers.LOOP]["ours_is_faster_by_wall"]


def test_extract(model: Path) -> None:
    asked = ("--tokens", 600, "--outcomes", 2, "--measures", 0, "--fields", 2)
    result = run("extract", "--model", model, "--threads", 1, *asked, "--no-compared")
    assert result["requests"] == 4 and result["failed"] == 0 and 550 <= result["paper_tokens"] <= 605
    assert result["tokens"]["shared"] > 2 * 550 and result["one_by_one"]["ours_is_faster_by_cpu"] > 0.5
    for name, answer in result["answers"].items():
        assert answer["equal"] or min(answer["least_margins"]) < 1e-3, name


def test_what_is_wrong_is_said_in_a_sentence(leads: Callable[..., Done], tmp_path: Path) -> None:
    done = leads("bench", "screen")
    assert done.code == 3 and "No model is set" in done.err
    done = leads("bench", "screen", "--model", "x.gguf", "--server", str(tmp_path / "no"))
    assert done.code == 2 and "there is no such file" in done.err
