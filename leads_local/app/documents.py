"""Full texts into a review: which file belongs to which report, and what waits to be said of the others."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from leads_local import files
from leads_local.app.outcome import Outcome, format_count
from leads_local.errors import InputError
from leads_local.records import PageRange
from leads_local.review.attachments import Attachment, FileLink, FileRole
from leads_local.review.read_models import is_file_called
from leads_local.review.review import Review

HOW_TO_CONFIRM = (
    "`pdfs --list` lists them; for each: `pdfs REVIEW FILE --record N` links it, `pdfs REVIEW FILE --new` makes it a "
    "new record, `pdfs REVIEW FILE --ignore` leaves it out."
)
_MOST_DIGITS = 6  # of a page's number
_NO_RECORD = "waits, as it matches no record"


def describe_attachments(attached: Sequence[Attachment], how_to_confirm: str = HOW_TO_CONFIRM) -> Outcome:
    """Where each PDF was put, which can't be used, which wait for a person, and what was passed over."""
    pdfs = [one for one in attached if one.sha256]
    read = [one for one in pdfs if not one.problem]
    results = (f"{files.name_of(one.path)}: {_place(one)}. {one.title}".rstrip() for one in read)
    remarks = (f"{files.name_of(one.path)}: {one.notice}" for one in attached if one.notice and not one.problem)
    problems = [f"{one.problem}{_full_text_of(one)}" for one in attached if one.problem]
    total = f"{format_count(len(pdfs), 'PDF')}: {len(read):,} readable, {len(pdfs) - len(read):,} not."
    waiting = describe_waiting(pdfs, how_to_confirm)
    return Outcome(tuple(results), (*remarks, *problems, *waiting, total), failed=bool(problems or waiting))


def describe_waiting(attached: Sequence[Attachment], how_to_confirm: str = HOW_TO_CONFIRM) -> tuple[str, ...]:
    """How many files wait for a person, and what to do; nothing where none does."""
    waiting = len({one.sha256 for one in attached if one.waits})
    if not waiting:
        return ()
    verb = "matches" if waiting == 1 else "match"
    return (f"{format_count(waiting, 'PDF')} {verb} no record and counts for nothing yet. {how_to_confirm}",)


def in_order(attached: Sequence[Attachment]) -> list[Attachment]:
    """First the files that wait, then those that can't be read, each as they came."""
    return sorted(attached, key=lambda one: (not one.waits, not one.problem))


def describe_files(attached: Sequence[Attachment]) -> Outcome:
    """Every file of a review with the report that it belongs to: first what waits, then what can't be read."""
    lines = [f"{files.name_of(one.path)} [{one.sha256[:12]}]: {_state(one)}" for one in in_order(attached)]
    waiting = describe_waiting(attached)
    total = f"{format_count(len(attached), 'PDF')}: {sum(1 for one in attached if _has_record(one)):,} with a record."
    problems = [one for one in attached if one.problem]
    return Outcome((*lines, total), waiting, failed=bool(waiting or problems))


def describe_file(attached: Attachment) -> str:
    """Where one file stands now, a sentence."""
    return f"{files.name_of(attached.path)}: {_state(attached)}"


def find_attached(review: Review, named: Path) -> Attachment:
    """The file of the review that a person means: the same bytes where it is a file, else by its name, its path or the
    beginning of its SHA-256. Raises InputError where that is none, or several."""
    from leads_local.documents.reader import digest_or_empty

    known = review.attachments()
    digest = digest_or_empty(named) if named.is_file() else ""
    text = files.path_text(named)
    found = [one for one in known if one.sha256 == digest] or [
        one for one in known if is_file_called(one.path, one.sha256, text)
    ]
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(one.sha256[:12] for one in found)
        raise InputError(f"{text}: several PDFs are called so ({names}).", "Name one by these digits.")
    raise InputError(f"{text}: no PDF of this review is called so.", "`pdfs --list` lists them; attach others first.")


def attach_and_link(
    review: Review, named: Path, record_id: int, role: FileRole, pages: PageRange | None = None, *, also: bool = False
) -> Attachment:
    """Link one file to a record; a file that is new to the review is read first."""
    if named.is_file():
        attached = review.attach(named)[0]
        if not attached.sha256:
            raise InputError(attached.problem or f"{files.path_text(named)}: {attached.notice}", "Name a PDF.")
    else:
        attached = find_attached(review, named)
    return review.link(attached.sha256, record_id, role, pages, also=also)


def parse_pages(text: str) -> PageRange:
    """The pages that a person means: "12", or "12-15". Raises InputError where that is no range of pages."""
    first, to, last = text.replace("–", "-").partition("-")
    ends = [first.strip(), last.strip()] if to else [first.strip()] * 2
    if all(end.isdecimal() and len(end) <= _MOST_DIGITS for end in ends):
        found = PageRange(int(ends[0]), int(ends[1]))
        if 0 < found.first <= found.last:
            return found
    raise InputError(f"{text!r} are no pages of a file.", "Give the first and the last, counted from 1: 12-15.")


def unlink(review: Review, named: Path, record_id: int | None) -> Attachment:
    """Take a file from its records; from this one only, where one is named."""
    return review.unlink(find_attached(review, named).sha256, record_id or 0)


def as_data(attached: Attachment) -> dict[str, Any]:
    """A file for a program."""
    return dataclasses.asdict(attached) | {"waits": attached.waits}


def _full_text_of(attached: Attachment) -> str:
    """Whose full text is missing where a file can't be read."""
    records = " and ".join(f"record {link.record_id}" for link in attached.links)
    return f" It belongs to {records}." if records else ""


def _has_record(attached: Attachment) -> bool:
    return bool(attached.record_id) and not attached.absent


def _state(attached: Attachment) -> str:
    return ". ".join(part.rstrip(".") for part in _state_parts(attached) if part) + "."


def _state_parts(attached: Attachment) -> Iterator[str]:
    yield _place(attached)
    yield attached.title if attached.record_id else ""
    for link in attached.also:
        yield f"Also {_left(link) if link.absent else _report(link)}"
        yield link.title
    yield attached.problem
    yield _read_alike(attached)


def _place(attached: Attachment) -> str:
    if attached.absent:
        return f"waits, as {_left(attached.links[0])}"
    if attached.record_id:
        return f"{_report(attached.links[0])}, {attached.how}"
    if attached.ignored:
        return "ignored"
    if attached.problem:
        return "it belongs to no record yet"
    return f"{_NO_RECORD} ({attached.how})" if attached.how else _NO_RECORD


def _report(link: FileLink) -> str:
    role = "" if link.role is FileRole.MAIN else f" as its {link.role}"
    return f"record {link.record_id}{role}{f', {link.page_range.in_words()}' if link.page_range else ''}"


def _left(link: FileLink) -> str:
    return f"record {link.record_id} has left the review"


def _read_alike(attached: Attachment) -> str:
    """That the model reads the same for two reports, and what to do."""
    papers = [link for link in attached.links if link.role is FileRole.MAIN and not link.absent]
    whole = [str(link.record_id) for link in papers if link.page_range is None]
    if attached.problem or len(papers) < 2 or not whole:
        return ""
    of = f"record{'s' if len(whole) > 1 else ''} {', '.join(whole)}"
    return f"The model reads all of it for {of}, unless you say which pages are whose"
