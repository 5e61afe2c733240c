"""gguf is loaded late and brings no client of the network, though mistral_common, which it looks for, is installed
here."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
UNWANTED = {"mistral_common", "requests", "urllib3", "httpx2", "huggingface_hub"}


def outcome(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", f"import sys\n{code}"], capture_output=True, text=True, cwd=ROOT, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_library_is_loaded_when_it_is_needed_and_brings_nothing_unwanted() -> None:
    assert importlib.util.find_spec("mistral_common"), "without it this test proves nothing"
    code = "from convert import gguf_file\nbefore = 'gguf' in sys.modules\ngguf_file.build_header({}, [])\n"
    assert outcome(f"{code}print(before, 'gguf' in sys.modules, {UNWANTED!r} & set(sys.modules))") == "False True set()"


def test_gguf_alone_would_bring_it() -> None:
    """The test above can fail."""
    assert "requests" in outcome(f"import gguf; print({UNWANTED!r} & set(sys.modules))")


def test_what_was_hidden_can_be_imported_afterwards() -> None:
    code = (
        "from convert import gguf_library; gguf_library.load(); import mistral_common; print(mistral_common.__name__)"
    )
    assert outcome(code) == "mistral_common"


def test_what_was_loaded_before_stays() -> None:
    code = (
        "import mistral_common as one; from convert import gguf_library; gguf_library.load(); "
        "print(sys.modules[one.__name__] is one)"
    )
    assert outcome(code) == "True"
