"""The command line: ``python -m convert SRC --quant TYPE [--out FILE]``.

stdout gets one line, the finished file; everything else goes to stderr. Exit codes: 0 done, 2 unusable input or place, 130 interrupted.
Nothing slow is imported before the arguments are known to be good.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from .errors import ConvertError

DESCRIPTION = "Convert a Llama or Mistral checkpoint (safetensors) into one quantized GGUF file that llama.cpp runs."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    options = _parser().parse_args(arguments)
    try:
        return _convert(options)
    except ConvertError as error:
        print(f"Error: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("Stopped. The unfinished file was removed; what was there before is as it was.", file=sys.stderr)
        return 130
    except Exception as error:
        if options.traceback:
            raise
        print(f"Error: this is a fault of the program: {type(error).__name__}: {error}. --traceback shows where.", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m convert", description=DESCRIPTION)
    parser.add_argument("source", metavar="SRC_DIR", type=Path, help="folder with config.json, safetensors files and the tokenizer")
    parser.add_argument("--quant", metavar="TYPE", default=None, help="type to make, such as Q4_K_M or Q8_0; --types lists all")
    parser.add_argument("--out", metavar="FILE", type=Path, default=None, help="file to write (default: NAME-TYPE.gguf beside SRC_DIR)")
    parser.add_argument("--threads", metavar="N", type=_threads, default=None, help="threads to quantize with (default: all processors)")
    parser.add_argument("--imatrix", metavar="FILE", type=Path, default=None, help="importance matrix (GGUF), for the smallest types")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")
    parser.add_argument("--traceback", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--types", action=_Types, nargs=0, help="list the types that can be made, and exit")
    return parser


class _Types(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from .recipes import RECIPES

        for recipe in RECIPES.values():
            needs = " (needs an importance matrix)" if recipe.needs_importance else ""
            print(f"{recipe.name:8} {recipe.about}{needs}")
        parser.exit()


def _threads(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= 1024:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of threads")
    return int(text)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _convert(options: argparse.Namespace) -> int:
    if options.quant is None:
        raise ConvertError("No type was given.", "Give one with --quant, such as --quant Q4_K_M; --types lists all.")
    from .pipeline import convert
    from .progress import bar

    with bar(quiet=options.quiet) as report:
        made = convert(options.source, options.quant, options.out, report, threads=options.threads, imatrix=options.imatrix)
    for notice in (*made.notices, made.entry.notice):
        if notice:
            print(f"Note: {notice}", file=sys.stderr)
    print(f"{made.path}  {made.entry.quantization}  {made.entry.size / 1e9:.2f} GB  sha256 {made.entry.sha256}")
    return 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _interrupt)
    sys.exit(main())
