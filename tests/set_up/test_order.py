"""Set-up runs before anything is installed, so it needs Python alone; and its modules stand in an order."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import pytest

import set_up
from set_up.place import ROOT

ORDER = re.findall(r"``(\w+)``", (set_up.__doc__ or "").split("below:")[1])
MODULES = sorted(path.stem for path in (ROOT / "set_up").glob("*.py") if path.stem != "__init__")


def imported(file: Path) -> set[str]:
    """Full names of what a file imports, also inside functions."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module == "set_up":
            names |= {f"set_up.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(str(node.module))
    return names


def test_every_module_has_its_place() -> None:
    assert sorted(ORDER) == MODULES


@pytest.mark.parametrize("name", MODULES)
def test_a_module_imports_python_and_those_above_it(name: str) -> None:
    for full in imported(ROOT / "set_up" / f"{name}.py"):
        first, _, rest = full.partition(".")
        if first == "set_up":
            assert ORDER.index(rest) < ORDER.index(name) != len(ORDER) - 1, f"{name} imports {full}"
        else:
            assert first in sys.stdlib_module_names or (name, first) == ("backend", "hatchling"), f"{name}: {full}"
