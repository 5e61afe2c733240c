"""``python -m convert imatrix MODEL.gguf --from TEXTS``: which columns of the weights matter for the user's own
work."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..interrupts import stop_if_requested
from ..terminal import say


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL.gguf", type=Path, help="the model, converted as F16, BF16 or Q8_0")
    parser.add_argument(
        "--from",
        dest="source",
        metavar="TEXTS",
        required=True,
        help="a .txt, .md or .jsonl file, a folder of such, or - for JSON lines on stdin",
    )
    parser.add_argument(
        "--out", metavar="FILE", type=Path, default=None, help="file to write (default: MODEL.imatrix.gguf)"
    )
    parser.add_argument(
        "--tokens", metavar="N", type=_count, default=200_000, help="tokens to read at most (default: 200000)"
    )
    parser.add_argument("--threads", metavar="N", type=_count, default=0, help="threads (default: all processors)")
    parser.add_argument(
        "--gpu-layers", metavar="N", type=_count, default=0, help="layers to put on the graphics card (default: none)"
    )


def _count(text: str) -> int:
    if not text.isdecimal() or len(text) > 9:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number")
    return int(text)


def run(options: argparse.Namespace) -> int:
    from ..imatrix_maker import make_imatrix
    from ..progress import token_bar
    from ..texts import read_texts

    out = options.out or options.model.with_suffix(".imatrix.gguf")
    texts = read_texts(None if options.source == "-" else Path(options.source))
    with token_bar() as show:

        def report(done: int, total: int) -> None:
            stop_if_requested()
            show(done, total)

        limits = {"tokens": options.tokens, "threads": options.threads, "gpu_layers": options.gpu_layers}
        seen = make_imatrix(options.model, texts, out, report, **limits)
    say("The file holds sums, no text.", aside=True)
    say(f"{out}  {seen} tokens")
    return 0
