"""Whatever comes from outside, nothing that a terminal obeys is echoed, by any command."""

from __future__ import annotations

import ast
import json
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from click import ClickException

from leads_local import cli
from leads_local.cli.echo import echo_error
from leads_local.cli.progress import reporting, waiting
from leads_local.records import Progress

from .conftest import Done

Leads = Callable[..., Done]

# click takes escape sequences out where there is no terminal, so more than the first of these is needed to see anything
EVIL = "a\x1b[31m\x9b2J\u202e\u200bz"
FILES = sorted(Path(cli.__file__).parent.glob("*.py"))
RAW = {"echo", "secho", "show", "print", "write", "writelines", "style", "echo_via_pager", "confirm", "prompt"}


def obeyed(text: str) -> list[str]:
    return [c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Cs") and c not in "\n\r"]


@pytest.mark.parametrize("file", [file for file in FILES if file.name != "echo.py"], ids=lambda file: file.name)
def test_no_command_writes_to_the_terminal_by_itself(file: Path) -> None:
    calls = [node.func for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    by_name = [call.id for call in calls if isinstance(call, ast.Name) and call.id == "print"]
    of_click = [
        call.attr
        for call in calls
        if isinstance(call, ast.Attribute)
        and call.attr in RAW
        and ast.unparse(call.value) in ("click", "error", "sys.stdout", "sys.stderr")
    ]
    assert by_name + of_click == []


def test_what_click_says_of_arguments(leads: Leads) -> None:
    for arguments in (
        (f"--{EVIL}",),
        (EVIL,),
        ("init", "x.leads", f"--{EVIL}"),
        ("status",),
        ("decide", "x.leads", EVIL, "include"),
    ):
        done = leads(*arguments)
        assert done.code == 2 and done.err and obeyed(done.out + done.err) == []
    assert "Usage: " in leads("init").err


def test_an_error_of_click_is_made_safe_whatever_click_does(capsys: pytest.CaptureFixture[str]) -> None:
    echo_error(ClickException(EVIL))
    assert capsys.readouterr().err == "Error: a\N{REPLACEMENT CHARACTER}2J\N{REPLACEMENT CHARACTER}z\n"


@pytest.mark.parametrize("command", ["import", "pdfs", "text", "prompts", "extract", "models", "export"])
def test_names_of_files(leads: Leads, review: Path, tmp_path: Path, command: str) -> None:
    place = tmp_path / f"{EVIL}.ris"
    if command in ("import", "models", "extract"):
        place.write_text(f"TY  - JOUR\nTI  - Knees {EVIL}\nPY  - {EVIL}\nER  - \n", encoding="utf-8")
    if command == "text":
        place.write_bytes(b"no PDF")
    if command == "pdfs":
        place.mkdir()
        (place / f"{EVIL}.pdf").write_bytes(b"no PDF")
    arguments = {
        "import": ("import", review, place),
        "pdfs": ("pdfs", review, place),
        "text": ("text", place),
        "prompts": ("prompts", "import", place),
        "extract": ("extract", review, "--form", place),
        "models": ("models", "use", place),
        "export": ("export", review, "--to", place.parent / f"{EVIL} out"),
    }
    done = leads(*arguments[command])
    assert done.out + done.err and obeyed(done.out + done.err) == []
    assert obeyed(leads("status", review).out) == []


def test_json_is_exact(leads: Leads, review: Path, tmp_path: Path) -> None:
    place = tmp_path / f"{EVIL}.ris"
    done = leads("import", review, place, "--json")
    assert json.loads(done.out)[0]["path"] == str(place)
    assert obeyed(done.out) == []


def test_a_manifests_notice(leads: Leads, tmp_path: Path) -> None:
    model = tmp_path / "models" / "m.gguf"
    model.parent.mkdir()
    model.write_bytes(b"GGUF" + bytes(40))
    entry = {
        "name": EVIL,
        "notice": EVIL,
        "adapter": EVIL,
        "quantization": EVIL,
        "size": 44,
        "sha256": EVIL,
        "prompt_pack": EVIL,
    }
    (model.parent / "manifest.json").write_text(
        json.dumps({"format": 1, "models": {"m.gguf": entry}}), encoding="utf-8"
    )
    for arguments in (("models", "show", model), ("models", "verify", model)):
        done = leads(*arguments)
        assert done.out + done.err and obeyed(done.out + done.err) == []


def test_bars(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("leads_local.cli.progress.FIRST_SHOWN_AFTER_SECONDS", 0.0)
    with reporting(EVIL, "file") as tell, waiting(EVIL):
        tell(Progress(EVIL, 1, 2))
    shown = capsys.readouterr().err
    assert "␛[31m" in shown and "\x9b" not in shown and "\u202e" not in shown and "\x1b[31m" not in shown
