"""``python -m convert verify FILE --against SRC``: is this file that checkpoint?"""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from ..interrupts import stop_if_requested
from ..terminal import say, say_json


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", type=Path, help="the GGUF file")
    parser.add_argument(
        "--against", metavar="SRC_DIR", type=Path, required=True, help="folder of the checkpoint that it was made from"
    )
    parser.add_argument(
        "--lora", metavar="FOLDER", type=Path, default=None, help="the LoRA adapter that was merged into it, if one was"
    )
    parser.add_argument("--quick", action="store_true", help="leave out the hashes, for which both are read whole")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(options: argparse.Namespace) -> int:
    from ..proof import prove

    found = []
    for finding in prove(
        options.file, options.against, lora=options.lora, quick=options.quick, step=_tell, check=stop_if_requested
    ):
        found.append(finding)
        if not options.json:
            say(f"{_word(finding.good):9} {finding.what}: {finding.detail}")
    if options.json:
        say_json([asdict(finding) for finding in found])
    return 1 if any(finding.good is False for finding in found) else 0


def _tell(what: str) -> None:
    stop_if_requested()
    say(f"Checking {what} …", aside=True)


def _word(good: bool | None) -> str:
    return "unchecked" if good is None else "good" if good else "WRONG"
