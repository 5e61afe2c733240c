"""What the model's child process says, as the records that the rest of the program works with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from leads_local.engine.child import ChildEvent
from leads_local.engine.installed import read_manifest_entry, read_own_card
from leads_local.engine.types import FinishReason, ModelInfo, Reply, Request

_OTHER_MANIFEST = (
    "The manifest beside this model is about another file, so nothing in it is used; convert again, or take "
    "its entry away."
)


def find_fault(request: Request) -> str:
    """Why a request can't be sent at all, "" if it can."""
    try:
        json.dumps(request.schema)
    except (TypeError, ValueError) as error:
        return f"The schema is no JSON: {error}."
    return ""


def read_reply(name: str, event: ChildEvent) -> Reply:
    """The reply to the request with this name, from what the child says of it."""
    values: dict[str, Any] = {key: value for key, value in event.items() if key not in ("op", "n", "finish", "choices")}
    choices = tuple(tuple((str(text), float(part)) for text, part in choice) for choice in event.get("choices", ()))
    return Reply(name, finish=FinishReason(event["finish"]), choices=choices, **values)


def model_info(path: Path, info: ChildEvent) -> ModelInfo:
    """What the model says of itself, and what ``convert`` wrote beside the file, unless that is about another file."""
    entry = read_manifest_entry(path) or read_own_card(path)
    if entry.get("sha256", info["sha256"]) != info["sha256"]:
        entry = read_own_card(path)
        entry["notice"] = f"{_OTHER_MANIFEST} {entry['notice']}".strip()
    return ModelInfo(
        name=str(entry.get("name") or info["name"] or path.stem),
        path=str(path),
        architecture=info["architecture"],
        quantization=info["quantization"] or str(entry.get("quantization", "")),
        parameters=info["parameters"],
        context=info["context"],
        gpu_layers=info["gpu_layers"],
        sequences=info["sequences"],
        sha256=info["sha256"],
        prompt_pack=str(entry.get("prompt_pack") or ""),
        notice=str(entry.get("notice") or ""),
        shortage=info["shortage"],
    )
