"""Making the environment: what is called in which order, what is done already, and what a failure means.

What comes from outside is pinned, and pip refuses any other file. llama.cpp is compiled from a pinned source by pinned
tools: they are installed first, and ``--no-build-isolation`` keeps pip from fetching others. pip itself is the one that
came with Python. Where a pinned version can't be installed (a Python newer than the list, a machine without wheels),
set-up fails and names the way without pins, ``LEADS_LOCAL_UNPINNED=1``; it never takes that way by itself, because then
whoever spoils one download would be rid of the check.

A set-up that was stopped, in whatever way, goes on: each step looks for itself at what is there, and the file that says
that all is done is written last.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from set_up import building, failures, machine, pins, wheelhouse
from set_up.building import Build
from set_up.place import ROOT, Place, SetupError, say
from set_up.watching import watch

# What an earlier set-up brought and nothing of ours needs any more: onnxruntime contacts its maker, in native code.
LEFT_OVER = ("pymupdf_layout", "pymupdf4llm", "onnxruntime")
CHECKED = ("--require-hashes", "--no-deps", "--no-build-isolation")
OURS_ONLY = ("--no-deps", "--no-build-isolation", "-e")


def stamp(place: Place, extra: str = "", build: Build | None = None) -> tuple[Path, str]:
    """The file that says that the project is installed with ``extra``, and what it must hold to be still true. It is
    about the llama.cpp that is asked for, or about ``build``."""
    parts = [(ROOT / name).read_text(encoding="utf-8") for name in ("pyproject.toml", *pins.PINS)]
    parts += [sys.version, str(unpinned()), str(ROOT), (build or building.wanted(place)).arguments]
    state = hashlib.sha256("\0".join(parts).encode()).hexdigest()
    return place.venv / f".installed-{extra or 'alone'}", state


def unpinned() -> bool:
    """Whether the user asked for what the registry has today instead of what is pinned."""
    return os.environ.get("LEADS_LOCAL_UNPINNED", "") not in ("", "0")


def wheels() -> Path | None:
    """The folder of wheels that were carried here, where the user named one."""
    named = os.environ.get("LEADS_LOCAL_WHEELS")
    return Path(named).expanduser().absolute() if named else None


def install(place: Place, extra: str = "") -> None:
    """Install the project, with one of its extras or without, once for each state of pyproject.toml, the pins and the
    arguments for llama.cpp."""
    if not _installed(place, extra):
        with machine.room_for_long_names() as temporary:
            Installation(place, extra, building.wanted(place), temporary).make()
    there = building.remembered(place)
    if there and there not in (Build(""), wheelhouse.portable("")):
        say(f"llama.cpp is the build with {there.asked}.")


def _installed(place: Place, extra: str) -> bool:
    """Whether nothing is left to do; developers have all that users need."""
    files = dict((stamp(place, extra), stamp(place, "dev")))
    return place.python.exists() and any(
        file.exists() and file.read_text(encoding="utf-8") == state for file, state in files.items()
    )


class Installation:
    """One set-up of one environment."""

    def __init__(self, place: Place, extra: str, build: Build, temporary: Path | None = None) -> None:
        self.place, self.extra, self.build = place, extra, build
        self.anew = building.to_build_anew(place)
        self.wheels = wheels()
        self._environment = building.environment(build, temporary)

    def make(self) -> None:
        compiling = self.wheels is None and (self.anew or not self.place.have_llama())
        self.check(compiling)
        self.make_environment()
        if compiling:
            say(
                "Installing. The first time, llama.cpp is compiled for this machine: 3 to 10 minutes, once. Nothing "
                "else is asked of you."
            )
        self.remove_left_over()
        if self.wheels:
            self.install_carried(self.wheels)
        elif unpinned():
            self.install_unpinned()
        else:
            self.install_pinned()
        self.check_import()
        file, state = stamp(self.place, self.extra, building.remembered(self.place))
        file.write_text(state, encoding="utf-8")

    def check(self, compiling: bool) -> None:
        """Refuse early what would fail late."""
        machine.check_python(self.place)
        if self.wheels:
            if self.extra:
                raise SetupError(
                    "LEADS_LOCAL_WHEELS names a folder with what leads-local needs, not with what its developers need "
                    "besides; unset it, and run this again with a network."
                )
            wheelhouse.check_fits(self.wheels)
        if compiling:
            machine.check_compiler()
        machine.check_space(self.place, self.extra, compiling)

    def make_environment(self) -> None:
        """Make the environment where it is missing, or stands half-made."""
        place = self.place
        try:
            place.venv.mkdir(parents=True, exist_ok=True)
            place.log.unlink(missing_ok=True)
        except OSError as error:
            raise SetupError(
                f"{place.venv} can't be made or written to ({error.strerror}). Mend that, or set LEADS_LOCAL_VENV to "
                "a folder that you may write to, and run this again."
            ) from None
        if place.python.exists() and self._pip_works():
            return
        say(f"Making a Python environment in {place.venv.name} …")
        code = watch(place, [sys.executable, "-m", "venv", str(place.venv)], self._environment)
        if code:
            raise SetupError(failures.explain(place, unpinned=True))

    def _pip_works(self) -> bool:
        asked = [str(self.place.python), "-m", "pip", "--version"]
        try:
            return subprocess.run(asked, capture_output=True).returncode == 0
        except OSError:  # a Python that was removed since, or replaced
            return False

    def remove_left_over(self) -> None:
        left = [name for name in LEFT_OVER if any(self.place.packages(f"{name}-*.dist-info"))]
        if left:
            say(f"Removing {', '.join(left)}, which nothing here needs any more.")
            self.pip("uninstall", "-y", *left)

    def install_pinned(self) -> None:
        """The builders come first, because what follows is built with them."""
        self.pip("install", *CHECKED, "-r", str(ROOT / pins.BUILDING))
        self.install_llama(*CHECKED, listed=pins.part(pins.RUNNING, lambda name: name == pins.LLAMA))
        for name in [pins.RUNNING, pins.DEVELOPING] if self.extra else [pins.RUNNING]:
            self.pip("install", *CHECKED, "-r", str(ROOT / name))
        self.pip("install", *OURS_ONLY, str(ROOT))

    def install_unpinned(self) -> None:
        say(
            "Installing without pinned versions, as LEADS_LOCAL_UNPINNED asks: what comes is not checked against "
            "known hashes."
        )
        self.install_llama("--no-deps", listed=pins.unpinned_llama())
        self.pip("install", "-e", f"{ROOT}[{self.extra}]" if self.extra else str(ROOT))

    def install_carried(self, folder: Path) -> None:
        """Everything out of a folder of wheels, without network; the pins are the folder's own."""
        here = ("--no-index", "--find-links", str(folder))
        self.pip("install", *here, *CHECKED, "-r", str(folder / wheelhouse.LIST))
        building.remember(self.place, wheelhouse.built(folder))
        self.pip("install", *here, *OURS_ONLY, str(ROOT))

    def install_llama(self, *how: str, listed: str) -> None:
        """llama.cpp as it is asked for; pip would take one that was built otherwise for the same."""
        before = building.remembered(self.place)
        there = self.place.have_llama()
        building.forget(self.place)  # for as long as nobody knows
        again = ["--force-reinstall"] if self.anew else []
        try:
            self.pip("install", *again, *how, *building.cache(self.place, self.build), listed=listed)
        except SetupError:
            if before:
                building.remember(self.place, before)
            raise
        if before or self.anew or not there:
            building.remember(self.place, self.build)

    def pip(self, command: str, *arguments: str, listed: str = "") -> None:
        """Call pip, with ``listed`` as a list of packages where there is one."""
        if listed:
            file = self.place.venv / "list-for-pip.txt"
            file.write_text(listed, encoding="utf-8")
            arguments = (*arguments, "-r", str(file))
        called = [str(self.place.python), "-m", "pip", command, "-v", *arguments]
        if watch(self.place, called, self._environment):
            raise SetupError(failures.explain(self.place, unpinned()))

    def check_import(self) -> None:
        """Whether the environment finds this checkout, as every later start must: without help, from elsewhere."""
        code = "import leads_local, os, sys; sys.stdout.buffer.write(os.fsencode(leads_local.__file__))"
        done = subprocess.run([str(self.place.python), "-I", "-c", code], cwd=self.place.venv, capture_output=True)
        found = os.fsdecode(done.stdout)
        if done.returncode or not (found and ROOT.samefile(Path(found).parents[1])):
            told = found or done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
            raise SetupError(
                f"All is installed, but the environment in {self.place.venv} does not find leads-local in {ROOT} (it "
                f"says: {told}). Remove that folder and run this again; if it stays so, tell us."
            )


def make_wheelhouse(arguments: list[str]) -> int:
    """``wheelhouse [FOLDER]``: put everything into a folder that a computer without network installs from."""
    folder = Path(arguments[0] if arguments else "wheelhouse").expanduser().absolute()
    wheelhouse.check_empty(folder)
    place = Place.chosen()
    build = wheelhouse.portable(os.environ.get("CMAKE_ARGS", ""))
    with machine.room_for_long_names() as temporary:
        work = Installation(place, "", build, temporary)
        work.check(compiling=True)
        work.make_environment()
        say(f"Putting all that leads-local needs into {folder}. llama.cpp is compiled for it: 3 to 10 minutes.")
        work.pip("install", *CHECKED, "-r", str(ROOT / pins.BUILDING))
        count = wheelhouse.fill(folder, build, work.pip, building.cache(place, build))
    say(
        f"{count} wheels are in {folder}. Carry it to a computer with the same system and Python "
        f'({wheelhouse.made_for()}). There: python -m pip install --no-index --find-links "{folder.name}" leads-local\n'
        f"or, with LEADS_LOCAL_WHEELS in the environment naming that folder, in this project's: bootstrap.py demo"
    )
    return 0
