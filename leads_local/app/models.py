"""What a person is to know of the model in use."""

from __future__ import annotations

from leads_local.engine.types import ModelInfo


def notes_on_model(model: ModelInfo) -> list[str]:
    """What a user must know before it works: its maker's notice, and what this computer is short of."""
    return [f"Note on this model: {remark}" for remark in model.remarks]
