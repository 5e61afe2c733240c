"""Whether this computer can do it: looked at before anything is made, since what fails late costs most."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from set_up.place import Place, SetupError

MB = 10**6
# Measured on Linux with llama-cpp-python 0.3.36: 387 MB while compiling (the archive, what is in it, what comes of it),
# 392 MB for the environment, 656 MB for the developers'; and some more for other systems.
FOR_COMPILING = 600 * MB
FOR_THE_ENVIRONMENT = {"": 500 * MB, "dev": 800 * MB}

LONGEST_ON_WINDOWS = 259
# pip unpacks into TMP\pip-install-XXXXXXXX\llama-cpp-python_<32 digits>\: 1 + 20 + 1 + 49 + 1 characters. The longest
# name in the source of llama-cpp-python 0.3.36 has 178 (…ChatAttachmentsPreviewCurrentItemUnavailable.svelte).
LONGEST_FOR_TMP = LONGEST_ON_WINDOWS - 178 - 72
# The longest name in an environment is one of cmake 4.4.5's, 98 characters in \Lib\site-packages\ (19); Python's
# compiled files have a dozen more while they are written.
LONGEST_FOR_VENV = LONGEST_ON_WINDOWS - 98 - 19 - 12
OURS = "made by the set-up of leads-local, which removes it.txt"
SECONDS_TILL_ABANDONED = 24 * 3600
HOW_TO_ALLOW_LONG_NAMES = (
    "in a PowerShell that was started as administrator: New-ItemProperty "
    r"HKLM:\SYSTEM\CurrentControlSet\Control\FileSystem -Name LongPathsEnabled -Value 1 -PropertyType DWORD -Force"
)


def check_python(place: Place) -> None:
    """Refuse a Python that can't make the environment, or for which there are no packages."""
    if struct.calcsize("P") < 8:
        raise SetupError(
            "This Python is a 32-bit one, and llama.cpp needs a 64-bit one to have room for a model. Install the "
            "64-bit Python from python.org (on Windows: “Windows installer (64-bit)”), run this again with it."
        )
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        raise SetupError(
            "Python's venv module is missing (Debian: sudo apt install python3-venv). Install it, run this again."
        ) from None
    if os.name == "nt" and len(str(place.venv)) > LONGEST_FOR_VENV and not long_names_allowed():
        raise SetupError(
            f"The name of the folder {place.venv} is too long: Windows allows {LONGEST_ON_WINDOWS} characters for a "
            f"file's whole name, and {LONGEST_ON_WINDOWS - LONGEST_FOR_VENV} are needed in it. Put leads-local into a "
            f"folder with a shorter name, or allow long names ({HOW_TO_ALLOW_LONG_NAMES})."
        )


def check_compiler() -> None:
    if not have_compiler():
        raise SetupError(
            f"llama.cpp is compiled for this machine, which needs a C++ compiler. Install one ({compiler_hint()}), run "
            "this again."
        )


def have_compiler() -> bool:
    """Whether CMake will find a C++ compiler."""
    if os.name == "nt":
        return bool(os.environ.get("CMAKE_GENERATOR") or shutil.which("cl") or visual_studio())
    if shutil.which(os.environ.get("CXX", "").split(" ")[0]):
        return True
    if sys.platform == "darwin":  # c++, g++ and clang++ are there always, but only ask to install the real ones
        return developer_tools()
    return any(map(shutil.which, ("c++", "g++", "clang++")))


def developer_tools() -> bool:
    """Whether Apple's command line tools, or Xcode, are installed: their folder is."""
    try:
        told = subprocess.run(["xcode-select", "-p"], capture_output=True, text=True, errors="replace")
    except OSError:
        return False
    return told.returncode == 0 and Path(told.stdout.strip()).is_dir()


def visual_studio() -> str:
    """Where on Windows a Visual Studio, or its Build Tools, with C++ lies; "" where there is none. Its own installer
    tells.

    What is asked for is what “Desktop development with C++” (Workload.VCTools of the Build Tools,
    Workload.NativeDesktop of Visual Studio) chooses by itself: the compiler. A Python for ARM needs that for ARM.
    """
    programs = os.environ.get("PROGRAMFILES(X86)") or os.environ.get("PROGRAMFILES") or ""
    teller = Path(programs) / "Microsoft Visual Studio" / "Installer" / "vswhere.exe"
    if not teller.is_file():
        return ""
    needed = f"Microsoft.VisualStudio.Component.VC.Tools.{'ARM64' if for_arm() else 'x86.x64'}"
    asked = ["-latest", "-products", "*", "-requires", needed, "-property", "installationPath"]
    return subprocess.run([str(teller), *asked], capture_output=True, text=True, errors="replace").stdout.strip()


def for_arm() -> bool:
    return sysconfig.get_platform() == "win-arm64"


def compiler_hint() -> str:
    if os.name == "nt":
        also = " and, under “Individual components”, the C++ ARM64 build tools" if for_arm() else ""
        return f"Build Tools for Visual Studio, with “Desktop development with C++” chosen{also}"
    return "xcode-select --install" if sys.platform == "darwin" else "sudo apt install build-essential"


def check_space(place: Place, extra: str, compiling: bool) -> None:
    """Refuse where the disk would be full before the end."""
    needs = {nearest(place.venv): FOR_THE_ENVIRONMENT[extra]}
    if compiling:
        folder = temporary_folder()
        same = next((one for one in needs if disk(one) == disk(folder)), folder)
        needs[same] = needs.get(same, 0) + FOR_COMPILING
    for folder, needed in needs.items():
        free = shutil.disk_usage(folder).free
        if free < needed:
            raise SetupError(
                f"{folder} has {free // MB} MB free, and set-up needs {needed // MB} MB there. Make room, or choose "
                f"another disk ({'TMP' if os.name == 'nt' else 'TMPDIR'} for what is compiled, LEADS_LOCAL_VENV for "
                "what is installed), run this again."
            )


def disk(folder: Path) -> int:
    return folder.stat().st_dev


def nearest(folder: Path) -> Path:
    """The folder itself, or the first one above it that is there."""
    return next(one for one in (folder, *folder.parents) if one.exists())


def temporary_folder() -> Path:
    """Where the system lets us write what is needed for a while."""
    variable = "TMP" if os.name == "nt" else "TMPDIR"
    chosen = os.environ.get(variable)
    try:
        found = Path(tempfile.gettempdir())
        if chosen and not os.access(chosen, os.W_OK):
            raise SetupError(
                f"{variable} says that temporary files belong in {chosen}, where nothing can be written. Set it to a "
                "folder that you may write to, or unset it, and run this again."
            )
        return found
    except FileNotFoundError:
        raise SetupError(
            f"There is no folder for temporary files that can be written to: they are full, or not yours. Make room, "
            f"or set {variable} to a folder that you may write to, and run this again."
        ) from None


@contextmanager
def room_for_long_names() -> Iterator[Path | None]:
    """On Windows a folder for temporary files whose name is short enough for llama.cpp's; elsewhere None: any will do.

    It lies at the root of the drive and is removed afterwards. One that a set-up left that was killed is removed by one
    of the day after.
    """
    if os.name != "nt" or len(str(temporary_folder())) <= LONGEST_FOR_TMP:
        yield None
        return
    folder = _short_folder(root_of(temporary_folder()))
    if folder is None and not long_names_allowed():
        raise SetupError(
            "llama.cpp's files have names that are too long for Windows, unless they lie at the root of a drive, where "
            "this account may make no folder. Set TMP to a folder that you may write to with a name of at most "
            f"{LONGEST_FOR_TMP} characters, or allow long names ({HOW_TO_ALLOW_LONG_NAMES}). Then run this again."
        )
    try:
        yield folder
    finally:
        if folder:
            shutil.rmtree(folder, ignore_errors=True)


def root_of(folder: Path) -> Path:
    """The top of its drive."""
    return Path(folder.anchor)


def _short_folder(root: Path) -> Path | None:
    for name in ("ll", *(f"ll{number}" for number in range(1, 10))):
        folder = root / name
        try:
            if (folder / OURS).stat().st_mtime < time.time() - SECONDS_TILL_ABANDONED:
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            pass
        try:
            folder.mkdir(mode=0o700)
            (folder / OURS).touch()
            return folder
        except FileExistsError:
            continue
        except OSError:
            break
    return None


def long_names_allowed() -> bool:
    """Whether this Windows takes names of more than 259 characters from programs that can."""
    if sys.platform == "win32":
        import winreg

        try:
            with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, r"SYSTEM\CurrentControlSet\Control\FileSystem") as key:
                return bool(winreg.QueryValueEx(key, "LongPathsEnabled")[0])
        except OSError:
            return False
    return True
