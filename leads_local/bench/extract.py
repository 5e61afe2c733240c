"""One long paper and all that is asked about it: beside the same requests one after the other, with nothing shared.

The loop is asked twice: as a script over the tasks does it (a peer), and through this engine itself with an empty cache
for each request, so that the answers can be compared. Sums of floating-point numbers depend on how rows are batched, so
two tokens whose logits are nearly equal may change places; from there on two answers differ. ``least_margin`` of an
answer tells how near the nearest two were.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from leads_local.bench import peers, workload
from leads_local.bench.workload import extraction_requests
from leads_local.config import Settings
from leads_local.engine import host
from leads_local.engine.types import Reply

_CHARACTERS_PER_TOKEN = 5  # of a paper for each token, more than there are


def measure_extraction(
    settings: Settings, file: Path | None, tokens: int, asked: tuple[int, int, int], alone: bool, compared: bool
) -> dict[str, Any]:
    """The figures as one JSON object. ``asked`` are outcomes, measures and fields; ``alone`` and ``compared``: which
    loops run."""
    with host.open_engine(replace(settings, paper_cache=0)) as engine:
        result = workload.describe_run(engine.model, settings.threads)
        text = workload.take_paper_text(file, tokens * _CHARACTERS_PER_TOKEN)
        for _ in range(4):
            text = text[: len(text) * tokens // max(engine.count_tokens([text])[0], tokens)]
        requests = extraction_requests(text, *asked)
        with workload.time_process(engine.pid) as spent:
            ours = {reply.id: reply for reply in engine.run(requests)}
        counts = engine.figures()["counts"]
        result |= {
            "paper_tokens": engine.count_tokens([text])[0],
            "requests": len(requests),
            "failed": sum(not reply.ok for reply in ours.values()),
            "tokens": {
                "prompts": sum(reply.prompt_tokens for reply in ours.values()),
                "shared": sum(reply.shared_tokens for reply in ours.values()),
                "answers": sum(reply.output_tokens for reply in ours.values()),
                "forced": sum(reply.forced_tokens for reply in ours.values()),
            },
            "ours": {**spent, **counts},
        }
        singles: dict[str, Reply] = {}
        slow = {"wall_s": 0.0, "cpu_s": 0.0}
        for request in requests if alone else ():
            engine.figures((1,))  # empties the cache
            with workload.time_process(engine.pid) as one:
                singles |= {reply.id: reply for reply in engine.run([request])}
            slow = {kind: round(slow[kind] + one[kind], 3) for kind in slow}
    if alone:
        faster = {f"ours_is_faster_by_{kind[:-2]}": round(slow[kind] / spent[kind], 2) for kind in slow}
        result["one_by_one"] = {**slow, **faster}
        result["answers"] = {name: _compare_answers(ours[name], singles[name]) for name in ours}
        result["answers_equal"] = sum(ours[name].text == singles[name].text for name in ours)
    threads = result["threads"]
    others = peers.time_peers(settings.model, threads, requests, None, (), shared=False) if compared else {}
    return result | {"peers": others, **peers.compare_with_peers(result["ours"], others, len(requests))}


def _compare_answers(one: Reply, other: Reply) -> dict[str, Any]:
    """Whether two answers are equal, else how many characters they begin with alike; and the least margins."""
    alike = next(
        (at for at, (a, b) in enumerate(zip(one.text, other.text, strict=False)) if a != b),
        min(len(one.text), len(other.text)),
    )
    told: dict[str, Any] = {"equal": one.text == other.text, "least_margins": [one.margin, other.margin]}
    return told if one.text == other.text else {**told, "alike": alike, "of": len(other.text)}
