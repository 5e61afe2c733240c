"""Names that a library keeps to itself and we use all the same, each in one table: an update that takes one away fails
here and says which, before it fails on somebody's screen.

The tests read our code, so a private name that is not in the table fails, too, and so does one of our own that
happens to be called as one of Textual's.
"""

from __future__ import annotations

import ast
import ctypes
import importlib
import inspect
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from textual.app import App
from textual.message_pump import MessagePump

ROOT = Path(__file__).resolve().parents[1]
FILES = sorted([*(ROOT / "leads_local").rglob("*.py"), *(ROOT / "convert").rglob("*.py")])
DOCUMENTED = {"os._exit"}  # private by its name only

# What we override or call: the class, the name, the parameters that it must have, why we need it.
METHODS = [
    (MessagePump, "_dispatch_message", ["self", "message"], "error_guard: a handler that fails must not end its loop"),
    (App, "_handle_exception", ["self", "error"], "app_telling: one sentence in place of a traceback"),
    (App, "on_event", ["self", "event"], "app_keys: keys one after the other; public by name, described nowhere"),
    (App, "panic", ["self", "renderables"], "app_work: one sentence in place of a traceback; described nowhere"),
]
# Private modules and names of modules, and why.
NAMES = {
    "_signal": "__main__: what signal is made of, before its import takes milliseconds in which Ctrl-C is a traceback",
    "_socket": "offline: the guard replaces what Python's socket is made of",
    "_thread": "ending: the only way to raise KeyboardInterrupt in the main thread",
    "llama_cpp._ctypes_extensions": "engine/llama: finds and loads libggml-base as llama_cpp does its libraries",
    "llama_cpp._ggml": "engine/llama: libggml, which llama_cpp loads and does not offer",
    "llama_cpp.llama_cpp._lib": "engine/llama: llama_tokenize without a Python frame for each call",
}


def private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def ours() -> set[str]:
    """Every name that our own code gives to something."""
    names: set[str] = set()
    for file in FILES:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                names.add(node.name)
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                names.add(node.attr)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                names.add(node.id)
    return names


def foreign_names(file: Path, own: set[str]) -> Iterator[str]:
    """The private names of other people's modules and objects that ``file`` uses."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and private(node.attr):
            whole = ast.unparse(node)
            if node.attr not in own or whole.startswith("super()"):
                yield whole
        elif isinstance(node, ast.Import):
            yield from (a.name for a in node.names if any(map(private, a.name.split("."))))
        elif isinstance(node, ast.ImportFrom) and node.module and not node.module.startswith("leads_local"):
            names = [f"{node.module}.{a.name}" for a in node.names] if not node.level else []
            yield from (name for name in names if any(map(private, name.split("."))))


def test_every_private_name_in_use_is_in_the_table() -> None:
    own = ours()
    used = {name for file in FILES for name in foreign_names(file, own)}
    known = {*NAMES, *DOCUMENTED, *(f"super().{name}" for _, name, _, _ in METHODS)}
    assert used <= known, f"not in the table of this file: {sorted(used - known)}"
    assert set(NAMES) <= used, f"in the table, and not used any more: {sorted(set(NAMES) - used)}"


@pytest.mark.parametrize(("cls", "name", "parameters", "why"), METHODS, ids=lambda value: str(value)[:40])
def test_a_method_that_we_override_is_still_there(cls: type, name: str, parameters: list[str], why: str) -> None:
    there = cls.__dict__.get(name)
    assert there is not None, f"{cls.__module__} no longer has {cls.__name__}.{name}. {why}"
    assert list(inspect.signature(there).parameters) == parameters, f"{cls.__name__}.{name} has changed. {why}"


@pytest.mark.parametrize("method", [name for _, name, _, _ in METHODS if name != "panic"])
def test_it_is_still_called(method: str) -> None:
    """By Textual itself: a method that is there, and that nobody calls any more, guards nothing."""
    source = "".join(inspect.getsource(importlib.import_module(f"textual.{m}")) for m in ("message_pump", "app"))
    assert f"self.{method}(" in source or f"self.app.{method}(" in source


def test_what_we_use_of_llama_cpp_is_still_there() -> None:
    library = importlib.import_module("llama_cpp._ggml")
    assert isinstance(library.libggml, ctypes.CDLL), NAMES["llama_cpp._ggml"]
    loading = importlib.import_module("llama_cpp._ctypes_extensions")
    base = loading.load_shared_library("ggml-base", library.libggml_base_path)
    assert isinstance(base, ctypes.CDLL), NAMES["llama_cpp._ctypes_extensions"]
    assert importlib.import_module("llama_cpp").llama_cpp._lib.llama_tokenize, NAMES["llama_cpp.llama_cpp._lib"]


# ---------------------------------------------------------------- names that two people gave


@cache
def given_to_self(cls: type) -> frozenset[str]:
    """The private names that the code of ``cls`` gives to itself: methods, and attributes of ``self``."""
    try:
        tree = ast.parse(inspect.cleandoc("\n" + inspect.getsource(cls)))
    except (OSError, TypeError, SyntaxError):
        return frozenset()
    stored = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and ast.unparse(node.value) == "self"
    }
    return frozenset(name for name in stored | set(cls.__dict__) if private(name))


def our_textual_classes() -> list[type[MessagePump]]:
    for file in sorted((ROOT / "leads_local" / "tui").rglob("*.py")):
        importlib.import_module(".".join(file.relative_to(ROOT).with_suffix("").parts))
    found, waiting = [], [MessagePump]
    while waiting:
        for cls in waiting.pop().__subclasses__():
            waiting.append(cls)
            if cls.__module__.startswith("leads_local."):
                found.append(cls)
    return list(dict.fromkeys(found))


def test_no_name_of_ours_is_one_of_textual_s() -> None:
    """Textual would call it, or find something else in it than it has put there."""
    classes = our_textual_classes()
    assert len(classes) > 20
    assert {"_dispatch_message", "_closing"} <= given_to_self(MessagePump)
    meant = {name for _, name, _, _ in METHODS}
    made = {"_decorated_handlers", "_merged_bindings", "_css_type_name", "_css_type_names", "_reactives", "_computes"}
    for cls in classes:
        theirs: set[str] = set()
        for base in cls.__mro__:
            if base.__module__.startswith("textual."):
                theirs |= given_to_self(base)
        both = (given_to_self(cls) & theirs) - meant - made
        both = {name for name in both if not name.startswith(("_inherit_", "_abc_"))}
        assert not both, f"{cls.__qualname__} and Textual both have {sorted(both)}"
