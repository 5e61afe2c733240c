"""``python -m convert plan SRC``: what each type would need, before anything is written."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from ..terminal import called_by_leads_local, say, say_json, size_in_words


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", metavar="SRC_DIR", type=Path, help="folder of the checkpoint")
    parser.add_argument(
        "--context",
        metavar="TOKENS",
        type=_tokens,
        default=8192,
        help="longest prompt and answer together (default: 8192)",
    )
    usual = "the folder of models" if called_by_leads_local() else "beside SRC_DIR"
    parser.add_argument(
        "--out", metavar="FOLDER", type=Path, default=None, help=f"where the file would go (default: {usual})"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")


def _tokens(text: str) -> int:
    if not text.isdecimal() or len(text) > 7 or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of tokens")
    return int(text)


def run(options: argparse.Namespace) -> int:
    from ..forecast import best_fitting_type, forecast

    found = forecast(options.source, options.context, options.out)
    chosen, reason = best_fitting_type(found)
    if options.json:
        rows = [asdict(row) for row in found.rows]
        say_json({"context": found.context, "memory": found.memory, "disk": found.disk, "auto": chosen, "types": rows})
        return 0
    say(f"{'type':8} {'file':>9} {'memory':>9} {'time':>8}")
    for row in found.rows:
        mark = "*" if row.name == chosen else " "
        needs = " (needs an importance matrix)" if row.needs_importance else ""
        say(
            f"{row.name:8} {size_in_words(row.size):>9} {size_in_words(row.memory):>9} {_time(row.seconds):>8} {mark} "
            f"{row.about}{needs}"
        )
    say(f"* is what --quant auto takes. {reason}", aside=True)
    say(
        f"Memory is for {found.context} tokens; this machine has {size_in_words(found.memory)}, "
        f"{size_in_words(found.disk)} "
        "of disk are free.",
        aside=True,
    )
    return 0


def _time(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
