"""Nothing leaves, and nothing of the folder where one stands is run: every command, the demo and the UI in an empty
network, under strace.

One journey (``journey.py``) is taken, in a folder of poisoned modules, with the strictest circumstances that this
machine allows; each test asks one thing of it.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from leads_local import children
from tests.network import journey

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name == "nt", reason="a terminal of its own is made by fork")]

LIBRARIES = (
    "click convert fitz gguf jinja2 llama_cpp llguidance numpy platformdirs psutil pymupdf python_calamine "
    "rapidfuzz rich "
    "textual tqdm xlsxwriter"
)
LIBRARIES += " mistral_common requests yaml"  # gguf looks for them
NAMES = {*sys.stdlib_module_names, *LIBRARIES.split(), "sitecustomize", "usercustomize"}
POISON = "open({marks!r}, 'a').write(__name__ + ' ')\nraise SystemExit('a module of the folder was run: ' + __name__)\n"
SOCKET = re.compile(r"^\d+ +(?:<\.\.\. )?(\w+).*?\b(AF_INET6?|AF_NETLINK|AF_PACKET|AF_VSOCK|AF_ALG|AF_BLUETOOTH)\b")


@dataclass(frozen=True, slots=True)
class Journey:
    """What a journey left: (exit code, last words) by command, lines of strace or None, modules by process, and marks
    of poison."""

    codes: dict[str, tuple[int, str]]
    namespace: str
    calls: list[str] | None
    imports: dict[str, set[str]]
    marks: str
    home: Path
    why: dict[str, str] = field(default_factory=dict)


def allowed(*command: str) -> str:
    """Why ``command`` can't be put before a program here, or ""."""
    if shutil.which(command[0]) is None:
        return f"{command[0]} is not on this machine"
    done = subprocess.run([*command, "true"], capture_output=True, text=True)
    return "" if done.returncode == 0 else f"{command[0]} is not allowed here: {done.stderr.strip()[:100]}"


def poison(folder: Path, marks: Path) -> None:
    for name in NAMES:
        (folder / f"{name}.py").write_text(POISON.format(marks=str(marks)))


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journey]:
    base = tmp_path_factory.mktemp("journey")
    for name in ("work", "home", "imports", "recorder", "user"):
        (base / name).mkdir()
    (base / "recorder" / "sitecustomize.py").write_text(journey.RECORDER)
    poison(base / "work", base / "marks")
    trace = [
        "strace",
        "-f",
        "-qq",
        "-e",
        "trace=%network,io_uring_setup",
        "-e",
        "signal=none",
        "-o",
        str(base / "trace"),
    ]
    spaces = (["unshare", "-n"], ["unshare", "-rn"])
    namespace = next((space for space in spaces if not allowed(*space)), [])
    why = {"namespace": allowed(*spaces[1]), "strace": allowed(*trace)}
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("LEADS_LOCAL", "XDG_", "PYTHON"))
    }
    environment |= {
        "LEADS_LOCAL_HOME": str(base / "home"),
        "LEADS_TEST_IMPORTS": str(base / "imports"),
        "HOME": str(base / "user"),
        "LOGNAME": "tester",  # else a service may be asked for it
        "PYTHONPATH": os.pathsep.join((str(base / "recorder"), str(journey.ROOT))),
    }
    command = [
        *namespace,
        *([] if why["strace"] else trace),
        sys.executable,
        str(Path(journey.__file__)),
        str(base / "work"),
    ]
    done = subprocess.run(command, cwd=base, env=environment, capture_output=True, text=True, timeout=400)
    assert done.returncode == 0, done.stderr
    calls = None if why["strace"] else (base / "trace").read_text(errors="replace").splitlines()
    marks = (base / "marks").read_text() if (base / "marks").exists() else ""
    yield Journey(json.loads(done.stdout), " ".join(namespace), calls, imports(base / "imports"), marks, base, why)


def imports(folder: Path) -> dict[str, set[str]]:
    """Names that each kind of process looked for: "leads-local" and the command, or the module that a child runs."""
    found: dict[str, set[str]] = {}
    for file in folder.iterdir():
        first, *names = file.read_text().splitlines()
        words = first.split("\0")
        kind = words[words.index(str(children.ROOT)) + 1] if str(children.ROOT) in words else f"leads-local {words[2]}"
        found.setdefault(kind, set()).update(names)
    return found


def test_every_command_does_its_work(taken: Journey) -> None:
    """In an empty network namespace where that is allowed."""
    failed = {name: words for name, (code, words) in taken.codes.items() if code != 0}
    assert not failed
    assert len(taken.codes) == len(journey.COMMANDS) + 1
    if not taken.namespace:
        pytest.skip(f"all commands work, but not in an empty network: {taken.why['namespace']}")


def test_no_process_asks_for_a_network_socket(taken: Journey) -> None:
    if taken.calls is None:
        pytest.skip(taken.why["strace"])
    assert any("socketpair(AF_UNIX" in line for line in taken.calls), "strace saw nothing"
    assert [line for line in taken.calls if SOCKET.match(line)] == []
    assert [
        line for line in taken.calls if "io_uring_setup(" in line or ("connect(" in line and line.endswith("= 0"))
    ] == []


def test_what_strace_says_of_a_program_that_reaches_out_is_seen(tmp_path: Path) -> None:
    """The test above can fail."""
    trace = ["strace", "-f", "-qq", "-e", "trace=%network", "-o", str(tmp_path / "trace")]
    if why := allowed(*trace):
        pytest.skip(why)
    for family in ("socket.AF_INET", "socket.AF_INET6", "socket.AF_NETLINK, socket.SOCK_RAW"):
        subprocess.run([*trace, sys.executable, "-c", f"import socket; socket.socket({family})"], capture_output=True)
        assert any(SOCKET.match(line) for line in (tmp_path / "trace").read_text().splitlines()), family


def test_no_module_of_the_folder_is_run(taken: Journey) -> None:
    assert taken.marks == ""


def test_nothing_is_left_in_the_users_folders(taken: Journey) -> None:
    """Least of all an id of this computer."""
    assert [str(path.relative_to(taken.home)) for path in (taken.home / "user").rglob("*") if path.is_file()] == []


# What each kind of process may import beside Python's own. A library that is not here is looked at before it is put
# here: what does it open, write and import? Those that are looked for and not installed don't count.
EVERYWHERE = {"leads_local", "platformdirs"}
# llama_cpp imports the three after it; psutil is asked for cores and memory.
ENGINE = {
    *EVERYWHERE,
    "convert",
    "llama_cpp",
    "diskcache",
    "jinja2",
    "markupsafe",
    "numpy",
    "psutil",
    "typing_extensions",
}
# of convert only the reader of GGUF headers
COMMAND = {*EVERYWHERE, "click", "convert", "psutil", "rapidfuzz", "tqdm", "xlsxwriter"}
# It looks for mistral_common, too, which the converter hides: what that would import is not here.
GGUF = {"gguf", "sentencepiece", "tqdm", "yaml", "mistral_common"}
IMPORTED = {
    "leads-local demo": {*COMMAND, "pymupdf"},  # it typesets the sample's papers
    "leads-local convert": {
        *COMMAND,
        "jinja2",
        "markupsafe",
    },  # prompts of a review are laid out for the importance matrix
    "leads-local open": {*COMMAND, "textual", "rich", "typing_extensions", "markdown_it", "mdurl", "pygments"},
    "convert": {*EVERYWHERE, "convert", "numpy", "psutil", *GGUF},
    "convert.activations": {"convert", *ENGINE},
    "convert.native": {"convert", *ENGINE},
    "leads_local.citations.workbook_reader": {*EVERYWHERE, "python_calamine", "psutil"},  # psutil: what starts it
    "leads_local.documents.marking_worker": {*EVERYWHERE, "pymupdf"},
    "leads_local.documents.worker": {*EVERYWHERE, "pymupdf"},
    "leads_local.engine.backend": ENGINE,
    "leads_local.engine.encoding": ENGINE,
    "leads_local.engine.rendering": {*EVERYWHERE, "jinja2", "markupsafe", "psutil"},
    "leads_local.engine.worker": {*ENGINE, "llguidance"},
}
# Python's own clients and servers, by the process that imports one and why.
CLIENTS = {
    "asyncio",
    "ftplib",
    "http.client",
    "http.server",
    "imaplib",
    "nntplib",
    "poplib",
    "smtplib",
    "socketserver",
    "ssl",
    "telnetlib",
}
CLIENTS |= {
    "urllib.request",
    "webbrowser",
    "wsgiref",
    "xmlrpc.client",
    "multiprocessing.managers",
    "multiprocessing.connection",
}
LOADED = {"leads-local open": {"asyncio", "ssl"}}  # Textual runs on asyncio, which imports ssl


def test_no_process_imports_what_is_not_known(taken: Journey) -> None:
    kinds = {f"leads-local {command[0]}" for command in journey.COMMANDS} | set(IMPORTED)
    if importlib.util.find_spec("sentencepiece") is None:
        kinds.remove("convert.native")  # it is asked what that tokenizer says
    assert kinds <= set(taken.imports), "a kind of process was not started, or not recorded"
    assert {kind for kind in taken.imports if not kind.startswith("leads-local ")} <= set(IMPORTED), (
        "a child that the list does not have"
    )
    unknown = {}
    for kind in kinds:
        known = {*sys.stdlib_module_names, *journey.HIDDEN, *IMPORTED.get(kind, COMMAND)}
        unknown[kind] = sorted(
            name for name in {name.partition(".")[0] for name in taken.imports[kind]} - known if _is_there(name)
        )
    assert {kind: names for kind, names in unknown.items() if names} == {}


def _is_there(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ValueError:  # a module without a spec
        return True


def test_no_process_imports_a_client_of_the_network_without_a_reason(taken: Journey) -> None:
    loaded = {kind: names & CLIENTS for kind, names in taken.imports.items()}
    assert {kind: names for kind, names in loaded.items() if names} == LOADED
