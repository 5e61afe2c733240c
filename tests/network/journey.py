"""A review taken through every command, the demo and the terminal UI, as a user's processes do it: ``journey.py
FOLDER`` runs it there.

It is a program so that it can be run inside an empty network namespace and under strace. The folder is full of modules
that nobody may import (``poison``), and a recorder notes what each process imports. What each command returned is
printed as JSON, by command.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

from tests.citations import workbook_files

ROOT = Path(__file__).resolve().parents[2]
MODEL = "demo-Q8_0.gguf"
RIS = "TY  - JOUR\nTI  - Walking for knees\nAB  - We randomised 84 adults to walking or usual care.\nER  -\n"
RETRACTIONS = "OriginalPaperDOI,OriginalPaperPubMedID,RetractionNature\n10.5555/none,0,Retraction\n"
PROGRAM = "import sys\nfrom leads_local.cli.__main__ import main\nsys.exit(main())\n"
FEW = """
from leads_local import demo
whole = demo.unpack
def few(folder):
    unpacked = whole(folder)
    for file, between in zip(unpacked.citations, ("ER  -", "\\n\\n")):
        records = file.read_text(encoding="utf-8").split(between)
        file.write_text(between.join(records[:3]) + between, encoding="utf-8")
    for paper in unpacked.papers:
        if "Okafor" not in paper.name:
            paper.unlink()
    return unpacked
demo.unpack = few
"""
"""What the demo takes its way with, so that it lasts seconds: the first records of each file, and one paper."""

HIDDEN = ("tokenizers",)
RECORDER = (
    f"""
HIDDEN = {HIDDEN}"""
    + """
import os, sys
def note(event, args, file=os.path.join(os.environ["LEADS_TEST_IMPORTS"], str(os.getpid())), write=os.write, seen=set()):
    if event == "import" and args[0] not in seen:
        seen.add(args[0])
        write(out, (args[0] + "\\n").encode())
out = os.open(os.path.join(os.environ["LEADS_TEST_IMPORTS"], str(os.getpid())), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
os.write(out, ("\\0".join(sys.orig_argv).replace("\\n", " ") + "\\n").encode())
sys.addaudithook(note)
sys.modules.update(dict.fromkeys(HIDDEN))
"""
)
"""A sitecustomize: the command line of the process, then every module that it looks for, a line each.

What only developers have installed is hidden, as it is from a user's program; not mistral_common, which the converter
must hide itself.
"""

COMMANDS = [
    ["convert", str(ROOT / "models" / "demo"), "--quant", "Q8_0", "--quiet"],
    ["convert", "plan", str(ROOT / "models" / "demo")],
    ["convert", "verify", "MODEL", "--against", str(ROOT / "models" / "demo")],
    ["models", "list"],
    ["models", "verify", "demo-Q8_0"],
    ["models", "use", "demo-Q8_0"],
    ["prompts", "list"],
    ["doctor"],
    ["demo", "--headless", "--out", "demo"],
    ["evaluate", "demo/sample.leads"],
    ["agreement", "demo/sample.leads"],
    ["init", "one.leads", "--population", "adults with painful knees", "--criterion", "Design=randomised trial"],
    ["import", "one.leads", "one.ris"],
    ["import", "one.leads", "one.xlsx"],
    ["add", "one.leads", "--title", "Rowing for knees", "--year", "2021"],
    ["dedupe", "one.leads"],
    ["search", "one.leads"],
    ["search", "one.leads", "--test", "walking.ti,ab. or exp Knee/"],
    ["search", "one.leads", "--translate", "walking.ti,ab,kf. or exp Knee/"],
    ["screen", "one.leads", "--mode", "triage"],
    ["decide", "one.leads", "1", "include"],
    ["pdfs", "one.leads", "papers/one.pdf", "--record", "1"],
    ["note", "one.leads", "1", "ask the authors"],
    ["find", "one.leads", "authors"],
    ["show", "one.leads", "1"],
    ["show", "one.leads", "1", "--page", "1", "--to", "page.png"],
    ["undo", "one.leads"],
    ["redo", "one.leads"],
    ["continue", "one.leads", "--label", "Update 2027"],
    ["status", "one.leads", "--at", "2026-11-01"],
    ["limits", "one.leads", "--set", "Years=year only 2000-", "--yes"],
    ["protocol", "one.leads"],
    ["sources", "one.leads"],
    ["decisions", "one.leads", "1"],
    ["retractions", "one.leads", "retractions.csv"],
    ["studies", "one.leads"],
    ["reading", "one.leads"],
    ["conflicts", "one.leads"],
    ["backup", "one.leads", "--to", "two.leads"],
    ["merge", "one.leads", "two.leads"],
    ["share", "one.leads", "three.leads", "--reviewer", "Ann", "--records", "1"],
    ["merge", "one.leads", "three.leads"],
    ["check", "one.leads"],
    ["text", "papers/one.pdf"],
    ["extract", "one.leads", "--form", "demo/form.toml"],
    ["convert", "imatrix", "MODEL", "--from", "one.leads", "--tokens", "600"],
    ["status", "one.leads"],
    ["export", "one.leads", "--to", "tables"],
    ["export", "one.leads", "--to", "marked", "--annotated", "--report"],
    ["export", "one.leads", "--records", "one.bib", "--for", "rayyan"],
]


def main(folder: Path) -> None:
    program = folder.parent / "leads-local"
    (folder / "one.ris").write_text(RIS)
    (folder / "retractions.csv").write_text(RETRACTIONS)
    (folder / "one.xlsx").write_bytes(
        workbook_files.xlsx({"Records": [["Title", "Year"], ["Cycling for knees", 2024]]})
    )
    model = str(Path(os.environ["LEADS_LOCAL_HOME"]) / "data" / "models" / MODEL)
    found, began = {}, time.monotonic()
    for command in COMMANDS:
        if command[0] == "pdfs":
            (folder / "papers").mkdir()
            min((folder / "demo" / "papers").glob("*.pdf")).rename(folder / "papers" / "one.pdf")
        given = [model if word == "MODEL" else word for word in command]
        program.write_text((FEW if command[0] == "demo" else "") + PROGRAM)
        done = subprocess.run(
            [sys.executable, str(program), *given], cwd=folder, capture_output=True, text=True, errors="replace"
        )
        found[" ".join(command)] = (done.returncode, (done.stdout + done.stderr)[-1500:])
        print(f"{time.monotonic() - began:6.1f} {command[0]}", file=sys.stderr)
    found["open"] = terminal([sys.executable, str(program), "open", "demo/sample.leads"], folder, "\r2jji3?qq")
    print(json.dumps(found))


def terminal(command: list[str], folder: Path, keys: str) -> tuple[int, str]:
    """Run a program on a terminal of its own and press ``keys``. Returns its exit code, -1 where it did not end, and
    what it drew last."""
    import fcntl
    import pty
    import select
    import struct
    import termios

    pid, screen = pty.fork()
    if pid == 0:
        os.chdir(folder)
        os.execve(command[0], command, {**os.environ, "TERM": "xterm-256color"})
    fcntl.ioctl(screen, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    drawn, waiting, last, ended = b"", list(keys), time.monotonic(), time.monotonic() + 60
    while time.monotonic() < ended:
        if select.select([screen], [], [], 0.2)[0]:
            try:
                drawn += os.read(screen, 1 << 16)
            except OSError:
                break
            last = time.monotonic()
        elif waiting and len(drawn) > 2000 and time.monotonic() - last > 0.4:  # it has drawn, and draws no more
            os.write(screen, waiting.pop(0).encode())
            last = time.monotonic()
    else:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, 9)
        os.waitpid(pid, 0)
        return -1, drawn[-1500:].decode(errors="replace")
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), drawn[-1500:].decode(errors="replace")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
