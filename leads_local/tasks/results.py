"""Trial results: what kind of number an outcome was reported as, and its value for each arm.

Numbers stay the text that the model copied, with an ellipsis where it ran into the limit of its length; nothing here
calculates. A value belongs to the arm that the answer names. An arm without a value is "not reported", with a note; an
arm with two values keeps both, for a person to choose.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from leads_local.engine.types import Reply, Request
from leads_local.errors import InputError
from leads_local.records import Arm, ExtractedValue, Outcome
from leads_local.tasks import groups, replies, schemas
from leads_local.tasks.prompts import PromptPack

TASK = "results"
_LIMITS = {"value": schemas.NUMBER_LIMIT, "title": schemas.TITLE_LIMIT}
PARTS = (
    ("type", "paramType"),
    ("unit", "unitOfMeasure"),
    ("time frame", "timeFrame"),
    ("denominator unit", "unitOfDenom"),
    ("denominator", "denomValue"),
)
"""Part of a Value → key of the answer, for what is said once for an outcome."""


def outcome_def(outcome: Outcome) -> str:
    name, definition = " ".join(outcome.name.split()), " ".join(outcome.definition.split())
    return f"{name}: {definition}" if definition else name


def request(id: str, paper: str, outcome: Outcome, arms: Sequence[Arm], pack: PromptPack) -> Request:
    """Ask for one outcome in all ``arms``; without arms, in all participants. Raises InputError when the outcome has no
    name."""
    if not outcome.name.strip():
        raise InputError("An outcome of the form has no name.", "Write what is to be extracted.")
    asked = groups.from_arms(arms)
    return compose_request(
        id, paper, outcome_def(outcome), groups.format_lines(asked), pack, [group.title for group in asked]
    )


def compose_request(
    id: str, paper: str, outcome_def: str, group_def: str, pack: PromptPack, titles: Sequence[str] = ()
) -> Request:
    """The request with definitions as given. Without ``titles`` the answer may name its groups freely."""
    prompt = pack.prompt(TASK, paper_content=paper, outcome_def=outcome_def, group_def=group_def)
    schema = schemas.results(titles, pack.named)
    return Request(id, prompt, schema, schemas.extraction_tokens(schema), pack.json_styles.get(TASK))


def read_answer(reply: Reply) -> dict[str, Any]:
    """``{"paramType", "unitOfMeasure", "timeFrame", "unitOfDenom", "denomValue", "results": [{"value", "title"}]}``,
    marked where it is as long as it may be. Raises ReplyError."""
    outer = replies.require_object(replies.read_json(reply), (*schemas.OUTCOME_PART_LIMITS, "results"), "the top")
    found: dict[str, Any] = {
        key: replies.clean_text(outer[key], f'"{key}"', limit) for key, limit in schemas.OUTCOME_PART_LIMITS.items()
    }
    found["results"] = []
    rows = replies.require_list(outer["results"], '"results"')
    for number, row in enumerate(rows, 1):
        entry = replies.require_object(row, tuple(_LIMITS), f"result {number}")
        found["results"].append(
            {key: replies.clean_text(entry[key], f"result {number}", limit) for key, limit in _LIMITS.items()}
        )
    found["results"] += [dict.fromkeys(_LIMITS, replies.CUT_MARK)] * replies.is_full(rows, schemas.MOST_GROUPS)
    return found


def parse(reply: Reply, outcome: Outcome, arms: Sequence[Arm]) -> tuple[ExtractedValue, ...]:
    """The five parts of the outcome, then the value of each arm in order. Raises ReplyError, also for a group that was
    not asked for."""
    table, asked = read_answer(reply), groups.from_arms(arms)
    by_group: dict[str, list[groups.ValueAndNote]] = {group.id: [] for group in asked}
    for row in table["results"]:
        by_group[groups.find(row["title"], asked).id].append((replies.drop_not_reported(row["value"]), ""))
    values = [
        ExtractedValue(TASK, outcome.name, replies.drop_not_reported(table[key]), part=part) for part, key in PARTS
    ]
    for group in asked:
        values += groups.make_values(TASK, outcome.name, group, by_group[group.id])
    return tuple(values)
