"""Every command on consoles that lack characters: the same exit codes as on one that has all, JSON that means the same,
and for people the same text with marks in it."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote_to_bytes

import click
import pytest

from leads_local import demo, offline
from leads_local.cli import __main__ as cli
from tests.fake_engine import FakeEngine
from tests.patience import patience

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse names that are no Unicode")
HARD = "≠ […] “ ” é 中"
NAME = f"{HARD} \udcff"
"""As a file's name: its last byte is no Unicode."""
RIS = (
    "TY  - JOUR\nTI  - Walking {hard} for knees {number}\nAU  - Żółć, Ñ\nAB  - We randomised 84 adults ± 2.\nER  -\n\n"
)
ENCODINGS = ("cp1252", "cp850", "latin-1", "ascii")
ROOT = Path(__file__).resolve().parents[2]
SAMPLE = "demo-output/sample.leads"
OWN = f"{NAME}.leads"

# Every command and subcommand, in an order in which each has what it needs. An argument list may stand for itself and
# its JSON.
LINES: tuple[tuple[str, ...], ...] = (
    ("--help",),
    ("demo", "--headless", "--model", f"{NAME}.gguf"),
    ("init", OWN, "--population", f"adults {HARD}", "--criterion", f"Design {HARD}=randomised {HARD}"),
    ("import", OWN, f"{NAME}.ris", "--json"),
    ("import", OWN, f"{NAME}.ris", f"{NAME} broken.ris"),
    ("dedupe", OWN),
    ("dedupe", OWN, "--json"),
    ("search", OWN),
    ("search", OWN, "--json"),
    ("search", OWN, "--test", f"{HARD}.ti,ab. or exp Knee/"),
    ("search", OWN, "--test", f"{HARD}[tiab] AND knee[mh]", "--json"),
    ("screen", OWN),
    ("screen", SAMPLE, "--stage", "fulltext", "--retry"),
    ("decide", OWN, "1", "include", "--reason", HARD, "--reviewer", HARD),
    ("decide", OWN, "2", "exclude", "--reason", HARD, "--reviewer", HARD),
    ("decide", OWN, "2", "exclude", "--reason", NAME),
    ("pdfs", OWN, NAME, "--json"),
    ("pdfs", OWN, NAME),
    ("reading", OWN),
    ("reading", OWN, "--json"),
    ("text", f"{NAME}/{NAME}.pdf"),
    ("text", f"{NAME}/{NAME}.pdf", "--json"),
    ("text", f"{NAME} broken.ris"),
    ("extract", OWN, "--form", f"{NAME}.toml"),
    ("verify", OWN, "1", "edit", HARD, "--reviewer", HARD),
    ("evaluate", OWN),
    ("evaluate", OWN, "--json"),
    ("agreement", OWN),
    ("agreement", OWN, "--json"),
    ("note", OWN, "1", HARD, "--reviewer", HARD),
    ("tag", OWN, "1", HARD, "--reviewer", HARD),
    ("priority", OWN, "1", "high", "--reviewer", HARD),
    ("correct", OWN, "3", "title", HARD, "--reviewer", HARD),
    ("find", OWN, HARD),
    ("find", OWN, "--tag", HARD, "--json"),
    ("show", OWN, "1"),
    ("show", OWN, "1", "--json"),
    ("decide", OWN, "1", "exclude", "--reason", HARD, "--reviewer", f"B {HARD}"),
    ("conflicts", OWN),
    ("conflicts", OWN, "--json"),
    ("adjudicate", OWN, "1", "include", "--reason", HARD, "--reviewer", HARD),
    ("rule", OWN, "--rule", "two", "--reviewer", HARD),
    ("rule", OWN),
    ("dedupe", OWN, "--separate", "2", "3", "--reviewer", HARD),
    ("undo", OWN, "--reviewer", HARD),
    ("redo", OWN, "--reviewer", HARD),
    ("retrieval", OWN, "1", "--reviewer", HARD),
    ("limits", OWN, "--set", f"{HARD}=language only English", "--exclude", HARD, "--yes", "--reviewer", HARD),
    ("limits", OWN, "--json"),
    ("protocol", OWN),
    ("protocol", OWN, "--json"),
    ("protocol", OWN, "--history"),
    ("studies", OWN, "--link", "1", "3", "--label", HARD, "--why", HARD, "--reviewer", HARD),
    ("studies", OWN),
    ("studies", OWN, "--json"),
    ("sources", OWN),
    ("sources", OWN, "--withdraw", "1", "--reason", HARD, "--json"),
    ("undo", OWN),
    ("share", OWN, f"{NAME} package.leads", "--reviewer", HARD, "--by", HARD),
    ("share", OWN, f"{NAME} other package.leads", "--reviewer", HARD, "--where", f"title~{HARD}", "--json"),
    ("status", f"{NAME} package.leads"),
    ("merge", OWN, f"{NAME} package.leads"),
    ("continue", OWN, "--label", HARD, "--reviewer", HARD),
    ("continue", OWN),
    ("continue", OWN, "--json"),
    ("merge", OWN, f"{NAME} nowhere.leads"),
    ("merge", OWN, OWN, "--json"),
    ("status", OWN),
    ("status", OWN, "--json"),
    ("status", OWN, "--at", "2026-11-01"),
    ("status", OWN, "--at", "2026-11-01T14:30", "--json"),
    ("status", SAMPLE),
    ("check", OWN),
    ("check", OWN, "--json"),
    ("backup", OWN, "--to", f"{NAME} copy.leads"),
    ("backup", OWN, "--to", f"{NAME} other copy.leads", "--json"),
    ("restore", OWN, "--from", f"{NAME} copy.leads"),
    ("restore", OWN),
    ("restore", OWN, "--json"),
    ("upgrade", OWN),
    ("rescue", OWN, f"{NAME}.ris"),
    ("rescue", OWN, f"{NAME}.ris", "--json"),
    ("export", OWN, "--to", f"{NAME} tables", "--json"),
    ("export", OWN, "--to", f"{NAME} tables"),
    ("export", OWN, "--records", f"{NAME}.bib", "--tag", HARD, "--unblind"),
    ("decisions", OWN, "1", "--column", HARD, "--json"),
    ("decisions", OWN, f"{NAME}.ris", "--every", "maybe", "--reviewer-name", f"={HARD}", "--take", "--reviewer", HARD),
    ("retractions", OWN, f"{NAME}.ris", "--reviewer", HARD),
    ("retractions", OWN, f"{NAME}.ris", "--json"),
    ("add", OWN, "--title", HARD, "--authors", f"{HARD}, Anna", "--reviewer", HARD),
    ("models", "list"),
    ("models", "list", "--json"),
    ("models", "show", f"{NAME}.gguf"),
    ("models", "show", f"{NAME}.gguf", "--json"),
    ("models", "verify", f"{NAME}.gguf"),
    ("models", "use", f"{NAME}.gguf"),
    ("models", "forget"),
    ("prompts", "list"),
    ("prompts", "list", "--json"),
    ("prompts", "show"),
    ("prompts", "import", NAME),
    ("bench", "screen", "--model", f"{NAME}.gguf", "--citations", f"{NAME}.ris"),
    ("bench", "extract", "--model", f"{NAME}.gguf", "--paper", f"{NAME} nowhere.txt"),
    ("bench", "engine", "--model", f"{NAME} nowhere.gguf", "--batched-bench", f"{NAME}"),
    ("bench", "convert", "--help"),
    ("convert", "plan", NAME),
    ("licences",),
    ("licences", "--sbom"),
    ("licences", "--json"),
    ("doctor",),
    ("doctor", "--json"),
    ("open", OWN),
    ("status", f"{NAME} nowhere.leads"),
    (NAME,),
)


@dataclass(frozen=True, slots=True)
class Told:
    code: int
    out: str
    err: str


def commands(group: click.Command, before: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    if not isinstance(group, click.Group):
        yield before, group
        return
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield from commands(command, (*before, name))


def test_every_command_is_tried_and_every_json() -> None:
    for name, command in commands(cli.leads_local):
        tried = [line[len(name) :] for line in LINES if line[: len(name)] == name]
        assert tried, f"{name} is missing in LINES"
        for option in ("--json", "--sbom"):
            if any(option in parameter.opts for parameter in command.params):
                assert any(option in line for line in tried), f"{name} {option} is missing in LINES"


def test_every_text_that_is_stored_is_a_text() -> None:
    """Names of models, packs and tasks are looked up, never stored; ``said`` is which flag was given."""
    names = {
        "model",
        "models",
        "prompt_pack",
        "packs",
        "task",
        "name",
        "names",
        "variants",
        "arguments",
        "show",
        "said",
    }
    for _, command in commands(cli.leads_local):
        for parameter in command.params:
            assert parameter.type is not click.STRING or parameter.name in names, (command.name, parameter.name)


def prepare(folder: Path) -> None:
    """What the commands find in the folder where they run."""
    (folder / f"{NAME}.ris").write_text("".join(RIS.format(hard=HARD, number=number) for number in range(3)), "utf-8")
    (folder / f"{NAME} broken.ris").write_bytes(b"\xff\xfe\x00")
    (folder / f"{NAME}.gguf").write_bytes(b"GGUF")
    unpacked = demo.unpack(folder / "sample")
    (folder / NAME).mkdir()
    shutil.copyfile(unpacked.papers[0], folder / NAME / f"{NAME}.pdf")
    shutil.copyfile(unpacked.form, folder / f"{NAME}.toml")
    shutil.rmtree(folder / "sample")


def run(line: tuple[str, ...], encoding: str, monkeypatch: pytest.MonkeyPatch) -> Told:
    """In this process, on streams as Python makes them for a console of that code page."""
    written = io.BytesIO(), io.BytesIO()
    with monkeypatch.context() as patch:
        for name, bytes_, errors in zip(("stdout", "stderr"), written, ("strict", "backslashreplace"), strict=True):
            patch.setattr(sys, name, io.TextIOWrapper(bytes_, encoding, errors, write_through=True))
        code = cli.main(line)
        out, err = (found.getvalue().decode(encoding) for found in written)
    return Told(code, out, err)


def run_all(folder: Path, encoding: str, monkeypatch: pytest.MonkeyPatch, home: Path) -> dict[tuple[str, ...], Told]:
    folder.mkdir()
    prepare(folder)
    with monkeypatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(offline, "enforce", lambda: None)  # a fixture of a module runs before those of its tests
        patch.setattr("leads_local.engine.host.open_engine", lambda settings, progress=None, **_: FakeEngine())
        found = {line: run(line, encoding, monkeypatch) for line in LINES}
    shutil.rmtree(folder)
    shutil.rmtree(home)
    return found


@pytest.fixture(scope="module")
def everywhere() -> Iterator[dict[str, dict[tuple[str, ...], Told]]]:
    """What each command says on each console, run in a folder and a home of the same name."""
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as name:
        home, folder = Path(name, "home"), Path(name, "work")
        patch.setenv("LEADS_LOCAL_HOME", str(home))
        yield {encoding: run_all(folder, encoding, patch, home) for encoding in ("utf-8", *ENCODINGS)}


def steadied(text: str) -> str:
    """Without what differs from one run to the next: times, sizes, bars of progress, random names."""
    text = "\n".join(line.rpartition("\r")[2] for line in text.split("\n"))
    text = re.sub(r'"(session|name)": "[0-9a-f]{16}"', r'"\1": ""', text)
    text = re.sub(r"\d{4}-\d\d-\d\d[T ]?[-\d:.+]*", "TIME", text)
    text = re.sub(r"^.*\d+ gone.*\n", "", text, flags=re.MULTILINE)
    return re.sub(r"\d+(?:\.\d+)? (GiB|s)\b", r"N \1", text)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("line", LINES, ids=lambda line: ascii(" ".join(line)).replace(ascii(NAME)[1:-1], "NAME"))
def test_a_console_changes_nothing_but_what_it_lacks(
    everywhere: dict[str, dict[tuple[str, ...], Told]], line: tuple[str, ...], encoding: str
) -> None:
    whole, found = everywhere["utf-8"][line], everywhere[encoding][line]
    assert found.code == whole.code
    assert "fault of leads-local" not in whole.err + found.err and "Traceback" not in found.out + found.err
    assert steadied(found.err) == steadied(whole.err).encode(encoding, "replace").decode(encoding)
    if "--json" in line or "--sbom" in line:
        assert found.out.isascii()
        assert (json.loads(steadied(found.out)) if found.out else "") == (
            json.loads(steadied(whole.out)) if whole.out else ""
        )
    else:
        assert steadied(found.out) == steadied(whole.out).encode(encoding, "replace").decode(encoding)


def test_a_program_can_tell_the_file_and_a_person_two_files_apart(
    everywhere: dict[str, dict[tuple[str, ...], Told]],
) -> None:
    line = ("import", OWN, f"{NAME}.ris", "--json")
    for found in everywhere.values():
        told = json.loads(found[line].out)[0]["path"]  # a name that is no text is told as a URI, every byte of it
    assert told.startswith("file:///") and unquote_to_bytes(told).endswith(f"/{HARD} ".encode() + b"\xff.ris")
    assert f"{HARD} \\xff nowhere.leads: there is no" in everywhere["utf-8"]["status", f"{NAME} nowhere.leads"].err


CONSOLES = {
    "cp1252": {"PYTHONIOENCODING": "cp1252:strict"},
    "C": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a review, a paper and a checkpoint under hard names."""
    folder = tmp_path_factory.mktemp("consoles")
    prepare(folder)
    shutil.copytree(ROOT / "models" / "demo", folder / f"{NAME} checkpoint", ignore=shutil.ignore_patterns("training"))
    return folder


def program(place: Path, console: str, *arguments: str) -> tuple[int, bytes, bytes]:
    """As a person runs it, in a process of its own."""
    known = {key: value for key, value in os.environ.items() if not key.startswith(("LC_", "LANG", "PYTHON"))}
    done = subprocess.run(
        [os.fsencode(word) for word in (sys.executable, "-m", "leads_local", *arguments)],
        capture_output=True,
        cwd=place,
        env=known | {"LEADS_LOCAL_HOME": str(place / "home"), "PYTHONPATH": str(ROOT)} | CONSOLES.get(console, {}),
        timeout=patience(120),
    )
    assert b"Traceback" not in done.stderr and b"fault of" not in done.stderr
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("console", CONSOLES)
def test_a_whole_program_on_such_a_console(place: Path, console: str) -> None:
    review, encoding = f"{HARD} {console}.leads", "cp1252" if console == "cp1252" else "ascii"
    marks = "? […] “ ” é ?" if console == "cp1252" else ""
    assert program(place, console, "init", review, "--population", HARD)[0] == 0
    assert program(place, console, "import", review, f"{NAME}.ris")[0] == 0
    code, out, _ = program(place, console, "decide", review, "1", "include", "--reviewer", HARD, "--reason", HARD)
    assert code == 0 and marks.encode(encoding) in out
    code, out, _ = program(place, "UTF-8", "status", review, "--json")
    assert json.loads(out)["counts"]["screened"] == 1
    assert program(place, console, "export", review, "--to", f"{console} tables")[0] == 0
    decided = (place / f"{console} tables" / "records.csv").read_text("utf-8")
    assert decided.count(HARD) >= 5  # in the titles, and as the reviewer and the reason
    whole = program(place, "UTF-8", "status", review)
    assert program(place, console, "status", review)[::2] == whole[::2]
    for command in ("licences", "doctor"):
        assert program(place, console, command)[0] == program(place, "UTF-8", command)[0]


@pytest.mark.parametrize("console", CONSOLES)
def test_the_converter_on_such_a_console(place: Path, console: str) -> None:
    source, whole = f"{NAME} checkpoint", str(ROOT / "models" / "demo")
    code, out, err = program(place, console, "convert", whole, "--quant", "Q8_0", "--out", f"{console}.gguf")
    assert code == 0 and b"100%" in err and f"{console}.gguf".encode() in out
    code, out, _ = program(place, console, "convert", "plan", source)
    assert code == 0 and b"Q4_K_M" in out
    code, out, _ = program(place, console, "convert", "plan", source, "--json")
    assert (code, out.isascii(), json.loads(out)["context"]) == (0, True, 8192)
    code, out, _ = program(place, console, "convert", "verify", f"{console}.gguf", "--against", source)
    assert code == 0 and b"WRONG" not in out
    code, _, err = program(place, console, "convert", "plan", f"{NAME} nowhere")
    assert code == 2 and b"\\xff nowhere" in err and (b"? [\x85] \x93" in err or console == "C")
