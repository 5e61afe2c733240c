"""How commands open a review: to read it or to change it, with what the person should know of the file told on standard
error."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from leads_local import terminal_text
from leads_local.cli.arguments import load_settings
from leads_local.cli.echo import ask_text, ask_yes_or_no, at_terminal, echo, echo_outcome
from leads_local.config import Settings
from leads_local.errors import InputError

if TYPE_CHECKING:
    from leads_local.review.review import Review


@contextmanager
def reading(path: Path) -> Iterator[Review]:
    """The review, only to be read: one of an earlier version is not changed by that, one that is damaged is read as far
    as it can be.

    What could not be read is named at the end.
    """
    from leads_local.app import safekeeping
    from leads_local.review.review import Review

    with Review.read(path) as opened:
        _echo_notices(opened)
        try:
            yield opened
        finally:
            echo_outcome(safekeeping.describe_unread(opened))


@contextmanager
def changing(path: Path, reviewer: str | None = None, *, by_person: bool = True) -> Iterator[Review]:
    """The review, to be changed by ``reviewer``, else by whom the settings name, else by who the person at the terminal
    says they are; or by the model alone, where no name is needed. At a terminal an older one is upgraded when the
    person says so; elsewhere the error says how to."""
    from leads_local.app import reviewers
    from leads_local.review.opening import OldReview
    from leads_local.review.review import Review

    try:
        opened = Review.open(path)
    except OldReview as error:
        if not (at_terminal(sys.stdin, sys.stderr) and _offer_upgrade(path, error)):
            raise
        opened = Review.open(path)
    with opened:
        if by_person:
            opened.acting = _who_acts(opened, load_settings(reviewer=reviewer))
        _echo_notices(opened)
        if said := reviewers.notice(opened):
            echo(terminal_text.safe_line(said), err=True)
        yield opened


def _who_acts(opened: Review, settings: Settings) -> str:
    """Whose acts are written. At a terminal a person who has no name yet is asked for it, once."""
    from leads_local.app import reviewers

    if settings.reviewer or not at_terminal(sys.stdin, sys.stderr):
        return reviewers.of_account(settings)
    echo(terminal_text.safe_line(reviewers.who_note(opened)), err=True)
    while True:
        try:
            name = reviewers.clean_name(ask_text(reviewers.WHO.removesuffix("?"), reviewers.suggested(settings)))
        except InputError as error:
            echo(terminal_text.safe_line(str(error)), err=True)
        else:
            reviewers.remember(name)
            return name


def _offer_upgrade(path: Path, error: Exception) -> bool:
    from leads_local.app import safekeeping

    echo(terminal_text.safe_line(str(error)), err=True)
    if not ask_yes_or_no("Upgrade it now, and keep a copy as it is?"):
        return False
    for line in safekeeping.describe_upgrade(path, safekeeping.upgrade(path)).lines:
        echo(terminal_text.safe_line(line), err=True)  # standard output is for what the command itself gives
    return True


def _echo_notices(opened: Review) -> None:
    from leads_local.app import safekeeping

    for notice in safekeeping.notices(opened):
        echo(terminal_text.safe_line(notice), err=True)
