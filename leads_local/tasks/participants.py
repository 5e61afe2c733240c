"""Participant statistics: one measure (age, sex …) for each arm.

The answer names groups by the ids of the prompt, which are mapped back to the arms' labels here. As with results:
nothing is calculated, an arm without a value is "not reported" with a note, and an arm with two values keeps both.
"""

from __future__ import annotations

from collections.abc import Sequence

from leads_local.engine.types import Reply, Request
from leads_local.errors import InputError
from leads_local.records import Arm, ExtractedValue, Measure
from leads_local.tasks import groups, replies, schemas, templates
from leads_local.tasks.prompts import PromptPack

TASK = "participants"
_LIMITS = {"groupId": schemas.ID_LIMIT, "value": schemas.NUMBER_LIMIT, "note": schemas.NOTE_LIMIT}


def measure_def(measure: Measure) -> str:
    name, definition = " ".join(measure.name.split()), " ".join(measure.definition.split())
    return f"{name}: {definition}" if definition else name


def request(id: str, paper: str, measure: Measure, arms: Sequence[Arm], pack: PromptPack) -> Request:
    """Ask for one measure in all ``arms``; without arms, in all participants. Raises InputError when the measure has no
    name."""
    if not measure.name.strip():
        raise InputError("A participant measure of the form has no name.", "Write what is to be extracted.")
    asked = groups.from_arms(arms)
    ids = [group.id for group in asked]
    return compose_request(
        id, paper, measure_def(measure), measure.param_type, measure.unit, groups.format_lines(asked), pack, ids
    )


def compose_request(
    id: str,
    paper: str,
    measure_def: str,
    param_type: str,
    unit: str,
    group_def: str,
    pack: PromptPack,
    ids: Sequence[str] = (),
) -> Request:
    """The request with definitions as given. What is empty is not sent. Without ``ids`` the answer may name its groups
    freely."""
    given = {"measureDef": measure_def, "paramType": param_type, "unitOfMeasure": unit, "groupDef": group_def}
    template = templates.drop_empty_lines(
        pack.templates[TASK], tuple(name for name, text in given.items() if not text.strip())
    )
    values = {name: text if text.strip() else "not specified" for name, text in given.items()}
    schema = schemas.participants(ids, pack.named)
    return Request(
        id,
        templates.fill(template, {"paper_content": paper, **values}),
        schema,
        schemas.extraction_tokens(schema),
        pack.json_styles.get(TASK),
    )


def read_answer(reply: Reply) -> list[dict[str, str]]:
    """``{"groupId", "value", "note"}`` for each entry, in the order of the answer, marked where it is as long as it may
    be. Raises ReplyError."""
    outer = replies.require_object(replies.read_json(reply), ("results",), "the top")
    rows = replies.require_list(outer["results"], '"results"')
    found = []
    for number, row in enumerate(rows, 1):
        entry = replies.require_object(row, tuple(_LIMITS), f"result {number}")
        found.append({key: replies.clean_text(entry[key], f"result {number}", limit) for key, limit in _LIMITS.items()})
    return found + [dict.fromkeys(_LIMITS, replies.CUT_MARK)] * replies.is_full(rows, schemas.MOST_GROUPS)


def parse(reply: Reply, measure: Measure, arms: Sequence[Arm]) -> tuple[ExtractedValue, ...]:
    """The value of each arm, in order, with the model's note. Raises ReplyError, also for a group that was not asked
    for."""
    asked = groups.from_arms(arms)
    by_group: dict[str, list[groups.ValueAndNote]] = {group.id: [] for group in asked}
    for row in read_answer(reply):
        by_group[groups.find(row["groupId"], asked).id].append(
            (replies.drop_not_reported(row["value"]), replies.drop_not_reported(row["note"]))
        )
    return tuple(
        value for group in asked for value in groups.make_values(TASK, measure.name, group, by_group[group.id])
    )
