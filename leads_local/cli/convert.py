"""``leads-local convert`` is ``python -m convert``, in a process of its own: ggml ends the whole process where it asserts.

The converter knows nothing of reviews. Where one is given for texts, its prompts are made here and go through the converter's pipe.
"""

from __future__ import annotations

import contextlib
import importlib.util
import subprocess
from collections.abc import Iterable
from itertools import pairwise

import click

from leads_local import children, ending, lifeline, paths

_PATIENCE = 3.0  # seconds for the converter to remove what is unfinished
# subcommands that read texts, and the option that names them
TEXTS = {"imatrix": "--from", "compare": "--prompts"}


def module_name() -> str:
    """Where the converter lies: inside this package in a wheel, beside it in a checkout."""
    return "leads_local.convert" if importlib.util.find_spec("leads_local.convert") else "convert"


@click.command(add_help_option=False, context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def convert(arguments: tuple[str, ...]) -> int:
    """Turn safetensors weights into a GGUF file: leads-local convert SRC_DIR --quant Q4_K_M [--out FILE].

    Without --out it goes to the folder where ``leads-local models`` looks. ``convert imatrix MODEL.gguf --from REVIEW.leads`` and
    ``convert compare A.gguf B.gguf --prompts REVIEW.leads`` take the prompts of a review.
    """
    if arguments and _names_review(arguments[0], arguments):
        from leads_local.cli.quantizing import WITH_REVIEW

        code: int = WITH_REVIEW[arguments[0]].main(args=list(arguments[1:]), prog_name=f"convert {arguments[0]}", standalone_mode=False)
        return code
    if _given("--quant", arguments) and not _given("--out", arguments):
        paths.models_dir().mkdir(parents=True, exist_ok=True)
        arguments = (*arguments, "--out", str(paths.models_dir()))
    return run_convert(*arguments)


def _given(option: str, arguments: tuple[str, ...]) -> bool:
    return any(argument == option or argument.startswith(f"{option}=") for argument in arguments)


def _names_review(command: str, arguments: tuple[str, ...]) -> bool:
    option = TEXTS.get(command, "")
    following = dict(pairwise(arguments)).get(option, "")
    return bool(option) and (following.endswith(".leads") or any(a.startswith(f"{option}=") and a.endswith(".leads") for a in arguments))


def run_convert(*arguments: str, lines: Iterable[str] | None = None) -> int:
    """Run the converter with these arguments, and ``lines`` on its stdin, and without network. Returns its exit code."""
    given = None if lines is None else subprocess.PIPE
    process = lifeline.start(children.command(module_name(), *arguments), stdin=given, encoding="utf-8", env=children.environment())
    if process.stdin is not None and lines is not None:
        try:
            with contextlib.suppress(BrokenPipeError), process.stdin as pipe:
                pipe.writelines(f"{line}\n" for line in lines)
        except BaseException:
            process.kill()
            process.wait()
            raise
    code = _ended(process)
    return code if code >= 0 else 128 - code


def _ended(process: subprocess.Popen[str]) -> int:
    """The exit code of the converter, once it has cleaned up. It is told when this process is asked to end."""
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:  # the converter has had it, too
            continue
        except ending.Ended:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_PATIENCE)
            process.kill()
            raise
