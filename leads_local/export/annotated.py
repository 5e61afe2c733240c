"""Copies of the included papers with every value highlighted where it stands: the folder ``annotated`` of an export.

The papers themselves are only read. What can't be marked is named with its reason, in the folder's own page and to
whoever exports: a file that is gone, changed, protected or damaged, and each value without a place. People write their
own notes into such copies, so a copy that is not as it was written is never replaced.
"""

from __future__ import annotations

import hashlib
import re
import textwrap
import unicodedata
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from leads_local import __version__, durable, files, windows_names
from leads_local.documents.marker import Marker
from leads_local.documents.reader import digest_or_empty
from leads_local.errors import InputError
from leads_local.export import value_marks
from leads_local.export.papers import PaperValues, included_papers, locate
from leads_local.records import Progress
from leads_local.review.read_models import StoredValue
from leads_local.review.review import Review
from leads_local.terminal_text import safe_block, safe_line

FOLDER = "annotated"
PAGE = "README.txt"
_FIRST_WORDS = "Papers with their values marked"
_LONGEST_NAME = 60
_WRITTEN = re.compile(r"^([0-9a-f]{64})  (.+)$", re.MULTILINE)
_WIDTH = 100


class AnnotatedPapers:
    """What ``export`` adds with ``--annotated``; see ``tables.Addition``."""

    name = FOLDER
    longest = _LONGEST_NAME + 1

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._written: list[tuple[str, str]] = []
        self.remarks: list[str] = []
        self.files: list[str] = []
        self.lacking = False

    def check(self, place: Path) -> None:
        """Raise InputError where the folder of an earlier export holds what no export has written."""
        if not place.exists():
            return
        if not place.is_dir():
            raise InputError(f"{place} can't be replaced: it is a file.", "Choose another folder for the export.")
        known = _listed(place / PAGE)
        for file in sorted(place.iterdir()):
            if file.name != PAGE and known.get(unicodedata.normalize("NFC", file.name)) != _digest(file):
                raise InputError(
                    f"{file} is not as an export has written it: somebody wrote notes into it, or put it there.",
                    "Move it to another folder, so that nothing of yours is replaced.",
                )

    def write(self, review: Review, place: Path, progress: Callable[[Progress], None] | None) -> None:
        """Write the folder at ``place``, which is not there yet."""
        place.mkdir()
        found = included_papers(review)
        exported = (
            f"leads-local {__version__}, export of {files.shown_name(review.path)}, {datetime.now(UTC):%Y-%m-%d}."
        )
        with Marker() as marker:
            for done, paper in enumerate(found.papers):
                if progress is not None:
                    progress(Progress("Marking", done, len(found.papers), note=paper.name))
                self._add(marker, review, paper, place, exported)
        for head, stored in found.without_pdf.items():
            self._say_missing(f"Report {head}: no PDF is attached to it", stored)
        (place / PAGE).write_text(safe_block(self._page(exported)), encoding="utf-8")
        self.files = [*(name for name, _ in self._written), PAGE]

    def about(self) -> str:
        """What the export's page says of the folder."""
        return (
            "Copies of the included papers with every value highlighted where it stands, a note with its field, state, "
            f"reviewer and date, and an index of values as bookmarks. Its own {PAGE} names what could not be marked."
        )

    def _add(self, marker: Marker, review: Review, paper: PaperValues, place: Path, exported: str) -> None:
        source, several = locate(review, paper.attachment), len(paper.reports) > 1
        name = self._free_name(paper)
        stored = [one for _, one in paper.values]
        if paper.attachment.problem:
            self._say_missing(paper.attachment.problem.rstrip("."), stored)
            return
        copy = marker.copy(
            source,
            paper.attachment.sha256,
            place / name,
            value_marks.marks_of(paper.values, name_reports=several),
            value_marks.bookmarks_of(paper.values, name_reports=several),
            value_marks.legend(paper.values, exported, paper.attachment.notice),
        )
        problem = copy.problem or _why_changed(source, paper.attachment.sha256)
        if problem:
            durable.discard(place / name)
            self._say_missing(f"{paper.name} (report {_numbers(paper.reports)}): {problem.rstrip('.')}", stored)
            return
        self._written.append((name, _digest(place / name)))
        self._say_copy(name, paper, stored)

    def _say_copy(self, name: str, paper: PaperValues, stored: Sequence[StoredValue]) -> None:
        counted = (
            f"{format_values(len(stored))}: {value_marks.states_in_words(stored)}" if stored else "no value is from it"
        )
        self._lines += [name, f"    of {paper.name}, SHA-256 {paper.attachment.sha256}", f"    {counted}"]
        if paper.attachment.notice:
            self._lines.append(f"    {safe_line(paper.attachment.notice)}")
        without = [one for one in stored if not value_marks.has_place(one)]
        if without:
            self._lines += ["    Without a place in it:", *_listed_values(without)]
            self.remarks.append(
                f"{name}: {len(without):,} of {format_values(len(stored))} marked nowhere ({FOLDER}/{PAGE} has why)."
            )

    def _say_missing(self, why: str, stored: Sequence[StoredValue]) -> None:
        """A file or a report of which there is no copy, with its values."""
        self._lines += [f"No copy. {safe_line(why)}.", *_listed_values(stored)]
        lost = f"; {format_values(len(stored))} marked nowhere" if stored else ""
        self.remarks.append(f"No annotated copy. {safe_line(why)}{lost}.")
        self.lacking = True

    def _free_name(self, paper: PaperValues) -> str:
        """``12 smith-2020.pdf``: the report's number, by which tables name it, and the file's own name."""
        stem = paper.name[:-4] if paper.name.lower().endswith(".pdf") else paper.name
        taken = {name.casefold() for name, _ in self._written}
        number = 0
        while True:
            more = f" ({number + 1})" if number else ""
            room = _LONGEST_NAME - len(f"{more}.pdf")
            clean = unicodedata.normalize("NFC", safe_line(stem))
            name = f"{windows_names.portable_name(f'{paper.reports[0]} {clean}', room)}{more}.pdf"
            if name.casefold() not in taken:
                return name
            number += 1

    def _page(self, exported: str) -> str:
        told = (
            "Each paper here is a copy; the paper itself was only read. A highlight's colour says what people made of "
            "the value, its note has the field, the value, who said so and when, and the bookmarks list all values. "
            "What stands below as “without a place” is marked nowhere: look it up in the paper."
        )
        colours = value_marks.legend([], "").splitlines()[2:]
        head = [f"{_FIRST_WORDS}, {exported}", "", *textwrap.wrap(told, _WIDTH), "", *colours, ""]
        written = [f"{digest}  {name}" for name, digest in self._written]
        return "\n".join([*head, *self._lines, "", "SHA-256 of the copies as they were written", *written]) + "\n"


def _listed_values(stored: Sequence[StoredValue]) -> list[str]:
    return [
        f"    - {value_marks.value_name(one)}: {' '.join(value_marks.said_text(one).split())}"
        f"{'' if value_marks.has_place(one) else f' ({value_marks.why_no_place(one)})'}"
        for one in stored
    ]


def _numbers(reports: Sequence[int]) -> str:
    return " and ".join(map(str, reports))


def format_values(number: int) -> str:
    return f"{number:,} {'value' if number == 1 else 'values'}"


def _listed(page: Path) -> dict[str, str]:
    """The SHA-256 of each copy that the page of an earlier export lists; nothing where it is no such page."""
    if not page.is_file():
        return {}
    text = page.read_text(encoding="utf-8", errors="replace")
    return {name: digest for digest, name in _WRITTEN.findall(text)} if text.startswith(_FIRST_WORDS) else {}


def _why_changed(source: Path, sha256: str) -> str:
    """The paper was only read; should it be another one now all the same, that is said."""
    return "" if digest_or_empty(source) == sha256 else "it was changed while it was copied"


def _digest(file: Path) -> str:
    """Its SHA-256; "" for what is no file."""
    if not file.is_file():
        return ""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
