"""CONTRIBUTING.md's drawing and table say what the code is; and no module needs itself."""

from __future__ import annotations

import ast
import importlib.util
import re
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.test_imports import HOME, ORDER

ROOT = Path(__file__).resolve().parents[1]
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
FILES = {
    ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): file
    for package in ("leads_local", "convert")
    for file in (ROOT / package).rglob("*.py")
}


def _imports(module: str) -> Iterator[str]:
    """Full names of all that ``module`` imports, wherever in it: also in functions and for type checkers only."""
    file = FILES[module]
    package = module if file.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = (
                importlib.util.resolve_name("." * node.level + (node.module or ""), package)
                if node.level
                else node.module
            )
            for alias in node.names:
                full = f"{base}.{alias.name}"
                yield full if full in FILES else str(base)


def test_no_module_needs_itself() -> None:
    graph = {module: {name for name in _imports(module) if name in FILES and name != module} for module in FILES}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" → ".join(error.args[1]))


def test_the_drawing_shows_every_room_in_the_order_of_imports() -> None:
    drawing = CONTRIBUTING.split("```")[1].split("leads_local/")[1].split("\nconvert/")[0]
    drawn = re.findall(r"\b([a-z_]+)(?:/|\.py)", drawing)
    assert [name for name in drawn if name != "store"] == [name for names in ORDER for name in names]


def test_each_library_is_imported_where_the_table_says() -> None:
    table = dict(re.findall(r"^\| `(\w+)` \| (.+?) \|", CONTRIBUTING, re.MULTILINE))
    found: dict[str, set[str]] = {}
    for module, file in FILES.items():
        for name in (
            {full.split(".")[0] for full in _imports(module)}
            - set(sys.stdlib_module_names)
            - {"leads_local", "convert"}
        ):
            found.setdefault(name, set()).add(file.relative_to(ROOT).as_posix().removeprefix("leads_local/"))
    said = {name: set(re.findall(r"`([^`]+)`", places)) for name, places in table.items()}
    for name, places in said.items():
        assert all(any(file == one or file.startswith(one) for one in places) for file in found.get(name, ())), name
        assert all(any(file == one or file.startswith(one) for file in found.get(name, ())) for one in places), name
    assert set(said) == set(found), "every library has a line"
    homes = {name for name, places in HOME.items() if places} - set(sys.stdlib_module_names)
    assert homes - {"sqlite3", "convert"} <= set(said)


def test_every_module_says_in_a_sentence_what_it_is() -> None:
    for file in FILES.values():
        assert ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))), file


def test_every_child_of_ours_ends_with_its_parent() -> None:
    """But for the program itself, and what is waited for at once."""
    no_children = {"leads_local.__main__", "leads_local.cli.__main__", "leads_local.engine.backend"}
    texts = {name: file.read_text(encoding="utf-8") for name, file in FILES.items() if name.startswith("leads_local")}
    programs = {name for name, text in texts.items() if 'if __name__ == "__main__":' in text} - no_children
    bound = {name for name in programs if "lifeline.end_with_parent()" in texts[name] or "worker.serve(" in texts[name]}
    assert bound == programs != set()
