"""What was found of how each model lays out its JSON: one file of the program's, an entry for each model, a finding for
each task.

A model is known by its content (``engine.identity``), so a file that was changed is looked at anew. The file is
replaced in one step; one that can't be read counts as empty, since all that it holds can be found again.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from leads_local import paths, private
from leads_local.engine.json_style import JsonStyle, style_from_data


@dataclass(frozen=True, slots=True)
class StyleFinding:
    """What a model wrote when its white space was free. ``layout`` is None where that was not one clear layout;
    ``sample`` is how its answer began."""

    layout: JsonStyle | None
    sample: str

    def in_words(self) -> str:
        if self.layout is None:
            return "no clear layout, so the default is forced"
        return self.layout.in_words() + (" (the default)" if self.layout == JsonStyle() else "")


StyleFindings = dict[str, StyleFinding]
"""``PACK/TASK`` → what was found with that prompt pack."""


def read_findings(model: str) -> StyleFindings:
    """What was found of the model with this identity."""
    entry = _read().get(model, {})
    found = {}
    for name, one in entry.items() if isinstance(entry, dict) else ():
        if isinstance(one, dict) and isinstance(one.get("sample"), str):
            found[str(name)] = StyleFinding(style_from_data(one.get("layout")), one["sample"])
    return found


def keep(model: str, findings: Mapping[str, StyleFinding]) -> None:
    """Add to what is known of a model. A disk that can't be written to only means that the next job looks again."""
    whole = _read()
    entry = whole.get(model)
    stored = {
        name: {"layout": one.layout and one.layout.stored(), "sample": one.sample} for name, one in findings.items()
    }
    whole[model] = (entry if isinstance(entry, dict) else {}) | stored
    file = paths.layouts_file()
    with contextlib.suppress(OSError):
        private.replace_file(file, json.dumps(whole, indent=1, ensure_ascii=False).encode("utf-8", "replace"))


def _read() -> dict[str, Any]:
    try:
        found = json.loads(paths.layouts_file().read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
