"""A person's own search strategy, tried on the review's records, and how that is told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from leads_local import files
from leads_local.app.outcome import Outcome, first_of
from leads_local.citations import decoding
from leads_local.errors import InputError
from leads_local.review.query_check import LineResult, QueryResult, try_strategy
from leads_local.review.review import Review
from leads_local.strategies.translating import Translation, translate

_LARGEST = 2_000_000  # bytes
_SHOWN = 70
_NAMES_OF_FILES = (
    *(".txt", ".text", ".md", ".doc", ".docx", ".odt", ".rtf", ".pdf", ".csv", ".tsv", ".xlsx", ".html", ".ris"),
)
"""Ends of what is the name of a file: no strategy ends so."""


def read_strategy_text(said: str) -> str:
    """The strategy itself, or what the file of that name holds. Raises InputError where that can't be read, is meant
    and not there, or holds nothing."""
    text = _text_of(said)
    if not text.strip():
        where = "The strategy" if text is said else said
        raise InputError(f"{where} is empty.", "Give the strategy, or the file that holds it as text.")
    return text


def _text_of(said: str) -> str:
    path = Path(said)
    if not _is_file(said):
        if path.suffix.lower() in _NAMES_OF_FILES and "\n" not in said:
            why = files.why_unreadable(files.on_disk(path), "a file with a strategy")
            raise InputError(f"{said}: {why}.", "Give the name of the file as it is, or the strategy itself.")
        return said
    try:
        if path.stat().st_size > _LARGEST:
            raise InputError(f"{path} is too large for a search strategy.", "Give the file with the strategy as text.")
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} can't be read: {error.strerror}.", "Check its permissions and its disk.") from error
    if b"\x00" in data[:4096] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError(f"{path} is no text.", "Save the strategy as plain text, and give that file.")
    return decoding.decode(data).text


def _is_file(said: str) -> bool:
    try:
        return "\n" not in said and files.on_disk(Path(said)).is_file()
    except (OSError, ValueError):
        return False


def try_on_review(review: Review, said: str) -> QueryResult:
    """Try the strategy that ``said`` is, or that stands in the file of that name. Raises InputError where the file
    can't be read."""
    return try_strategy(review, read_strategy_text(said))


def translate_strategy(said: str) -> Translation:
    """The strategy that ``said`` is, or that stands in the file of that name, in the other syntax. Raises InputError
    where the file can't be read."""
    return translate(read_strategy_text(said))


def describe_translation(found: Translation) -> Outcome:
    """The lines of a suggestion; notices name what has no counterpart."""
    numbered = len(found.lines) > 1
    lines = [f"{number}. {text}" if numbered else text for number, text in found.lines]
    named = [f"Line {number}: {said}: {why}." for number, said, why in found.named]
    told = f"A suggestion in {found.target}'s syntax, from {found.source}'s. Look at each line before you run it."
    return Outcome(tuple(lines), (told, *named), failed=bool(found.named))


def describe_trial(found: QueryResult) -> Outcome:
    """What came of it, line by line; notices name what could not be told and which included records it would miss."""
    lines = [_line_in_words(line, found.included) for line in found.lines] if len(found.lines) > 1 else []
    summary = f"Read as {found.syntax}'s. {found.in_words()}"
    notices = [
        *(f"Line {line.number} could not be read: {line.fault}" for line in found.lines if line.fault),
        *first_of(_unknown_in_words(found), "--json lists them."),
        *first_of(
            (f"Passed over: {' '.join(said.split())}." for said in found.passed_over),
            "--json lists them.",
        ),
        *first_of(_missed_in_words(found), "--json lists them."),
    ]
    if found.needless and found.included:
        names = "; ".join(found.needless[:5])
        more = f"; and {len(found.needless) - 5:,} more" if len(found.needless) > 5 else ""
        notices.append(f"Without any one of these no included record would be lost: {names}{more}.")
    return Outcome(
        (*lines, summary), tuple(notices), failed=bool(found.missed or any(line.fault for line in found.lines))
    )


def _line_in_words(line: LineResult, included: int) -> str:
    text = " ".join(line.text.split())
    shown = text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
    told = f"{line.found:,} found" + (f", {line.untold:,} can't be told" if line.untold else "")
    if included:
        told += f"; of the included {line.included_found:,}"
        told += f", {line.included_untold:,} can't be told" if line.included_untold else ""
    return f"{line.number}. {shown}: {told}"


def _unknown_in_words(found: QueryResult) -> Iterator[str]:
    faults = {line.fault for line in found.lines}
    yield from (f"Can't be told offline: {said} ({why})." for said, why in found.unknown if why not in faults)


def _missed_in_words(found: QueryResult) -> Iterator[str]:
    for missed in found.missed:
        by = f" (lost by {', '.join(missed.lost_by)})" if missed.lost_by else ""
        yield f"Not found: record {missed.record_id}, {missed.title}{by}."
