"""``leads-local convert`` is ``python -m convert``, in a process of its own: ggml ends the whole process where it
asserts.

The converter knows nothing of reviews. Where one is given for texts, its prompts are made here and go through the
converter's pipe.
"""

from __future__ import annotations

from itertools import pairwise

import click

from leads_local import paths
from leads_local.cli.converter_process import run_converter
from leads_local.cli.quantizing import REVIEW_COMMANDS

# subcommands that read texts, and the option that names them
TEXT_OPTIONS = {"imatrix": "--from", "compare": "--prompts"}


@click.command(add_help_option=False, context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def convert(arguments: tuple[str, ...]) -> int:
    """Turn safetensors weights into a GGUF file: leads-local convert SRC_DIR --quant Q4_K_M [--out FILE].

    Without --out it goes to the folder where ``leads-local models`` looks. ``convert imatrix MODEL.gguf --from
    REVIEW.leads`` and ``convert compare A.gguf B.gguf --prompts REVIEW.leads`` take the prompts of a review.
    """
    if arguments and _names_review(arguments[0], arguments):
        code: int = REVIEW_COMMANDS[arguments[0]].main(
            args=list(arguments[1:]), prog_name=f"convert {arguments[0]}", standalone_mode=False
        )
        return code
    if _has_option("--quant", arguments) and not _has_option("--out", arguments):
        paths.models_dir().mkdir(parents=True, exist_ok=True)
        arguments = (*arguments, "--out", str(paths.models_dir()))
    return run_converter(*arguments)


def _has_option(option: str, arguments: tuple[str, ...]) -> bool:
    return any(argument == option or argument.startswith(f"{option}=") for argument in arguments)


def _names_review(command: str, arguments: tuple[str, ...]) -> bool:
    option = TEXT_OPTIONS.get(command, "")
    following = dict(pairwise(arguments)).get(option, "")
    return bool(option) and (
        following.endswith(".leads") or any(a.startswith(f"{option}=") and a.endswith(".leads") for a in arguments)
    )
