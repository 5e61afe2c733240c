"""The benchmarks run on a tiny model, count what they say they count, and name peers that are absent."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from leads_local import offline
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


def test_screen_in_every_way(model: Path) -> None:
    asked = [
        word
        for way in ("--mode full --mode triage", "--layout trained --layout criteria-first")
        for word in way.split()
    ]
    result = run("screen", "--model", model, "--threads", 1, "--records", 2, "--compared", 1, *asked)
    ways, loop = result["ways"], result["peers"][peers.LOOP]
    assert list(ways) == ["full, trained", "triage, trained", "full, criteria-first", "triage, criteria-first"]
    assert loop["requests"] == 1 and "--server" in result["peers"][peers.SERVER]["absent"]
    for name, parts in ways.items():
        for part in parts.values():
            assert part["failed"] == 0 and 0 < part["forced_tokens"] < part["answer_tokens"] < part["prompt_tokens"], (
                name
            )
            assert part["tokens"] + part["shared_tokens"] >= part["prompt_tokens"] and 0 < part["part_of_floor"] < 1, (
                name
            )
            assert (
                list(part["faster_than"]) == [peers.LOOP]
                and part["faster_than"][peers.LOOP] == part["faster_than_the_best_peer"]
            )
            assert part["faster_than_the_best_peer"]["wall"] == pytest.approx(
                loop["wall_s"] / part["wall_s_each"], rel=0.1, abs=0.02
            ), name
    for layout in ("trained", "criteria-first"):
        full, triage = ways[f"full, {layout}"]["all"], ways[f"triage, {layout}"]
        words, reasons, both = triage["words"], triage["reasons"], triage["all"]
        assert (words["prompt_tokens"], words["shared_tokens"]) == (full["prompt_tokens"], full["shared_tokens"])
        assert both["judgements"] == 2 * 4 and reasons["requests"] == round(both["share_that_needs_a_reason"] * 8)
        assert all(
            both[name] == words[name] + reasons[name]
            for name in ("requests", "tokens", "answer_tokens", "shared_tokens")
        )
        assert words["answer_tokens"] < full["answer_tokens"]
    assert ways["full, criteria-first"]["all"]["shared_tokens"] > ways["full, trained"]["all"]["shared_tokens"] > 150


def test_screen_asks_as_trained_unless_told(model: Path) -> None:
    result = run("screen", "--model", model, "--threads", 1, "--records", 1, "--compared", 0)
    assert list(result["ways"]) == ["full, trained"] and result["peers"] == {}
    assert result["ways"]["full, trained"]["all"]["faster_than_the_best_peer"] == {}


def test_extract(model: Path) -> None:
    asked = ("--tokens", 600, "--outcomes", 2, "--measures", 0, "--fields", 2)
    result = run("extract", "--model", model, "--threads", 1, *asked, "--no-compared")
    assert result["requests"] == 4 and result["failed"] == 0 and 550 <= result["paper_tokens"] <= 605
    assert result["tokens"]["shared"] > 2 * 550 and result["one_by_one"]["ours_is_faster_by_cpu"] > 0.5
    for name, answer in result["answers"].items():
        assert answer["equal"] or min(answer["least_margins"]) < 1e-3, name


def test_a_server_is_absent_where_the_guard_is_and_only_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "_run", lambda job: {"ran": job["peer"]})
    monkeypatch.setattr(offline, "guard_in_force", lambda: offline.Guard("seccomp", True))
    found = peers.time_peers("x.gguf", 1, [], Path("llama-server"), [1, 8])
    assert (
        found[peers.LOOP] == {"ran": "loop"}
        and "tests/bench/unguarded.py" in found[peers.SERVER]["absent"]
        and len(found) == 2
    )
    monkeypatch.setattr(offline, "guard_in_force", lambda: offline.Guard("", False))
    assert [
        one
        for name, one in peers.time_peers("x.gguf", 1, [], Path("llama-server"), [1, 8]).items()
        if name != peers.LOOP
    ] == [{"ran": "server"}] * 2


def test_what_is_wrong_is_said_in_a_sentence(leads: Callable[..., Done], tmp_path: Path) -> None:
    done = leads("bench", "screen")
    assert done.code == 3 and "No model is set" in done.err
    done = leads("bench", "screen", "--model", "x.gguf", "--server", str(tmp_path / "no"))
    assert done.code == 2 and "there is no such file" in done.err
