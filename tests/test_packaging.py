"""The wheel and the sdist as others get them: built here, installed into an empty environment, and tried.

Nothing is fetched and llama.cpp is not compiled again: the empty environment sees the libraries of this one, and
leads_local only as it was built.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.patience import patience

ROOT = Path(__file__).resolve().parents[1]
pytest.importorskip("hatchling", reason="set-up without pins leaves nothing that builds packages")
pytestmark = [
    pytest.mark.packaging,
    pytest.mark.skipif(os.name == "nt", reason="stops the demo with a signal that Windows lacks"),
]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the sdist of this checkout."""
    folder = tmp_path_factory.mktemp("dist")
    build(ROOT, folder, "wheel", "sdist")
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    return next(built.glob("*.whl"))


@pytest.fixture(scope="module")
def sdist(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked sdist."""
    folder = tmp_path_factory.mktemp("sdist")
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        archive.extractall(folder, filter="data")
    return next(folder.iterdir())


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment into which the wheel was installed, without network."""
    folder = make_environment(tmp_path_factory.mktemp("environment"))
    command = ["-m", "pip", "--python", str(folder / "bin" / "python"), "install", "--no-index", "--no-deps", "-q"]
    subprocess.run([sys.executable, *command, str(wheel)], check=True, timeout=patience(60))
    return folder


def build(source: Path, out: Path, *targets: str) -> None:
    wanted = [part for target in targets for part in ("-t", target)]
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-d", str(out), *wanted], cwd=source, check=True)


def make_environment(folder: Path, *places: Path) -> Path:
    """An environment without pip that imports from ``places`` and from where the tests' libraries lie."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    libraries = [Path(place) for place in sys.path if Path(place).name in ("site-packages", "dist-packages")]
    site = next(folder.glob("lib/python*/site-packages"))
    (site / "libraries.pth").write_text("".join(f"{place}\n" for place in (*places, *libraries)))
    return folder


def run_until(command: list[str], sign: str, home: Path, **more: str) -> tuple[int, str]:
    """Run ``command`` till a line of what it says holds ``sign``, then press Ctrl-C. Returns its exit code and what it
    said."""
    given = clean_environment(home) | more
    process = subprocess.Popen(
        command, cwd=home, env=given, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, process_group=0
    )
    said = ""
    hung = threading.Timer(patience(180), process.kill)
    hung.start()
    try:
        assert process.stderr is not None
        for line in process.stderr:
            if sign in line and sign not in said:
                os.killpg(process.pid, signal.SIGINT)
            said += line
        return process.wait(patience(30)), said
    finally:
        hung.cancel()
        process.kill()
        process.wait()
        if process.stderr:
            process.stderr.close()


def clean_environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "LEADS_LOCAL"))}
    return kept | {"LEADS_LOCAL_HOME": str(home)}


def files_of_git() -> Iterator[str]:
    try:
        listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    except OSError:
        pytest.skip("git is not installed")
    if listed.returncode != 0:
        pytest.skip("this is no checkout of git")
    yield from (line for line in listed.stdout.splitlines() if (ROOT / line).is_file())


def test_every_file_of_the_checkout_is_in_the_sdist(sdist: Path) -> None:
    assert [name for name in files_of_git() if not (sdist / name).is_file()] == []


def test_the_wheel_has_what_the_program_needs_and_no_training(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    for needed in ("py.typed", "convert/__main__.py", "models/demo/model.safetensors", "inventory/constraints.txt"):
        assert f"leads_local/{needed}" in names
    assert not [name for name in names if "training" in name or name.startswith("tests")]


def test_the_sdist_builds_the_same_wheel(sdist: Path, wheel: Path, tmp_path: Path) -> None:
    build(sdist, tmp_path, "wheel")
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as again, zipfile.ZipFile(wheel) as first:
        made, before = ({one.filename: one.CRC for one in archive.infolist()} for archive in (again, first))
    assert made == before


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [(["--version"], "version"), (["licences"], "demo model"), (["doctor"], "libraries"), (["convert", "--help"], "")],
)
def test_the_installed_program_runs(environment: Path, tmp_path: Path, arguments: list[str], expected: str) -> None:
    command = [str(environment / "bin" / "leads-local"), *arguments]
    home = clean_environment(tmp_path)
    done = subprocess.run(command, cwd=tmp_path, env=home, capture_output=True, text=True, timeout=patience(60))
    assert done.returncode in (0, 1), done.stderr
    assert expected in done.stdout and "Traceback" not in done.stdout + done.stderr


def test_the_installed_program_is_the_wheels(environment: Path, tmp_path: Path) -> None:
    code = "import leads_local; print(leads_local.__file__)"
    command = [str(environment / "bin" / "python"), "-P", "-c", code]
    done = subprocess.run(command, cwd=tmp_path, env=clean_environment(tmp_path), capture_output=True, text=True)
    assert Path(done.stdout.strip()).is_relative_to(environment)


def test_the_demo_of_the_wheel_screens_and_reads_papers(environment: Path, tmp_path: Path) -> None:
    command = [str(environment / "bin" / "leads-local"), "demo", "--headless", "--out", str(tmp_path / "out")]
    code, said = run_until(command, "PDFs read", tmp_path)
    assert code == 130 and "Stopped; what is finished is kept" in said, said
    assert "Screening abstracts: 32 of 32 done, 0 failed." in said and "8 PDFs read, 8 attached" in said
    assert "Traceback" not in said


def test_the_demo_starts_from_the_sdist(sdist: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment is as set-up leaves it, so that nothing is installed."""
    place = make_environment(tmp_path / "venv", sdist)
    monkeypatch.setenv("LEADS_LOCAL_VENV", str(place))
    done = "from set_up.installing import stamp, Place; file, state = stamp(Place.chosen()); file.write_text(state)"
    subprocess.run([sys.executable, "-c", done], cwd=sdist, check=True)
    command = [sys.executable, str(sdist / "bootstrap.py"), "demo", "--headless", "--out", str(tmp_path / "out")]
    code, said = run_until(command, "duplicates in 6 groups", tmp_path, LEADS_LOCAL_VENV=str(place))
    assert code == 130 and str(sdist) in said, "the model is the sdist's"
    assert "citations.nbib: 14 records" in said and "Traceback" not in said
