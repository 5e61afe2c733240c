"""Imports have a direction, and each foreign library has its place: proved from the code and from ``sys.modules`` of
fresh processes."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "leads_local"

# A file may import what stands above it in this list, never below. Within a line, only files of the same package import
# each other.
ORDER = [
    ["errors"],
    ["records"],
    ["judgements"],
    ["paths"],
    ["durable"],
    ["private"],
    ["fault_log"],
    ["windows_names"],
    ["files"],
    ["memory"],
    ["awake_clock"],
    ["toml_text"],
    ["config"],
    ["offline"],
    ["streams"],
    ["ending"],
    ["lifeline"],
    ["children"],
    ["family"],
    ["keep_awake"],
    ["converter"],
    ["inventory"],
    ["terminal_text"],
    ["spreadsheet_cells"],
    ["citations"],
    ["strategies"],
    ["documents"],
    ["engine"],
    ["tasks"],
    ["ranking"],
    ["review"],
    ["jobs"],
    ["evaluation"],
    ["export"],
    ["api_items"],
    ["api"],
    ["app"],
    ["demo"],
    ["bench"],
    ["tui"],
    ["cli"],
]
LEVEL = {name: level for level, names in enumerate(ORDER) for name in names}

# Where a library belongs to a file or a package, no other file imports it.
HOME = {
    "gguf": set(),
    "pymupdf": {"documents/mupdf.py"},
    "fitz": set(),
    "tesserocr": {"documents/tesseract.py"},
    "llama_cpp": {"engine/llama.py"},
    "llguidance": {"engine/constraint.py"},
    "sqlite3": {
        "review/connection.py",
        "review/sqlite_errors.py",
        "review/store/index_file.py",  # no part of the review
        "inventory/packages.py",
    },  # the latter asks for its version only
    "textual": {"tui"},
    "click": {"cli"},
    "tqdm": {"cli/progress.py"},
    "xlsxwriter": {"export"},
    "jinja2": {"engine/rendering.py"},
    "python_calamine": {"citations/workbook_reader.py"},
    "psutil": {"private.py", "memory.py", "family.py", "engine", "documents", "bench", "cli"},
    "convert": {"converter.py"},
    "socket": {"offline"},
    "_socket": {"offline"},
    "ssl": set(),
    "requests": set(),
    "urllib": set(),
    "http": set(),
}


def imported(file: Path) -> set[str]:
    """Full names of all modules that ``file`` imports, also inside functions."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: relative import; leads_local names its modules in full"
            names |= (
                {f"{node.module}.{alias.name}" for alias in node.names}
                if node.module == "leads_local"
                else {node.module or ""}
            )
    return names


def files() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def place(file: Path) -> str:
    return file.relative_to(PACKAGE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("file", files(), ids=lambda f: str(f.relative_to(PACKAGE)))
def test_imports_go_upwards_only(file: Path) -> None:
    here = place(file)
    if here in ("__init__", "__main__"):
        return
    for name in imported(file):
        parts = name.split(".")
        if parts[0] != "leads_local" or len(parts) == 1 or parts[1] == "__version__":
            continue
        assert parts[1] in LEVEL, f"{file} imports {name}, which has no place in the order"
        assert LEVEL[parts[1]] <= LEVEL[here], f"{here} must not import {name}: it stands below"


@pytest.mark.parametrize("file", files(), ids=lambda f: str(f.relative_to(PACKAGE)))
def test_each_library_has_its_place(file: Path) -> None:
    where = file.relative_to(PACKAGE).as_posix()
    for name in imported(file):
        homes = HOME.get(name.split(".")[0])
        if name == "urllib.parse" or homes is None:
            continue
        assert where in homes or where.split("/")[0] in homes, (
            f"{where} imports {name}, which belongs to {sorted(homes) or 'no file'}"
        )


SQL = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|CREATE|DROP|PRAGMA)\b")
ABOUT_THE_FILE = (
    *(
        "connection",
        "database",
        "earlier_schema",
        "opening",
        "schema",
        "schema_guards",
        "seal",
        "soundness",
        "versions",
    ),
)  # not what it holds
WRITES_SQL = ("review/store/", *(f"review/{name}.py" for name in ABOUT_THE_FILE))


@pytest.mark.parametrize("file", files(), ids=lambda f: str(f.relative_to(PACKAGE)))
def test_sql_is_written_in_the_store(file: Path) -> None:
    if file.relative_to(PACKAGE).as_posix().startswith(WRITES_SQL):
        return
    texts = [
        node.value for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(node, ast.Constant)
    ]
    assert not [text for text in texts if isinstance(text, str) and SQL.match(text)]


@pytest.mark.parametrize("file", sorted((ROOT / "convert").rglob("*.py")), ids=lambda f: f.name)
def test_convert_stands_alone(file: Path) -> None:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            assert not {a.name.split(".")[0] for a in node.names} & {"leads_local", "convert"}, (
                "convert uses relative imports only"
            )
            assert file.name == "gguf_library.py" or "gguf" not in {a.name.split(".")[0] for a in node.names}, (
                "gguf_library loads it"
            )
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            assert (node.module or "").split(".")[0] not in ("leads_local", "convert"), (
                "convert uses relative imports only"
            )
            assert (node.module or "").split(".")[0] != "gguf", "gguf_library loads it, without what it may bring"


def loaded_after(code: str) -> set[str]:
    """Top-level names in ``sys.modules`` of a new process that ran ``code``."""
    script = f"{code}\nimport json, sys\nprint(json.dumps(sorted({{m.split('.')[0] for m in sys.modules}})))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    return set(json.loads(done.stdout.splitlines()[-1]))


HEAVY = {"llama_cpp", "llguidance", "pymupdf", "textual", "numpy", "gguf", "xlsxwriter", "onnxruntime", "jinja2"}
HEAVY |= {"python_calamine"}


@pytest.mark.parametrize(
    ("code", "allowed"),
    [
        ("import leads_local", set()),
        ("import leads_local.cli.__main__", set()),
        ("from leads_local.cli.__main__ import main; main(['--help'])", set()),
        ("import leads_local.review.review", set()),
        ("import leads_local.jobs.model_jobs", set()),
        ("import leads_local.tui.app", {"textual"}),
        ("import leads_local.api", set()),
        ("import leads_local.engine.host", set()),
        ("import leads_local.documents.pool", set()),
        ("import convert.__main__", set()),
        ("import convert.command_line", set()),
    ],
)
def test_what_importing_loads(code: str, allowed: set[str]) -> None:
    assert not (loaded_after(code) & HEAVY) - allowed
