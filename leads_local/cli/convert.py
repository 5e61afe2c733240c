"""``leads-local convert`` is ``python -m convert``, in a process of its own: ggml ends the whole process where it
asserts.

The converter knows nothing of reviews. Where one is given for texts, its prompts are made here and go through the
converter's pipe.
"""

from __future__ import annotations

from contextlib import nullcontext
from itertools import pairwise

import click

from leads_local import paths
from leads_local.cli.arguments import load_settings
from leads_local.cli.converter_process import run_converter
from leads_local.cli.progress import staying_awake
from leads_local.cli.quantizing import REVIEW_COMMANDS

TEXTS = "--from"
"""The option of ``imatrix`` and ``compare`` that names texts, or a review."""


@click.command(add_help_option=False, context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def convert(arguments: tuple[str, ...]) -> int:
    """Turn safetensors weights into a GGUF file: leads-local convert SRC_DIR --quant Q4_K_M [--out FILE].

    Without --out it goes to the folder where ``leads-local models`` looks. ``convert imatrix MODEL.gguf --from
    REVIEW.leads`` and ``convert compare A.gguf B.gguf --from REVIEW.leads`` take the prompts of a review.
    """
    with staying_awake(load_settings(), quiet="--quiet" in arguments) if _takes_long(arguments) else nullcontext():
        if arguments and arguments[0] in REVIEW_COMMANDS and _names_review(arguments):
            code: int = REVIEW_COMMANDS[arguments[0]].main(
                args=list(arguments[1:]), prog_name=f"leads-local convert {arguments[0]}", standalone_mode=False
            )
            return code
        if _makes_file(arguments) and not _has_option("--out", arguments):
            paths.models_dir().mkdir(parents=True, exist_ok=True)
            arguments = (*arguments, "--out", str(paths.models_dir()))
        return run_converter(*arguments)


def _takes_long(arguments: tuple[str, ...]) -> bool:
    """Whether a model is made or run, and not only asked for or about."""
    if "--help" in arguments or arguments[:1] == ("plan",):
        return False
    return _makes_file(arguments) or arguments[:1] in {(name,) for name in REVIEW_COMMANDS}


def _makes_file(arguments: tuple[str, ...]) -> bool:
    """Whether this is a conversion, or the plan of one."""
    return arguments[:1] == ("plan",) or (_has_option("--quant", arguments) and arguments[0] != "bench")


def _has_option(option: str, arguments: tuple[str, ...]) -> bool:
    return any(argument == option or argument.startswith(f"{option}=") for argument in arguments)


def _names_review(arguments: tuple[str, ...]) -> bool:
    following = dict(pairwise(arguments)).get(TEXTS, "")
    return following.endswith(".leads") or any(a.startswith(f"{TEXTS}=") and a.endswith(".leads") for a in arguments)
