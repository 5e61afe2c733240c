"""``python -m convert bench --peer LLAMA_CPP``: our conversion beside llama.cpp's two steps, as JSON."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ..errors import ConvertError
from ..terminal import say, say_json


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--peer",
        metavar="FOLDER",
        type=Path,
        required=True,
        help="llama.cpp's source folder, with convert_hf_to_gguf.py",
    )
    parser.add_argument(
        "--peer-python",
        metavar="FILE",
        type=Path,
        default=Path(sys.executable),
        help="a Python with torch and transformers (default: this)",
    )
    parser.add_argument(
        "--layers", metavar="N", type=_count, default=2, help="layers of the random 7B-shaped checkpoint (default: 2)"
    )
    parser.add_argument(
        "--source", metavar="SRC_DIR", type=Path, default=None, help="a checkpoint to convert instead of a random one"
    )
    parser.add_argument("--quant", metavar="TYPE", default="Q4_K_M", help="type to make (default: Q4_K_M)")
    parser.add_argument(
        "--threads", metavar="N", type=_count, default=None, help="threads for both (default: all processors)"
    )
    parser.add_argument(
        "--dir",
        metavar="FOLDER",
        type=Path,
        default=None,
        help="folder for the files while it runs (default: the system's folder for such)",
    )


def _count(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= 512:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to 512")
    return int(text)


def run(options: argparse.Namespace) -> int:
    if sys.platform != "linux":
        raise ConvertError("This benchmark looks at processes as Linux shows them.", "Run it on Linux.")
    from ..benchmark import BenchmarkSetup, benchmark
    from ..interrupts import stop_if_requested
    from ..pipeline import count_processors
    from ..recipes import find_recipe

    def tell(what: str) -> None:
        stop_if_requested()
        say(f"{what} …", aside=True)

    threads = options.threads or count_processors()
    source = options.source or options.layers
    setting = BenchmarkSetup(
        find_recipe(options.quant), source, options.peer, options.peer_python, options.dir, threads
    )
    say_json(benchmark(setting, tell))
    return 0
