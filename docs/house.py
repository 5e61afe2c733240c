"""Make ``docs/house.md``: every room and module of the product with the first sentence of its docstring.

    python docs/house.py

``tests/test_house.py`` compares the page with the code, so it can't go stale.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "house.md"
PACKAGES = ("leads_local", "convert")
_HEAD = """# The house, room by room

Each module in the words of its own docstring. Made by `python docs/house.py`; `CONTRIBUTING.md` draws how the rooms
stand to each other.
"""


def page() -> str:
    """The whole page, in Markdown."""
    rooms = sorted({file.parent for package in PACKAGES for file in (ROOT / package).rglob("*.py")})
    return "\n".join([_HEAD, *(_room(folder) for folder in rooms)])


def _room(folder: Path) -> str:
    files = sorted(file for file in folder.glob("*.py") if file.name != "__init__.py")
    lines = [f"## `{folder.relative_to(ROOT).as_posix()}/`", "", _first_sentence(folder / "__init__.py"), ""]
    lines += [f"- `{file.name}`: {_first_sentence(file)}" for file in files]
    return "\n".join(lines) + "\n"


def _first_sentence(file: Path) -> str:
    text = " ".join((ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or "").split("\n\n")[0].split())
    return re.split(r"(?<=[.!?]) (?=[A-Z`])", text)[0]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8", newline="\n")
