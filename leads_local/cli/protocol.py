"""Commands on the protocol: print it, change it as one document, lock it, see what changed and what was judged before
that; and say that a report could not be had."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from leads_local.cli.arguments import PATH, json_option, review_argument, reviewer_option
from leads_local.cli.echo import ask_yes_or_no, at_terminal, echo, echo_outcome, print_json
from leads_local.cli.reviews import changing, reading
from leads_local.errors import ExitCode, InputError
from leads_local.records import Stage

if TYPE_CHECKING:
    from leads_local.review.protocol import Protocol
    from leads_local.review.review import Review

_WINDOWS_EDITOR = "notepad"
SYSTEM: str = sys.platform


@click.command()
@review_argument
@click.option("--edit", "task", flag_value="edit", help="Open it in your editor ($VISUAL, else $EDITOR) and store it.")
@click.option("--from", "source", type=PATH, default=None, help="Store the protocol that this file holds.")
@click.option("--lock", "task", flag_value="lock", help="Record that it is final, with its SHA-256 and the date.")
@click.option("--history", "task", flag_value="history", help="What changed when and by whom; deviations after a lock.")
@click.option(
    "--stale",
    "task",
    flag_value="stale",
    help="Which records the model judged, or people decided, by an earlier wording.",
)
@click.option("--yes", is_flag=True, help="Apply changes without asking.")
@json_option
@reviewer_option
def protocol(
    review: Path, task: str | None, source: Path | None, yes: bool, as_json: bool, reviewer: str | None
) -> int:
    """Print the protocol: question, criteria, reasons for exclusion in their order, rules, keywords and form, as TOML.

    With --edit or --from it is checked as a whole, what would change is shown, and it is applied as one step that
    `undo` takes back. The text that is printed is what --lock hashes.
    """
    if source is not None and task is not None:
        raise InputError(f"--from and --{task} are two tasks.", "Give one of them.")
    if source is not None:
        with changing(review, reviewer) as opened:
            return _store_file(opened, source, yes)
    if task == "edit":
        with changing(review, reviewer) as opened:
            return _edit(opened, yes)
    if task == "lock":
        from leads_local.app.protocol import describe_lock

        with changing(review, reviewer) as opened:
            return echo_outcome(describe_lock(opened.lock_protocol()))
    with reading(review) as opened:
        return _tell(opened, task, as_json)


def _tell(opened: Review, task: str | None, as_json: bool) -> int:
    from leads_local.app import protocol as words
    from leads_local.review import protocol_text

    if as_json:
        print_json(_plain(opened, task))
        return ExitCode.DONE
    if task == "history":
        return echo_outcome(words.describe_history(opened))
    if task == "stale":
        return echo_outcome(words.describe_stale(opened))
    echo(protocol_text.dumps(opened.protocol()).rstrip("\n"))
    for lock in opened.locks()[-1:]:
        echo(words.lock_in_words(lock), err=True)
    return ExitCode.DONE


def _plain(opened: Review, task: str | None) -> object:
    if task == "stale":
        decided = {stage.value: opened.decided_earlier(stage) for stage in Stage}
        return {**{stage.value: opened.stale(stage) for stage in Stage}, "decided": decided}
    if task == "history":
        return [dataclasses.asdict(change) for change in opened.protocol_history()]
    return dataclasses.asdict(opened.protocol())


def _store_file(opened: Review, file: Path, yes: bool) -> int:
    """Exit code LOOK where the person says that it is not to be applied."""
    from leads_local.review import protocol_text

    seen = opened.protocol()
    return _apply(opened, protocol_text.load(file, seen), seen, yes)


def _apply(opened: Review, wanted: Protocol, seen: Protocol, yes: bool) -> int:
    from leads_local.app.protocol import describe_effects

    changes = describe_effects(opened, seen, wanted)
    if wanted == seen:
        echo("Nothing is changed.")
        return ExitCode.DONE
    for line in changes:
        echo(line)
    if not yes and at_terminal(sys.stdin, sys.stderr) and not ask_yes_or_no("Apply these changes?"):
        echo("Nothing was changed.")
        return ExitCode.LOOK
    opened.set_protocol(wanted, seen)
    echo("The protocol is changed; `leads-local undo` takes all of that back.", err=True)
    return ExitCode.DONE


def _edit(opened: Review, yes: bool) -> int:
    """What was typed stays in its file until it is applied, so that a mistake in it costs nothing."""
    from leads_local.review import leftovers, protocol_text

    command, seen = _editor(), opened.protocol()
    text = protocol_text.dumps(seen)
    file = leftovers.free_name(opened.path.with_name(f"{opened.path.stem}.protocol.toml"))
    try:
        file.write_text(text, encoding="utf-8", newline="\n")
        ended = subprocess.run([*command, str(file)], check=False).returncode
    except OSError as error:
        with contextlib.suppress(OSError):
            file.unlink()
        raise InputError(
            f"{' '.join(command)} can't edit {file}: {error.strerror}.", "Set EDITOR to your editor, or use --from."
        ) from error
    if ended != 0:
        raise InputError(
            f"The editor {command[0]} ended with exit code {ended}; nothing was changed.",
            f"What you typed, if it was saved, is in {file}; --from stores it.",
        )
    try:
        applied = _store_file(opened, file, yes)
    except InputError as error:
        raise InputError(error.message, f"Correct {file}, then use --from with it; nothing was changed.") from error
    if applied == ExitCode.DONE:
        file.unlink(missing_ok=True)
    else:
        echo(f"What you typed is in {file}.", err=True)
    return applied


def _editor() -> list[str]:
    """The person's editor, with the options that they gave it. Raises InputError when there is none."""
    named = os.environ.get("VISUAL") or os.environ.get("EDITOR") or (_WINDOWS_EDITOR if SYSTEM == "win32" else "")
    if shutil.which(named):
        return [named]  # a path with blanks in it
    try:
        parts = [part.strip('"') for part in shlex.split(named, posix=SYSTEM != "win32")]
    except ValueError:
        parts = []
    if not parts or shutil.which(parts[0]) is None:
        told = f"Your editor {named!r} is not on this computer." if named else "There is no editor set."
        raise InputError(
            told, "Set VISUAL or EDITOR to one; or print the protocol into a file, edit that, and use --from."
        )
    return parts


@click.command()
@review_argument
@click.argument("record", type=int)
@click.option("--back", is_flag=True, help="It is sought again after all.")
@reviewer_option
def retrieval(review: Path, record: int, back: bool, reviewer: str | None) -> int:
    """Say that the report of RECORD was sought and could not be had. PRISMA counts it as not retrieved; it is no
    exclusion, and holds until a full text of it is attached."""
    from leads_local.app.protocol import describe_retrieval

    with changing(review, reviewer) as opened:
        changed = opened.set_not_retrieved(record, not back)
        return echo_outcome(describe_retrieval(record, not_retrieved=not back, changed=changed))
