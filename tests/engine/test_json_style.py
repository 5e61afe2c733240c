"""Whatever layout a JSON text was written in is found again; what mixes two is none."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads_local.engine.json_style import (
    DEFAULT_STYLE,
    FREE_STYLE,
    JsonStyle,
    detect_style,
    quotes_numbers,
    style_from_data,
)

LAYOUTS = st.builds(
    JsonStyle,
    item=st.sampled_from([", ", ",", ",  "]),
    key=st.sampled_from([": ", ":"]),
    indent=st.sampled_from([None, "", " ", "  ", "    ", "\t"]),
    flat=st.booleans(),
    fence=st.sampled_from(["", "```", "```json"]),
)
PLAIN = st.text(max_size=12) | st.none() | st.booleans() | st.integers(-5, 5)
VALUES = st.recursive(
    PLAIN,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


def written(value: Any, layout: JsonStyle, depth: int = 0) -> str:
    """``value`` as a model of this layout would write it."""
    if layout.fence and not depth:
        return f"{layout.fence}\n{written(value, JsonStyle(layout.item, layout.key, layout.indent, layout.flat))}\n```"
    if not isinstance(value, dict | list) or not value:
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, dict):
        parts = [
            json.dumps(k, ensure_ascii=False) + layout.key + written(v, layout, depth + 1) for k, v in value.items()
        ]
    else:
        parts = [written(one, layout, depth + 1) for one in value]
    opened, closed = "{}" if isinstance(value, dict) else "[]"
    plain = isinstance(value, list) and not any(isinstance(one, dict | list) for one in value)
    if layout.indent is None or (layout.flat and plain):
        return opened + layout.item.join(parts) + closed
    line = "\n" + layout.indent * (depth + 1)
    return opened + line + f",{line}".join(parts) + "\n" + layout.indent * depth + closed


@given(
    st.lists(VALUES, min_size=1, max_size=4) | st.dictionaries(st.text(max_size=5), VALUES, min_size=1, max_size=4),
    LAYOUTS,
)
def test_what_is_found_writes_the_same_text(value: Any, layout: JsonStyle) -> None:
    text = written(value, layout)
    found = detect_style(text)
    if found is None:  # a flat list alone shows no lines, and so on: never when all is on one line
        assert layout.indent is not None
    else:
        assert written(value, found) == text
        assert style_from_data(found.stored()) == found


EXAMPLE = {"evaluations": [{"eligibility": "YES", "names": ["a", "b"]}, {"eligibility": "NO", "names": []}]}


@given(LAYOUTS)
def test_an_answer_of_ours_shows_every_layout(layout: JsonStyle) -> None:
    found = detect_style(written(EXAMPLE, layout))
    assert found is not None
    same = (
        layout
        if layout.indent is None or layout.flat
        else JsonStyle(", ", layout.key, layout.indent, False, layout.fence)
    )
    assert found == (
        same if layout.indent is not None else JsonStyle(layout.item, layout.key, None, False, layout.fence)
    )
    assert found.in_words()


@pytest.mark.parametrize(
    "text",
    [
        "", "no JSON", "{", "[]", '"text"', '{"a": 1,"b":2}', '{"a": 1, "b": 2,"c": ' '3}', '{\n  "a": 1, "b": ' '2\n}',
        '{ "a": 1 }',
        '{\n  "a": {\n   "b": 1\n  ' '}\n}', '[{"a": 1},\n{"a": ' '2}]', '{"a" : 1}', '{"a": 1 , "b": ' '2}',
        '```yaml\n{"a": 1}\n```',
        '{\n  "a": {"b": 1}\n}', 'Here it is: {"a": 1}', '{"a": 1} done', '```json\n{"a": 1}',
    ],
)  # fmt: skip
def test_what_is_not_one_clear_layout_is_none(text: str) -> None:
    assert detect_style(text) is None


def test_only_layouts_are_restored() -> None:
    assert style_from_data(DEFAULT_STYLE.stored()) == DEFAULT_STYLE
    assert style_from_data(FREE_STYLE.stored()) == FREE_STYLE
    quoted = JsonStyle(numbers=False)
    assert style_from_data(quoted.stored()) == quoted and quoted.in_words().endswith("numbers in quotation marks")
    older = {name: value for name, value in DEFAULT_STYLE.stored().items() if name != "numbers"}
    assert style_from_data(older) == DEFAULT_STYLE
    for wrong in (
        None, 3, {}, {"item": ", "}, DEFAULT_STYLE.stored() | {"more": 1}, DEFAULT_STYLE.stored() | {"item": 'x"'},
        DEFAULT_STYLE.stored() | {"indent": 3},
        DEFAULT_STYLE.stored() | {"fence": "```sh"}, DEFAULT_STYLE.stored() | {"numbers": 1},
        DEFAULT_STYLE.stored() | {"flat": "yes"},
    ):  # fmt: skip
        assert style_from_data(wrong) is None


@pytest.mark.parametrize(
    ("text", "quoted"),
    [('{"a": "56"}', True), ('{"a": "-3.10", "b": ' '"NA"}', True), ('{"a": 56}', False),
        ('{"a": "56", "b": ' '[3.1]}', False),
     ('{"a": "56 (SD 2)"}', False), ('{"56": "a"}', False), ('{"a": null}', False)],
)  # fmt: skip
def test_numbers_are_quoted_where_some_are_and_none_stands_bare(text: str, quoted: bool) -> None:
    assert quotes_numbers(text) is quoted
