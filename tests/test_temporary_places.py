"""A folder for temporary files that is full, missing or not ours: everything but the converter does without one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import convert
from leads_local import demo
from tests.patience import patience

ROOT = Path(__file__).resolve().parents[1]
Leads = Callable[..., str]
RIS = "TY  - JOUR\nTI  - Walking {0}\nAB  - We randomised 84 adults to walking or usual care.\nER  -\n\n"
# In every Python process: no such folder, and if a library goes to one by itself there is no room either.
NO_TEMPORARY_FILES = """
import sys, tempfile
tempfile.tempdir = "/nowhere/that/is"
def refuse(event, arguments):
    if event in ("tempfile.mkstemp", "tempfile.mkdtemp") and not str(arguments[0]).startswith(PLACE):
        raise OSError(28, "No space left on device", arguments[0])
sys.addaudithook(refuse)
"""


@pytest.fixture(scope="module")
def leads(tmp_path_factory: pytest.TempPathFactory) -> Leads:
    """Run a command where there is no place for temporary files; the folder it runs in is free for its own. Returns
    what it says."""
    place, code = tmp_path_factory.mktemp("place"), tmp_path_factory.mktemp("code")
    (code / "sitecustomize.py").write_text(NO_TEMPORARY_FILES.replace("PLACE", repr(str(place))))
    unpacked = demo.unpack(place / "sample")
    (place / "papers").mkdir()
    shutil.copyfile(unpacked.papers[0], place / "papers" / "one.pdf")
    shutil.copyfile(unpacked.form, place / "form.toml")
    (place / "some.ris").write_text("".join(RIS.format(number) for number in range(3)))
    convert.convert(ROOT / "models" / "demo", "Q8_0", place / "demo.gguf")
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join((str(code), str(ROOT))),
        "LEADS_LOCAL_HOME": str(place / "home"),
        "LEADS_LOCAL_MODEL": str(place / "demo.gguf"),
        **dict.fromkeys(("TMPDIR", "TMP", "TEMP", "SQLITE_TMPDIR"), "/nowhere/that/is"),
    }

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "leads_local", *arguments],
            cwd=place,
            env=environment,
            capture_output=True,
            text=True,
            timeout=patience(120),
        )
        # A person has to say what the paper is; the little model's query may be none.
        codes = {"pdfs": {1}, "search": {0, 1}}.get(arguments[0], {0})
        assert done.returncode in codes, (arguments, done.stdout, done.stderr)
        return done.stdout + done.stderr

    return run


def test_the_whole_way_needs_no_temporary_files(leads: Leads) -> None:
    leads("init", "a.leads", "--population", "adults", "--criterion", "Design=trial")
    leads("import", "a.leads", "some.ris")
    leads("dedupe", "a.leads")
    assert "1 PDF: 1 readable" in leads("pdfs", "a.leads", "papers")
    assert len(leads("text", "papers/one.pdf")) > 1000
    assert "done, 0 failed" in leads("screen", "a.leads", "--mode", "triage")
    leads("decide", "a.leads", "1", "include")
    leads("search", "a.leads")
    leads("export", "a.leads", "--to", "tables")
    leads("backup", "a.leads", "--to", "copy.leads")
    leads("restore", "a.leads", "--from", "copy.leads")
    leads("check", "a.leads")
    leads("status", "a.leads")
    leads("upgrade", "a.leads")
    leads("models", "show", "demo.gguf")
    leads("models", "verify", "demo.gguf")
    leads("licences", "--sbom")
    leads("doctor")
