"""What the words and numbers in a label column say: include, exclude, maybe, or nothing yet."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from leads_local.records import Choice

_CHOICES: dict[Choice, frozenset[str]] = {
    Choice.INCLUDE: frozenset(
        ("include", "included", "inclusion", "in", "i", "yes", "y", "1", "1.0", "true", "relevant", "accept",
         "accepted")
    ),
    Choice.EXCLUDE: frozenset(
        ("exclude", "excluded", "exclusion", "out", "e", "no", "n", "0", "0.0", "false", "irrelevant", "not relevant",
         "reject", "rejected")
    ),
    Choice.MAYBE: frozenset(("maybe", "unsure", "unclear", "uncertain", "?", "unknown", "possibly", "discuss")),
}  # fmt: skip
_NOTHING = frozenset(
    ("", "-1", "-1.0", "na", "n/a", "nan", "none", "null", "undecided", "unlabeled", "unlabelled", "unseen", "not seen",
     "not screened", "pending", "-")
)  # fmt: skip
_WITH_REASON = re.compile(
    r"(?P<word>[a-z]+)\b\s*(?:(?:on|because of|because|due to)\b|[:;,–-])\s*(?P<reason>\S.*)", re.IGNORECASE | re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Said:
    """What a cell says. ``understood`` is False where nobody can tell; ``choice`` is None where it says nothing yet."""

    choice: Choice | None = None
    reason: str = ""
    understood: bool = True


def read(text: str, words: Mapping[str, Choice | None] | None = None) -> Said:
    """What ``text`` says: by the ``words`` that a person has explained (folded by ``fold``; None for nothing), else by
    common words, which may have a reason behind them as in ``Exclude on population``."""
    plain = fold(text)
    if words and plain in words:
        return Said(words[plain])
    if plain in _NOTHING:
        return Said()
    if (choice := _choice_of(plain)) is not None:
        return Said(choice)
    if (found := _WITH_REASON.fullmatch(text.strip())) and (choice := _choice_of(fold(found["word"]))) is not None:
        return Said(choice, " ".join(found["reason"].split()) if choice is not Choice.INCLUDE else "")
    return Said(understood=False)


def fold(text: str) -> str:
    """A label without regard to case, white space and underscores."""
    return " ".join(text.replace("_", " ").split()).casefold()


def _choice_of(plain: str) -> Choice | None:
    return next((choice for choice, words in _CHOICES.items() if plain in words), None)
