"""The command on studies: which reports are of which, what may be one, and saying so."""

from __future__ import annotations

from pathlib import Path

import click

from leads_local.cli.arguments import TEXT, json_option, review_argument, reviewer_option
from leads_local.cli.echo import echo_outcome, print_json
from leads_local.cli.reviews import changing, reading
from leads_local.errors import InputError

_LINK, _UNLINK, _NOT_ONE, _RENAME = "--link", "--unlink", "--not-one", "--rename"


@click.command()
@review_argument
@click.argument("records", type=int, nargs=-1)
@click.option(_LINK, "said", flag_value=_LINK, help="RECORDS are reports of one study.")
@click.option(_UNLINK, "said", flag_value=_UNLINK, help="Take RECORDS out of their study, each on its own.")
@click.option(_NOT_ONE, "said", flag_value=_NOT_ONE, help="RECORDS are not of one study; don't suggest it again.")
@click.option(_RENAME, "said", flag_value=_RENAME, help="Call the study of the one RECORD by --label.")
@click.option("--label", type=TEXT, help='How the study is called; "" has first author and year again.')
@click.option("--why", type=TEXT, default="", help="With --link: what tells that they are of one study.")
@reviewer_option
@json_option
def studies(
    review: Path,
    records: tuple[int, ...],
    said: str | None,
    label: str | None,
    why: str,
    reviewer: str | None,
    as_json: bool,
) -> int:
    """List which reports may be of one study, and why; then the studies with their reports. With RECORDS and an option,
    say which are.

    A study may have several reports: results and protocol, a follow-up, a conference abstract. PRISMA and exports
    count both. Nothing is linked unless a person says so; a report that is linked to none is a study of its own.
    """
    from leads_local.app import studies as told

    _require_sense(records, said, label, why)
    if said is None:
        with reading(review) as opened:
            if as_json:
                print_json(told.studies_as_data(opened))
                return 0
            return echo_outcome(told.describe_studies(opened))
    with changing(review, reviewer) as opened:
        if said == _NOT_ONE:
            return echo_outcome(told.describe_told_apart(records, opened.tell_apart(records)))
        if said == _LINK:
            changed = [opened.link_reports(records, label or "", why)]
        elif said == _RENAME:
            changed = [opened.label_study(records[0], label or "")]
        else:
            changed = opened.unlink_reports(records)
        if as_json:
            print_json([told.study_as_data(study) for study in changed])
        return echo_outcome(told.describe_changed(opened, changed), quiet=as_json)


def _require_sense(records: tuple[int, ...], said: str | None, label: str | None, why: str) -> None:
    example = "For instance: studies REVIEW.leads --link 3 17"
    if said is None and records:
        raise InputError("What of these records? Say --link, --unlink, --not-one or --rename.", example)
    if said is not None and not records:
        raise InputError(f"{said} needs the numbers of records.", example)
    if label is not None and said not in (_LINK, _RENAME):
        raise InputError("--label says how a study is called.", "Give it with --link or --rename.")
    if why and said != _LINK:
        raise InputError("--why says what tells that reports are of one study.", "Give it with --link.")
    if said == _RENAME and (len(records) > 1 or label is None):
        hint = 'For instance: studies REVIEW.leads --rename 3 --label "SPIN 2019"'
        raise InputError("--rename says with --label how the study of one record is called.", hint)
