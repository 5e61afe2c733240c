"""What people add to records: notes, tags, priorities and corrections, each an act of the log.

A note, a tag or a priority is said of the report: it goes to the record that stands for it, and where it is taken off,
off every record of the report. A correction is of the very record that it names: its source keeps its own text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence, Set
from functools import cached_property

from leads_local.review import finding, search_index, standing
from leads_local.review.acting import ActingReview
from leads_local.review.acts import ActKind
from leads_local.review.annotations import Annotations, Field, Priority, stored_text, tidy_tags
from leads_local.review.database import utc_now
from leads_local.review.search_index import Cancelled, SearchIndex, Told
from leads_local.review.store import annotation_rows, citations, groups, index_file
from leads_local.review.store.index_file import IndexFault

Mark = tuple[ActKind, int, str, str | None]
"""What is said: the kind, of which record, about what of it, and the text, None for nothing any more."""


class AnnotatedReview(ActingReview):
    """A review whose records people write on. Each method that says something returns whether that was new."""

    def set_note(self, record_id: int, text: str, reviewer: str = "") -> bool:
        """Have this be the note of ``reviewer`` on a report, in place of their own before; "" takes it away."""
        reviewer, said = reviewer or self.acting, text.strip()
        with self._acts.recording("set_note", record_id, reviewer, {"text": said}):
            head = self._head(record_id)
            return self._mark([(ActKind.NOTE, head, reviewer, said or None)], reviewer)

    def set_tags(self, record_id: int, on: Iterable[str] = (), off: Iterable[str] = (), reviewer: str = "") -> bool:
        """Give a report tags and take other tags off it, in one gesture. A tag is written as it is elsewhere in the
        review, whatever the case. Raises InputError where one can't be a tag."""
        on, off, reviewer = tidy_tags(on), tidy_tags(off), reviewer or self.acting
        with self._acts.recording("set_tags", record_id, reviewer, {"on": list(on), "off": list(off)}):
            head = self._head(record_id)
            known = {tag.casefold(): tag for tag in annotation_rows.tag_names(self.db)} if on else {}
            held = annotation_rows.tags_of(self.db, head)
            there = {tag.casefold() for _, tag in held}
            gone = {tag.casefold() for tag in off} - {tag.casefold() for tag in on}
            new = [known.get(tag.casefold(), tag) for tag in on if tag.casefold() not in there]
            marks: list[Mark] = [(ActKind.TAG, head, tag, "") for tag in new]
            marks += [(ActKind.TAG, record, tag, None) for record, tag in held if tag.casefold() in gone]
            return self._mark(marks, reviewer)

    def set_priority(self, record_id: int, priority: Priority | None, reviewer: str = "") -> bool:
        """Say which reports are to be looked at first or last; None for neither."""
        reviewer = reviewer or self.acting
        with self._acts.recording("set_priority", record_id, reviewer, {"priority": priority}):
            head = self._head(record_id)
            others = [record for record, _ in annotation_rows.priorities_of(self.db, head) if record != head]
            marks: list[Mark] = [(ActKind.PRIORITY, record, "", priority) for record in (head, *others)]
            return self._mark(marks, reviewer)

    def correct(self, record_id: int, field: Field, text: str | None, reviewer: str = "") -> bool:
        """Have this very record's ``field`` be ``text``; None has what was imported stand again. From now on the model
        is asked about it, duplicates are found by it, and lists and exports have it.

        Raises InputError where ``text`` can't be what the field holds.
        """
        reviewer, wanted = reviewer or self.acting, None if text is None else stored_text(field, text)
        with self._acts.recording("correct", record_id, reviewer, {"field": field, "text": text}):
            self._head(record_id)
            return self._mark([(ActKind.CORRECT, record_id, field, wanted)], reviewer)

    def restore_imported(self, record_id: int, reviewer: str = "") -> bool:
        """Have all of this very record be as it was imported again, as one gesture."""
        reviewer = reviewer or self.acting
        self._head(record_id)
        fields = [one.field for one in annotation_rows.corrections(self.db, [record_id])]
        told = [(record_id, {"field": field, "text": None}) for field in fields]
        with self._acts.recording_many("correct", told, reviewer, utc_now()):
            stood = [annotation_rows.text_of(self.db, record_id, ActKind.CORRECT, field) for field in fields]
            self._acts.complete_many([{"instead of": text} for text in stood])
            self._write([(ActKind.CORRECT, record_id, field, None) for field in fields], reviewer)
        return bool(fields)

    def annotations(self, record_id: int) -> Annotations:
        """What people added to a report, as the person at the keyboard may see it: while they have yet to decide it
        without knowing what others think, others' notes are not told."""
        head = self._head(record_id)
        notes = [note for _, note in annotation_rows.notes(self.db, self.acting, head)]
        said = [priority for _, priority in annotation_rows.priorities_of(self.db, head)]
        return Annotations(
            notes=tuple(notes),
            tags=tuple(dict.fromkeys(tag for _, tag in annotation_rows.tags_of(self.db, head))),
            priority=Priority.first(*said) if said else None,
            corrections=tuple(annotation_rows.corrections(self.db, groups.of_head(self.db, head))),
            hidden_notes=annotation_rows.count_notes(self.db, head) - len(notes),
        )

    def tag_names(self) -> list[str]:
        """Every tag that some record has."""
        return annotation_rows.tag_names(self.db)

    def find(self, texts: Iterable[str], cancelled: Callable[[], bool] = lambda: False) -> Set[int]:
        """The reports that have all of ``texts``: phrases in title, abstract, authors, keywords, identifiers, tags and
        notes, ``#`` with a tag, ``!high`` or ``!low``. Without regard to case and accents (see ``phrases``). Stops
        early, with what it has, once ``cancelled``.

        A large review answers at once where ``prepare_search`` was called before it grew by much. The answer is not to
        be changed."""
        wanted = finding.parse(texts)
        try:
            index = self._whole_index(cancelled) if wanted.phrases else None
            return set() if cancelled() else finding.find(self.db, wanted, self.acting, cancelled, index)
        except IndexFault as fault:
            self._give_up(fault)
        return finding.find(self.db, wanted, self.acting, cancelled)

    def find_dated(self, among: Sequence[int], holds: Callable[[int], bool]) -> Set[int]:
        """The records of whose year this holds, those of ``among`` at least. The answer is not to be changed."""
        try:
            if (index := self._whole_index()) is not None:
                return index.dated(holds)
        except IndexFault as fault:
            self._give_up(fault)
        return {record for record, year in citations.years(self.db, among).items() if holds(year)}

    def _whole_index(self, cancelled: Cancelled = lambda: False) -> SearchIndex | None:
        """The index with every record in it; None where there is none, or too much is missing to wait for."""
        index = self._index
        if index is None or index.missing() > search_index.AT_ONCE or not index.add_missing(cancelled=cancelled):
            return None
        return index

    def prepare_search(self, told: Told = lambda _: None, cancelled: Cancelled = lambda: False) -> None:
        """Have the index of a large review hold every record, so that ``find`` answers at once. It takes about as long
        as reading all records three times, and only what is new is read the next time."""
        try:
            if self._index is not None:
                self._index.add_missing(told, cancelled)
        except IndexFault as fault:
            self._give_up(fault)

    def end_search(self) -> None:
        """Close what ``find`` keeps open for the next time."""
        index: SearchIndex | None = self.__dict__.pop("_index", None)
        if index is not None:
            index.close()

    @cached_property
    def _index(self) -> SearchIndex | None:
        return search_index.open_index(self.db)

    def _give_up(self, fault: IndexFault) -> None:
        """Go on without an index; where it is spoiled the next one is made anew."""
        if self._index is not None:
            self._index.close(spoiled=index_file.is_spoiled(fault))
        self.__dict__["_index"] = None

    def _mark(self, marks: Sequence[Mark], reviewer: str) -> bool:
        """Say what is new of this, as one gesture. Inside a recording, which is dropped where nothing is."""
        new = [mark for mark in marks if annotation_rows.text_of(self.db, mark[1], mark[0], mark[2]) != mark[3]]
        if not new:
            self._acts.drop()
            return False
        kind, record, about, _ = new[0]
        self._acts.complete(said={"instead of": annotation_rows.text_of(self.db, record, kind, about)})
        self._write(new, reviewer)
        return True

    def _write(self, marks: Iterable[Mark], reviewer: str, gesture: int = 0) -> int:
        """Say all of this as one gesture, the given one or a new one. Inside a recording. Returns the gesture, 0 where
        nothing was said."""
        told = []
        for kind, record, about, text in marks:
            _, act = self._acts.log.write_on_record(
                kind, record, about, said={"text": text}, reviewer=reviewer, gesture=gesture
            )
            gesture = gesture or act.gesture
            told.append((act, record))
        standing.bring_up_to_date(self.db, told)
        return gesture
