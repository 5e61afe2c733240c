"""What a JSON file of records holds, as labelled values, so that nothing in it is lost.

A whole file is one JSON value here; where it stops being JSON, nothing of it can be read for sure, and that is said.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from leads_local.errors import InputError

_DEEPEST = 40


def load(text: str) -> Any:
    """The value that the text is. Raises InputError, with the place, where it is no JSON."""
    try:
        return json.loads(text.lstrip("\ufeff \t\r\n"))
    except json.JSONDecodeError as error:
        message = f"Line {error.lineno}, column {error.colno}: this is no JSON any more ({error.msg})."
        raise InputError(message, "The file may have been cut short; export the records again.") from error
    except (ValueError, RecursionError) as error:
        message = "The JSON is nested deeper, or holds longer numbers, than any export."
        raise InputError(message, "Export the records again.") from error


def leaves(value: Any, path: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    """Path and text of every value below; texts of a list are a leaf each."""
    if isinstance(value, dict) and depth < _DEEPEST:
        for key, below in value.items():
            yield from leaves(below, f"{path}/{key}" if path else str(key), depth + 1)
    elif isinstance(value, list) and depth < _DEEPEST:
        for below in value:
            yield from leaves(below, path, depth + 1)
    elif value not in (None, ""):
        yield path, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
