"""How a reviewer's own criteria are written as text, and what a review has to ask at the least.

What is typed is stored word for word. On the command line a criterion is NAME=TEXT, in a form Name: text; each takes
the other's mark, too, where its own is absent.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from leads_local.errors import InputError
from leads_local.records import Criterion, Question

OPTION_MARKS = "=:"
LINE_MARKS = ":="


def parse_criterion(text: str, marks: str = OPTION_MARKS) -> Criterion:
    """What is before the mark is the name; the first of ``marks`` that stands in the text is the mark. InputError when
    a side is missing."""
    mark = next((mark for mark in marks if mark in text), marks[0])
    name, _, meaning = text.partition(mark)
    if not (name.strip() and meaning.strip()):
        raise InputError(
            f"The criterion {text.strip()!r} is not NAME{marks[0]}TEXT.",
            f"Write a name, “{marks[0]}” and the criterion, for example “Design{marks[0]} randomised trial”.",
        )
    return Criterion(name.strip(), meaning.strip())


def parse_criteria(text: str, known: Iterable[Criterion] = ()) -> list[Criterion]:
    """One criterion a line. A line that is the form of a ``known`` one is that one, whatever its name and text hold.
    InputError names the line."""
    as_they_are = {format_criterion(criterion): criterion for criterion in known}
    criteria = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            criteria.append(as_they_are.get(line.strip()) or parse_criterion(line, LINE_MARKS))
        except InputError as error:
            raise InputError(f"Line {number}: {error.message}", error.hint) from error
    return criteria


def format_criterion(criterion: Criterion) -> str:
    """One line of ``parse_criteria``."""
    return f"{' '.join(criterion.name.split())}: {' '.join(criterion.text.split())}".strip()


def format_criteria(criteria: Sequence[Criterion]) -> str:
    """The text that ``parse_criteria`` reads."""
    return "\n".join(map(format_criterion, criteria))


def require_criterion(question: Question, criteria: Sequence[Criterion]) -> None:
    """Raise InputError when there is nothing to judge records by."""
    if not (criteria or question.parts):
        raise InputError(
            "A review needs a question: there is no criterion yet.",
            "Give at least one of population, intervention, comparison and outcome, or a criterion of your own.",
        )
