"""The command line: ``python -m convert SRC --quant TYPE``, and ``python -m convert plan|verify …`` for what belongs to
it; as ``leads-local convert`` where that has started it.

stdout gets the result; everything else goes to stderr. Exit codes are leads-local's: 0 done, 1 done and something was
found wrong (or a fault of the program), 2 unusable input or place, 3 no usable model, 130 interrupted, 129 or 143 when
the terminal was closed or the process was asked to end. Nothing slow is imported before the arguments are known to be
good.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence

from . import interrupts, streams
from .errors import ConvertError
from .terminal import Parser, called_by_leads_local, program, say

SUBCOMMANDS = {
    "plan": "show size, memory and time of each type for a checkpoint, before anything is written",
    "verify": "compare a converted file with its checkpoint",
    "imatrix": "make an importance matrix from your own texts, which the smallest types need",
    "compare": "tell how much a quantized file's predictions differ from another file's",
    "bench": "measure a conversion beside llama.cpp's own two steps",
}
DESCRIPTION = "Convert a Llama or Mistral checkpoint (safetensors) into one quantized GGUF file that llama.cpp runs."
WITH_REVIEWS = ("imatrix", "compare")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    streams.prepare()
    given = list(sys.argv[1:] if arguments is None else arguments)
    traceback = "--traceback" in given
    try:
        return _run(given)
    except KeyboardInterrupt as stop:
        return _report_interruption(stop)
    except ConvertError as error:
        if interrupts.stop_requested():  # a child process got the signal, too, and failed for it
            return _report_interruption(error)
        return _report(error, str(error), error.exit_code)
    except OSError as error:
        if traceback:
            raise
        place = f"{error.filename}: it" if error.filename else "A file"
        why = f"{place} can't be read or written ({error.strerror or error})."
        return _report(error, f"{why} Check its name, its disk and your rights there.", 2)
    except Exception as error:
        if traceback:
            raise
        what = f"this is a fault of the program: {type(error).__name__}: {error}."
        return _report(error, f"{what} --traceback shows where.", 1)


def _run(given: list[str]) -> int:
    name = given.pop(0) if given and given[0] in SUBCOMMANDS else ""
    command = importlib.import_module(f".commands.{name or 'make'}", __package__)
    parser = Parser(
        prog=f"{program()} {name}".strip(),
        description=_sentence(SUBCOMMANDS[name]) if name else DESCRIPTION,
        epilog=_more(name),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.configure(parser)
    parser.add_argument("--traceback", action="store_true", help=argparse.SUPPRESS)
    code: int = command.run(parser.parse_args(given))
    return code


def _more(name: str) -> str | None:
    """What stands below the help of a subcommand, or of the command itself."""
    if not name:
        lines = "\n".join(f"  {name:8} {_sentence(about)}" for name, about in SUBCOMMANDS.items())
        return f"further commands ({program()} COMMAND --help):\n{lines}"
    if name in WITH_REVIEWS and called_by_leads_local():
        with_review = f"{program()} {name} --from REVIEW.leads --help"
        return f"With a review there is more to choose:\n  {with_review}"
    return None


def _sentence(about: str) -> str:
    return f"{about[:1].upper()}{about[1:]}."


def _report(error: Exception, text: str, code: int) -> int:
    say(" ".join((f"Error: {text}", *_notes(error))), aside=True)
    return code


def _report_interruption(error: BaseException) -> int:
    nothing = "Nothing unfinished was kept; what was there before is as it was."
    say(f"Stopped. {' '.join(_notes(error)) or nothing}", aside=True)
    return interrupts.exit_code()


def _notes(error: BaseException) -> list[str]:
    """What is kept, by whoever keeps it."""
    return getattr(error, "__notes__", [])
