"""Screening of abstracts in the trained layout with full rationales: records an hour, beside peers and the floor.

The floor is what all tokens that must be processed (prompts without what they share, and answers) would take at the raw prompt rate
measured before and after in the same process.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from leads_local.bench import peers, work
from leads_local.config import Settings
from leads_local.engine.host import open_engine

SIZES = (64, 128, 192, 256, 512)


def screen(
    settings: Settings, file: Path | None, records: int, compared: int, server: Path | None = None, slots: Sequence[int] = (1,)
) -> dict[str, Any]:
    """The figures as one JSON object; the peers get the first ``compared`` records, none for 0."""
    requests = work.screening_requests(work.citations(file, records))
    with open_engine(settings) as engine:
        result = work.about(engine.model, settings.threads)
        before = engine.figures(SIZES)
        with work.timed(engine.pid) as spent:
            replies = list(engine.run(requests))
        figures = engine.figures()
        after = engine.figures(SIZES)
    must = sum(reply.prompt_tokens - reply.shared_tokens + reply.output_tokens for reply in replies)
    rates, busy = ({size: max(rate, before[name][size]) for size, rate in after[name].items()} for name in ("rates", "busy_rates"))
    wall, counts, floor = spent["wall_s"], figures["counts"], must / max(rates.values())
    busy_floor = result["threads"] * must / max(busy.values())
    result |= {
        "records": records,
        "failed": sum(not reply.ok for reply in replies),
        "tokens": {
            "prompts": sum(reply.prompt_tokens for reply in replies),
            "shared": sum(reply.shared_tokens for reply in replies),
            "answers": sum(reply.output_tokens for reply in replies),
            "forced": sum(reply.forced_tokens for reply in replies),
        },
        "prompt_rates": rates,
        "prompt_rates_while_busy": busy,
        "decode_curve": {rows: round(int(rows) / seconds, 1) for rows, seconds in figures["curve"].items()},
        "ours": {
            **spent,
            "records_per_hour": round(3600 * records / wall),
            "outside_model": round(1 - counts["seconds"] / wall, 4),
            **{name: counts[name] for name in ("steps", "tokens", "drafted", "right", "cells")},
        },
        "floor_s": round(floor, 2),
        "floor_cpu_s": round(busy_floor, 2),
        "part_of_floor": round(floor / wall, 3),
        "part_of_floor_by_cpu": round(busy_floor / spent["cpu_s"], 3),
    }
    others = peers.ask(settings.model, result["threads"], requests[:compared], server, slots) if compared else {}
    peers.compare(result, others, records)
    return result
