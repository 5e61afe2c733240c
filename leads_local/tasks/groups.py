"""The groups that results and participant statistics are asked for: the arms of a trial under ids and titles that are
unique.

An answer is mapped back to an arm only by an id or a title that was in the prompt. What names anything else is refused,
never matched to the nearest arm.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from leads_local.errors import ReplyError
from leads_local.records import Arm, ExtractedValue
from leads_local.tasks import replies

EVERYONE = "All participants"
NO_VALUE = "The model gave no value for this arm."

ValueAndNote = tuple[str, str]
"""A value and the model's note on it."""


@dataclass(frozen=True, slots=True)
class Group:
    """``id`` is G1, G2 …; ``title`` is unique among the groups; ``label`` is the arm's own label, "" for a study
    without arms."""

    id: str
    title: str
    label: str
    description: str = ""


def from_arms(arms: Sequence[Arm]) -> tuple[Group, ...]:
    """One group for each arm, in order; without arms, one group of all participants."""
    if not arms:
        return (Group("G1", EVERYONE, ""),)
    groups: list[Group] = []
    taken = {f"g{number}" for number in range(1, len(arms) + 1)}  # no title may be read as another group's id
    for number, arm in enumerate(arms, 1):
        base = title = " ".join(replies.clean_text(arm.label, "an arm").split()) or f"Arm {number}"
        again = 2
        while _key(title) in taken:
            title, again = f"{base} ({again})", again + 1
        taken.add(_key(title))
        groups.append(Group(f"G{number}", title, arm.label, _description(arm)))
    return tuple(groups)


def format_lines(groups: Sequence[Group]) -> str:
    """The groups as a prompt names them, one a line: ``G1: title - description``."""
    return "\n".join(f"{g.id}: {g.title} - {g.description}" if g.description else f"{g.id}: {g.title}" for g in groups)


def find(name: str, groups: Sequence[Group]) -> Group:
    """The group whose id or title is ``name``, but for case and spacing. Raises ReplyError when there is none."""
    key = _key(name)
    for group in groups:
        if key in (_key(group.title), _key(group.id)):
            return group
    for group in groups:
        if key == _key(f"{group.id}: {group.title}"):
            return group
    known = ", ".join(group.title for group in groups)
    raise ReplyError(f'The answer names a group that was not asked for: "{name[:80]}".', f"The groups are: {known}.")


def make_values(task: str, item: str, group: Group, said: Sequence[ValueAndNote]) -> list[ExtractedValue]:
    """What was said of ``item`` for one group: none is "not reported" with a note, different ones are all kept with a
    note."""
    if not said:
        return [ExtractedValue(task, item, "", group=group.label, note=NO_VALUE)]
    once = list(dict.fromkeys(said))
    more = "" if len(once) == 1 else f"The model gave {len(once)} different values for this arm."
    return [
        ExtractedValue(task, item, text, group=group.label, note=" ".join(part for part in (note, more) if part))
        for text, note in once
    ]


def _key(name: str) -> str:
    return " ".join(name.split()).casefold()


def _description(arm: Arm) -> str:
    parts = [" ".join(arm.description.split()), "; ".join(" ".join(name.split()) for name in arm.interventions)]
    return " | ".join(part for part in parts if part)
