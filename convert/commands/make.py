"""``python -m convert SRC --quant TYPE [--out FILE]``: one conversion."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..errors import ConvertError
from ..terminal import called_by_leads_local, say, size_in_words


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "source", metavar="SRC_DIR", type=Path, help="folder with config.json, safetensors files and the tokenizer"
    )
    parser.add_argument(
        "--quant",
        metavar="TYPE",
        default=None,
        help="type to make, such as Q4_K_M, or auto for the best that fits this machine",
    )
    usual = "in the folder of models" if called_by_leads_local() else "beside SRC_DIR"
    parser.add_argument(
        "--out", metavar="FILE", type=Path, default=None, help=f"file to write (default: NAME-TYPE.gguf {usual})"
    )
    parser.add_argument(
        "--threads", metavar="N", type=_count, default=None, help="threads to quantize with (default: all processors)"
    )
    parser.add_argument(
        "--imatrix",
        metavar="FILE",
        type=Path,
        default=None,
        help="importance matrix (GGUF), which the smallest types need",
    )
    parser.add_argument(
        "--lora", metavar="FOLDER", type=Path, default=None, help="LoRA adapter (PEFT) to merge into the weights"
    )
    parser.add_argument(
        "--fresh", action="store_true", help="begin anew (default: go on from where the same command was stopped)"
    )
    parser.add_argument("--quiet", action="store_true", help="no progress bar")
    parser.add_argument("--types", action=_Types, nargs=0, help="list the types that can be made, and exit")


class _Types(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from ..recipes import RECIPES

        for recipe in RECIPES.values():
            needs = " (needs an importance matrix)" if recipe.needs_importance else ""
            say(f"{recipe.name:8} {recipe.about}{needs}")
        parser.exit()


def _count(text: str) -> int:
    if not text.isdecimal() or len(text) > 4 or not 0 < int(text) <= 1024:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of threads")
    return int(text)


def run(options: argparse.Namespace) -> int:
    if options.quant is None:
        raise ConvertError("No type was given.", "Give one with --quant, such as --quant Q4_K_M; --types lists all.")
    from ..pipeline import convert
    from ..progress import conversion_bar

    quant = options.quant
    if quant.lower() == "auto":
        from ..forecast import choose_type

        quant, reason = choose_type(options.source, options.out, options.lora, fresh=options.fresh)
        say(f"Chosen: {quant}. {reason}", aside=True)
    with conversion_bar(quiet=options.quiet) as report:
        more = {"threads": options.threads, "imatrix": options.imatrix, "lora": options.lora, "fresh": options.fresh}
        made = convert(options.source, quant, options.out, report, **more)
    for notice in (*made.notices, made.entry.notice):
        if notice:
            say(f"Note: {notice}", aside=True)
    say(f"{made.path}  {made.entry.quantization}  {size_in_words(made.entry.size)}  sha256 {made.entry.sha256}")
    return 0
