"""The engine by itself: rates by size of step, time outside the model at 16 sequences, and memory against the plan.

``llama-batched-bench`` of llama.cpp, where it is given, says what its own loop makes of many sequences that decode side
by side.
"""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

from leads_local.bench import workload
from leads_local.config import Settings
from leads_local.engine import header, host, memory_plan
from leads_local.engine.host import ChildEngine
from leads_local.engine.types import Request

SIZES = (1, 2, 4, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256)
SEQUENCES = 16
CONTEXTS = (1024, 2048, 4096, 8192, 16384)


def measure_engine(settings: Settings, batched_bench: Path | None = None) -> dict[str, Any]:
    """The figures as one JSON object."""
    with host.open_engine(replace(settings, sequences=SEQUENCES)) as opened:
        result = workload.describe_run(opened.model, settings.threads)
        rates = opened.figures(SIZES)
        requests = workload.screening_requests(workload.take_citations(None, SEQUENCES))
        with workload.time_process(opened.pid) as spent:
            replies = list(opened.run(requests))
        counts = opened.figures()["counts"]
    result |= {
        "prompt_rates": rates["rates"],
        "prompt_rates_while_busy": rates["busy_rates"],
        "decode_curve": {rows: round(int(rows) / seconds, 1) for rows, seconds in rates["curve"].items()},
        "screening": {
            "sequences": SEQUENCES,
            "failed": sum(not reply.ok for reply in replies),
            **spent,
            "outside_model": round(1 - counts["seconds"] / spent["wall_s"], 4),
            **counts,
        },
        "memory": [
            measure_memory(settings, context, sequences) for context in CONTEXTS for sequences in (2, SEQUENCES)
        ],
    }
    name = "llama-batched-bench"
    given = (
        run_batched_bench(batched_bench, settings.model, result["threads"])
        if batched_bench
        else {"absent": "its file was not given"}
    )
    return result | {"peers": {name: given}}


def measure_memory(settings: Settings, context: int, sequences: int) -> dict[str, Any]:
    """Peak of the child's memory in MiB against the plan's, after short requests and as many long ones as the cache has
    room for."""
    asked = replace(settings, context=context, sequences=sequences)
    said = memory_plan.make_plan(header.read(Path(settings.model)), asked, memory_plan.read_machine())
    with host.open_engine(asked) as opened:
        list(opened.run(Request(str(i), f"{i} word " * 150, None, 8) for i in range(sequences)))
        long = range(max(1, said.cells // context))  # none begins as another does, or they would share cells
        list(opened.run(Request(f"long {i}", f"{i} " + "word " * (context - 50), None, 8) for i in long))
        peak = _peak_memory(opened)
    megabytes = said.memory.total / 2**20
    row = {
        "context": context,
        "sequences": sequences,
        "cells": said.cells,
        "streams": said.streams,
        "plan_mib": round(megabytes),
    }
    return {**row, "peak_mib": round(peak), "plan_over_peak": round(megabytes / peak, 3)} if peak else row


def _peak_memory(opened: ChildEngine) -> float:
    """MiB, 0 where the system does not tell."""
    status = Path(f"/proc/{opened.pid}/status")
    found = re.search(r"VmHWM:\s+(\d+)", status.read_text()) if status.exists() else None
    return int(found[1]) / 1024 if found else 0.0


def run_batched_bench(program: Path, model: str, threads: int) -> dict[str, Any]:
    """Tokens a second by number of sequences: prompts of 512 tokens, then 32 tokens each."""
    count = ["-npp", "512", "-ntg", "32", "-npl", "1,4,8,16", "-c", str(16 * 544 + 256), "--output-format", "jsonl"]
    done = subprocess.run([str(program), "-m", model, "-t", str(threads), *count], capture_output=True, text=True)
    rows = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    if not rows:
        return {"absent": f"it gave no figures (code {done.returncode})"}
    return {
        str(row["pl"]): {"prompt_tokens_s": round(row["speed_pp"], 1), "decode_tokens_s": round(row["speed_tg"], 1)}
        for row in rows
    }
