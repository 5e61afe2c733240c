"""What pip builds this project with: hatchling, but for one thing.

``pip install -e`` makes an environment import from this checkout. hatchling writes a ``.pth`` file for it, which
Python reads in the locale's encoding up to 3.12.3: on a Windows that is not in UTF-8, an umlaut in the folder's name
means the wrong folder, and a name in Japanese that no Python of the environment starts again. And where a ``.pth`` file
is hidden, as folders that iCloud or Dropbox keep make it on a Mac, newer Pythons pass over it. So we put small packages
in its place: a package is found as every other is, and its source says in ASCII where this checkout lies.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import zipfile
from pathlib import Path
from typing import Any

from hatchling import build as hatchling
from hatchling.build import (
    build_sdist,
    build_wheel,
    get_requires_for_build_editable,
    get_requires_for_build_sdist,
    get_requires_for_build_wheel,
)

__all__ = [
    "build_editable",
    "build_sdist",
    "build_wheel",
    "get_requires_for_build_editable",
    "get_requires_for_build_sdist",
    "get_requires_for_build_wheel",
]

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("leads_local", "convert")

# The checkout comes just before the folder that this lies in, so that the second import finds the real package.
POINTER = '''"""Stands for the package of the checkout that leads-local was set up in."""
import os, sys
root, here = {root}, os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
if not os.path.isfile(os.path.join(root, {package!r}, "__init__.py")):
    print("leads-local was set up in " + root + ", where it is no more.", file=sys.stderr)
    print("Run bootstrap.py demo in the folder where it lies now.", file=sys.stderr)
    raise SystemExit(2)
sys.path[:] = [place for place in sys.path if place != root]
sys.path.insert(sys.path.index(here) if here in sys.path else 0, root)
del sys.modules[__name__]
__import__(__name__)
'''


def build_editable(
    wheel_directory: str, config_settings: dict[str, Any] | None = None, metadata_directory: str | None = None
) -> str:
    """hatchling's editable wheel with our pointers in the place of its ``.pth``. Returns the file's name."""
    name = hatchling.build_editable(wheel_directory, config_settings, metadata_directory)
    point(Path(wheel_directory) / name, ROOT)
    return name


def point(wheel: Path, root: Path) -> None:
    """Take the ``.pth`` files out of ``wheel`` and put packages in that import those in ``root``."""
    with zipfile.ZipFile(wheel) as archive:
        content = {one: archive.read(one) for one in archive.namelist() if not one.endswith(".pth")}
    record = next(one for one in content if one.endswith(".dist-info/RECORD"))
    del content[record]
    for package in PACKAGES:
        source = POINTER.format(root=ascii(str(root)), package=package)
        content[f"{package}/__init__.py"] = source.encode("ascii")
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for one, data in content.items():
            archive.writestr(one, data)
        archive.writestr(record, _record(content, record))


def _record(content: dict[str, bytes], record: str) -> str:
    """The list of a wheel's files with their hashes."""
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    for one, data in content.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        writer.writerow((one, f"sha256={digest}", len(data)))
    writer.writerow((record, "", ""))
    return lines.getvalue()
