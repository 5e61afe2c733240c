"""An environment finds this checkout whatever its folder is called and whatever flags its files have."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from set_up.place import ROOT

pytest.importorskip("hatchling", reason="set-up without pins leaves nothing that builds packages")
from set_up import backend

pytestmark = pytest.mark.packaging
NAME = "Übersicht 日本 'x'"
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "LEADS_LOCAL"))}

# Python starts with what it does with .pth files (site.py) held back, so that these can be read as elsewhere.
START = "import io, os, runpy, stat, sys, types\n{trap}\nimport site\nsite.main()\nexec(sys.argv[1])"
AS_WINDOWS_READS_THEM = """
class InAscii(io.TextIOWrapper):  # up to Python 3.12.3 in the encoding of the locale
    def __init__(self, file, *_, **__):
        super().__init__(file, encoding="ascii")
io.TextIOWrapper = InAscii
"""
HIDDEN_ON_A_MAC = """
real = os.lstat
def lstat(path, **how):
    found = real(path, **how)
    kept = {name: getattr(found, name) for name in dir(found) if name.startswith("st_")}
    return types.SimpleNamespace(**kept | {"st_flags": stat.UF_HIDDEN})
os.lstat = lstat
"""
TRAPS = {"plain": "", "Windows": AS_WINDOWS_READS_THEM, "hidden": HIDDEN_ON_A_MAC}
SITE_SKIPS_HIDDEN = "st_flags" in Path(os.__file__).with_name("site.py").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The editable wheel of this checkout, as pip asks for it."""
    folder = tmp_path_factory.mktemp("wheel")
    code = f"from set_up import backend; print(backend.build_editable({str(folder)!r}))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return folder / done.stdout.strip()


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of the same shape in a folder with a difficult name."""
    root = tmp_path_factory.mktemp("checkout") / NAME
    for package in backend.PACKAGES:
        (root / package).mkdir(parents=True)
        (root / package / "__init__.py").write_text(f"place = __file__  # {package}\n")
        (root / package / "__main__.py").write_text(f"import {package}.part\nprint(ascii(__file__))\n")
        (root / package / "part.py").touch()
    (root / "json.py").write_text("raise SystemExit('taken for the one of Python')\n")
    return root


@pytest.fixture(scope="module")
def python(wheel: Path, checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment where ``pip install -e`` of that project was done."""
    folder = tmp_path_factory.mktemp("environment")
    pointing = folder / wheel.name
    pointing.write_bytes(wheel.read_bytes())
    backend.point(pointing, checkout)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder / "venv")], check=True)
    python = folder / "venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    how = ["--isolated", "--python", str(python), "install", "--no-index", "--no-deps", "--no-compile", "-q"]
    subprocess.run([sys.executable, "-m", "pip", *how, str(pointing)], check=True, env=CLEAN)
    return python


def ask(python: Path, *arguments: str, where: Path) -> str:
    done = subprocess.run([str(python), *arguments], cwd=where, env=CLEAN, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_no_pth_file_is_left_and_every_file_is_in_the_record(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        record = archive.read(next(name for name in names if name.endswith("RECORD"))).decode()
        assert all(archive.read(f"{package}/__init__.py").isascii() for package in backend.PACKAGES)
    assert not [name for name in names if name.endswith(".pth")]
    assert sorted(line.rpartition(",")[0].rpartition(",")[0] for line in record.splitlines()) == sorted(names)
    assert len(names) == len(set(names))


@pytest.mark.parametrize("package", backend.PACKAGES)
def test_programs_find_the_checkout_from_anywhere(package: str, python: Path, checkout: Path, tmp_path: Path) -> None:
    there = checkout / package
    code = f"import {package}.part, {package}, json; json.dumps; print(ascii({package}.place))"
    for isolated in ("-I", "-P"):
        assert ask(python, isolated, "-c", code, where=tmp_path) == ascii(str(there / "__init__.py"))
    assert ask(python, "-P", "-m", package, where=tmp_path) == ascii(str(there / "__main__.py"))
    assert "from leads_local.__main__ import main" in (python.parent / "leads-local").read_text(encoding="utf-8")


@pytest.mark.parametrize("trap", TRAPS)
def test_neither_an_encoding_nor_a_flag_keeps_it_away(trap: str, python: Path, checkout: Path, tmp_path: Path) -> None:
    code = "import leads_local; print(ascii(leads_local.place))"
    found = ask(python, "-S", "-P", "-c", START.format(trap=TRAPS[trap]), code, where=tmp_path)
    assert found == ascii(str(checkout / "leads_local" / "__init__.py"))


@pytest.mark.parametrize(("trap", "read"), [("plain", True), ("Windows", False), ("hidden", not SITE_SKIPS_HIDDEN)])
def test_a_pth_file_would_be_kept_away(trap: str, read: bool, checkout: Path, tmp_path: Path) -> None:
    """So that the test above is one: what hatchling alone writes is not found under the same conditions."""
    (tmp_path / "editable.pth").write_text(f"{checkout}\n", encoding="utf-8")
    code = f"site.addsitedir({str(tmp_path)!r}); print({str(checkout)!r} in sys.path)"
    if trap == "Windows" and sys.version_info >= (3, 12, 4):
        pytest.skip("since 3.12.4 Python tries UTF-8 first")
    command = [sys.executable, "-S", "-P", "-c", START.format(trap=TRAPS[trap]), code]
    done = subprocess.run(command, env=CLEAN, capture_output=True, text=True)
    assert (done.stdout.strip() == "True") == read, done.stderr
    assert read or trap == "hidden" or "UnicodeDecodeError" in done.stderr


def test_a_checkout_that_is_on_the_path_already_is_no_trap(python: Path, checkout: Path, tmp_path: Path) -> None:
    """As an entry behind the environment's, which an older set-up's .pth file would be."""
    code = f"import sys; sys.path.append({str(checkout)!r}); import leads_local; print(ascii(leads_local.place))"
    assert ask(python, "-P", "-c", code, where=tmp_path) == ascii(str(checkout / "leads_local" / "__init__.py"))


def test_a_checkout_that_was_moved_is_named_in_a_sentence(python: Path, checkout: Path, tmp_path: Path) -> None:
    moved = checkout.rename(checkout.with_name("moved"))
    command = [str(python), "-P", "-m", "leads_local"]
    done = subprocess.run(command, cwd=tmp_path, env=CLEAN, capture_output=True, text=True)
    moved.rename(checkout)
    assert done.returncode == 2 and "where it is no more" in done.stderr and "Traceback" not in done.stderr
