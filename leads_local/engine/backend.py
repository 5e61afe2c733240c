"""What llama.cpp was built for, told by a process of its own: llama.cpp may end the process that it is loaded into."""

from __future__ import annotations

import subprocess

from leads_local import children
from leads_local.engine.child import child_environment


def describe() -> tuple[str, str]:
    """What it runs on, in words, and "" — or "" and the last line of why it can't be loaded."""
    done = subprocess.run(children.command(__name__), capture_output=True, text=True, env=child_environment())
    if done.returncode == 0 and done.stdout.strip():
        return done.stdout.strip().splitlines()[-1], ""
    return "", (done.stderr.strip().splitlines() or ["no message"])[-1]


def _main() -> None:
    from leads_local.engine import llama

    print("has a GPU backend" if llama.supports_gpu() else "runs on the processor")


if __name__ == "__main__":
    _main()
