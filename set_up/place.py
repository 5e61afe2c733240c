"""Where set-up works and how it speaks: this checkout, its Python environment, and one voice on stderr."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


class SetupError(Exception):
    """Set-up can't go on; the text says why and what to do."""


@dataclass(frozen=True)
class Place:
    """The Python environment in the folder ``venv``, whether it is there yet or not."""

    venv: Path

    @classmethod
    def chosen(cls) -> Place:
        """``.venv`` in this checkout, or the folder that LEADS_LOCAL_VENV names."""
        return cls(Path(os.environ.get("LEADS_LOCAL_VENV") or ROOT / ".venv").absolute())

    @property
    def python(self) -> Path:
        return self.venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    @property
    def log(self) -> Path:
        return self.venv / "install.log"

    def packages(self, pattern: str) -> Iterator[Path]:
        """What is installed there under a name like ``pattern``."""
        for site in (*self.venv.glob("lib/python*/site-packages"), self.venv / "Lib" / "site-packages"):
            yield from site.glob(pattern)

    def have_llama(self) -> bool:
        """Whether llama.cpp lies there, whole: pip writes RECORD when all else is in its place."""
        return any(self.packages("llama_cpp/lib")) and any(self.packages("llama_cpp_python-*.dist-info/RECORD"))


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
