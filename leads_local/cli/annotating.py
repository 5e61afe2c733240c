"""Commands on what people add to records: notes, tags, priorities, corrections."""

from __future__ import annotations

from pathlib import Path

import click

from leads_local.cli.arguments import TEXT, load_settings, review_argument, reviewer_option
from leads_local.cli.echo import echo_outcome
from leads_local.cli.reviews import changing, reading
from leads_local.errors import InputError
from leads_local.review.annotations import Field, Priority

_record_argument = click.argument("record", type=int)


@click.command()
@review_argument
@_record_argument
@click.argument("text", type=TEXT, required=False)
@reviewer_option
def note(review: Path, record: int, text: str | None, reviewer: str | None) -> int:
    """Write TEXT as your note on RECORD, in place of your own before; "" takes it away. Without TEXT, show the notes.

    Each reviewer has a note of their own on a record. Where reviewers decide without knowing of each other, others'
    notes are shown once you have decided.
    """
    from leads_local.app.annotating import describe_notes

    if text is None:
        with reading(review) as opened:
            opened.acting = load_settings(reviewer=reviewer).reviewer_name
            return echo_outcome(describe_notes(opened, record))
    with changing(review, reviewer) as opened:
        opened.set_note(record, text)
        return echo_outcome(describe_notes(opened, record))


@click.command()
@review_argument
@click.argument("record", type=int, required=False)
@click.argument("tags", type=TEXT, nargs=-1)
@click.option("--off", is_flag=True, help="Take the tags off.")
@reviewer_option
def tag(review: Path, record: int | None, tags: tuple[str, ...], off: bool, reviewer: str | None) -> int:
    """Give RECORD tags, or with --off take them off. Without tags, show those of RECORD, or of the review.

    All reviewers share the tags. `find --tag`, and / with # in the UI, list the records that have one.
    """
    from leads_local.app.annotating import describe_all_tags, describe_tags

    if record is None or not tags:
        with reading(review) as opened:
            return echo_outcome(describe_all_tags(opened) if record is None else describe_tags(opened, record))
    with changing(review, reviewer) as opened:
        opened.set_tags(record, () if off else tags, tags if off else ())
        return echo_outcome(describe_tags(opened, record))


@click.command()
@review_argument
@_record_argument
@click.argument("priority", type=click.Choice([*(one.value for one in Priority), "normal"]))
@reviewer_option
def priority(review: Path, record: int, priority: str, reviewer: str | None) -> int:
    """Say that RECORD is to be looked at first (high) or last (low), or neither (normal)."""
    from leads_local.app.annotating import describe_priority

    with changing(review, reviewer) as opened:
        opened.set_priority(record, Priority(priority) if priority in tuple(Priority) else None)
        return echo_outcome(describe_priority(opened, record))


@click.command()
@review_argument
@_record_argument
@click.argument("field", type=click.Choice([field.value for field in Field]), required=False)
@click.argument("text", type=TEXT, required=False)
@click.option("--back", is_flag=True, help="Have what was imported stand again: of FIELD, or of all.")
@reviewer_option
def correct(review: Path, record: int, field: str | None, text: str | None, back: bool, reviewer: str | None) -> int:
    """Correct FIELD of RECORD to TEXT. What was imported is kept, and --back has it stand again; without FIELD of all
    that was corrected, which one `undo` takes back.

    From then on the model is asked about the corrected record, `dedupe` compares it, and lists and exports have it.
    Authors are separated by semicolons. Of a duplicate, each record has fields of its own.
    """
    from leads_local.app.annotating import describe_correction, describe_restored

    if (text is None) != back or (field is None and not back):
        raise InputError(
            f"correct needs {'a text or --back' if text is None else 'either a text or --back, not both'}.",
            'For instance: correct REVIEW.leads 3 year 2019, or: correct REVIEW.leads 3 journal "" for none.',
        )
    with changing(review, reviewer) as opened:
        if field is None:
            return echo_outcome(describe_restored(record, opened.restore_imported(record)))
        opened.correct(record, Field(field), text)
        return echo_outcome(describe_correction(opened, record, Field(field)))
