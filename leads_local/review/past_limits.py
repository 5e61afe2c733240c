"""What limits take out before screening by a log of acts and the records as they were imported: now, for ``check``, and
at any past moment.

It knows no SQL, and of each record its name in every copy. What ``limiting`` brings into the tables must be the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from leads_local.citations import limits
from leads_local.citations.limits import LimitAnswer, LimitField
from leads_local.records import Citation, Stage
from leads_local.review.acts import ActKind, record_subject
from leads_local.review.derivation import State
from leads_local.review.same_reports import RecordName

_COLUMNS = tuple(field.column for field in LimitField if field.column)


def excludes(state: State) -> bool:
    """Whether anything can be taken out at all."""
    return any(limit.excludes for limit in state.limits)


def ruled_out(state: State, imported: Iterable[tuple[RecordName, Citation]]) -> dict[frozenset[RecordName], str]:
    """The reports that are taken out, and by which limit. ``imported``: the records without what was corrected."""
    if not excludes(state):
        return {}
    decided = {group for stage, group in state.outcomes() if stage is Stage.ABSTRACT}
    told: dict[frozenset[RecordName], list[tuple[LimitAnswer, ...]]] = {}
    for name, citation in imported:
        group = state.group_of(name)
        if group not in decided and not state.is_absent(name):
            told.setdefault(group, []).append(_judge(state, name, citation))
    found = {group: limits.ruled_out_by(limits.judge_report(state.limits, said)) for group, said in told.items()}
    return {group: by for group, by in found.items() if by}


def _judge(state: State, name: RecordName, citation: Citation) -> tuple[LimitAnswer, ...]:
    corrected: dict[str, Any] = {}
    for column in _COLUMNS:
        said = state.annotations.get((ActKind.CORRECT, record_subject(*name, column)))
        if said is not None:
            corrected[column] = said[0]
    if LimitField.YEAR.column in corrected:  # which may be corrected to none
        corrected[LimitField.YEAR.column] = int(corrected[LimitField.YEAR.column] or 0) or None
    stands = replace(citation, **corrected)
    return tuple(limits.judge(limit, stands, corrected) for limit in state.limits)
