"""What a person sees of a review's safety: its copies, going back to one, a file of an earlier version, another version
in its place.

Each is a dialog with a few answers; what they do is in ``review`` and in the app.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from leads_local.files import size_in_words
from leads_local.review.backups import ReviewCopy
from leads_local.terminal_text import safe_line
from leads_local.tui.screens.pick import NUMBER_KEYS, PickItem, PickOne

UPGRADE, LOOK_ONLY, PUT_BACK, KEEP_MINE, KEEP_OLD, BACK_UP, CHECK, RESTORE, MERGE, SHARE = (
    "upgrade",
    "look",
    "put back",
    "mine",
    "leave",
    "back up",
    "check",
    "restore",
    "merge",
    "share",
)


def ask_copies_or_check(rescued: int) -> PickOne:
    """What can be done to keep the review safe. ``rescued``: how many files of what was said are not put back yet."""
    answers = [
        *([PickItem("p", "Put back what was kept when another version took its place", PUT_BACK)] if rescued else []),
        PickItem("b", "Make a copy of the review as it is now", BACK_UP),
        PickItem("r", "Go back to a copy …", RESTORE),
        PickItem("c", "Check every byte of the review file", CHECK),
        PickItem("w", "Give a part of it to one reviewer: a work package …", SHARE),
        PickItem("m", "Take in what others did in a copy or a work package of it …", MERGE),
    ]
    return PickOne(
        "Keep this review safe",
        answers,
        BACK_UP,
        "A copy of each day on which you worked is made by itself; seven are kept.",
    )


def ask_which_copy(copies: Sequence[ReviewCopy]) -> PickOne:
    """The newest copies; the answer is the path of one."""
    answers = [
        PickItem(key, f"{copy.made}  {copy.why or 'by hand'}  {size_in_words(copy.size)}", str(copy.path))
        for key, copy in zip(NUMBER_KEYS, copies, strict=False)
    ]
    explanation = "The review as it is now is kept as another copy, so this can be taken back."
    return PickOne("Go back to which copy?", answers, explanation=explanation)


def ask_upgrade(path: Path, told: str) -> PickOne:
    """A file of an earlier version is changed only when the person says so. ``told``: what the command line says."""
    answers = [
        PickItem("u", "Upgrade it, and keep a copy as it is", UPGRADE),
        PickItem("l", "Look at it only: nothing in it can be changed", LOOK_ONLY),
        PickItem("n", "Not now", KEEP_OLD),
    ]
    return PickOne(f"{path.name} is of an earlier version", answers, KEEP_OLD, safe_line(told))


def ask_damaged(path: Path, told: str) -> PickOne:
    """A damaged file is never written to. ``told``: what the command line says."""
    answers = [
        PickItem("l", "Look at what can be read of it: nothing in it can be changed", LOOK_ONLY),
        PickItem("r", "Go back to a copy …", RESTORE),
        PickItem("n", "Not now", KEEP_OLD),
    ]
    return PickOne(f"{path.name} is damaged", answers, KEEP_OLD, safe_line(told))


def ask_what_of_replaced(told: str, *, acts: bool, copy: bool, there: bool) -> PickOne:
    """Another version is at the review's path. ``acts``: something was said since it was opened; ``copy``: the review
    as it was here is kept; ``there``: a file is at the path."""
    answers = []
    if there:
        label = "Open what is there now, and put what I said into it" if acts else "Open what is there now"
        answers.append(PickItem("o", label, PUT_BACK))
    if copy:
        label = "Put my version back, and keep the other as a copy" if there else "Put my version back where it was"
        answers.append(PickItem("m", label, KEEP_MINE))
    answers.append(PickItem("l", "Leave it, and go to the list of reviews", KEEP_OLD))
    what = (
        "Another version of this review, or a part of one, was put in its place"
        if there
        else "The file of this review is not there any more"
    )
    return PickOne(what, answers, PUT_BACK if there else KEEP_MINE, safe_line(told))
