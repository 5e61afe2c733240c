"""``leads-local convert`` is ``python -m convert``, in a process of its own: ggml ends the whole process where it asserts."""

from __future__ import annotations

import importlib.util
import subprocess
import sys

import click

from leads_local import paths

# The converter knows nothing of leads_local, so the network guard is put up before it starts.
OFFLINE_MODULE = """
import runpy, sys
from leads_local import offline
offline.enforce()
del sys.argv[0]
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
"""


def module_name() -> str:
    """Where the converter lies: inside this package in a wheel, beside it in a checkout."""
    return "leads_local.convert" if importlib.util.find_spec("leads_local.convert") else "convert"


@click.command(add_help_option=False, context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def convert(arguments: tuple[str, ...]) -> int:
    """Turn safetensors weights into a GGUF file: leads-local convert SRC_DIR --quant Q4_K_M [--out FILE].

    Without --out it goes to the folder where ``leads-local models`` looks.
    """
    if _given("--quant", arguments) and not _given("--out", arguments):
        paths.models_dir().mkdir(parents=True, exist_ok=True)
        arguments = (*arguments, "--out", str(paths.models_dir()))
    return run_convert(*arguments)


def _given(option: str, arguments: tuple[str, ...]) -> bool:
    return any(argument == option or argument.startswith(f"{option}=") for argument in arguments)


def run_convert(*arguments: str) -> int:
    """Run the converter with these arguments and without network. Returns its exit code."""
    process = subprocess.Popen([sys.executable, "-c", OFFLINE_MODULE, module_name(), *arguments])
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:  # the converter has had it too, and needs a moment to clean up
            continue
