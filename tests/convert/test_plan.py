"""Plans: the size is known before anything is written, and the checkpoint's own card is taken over."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from convert import convert
from convert.checkpoint import open_checkpoint
from convert.conversion_plan import CARD_FILE, make_plan, read_card
from convert.errors import ConvertError
from convert.metadata import ModelCard
from convert.recipes import RECIPES


@pytest.mark.parametrize("name", ["F32", "Q4_K_M", "Q5_0"])
def test_the_planned_size_and_header_are_the_file_s(tmp_path: Path, small: Path, name: str) -> None:
    with open_checkpoint(small) as checkpoint:
        plan = make_plan(checkpoint, RECIPES[name])
    data = convert(small, name, tmp_path / "made.gguf").path.read_bytes()
    assert len(data) == plan.size and data.startswith(plan.head)
    assert plan.parameters == sum(
        t.weight.shape[0] * (t.weight.shape[1] if len(t.weight.shape) > 1 else 1) for t in plan.tensors
    )


def test_without_a_card_the_folder_gives_the_name(tmp_path: Path) -> None:
    assert read_card(tmp_path) == ModelCard(tmp_path.name)
    (tmp_path / CARD_FILE).write_text(json.dumps({"name": " Demo ", "notice": "noise", "more": 1}))
    assert read_card(tmp_path) == ModelCard("Demo", "noise")


@pytest.mark.parametrize("card", [{"name": 1}, {"notice": ["x"]}, {"prompt_pack": "x" * 501}])
def test_a_card_of_something_else_is_refused(tmp_path: Path, card: dict[str, object]) -> None:
    (tmp_path / CARD_FILE).write_text(json.dumps(card))
    with pytest.raises(ConvertError, match="should be a short text"):
        read_card(tmp_path)
