"""The errors that may cross a boundary of this program.

A user only ever sees ``message`` and ``hint``: one sentence that names the file, the place in it and what was expected,
and one that says what to do. Whatever else is raised inside is a fault of ours; the front ends catch it, keep the
traceback in the log file and say where that is.
"""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What a command ends with. A signal that ended it has a code of its own: ``exit_code_of_signal``."""

    DONE = 0
    LOOK = 1
    """Done, with failures or findings listed; or a fault of ours."""
    BAD_INPUT = 2
    NO_MODEL = 3
    INTERRUPTED = 130

    @classmethod
    def look_if(cls, found: object) -> ExitCode:
        """LOOK where something was found that a person has to look at, else DONE."""
        return cls.LOOK if found else cls.DONE


def exit_code_of_signal(number: int) -> int:
    """What a shell says of a program that the signal ``number`` ended."""
    return 128 + number


class LeadsError(Exception):
    """A failure that a user can understand and act on. ``exit_code`` is what the command line ends with."""

    exit_code: int = ExitCode.BAD_INPUT

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class InputError(LeadsError):
    """A file, folder or argument that can't be used as it is."""


class ConfigError(LeadsError):
    """The settings file or an environment variable holds something unusable."""


class ReviewError(LeadsError):
    """The review file can't be opened or does not hold what was asked of it."""


class ModelError(LeadsError):
    """No model can be used: none is set, the file is damaged, or it does not fit into this machine."""

    exit_code = ExitCode.NO_MODEL


class PromptError(LeadsError):
    """A prompt pack is incomplete, or a template's placeholders are not the ones that its task fills."""


class ReplyError(LeadsError):
    """A model's answer can't be read as what was asked for. It is stored with its raw text and belongs to one request
    only."""

    exit_code = ExitCode.LOOK
