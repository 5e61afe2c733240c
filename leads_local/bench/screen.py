"""Screening of abstracts in each way that is asked for: seconds a record and records an hour, beside peers and the
floor.

All ways screen the same records by the same model, loaded once, each with an empty cache at its start. The peers always
do the full work in the trained layout, as upstream would. In triage the reasons follow the words, for judgements that
the model itself is unsure of; their share depends on the model (a random one is nearly always unsure), so words alone
and all together are told apart.

The floor is what all tokens that must be processed (prompts without what they share, and answers) would take at the raw
prompt rate measured before and after in the same process.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from leads_local.bench import peers, workload
from leads_local.config import Settings
from leads_local.engine import host
from leads_local.engine.host import ChildEngine
from leads_local.engine.types import Reply, Request
from leads_local.errors import ReplyError
from leads_local.judgements import Judgement
from leads_local.records import AS_TRAINED, Citation, ScreeningMethod, ScreeningMode
from leads_local.tasks import screening

SIZES = (64, 128, 192, 256, 512)
_RATES = ("rates", "busy_rates")
_COUNTS = ("steps", "tokens", "drafted", "right", "seconds")

Figures = dict[str, Any]


def measure_screening(
    settings: Settings,
    file: Path | None,
    records: int,
    compared: int,
    server: Path | None = None,
    slots: Sequence[int] = (1,),
    ways: Sequence[ScreeningMethod] = (AS_TRAINED,),
) -> Figures:
    """The figures as one JSON object; the peers get the first ``compared`` records, none for 0."""
    found = workload.take_citations(file, records)
    with host.open_engine(settings) as engine:
        result = workload.describe_run(engine.model, settings.threads)
        before = engine.figures(SIZES)
        measured = {str(way): _measure_one_method(engine, found, way) for way in ways}
        after = engine.figures(SIZES)
    rates, busy = ({size: max(rate, before[name][size]) for size, rate in after[name].items()} for name in _RATES)
    peers_work = workload.screening_requests(found[:compared])
    others = peers.time_peers(settings.model, result["threads"], peers_work, server, slots) if compared else {}
    for parts in measured.values():
        for part in filter(None, parts.values()):
            part |= _compare_with_floor(part, max(rates.values()), max(busy.values()) / result["threads"])
            part |= peers.compare_with_peers(part, others, records)
    return result | {
        "records": records,
        "prompt_rates": rates,
        "prompt_rates_while_busy": busy,
        "decode_curve": {rows: round(int(rows) / seconds, 1) for rows, seconds in after["curve"].items()},
        "ways": measured,
        "peers": others,
    }


def _measure_one_method(engine: ChildEngine, found: Sequence[Citation], way: ScreeningMethod) -> dict[str, Figures]:
    """``all`` of the work; in triage also its two parts, ``words`` and ``reasons``."""
    engine.figures((1,))  # empties the cache
    replies, words = _run_timed(engine, workload.screening_requests(found, way), len(found))
    if way.mode is ScreeningMode.FULL:
        return {"all": words}
    judged = _parse_judgements(replies)
    wanted = workload.reason_requests(found, judged, way)
    reasons = _run_timed(engine, wanted, len(found))[1] if wanted else {}
    judgements = sum(map(len, judged.values()))
    share = {
        "judgements": judgements,
        "share_that_needs_a_reason": round(len(wanted) / judgements, 3) if judgements else None,
    }
    return {"words": words, "reasons": reasons, "all": {**_add_figures(words, reasons, len(found)), **share}}


def _parse_judgements(replies: Sequence[Reply]) -> dict[int, tuple[Judgement, ...]]:
    """The judgements by the record's number. An answer that can't be read has none."""
    found = {}
    for reply in replies:
        if reply.ok:
            try:
                found[int(reply.id)] = screening.parse(reply, workload.CRITERIA)
            except ReplyError:
                continue
    return found


def _run_timed(engine: ChildEngine, requests: Sequence[Request], records: int) -> tuple[list[Reply], Figures]:
    before = engine.figures()["counts"]
    with workload.time_process(engine.pid) as spent:
        replies = list(engine.run(requests))
    after = engine.figures()["counts"]
    figures: Figures = {
        "requests": len(requests),
        "failed": sum(not reply.ok for reply in replies),
        "prompt_tokens": sum(reply.prompt_tokens for reply in replies),
        "shared_tokens": sum(reply.shared_tokens for reply in replies),
        "answer_tokens": sum(reply.output_tokens for reply in replies),
        "forced_tokens": sum(reply.forced_tokens for reply in replies),
        **spent,
        **{name: round(after[name] - before[name], 3) for name in _COUNTS},
    }
    return replies, figures | _figures_per_record(figures, records)


def _add_figures(words: Mapping[str, Any], reasons: Mapping[str, Any], records: int) -> Figures:
    """The sums of two parts of the work on the same records."""
    figures = {name: round(value + reasons.get(name, 0), 3) for name, value in words.items()}
    return figures | _figures_per_record(figures, records)


def _figures_per_record(figures: Mapping[str, float], records: int) -> Figures:
    return {
        "wall_s_each": round(figures["wall_s"] / records, 3),
        "cpu_s_each": round(figures["cpu_s"] / records, 3),
        "records_per_hour": round(3600 * records / figures["wall_s"]),
        "outside_model": round(1 - figures["seconds"] / figures["wall_s"], 4),
    }


def _compare_with_floor(figures: Mapping[str, float], rate: float, busy_rate: float) -> Figures:
    """The part of the time that its own tokens need at the raw rates, tokens a second by the clock and of all threads'
    processor time."""
    must = figures["prompt_tokens"] - figures["shared_tokens"] + figures["answer_tokens"]
    floor, busy_floor = must / rate, must / busy_rate
    return {
        "floor_s": round(floor, 2),
        "floor_cpu_s": round(busy_floor, 2),
        "part_of_floor": round(floor / figures["wall_s"], 3),
        "part_of_floor_by_cpu": round(busy_floor / figures["cpu_s"], 3),
    }
