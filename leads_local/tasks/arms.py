"""Arm design: which arms a trial has and what each received. Results and participant statistics are asked for these
arms.

A report that describes no groups has no arms; that is an answer, not a failure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from leads_local.engine.types import Reply, Request
from leads_local.errors import ReplyError
from leads_local.records import Arm, ExtractedValue
from leads_local.tasks import groups, replies, schemas
from leads_local.tasks.prompts import PromptPack

TASK = "arms"
KINDS = ("EXPERIMENTAL", "ACTIVE_COMPARATOR", "PLACEBO_COMPARATOR", "SHAM_COMPARATOR", "NO_INTERVENTION", "OTHER")
"""The arm group types of ClinicalTrials.gov. A model may write another; it is kept as written."""

_LIMITS = {"label": schemas.LABEL_LIMIT, "type": schemas.KIND_LIMIT, "description": schemas.DESCRIPTION_LIMIT}
_KEYS = ("label", "type", "description", "interventionNames")


def request(id: str, paper: str, pack: PromptPack) -> Request:
    schema = schemas.arms()
    return Request(
        id,
        pack.prompt(TASK, paper_content=paper),
        schema,
        schemas.extraction_tokens(schema),
        pack.json_styles.get(TASK),
    )


def read_answer(reply: Reply) -> list[dict[str, Any]]:
    """``{"label", "type", "description", "interventionNames": [str]}`` for each arm, marked where it is as long as it
    may be. Raises ReplyError."""
    found = []
    for number, row in enumerate(_rows(reply), 1):
        where = f"arm {number}"
        entry = replies.require_object(row, _KEYS, where)
        arm: dict[str, Any] = {key: replies.clean_text(entry[key], where, limit) for key, limit in _LIMITS.items()}
        where = f"the interventions of {where}"
        names = replies.require_list(entry["interventionNames"], where)
        arm["interventionNames"] = [replies.clean_text(name, where, schemas.NAME_LIMIT) for name in names]
        arm["interventionNames"] += [replies.CUT_MARK] * replies.is_full(names, schemas.MOST_INTERVENTIONS)
        found.append(arm)
    return found


def completeness_note(reply: Reply) -> str:
    """What the reviewer must know of the list of arms as a whole; "" for nothing."""
    if not replies.is_full(_rows(reply), schemas.MOST_ARMS):
        return ""
    return f"The list of arms is {replies.FULL_REMARK} ({schemas.MOST_ARMS}): look for further ones."


def _rows(reply: Reply) -> list[Any]:
    return replies.require_list(replies.read_json(reply), "the top")


def parse(reply: Reply) -> tuple[Arm, ...]:
    """The arms in the order of the answer. Exact repetitions are dropped; different arms of one label are numbered to
    tell them apart.

    Raises ReplyError, also for an arm without a label.
    """
    arms = []
    for number, row in enumerate(read_answer(reply), 1):
        label = " ".join(row["label"].split())
        if not label:
            raise ReplyError(f"The answer has no label for arm {number}.", "Its raw text is kept; ask again.")
        names = tuple(dict.fromkeys(name for name in map(replies.drop_not_reported, row["interventionNames"]) if name))
        arms.append(Arm(label, _kind(row["type"]), replies.drop_not_reported(row["description"]), names))
    once = tuple(dict.fromkeys(arms))
    return (
        tuple(replace(arm, label=group.title) for arm, group in zip(once, groups.from_arms(once), strict=True))
        if once
        else ()
    )


def make_values(arms: Sequence[Arm], note: str = "") -> tuple[ExtractedValue, ...]:
    """Label, type, description and interventions of each arm, as values to be verified, with the ``note`` on their
    list."""
    found = []
    for arm in arms:
        texts = {
            "label": arm.label,
            "type": arm.kind,
            "description": arm.description,
            "interventions": "; ".join(arm.interventions),
        }
        found += [
            ExtractedValue(TASK, arm.label, text, part=part, note=said, cut=bool(said))
            for part, text in texts.items()
            for said in (note if part == "label" else "",)
        ]
    return tuple(found)


def _kind(word: str) -> str:
    word = replies.drop_not_reported(word)
    upper = "_".join(word.upper().replace("-", " ").replace("_", " ").split())
    return upper if upper in KINDS else word
