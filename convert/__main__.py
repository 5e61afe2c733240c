"""The command line: ``python -m convert SRC --quant TYPE``, and ``python -m convert plan|verify …`` for what belongs to
it.

stdout gets the result; everything else goes to stderr. Exit codes: 0 done, 1 done and something was found wrong, 2
unusable input or place, 130 interrupted. Nothing slow is imported before the arguments are known to be good. The
network is refused where this lies in a package that has a guard against it, as it does once installed; in a checkout it
stands alone and is guarded as ``leads-local convert``.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence

from . import interrupts, lifeline
from .errors import ConvertError
from .terminal import Parser, say

SUBCOMMANDS = {
    "plan": "show size, memory and time of each type for a checkpoint, before anything is written",
    "verify": "compare a converted file with its checkpoint",
    "imatrix": "make an importance matrix from your own texts, which the smallest types need",
    "compare": "tell how much a quantized file's predictions differ from another file's",
    "bench": "measure a conversion beside llama.cpp's own two steps",
}
DESCRIPTION = "Convert a Llama or Mistral checkpoint (safetensors) into one quantized GGUF file that llama.cpp runs."
MORE = "further commands:\n" + "\n".join(f"  {name:8} {about}" for name, about in SUBCOMMANDS.items())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    name = given.pop(0) if given and given[0] in SUBCOMMANDS else ""
    command = importlib.import_module(f".commands.{name or 'make'}", __package__)
    program = f"python -m {__package__}"
    parser = Parser(
        prog=f"{program} {name}".strip(),
        description=SUBCOMMANDS.get(name, DESCRIPTION),
        epilog=None if name else MORE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.configure(parser)
    parser.add_argument("--traceback", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(given)
    try:
        code: int = command.run(options)
        return code
    except KeyboardInterrupt:
        return _report_interruption(name)
    except ConvertError as error:
        if interrupts.stop_requested():  # a child process got the signal, too, and failed for it
            return _report_interruption(name)
        say(f"Error: {error}", aside=True)
        return error.exit_code
    except OSError as error:
        if options.traceback:
            raise
        place = f"{error.filename}: it" if error.filename else "A file"
        say(
            f"Error: {place} can't be read or written ({error.strerror or error}). Check its name, its disk and "
            "your rights there.",
            aside=True,
        )
        return 2
    except Exception as error:
        if options.traceback:
            raise
        say(
            f"Error: this is a fault of the program: {type(error).__name__}: {error}. --traceback shows where.",
            aside=True,
        )
        return 2


def _report_interruption(name: str) -> int:
    kept = (
        "Sums that the same command can go on from may be kept" if name == "imatrix" else "Nothing unfinished was kept"
    )
    say(f"Stopped. {kept}; what was there before is as it was.", aside=True)
    return 130


def _enforce_offline() -> None:
    around = (__package__ or "").rpartition(".")[0]
    if around:
        importlib.import_module(f"{around}.offline").enforce()


if __name__ == "__main__":
    _enforce_offline()
    interrupts.install()
    lifeline.end_with_parent()
    sys.exit(main())
