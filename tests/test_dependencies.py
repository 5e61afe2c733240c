"""Nothing that we load reaches a network: by the packages' names, by what a process loads, and by what native code
could call.

Two things come with what we need that could: gguf asks for an HTTP client, and llama.cpp's build makes a library with
one. Here it is proved that nothing loads them.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from leads_local.inventory import packages

ROOT = Path(__file__).resolve().parents[1]

# Packages that open connections, or send what they see to their makers.
CLIENTS = {
    "aiohttp", "anyio", "boto3", "botocore", "curl-cffi", "fsspec", "grpcio", "h11", "h2", "hf-xet", "httpcore",
    "httpcore2", "httplib2",
    "httpx", "httpx2", "huggingface-hub", "mlflow", "niquests", "onnxruntime", "onnxruntime-gpu", "openai",
    "opentelemetry-api",
    "opentelemetry-sdk", "paramiko", "posthog", "pycurl", "pymupdf-layout", "pymupdf4llm", "pyzmq", "requests", "s3fs",
    "scarf-sdk",
    "sentry-sdk", "tornado", "trio", "twisted", "urllib3", "uvicorn", "wandb", "websocket-client", "websockets",
}  # fmt: skip
THEIR_MODULES = {
    "certifi", "chardet", "charset_normalizer", "httpcore", "httpcore2", "httpx", "httpx2", "huggingface_hub", "idna",
    "mistral_common",
    "onnxruntime", "requests", "urllib3",
}  # fmt: skip

# Those that are installed nevertheless, by the package that asks for them, and why they are never imported.
NEVER_IMPORTED = {
    "requests": ("gguf", "reads models from a hub with it, in functions that we do not call, and imports it there"),
    "urllib3": ("requests", "is what requests works with"),
}

# Native libraries that could open a network socket, and why they do not.
NATIVE = {
    "libllama-common": "has an HTTP client; lies outside llama_cpp and is never loaded",
    "_psutil_linux": "asks about network cards, which we do not ask for",
}
CALLS = {"socket", "connect", "getaddrinfo", "gethostbyname", "sendto"}

EVERYTHING = """
import importlib, pkgutil, sys
import convert, leads_local
for package in (convert, leads_local):
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
from leads_local.documents import mupdf
mupdf.load()
from convert import gguf_library
gguf_library.load()
import jinja2.sandbox, llama_cpp, llguidance.llamacpp, numpy, psutil, rapidfuzz, textual.app, tqdm, xlsxwriter
import python_calamine
"""


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_no_run_time_package_is_a_network_client_but_those_that_gguf_asks_for() -> None:
    needed = packages.find_requirements()
    assert {"llama-cpp-python", "markupsafe"} <= set(needed)
    askers = {client: [name for name, asked in needed.items() if client in asked] for client in set(needed) & CLIENTS}
    assert askers == {client: [asker] for client, (asker, _) in NEVER_IMPORTED.items()}
    assert set(packages.find_requirements("dev")) & CLIENTS, "the list knows none of those that developers have"


def test_all_of_our_modules_and_libraries_together_load_none_of_them() -> None:
    assert importlib.util.find_spec("mistral_common"), (
        "gguf looks for it, and it loads clients; without it less is proved"
    )
    loaded = run(EVERYTHING + "print(*{name.partition('.')[0] for name in sys.modules})").split()
    assert {"llama_cpp", "pymupdf", "gguf", "textual", "leads_local", "convert"} <= set(loaded)
    assert not THEIR_MODULES & set(loaded)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads what Linux tells of a process")
def test_llama_cpp_does_not_load_its_library_with_an_http_client() -> None:
    maps = run("import llama_cpp; llama_cpp.llama_backend_init(); print(open('/proc/self/maps').read())")
    assert "libllama.so" in maps and "libggml-base.so" in maps
    assert "libllama-common" not in maps


@pytest.mark.skipif(
    not sys.platform.startswith("linux") or not shutil.which("nm"), reason="needs Linux and nm (binutils)"
)
def test_native_code_that_could_open_a_connection_is_known() -> None:
    found = set()
    for name in packages.find_requirements():
        files = importlib.metadata.files(name) or []
        for file in {Path(str(one.locate())).resolve() for one in files if ".so" in Path(one).suffixes}:
            listed = subprocess.run(["nm", "-D", "--undefined-only", str(file)], capture_output=True, text=True).stdout
            if CALLS & {line.split()[-1].partition("@")[0] for line in listed.splitlines() if line.strip()}:
                found.add(file.name.partition(".")[0])
    assert found == set(NATIVE)
