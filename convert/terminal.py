"""The one way from this package to the terminal, and the name by which it was called there.

File names, tensor names and notices come from a checkpoint, and a terminal obeys some characters, with which a line
could be wiped or a name made to read as another. Each such character is shown by its number instead, and so is a byte
of a file name that is no Unicode.
"""

from __future__ import annotations

import argparse
import os
import sys
import unicodedata
from typing import Any, NoReturn

CALLED_AS = "LEADS_LOCAL_CALLED_AS"
"""The environment variable in which another program hands over the command that the user has typed."""
_OBEYED = ("Cc", "Cf", "Cs", "Zl", "Zp")


def program() -> str:
    """The command that the user typed, as help and hints have to name it."""
    return os.environ.get(CALLED_AS) or f"python -m {__package__}"


def called_by_leads_local() -> bool:
    """Whether this is the part of a larger program that knows reviews and has a folder for models."""
    return bool(os.environ.get(CALLED_AS))


def size_in_words(count: int) -> str:
    """``count`` bytes for a person: ``4.37 GB``, ``4.1 MB``."""
    return f"{count / 1e9:.2f} GB" if count >= 1e8 else f"{count / 1e6:.1f} MB"


def escape_controls(text: str) -> str:
    """``text`` with its line ends, and with ``\\x1b`` for an escape character and so on."""
    return "".join(_escape_character(character) for character in text)


def _escape_character(character: str) -> str:
    if character == "\n" or unicodedata.category(character) not in _OBEYED:
        return character
    if "\udc80" <= character <= "\udcff":  # as os.fsdecode has a byte
        return f"\\x{ord(character) - 0xDC00:02x}"
    return ascii(character)[1:-1]


def say(text: str, *, aside: bool = False) -> None:
    """One text and a line end on stdout, or with ``aside`` on stderr."""
    print(escape_controls(text), file=sys.stderr if aside else sys.stdout, flush=True)


def say_json(value: Any) -> None:
    """``value`` as JSON on stdout, which is ASCII; of that a terminal obeys but one character, and JSON has another way
    to write it."""
    import json  # --help does without

    print(json.dumps(value, indent=2).replace("\x7f", "\\u007f"), flush=True)


class Parser(argparse.ArgumentParser):
    """argparse repeats arguments as they were given."""

    def error(self, message: str) -> NoReturn:
        super().error(escape_controls(message))
