"""What a person is to know of the model in use."""

from __future__ import annotations

from leads_local.engine.types import ModelInfo


def note_on_model(model: ModelInfo) -> str:
    """What its maker wants to be known of its answers; "" where there is nothing."""
    return f"Note on this model: {model.notice}" if model.notice else ""
