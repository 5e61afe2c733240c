"""The errors that leave this package: a sentence that a user can act on.

Everything that can be wrong with a checkpoint, an output path or an argument is raised as ``ConvertError``; anything
else that comes out is a fault in this package. The package is used without leads_local, so it has errors of its own,
with the same exit codes: 2 for what was given, 3 for a model.
"""

from __future__ import annotations


class ConvertError(Exception):
    """``message`` names the file, the place in it and what was expected; ``hint`` says what to do."""

    exit_code = 2

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class WeightsError(ConvertError):
    """The checkpoint's numbers can't be stored as was asked: trying again changes nothing."""


class ModelError(ConvertError):
    """A model file that is missing or damaged, or that llama.cpp can't run."""

    exit_code = 3
