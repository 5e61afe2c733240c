"""Each function that we look up in one of llama.cpp's libraries is asked of the library that has it.

On Linux and macOS a library answers for those that it is linked with, too; on Windows it does not, so a name that is
asked of the wrong one fails there alone. ``nm`` tells here which library defines what.
"""

from __future__ import annotations

import ast
import ctypes
import functools
import importlib.util
import inspect
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from convert import activations, library, tensor_types
from leads_local.engine import llama
from leads_local.engine.memory_plan import Gpu

ROOT = Path(__file__).resolve().parents[2]
SPEC = importlib.util.find_spec("llama_cpp")
FOLDER = Path(SPEC.origin).parent / "lib" if SPEC and SPEC.origin else Path()
nm = pytest.mark.skipif(
    not shutil.which("nm") or sys.platform != "linux", reason="nm of Linux tells what a library defines"
)
# The module, what stands for a library in it, the library: every look-up in the code goes through one of these.
LOOK_UPS = {
    ("leads_local/engine/llama.py", "registry"): "ggml",
    ("leads_local/engine/llama.py", "base"): "ggml-base",
    ("leads_local/engine/llama.py", "llama_cpp.llama_cpp._lib"): "llama",
    ("convert/library.py", "native"): "ggml-base",
    ("convert/library.py", "self._native"): "ggml-base",
    ("convert/activations.py", "base"): "ggml-base",
    ("convert/activations.py", "self._base"): "ggml-base",
}
LOAD = ctypes.CDLL  # before a test replaces it
FUNCTION = re.compile(r"(ggml|llama|gguf|dequantize)_\w+")


@functools.cache
def defined(name: str) -> frozenset[str]:
    """What libNAME.so defines itself."""
    lines = subprocess.run(
        ["nm", "-D", "--defined-only", str(FOLDER / f"lib{name}.so")], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    return frozenset(line.split()[-1].partition("@")[0] for line in lines)


def looked_up() -> dict[tuple[str, str], set[str]]:
    """The functions of libraries in our code by module and by what they are asked of. Python's own ``llama_cpp`` is
    none: it asks its library itself."""
    found: dict[tuple[str, str], set[str]] = {}
    for file in sorted([*(ROOT / "leads_local").rglob("*.py"), *(ROOT / "convert").rglob("*.py")]):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and FUNCTION.fullmatch(node.attr):
                asked = ast.unparse(node.value)
                if asked not in ("llama_cpp", "llama", "_ggml", "llama_cpp.llama_cpp"):
                    found.setdefault((file.relative_to(ROOT).as_posix(), asked), set()).add(node.attr)
    return found


@nm
def test_each_function_is_asked_of_the_library_that_defines_it() -> None:
    found = looked_up()
    assert set(found) == set(LOOK_UPS)
    for place, names in found.items():
        assert names <= defined(LOOK_UPS[place]), (
            f"{place}: not in {LOOK_UPS[place]}: {names - defined(LOOK_UPS[place])}"
        )
    expanded = {
        f"dequantize_row_{(kind.name if kind.name.endswith('_K') else kind.name.lower()).replace('Q', 'q')}"
        for kind in tensor_types.TENSOR_TYPES.values()
        if kind.block > 1
    }
    assert expanded and expanded <= defined("ggml-base")  # whose names convert/library.py puts together


@nm
def test_llama_cpp_asks_its_own_library_for_what_that_defines() -> None:
    """What ``import llama_cpp`` looks up: one that is missing ends it on Windows."""
    import llama_cpp.llama_cpp as package

    names = set(re.findall(r"@ctypes_function\(\s*\"(\w+)\"", inspect.getsource(package)))
    assert len(names) > 150
    assert names <= defined("llama")


class OnlyItsOwn:
    """A library that answers as a DLL does: for what it defines itself."""

    def __init__(self, name: str) -> None:
        self._name, self._real = name, LOAD(str(FOLDER / f"lib{name}.so"))

    def __getattr__(self, name: str) -> Any:
        if name not in defined(self._name):
            raise AttributeError(f"function {name!r} not found")
        return getattr(self._real, name)


@nm
def test_the_devices_of_this_computer_are_listed_where_libraries_answer_for_themselves_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def load(name: str, folder: Path) -> OnlyItsOwn:
        asked.append(name)
        return OnlyItsOwn(name)

    monkeypatch.setattr(llama._ggml, "libggml", OnlyItsOwn("ggml"))
    monkeypatch.setattr(llama._loading, "load_shared_library", load)
    monkeypatch.setattr(llama, "_GPU", 0)  # ggml's number for the processor: a device that every computer has
    monkeypatch.setattr(llama.llama_cpp, "llama_supports_gpu_offload", lambda: True)
    found = llama.find_gpu()
    assert asked == ["ggml-base"] and found is not None and found.free > 0


@nm
def test_the_converter_s_library_is_enough_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library.ctypes, "CDLL", lambda path: OnlyItsOwn(Path(path).name[3:-3]))
    found = library.Library()
    assert found.version
    activations.ActivationCollector(OnlyItsOwn("ggml-base"), activations.ActivationSums(""))  # type: ignore[arg-type]


class Devices:
    """Both libraries, with these devices: (ggml's number of the kind, free bytes)."""

    def __init__(self, *devices: tuple[int, int]) -> None:
        def memory(device: Any, free: Any, total: Any) -> None:
            free._obj.value = devices[device.value - 1][1]

        self.ggml_backend_dev_count = _Function(lambda: len(devices))
        self.ggml_backend_dev_get = _Function(lambda number: number.value + 1)
        self.ggml_backend_dev_type = _Function(lambda device: devices[device.value - 1][0])
        self.ggml_backend_dev_memory = _Function(memory)


class _Function:
    restype: Any = None

    def __init__(self, answer: Any) -> None:
        self._answer = answer

    def __call__(self, *arguments: Any) -> Any:
        return self._answer(*arguments)


CPU, GPU, IGPU, ACCEL = range(4)


@pytest.mark.parametrize(
    ("system", "devices", "gpu"),
    [
        ("linux", [(CPU, 9)], None),
        ("linux", [(ACCEL, 9), (CPU, 9)], None),
        ("linux", [(GPU, 5), (GPU, 7), (CPU, 9)], Gpu(12)),  # CUDA
        ("win32", [(IGPU, 3), (GPU, 5), (CPU, 9)], Gpu(5)),  # Vulkan: a card is used alone
        ("win32", [(IGPU, 3), (IGPU, 4), (CPU, 9)], Gpu(3, shares=True)),
        ("darwin", [(GPU, 5), (ACCEL, 0), (CPU, 9)], Gpu(5, shares=True)),  # Metal, beside Accelerate
    ],
)
def test_which_gpu_is_used_and_whose_memory_it_takes(
    monkeypatch: pytest.MonkeyPatch, system: str, devices: list[tuple[int, int]], gpu: Gpu | None
) -> None:
    there = Devices(*devices)
    monkeypatch.setattr(llama._ggml, "libggml", there)
    monkeypatch.setattr(llama._loading, "load_shared_library", lambda name, folder: there)
    monkeypatch.setattr(llama.sys, "platform", system)
    monkeypatch.setattr(llama.llama_cpp, "llama_supports_gpu_offload", lambda: True)
    assert llama.find_gpu() == gpu


def test_a_llama_cpp_without_a_gpu_backend_is_asked_for_no_devices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(llama.llama_cpp, "llama_supports_gpu_offload", lambda: False)
    monkeypatch.setattr(llama, "_gpus", lambda: pytest.fail("asked"))
    assert llama.find_gpu() is None
