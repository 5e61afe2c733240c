"""Only plain placeholders are accepted; what is filled in is never read again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads_local.errors import PromptError
from leads_local.tasks import templates


@given(st.text(), st.text(), st.text())
def test_values_go_in_verbatim_as_str_format_would(a: str, b: str, literal: str) -> None:
    escaped = literal.replace("{", "{{").replace("}", "}}")
    template = f"{escaped}{{a}}-{{b}}{escaped}{{a}}"
    filled = templates.fill(template, {"a": a, "b": b})
    assert filled == f"{literal}{a}-{b}{literal}{a}" == template.format(a=a, b=b)


@pytest.mark.parametrize(
    "field",
    [
        "{paper_content.__class__}",
        "{paper_content[0]}",
        "{paper_content!r}",
        "{paper_content:>9}",
        "{}",
        "{0}",
        "{ paper_content }",
        "{a-b}",
    ],
)
def test_what_str_format_could_reach_into_is_refused(field: str) -> None:
    with pytest.raises(PromptError) as caught:
        templates.check("arms", f"{{paper_content}} {field}", "Here:")
    assert field in caught.value.message and caught.value.message.startswith("Here:")


@pytest.mark.parametrize("template", ["{paper_content", "paper_content}", "{paper_content} }", "{paper_content} {"])
def test_braces_that_do_not_match_are_refused(template: str) -> None:
    with pytest.raises(PromptError, match="braces do not match"):
        templates.check("arms", template, "Here:")


@pytest.mark.parametrize("task", templates.PLACEHOLDERS)
def test_each_missing_and_each_unknown_placeholder_is_named(task: str) -> None:
    wanted = templates.PLACEHOLDERS[task]
    whole = " ".join(f"{{{name}}}" for name in wanted)
    templates.check(task, whole, "T")
    for name in wanted:
        with pytest.raises(PromptError) as caught:
            templates.check(task, whole.replace(f"{{{name}}}", "") + "{novel}{stray}", "file.py, T:")
        assert f"misses the placeholder {{{name}}}" in caught.value.message
        assert "{novel}, {stray}" in caught.value.message
        assert all(f"{{{known}}}" in caught.value.hint for known in wanted)


def test_lines_of_empty_parts_are_left_out_and_no_others() -> None:
    template = 'about {{P}}\nP: {P}\nC: {C} \nboth {P} {C}\n{{"query": ""}}\n'
    assert templates.drop_empty_lines(template, ("C",)) == 'about {{P}}\nP: {P}\nboth {P} {C}\n{{"query": ""}}\n'
    assert templates.drop_empty_lines(template, ()) == template


@given(st.text())
def test_any_text_is_accepted_or_refused_in_words(text: str) -> None:
    try:
        templates.check("arms", text, "T:")
    except PromptError:
        return
    assert templates.fill(text, {"paper_content": "\x00"}).count("\x00") >= 1


def test_with_the_paper_last_nothing_is_lost_and_all_before_it_is_shared() -> None:
    template = "# A #\nfirst {n}\n\n# PAPER #\n{paper_content}\n\n# B #\n{criteria}"
    moved = templates.move_paper_last(template, "t:")
    assert moved == "# A #\nfirst {n}\n\n# B #\n{criteria}\n\n# PAPER #\n{paper_content}"
    assert templates.move_paper_last(moved, "t:") == moved


@pytest.mark.parametrize(
    "template",
    [
        "{paper_content} {criteria}",
        "# A #\n{paper_content} {n}\n\n# B #\n{criteria}",
        "{paper_content}\n\n# A #\nx",
        "# A #\nx",
    ],
)
def test_a_paper_without_a_section_of_its_own_can_not_be_moved(template: str) -> None:
    with pytest.raises(PromptError, match="section of its own"):
        templates.move_paper_last(template, "t:")
