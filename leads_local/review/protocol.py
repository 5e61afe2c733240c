"""The protocol of a review as one thing: question, criteria, reasons for exclusion, the rule of each stage, form and
keywords.

Why it exists: each part is a register of the log, but people write, compare, lock and change a protocol as a whole. It
is read from the review as it stands or from what the log derives (so that its history is a replay), and put into force
as one gesture which writes only the registers that differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from leads_local.citations import limits
from leads_local.citations.limits import Limit
from leads_local.errors import ReviewError
from leads_local.records import Criterion, Question, Stage
from leads_local.review import reasons as reason_lists
from leads_local.review import screening_question, standing
from leads_local.review.act_log import ActLog
from leads_local.review.acts import Act, ActKind, canonical
from leads_local.review.database import Database
from leads_local.review.derivation import State
from leads_local.review.outcomes import Rule
from leads_local.review.reasons import Reason
from leads_local.review.store import decisions, events, protocol_rows, questions
from leads_local.tasks import forms
from leads_local.tasks.forms import Form

SCOPES = ("", *Stage)
"""Which stages a criterion is asked at: "" is both."""
KINDS = frozenset(
    {ActKind.QUESTION, ActKind.CRITERIA, ActKind.REASONS, ActKind.RULE, ActKind.FORM, ActKind.KEYWORDS, ActKind.LOCK}
    | {ActKind.LIMITS}
)
_WHOLE = canonical([])


@dataclass(frozen=True, slots=True)
class Keywords:
    """Words that speak for including a record, and for excluding it."""

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()


NO_KEYWORDS = Keywords()
_NO_QUESTION, _NO_FORM = Question(), Form("")


@dataclass(frozen=True, slots=True)
class Protocol:
    """``criteria`` are the reviewers' own, by the stage that asks them ("": both), without the question's parts.
    ``limits`` are checked by rule, not by the model. ``form`` is the general one where the review has none of its
    own."""

    question: Question = _NO_QUESTION
    criteria: Mapping[str, tuple[Criterion, ...]] = field(default_factory=dict)
    reasons: tuple[Reason, ...] = ()
    rules: Mapping[Stage, Rule] = field(default_factory=dict)
    form: Form = _NO_FORM
    keywords: Keywords = NO_KEYWORDS
    limits: tuple[Limit, ...] = ()


def read(db: Database) -> Protocol:
    """The protocol that is in force."""
    question = questions.read(db)
    keywords = protocol_rows.said(db, ActKind.KEYWORDS)
    return Protocol(
        question=question,
        criteria={scope: tuple(Criterion(*one) for one in questions.own(db, scope)) for scope in SCOPES},
        reasons=tuple(Reason(*one) for one in protocol_rows.reasons(db)),
        rules=decisions.rules(db),
        form=_form(protocol_rows.said(db, ActKind.FORM), question),
        keywords=Keywords(tuple(keywords.get("include", ())), tuple(keywords.get("exclude", ()))),
        limits=protocol_rows.limits(db),
    )


def of_state(state: State) -> Protocol:
    """The protocol that follows from acts of the log."""
    question = Question(**state.question)
    return Protocol(
        question=question,
        criteria={scope: tuple(Criterion(*one) for one in state.criteria.get(scope, ())) for scope in SCOPES},
        reasons=tuple(Reason(*one) for one in state.exclusion),
        rules={stage: state.rules.get(stage, Rule()) for stage in Stage},
        form=_form(state.form, question),
        keywords=Keywords(tuple(state.keywords.get("include", ())), tuple(state.keywords.get("exclude", ()))),
        limits=state.limits,
    )


def asked(protocol: Protocol, stage: Stage) -> frozenset[tuple[str, str]]:
    """Names and texts of what is asked at ``stage``: the question's parts and the reviewers' own criteria."""
    own = (one for scope in ("", stage) for one in protocol.criteria.get(scope, ()))
    return frozenset([*protocol.question.parts.items(), *((one.name, one.text) for one in own)])


def _form(said: Mapping[str, Any], question: Question) -> Form:
    return forms.from_table(said, "the review's form") if said else forms.for_question(question)


def registers(protocol: Protocol) -> dict[tuple[ActKind, str], Mapping[str, Any]]:
    """What the acts say that put a protocol into force, by kind and subject."""
    return {
        (ActKind.QUESTION, _WHOLE): asdict(protocol.question),
        **{
            (ActKind.CRITERIA, canonical([scope])): {
                "criteria": [[one.name, one.text] for one in protocol.criteria.get(scope, ())]
            }
            for scope in SCOPES
        },
        (ActKind.REASONS, _WHOLE): {"reasons": [[one.key, one.text, one.retired] for one in protocol.reasons]},
        **{
            (ActKind.RULE, canonical([stage])): {"kind": rule.kind, "share": rule.share}
            for stage, rule in protocol.rules.items()
        },
        (ActKind.FORM, _WHOLE): forms.to_table(protocol.form),
        (ActKind.KEYWORDS, _WHOLE): {
            "include": list(protocol.keywords.include),
            "exclude": list(protocol.keywords.exclude),
        },
        (ActKind.LIMITS, _WHOLE): {"limits": list(map(limits.to_said, protocol.limits))},
    }


def apply(db: Database, log: ActLog, wanted: Protocol, seen: Protocol | None = None, gesture: int = 0) -> list[Act]:
    """Put ``wanted`` into force as one gesture. Inside a transaction. Returns the acts, none where it is in force.

    Raises ReviewError where the protocol is no longer the one that was ``seen`` when this was asked, or where what is
    wanted can't be; InputError where the list of reasons can't take the place of what stands.
    """
    now = read(db)
    if seen is not None and seen != now:
        raise ReviewError(
            f"{db.path}: the protocol was changed by somebody else meanwhile.", "Print it anew and change that."
        )
    if wanted.reasons != now.reasons:
        reason_lists.require_sound(wanted.reasons, now.reasons, protocol_rows.used_reasons(db))
    if not protocol_rows.said(db, ActKind.FORM):  # until now the form followed the question
        now = replace(now, form=forms.for_question(wanted.question))
    stood, acts = registers(now), list[Act]()
    for (kind, subject), said in registers(wanted).items():
        if said != stood[kind, subject]:
            _, act = log.write(kind, subject, said, gesture=acts[0].gesture if acts else gesture)
            acts.append(act)
    standing.bring_up_to_date(db, [(act, 0) for act in acts])
    screening_question.require_different_names(db)
    if acts:
        events.add(db, "protocol", f"changed: {', '.join(dict.fromkeys(str(act.kind) for act in acts))}")
    return acts


def pin_form(db: Database, log: ActLog, gesture: int = 0) -> int:
    """Store the form that is used as the review's own, where it has none. Inside a transaction. Returns the gesture."""
    if protocol_rows.said(db, ActKind.FORM):
        return gesture
    _, act = log.write(ActKind.FORM, _WHOLE, forms.to_table(read(db).form), gesture=gesture)
    return act.gesture
