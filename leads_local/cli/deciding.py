"""Commands on what people decide: several reviewers, their conflicts and rules, undo and redo."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from leads_local import terminal_text
from leads_local.app.choosing import Chosen, choose, preview
from leads_local.app.conditions import WHERE_HELP
from leads_local.app.outcome import first_of, format_count
from leads_local.cli.arguments import (
    PATH,
    TEXT,
    json_option,
    load_settings,
    review_argument,
    reviewer_option,
    stage_option,
)
from leads_local.cli.echo import ask_yes_or_no, at_terminal, echo, echo_outcome, print_json
from leads_local.cli.reviews import changing, reading
from leads_local.errors import ExitCode, InputError
from leads_local.records import Choice, Stage
from leads_local.review.outcomes import RuleKind
from leads_local.review.read_models import RecordFilter

if TYPE_CHECKING:
    from leads_local.review.review import Review

_reason_option = click.option(
    "--reason", type=TEXT, default="", help="Why; counted in the PRISMA flow for exclusions at full text."
)
_choice_argument = click.argument("choice", type=click.Choice([c.value for c in Choice]))


@click.command()
@review_argument
@click.argument("records", metavar="[RECORD]...", nargs=-1, type=int)
@_choice_argument
@_reason_option
@stage_option
@click.option(
    "--from",
    "names",
    type=PATH,
    metavar="FILE",
    help="Decide the records that this text file names: a number, DOI, title or PMID (as: PMID 123) in each line.",
)
@click.option("--known", is_flag=True, help="With --from: leave out lines that name no record.")
@click.option("--where", "conditions", type=TEXT, multiple=True, metavar="CONDITION", help=WHERE_HELP)
@click.option("--yes", is_flag=True, help="Don't ask before several are decided; needed in scripts.")
@reviewer_option
def decide(
    review: Path,
    records: tuple[int, ...],
    choice: str,
    reason: str,
    stage: str,
    names: Path | None,
    known: bool,
    conditions: tuple[str, ...],
    yes: bool,
    reviewer: str | None,
) -> int:
    """Record a person's decision about RECORD (its number in the review), or about several at once.

    It takes the place of that reviewer's own earlier decision, never of another's. Where reviewers differ, nothing
    holds until one of them changes it or it is adjudicated.

    Several are shown before they are decided, all or none of them; one `undo` takes all back.
    """
    from leads_local.app.deciding import describe_decision

    with changing(review, reviewer) as opened:
        at, what = Stage(stage), Choice(choice)
        if len(records) == 1 and names is None and not conditions:
            return echo_outcome(describe_decision(opened, opened.decide(records[0], at, what, reason)))
        chosen = choose(opened, at, records, names, conditions, known)
        return _decide_many(opened, chosen, at, what, reason, yes)


def _decide_many(opened: Review, chosen: Chosen, stage: Stage, choice: Choice, reason: str, yes: bool) -> int:
    """Show what is to be decided, have it confirmed, decide it: as it was shown, or not at all."""
    from leads_local.app.deciding import describe_decisions

    for line in first_of(chosen.unknown, "in the file"):
        echo(terminal_text.safe_line(f"Left out, no record or several: {line}"), err=True)
    if not chosen.records:
        echo("No record is meant; nothing was decided.", err=True)
        return ExitCode.LOOK
    seen = opened.sights(chosen.records, stage)
    for line in preview(opened, chosen.records, stage):
        echo(terminal_text.safe_line(line), err=True)
    if not yes:
        count = format_count(len(chosen.records), "record")
        if not at_terminal(sys.stdin, sys.stderr):
            raise InputError(f"{count} would be decided at once, which needs --yes in a script.", "Nothing was done.")
        if not ask_yes_or_no(f"Decide {choice} on {'it' if len(chosen.records) == 1 else f'all {count}'}?"):
            echo("Nothing was decided.", err=True)
            return ExitCode.DONE
    made = opened.decide_many(chosen.records, stage, choice, reason, seen=seen)
    return echo_outcome(describe_decisions(opened, made))


@click.command()
@review_argument
@click.argument("record", type=int)
@_choice_argument
@_reason_option
@stage_option
@reviewer_option
def adjudicate(review: Path, record: int, choice: str, reason: str, stage: str, reviewer: str | None) -> None:
    """Settle what holds for RECORD although its reviewers differ. It holds until it is undone."""
    with changing(review, reviewer) as opened:
        settled = opened.adjudicate(record, Stage(stage), Choice(choice), reason)
        by = f" by {settled.reviewer}" if settled.reviewer else ""
        echo(f"Record {settled.record_id}: adjudicated as {settled.choice} at the {settled.stage} stage{by}.")


@click.command()
@review_argument
@stage_option
@reviewer_option
@json_option
def conflicts(review: Path, stage: str, reviewer: str | None, as_json: bool) -> int:
    """List the reports on which the reviewers differ, with what each decided and why; they are all to be settled, so
    that whoever settles them may see it. Of what waits for a second reviewer only your own is counted."""
    from leads_local.app.deciding import describe_conflicts, visible_votes

    at = Stage(stage)
    with reading(review) as opened:
        opened.acting = load_settings(reviewer=reviewer).reviewer_name
        if as_json:
            found = [opened.record(head) for head in opened.record_ids(at, RecordFilter.CONFLICT)]
            print_json(
                [
                    {"record": view.id, "title": view.citation.title}
                    | {"votes": [dataclasses.asdict(vote) for vote in visible_votes(opened, view, at)]}
                    for view in found
                ]
            )
            return ExitCode.look_if(found)
        return echo_outcome(describe_conflicts(opened, at))


@click.command()
@review_argument
@stage_option
@click.option("--rule", "kind", type=click.Choice([kind.value for kind in RuleKind]), help="How the stage is decided.")
@click.option("--share", type=click.FloatRange(0, 1), help="With --rule share: of the reports, what two decide.")
@reviewer_option
def rule(review: Path, stage: str, kind: str | None, share: float | None, reviewer: str | None) -> None:
    """Show how each stage is decided, or with --rule say how one is from now on; what holds follows at once.

    one: one reviewer decides. two: two must agree. second-check: one decides, a second checks what was excluded. share:
    that share of the reports is decided by two. latest: the last decision holds, whoever made it.
    """
    from leads_local.app.deciding import make_rule, rule_in_words

    if kind is None:
        with reading(review) as opened:
            for at, now in opened.rules().items():
                echo(f"{at}: {rule_in_words(now)}")
        return
    wanted = make_rule(kind, share)
    with changing(review, reviewer) as opened:
        opened.set_rule(Stage(stage), wanted)
        echo(f"At the {stage} stage {rule_in_words(wanted)} from now on.")


@click.command()
@review_argument
@reviewer_option
def undo(review: Path, reviewer: str | None) -> int:
    """Take back the last thing that you did to the review, whatever it was; as often as you like."""
    from leads_local.app.deciding import describe_taken

    with changing(review, reviewer) as opened:
        return echo_outcome(describe_taken(opened.undo_last(), "undone"))


@click.command()
@review_argument
@reviewer_option
def redo(review: Path, reviewer: str | None) -> int:
    """Do again what you undid last, unless you have done something else since."""
    from leads_local.app.deciding import describe_taken

    with changing(review, reviewer) as opened:
        return echo_outcome(describe_taken(opened.redo(), "redone"))
