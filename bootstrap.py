"""Make the environment in ``.venv`` and run what was asked for: ``python3 bootstrap.py demo`` or ``python3 bootstrap.py test``.

Everything that a fresh machine needs happens here, the same way on Linux, macOS and Windows, with the standard library only. Installing
compiles llama.cpp once, which takes minutes; this program says so before it starts and shows that it is alive while it lasts.
"""

from __future__ import annotations

import hashlib
import os
import queue
import re
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = Path(os.environ.get("LEADS_LOCAL_VENV", ROOT / ".venv"))
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
LOG = VENV / "install.log"
OLDEST_PYTHON = (3, 11)

# Of llama.cpp we need neither pictures nor downloads, so what serves them is not built.
CMAKE_ARGS = "-DLLAVA_BUILD=OFF -DLLAMA_OPENSSL=OFF -DLLAMA_SUBPROCESS=OFF"
STEP = re.compile(r"^\s*\[(\d+)/(\d+)\]")
COLLECTING = re.compile(r"^(?:Collecting|Building wheel for|Installing collected) ?([\w.\[\]-]*)")
SECONDS_BETWEEN_SIGNS_OF_LIFE = 20


class SetupError(Exception):
    """Set-up can't go on; the text says why and what to do."""


def check_machine() -> None:
    """Refuse early what would fail late."""
    if sys.version_info < OLDEST_PYTHON:
        raise SetupError(f"Python 3.11 or later is needed, this is {sys.version.split()[0]}. Install one and run this again with it.")
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        raise SetupError("Python's venv module is missing (Debian: sudo apt install python3-venv). Install it, run this again.") from None
    if not have_llama() and os.name != "nt" and not any(map(shutil.which, ("c++", "g++", "clang++"))):
        hint = "xcode-select --install" if sys.platform == "darwin" else "sudo apt install build-essential"
        raise SetupError(f"llama.cpp is compiled for this machine, which needs a C++ compiler. Install one ({hint}), run this again.")


def have_llama() -> bool:
    return any(VENV.glob("**/site-packages/llama_cpp/lib"))


def stamp(extra: str = "") -> tuple[Path, str]:
    """The file that says that the project is installed with ``extra``, and what it must hold to be still true."""
    state = hashlib.sha256((ROOT / "pyproject.toml").read_bytes() + sys.version.encode()).hexdigest()
    return VENV / f".installed-{extra or 'alone'}", state


def install(extra: str = "") -> None:
    """Install the project, with one of its extras or without, into ``.venv``, once for each state of pyproject.toml."""
    file, state = stamp(extra)
    if PYTHON.exists() and file.exists() and file.read_text() == state:
        return
    check_machine()
    if not PYTHON.exists():
        say(f"Making a Python environment in {VENV.name} …")
        subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
    if not have_llama():
        say("Installing. The first time, llama.cpp is compiled for this machine: 3 to 10 minutes, once. Nothing else is asked of you.")
    command = [str(PYTHON), "-m", "pip", "install", "-v", "--progress-bar", "off", "-e", f"{ROOT}[{extra}]" if extra else str(ROOT)]
    environment = dict(os.environ, CMAKE_ARGS=os.environ.get("CMAKE_ARGS", CMAKE_ARGS), PIP_DISABLE_PIP_VERSION_CHECK="1")
    if watch(command, environment) != 0:
        tail = "\n".join(f"  {line}" for line in LOG.read_text(errors="replace").splitlines()[-12:])
        raise SetupError(f"Installing failed; the end of {LOG} says:\n{tail}\nMend what it names and run this again: what is done is kept.")
    file.write_text(state)


def watch(command: list[str], environment: dict[str, str]) -> int:
    """Run ``command`` with its output in the log file and a sign of life on the screen. Returns its exit code."""
    lines: queue.Queue[str | None] = queue.Queue()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")

    def read() -> None:
        assert process.stdout is not None
        with LOG.open("w", encoding="utf-8") as log:
            for line in process.stdout:
                log.write(line)
                lines.put(line)
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    started, shown, doing = time.monotonic(), 0.0, "preparing"
    pause = 1 if sys.stderr.isatty() else SECONDS_BETWEEN_SIGNS_OF_LIFE
    while True:
        try:
            line = lines.get(timeout=1)
        except queue.Empty:
            line = ""
        if line is None:
            break
        doing = activity(line) or doing
        now = time.monotonic()
        if now - shown >= pause:
            shown = now
            sign_of_life(f"{int(now - started) // 60}:{int(now - started) % 60:02} {doing}")
    if sys.stderr.isatty():
        print(file=sys.stderr)
    return process.wait()


def activity(line: str) -> str:
    """What one line of pip's output says is being done, or ""."""
    if step := STEP.match(line):
        return f"compiling llama.cpp, step {step[1]} of {step[2]}"
    if found := COLLECTING.match(line):
        return f"installing {found[1] or 'what was fetched'}"
    return ""


def sign_of_life(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r  {text:<70}", end="", file=sys.stderr, flush=True)
    else:
        say(f"  {text}")


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def run(*command: str) -> int:
    return subprocess.run([str(PYTHON), "-P", "-m", *command], cwd=ROOT).returncode


def demo(arguments: list[str]) -> int:
    install()
    return run("leads_local", "demo", *arguments)


def test(arguments: list[str]) -> int:
    """Lint, types, then all tests; what follows ``test`` goes to pytest."""
    install("dev")
    checks = [("ruff", "check", "."), ("ruff", "format", "--check", "."), ("mypy",), ("pytest", *arguments)]
    for check in checks:
        say(f"— {' '.join(check)}")
        if code := run(*check):
            return code
    return 0


def main() -> int:
    commands = {"demo": demo, "test": test}
    if len(sys.argv) < 2 or sys.argv[1] not in commands:
        say("usage: python3 bootstrap.py demo | test   (what follows is handed on: demo --headless, test -k import)")
        return 2
    try:
        return commands[sys.argv[1]](sys.argv[2:])
    except SetupError as error:
        say(str(error))
        return 2
    except KeyboardInterrupt:
        say("Stopped. What is installed is kept; run this again to go on.")
        return 130


if __name__ == "__main__":
    sys.exit(main())
