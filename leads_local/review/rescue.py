"""Keeps what a person decided or verified in this session, in case the file is replaced or lost while it is open.

Each act is noted with the record that it is about, by what is the same in every copy of a review: the hash of the file
that the record came from, and its number in it. When ``database`` finds another version at the path, the acts are
written to a file beside it (or, where that folder is gone, into the program's data folder), with a copy of the whole
review as this program knew it where that can still be had. ``putting_back`` does them again in the version that is
there.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from leads_local import durable, files, paths
from leads_local.errors import InputError, LeadsError
from leads_local.review import leftovers
from leads_local.review.database import Database, ReviewReplaced
from leads_local.review.store import citations

_FORMAT = "leads-local rescue 1"
_PUT_BACK_ENDING = ".put-back.jsonl"
_LARGEST_FILE = 64 << 20  # bytes; an act has some hundreds
_WHICH_FILE = "Name a file whose name has .rescued- in it and ends in .jsonl."


@dataclass(frozen=True, slots=True)
class RecordOrigin:
    """Identifies a record by its source file's hash and its number there, which are the same in every copy of the
    review; ``title`` and ``record`` are for people."""

    source: str = ""
    number: int = 0
    title: str = ""
    record: int = 0


@dataclass(frozen=True, slots=True)
class RescuedAct:
    """Something that a person said: ``kind`` is the method of Review, ``said`` its arguments but for the record.
    ``gesture`` is its name in the log, ``takes_back`` that of what it undoes; "" where that is not known."""

    kind: str
    at: str
    reviewer: str
    subject: RecordOrigin | None = None
    said: Mapping[str, Any] = field(default_factory=dict)
    gesture: str = ""
    takes_back: str = ""

    def in_words(self) -> str:
        about = f"record {self.subject.record} ({self.subject.title[:60]})" if self.subject else "the review"
        what = ", ".join(f"{name} {value}" for name, value in self.said.items() if value not in ("", None))
        return f"{self.kind}: {about}{f': {what}' if what else ''}"


def record_origin(db: Database, record_id: int) -> RecordOrigin:
    """How ``record_id`` is called in every copy of the review."""
    row = citations.origin_of(db, record_id)
    return RecordOrigin(*row, record_id) if row is not None else RecordOrigin(record=record_id)


def record_origins(db: Database, records: Sequence[int]) -> dict[int, RecordOrigin]:
    """``record_origin`` of many."""
    known = citations.origins_of(db, records)
    return {one: RecordOrigin(*known[one], one) if one in known else RecordOrigin(record=one) for one in records}


def keep_acts(db: Database, acts: list[RescuedAct], review: str, error: ReviewReplaced) -> ReviewReplaced:
    """Write the acts, and the review itself where this program still has it. The error says where they are. Never
    raises."""
    told: list[str] = []
    file = copy = None
    for beside in (True, False):
        name = f"{db.path.stem}.rescued-{leftovers.time_stamp()}"
        try:
            folder = db.path.absolute().parent if beside else paths.data_dir() / "rescued"
            if not beside:
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            elif not folder.is_dir():
                continue
            if db.was_replaced():
                copy = (
                    leftovers.path_beside(db.path.absolute(), ".copies") / f"{leftovers.time_stamp()}-rescued.leads"
                    if beside
                    else folder / f"{name}.leads"
                )
                copy.parent.mkdir(exist_ok=True, mode=0o700)
                copy = leftovers.free_name(copy)
                db.copy_to(copy)
                told.append(f"the review as it was here, with all that was stored in it: {copy}")
            if acts:
                file = leftovers.free_name(folder / f"{name}.jsonl")
                _write_acts(file, acts, review)
                said = f"what you said since it was opened ({len(acts)} act{'s' if len(acts) > 1 else ''}): {file}"
                told.append(f"{said}; `leads-local rescue` puts that into a review")
            break
        except (OSError, LeadsError):
            continue
    if not told:
        acts_lost = (
            f" What you said since it was opened could not be kept: {'; '.join(act.in_words() for act in acts)}."
            if acts
            else ""
        )
        return ReviewReplaced(error.message, f"{error.hint}{acts_lost}")
    rescued = ReviewReplaced(error.message, f"{error.hint} Kept are {'; and '.join(told)}.")
    rescued.acts, rescued.copy = file, copy
    return rescued


def _write_acts(file: Path, acts: Iterable[RescuedAct], review: str) -> None:
    with os.fdopen(
        os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8", newline="\n"
    ) as stream:
        stream.write(json.dumps({"format": _FORMAT, "review": review}) + "\n")
        stream.writelines(json.dumps(asdict(act), ensure_ascii=True) + "\n" for act in acts)
        durable.sync(stream)


def find_files(path: Path) -> list[Path]:
    """Files of what was said in this review and not put back yet, oldest first."""
    places = (path.absolute().parent, paths.data_dir() / "rescued")
    name = f"{path.stem}.rescued-"
    files = (file for place in places if place.is_dir() for file in place.iterdir() if file.name.startswith(name))
    return sorted(file for file in files if file.suffix == ".jsonl" and not file.name.endswith(_PUT_BACK_ENDING))


def notices(path: Path) -> list[str]:
    """What the person who opens the review should know of such files: a sentence, or none."""
    if not (kept := find_files(path)):
        return []
    return [
        f"What was said in {path.name} when another version was put in its place is not put back yet: "
        f"{', '.join(file.name for file in kept)}. `leads-local rescue` does it; in the UI k, then p."
    ]


def mark_put_back(file: Path) -> None:
    """Have it known that what the file holds was put back."""
    with contextlib.suppress(OSError):
        durable.rename(file, file.with_name(file.name.removesuffix(".jsonl") + _PUT_BACK_ENDING))


def read_acts(file: Path) -> tuple[str, list[RescuedAct]]:
    """(which review, its acts in order). Raises InputError when it is no file of rescued acts."""
    files.require_file(file, "a file of rescued decisions", _WHICH_FILE)
    try:
        with file.open("rb") as stream:
            held = stream.read(_LARGEST_FILE + 1)
        if len(held) > _LARGEST_FILE:
            raise InputError(
                f"{file} is larger than {_LARGEST_FILE >> 20} MB and holds no rescued decisions.", _WHICH_FILE
            )
        lines = held.decode("utf-8").splitlines()
        head = json.loads(lines[0])
        if head["format"] != _FORMAT:
            raise ValueError("another format")
        acts = []
        for line in lines[1:]:
            act = json.loads(line)
            about = _parse_origin(act["subject"]) if act["subject"] else None
            names = (str(act.get(name, "")) for name in ("gesture", "takes_back"))
            acts.append(
                RescuedAct(str(act["kind"]), str(act["at"]), str(act["reviewer"]), about, dict(act["said"]), *names)
            )
        return str(head["review"]), acts
    except OSError as error:
        raise InputError(
            f"{file} can't be read: {error.strerror}.", "Name the file that the program said it kept."
        ) from error
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        raise InputError(f"{file} holds no rescued decisions.", _WHICH_FILE) from error


def _parse_origin(given: Mapping[str, Any]) -> RecordOrigin:
    number, record = (given[name] for name in ("number", "record"))
    if not all(type(one) is int and 0 <= one <= citations.LARGEST_ID for one in (number, record)):
        raise ValueError("no numbers of a record")
    return RecordOrigin(str(given["source"]), number, str(given["title"]), record)
