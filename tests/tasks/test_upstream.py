"""Upstream's templates are read from source as Python would have them, without running anything."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from leads_local.errors import InputError, LeadsError, PromptError
from leads_local.tasks import templates, upstream

Checkout = Callable[..., Path]


def test_all_six_are_read_exactly_and_nothing_runs(checkout: Checkout) -> None:
    texts = upstream.read(checkout())
    assert texts["search"] == '# CONTEXT #\nP is {P}\nI is {I}\nC is {C}\nO is {O}\n# RESPONSE #\n{{"query": ""}}\n'
    assert texts["screening"] == "A {paper_content} B {num_criteria} C {criteria_text} {{}}"
    assert texts["characteristics"] == "{paper_content} {num_fields} {fields_info}"
    assert texts["results"] == "Read: {paper_content} \n{outcome_def}\n{group_def}\n"
    assert texts["participants"] == "{paper_content} {paramType} {unitOfMeasure} {groupDef} {measureDef}"
    assert texts["arms"] == "arms of ≥ {paper_content}"
    assert set(texts) == set(templates.PLACEHOLDERS)


@pytest.mark.parametrize(
    "source",
    [
        "X_PROMPT_TEMPLATE = 'a {paper_content}'",
        "X_PROMPT_TEMPLATE = ('a ' '{paper' '_content}')",
        "A = B = 'a '\nX_PROMPT_TEMPLATE = A + '{paper_content}'",
        "X_PROMPT_TEMPLATE = r'''a {paper_content}'''",
        "X_PROMPT_TEMPLATE = '  a {paper_content}\\n'.strip().rstrip('\\n')",
        "X_PROMPT_TEMPLATE = 'wrong'\nX_PROMPT_TEMPLATE = 'a {paper_content}'",
        "X_PROMPT_TEMPLATE = ' a {paper_content}'\nX_PROMPT_TEMPLATE = X_PROMPT_TEMPLATE.lstrip()",
        "OLD_PROMPT_TEMPLATE = 'for {something} else'\nX_PROMPT_TEMPLATE = 'a {paper_content}'",
        "X_PROMPT_TEMPLATE: str\nX_PROMPT_TEMPLATE: str = 'a {paper_content}'",
    ],
)
def test_constants_mean_what_they_mean_to_python(checkout: Checkout, source: str) -> None:
    names: dict[str, str] = {}
    exec(source, names)
    assert (
        upstream.read(checkout(arm_design_extraction=source))["arms"]
        == names["X_PROMPT_TEMPLATE"]
        == "a {paper_content}"
    )


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("ARM_PROMPT_TEMPLATE = f'{1} {{paper_content}}'", "f-string"),
        ("ARM_PROMPT_TEMPLATE = 'a' + f'{1}' + '{paper_content}'", "f-string"),
        ("ARM_PROMPT_TEMPLATE = open('x').read()", "not constant text"),
        ("ARM_PROMPT_TEMPLATE = '{paper_content}'.format(paper_content=1)", "not constant text"),
        ("ARM_PROMPT_TEMPLATE = 'a %s' % 1", "not constant text"),
        ("ARM_PROMPT_TEMPLATE = b'{paper_content}'", "not constant text"),
        ("ARM_PROMPT_TEMPLATE = HEAD + '{paper_content}'", "not constant text"),
        ("ARM_PROMPT_TEMPLATE += '{paper_content}'", "before it is there"),
        ("ARM_PROMPT_TEMPLATE = " + " + ".join(["'{paper_content}'"] * 5000), "too many parts|not Python source"),
        ("ARM_PROMPT_TEMPLATE = 'no place for it'", r"misses the placeholder \{paper_content\}"),
        ("ARM_PROMPT_TEMPLATE = '{paper_content} {more}'", r"unknown placeholder \{more\}"),
        (
            "ARM_PROMPT_TEMPLATE = '{paper_content.__class__}'",
            r"\{paper_content.__class__\} is not a plain placeholder",
        ),
        ("ARM_PROMPT_TEMPLATE = '{paper_content} \\ud800'", "half a character"),
        ("ARM_PROMPT = '{paper_content}'", r"no constant named \*_PROMPT_TEMPLATE"),
    ],
)
def test_what_is_no_constant_or_does_not_fit_is_refused_by_name(checkout: Checkout, source: str, reason: str) -> None:
    with pytest.raises(PromptError, match=reason) as caught:
        upstream.read(checkout(arm_design_extraction=source))
    assert "arm_design_extraction.py" in caught.value.message
    assert (
        "ARM_PROMPT_TEMPLATE" in caught.value.message or "no constant" in reason or "not Python" in caught.value.message
    )


def test_two_templates_that_fit_are_not_chosen_between(checkout: Checkout) -> None:
    source = "A_PROMPT_TEMPLATE = '1 {paper_content}'\nB_PROMPT_TEMPLATE = '2 {paper_content}'"
    with pytest.raises(PromptError, match="A_PROMPT_TEMPLATE, B_PROMPT_TEMPLATE"):
        upstream.read(checkout(arm_design_extraction=source))


@pytest.mark.parametrize("source", ["def broken(:", "X = '\x00'", "(" * 10_000])
def test_a_file_that_is_no_python_is_named(checkout: Checkout, source: str) -> None:
    with pytest.raises(LeadsError, match=r"screening\.py"):
        upstream.read(checkout(screening=source))


def test_a_folder_that_is_no_checkout_is_refused(tmp_path: Path, checkout: Checkout) -> None:
    with pytest.raises(InputError, match="no folder leads/modules"):
        upstream.read(tmp_path)
    root = checkout()
    (root / "leads" / "modules" / "search.py").unlink()
    with pytest.raises(InputError, match=r"has no search\.py"):
        upstream.read(root)
