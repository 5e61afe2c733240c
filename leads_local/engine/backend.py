"""What llama.cpp was built for and finds here, told by a process of its own: llama.cpp may end the process that it is
loaded into."""

from __future__ import annotations

import json
import subprocess
from dataclasses import asdict, dataclass

from leads_local import children
from leads_local.engine.child import child_environment
from leads_local.engine.memory_plan import GIB, Gpu


@dataclass(frozen=True, slots=True)
class Backend:
    """The ``gpu`` that it would use, if any; or why it can't be loaded, the last line of what was said, else ""."""

    gpu: Gpu | None = None
    problem: str = ""

    def in_words(self) -> str:
        """What it runs on."""
        if self.gpu is None:
            return "runs on the processor"
        size = f"{self.gpu.free / GIB:.1f} GiB free" if self.gpu.free else "how much memory is not known"
        shares = ", which are this computer's own memory: layers on it count in full" if self.gpu.shares else ""
        return f"has a GPU, {size}{shares}"


def ask() -> Backend:
    """Load llama.cpp in another process, and ask it."""
    done = subprocess.run(
        children.command(__name__), capture_output=True, encoding="utf-8", errors="replace", env=child_environment()
    )
    said = done.stdout.strip().splitlines()
    if done.returncode or not said:
        return Backend(problem=(done.stderr.strip().splitlines() or ["no message"])[-1])
    gpu = json.loads(said[-1])
    return Backend(Gpu(**gpu) if gpu else None)


def _main() -> None:
    from leads_local.engine import llama

    gpu = llama.find_gpu()
    print(json.dumps(asdict(gpu) if gpu else None))


if __name__ == "__main__":
    _main()
