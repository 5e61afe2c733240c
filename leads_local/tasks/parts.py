"""Answers about the parts of one paper, brought together: what agrees becomes one, what disagrees stays side by side
for a person.

A part that says nothing ("" or UNCERTAIN) agrees with whatever another part says: what it does not hold, it can't know.
Nothing is averaged, and no part outvotes another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from leads_local.judgements import Judgement
from leads_local.records import Arm, Eligibility, ExtractedValue
from leads_local.tasks import arms
from leads_local.tasks.replies import FULL_REMARK
from leads_local.tasks.schemas import MOST_ARMS

_PARTS_DISAGREE = "The parts of the paper disagree"
_LEFT_OUT = f"The list of arms is {FULL_REMARK} ({MOST_ARMS}): results and participants are not asked for this arm."


def merge_judgement(said: Sequence[Judgement]) -> Judgement:
    """What the parts say of one criterion together. Where words differ it is UNCERTAIN, and the reason holds what each
    part said."""
    telling = [(part, one) for part, one in enumerate(said, 1) if one.eligibility is not Eligibility.UNCERTAIN]
    words = {one.eligibility for _, one in telling}
    if len(words) > 1:
        told = "\n".join(f"Part {part} of {len(said)} says {one.eligibility}: {one.rationale}" for part, one in telling)
        reason = f"{_PARTS_DISAGREE}; read both places.\n{told}"
        return Judgement(said[0].criterion, Eligibility.UNCERTAIN, reason, parts_disagree=True)
    part, one = telling[0] if telling else (1, said[0])
    return replace(one, rationale=f"Part {part} of {len(said)}: {one.rationale}") if one.rationale else one


def merge_judgements(parts: Sequence[Sequence[Judgement]]) -> tuple[Judgement, ...]:
    """One judgement for each criterion from those of the parts, which are about the same criteria in the same order."""
    return tuple(merge_judgement(said) for said in zip(*parts, strict=True))


def merge_values(parts: Sequence[Sequence[ExtractedValue]]) -> list[tuple[int, ExtractedValue]]:
    """Each value with the place of the part that it is from (0-based), by what it is a value of, in the order of first
    mention.

    Where parts give different texts all of them stay, each with its own evidence and a note that says so. So do arms
    that ``merge_arms`` leaves out.
    """
    by_slot: dict[tuple[str, str, str, str], list[tuple[int, ExtractedValue]]] = {}
    for place, found in enumerate(parts):
        for value in found:
            by_slot.setdefault((value.task, value.item.casefold(), value.group.casefold(), value.part), []).append(
                (place, value)
            )
    _note_left_out_arms(by_slot)
    return [one for said in by_slot.values() for one in _merge_value(said, len(parts))]


def _note_left_out_arms(by_slot: dict[tuple[str, str, str, str], list[tuple[int, ExtractedValue]]]) -> None:
    """Say of each arm beyond those of ``merge_arms`` that nothing is asked about it."""
    labels = [slot for slot in by_slot if slot[0] == arms.TASK and slot[3] == "label"]
    for slot in labels[MOST_ARMS:]:
        by_slot[slot] = [
            (place, replace(value, note=f"{value.note} {_LEFT_OUT}".strip())) for place, value in by_slot[slot]
        ]


def _merge_value(said: list[tuple[int, ExtractedValue]], count: int) -> list[tuple[int, ExtractedValue]]:
    once: dict[str, tuple[int, ExtractedValue]] = {}
    for place, value in said:
        key = " ".join(value.text.split()).casefold()
        known = once.get(key)
        if value.text and (known is None or (_found(value) and not _found(known[1]))):
            once[key] = (place, value)
    if len(once) < 2:
        return list(once.values()) or said[:1]
    return [
        (place, replace(value, note=f"{_note(place, count)} {value.note}".strip(), parts_disagree=True))
        for place, value in once.values()
    ]


def _note(place: int, count: int) -> str:
    return f"{_PARTS_DISAGREE}: this is from part {place + 1} of {count}."


def _found(value: ExtractedValue) -> bool:
    return value.quote is not None and value.quote.found


def merge_arms(parts: Sequence[Sequence[Arm]]) -> tuple[Arm, ...]:
    """The arms that any part names, each label once as it was said first: all of them, up to as many as one answer may
    name."""
    once: dict[str, Arm] = {}
    for arm in (arm for found in parts for arm in found):
        once.setdefault(arm.label.casefold(), arm)
    return tuple(once.values())[:MOST_ARMS]
