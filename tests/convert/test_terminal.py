"""What a checkpoint is called, and what is in it, is shown and never obeyed."""

from __future__ import annotations

import ast
import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convert import terminal
from convert.command_line import main
from convert.terminal import escape_controls, say_json
from tests.convert.conftest import Maker

EVIL = "a\x1b[31m\x9b2J\u202e\u200bz"
FOLDER = Path(terminal.__file__).parent
FILES = [  # all but it, and what tells a Python that is too old to read it
    file for file in sorted(FOLDER.rglob("*.py")) if file not in (FOLDER / "terminal.py", FOLDER / "__init__.py")
]


def obeyed(text: str) -> list[str]:
    return [c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Cs") and c not in "\n\r"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_nothing_is_printed_elsewhere(file: Path) -> None:
    calls = [node.func for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    assert not [
        call
        for call in calls
        if ast.unparse(call) in ("print", "sys.stdout.write", "sys.stderr.write", "argparse.ArgumentParser")
    ]


@given(st.text(st.characters(codec=None)))
def test_every_character_is_shown_and_none_obeyed(text: str) -> None:
    assert obeyed(escape_controls(text)) == []
    assert escape_controls(text).encode("utf-8") and "\n" in escape_controls(text) if "\n" in text else True


def test_an_escape_sequence_is_shown_by_its_number() -> None:
    assert escape_controls(f"{EVIL}\nä") == "a\\x1b[31m\\x9b2J\\u202e\\u200bz\nä"


def test_json_is_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    say_json({"name": f"{EVIL}\x7f"})
    out = capsys.readouterr().out
    assert json.loads(out) == {"name": f"{EVIL}\x7f"} and obeyed(out) == []


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((EVIL, "--quant", "Q8_0"), 2),
        (("verify", EVIL, "--against", EVIL), 3),
        (("plan", EVIL), 2),
        ((EVIL, "--quant", EVIL), 2),
    ],
)
def test_names_that_are_given(
    arguments: tuple[str, ...], code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path / part) if part == EVIL else part for part in arguments]) == code
    said = capsys.readouterr()
    assert "\\x1b[31m" in said.err and obeyed(said.out + said.err) == []


def test_what_argparse_says(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["x", f"--{EVIL}", EVIL])
    said = capsys.readouterr()
    assert caught.value.code == 2 and "unrecognized" in said.err and obeyed(said.out + said.err) == []


def test_names_within_a_checkpoint(checkpoint: Maker, capsys: pytest.CaptureFixture[str]) -> None:
    folder = checkpoint(config={"architectures": [EVIL]})
    assert main([str(folder), "--quant", "Q8_0"]) == 2
    (folder / "config.json").write_text(
        json.dumps(json.loads((folder / "config.json").read_text()) | {"architectures": ["LlamaForCausalLM"]})
    )
    card = {"name": "x", "notice": f"a notice {EVIL}"}
    (folder / "leads_local.json").write_text(json.dumps(card))
    code = main([str(folder), "--quant", "Q8_0", "--out", str(folder / "x.gguf")])
    said = capsys.readouterr()
    assert code in (0, 2) and "notice" in said.err and obeyed(said.out + said.err) == []
