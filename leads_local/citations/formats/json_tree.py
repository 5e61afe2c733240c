"""What a JSON file of records holds, as labelled values, so that nothing in it is lost.

A whole file is one JSON value here; where it stops being JSON, nothing of it can be read for sure, and that is said.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from leads_local.errors import InputError
from leads_local.records import ReadProblem

_DEEPEST = 40
_TWICE = 'The key "{0}" stands twice in one object; two records may have been taken for one.'


@dataclass(frozen=True, slots=True)
class Loaded:
    """The value of a text, and what is doubtful about it: keys that stand twice in one object, as where the line that
    parts two records was lost. Of their values all are kept, as a list."""

    value: Any
    doubts: tuple[ReadProblem, ...] = ()


def load(text: str) -> Loaded:
    """The value that the text is. Raises InputError, with the place, where it is no JSON."""
    repeated: dict[str, None] = {}

    def keep_all(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            for key in found:
                values = [value for name, value in pairs if name == key]
                if len(values) > 1:
                    repeated[key], found[key] = None, values
        return found

    try:
        value = json.loads(text.lstrip("\ufeff \t\r\n"), object_pairs_hook=keep_all)
        return Loaded(value, tuple(ReadProblem(_TWICE.format(key[:40]), doubtful=True) for key in repeated))
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


def records_below(value: Any, lists: tuple[str, ...], key: str) -> list[Any]:
    """The records of a value: those of a list, those under one of the names ``lists``, else those of any list whose
    objects have ``key``, else the value alone."""
    if isinstance(value, list):
        return value
    if not isinstance(value, dict):
        return [value]
    named = next((value[name] for name in lists if isinstance(value.get(name), list)), None)
    if named is not None or key in value:
        return [value] if named is None else list(named)
    found = [below for below in value.values() if isinstance(below, list) and any(_has(key, one) for one in below)]
    return [one for below in found for one in below] or [value]


def _has(key: str, value: Any) -> bool:
    return isinstance(value, dict) and key in value
