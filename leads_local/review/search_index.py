"""An index of the words of a large review, so that a search answers while one types (docs/decisions/0012).

It says which records hold a phrase as they were imported. What people correct, note and tag is not in it: ``finding``
reads that where it stands. It follows from records that are never changed, and only ever grows; a file that does not go
on from the state that it was read from (another copy, an earlier one) has it made anew. Where there can be none, for
want of FTS5 or of a place for it, all records are read as in a small review.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from leads_local import durable, paths, private
from leads_local.errors import ConfigError
from leads_local.records import Progress
from leads_local.review.database import Database
from leads_local.review.phrases import Phrase, fold_text, words_of
from leads_local.review.store import annotation_rows, citations, groups
from leads_local.review.store.index_file import IndexFault, IndexFile, IndexState, is_spoiled

SMALLEST = 500  # records; all of fewer are read in as little time
AT_ONCE = 2_000  # records; as many may be added while somebody waits for an answer
_SLICE = 2_000  # records
_TOGETHER = 64  # words that one question to FTS5 names; it takes longer for many at once than for some after the other
_REMEMBERED = 64  # phrases
_UNUSED_DAYS = 90
Told = Callable[[Progress], object]
Cancelled = Callable[[], bool]


class SearchIndex:
    """Belongs to the thread that opened it. Close it."""

    def __init__(self, db: Database, path: Path) -> None:
        self._db = db
        self._file = IndexFile(path)
        self._words: set[str] = set()
        self._vocabulary = "\n"
        self._known: OrderedDict[Phrase, set[int]] = OrderedDict()
        self._generation: tuple[int, int] | None = None
        self._duplicates: Mapping[int, int] = {}
        self._corrected: Mapping[int, str] = {}
        self._years: Mapping[int, set[int]] | None = None
        with contextlib.suppress(OSError):
            os.utime(path)  # that it is in use
        try:
            if not self._goes_on():
                self._begin_anew()
            self._learn(self._file.vocabulary())
        except BaseException:
            self._file.close()
            raise

    def close(self, *, spoiled: bool = False) -> None:
        """``spoiled``: its file is thrown away."""
        self._file.close()
        if spoiled:
            durable.discard(self._file.path)

    def _goes_on(self) -> bool:
        state = self._file.state()
        return state is None or citations.has_generation(self._db, *state.generation)

    def _begin_anew(self) -> None:
        path = self._file.path
        self._file.close()
        durable.discard(path)
        self._file = IndexFile(path)

    def _learn(self, words: list[str]) -> None:
        self._words.update(words)
        if words:
            self._vocabulary += "\n".join(words) + "\n"
            self._known.clear()

    def missing(self) -> int:
        """How many of the review's records are not in it."""
        state = self._file.state()
        return citations.count_after(self._db, state.last if state is not None else 0)

    def add_missing(self, told: Told = lambda _: None, cancelled: Cancelled = lambda: False) -> bool:
        """Have it hold every record; false where that was ``cancelled``, with what it has by then kept."""
        total = self.missing()
        done = 0
        while (read := self._read_slice()) is not None:
            if cancelled():
                return False
            texts, years, before, state = read
            lines = [(record, words_of(fold_text(text))) for record, text in texts]
            new = list({word for _, line in lines for word in line.split()} - self._words)
            self._years = None
            if self._file.add(lines, years, new, before, state):
                self._learn(new)
            else:
                self._learn(list(set(self._file.vocabulary()) - self._words))
            done += len(texts)
            told(Progress("Preparing the search", min(done, total), total))
        return True

    def _read_slice(self) -> tuple[list[tuple[int, str]], list[tuple[int, int]], int, IndexState] | None:
        """The next records with their texts and years, after which one they come, and what the state is with them; None
        where there are none."""
        state = self._file.state()
        before, records = (state.last, state.records) if state is not None else (0, 0)
        with self._db.snapshot():
            texts = citations.imported_texts(self._db, before, _SLICE)
            years = citations.imported_years(self._db, [record for record, _ in texts])
            generation = citations.latest_generation(self._db)
        if not texts or generation is None:
            return None
        return texts, list(years.items()), before, IndexState(generation, texts[-1][0], records + len(texts))

    # ------------------------------------------------------------ asking

    def duplicates(self) -> Mapping[int, int]:
        """Every record that another one stands for, and which."""
        self._read_changes()
        return self._duplicates

    def corrected(self) -> Mapping[int, str]:
        """The records of which anything was corrected, with their texts as they stand, folded."""
        self._read_changes()
        return self._corrected

    def _read_changes(self) -> None:
        """Read again what stands beside the imported texts, where the review was changed since."""
        generation = citations.latest_generation(self._db)
        if generation != self._generation:
            self._generation, self._duplicates = generation, groups.all_duplicates(self._db)
            texts = citations.texts_of(self._db, sorted(annotation_rows.corrected_records(self._db)))
            self._corrected = {record: fold_text(text) for record, text in texts.items()}

    def records(self, phrase: Phrase) -> set[int]:
        """The records that hold the words of a phrase. Not to be changed."""
        if phrase not in self._known:
            self._known[phrase] = self._ask(phrase)
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        self._known.move_to_end(phrase)
        return self._known[phrase]

    def dated(self, holds: Callable[[int], bool]) -> set[int]:
        """The records of whose year, as it stands, this holds; none that has no year."""
        if self._years is None:
            self._years = self._file.years()
        found = set[int]().union(*(records for year, records in self._years.items() if holds(year)))
        corrected = citations.corrected_years(self._db)
        return (found - corrected.keys()) | {one for one, year in corrected.items() if year is not None and holds(year)}

    def _ask(self, phrase: Phrase) -> set[int]:
        first, _, rest = phrase.words.partition(" ")
        longer = list(self._ending(first) if rest else self._holding(first)) if phrase.inside else []
        state = self._file.state()
        found, begins = set[int](), [phrase.words]
        for start in range(0, max(len(longer), 1), _TOGETHER):
            some = longer[start : start + _TOGETHER]
            if rest:
                found |= self._file.records([*begins, *(f"{word} {rest}" for word in some)])
            else:
                found |= self._file.records(begins, some)
            begins = []
            if state is not None and len(found) == state.records:
                break
        return found

    def _ending(self, word: str) -> Iterator[str]:
        """The longer words that end with this one."""
        return (line[:-1] for line in self._lines(f"{word}\n") if line[:-1] != word)

    def _holding(self, word: str) -> Iterator[str]:
        """The words that hold this one, and don't begin with it."""
        return (line for line in self._lines(word) if not line.startswith(word))

    def _lines(self, part: str) -> Iterator[str]:
        """The lines of the vocabulary in which this stands, with the end of each where ``part`` has it."""
        place = self._vocabulary.find(part)
        while place >= 0:
            end = self._vocabulary.find("\n", place) + part.endswith("\n")
            yield self._vocabulary[self._vocabulary.rfind("\n", 0, place) + 1 : end]
            place = self._vocabulary.find(part, end)


def open_index(db: Database) -> SearchIndex | None:
    """The index of this review; None where it is too small for one, is damaged or a private copy, or there can be
    none."""
    if db.is_copy or db.damage or citations.count_after(db, 0) < SMALLEST:
        return None
    with contextlib.suppress(OSError, ConfigError, IndexFault):
        path = _path_of(db)
        try:
            return SearchIndex(db, path)
        except IndexFault as fault:
            if not is_spoiled(fault):
                raise
            durable.discard(path)
            return SearchIndex(db, path)
    return None


def _path_of(db: Database) -> Path:
    """One for each path, since two copies of a review may have gone on apart."""
    folder = private.make_folder(paths.search_indexes_dir())
    called = hashlib.sha256(f"{db.birth()} {db.path.absolute()}".encode("utf-8", "surrogateescape")).hexdigest()[:32]
    path = folder / f"{called}.words"
    if not path.exists():
        _remove_unused(folder)
    return path


def _remove_unused(folder: Path) -> None:
    before = time.time() - _UNUSED_DAYS * 86_400
    for path in folder.glob("*.words"):
        with contextlib.suppress(OSError):
            if path.stat().st_mtime < before:
                path.unlink()
