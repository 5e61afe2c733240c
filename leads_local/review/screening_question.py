"""What a review asks: its question and the reviewer's own criteria, as rows that judgements point at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from leads_local import __version__
from leads_local.errors import ReviewError
from leads_local.records import Criterion, Question, Stage
from leads_local.review import reasons as reason_lists
from leads_local.review.act_log import ActLog
from leads_local.review.acts import ActKind, canonical
from leads_local.review.database import Database
from leads_local.review.store import events, protocol_rows, questions
from leads_local.tasks.screening import check_size


def write_first(db: Database, question: Question, criteria: Sequence[Criterion]) -> None:
    """Write the question and criteria of a new review. Inside its first transaction."""
    log, made_by = ActLog(db), f"leads-local {__version__}"
    questions.create(db, question, made_by)
    _, first = log.write(ActKind.CREATE, canonical([]), {"made by": made_by})
    _ask_question(db, log, question, first.gesture)
    _ask_criteria(db, log, criteria, None, first.gesture)
    reasons = reason_lists.first_list(questions.criteria(db, Stage.FULLTEXT))
    said = {"reasons": [[one.key, one.text, one.retired] for one in reasons]}
    log.write(ActKind.REASONS, canonical([]), said, gesture=first.gesture)
    require_different_names(db)
    events.add(db, "create", f"made by leads-local {__version__}")


def set_question(db: Database, log: ActLog, question: Question) -> None:
    """Put another question in place of the one that is asked. Inside a transaction."""
    _ask_question(db, log, question)
    require_different_names(db)
    events.add(db, "question", "the question was changed")


def _ask_question(db: Database, log: ActLog, question: Question, gesture: int = 0) -> None:
    questions.write(db, question)
    log.write(ActKind.QUESTION, canonical([]), asdict(question), gesture=gesture)


def _ask_criteria(
    db: Database, log: ActLog, criteria: Sequence[Criterion], stage: Stage | None, gesture: int = 0
) -> None:
    questions.write_criteria(db, criteria, stage)
    asked = [[one.name, one.text] for one in criteria]
    log.write(ActKind.CRITERIA, canonical([stage or ""]), {"criteria": asked}, gesture=gesture)


def set_criteria(db: Database, log: ActLog, criteria: Sequence[Criterion], stage: Stage | None) -> None:
    """Replace the reviewer's own criteria of both stages, or of ``stage`` only. Inside a transaction."""
    _ask_criteria(db, log, criteria, stage)
    require_different_names(db)
    events.add(db, "criteria", f"{len(criteria)} criteria of the reviewer's own for {stage or 'both stages'}")


def require_different_names(db: Database) -> None:
    """Judgements are shown by the names of their criteria, so no two that are asked together may have the same, nor too
    many be asked."""
    limited = [limit.name for limit in protocol_rows.limits(db)]
    for stage in Stage:
        asked = questions.criteria(db, stage)
        check_size(questions.read(db), asked)
        seen: set[str] = set()
        for name in (*(criterion.name for criterion in asked), *limited):
            if name.casefold() in seen:
                raise ReviewError(f"There are two criteria called {name!r}.", "Give each criterion a name of its own.")
            seen.add(name.casefold())
