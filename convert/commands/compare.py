"""``python -m convert compare A.gguf B.gguf --from TEXTS``: what quantizing cost, measured on the user's own
texts."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import ConvertError
from ..interrupts import stop_if_requested
from ..terminal import say, say_json
from .reading import add_options, limits_of, texts_of

if TYPE_CHECKING:
    from ..compare import Difference


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("reference", metavar="A.gguf", type=Path, help="the file to compare with: F16, BF16 or Q8_0")
    parser.add_argument("file", metavar="B.gguf", type=Path, help="the smaller file")
    add_options(parser, tokens=2048)
    parser.add_argument("--prompts", action=_Renamed, help=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true", help="print JSON")
    # what quantizing did to decisions, found by whoever asks both models: {"judged", "changed", "unread", "changes":
    # {"YES → NO": 1}}
    parser.add_argument("--decisions", type=_decisions, default=None, help=argparse.SUPPRESS)


class _Renamed(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        parser.error(
            "--prompts names a prompt pack, and nothing else any more: give the texts with --from, as in imatrix"
        )


def _decisions(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
        counts = [found["judged"], found["changed"], found["unread"], *found["changes"].values()]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise argparse.ArgumentTypeError("these are not counts of decisions") from error
    if not all(type(count) is int and count >= 0 for count in counts) or found["changed"] > found["judged"]:
        raise argparse.ArgumentTypeError("these are not counts of decisions")
    return dict(found)


def run(options: argparse.Namespace) -> int:
    from ..compare import compare, record_difference
    from ..progress import token_bar
    from ..texts import read_texts

    texts = list(read_texts(texts_of(options)))
    with token_bar() as show:

        def report(done: int, total: int) -> None:
            stop_if_requested()
            show(done, total)

        found = compare(options.reference, options.file, texts, report, **limits_of(options))
    decisions = options.decisions
    try:
        if record_difference(options.reference, options.file, found, decisions):
            say(f"The result is in the manifest entry of {options.file.name}.", aside=True)
    except ConvertError as error:
        say(f"Note: the result is only shown, not kept. {error}", aside=True)
    if options.json:
        more = {"perplexity_ratio": found.perplexity_ratio} | ({"decisions": decisions} if decisions else {})
        say_json(asdict(found) | more)
        return 0
    if decisions and decisions["judged"]:
        _show_decisions(decisions)
    _show_difference(found)
    return 0


def _show_decisions(decisions: dict[str, Any]) -> None:
    share = decisions["changed"] / decisions["judged"]
    say(f"screening decisions  {decisions['changed']} of {decisions['judged']} changed ({share:.2%})")
    if decisions["unread"]:
        say(f"  answers unread     {decisions['unread']}")
    for change, count in decisions["changes"].items():
        say(f"  {change:18} {count}")


def _show_difference(found: Difference) -> None:
    middle = f"mean {found.divergence_mean:.5f}, median {found.divergence_median:.5f}"
    say(f"tokens compared      {found.tokens}")
    say(f"same next token      {found.same_first:.2%}")
    say(f"divergence           {middle}, 99 % below {found.divergence_99:.5f}")
    ratio = f"(ratio {found.perplexity_ratio:.4f})"
    say(f"perplexity           {found.perplexity:.3f} against {found.perplexity_reference:.3f} {ratio}")
