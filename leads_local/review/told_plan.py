"""What of an export's decisions, labels and notes would be taken into a review, worked out before anything is.

A record of the export is one of the review's by itself where the export was imported (its source and place), else by
the rules that find duplicates; a record that could be several reports is none. A decision belongs to whom the export
names; what that reviewer has decided here already stays, and what the export says otherwise is named.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from leads_local import files
from leads_local.citations.screened import Screened
from leads_local.citations.told import Told, Tool
from leads_local.errors import InputError
from leads_local.records import Choice, Citation, Decision, Stage
from leads_local.review import reasons
from leads_local.review.acts import ActKind
from leads_local.review.annotations import tidy_tags
from leads_local.review.database import Database
from leads_local.review.store import annotation_rows, citations, decisions, groups


@dataclass(frozen=True, slots=True)
class ToldFile:
    """An export with what it says. ``sha256`` is of the file; ``path`` as a person knows it."""

    path: str
    sha256: str
    citations: tuple[Citation, ...]
    screened: Screened


@dataclass(frozen=True, slots=True)
class TakingOrder:
    """How a person wants it taken: ``stage`` of decisions whose tool doesn't say it; ``names``: which reviewer here is
    meant by a name there, "" being who is not named."""

    stage: Stage = Stage.ABSTRACT
    names: Mapping[str, str] = field(default_factory=dict)

    def reviewer(self, told: str, tool: Tool, file: str) -> str:
        """Whose it is. Nobody's word is ascribed to somebody: who is not named is called by the tool, or the file."""
        unnamed = f"unnamed in {file}" if tool is Tool.COLUMN else tool.value
        return self.names.get(told) or told or self.names.get("") or unnamed


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something that is not taken, and why; ``title`` and ``number`` of the export's record."""

    number: int
    title: str
    why: str


@dataclass(frozen=True, slots=True)
class TakingPlan:
    """What would be taken: ``decisions``, tags and notes, each of a record that stands for its report; ``already`` is
    how many decisions stand here as they are told; ``left_out`` what is not taken, ``unmatched`` the records that say
    something and are not in the review. ``records`` is how many of the export say something. ``times``: of decisions
    that would be taken the record's number in the export, whose it is, and when it was made, as the tool writes it."""

    path: str
    sha256: str
    tools: tuple[Tool, ...]
    records: int
    decisions: tuple[Decision, ...]
    tags: tuple[tuple[int, str], ...]
    notes: tuple[tuple[int, str, str], ...]
    already: int = 0
    left_out: tuple[LeftOut, ...] = ()
    unmatched: tuple[LeftOut, ...] = ()
    unnamed: bool = False
    times: tuple[tuple[int, str, str], ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.decisions or self.tags or self.notes)


def make_plan(db: Database, file: ToldFile, order: TakingOrder) -> TakingPlan:
    """What of ``file`` would be taken. Looks at every record of the review where the file was not imported."""
    saying = [place for place, told in enumerate(file.screened.told) if told]
    heads = _match(db, file, saying)
    draft = _Draft(db, order, files.name_of(file.path))
    for place in saying:
        citation, told, found = file.citations[place], file.screened.told[place], heads.get(place, set())
        if len(found) == 1:
            draft.add(citation, told, next(iter(found)))
        else:
            why = "could be several reports of the review" if found else "is not in the review"
            draft.unmatched.append(LeftOut(place + 1, citation.title, why))
    return draft.plan(file, len(saying))


def _match(db: Database, file: ToldFile, places: Sequence[int]) -> dict[int, set[int]]:
    """The reports that the records at these places of the export are."""
    if citations.find_source(db, file.sha256):
        named = citations.find_all_named(db, [(file.sha256, place + 1) for place in places])
        heads = groups.head_of(db, list(named.values()))
        present = set(groups.in_review(db, list(heads.values())))
        found = {place: heads.get(named.get((file.sha256, place + 1), 0), 0) for place in places}
        return {place: {head} & present for place, head in found.items()}
    return _match_as_duplicates(db, [(place, file.citations[place]) for place in places])


def _match_as_duplicates(db: Database, told: Sequence[tuple[int, Citation]]) -> dict[int, set[int]]:
    from leads_local.citations import duplicates  # and rapidfuzz, which no other work on a review needs

    here = [(head, citation) for _, head, _, citation in citations.stream(db)]
    pool = [citation for _, citation in here] + [citation for _, citation in told]
    found: dict[int, set[int]] = {}
    for group in duplicates.find(pool).groups:
        heads = {here[member][0] for member in group.members if member < len(here)}
        for member in group.members:
            if member >= len(here):
                found[told[member - len(here)][0]] = heads
    return found


class _Draft:
    """The plan while it is made: each thing is compared with what stands in the review, all of one kind at once."""

    def __init__(self, db: Database, order: TakingOrder, name: str) -> None:
        self._db, self._order, self._name = db, order, name
        self.unmatched: list[LeftOut] = []
        self._left: list[LeftOut] = []
        self._decided: dict[tuple[Stage, int, str], tuple[Decision, Citation]] = {}
        self._differ: set[tuple[Stage, int, str]] = set()
        self._tags: dict[tuple[int, str], str] = {}
        self._notes: dict[tuple[int, str], str] = {}
        self._unnamed = False
        self._times: dict[tuple[Stage, int, str], tuple[int, str, str]] = {}

    def add(self, citation: Citation, told: Told, head: int) -> None:
        for said in told.decisions:
            reviewer = self._order.reviewer(said.reviewer, told.tool, self._name)
            self._unnamed = self._unnamed or not said.reviewer
            decision = Decision(head, said.stage or self._order.stage, said.choice, said.reason.strip(), reviewer)
            self._add_decision(citation, decision)
            if said.at:
                place = (decision.stage, decision.record_id, decision.reviewer)
                self._times.setdefault(place, (citation.number, reviewer, said.at))
        for why in told.unclear:
            self._leave(citation, f"not understood: {why}")
        for label in told.tags:
            self._add_tag(citation, head, label)
        for note in told.notes:
            who = self._order.reviewer(note.reviewer, told.tool, self._name)
            before = self._notes.get((head, who))
            self._notes[head, who] = note.text if before in (None, note.text) else f"{before}\n{note.text}"

    def _add_decision(self, citation: Citation, decision: Decision) -> None:
        if (
            decision.stage is Stage.FULLTEXT
            and decision.choice is Choice.EXCLUDE
            and reasons.means_not_retrieved(decision.reason)
        ):
            self._leave(citation, "excluded for having no full text, which `leads-local retrieval` says")
            return
        place = (decision.stage, decision.record_id, decision.reviewer)
        before = self._decided.setdefault(place, (decision, citation))[0]
        if before.choice != decision.choice:
            self._differ.add(place)

    def _add_tag(self, citation: Citation, head: int, label: str) -> None:
        try:
            for tag in tidy_tags([label]):
                self._tags.setdefault((head, tag.casefold()), tag)
        except InputError:
            self._leave(citation, f"the label {label[:40]}… is too long to be a tag")

    def _leave(self, citation: Citation, why: str) -> None:
        self._left.append(LeftOut(citation.number, citation.title, why))

    def plan(self, file: ToldFile, records: int) -> TakingPlan:
        new, already = self._new_decisions()
        tags, notes = tuple(self._new_tags()), tuple(self._new_notes())
        return TakingPlan(
            path=file.path,
            sha256=file.sha256,
            tools=file.screened.tools,
            records=records,
            decisions=tuple(new),
            tags=tags,
            notes=notes,
            already=already,
            left_out=tuple(self._left),
            unmatched=tuple(self.unmatched),
            unnamed=self._unnamed,
            times=tuple(
                self._times[place] for one in new if (place := (one.stage, one.record_id, one.reviewer)) in self._times
            ),
        )

    def _new_decisions(self) -> tuple[list[Decision], int]:
        new, already = list[Decision](), 0
        for (stage, reviewer), places in self._by_reviewer().items():
            stand = decisions.own_of_many(self._db, [head for _, head, _ in places], stage, reviewer)
            for place in places:
                decision, citation = self._decided[place]
                own = stand.get(decision.record_id)
                if place in self._differ:
                    self._leave(citation, f"the file has two different decisions of {reviewer} on this report")
                elif own is None:
                    new.append(decision)
                elif own.choice == decision.choice:
                    already += 1
                else:
                    self._leave(citation, f"{reviewer} has decided otherwise here, which stays")
        return new, already

    def _by_reviewer(self) -> dict[tuple[Stage, str], list[tuple[Stage, int, str]]]:
        found: dict[tuple[Stage, str], list[tuple[Stage, int, str]]] = {}
        for place in self._decided:
            found.setdefault((place[0], place[2]), []).append(place)
        return found

    def _new_tags(self) -> Iterator[tuple[int, str]]:
        held = {(head, tag.casefold()) for head, tag, _ in annotation_rows.heads_with(self._db, ActKind.TAG)}
        known = {tag.casefold(): tag for tag in annotation_rows.tag_names(self._db)}
        for (head, folded), tag in self._tags.items():
            if (head, folded) not in held:
                yield head, known.setdefault(folded, tag)

    def _new_notes(self) -> Iterator[tuple[int, str, str]]:
        stand = {(head, note.reviewer): note.text for head, note in annotation_rows.all_notes(self._db)}
        for (head, reviewer), text in self._notes.items():
            own = stand.get((head, reviewer))
            if own is None:
                yield head, reviewer, text
            elif own != text:
                why = f"{reviewer} has another note on this record here, which stays: {text[:40]}"
                self._left.append(LeftOut(0, citations.read(self._db, head).title, why))


def count_by_reviewer(found: Iterable[Decision]) -> dict[tuple[Stage, str], dict[Choice, int]]:
    """How many of each choice, by stage and reviewer."""
    counts: dict[tuple[Stage, str], dict[Choice, int]] = {}
    for one in found:
        said = counts.setdefault((one.stage, one.reviewer), dict.fromkeys(Choice, 0))
        said[one.choice] += 1
    return counts
