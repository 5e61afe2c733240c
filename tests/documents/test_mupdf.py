"""PyMuPDF is loaded late, and never with a layout model or onnxruntime, whatever version an environment holds."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
USES = {
    "reader": "from leads_local.documents import reader; work = lambda: reader.read({folder!r} + '/paper.pdf')",
    "typeset": "from pathlib import Path; from leads_local.demo.source import load_papers; from "
    "leads_local.demo.typeset import typeset_papers; "
    "work = lambda: typeset_papers(Path({folder!r}), load_papers()[:1])",
}
UNWANTED = ("pymupdf.layout", "pymupdf4llm", "pymupdf_layout", "onnxruntime")

# As version 2 begins: it imports the layout model, which imports onnxruntime, and goes on where there is none.
SECOND = """
try:
    import pymupdf.layout
except ImportError:
    pass
import types
TOOLS = types.SimpleNamespace(mupdf_display_errors=bool, mupdf_display_warnings=bool)
set_messages = dict
try:
    import pymupdf4llm
except ImportError:
    pymupdf4llm = None
"""


def outcome(code: str, *path: Path) -> str:
    script = f"import sys; sys.path[:0] = {[str(place) for place in (*path, ROOT)]!r}\n{code}"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("use", USES)
def test_the_library_is_loaded_when_it_is_needed_and_brings_nothing_unwanted(use: str, tmp_path: Path) -> None:
    (tmp_path / "paper.pdf").write_bytes(b"%PDF-1.7\n")
    code = USES[use].format(folder=str(tmp_path)) + "\nbefore = 'pymupdf' in sys.modules; work()\n"
    code += f"print(before, 'pymupdf' in sys.modules, [m for m in sys.modules if m.startswith({UNWANTED!r})])"
    assert outcome(code) == "False True []"


def second_version(folder: Path) -> Path:
    """A folder with packages that stand for PyMuPDF 2 and what it brings."""
    for name, content in {
        "pymupdf/__init__.py": SECOND,
        "pymupdf/layout.py": "import onnxruntime",
        "pymupdf4llm.py": "import onnxruntime",
        "onnxruntime.py": "from pathlib import Path; Path(__file__).with_name('telemetry').touch()",
    }.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(content)
    return folder


def test_where_version_2_is_installed_it_is_loaded_without_its_model(tmp_path: Path) -> None:
    stand_in = second_version(tmp_path)
    loaded = f"print(pymupdf.__file__, [m for m in sys.modules if m.startswith({UNWANTED!r})])"
    assert outcome(f"from leads_local.documents import mupdf; pymupdf = mupdf.load(); {loaded}", stand_in) == (
        f"{stand_in / 'pymupdf' / '__init__.py'} []"
    )
    assert not (stand_in / "telemetry").exists()
    outcome("import pymupdf", stand_in)
    assert (stand_in / "telemetry").exists(), "the stand-in does not do what it stands for"


def test_what_is_hidden_while_loading_can_be_imported_by_others_afterwards(tmp_path: Path) -> None:
    code = "from leads_local.documents import mupdf; mupdf.load(); import onnxruntime; print(onnxruntime.__name__)"
    assert outcome(code, second_version(tmp_path)) == "onnxruntime"


def test_it_prints_nothing_of_its_own() -> None:
    said = "from leads_local.documents import mupdf; mupdf.load().message('unhandled font type'); print('done')"
    assert outcome(said) == "done"
