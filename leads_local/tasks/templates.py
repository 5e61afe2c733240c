"""Prompt templates: which placeholders each task fills, and filling them without anything else happening.

A template is ``str.format`` text with plain names only. Anything that ``str.format`` could do beyond putting a text in
a place (attributes, items, conversions, format specifications, positions) is refused, so a template from outside can't
reach into the program, and a text from a paper that holds braces is put in as it is: what was filled in is never
formatted again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise
from string import Formatter
from types import MappingProxyType

from leads_local.errors import PromptError

PLACEHOLDERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "search": ("P", "I", "C", "O"),
        "screening": ("paper_content", "num_criteria", "criteria_text"),
        "characteristics": ("paper_content", "num_fields", "fields_info"),
        "results": ("paper_content", "outcome_def", "group_def"),
        "participants": ("paper_content", "paramType", "unitOfMeasure", "groupDef", "measureDef"),
        "arms": ("paper_content",),
    }
)
"""Task → the placeholders that its template must hold, each at least once, and no other."""


def _list_placeholders(template: str, where: str) -> list[str]:
    """The names between single braces, in order. Raises PromptError on anything but plain names."""
    try:
        parts = list(Formatter().parse(template))
    except ValueError as error:
        raise PromptError(
            f"{where}: the braces do not match ({error}).",
            "Write {name} for a placeholder and double every other brace.",
        ) from error
    names = []
    for _, name, spec, conversion in parts:
        if name is None:
            continue
        if spec or conversion or not name.isidentifier():
            whole = name + (f"!{conversion}" if conversion else "") + (f":{spec}" if spec else "")
            raise PromptError(
                f"{where}: {{{whole}}} is not a plain placeholder.",
                "Write {name} for a placeholder and double every other brace.",
            )
        names.append(name)
    return names


def check(task: str, template: str, where: str) -> None:
    """Refuse a template whose placeholders are not exactly those of ``task``. ``where`` names the template and its file
    for the reader.

    Raises PromptError that names every missing and every unknown placeholder.
    """
    if template.encode("utf-8", "ignore").decode("utf-8") != template:
        raise PromptError(f"{where} holds half a character (a lone surrogate).", "Write the character itself.")
    wanted, found = PLACEHOLDERS[task], _list_placeholders(template, where)
    missing = [f"{{{name}}}" for name in wanted if name not in found]
    unknown = [f"{{{name}}}" for name in dict.fromkeys(found) if name not in wanted]
    faults = []
    if missing:
        faults.append(f"misses the placeholder{'s' * (len(missing) > 1)} {', '.join(missing)}")
    if unknown:
        faults.append(f"holds the unknown placeholder{'s' * (len(unknown) > 1)} {', '.join(unknown)}")
    if faults:
        known = ", ".join(f"{{{name}}}" for name in wanted)
        raise PromptError(f"{where} {' and '.join(faults)}.", f"The {task} template must hold exactly {known}.")


def fill(template: str, values: Mapping[str, str]) -> str:
    """The template with ``values`` in place, verbatim, and doubled braces made single. The template must have passed
    ``check``."""
    parts = []
    for literal, name, _, _ in Formatter().parse(template):
        parts.append(literal)
        if name is not None:
            parts.append(values[name])
    return "".join(parts)


def drop_empty_lines(template: str, empty: tuple[str, ...]) -> str:
    """The template without the lines that stand only for placeholders in ``empty``, so that what was not asked is not
    sent.

    A line that holds another placeholder too stays as it is.
    """
    kept = []
    for line in template.splitlines(keepends=True):
        names = [name for _, name, _, _ in Formatter().parse(line) if name is not None]
        if not names or not set(names) <= set(empty):
            kept.append(line)
    return "".join(kept)


_SECTION = re.compile(r"^# [^\n#]+ #$", re.MULTILINE)


def move_paper_last(template: str, where: str) -> str:
    """The template with the section that holds the paper moved behind all others, so that prompts differ in nothing but
    their ends.

    Raises PromptError where there is no section of its own for the paper. ``where`` names the template for the reader.
    """
    starts = [match.start() for match in _SECTION.finditer(template)]
    parts = [template[start:end] for start, end in pairwise([*starts, len(template)])]
    papers = [part for part in parts if "{paper_content}" in part]
    before = template[: starts[0]] if starts else template
    if (
        len(papers) != 1
        or "{paper_content}" in before
        or set(_list_placeholders(papers[0], where)) != {"paper_content"}
    ):
        raise PromptError(
            f"{where} has no section of its own for the paper, so the criteria can't come first.",
            "Use the trained layout.",
        )
    (paper,) = papers
    rest = [part.rstrip() for part in parts if part is not paper]
    return "\n\n".join([before + rest[0], *rest[1:], paper.rstrip()]) if rest else template
