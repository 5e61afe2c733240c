"""Full texts into a review."""

from __future__ import annotations

from collections.abc import Sequence

from leads_local import files
from leads_local.app.outcome import Outcome, format_count
from leads_local.review.read_models import Attachment


def describe_attachments(attached: Sequence[Attachment]) -> Outcome:
    """Where each PDF was put, which can't be used, and what was passed over."""
    pdfs = [one for one in attached if one.sha256]
    read = [one for one in pdfs if not one.problem]
    results = (f"{files.name_of(one.path)}: {_place(one)}. {one.title}".rstrip() for one in read)
    remarks = (f"{files.name_of(one.path)}: {one.notice}" for one in attached if one.notice and not one.problem)
    problems = [one.problem for one in attached if one.problem]
    total = f"{format_count(len(pdfs), 'PDF')}: {len(read):,} readable, {len(pdfs) - len(read):,} not."
    return Outcome(tuple(results), (*remarks, *problems, total), failed=bool(problems))


def _place(attachment: Attachment) -> str:
    if not attachment.record_id:
        return "it belongs to no record yet"
    return f"record {attachment.record_id}, {attachment.how}"
