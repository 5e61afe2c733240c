"""Files that were written elsewhere, put into their places together or not at all.

A reader of an export must never find new tables beside old ones. So every place is looked at before the first file
moves: a file that a spreadsheet program has open can't be replaced on Windows, and elsewhere must not be, since what is
then saved there would be the old one. When a move fails all the same, those before it are taken back; a file that can't
even be taken back is kept under another name, and that is said.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from leads_local import durable
from leads_local.errors import InputError

_SIGNS = (("LibreOffice", ".~lock.", "#"), ("Excel", "~$", ""))
"""What programs put beside a file that they have open: their name, and what stands before and after the file's."""


def check_places(folder: Path, names: Sequence[str]) -> None:
    """Raise InputError when one of the files in ``folder`` can't be replaced, as far as that can be known before."""
    for name in names:
        target = folder / name
        if os.path.lexists(target):
            _refuse_sign_of_use(target)
            _refuse_what_is_no_file(target)
            with _explain_open_file(target):
                durable.replace(target, target)  # changes nothing, and is refused where the real one would be


def move_into_place(part: Path, folder: Path, names: Sequence[str]) -> list[Path]:
    """Put all files from ``part`` into their places in ``folder``, or none. Raises InputError when one that is there
    can't be replaced."""
    check_places(folder, names)
    before = part / "before"
    before.mkdir()
    for name in names:
        if (folder / name).exists():
            _keep_previous(folder / name, before / name)
    done: list[Path] = []
    try:
        for name in reversed(names):  # the page that says what the others are is the last of the names
            with _explain_open_file(folder / name):
                durable.replace(part / name, folder / name)
            done.append(folder / name)
    except BaseException as error:
        if kept := [one for target in done if (one := _take_back(before / target.name, target))]:
            names_kept = ", ".join(one.name for one in kept)
            raise InputError(
                f"{folder}: only some files could be replaced, and not all of these could be put back.",
                f"The earlier ones are kept there as {names_kept}. Close the files and export again.",
            ) from error
        raise
    return [folder / name for name in names]


@contextlib.contextmanager
def folders_in_place(part: Path, folder: Path, names: Sequence[str]) -> Iterator[None]:
    """Put whole folders from ``part`` into their places for as long as the block succeeds: where it raises, those that
    were there before are back. Raises InputError when one of them can't be replaced."""
    aside = part / "folders before"
    aside.mkdir()
    with contextlib.ExitStack() as undone:
        for name in names:
            with _explain_open_file(folder / name):
                if (folder / name).exists():
                    durable.rename(folder / name, aside / name)
                    undone.callback(durable.rename, aside / name, folder / name)
                durable.rename(part / name, folder / name)
                undone.callback(durable.rename, folder / name, part / name)
        yield
        undone.pop_all()


def _refuse_sign_of_use(target: Path) -> None:
    for program, start, end in _SIGNS:
        sign = target.with_name(f"{start}{target.name}{end}")
        if os.path.lexists(sign):
            raise InputError(
                f"{target} can't be replaced: it is open in {program}.",
                f"Close it there and try again; if it is open nowhere, delete the file {sign.name} beside it.",
            )


def _refuse_what_is_no_file(target: Path) -> None:
    if target.is_dir():
        raise InputError(f"{target} can't be replaced: it is a folder.", "Move it away, or export to another folder.")
    if os.name == "nt" and target.exists() and not target.stat().st_mode & stat.S_IWRITE:
        raise InputError(
            f"{target} can't be replaced: it is marked as read-only.",
            "Take the mark away in its properties, or export to another folder.",
        )


def _keep_previous(target: Path, copy: Path) -> None:
    """A second name for what stands there now, or a copy where a disk has no such thing."""
    with _explain_open_file(target):
        try:
            copy.hardlink_to(target)
        except OSError:
            shutil.copy2(target, copy)


def _take_back(previous: Path, target: Path) -> Path | None:
    """Put the earlier file back, or remove the new one where there was none. Where that is refused, returns the place
    beside it in which the earlier one is kept."""
    if not previous.exists():
        durable.discard(target)
        return None
    try:
        durable.replace(previous, target)
    except OSError:
        aside = target.with_name(f"{target.stem}.before{target.suffix}")
        with contextlib.suppress(OSError):
            durable.replace(previous, aside)
            return aside
    return None


@contextlib.contextmanager
def _explain_open_file(target: Path) -> Iterator[None]:
    try:
        yield
    except PermissionError as error:
        raise InputError(
            f"{target} can't be replaced.", "It is probably open in another program: close it there and try again."
        ) from error
