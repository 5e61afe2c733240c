"""Read the prompt templates out of a user's own checkout of upstream LEADS, without running any of it.

LEADS was trained on exact wordings that belong to upstream and are not part of this project. They are string constants,
so parsing the source is enough. What can't be read as a constant is refused by name: a template that is nearly right
would be worse than none.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from leads_local.errors import InputError, PromptError
from leads_local.tasks import templates

MODULES: Mapping[str, str] = MappingProxyType(
    {
        "search": "search.py",
        "screening": "screening.py",
        "characteristics": "study_characteristics_extraction.py",
        "results": "trial_result_extraction.py",
        "participants": "population_statistics_extraction.py",
        "arms": "arm_design_extraction.py",
    }
)
"""Task → its file in ``leads/modules`` of a checkout."""

_SUFFIX = "_PROMPT_TEMPLATE"
_LARGEST = 4_000_000  # bytes; a source file with prompts has a few thousand
_METHODS: Mapping[str, Callable[..., str]] = MappingProxyType(
    {"strip": str.strip, "lstrip": str.lstrip, "rstrip": str.rstrip}
)


class _NotConstant(Exception):
    """An expression that is no constant text; the argument says what stands there."""


def read(checkout: Path) -> dict[str, str]:
    """Task → template, as it stands in ``checkout``, all six checked for their placeholders.

    Raises InputError when there is no checkout, PromptError naming file and constant when a template can't be read or
    used.
    """
    folder = checkout / "leads" / "modules"
    if not folder.is_dir():
        raise InputError(
            f"{checkout} is no checkout of LEADS: it has no folder leads/modules.", "Name the folder that holds leads/."
        )
    absent = [name for name in MODULES.values() if not (folder / name).is_file()]
    if absent:
        raise InputError(f"{folder} has no {', '.join(absent)}.", "Fetch the whole checkout of LEADS again.")
    return {task: _template(task, folder / name) for task, name in MODULES.items()}


def _template(task: str, file: Path) -> str:
    found = {name: value for name, value in _module_texts(file).items() if name.endswith(_SUFFIX)}
    if not found:
        raise PromptError(
            f"{file}: there is no constant named *{_SUFFIX}.", "This version of LEADS keeps its prompts elsewhere."
        )
    fits: list[tuple[str, str]] = []
    faults: list[PromptError] = []
    for name, value in found.items():
        try:
            if isinstance(value, _NotConstant):
                raise PromptError(f"{file}, {name}: {value}.", "Only constant text can be read without running it.")
            templates.check(task, value, f"{file}, {name}:")
        except PromptError as error:
            faults.append(error)
        else:
            fits.append((name, value))
    if len(fits) > 1:
        names = ", ".join(name for name, _ in fits)
        raise PromptError(
            f"{file}: more than one template fits the {task} task: {names}.", "Keep one of them in the file."
        )
    if not fits:
        raise faults[0]
    return fits[0][1]


def _module_texts(file: Path) -> dict[str, str | _NotConstant]:
    """What each name at the top of the module stands for after the last line, text or the reason why it is not
    known."""
    names: dict[str, str | _NotConstant] = {}
    for node in _tree(file).body:
        bound: list[ast.expr]
        match node:
            case ast.Assign(targets=targets, value=value):
                bound, text = targets, _try_evaluate(value, names)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                bound, text = [target], _try_evaluate(value, names)
            case ast.AugAssign(target=ast.Name(id=name) as added, op=ast.Add(), value=value):
                bound, text = [added], _concatenate(names.get(name), _try_evaluate(value, names))
            case _:
                continue
        for name_node in bound:
            if isinstance(name_node, ast.Name):
                names[name_node.id] = text
    return names


def _tree(file: Path) -> ast.Module:
    try:
        if file.stat().st_size > _LARGEST:
            raise PromptError(f"{file} is larger than any file of prompts.", "Check that it is the file from LEADS.")
        return ast.parse(file.read_bytes(), filename=str(file))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise PromptError(
            f"{file} is not Python source that can be read: {error}.", "Fetch the checkout of LEADS again."
        ) from error
    except OSError as error:
        raise InputError(
            f"{file} can't be read: {error.strerror}.", "Check the permissions of the checkout."
        ) from error


def _try_evaluate(node: ast.expr, names: Mapping[str, str | _NotConstant]) -> str | _NotConstant:
    try:
        return _evaluate_text(node, names)
    except _NotConstant as reason:
        return reason
    except RecursionError:
        return _NotConstant("it is built from too many parts")


def _concatenate(left: str | _NotConstant | None, right: str | _NotConstant) -> str | _NotConstant:
    if isinstance(left, str) and isinstance(right, str):
        return left + right
    return right if isinstance(right, _NotConstant) else left or _NotConstant("it is added to before it is there")


def _evaluate_text(node: ast.expr, names: Mapping[str, str | _NotConstant]) -> str:
    """The text that a constant expression stands for: literals, ``+``, ``.strip()`` and the like, ``dedent``, names
    given before."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr():
            raise _NotConstant("it is an f-string, whose text is only known when it runs")
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _evaluate_text(left, names) + _evaluate_text(right, names)
        case ast.Name(id=name) if name in names:
            value = names[name]
            if isinstance(value, str):
                return value
            raise value
        case ast.Call(func=ast.Attribute(value=value, attr=attr), args=args, keywords=[]) if (
            attr in _METHODS and len(args) <= 1
        ):
            return _METHODS[attr](_evaluate_text(value, names), *(_evaluate_text(argument, names) for argument in args))
        case ast.Call(func=ast.Name(id="dedent") | ast.Attribute(attr="dedent"), args=[value], keywords=[]):
            return textwrap.dedent(_evaluate_text(value, names))
    raise _NotConstant(f"it is not constant text, for it holds a {type(node).__name__} expression")
