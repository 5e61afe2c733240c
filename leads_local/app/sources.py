"""The imports of a review, and taking a wrong one out: the same sentences on the command line and on the screen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from leads_local import files
from leads_local.app.outcome import Outcome, format_count
from leads_local.app.searching import read_strategy_text
from leads_local.review.read_models import Source
from leads_local.review.review import Review
from leads_local.review.search_details import FIELDS, NOTHING, SearchDetails, changed

_SHOWN = 70  # characters of a strategy


def describe_sources(sources: Sequence[Source], searched: Mapping[str, SearchDetails]) -> Outcome:
    """Every import with its counts, and how it was searched where that was said; notices name where the database
    claimed another number of hits than came in."""
    if not sources:
        return Outcome(("Nothing has been imported yet.",))
    lines = list[str]()
    for source in sources:
        lines.append(f"{source.number}: {describe_source(source)}")
        told = details_in_words(searched.get(source.sha256, NOTHING))
        lines += [f"- {told}"] if told else []
    return Outcome(tuple(lines), tuple(differences_in_words(sources, searched)))


def details_in_words(said: SearchDetails) -> str:
    """How it was searched in one line, "" where nothing was said."""
    strategy = " ".join(said.strategy.split())
    parts = (
        f"{said.database} ({said.platform})" if said.database and said.platform else said.database or said.platform,
        said.kind,
        f"searched {said.searched}" if said.searched else "",
        f"{format_count(said.claimed, 'hit')} by its own count" if said.claimed is not None else "",
        f"limits: {said.limits}" if said.limits else "",
        f"strategy: {strategy if len(strategy) <= _SHOWN else strategy[: _SHOWN - 1] + '…'}" if strategy else "",
    )
    return "; ".join(part for part in parts if part)


def differences_in_words(sources: Sequence[Source], searched: Mapping[str, SearchDetails]) -> Iterator[str]:
    """Where a database claimed another number of hits than records came in. Files of which all the same is said are
    parts of one search."""
    parts = defaultdict[SearchDetails, list[Source]](list)
    for source in sources:
        said = searched.get(source.sha256, NOTHING)
        if said.claimed is not None and not source.withdrawn:
            parts[said].append(source)
    for said, files_ in parts.items():
        records = sum(source.records for source in files_)
        if said.claimed is not None and records != said.claimed:
            named = ", ".join(f"{source.number}: {files.name_of(source.path)}" for source in files_)
            differ = f"{abs(records - said.claimed):,} {'fewer' if records < said.claimed else 'more'}"
            claimed, came = format_count(said.claimed, "hit"), format_count(records, "record")
            yield f"{named}: the database claimed {claimed}, and {came} came in, {differ}. Is a part of it missing?"


def describe_search(review: Review, sha256: str, typed: Mapping[str, str]) -> bool:
    """Say of the imported file with this SHA-256 what was typed of how it was searched, by the names of the fields; ""
    takes away what was said. A strategy may be the name of a file that holds it. Returns whether anything changed.
    Raises InputError where a field can't hold what was typed."""
    told = {name: text for name, text in typed.items() if name in FIELDS}
    if told.get("strategy"):
        told["strategy"] = read_strategy_text(told["strategy"])
    return review.describe_search(sha256, changed(review.search_details().get(sha256, NOTHING), told))


def check_search(typed: Mapping[str, str]) -> None:
    """Raise InputError where ``describe_search`` would, before anything is imported."""
    told = {name: text for name, text in typed.items() if name != "strategy"}
    changed(NOTHING, told)
    if typed.get("strategy"):
        read_strategy_text(typed["strategy"])


def describe_one(source: Source, said: SearchDetails) -> Outcome:
    """An import with all that was said of how it was searched, the strategy whole."""
    lines = [f"{source.number}: {describe_source(source)}"]
    told = {name: getattr(said, name) for name in FIELDS if name != "strategy"}
    lines += [f"{name}: {value}" for name, value in told.items() if value not in ("", None)]
    if said.strategy:
        lines += ["strategy:", *said.strategy.splitlines()]
    if said == NOTHING:
        lines.append("Nothing was said of how it was searched.")
    return Outcome(tuple(lines), tuple(differences_in_words([source], {source.sha256: said})))


def describe_source(source: Source) -> str:
    """An import in a line, without its number."""
    counts = (
        f"{files.name_of(source.path)}: {format_count(source.records, 'record')} ({source.format}, {source.at[:10]})"
    )
    problems = f", {format_count(source.problems, 'problem')} in reading" if source.problems else ""
    if not source.withdrawn:
        return f"{counts}, {source.duplicates:,} of them duplicates{problems}."
    by = f" by {source.withdrawn_by}" if source.withdrawn_by else ""
    return f"{counts}{problems}. Withdrawn{by} on {source.withdrawn_at[:10]}: {source.reason or 'no reason given'}."


def describe_withdrawal(source: Source, review: Review) -> Outcome:
    """What follows of having taken an import out, or of having it back."""
    records, identified = format_count(source.records, "record"), review.counts().identified
    name = files.name_of(source.path)
    if not source.withdrawn:
        return Outcome((f"{name} is back with its {records}. The review has {identified:,} now.",))
    left = f"{name} is withdrawn with its {records}. The review has {identified:,} now."
    kept = "Nothing is deleted: undo brings all back, with what was decided."
    again = "A report that another import has too goes on, with its decisions."
    return Outcome((left,), (again, kept))
