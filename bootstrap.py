"""Make the environment in ``.venv`` and run what was asked for: ``python3 bootstrap.py demo``, ``test``, ``quick`` or
``coverage``.

Everything that a fresh machine needs happens here, the same way on Linux, macOS and Windows, with the standard library
only. Installing compiles llama.cpp once, which takes minutes; this program says so before it starts and shows that it
is alive while it lasts.

Set-up is the one step that takes something from outside, so what it takes is pinned: every package at run time, for
building and for development stands in a list with the version that the tests ran with and the SHA-256 of each of its
files, and pip refuses any other file. llama.cpp is compiled from a pinned source by pinned tools: they are installed
first, and ``--no-build-isolation`` keeps pip from fetching others. pip itself is the one that came with Python. Where a
pinned version can't be installed (a Python newer than the list, a machine without wheels), set-up fails and names the
way without pins, ``LEADS_LOCAL_UNPINNED=1``; it never takes that way by itself, because then whoever spoils one
download would be rid of the check. ``python3 bootstrap.py constraints`` makes the lists anew.

Pythons since 3.6 can read this file, so that one that is too old gets a sentence: no ``:=``, and nothing imported from
``__future__``.
"""

import hashlib
import os
import queue
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

OLDEST_PYTHON = (3, 11)
if sys.version_info < OLDEST_PYTHON:
    found = [name for name in ("python3.14", "python3.13", "python3.12", "python3.11") if shutil.which(name)]
    way = f"{found[0]} is on this computer" if found else "Install one beside it; README.md says where from"
    newer = found[0] if found else "python3.12"
    print(
        f"Python 3.11 or later is needed, this is {sys.version.split()[0]}. {way}. Then: make demo PYTHON={newer}, or: "
        f"{newer} bootstrap.py demo",
        file=sys.stderr,
    )
    sys.exit(2)

ROOT = Path(__file__).resolve().parent
VENV = Path(os.environ.get("LEADS_LOCAL_VENV", ROOT / ".venv"))
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
LOG = VENV / "install.log"

BUILDING, RUNNING, DEVELOPING = "constraints-build.txt", "constraints.txt", "constraints-dev.txt"
PINS = {
    BUILDING: "What builds leads-local and llama.cpp",
    RUNNING: "What leads-local needs at run time",
    DEVELOPING: "What developers need besides",
}
# hatchling builds us (editables: as an editable installation), the others llama-cpp-python. On Windows Visual Studio
# does what ninja does.
BUILDERS = (
    "hatchling>=1.27",
    "editables>=0.5",
    "scikit-build-core>=0.9.2",
    "cmake>=3.21",
    "ninja>=1.11 ; sys_platform != 'win32'",
)
# Where the newest version has no file for a system that we promise, the newest that has one (docs/reference/wheels.md):
# llguidance since 1.7 asks for glibc 2.31, and RHEL 8, which its kernel names, has 2.28; sentencepiece since 0.2.3
# leaves out Macs with Intel's processors. Both sides are named, because uv parts its lists only where they contradict.
HELD_BACK = (
    "llguidance<1.7 ; sys_platform == 'linux' and 'el8' in platform_release",
    "llguidance>=1.7 ; sys_platform != 'linux' or 'el8' not in platform_release",
    "sentencepiece<0.2.3 ; sys_platform == 'darwin' and platform_machine == 'x86_64'",
    "sentencepiece>=0.2.3 ; sys_platform != 'darwin' or platform_machine != 'x86_64'",
)
# What is left out where there is no file of it: mistral-common, of which tests use the data, names tiktoken.
LEFT_OUT = ("tiktoken>=0.12 ; sys_platform != 'win32' or platform_machine != 'ARM64'",)
# What an earlier set-up brought and nothing of ours needs any more: onnxruntime contacts its maker, in native code.
LEFT_OVER = ("pymupdf_layout", "pymupdf4llm", "onnxruntime")
MISMATCH = "DO NOT MATCH THE HASHES"

# Of llama.cpp we need neither pictures nor downloads, so what serves them is not built.
CMAKE_ARGS = "-DLLAVA_BUILD=OFF -DLLAMA_OPENSSL=OFF -DLLAMA_SUBPROCESS=OFF"
STEP = re.compile(r"^\s*\[(\d+)/(\d+)\]")
COLLECTING = re.compile(r"^(?:Collecting|Building wheel for|Installing collected) ?([\w.\[\]-]*)")
SECONDS_BETWEEN_SIGNS_OF_LIFE = 20

WITHOUT_MEASURING = ("tests/network", "tests/test_children.py", "tests/test_dependencies.py")
LINT = (("ruff", "check", "."), ("ruff", "format", "--check", "."), ("mypy",))
ON_ALL_CORES = ("-n", "auto", "--dist", "loadfile")  # what follows may say otherwise: -n 0


class SetupError(Exception):
    """Set-up can't go on; the text says why and what to do."""


def check_machine() -> None:
    """Refuse early what would fail late."""
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        raise SetupError(
            "Python's venv module is missing (Debian: sudo apt install python3-venv). Install it, run this again."
        ) from None
    if not have_llama() and not have_compiler():
        raise SetupError(
            f"llama.cpp is compiled for this machine, which needs a C++ compiler. Install one ({compiler_hint()}), run "
            "this again."
        )


def have_compiler() -> bool:
    """Whether CMake will find a C++ compiler."""
    if os.name == "nt":
        return bool(os.environ.get("CMAKE_GENERATOR") or shutil.which("cl") or visual_studio())
    return any(map(shutil.which, ("c++", "g++", "clang++")))


def visual_studio() -> str:
    """Where on Windows a Visual Studio, or its Build Tools, with C++ lies; "" where there is none. Its own installer
    tells."""
    programs = os.environ.get("PROGRAMFILES(X86)") or os.environ.get("PROGRAMFILES") or ""
    teller = Path(programs) / "Microsoft Visual Studio" / "Installer" / "vswhere.exe"
    if not teller.is_file():
        return ""
    parts = [f"Microsoft.VisualStudio.Component.VC.Tools.{machine}" for machine in ("x86.x64", "ARM64")]
    asked = ["-latest", "-products", "*", "-requires", *parts, "-requiresAny", "-property", "installationPath"]
    return subprocess.run([str(teller), *asked], capture_output=True, text=True).stdout.strip()


def compiler_hint() -> str:
    if os.name == "nt":
        return "Build Tools for Visual Studio, with “Desktop development with C++” chosen"
    return "xcode-select --install" if sys.platform == "darwin" else "sudo apt install build-essential"


def have_llama() -> bool:
    return any(VENV.glob("**/site-packages/llama_cpp/lib"))


def stamp(extra: str = "") -> tuple[Path, str]:
    """The file that says that the project is installed with ``extra``, and what it must hold to be still true."""
    sources = b"".join((ROOT / name).read_bytes() for name in ("pyproject.toml", *PINS))
    state = hashlib.sha256(sources + sys.version.encode() + bytes(unpinned())).hexdigest()
    return VENV / f".installed-{extra or 'alone'}", state


def unpinned() -> bool:
    """Whether the user asked for what the registry has today instead of what is pinned."""
    return os.environ.get("LEADS_LOCAL_UNPINNED", "") not in ("", "0")


def install(extra: str = "") -> None:
    """Install the project, with one of its extras or without, into ``.venv``, once for each state of pyproject.toml and
    the pins."""
    file, state = stamp(extra)
    if PYTHON.exists() and any(
        one.exists() and one.read_text() == state for one in {file, stamp("dev")[0]}
    ):  # which has all of the other
        return
    check_machine()
    if not PYTHON.exists():
        say(f"Making a Python environment in {VENV.name} …")
        subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
    if not have_llama():
        say(
            "Installing. The first time, llama.cpp is compiled for this machine: 3 to 10 minutes, once. Nothing "
            "else is asked of you."
        )
    if unpinned():
        say(
            "Installing without pinned versions, as LEADS_LOCAL_UNPINNED asks: what comes is not checked against "
            "known hashes."
        )
    environment = dict(
        os.environ, CMAKE_ARGS=os.environ.get("CMAKE_ARGS", CMAKE_ARGS), PIP_DISABLE_PIP_VERSION_CHECK="1"
    )
    LOG.unlink(missing_ok=True)
    left = left_over()
    if left:
        say(f"Removing {', '.join(left)}, which nothing here needs any more.")
        watch([str(PYTHON), "-m", "pip", "uninstall", "-y", *left], environment)
    for step in steps(extra):
        if watch([str(PYTHON), "-m", "pip", "install", "-v", "--progress-bar", "off", *step], environment) != 0:
            raise SetupError(failure(LOG.read_text(encoding="utf-8", errors="replace")))
    file.write_text(state)


def left_over() -> list[str]:
    return [name for name in LEFT_OVER if any(VENV.glob(f"**/site-packages/{name}-*.dist-info"))]


def steps(extra: str = "") -> list[list[str]]:
    """The arguments of each call of pip. The builders come first, because the second call builds with them."""
    project = f"{ROOT}[{extra}]" if extra else str(ROOT)
    if unpinned():
        return [["-e", project]]
    checked = ["--require-hashes", "--no-deps", "--no-build-isolation"]
    lists = [BUILDING, RUNNING, DEVELOPING] if extra else [BUILDING, RUNNING]
    return [
        *([*checked, "-r", str(ROOT / name)] for name in lists),
        ["--no-deps", "--no-build-isolation", "-e", project],
    ]


def failure(log: str) -> str:
    """What pip's output says to a person: the end of it, and what can be done."""
    tail = "\n".join(f"  {line}" for line in log.splitlines()[-12:])
    told = f"Installing failed; the end of {LOG} says:\n{tail}\n"
    if MISMATCH in log:
        return told + (
            "A package that came is not the one that was pinned: it was damaged or exchanged on the way. It was "
            "not installed. "
            "Run this again; if it stays so, try another network and tell us."
        )
    told += "Mend what it names and run this again: what is done is kept."
    if unpinned():
        return told
    return told + (
        " If it names a package that there is none of for this Python or machine: with LEADS_LOCAL_UNPINNED=1 in "
        "the environment, "
        "set-up takes the versions that the registry has today, without checking hashes."
    )


def watch(command: list[str], environment: dict[str, str]) -> int:
    """Run ``command`` with its output in the log file and a sign of life on the screen. Returns its exit code."""
    lines: queue.Queue[str | None] = queue.Queue()
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    )

    def read() -> None:
        assert process.stdout is not None
        with LOG.open("a", encoding="utf-8") as log:
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
    step, found = STEP.match(line), COLLECTING.match(line)
    if step:
        return f"compiling llama.cpp, step {step[1]} of {step[2]}"
    if found:
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
    """Lint, types, then all tests, on all cores; what follows ``test`` goes to pytest."""
    install("dev")
    return run_checks(*LINT, ("pytest", *ON_ALL_CORES, *arguments))


def quick(arguments: list[str]) -> int:
    """Lint, and the tests that need neither a model, other processes nor a terminal: less than a minute."""
    install("dev")
    return run_checks(*LINT[:2], ("pytest", *ON_ALL_CORES, "-m", "not slow and not packaging", *arguments))


def coverage(arguments: list[str]) -> int:
    """All tests, and which lines no test runs: those that only children of the tests run are counted, too.

    Left out are the tests of what a fresh process imports, because the measuring itself imports more.
    """
    install("dev")
    tests = ("pytest", *ON_ALL_CORES, *(f"--ignore={place}" for place in WITHOUT_MEASURING), *arguments)
    code = run_checks(("coverage", "erase"), ("coverage", "run", "-m", *tests))
    return run_checks(("coverage", "combine", "--quiet"), ("coverage", "report")) or code


def run_checks(*checks: tuple[str, ...]) -> int:
    """Run one after the other until one fails. Returns its exit code, or 0."""
    for check in checks:
        say(f"— {' '.join(check)}")
        code = run(*check)
        if code:
            return code
    return 0


def constraints(_: list[str]) -> int:
    """Make the lists of pinned packages anew, with the newest versions that suit each other on every system and Python
    that we support.

    uv resolves for all of them at once, which pip can't; it is installed for this into a folder that is thrown away.
    Addresses stay out.
    """
    with tempfile.TemporaryDirectory() as folder:
        tool = Path(folder) / "uv"
        wanted = Path(folder) / "builders.in"
        wanted.write_text("\n".join(BUILDERS) + "\n")
        held = Path(folder) / "held.in"
        held.write_text("\n".join(HELD_BACK) + "\n")
        left_out = Path(folder) / "left-out.in"
        left_out.write_text("\n".join(LEFT_OUT) + "\n")
        subprocess.run([sys.executable, "-m", "pip", "install", "-q", "--target", str(tool), "uv"], check=True)
        whole = (
            Path(folder) / "all.txt"
        )  # one resolution for all three lists, so that users run the versions that the tests ran with
        resolve(
            tool,
            whole,
            str(wanted),
            str(ROOT / "pyproject.toml"),
            "--extra",
            "dev",
            "-c",
            str(held),
            "--override",
            str(left_out),
        )
        resolve(tool, ROOT / BUILDING, str(wanted), "-c", str(whole))
        resolve(tool, ROOT / RUNNING, str(ROOT / "pyproject.toml"), "-c", str(whole))
        pins = {
            name: blocks(path.read_text())
            for name, path in ((BUILDING, ROOT / BUILDING), (RUNNING, ROOT / RUNNING), ("", whole))
        }
    pins[DEVELOPING] = [pin for pin in pins.pop("") if pin not in pins[RUNNING]]
    for name, kind in PINS.items():
        head = f"# {kind}: versions and hashes. Made by: python3 bootstrap.py constraints\n"
        (ROOT / name).write_text(head + "".join(pins[name]), newline="\n")
        say(f"{name}: {len(pins[name])} packages")
    return 0


def resolve(tool: Path, out: Path, *sources: str) -> None:
    """Write the pins of all that ``sources`` need to ``out``, for every system and all Pythons from the oldest that we
    support."""
    oldest = ".".join(map(str, OLDEST_PYTHON))
    quiet = ["--quiet", "--no-config", "--no-header", "--no-annotate", "--no-emit-index-url", "--system-certs"]
    command = [
        sys.executable,
        "-m",
        "uv",
        "pip",
        "compile",
        "--universal",
        "--python-version",
        oldest,
        "--generate-hashes",
        *quiet,
    ]
    subprocess.run(
        [*command, *sources, "-o", str(out)],
        check=True,
        env=dict(os.environ, PYTHONPATH=str(tool)),
        stdout=subprocess.DEVNULL,
    )


def blocks(text: str) -> list[str]:
    """The pins of a list, each with its hashes on the lines below it."""
    return re.findall(r"^[\w.-]+==.*\n(?:[ \t]+.*\n)*", text, re.MULTILINE)


def main() -> int:
    commands = {"demo": demo, "test": test, "quick": quick, "coverage": coverage, "constraints": constraints}
    if len(sys.argv) < 2 or sys.argv[1] not in commands:
        say(
            f"usage: python3 bootstrap.py {' | '.join(commands)}   (what follows is handed on: demo --headless, "
            "test -k import)"
        )
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
