"""Every JSON file of a checkpoint with anything at all in any place: it is read, or refused with a ConvertError;
nothing else happens."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from convert import bpe_json
from convert.checkpoint import INDEX_FILE, open_checkpoint
from convert.conversion_plan import CARD_FILE, make_plan, read_card
from convert.errors import ConvertError
from convert.recipes import RECIPES
from convert.settings import read_settings
from convert.vocab import read_vocabulary
from tests.checkpoints import make_checkpoint
from tests.convert.test_bpe_json import SMALL_JSON
from tests.convert.test_vocab import model_of

ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from([10**400, -1, 2**63, "\ud800", "▁", "BPE"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=8) | st.sampled_from(["type", "content", "id"]), inner, max_size=3)
    ),
    max_leaves=6,
)
FUZZ = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def places(value: object, path: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    """Every place in a JSON value, as a path of keys and positions."""
    found = [path] if path else []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        found += places(inner, (*path, key))
    return found


def damaged(good: str, data: st.DataObject) -> str:
    """``good`` with something else in one to three places."""
    found = json.loads(good)
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(places(found) or [()]))
        if not path:
            continue
        at: Any = found
        for key in path[:-1]:
            at = at[key]
        at[path[-1]] = data.draw(ANYTHING)
    return json.dumps(found)


def read_or_refused(read: Callable[[], object]) -> None:
    try:
        read()
    except ConvertError as error:
        assert error.message and error.hint


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint in three files, and a tokenizer of five tokens."""
    made = make_checkpoint(
        tmp_path_factory.mktemp("hostile") / "source",
        hidden=32,
        layers=1,
        heads=2,
        kv_heads=1,
        ffn=32,
        vocabulary=5,
        shards=3,
        tokenizer="none",
    )
    (made / "tokenizer.json").write_text(SMALL_JSON)
    config = json.loads((made / "tokenizer_config.json").read_text())
    config["added_tokens_decoder"] = {"0": {"content": "<unk>", "special": True}}
    (made / "tokenizer_config.json").write_text(json.dumps(config))
    (made / CARD_FILE).write_text('{"name": "x", "notice": "y", "prompt_pack": "z"}')
    with open_checkpoint(made) as checkpoint:
        make_plan(checkpoint, RECIPES["Q8_0"])
    return made


def plan(folder: Path) -> object:
    with open_checkpoint(folder) as checkpoint:
        return make_plan(checkpoint, RECIPES["Q8_0"])


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "tokenizer_config.json", INDEX_FILE, CARD_FILE])
@FUZZ
@given(data=st.data())
def test_anything_anywhere_is_read_or_refused(folder: Path, name: str, data: st.DataObject) -> None:
    good = (folder / name).read_text()
    try:
        (folder / name).write_text(damaged(good, data))
        read_or_refused(lambda: plan(folder))
    finally:
        (folder / name).write_text(good)


@FUZZ
@given(text=st.text() | ANYTHING.map(json.dumps))
@example("")
@example("[" * 50_000)
@example('{"a":' * 50_000)
@example("9" * 10_000)
def test_what_is_no_such_file_at_all_is_refused(tmp_path: Path, text: str) -> None:
    for name in ("config.json", "tokenizer.json", "tokenizer_config.json", CARD_FILE):
        (tmp_path / name).write_text(text, encoding="utf-8", errors="replace")
    for read in (
        lambda: read_settings(tmp_path),
        lambda: bpe_json.read(tmp_path / "tokenizer.json"),
        lambda: read_card(tmp_path),
    ):
        read_or_refused(read)
    read_or_refused(lambda: read_vocabulary(tmp_path, model_of(5)))
