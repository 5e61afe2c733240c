r"""Paths of more than 259 characters and names that Windows does not take: listed by the folder that they are in, found
by nobody, unless they are given behind ``\\?\``, which is read as the path is written."""

from __future__ import annotations

import builtins
import io
import os
from collections.abc import Callable
from typing import Any

from tests.simulated_windows import files

PREFIX = "\\\\?\\"
_OPEN = io.open
Patch = Callable[[Any, str, Any], None]


def plain(path: Any) -> str | None:
    """The path behind the prefix; None where there is none."""
    if isinstance(path, int):
        return None
    text = os.fsdecode(path)
    return text.removeprefix(PREFIX) if text.startswith(PREFIX) else None


def install(patch: Patch) -> None:
    """After ``files.install``: its ``open`` is called for all other paths."""
    checked_open = io.open

    def opened(file: Any, *arguments: Any, **options: Any) -> Any:
        exact = plain(file)
        return checked_open(file, *arguments, **options) if exact is None else _OPEN(exact, *arguments, **options)

    patch(io, "open", opened)
    patch(builtins, "open", opened)
    for name in ("stat", "lstat", "scandir", "readlink"):
        patch(os, name, _exactly(getattr(os, name)))


def _exactly(real: Callable[..., Any]) -> Callable[..., Any]:
    def exactly(path: Any = ".", *arguments: Any, **options: Any) -> Any:
        exact = plain(path)
        if exact is None and options.get("dir_fd") is None and not isinstance(path, int):
            _check_found(path)
        return real(path if exact is None else exact, *arguments, **options)

    return exactly


def _check_found(path: Any) -> None:
    try:
        files.check_name(path)
    except OSError:
        raise FileNotFoundError(2, "The system cannot find the path specified", os.fsdecode(path)) from None
