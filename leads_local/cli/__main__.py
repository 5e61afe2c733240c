"""The entry point: commands found by name and imported only when they run, and the one place where errors become exit
codes.

What is printed fails nobody, whoever reads it (``streams``). No traceback passes here: what a user can act on is one
sentence, what is a fault of ours goes to the log file. Exit codes are ``errors.ExitCode``, and 129 or 143 when the
terminal was closed or the process was asked to end.
"""

from __future__ import annotations

import contextlib
import errno
import importlib
import sys
from collections.abc import Sequence
from typing import Any

import click

from leads_local import __version__, ending, fault_log, offline, streams
from leads_local.cli.echo import echo, echo_error
from leads_local.errors import ExitCode, LeadsError, exit_code_of_signal

# What the system says when a name, a disk or a permission is not as it should be. A file that is missing is not among
# them: those that a user names are looked for where they are used, and any other is a fault of ours.
USER_FIXABLE_ERRNOS = (
    errno.EACCES,
    errno.EPERM,
    errno.EROFS,
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EFBIG,
    errno.EIO,
    errno.ENAMETOOLONG,
    errno.ENOTDIR,
    errno.ELOOP,
)

# command: (module in leads_local.cli, attribute, one line for --help)
COMMANDS = {
    "open": ("open", "open_", "The terminal UI (also: leads-local without a command)."),
    "demo": ("demo", "demo", "The whole way on the sample review that comes with the project."),
    "init": ("review", "init", "Start a new review."),
    "search": ("model_jobs", "search", "Let the model write a search query; check it offline."),
    "import": ("citations", "import_", "Read citation files into a review."),
    "add": ("citations", "add", "Type a record by hand."),
    "dedupe": ("duplicates", "dedupe", "Find duplicate records, list them, say what is one report."),
    "pdfs": ("documents", "pdfs", "Attach full-text PDFs; say what a PDF is that matches no record."),
    "sources": ("sources", "sources", "What was imported, with counts; take a wrong import out."),
    "decisions": ("taking", "decisions", "Take in what was decided in Rayyan, ASReview, Covidence and others."),
    "retractions": ("retractions", "retractions", "Find retracted papers by Retraction Watch's list."),
    "studies": ("studies", "studies", "Which reports are of one study; link them, or say that they are not."),
    "text": ("documents", "text", "Show what the reader makes of one PDF."),
    "screen": ("model_jobs", "screen", "Let the model judge what is pending."),
    "decide": ("deciding", "decide", "Record a person's decision, on one record or many."),
    "conflicts": ("deciding", "conflicts", "On which reports the reviewers differ."),
    "adjudicate": ("deciding", "adjudicate", "Settle what holds where reviewers differ."),
    "rule": ("deciding", "rule", "How each stage is decided: by one reviewer, by two, and so on."),
    "agreement": ("agreement", "agreement", "How far the reviewers agree: kappa and others, with intervals."),
    "undo": ("deciding", "undo", "Take back what you did last, whatever it was."),
    "redo": ("deciding", "redo", "Do again what you undid."),
    "find": ("finding", "find", "List the records that hold some words."),
    "show": ("finding", "show", "Everything known of one record."),
    "note": ("annotating", "note", "Write a note on a record."),
    "tag": ("annotating", "tag", "Give a record tags, or take them off."),
    "priority": ("annotating", "priority", "Say what is to be looked at first, or last."),
    "correct": ("annotating", "correct", "Correct a field of a record; what was imported stays."),
    "reading": ("documents", "reading_report", "What could be read of each paper: pages, signs, tables, files."),
    "extract": ("model_jobs", "extract", "Let the model extract values, with evidence."),
    "verify": ("verifying", "verify", "Accept, edit or reject a value that the model extracted."),
    "evaluate": ("evaluate", "evaluate", "Measure the model on your own decisions; compare ways of asking."),
    "status": ("review", "status", "Where a review stands: records, decisions, model work, failures."),
    "backup": ("safekeeping", "backup", "Copy a review as it stands now."),
    "restore": ("safekeeping", "restore", "Go back to a copy of a review."),
    "check": ("safekeeping", "check", "Check every byte of a review file."),
    "upgrade": ("safekeeping", "upgrade", "Bring a review of an earlier version up to date."),
    "rescue": ("safekeeping", "rescue", "Put decisions back that were rescued when a review was replaced."),
    "share": ("packages", "share", "Write a work package: a part of a review for one reviewer."),
    "merge": ("merging", "merge", "Take in what others did in copies and work packages of a review."),
    "export": ("export", "export", "Write tables, citations and the audit trail."),
    "convert": ("convert", "convert", "Turn safetensors weights into a GGUF file."),
    "models": ("models", "models", "The models on this computer: list, show, verify, use."),
    "prompts": ("prompts", "prompts", "Prompt packs: list, show, import."),
    "bench": ("bench", "bench", "Measure this program beside its peers."),
    "licences": ("licences", "licences", "What this program is made of, under which licences; an SBOM."),
    "protocol": ("protocol", "protocol", "The review's protocol: print, change, lock it; its history."),
    "limits": ("limits", "limits", "Criteria that are checked by rule: year, language, type, country."),
    "retrieval": ("protocol", "retrieval", "Say that a report could not be had."),
    "continue": ("updating", "continue_", "Continue a review as an update: new searches, PRISMA's form for updates."),
    "doctor": ("doctor", "doctor", "What this computer can do, and whether all is in order."),
}

# What holds when a command is stopped, by Ctrl-C or from outside. Each is true at whatever moment that was.
STATE_AFTER_STOP = {
    "open": "Every decision that was made is stored.",
    "demo": "What was finished is kept; the same command goes on from here.",
    "init": "The review was made whole or not at all: see whether the file is there.",
    "search": "The review's records are as they were; the same command asks again.",
    "import": "Each file is in the review whole or not at all; importing it again adds nothing twice.",
    "dedupe": "The groups are those from before or all that were found, nothing in between; so is what you said.",
    "pdfs": "Every PDF that was counted is attached; the same command goes on with the others.",
    "sources": "It was withdrawn, or is back, whole or not at all; `sources` shows which.",
    "decisions": "All of it was taken or nothing; the same command shows what is left.",
    "retractions": "All tags were given or none; the same command goes on.",
    "studies": "It was stored whole or not at all; giving it again changes nothing else.",
    "screen": "Every answer that was counted is kept; the same command goes on from here.",
    "decide": "All of it was stored or nothing; giving it again changes nothing else.",
    "adjudicate": "It was stored whole or not at all; giving it again changes nothing else.",
    "rule": "The rule is the one from before or the new one; giving it again changes nothing else.",
    "protocol": "The protocol is the one from before or the new one, whole; what you typed is in its file.",
    "limits": "The limits are those from before or the new ones; giving it again changes nothing else.",
    "retrieval": "It was stored whole or not at all; giving it again changes nothing else.",
    "continue": "The review was continued whole or not at all; `continue` without a label shows which.",
    "undo": "It was taken back whole or not at all; `redo` does it again.",
    "redo": "It was done again whole or not at all; `undo` takes it back.",
    "add": "The record is in the review whole or not at all; `find` shows whether.",
    "note": "The note is the one from before or the new one; giving it again changes nothing else.",
    "tag": "The tags are those from before or the new ones; giving them again changes nothing else.",
    "priority": "It was stored whole or not at all; giving it again changes nothing else.",
    "correct": "It was stored whole or not at all; giving it again changes nothing else.",
    "verify": "It was stored whole or not at all; giving it again changes nothing else.",
    "extract": "Every answer that was counted is kept; the same command goes on from here.",
    "evaluate": "Every answer that was counted is kept; the same command goes on from here.",
    "export": "The folder holds the files from before or all of the new ones, each whole.",
    "convert": "No unfinished model has its name; what was there before is as it was. The same command goes on.",
    "models": "Models and settings are as they were, or as they were to be; what was deleted of papers is deleted.",
    "prompts": "Packs are as they were; one that was being imported is there whole or not at all.",
    "backup": "The copy is there whole or not at all.",
    "restore": "The review is the one from before or the copy, whole; what was replaced is kept beside it.",
    "upgrade": "The review is the one from before or the upgraded one, whole.",
    "rescue": "What was counted is put back; the same command goes on with the rest.",
    "share": "A file that is there is given out; `status` lists what was. Where there is none, it can be given anew.",
    "merge": "The review is the one from before or has all of the copies; the same command goes on.",
    "bench": "Nothing was measured to the end, and nothing is kept.",
}
NOTHING_CHANGED = "Nothing was changed."


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called, so that --help is instant."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, attribute, _ = COMMANDS[cmd_name]
        command = getattr(importlib.import_module(f"leads_local.cli.{module}"), attribute)
        assert isinstance(command, click.Command)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """No stream of ours raises it when its reader has gone: this is a child's, and click would end without a
        word."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            return _report_our_fault(error)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, _, line) in COMMANDS.items()])


@click.group(cls=LazyGroup, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="leads-local")
@click.pass_context
def leads_local(ctx: click.Context) -> None:
    """Systematic reviews with a local model: offline, every decision yours, every value with its evidence.

    Results go to standard output, notices and progress to standard error.
    """
    if ctx.invoked_subcommand is None:
        command = leads_local.get_command(ctx, "open")
        assert command is not None
        ctx.invoke(command)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code. Never raises."""
    offline.enforce()
    streams.prepare()
    try:
        result = leads_local.main(args=list(arguments) if arguments is not None else None, standalone_mode=False)
        return result if isinstance(result, int) else ExitCode.DONE
    except LeadsError as error:
        _say(str(error))
        return error.exit_code
    except click.ClickException as error:
        echo_error(error)
        return error.exit_code
    except ending.Ended as error:
        _say(f"{error.why}. {_state_after_stop(arguments)}")
        return exit_code_of_signal(error.number)
    except (KeyboardInterrupt, click.Abort):
        _say(f"Stopped. {_state_after_stop(arguments)}")
        return ExitCode.INTERRUPTED
    except OSError as error:
        return _report_refusal(error) if error.errno in USER_FIXABLE_ERRNOS else _report_our_fault(error)
    except (Exception, SystemExit) as error:
        return _report_our_fault(error)


def _state_after_stop(arguments: Sequence[str] | None) -> str:
    given = sys.argv[1:] if arguments is None else arguments
    return STATE_AFTER_STOP.get(given[0], NOTHING_CHANGED) if given else STATE_AFTER_STOP["open"]


def _say(text: str) -> None:
    """A sentence at the end, for whoever still listens."""
    with contextlib.suppress(OSError):
        echo(text, err=True)


def _report_refusal(error: OSError) -> int:
    """The system does not let us read or write there: the user can act on that. The traceback is kept all the same."""
    place = f"{error.filename}: it" if error.filename else "A file"
    fault_log.write_traceback(error, _command_line())
    _say(f"{place} can't be read or written: {error.strerror}. Check the name, the disk and your rights there.")
    return ExitCode.BAD_INPUT


def _report_our_fault(error: BaseException) -> int:
    where = fault_log.record_fault(error, _command_line())
    _say(f"This is a fault of leads-local, not yours: {type(error).__name__}: {error}. Please report it; {where}.")
    return ExitCode.LOOK


def _command_line() -> str:
    return f"command {sys.argv[1:]}"


if __name__ == "__main__":
    sys.exit(main())
