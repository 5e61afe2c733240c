"""Who a reviewer is: names are said by people, never taken from the computer's account without asking.

A decision is worth what its name is worth: ``root`` is nobody, and ``Ana`` and ``ana`` are one person who would be
counted as two.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from leads_local import config
from leads_local.app.outcome import first_of
from leads_local.citations import normalise
from leads_local.config import Settings
from leads_local.errors import InputError

if TYPE_CHECKING:
    from leads_local.review.review import Review

WHO = "Under which name do you decide?"
WHO_NOTE = (
    "It stands beside everything that you say to a review, in its history and its tables, and tells the reviewers of "
    "one review apart. It is kept in your settings."
)
_LONGEST = 100
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})  # Unicode's categories of controls, formats and line ends
_JOINERS = "\u200c\u200d"  # which names in Persian and Indian scripts are written with
_NOBODY = frozenset({"", "root"})
_HOW = 'Say who you are: --reviewer "Your name" or LEADS_LOCAL_REVIEWER, or set `reviewer` in your settings.'


def clean_name(said: str) -> str:
    """A name as it is stored: in one Unicode form, without outer white space. Raises InputError where it is none."""
    name = unicodedata.normalize("NFC", said).strip()
    if not name:
        raise InputError("A reviewer's name is empty.", "Say under which name you decide.")
    if any(unicodedata.category(letter) in _UNSEEN and letter not in _JOINERS for letter in name):
        raise InputError(f"The reviewer's name {name!r} holds characters that can't be seen.", "Type it anew.")
    if not any(letter.isalnum() for letter in name):
        raise InputError(f"The reviewer's name {name!r} has no letter.", "Say under which name you decide.")
    if len(name) > _LONGEST:
        raise InputError(f"The reviewer's name is longer than {_LONGEST} characters.", "Say a shorter one.")
    return name


def suggested(settings: Settings) -> str:
    """A name to offer to who is asked: the account's, where it is a person's; else ""."""
    return "" if _is_nobody(settings.reviewer_name) else settings.reviewer_name


def who_note(review: Review) -> str:
    """What a person should know who is asked for their name."""
    package = review.package()
    if package is not None:
        return f"{WHO_NOTE} This work package is for {package.reviewer}."
    known = first_of(review.reviewers(), "in its history")
    there = f" In this review there are so far: {', '.join(known)}. If you are one of them, say that name."
    return WHO_NOTE + (there if known else "")


def of_account(settings: Settings) -> str:
    """The name to act under where nobody can be asked: that of the settings, else the account's. Raises InputError
    where that is nobody's."""
    name = settings.reviewer_name
    if settings.reviewer or not _is_nobody(name):
        return clean_name(name)
    who = f"The account {name!r} is no person" if name else "This computer's account has no name"
    raise InputError(f"{who}, so what is said here would be nobody's.", _HOW)


def _is_nobody(account: str) -> bool:
    return account.strip().lower() in _NOBODY


def remember(name: str) -> None:
    """Store who decides on this computer. Raises ConfigError when the settings can't be written."""
    config.save(replace(config.load_stored(), reviewer=name))


def same_but_for_spelling(name: str, known: Iterable[str]) -> str:
    """The reviewer among ``known`` whose name differs from this one only by case, accents or spaces; "" for none."""
    others = list(known)
    if name in others:
        return ""
    return next((other for other in others if _folded(other) == _folded(name)), "")


def notice(review: Review) -> str:
    """What the person at the keyboard should know of their own name in this review; "" for nothing."""
    package = review.package()
    if package is not None and package.reviewer != review.acting:
        return (
            f"This work package is for {package.reviewer!r}, and you decide as {review.acting!r}: what you say counts "
            f"as that person's. If you are {package.reviewer!r}, say that name."
        )
    other = same_but_for_spelling(review.acting, review.reviewers())
    if not other:
        return ""
    return (
        f"You decide as {review.acting!r}, and this review has a reviewer {other!r}: the two count as two people. If "
        f"both are you, decide as {other!r}."
    )


def _folded(name: str) -> str:
    return " ".join(normalise.fold(name).split())
