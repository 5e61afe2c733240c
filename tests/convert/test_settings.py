"""config.json: what it may say, and that everything else is refused by name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from convert.errors import ConvertError
from convert.settings import read_settings
from tests.checkpoints import _config

BASE = _config(256, 2, 4, 2, None, 512, "BF16", False, "MistralForCausalLM", 512)


def read(folder: Path, **changes: object) -> object:
    (folder / "config.json").write_text(json.dumps(BASE | changes))
    return read_settings(folder)


def test_sizes_are_taken_over(tmp_path: Path) -> None:
    found = read(tmp_path)
    assert (found.hidden, found.layers, found.heads, found.kv_heads, found.head_dim, found.ffn) == (
        256,
        2,
        4,
        2,
        64,
        512,
    )  # type: ignore[attr-defined]
    assert found.token_ids == {"bos": 1, "eos": 2}  # type: ignore[attr-defined]


def test_old_and_new_ways_of_writing_rope_mean_the_same(tmp_path: Path) -> None:
    old = read(tmp_path, rope_theta=5e5, rope_scaling={"type": "linear", "factor": 2.0})
    new = read(tmp_path, rope_theta=None, rope_parameters={"rope_type": "linear", "factor": 2.0, "rope_theta": 5e5})
    assert old == new and (new.rope_base, new.rope_factor) == (5e5, 2.0)  # type: ignore[attr-defined]


def test_a_missing_number_of_key_value_heads_means_one_for_each_head(tmp_path: Path) -> None:
    assert read(tmp_path, num_key_value_heads=None).kv_heads == 4  # type: ignore[attr-defined]


def test_a_sliding_window_is_said(tmp_path: Path) -> None:
    assert "4096" in read(tmp_path, sliding_window=4096).notices[0]  # type: ignore[attr-defined]
    assert not read(tmp_path, sliding_window=32768).notices  # type: ignore[attr-defined]


BAD = {
    "another architecture": ({"architectures": ["GPT2LMHeadModel"]}, "GPT2LMHeadModel"),
    "no architecture": ({"architectures": None}, "not supported"),
    "already quantized": ({"quantization_config": {"bits": 4}}, "already quantized"),
    "another activation": ({"hidden_act": "gelu"}, "gelu"),
    "no layers": ({"num_hidden_layers": 0}, "num_hidden_layers"),
    "too many layers": ({"num_hidden_layers": 10**9}, "num_hidden_layers"),
    "a size that is text": ({"hidden_size": "256"}, "hidden_size"),
    "a size that is true": ({"vocab_size": True}, "vocab_size"),
    "heads that don't divide": ({"num_key_value_heads": 3}, "fit together"),
    "an odd head": ({"head_dim": 63}, "fit together"),
    "scaling we can't do": ({"rope_scaling": {"rope_type": "yarn", "factor": 4.0}}, "yarn"),
    "a factor of nothing": ({"rope_scaling": {"rope_type": "linear"}}, "factor"),
    "rope that is a list": ({"rope_parameters": [1]}, "rope"),
    "epsilon that is text": ({"rms_norm_eps": "tiny"}, "rms_norm_eps"),
    "epsilon below zero": ({"rms_norm_eps": -1.0}, "rms_norm_eps"),
    "theta beyond numbers": ({"rope_theta": 10**400}, "rope_theta"),
}


@pytest.mark.parametrize(("changes", "reason"), BAD.values(), ids=BAD)
def test_what_we_can_not_do_is_refused_by_name(tmp_path: Path, changes: dict[str, object], reason: str) -> None:
    with pytest.raises(ConvertError, match=reason) as caught:
        read(tmp_path, **changes)
    assert "config.json" in caught.value.message and caught.value.hint


@pytest.mark.parametrize("text", ["", "[]", "{", '"x"', "[" * 100_000])
def test_a_file_that_is_no_object_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(ConvertError, match=r"config\.json"):
        read_settings(tmp_path)
