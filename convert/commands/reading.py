"""The options of the commands that let a model read texts, which are the same in each."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..terminal import called_by_leads_local


def add_options(parser: argparse.ArgumentParser, tokens: int) -> None:
    """Which texts, and how much of the machine; ``tokens`` is how many are read where nothing is said."""
    review = ", or a review (REVIEW.leads)" if called_by_leads_local() else ""
    parser.add_argument(
        "--from",
        dest="source",
        metavar="REVIEW|TEXTS" if review else "TEXTS",
        required=True,
        help=f"texts to read: a .txt, .md or .jsonl file, a folder of such, - for JSON lines on stdin{review}",
    )
    parser.add_argument(
        "--tokens", metavar="N", type=count, default=tokens, help=f"tokens to read at most (default: {tokens})"
    )
    parser.add_argument("--threads", metavar="N", type=count, default=0, help="threads (default: all processors)")
    parser.add_argument(
        "--gpu-layers", metavar="N", type=count, default=0, help="layers to put on the GPU (default: none)"
    )


def texts_of(options: argparse.Namespace) -> Path | None:
    """Where the texts are; None for stdin."""
    return None if options.source == "-" else Path(options.source)


def limits_of(options: argparse.Namespace) -> dict[str, int]:
    return {"tokens": options.tokens, "threads": options.threads, "gpu_layers": options.gpu_layers}


def count(text: str) -> int:
    """A number from 0 to 999,999,999."""
    if not text.isdecimal() or len(text) > 9:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number")
    return int(text)
