"""A checkout has the same bytes on every system, Windows with Git's own settings there included."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
AS_ON_WINDOWS = ("-c", "core.autocrlf=true", "-c", "core.eol=crlf")
BINARY = ("a.gguf", "b/paper.pdf", "model.safetensors", "tokenizer.model", "knee.leads", "t.xlsx", "t.png", "w.zip")


def git(*arguments: str, given: str = "") -> str:
    try:
        done = subprocess.run(["git", *arguments], cwd=ROOT, input=given, capture_output=True, text=True)
    except OSError:
        pytest.skip("git is not installed")
    if done.returncode != 0:
        pytest.skip("this is no checkout of git")
    return done.stdout


def test_git_on_windows_checks_out_the_same_bytes(tmp_path: Path) -> None:
    git(*AS_ON_WINDOWS, "checkout-index", "--all", f"--prefix={tmp_path}/")
    kept = {line.partition("\t")[2]: line.split()[1] for line in git("ls-files", "--stage").splitlines()}
    files = [name for name in kept if (tmp_path / name).is_file()]
    assert len(files) > 500
    given = "".join(f"{tmp_path}/{name}\n" for name in files)
    hashed = git("hash-object", "--no-filters", "--stdin-paths", given=given)
    assert [name for name, sha in zip(files, hashed.split(), strict=True) if sha != kept[name]] == []


def test_no_text_in_the_repository_has_other_line_ends() -> None:
    listed = [line.split(None, 3) for line in git("ls-files", "--eol").splitlines()]
    assert [row for row in listed if row[0] not in ("i/lf", "i/-text", "i/none")] == []


@pytest.mark.parametrize(("name", "text"), [*((name, "unset") for name in BINARY), ("a.txt", "auto")])
def test_what_is_no_text_is_never_touched(name: str, text: str) -> None:
    told = dict(line.split(": ")[1:] for line in git("check-attr", "text", "eol", "--", name).splitlines())
    assert told == {"text": text, "eol": "lf"}
