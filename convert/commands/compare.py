"""``python -m convert compare A.gguf B.gguf --prompts TEXTS``: what quantizing cost, measured on the user's own texts."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from ..interrupts import check


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("reference", metavar="A.gguf", type=Path, help="the file to compare with: F16, BF16 or Q8_0")
    parser.add_argument("file", metavar="B.gguf", type=Path, help="the smaller file")
    parser.add_argument(
        "--prompts", metavar="TEXTS", required=True, help="a .txt, .md or .jsonl file, a folder of such, or - for JSON lines on stdin"
    )
    parser.add_argument("--tokens", metavar="N", type=_count, default=2048, help="tokens to read at most (default: 2048)")
    parser.add_argument("--threads", metavar="N", type=_count, default=0, help="threads (default: all processors)")
    parser.add_argument("--gpu-layers", metavar="N", type=_count, default=0, help="layers to put on the graphics card (default: none)")
    parser.add_argument("--json", action="store_true", help="print JSON")


def _count(text: str) -> int:
    if not text.isdecimal() or len(text) > 9:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number")
    return int(text)


def run(options: argparse.Namespace) -> int:
    from ..compare import compare, remember
    from ..progress import token_bar
    from ..texts import read_texts

    texts = list(read_texts(None if options.prompts == "-" else Path(options.prompts)))
    with token_bar() as show:

        def report(done: int, total: int) -> None:
            check()
            show(done, total)

        limits = {"tokens": options.tokens, "threads": options.threads, "gpu_layers": options.gpu_layers}
        found = compare(options.reference, options.file, texts, report, **limits)
    if remember(options.reference, options.file, found):
        print(f"The result is in the manifest entry of {options.file.name}.", file=sys.stderr)
    if options.json:
        print(json.dumps(asdict(found) | {"perplexity_ratio": found.perplexity_ratio}, indent=2))
        return 0
    print(f"tokens compared      {found.tokens}")
    print(f"same next token      {found.same_first:.2%}")
    print(
        f"divergence           mean {found.divergence_mean:.5f}, median {found.divergence_median:.5f}, 99 % below {found.divergence_99:.5f}"
    )
    print(f"perplexity           {found.perplexity:.3f} against {found.perplexity_reference:.3f} (ratio {found.perplexity_ratio:.4f})")
    return 0
