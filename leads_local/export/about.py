"""The page that comes with an export and says what each file is, for whoever finds the folder in ten years."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from leads_local import __version__
from leads_local.export.sheets import Sheet
from leads_local.files import shown_name
from leads_local.records import Question, Stage
from leads_local.review.prisma import update_in_words
from leads_local.review.review import Review
from leads_local.review.store import audit

PAGE = "README.txt"
_FIRST_WORDS, _LAST_WORDS = "Export of ", ", by leads-local "
_WIDTH = 100
_SUGGESTIONS_NOTE = (
    "Columns and lines that begin with “model” are suggestions of a language model. They are not decisions: those "
    "are people's, are in "
    "columns of their own, and name the reviewer and the time. A value whose status is “proposed” has not been "
    "verified by anybody. “Quote "
    "not found” means that the words were not found in the paper, so check such a value in the paper itself."
)
_CELLS_NOTE = (
    "In the CSV files, a text that a spreadsheet program would run as a formula has an apostrophe in front, and so "
    "has a part of a text "
    "behind a semicolon, a tab or a line break; numbers and results such as -2.1 (-3.0 to -1.2) have none. Control "
    "characters are shown "
    "as pictures. The CSV files are UTF-8 and separated by commas."
)


_EXCLUDES = " (what is not within it was not screened, unless a person decided it)"
_RULES_NOTE = (
    "By the records' own fields; no language model was asked about them. A report whose records don't say, or differ, "
    "was left to the reviewers. PRISMA counts what was taken out as marked as ineligible by automation tools."
)


def page_text(review: Review, sheets: Sequence[Sheet], more: Sequence[tuple[str, str]] = ()) -> str:
    """The page. Its statements on models and numbers are counted from the review. ``more``: the names of further files
    and folders, and what each is."""
    stage, ids = review.included()
    number = review.count_studies(ids)
    studies = f"{number} {'study' if number == 1 else 'studies'}"
    by = (
        "their full text" if stage is Stage.FULLTEXT else "their title and abstract (no full text has been decided yet)"
    )
    files = [
        *((f"{sheet.name}.csv", sheet.about) for sheet in sheets),
        ("review.xlsx", "The same tables as worksheets of one Excel file."),
        (
            "included.ris",
            f"The reports that were included by {by}, {len(ids)} in all, of {studies}, for a reference manager. A note "
            "names the study of each report that is not the only one of it.",
        ),
        (
            "everything.jsonl",
            "Everything as data, one JSON object a line: all records, replies of the model, decisions, values, and "
            "their history, so that every number here can be counted again. Full texts of papers are not in it.",
        ),
        *more,
    ]
    head = [
        f"{_FIRST_WORDS}{shown_name(review.path)}, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC{_LAST_WORDS}{__version__}",
        "",
    ]
    package = review.package()
    part = [*textwrap.wrap(package.in_words(), _WIDTH), ""] if package is not None else []
    lines = [*head, *part, *_question_lines(review.question), *_update_lines(review), "Files", "-----"]
    for name, about in files:
        lines += [name, *textwrap.wrap(about, _WIDTH, initial_indent="    ", subsequent_indent="    ")]
    lines += [
        "",
        "What is whose",
        "-------------",
        *textwrap.wrap(_SUGGESTIONS_NOTE, _WIDTH),
        "",
        *textwrap.wrap(_CELLS_NOTE, _WIDTH),
        "",
    ]
    lines += [*_protocol_lines(review), "", *_rule_lines(review)]
    return "\n".join([*lines, "Models that were asked", "----------------------", *_model_lines(review)]) + "\n"


def _question_lines(question: Question) -> list[str]:
    said = ({"title": question.title} if question.title else {}) | question.parts
    texts = (f"{name.capitalize()}: {text}" for name, text in said.items())
    return [line for text in texts for line in textwrap.wrap(text, _WIDTH, subsequent_indent="    ")] + [""]


def protocol_in_words(review: Review) -> str:
    """Whether the protocol was locked and what changed since, and what was decided by another wording of it."""
    locked, told = review.locks(), "The protocol was not locked."
    if locked:
        by = f" by {locked[-1].by}" if locked[-1].by else ""
        deviations = [change for change in review.protocol_history() if change.deviation]
        last = f", the last time on {deviations[-1].at[:10]}" if deviations else ""
        told = f"The protocol was locked on {locked[-1].at[:10]}{by}, SHA-256 {locked[-1].sha256}. Deviations from it: "
        told += f"{len(deviations)}{last}."
    earlier = [f"{len(review.decided_earlier(stage)):,} by {_BY_STAGE[stage]}" for stage in Stage]
    told += (
        f" Reports that were decided by an earlier wording of the criteria: {' and '.join(earlier)}; records.csv marks "
        "them. everything.jsonl has each change, with the acts of kinds question and criteria."
    )
    return told


def _protocol_lines(review: Review) -> list[str]:
    return ["Protocol", "--------", *textwrap.wrap(protocol_in_words(review), _WIDTH), *_blind_lines(review)]


def _blind_lines(review: Review) -> list[str]:
    """That somebody has yet to decide without knowing what these files tell."""
    waiting = {stage: review.outcome_counts(stage).waiting for stage in Stage}
    told = " and ".join(f"{number:,} by {_BY_STAGE[stage]}" for stage, number in waiting.items() if number)
    if not told:
        return []
    about = (
        f"Screening was not finished: reports that waited for a second reviewer, {told}. everything.jsonl tells what "
        "the first decided on them, so whoever is to decide them must not read it."
    )
    return ["", *textwrap.wrap(about, _WIDTH)]


_BY_STAGE = {Stage.ABSTRACT: "title and abstract", Stage.FULLTEXT: "full text"}


def _update_lines(review: Review) -> list[str]:
    counts = review.counts()
    if counts.update is None:
        return []
    told = (
        f"{update_in_words(counts)}. prisma.csv has the form for updates: the previous version included "
        f"{counts.update.previous} reports; identification, screening and inclusion count what is new, was carried "
        "over from it or was decided again. All other files hold the whole review."
    )
    return [*textwrap.wrap(told, _WIDTH), ""]


def _rule_lines(review: Review) -> list[str]:
    """Which criteria no model and no person judged, and what that took out before screening."""
    limits = review.limits()
    if not limits:
        return []
    told = [f"{limit.name}: {limit.in_words()}{_EXCLUDES if limit.excludes else ''}" for limit in limits]
    number = len(review.ruled_out())
    heading = "Criteria that were checked by rule"
    lines = [*told, f"{_RULES_NOTE} Taken out before screening by that: {number:,}."]
    wrapped = (line for text in lines for line in textwrap.wrap(text, _WIDTH, subsequent_indent="    "))
    return [heading, "-" * len(heading), *wrapped, ""]


def models_in_words(review: Review) -> list[str]:
    """Each model and way in which it was asked, with how many replies there are of it."""
    return [
        f"{one.model} (SHA-256 {one.sha256 or 'unknown'}), prompts {one.pack}, mode {one.mode}, layout "
        f"{one.layout}: {one.replies} replies"
        for one in audit.models(review.db)
    ]


def _model_lines(review: Review) -> list[str]:
    told = models_in_words(review) or ["None."]
    return [line for text in told for line in textwrap.wrap(text, _WIDTH, subsequent_indent="    ")]


def is_page(path: Path) -> bool:
    """Whether the file is such a page, of this version or an earlier one. Raises OSError."""
    with path.open(encoding="utf-8", errors="replace") as file:
        first = file.readline(2000)
    return first.startswith(_FIRST_WORDS) and _LAST_WORDS in first
