"""Who else may read a review, and who is kept out: what is decided in it is confidential, and some reviews are shared.

A new review is its owner's alone (mode 600). Whoever gives others the right keeps it: copies, the folder of copies and
a copy that is put back have the rights of the review. On Windows rights come with the folder, and nothing is set here.
"""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

_FOR_GROUP, _FOR_OTHERS = 3, 0  # how far the bits of each are shifted in a mode
_FOLDER_FROM_FILE = ((0o400, 0o100), (0o040, 0o010), (0o004, 0o001))  # who may read a file may look into its folder


def adopt(made: Path, review: Path) -> None:
    """Give a new file, which is this account's alone, the rights that ``review`` has. Never raises."""
    if os.name == "nt":
        return
    with contextlib.suppress(OSError):
        found = review.stat()
        with contextlib.suppress(OSError):  # not every account may give to every group
            os.chown(made, -1, found.st_gid)
        given = found.st_mode & 0o777 if made.stat().st_gid == found.st_gid else found.st_mode & 0o707
        made.chmod(given | 0o600)


def adopt_folder(made: Path, review: Path) -> None:
    """Give the new folder of copies to those who may use ``review``. Never raises."""
    if os.name == "nt":
        return
    with contextlib.suppress(OSError):
        adopt(made, review)
        mode = stat.S_IMODE(made.stat().st_mode)
        made.chmod(0o700 | mode | sum(look for read, look in _FOLDER_FROM_FILE if mode & read))


def notices(path: Path) -> list[str]:
    """Which other accounts of this computer may read the review, in a sentence, or none. Never raises."""
    if os.name == "nt":
        return []
    with contextlib.suppress(OSError):
        if who := _who_else(path.resolve()):
            return [f"{path} can be read by {who} of this computer. If that is not meant: chmod 600 '{path}'."]
    return []


def _who_else(path: Path) -> str:
    found = path.stat()
    if _may_reach(path, _FOR_OTHERS):
        return "all accounts"
    if _may_reach(path, _FOR_GROUP) and (group := _shared_group(found)):
        return f"the accounts of the group {group}"
    return ""


def _may_reach(path: Path, shift: int) -> bool:
    """Whether a right to read the file is of use: it ends at the first folder above that may not be entered."""
    if not path.stat().st_mode >> shift & 0o4:
        return False
    return all(folder.stat().st_mode & (0o1 << shift | 0o1) for folder in path.parents)


def _shared_group(found: os.stat_result) -> str:
    """The group of a file, "" where it is its owner's own, which many systems make for each account."""
    group, owner = _group_name(found.st_gid), account_name(found.st_uid)
    return "" if group == owner else group


def _group_name(number: int) -> str:
    import grp

    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return str(number)


def account_name(number: int) -> str:
    """What the account is called, its number where it has no name here."""
    import pwd

    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def why_kept_out(path: Path) -> tuple[str, str]:
    """Why this account may not read the file, and what to do."""
    if os.name != "nt":
        with contextlib.suppress(OSError):
            found = path.stat()
            if found.st_uid != os.geteuid():
                owner, group = account_name(found.st_uid), _group_name(found.st_gid)
                return (
                    f"it belongs to the account {owner}, and only those to whom {owner} gives it may read it",
                    f"{owner} can give it to the group {group}: chmod 660 '{path.name}' (and chmod g+rwx for its "
                    "folder). Or ask for a copy: leads-local backup --to FOLDER.",
                )
    return "you have no right to", "Ask for permission, or copy it to a folder of your own."
