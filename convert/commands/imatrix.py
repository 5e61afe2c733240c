"""``python -m convert imatrix MODEL.gguf --from TEXTS``: which columns of the weights matter for the user's own
work."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..interrupts import stop_if_requested
from ..terminal import say
from .reading import add_options, limits_of, texts_of


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL.gguf", type=Path, help="the model, converted as F16, BF16 or Q8_0")
    parser.add_argument(
        "--out", metavar="FILE", type=Path, default=None, help="file to write (default: MODEL.imatrix.gguf)"
    )
    add_options(parser, tokens=200_000)


def run(options: argparse.Namespace) -> int:
    from ..imatrix_maker import make_imatrix
    from ..progress import token_bar
    from ..texts import read_texts

    out = options.out or options.model.with_suffix(".imatrix.gguf")
    texts = read_texts(texts_of(options))
    with token_bar() as show:

        def report(done: int, total: int) -> None:
            stop_if_requested()
            show(done, total)

        seen = make_imatrix(options.model, texts, out, report, **limits_of(options))
    say("The file holds sums, no text.", aside=True)
    say(f"{out}  {seen} tokens")
    return 0
