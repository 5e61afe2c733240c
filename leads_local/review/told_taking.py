"""Taking the decisions, labels and notes of an export into a review: acts of the log like those said here, all one
gesture, which one undo of who took them takes back."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from leads_local import files
from leads_local.citations import read_file, retraction_watch, screened
from leads_local.citations.screened import Reading
from leads_local.errors import InputError
from leads_local.records import Choice, Citation, Decision, Progress, Stage
from leads_local.review import column_memory, newer_texts, standing, told_plan, withdrawing
from leads_local.review.acts import ActKind, canonical
from leads_local.review.annotating import AnnotatedReview
from leads_local.review.database import utc_now
from leads_local.review.newer_reports import RetractionReport
from leads_local.review.store import annotation_rows, citations, decisions, events
from leads_local.review.told_plan import TakingOrder, TakingPlan, ToldFile


@dataclass(frozen=True, slots=True)
class Taken:
    """What was taken of a plan. ``not_included``: of full texts whose abstract is not included here, which can't be
    decided; ``meanwhile``: what somebody has said here since the plan was made, which stays."""

    plan: TakingPlan
    decisions: tuple[Decision, ...] = ()
    tags: int = 0
    notes: int = 0
    not_included: tuple[Decision, ...] = ()
    meanwhile: int = 0


@dataclass(slots=True)
class _Done:
    decisions: list[Decision] = field(default_factory=list)
    not_included: list[Decision] = field(default_factory=list)
    meanwhile: int = 0


class TakingReview(AnnotatedReview):
    """A review that takes in what was decided elsewhere."""

    def told_by(self, export: Path | str, reading: Reading | None = None) -> ToldFile:
        """What an export says beside its citations: a file, or an imported one by its number or name, which need not be
        there any more. The records of an imported one are those that came in, and its columns hold what was said of
        them. Raises InputError when it is neither, can't be read, or has no column of a name that a person gave."""
        named, sha256, records = self._records_of(export)
        if reading is not None:
            screened.require_columns(records, reading)
        return ToldFile(named, sha256, records, screened.read(records, reading))

    def _records_of(self, export: Path | str) -> tuple[str, str, tuple[Citation, ...]]:
        """The path, the SHA-256 and the records of an export, or of an imported one."""
        path = Path(export)
        if path.is_file():
            source = read_file(path, column_memory.choice(self.db, ()))
            return source.path, source.sha256, tuple(citations.of_source(self.db, source.sha256)) or source.citations
        try:
            known = withdrawing.find_source(self.db, str(export))
        except InputError as error:
            if path.exists():
                read_file(path)  # says what it is
            raise InputError(
                f"{export} is no file, and no import of this review is called so.",
                "Name the file that the screening tool exported, or an import by its number in `leads-local sources`.",
            ) from error
        return known.path, known.sha256, tuple(citations.of_source(self.db, known.sha256))

    def plan_taking(self, file: ToldFile, order: TakingOrder) -> TakingPlan:
        """What of ``file`` would be taken. Nothing is changed."""
        with contextlib.closing(self.db.copied()) as moment:
            return told_plan.make_plan(moment, file, order)

    def take(self, plan: TakingPlan, progress: Callable[[Progress], None] | None = None) -> Taken:
        """Take what a plan says, all of it or nothing, as one gesture. What was said here meanwhile stays."""
        done = _Done()
        with self._acts.together():
            said = {"name": files.name_of(plan.path), "tools": list(plan.tools), "decisions": len(plan.decisions)}
            said |= {"tags": len(plan.tags), "notes": len(plan.notes)}
            said |= {"times": [list(one) for one in plan.times]} if plan.times else {}
            self._acts.log.write(ActKind.TAKE, canonical([plan.sha256]), said)
            for number, (how, records) in enumerate(_alike(plan.decisions).items()):
                if progress is not None:
                    progress(Progress("Taking decisions", number, 0, note=how[1]))
                self._take_decisions(how, records, done)
            tags = self._take_tags(plan.tags)
            notes = self._take_notes(plan.notes)
            what = f"{len(done.decisions)} decisions, {tags} tags, {notes} notes of {files.name_of(plan.path)}"
            events.add(self.db, "take", what, self.acting)
        return Taken(plan, tuple(done.decisions), tags, notes, tuple(done.not_included), done.meanwhile)

    def note_retractions(self, file: Path | str) -> RetractionReport:
        """Tag the reports that the user's copy of Retraction Watch's list names. Raises InputError when it is none."""
        listed = retraction_watch.read(Path(file))
        with self.db.transaction():
            report = newer_texts.take_retractions(self.db, self._acts.log, listed)
            events.add(self.db, "retractions", f"{report.new} tags by {len(listed.entries)} entries", self.acting)
        return report

    def _take_decisions(self, how: tuple[Stage, str, Choice, str], records: Sequence[int], done: _Done) -> None:
        stage, reviewer, choice, reason = how
        own = decisions.own_of_many(self.db, records, stage, reviewer)
        wanted = [record for record in records if record not in own]
        done.meanwhile += len(own)
        if stage is Stage.FULLTEXT:
            holds = decisions.holding(self.db, wanted, Stage.ABSTRACT)
            able = {head for head, decision in holds.items() if decision.choice is Choice.INCLUDE}
            left = [record for record in wanted if record not in able]
            done.not_included += [Decision(record, stage, choice, reason, reviewer) for record in left]
            wanted = [record for record in wanted if record in able]
        if wanted:
            done.decisions += self.decide_many(wanted, stage, choice, reason, reviewer)

    def _take_tags(self, tags: Sequence[tuple[int, str]]) -> int:
        return self._add(
            *(ActKind.TAG, "set_tags", self.acting),
            [(record, tag, "", {"on": [tag], "off": []}) for record, tag in tags],
        )

    def _take_notes(self, notes: Sequence[tuple[int, str, str]]) -> int:
        by: dict[str, list[tuple[int, str]]] = {}
        for record, reviewer, text in notes:
            by.setdefault(reviewer, []).append((record, text))
        return sum(
            self._add(ActKind.NOTE, "set_note", who, [(record, who, text, {"text": text}) for record, text in told])
            for who, told in by.items()
        )

    def _add(
        self, kind: ActKind, method: str, reviewer: str, marks: Sequence[tuple[int, str, str, dict[str, object]]]
    ) -> int:
        """Say all of this (record, about what, text, and what ``method`` was given) where nothing stands yet."""
        new = [one for one in marks if annotation_rows.text_of(self.db, one[0], kind, one[1]) is None]
        if not new:
            return 0
        at = utc_now()
        with self._acts.recording_many(method, [(record, said) for record, _, _, said in new], reviewer, at):
            told = [(record, about, {"text": text}) for record, about, text, _ in new]
            written = self._acts.log.write_on_records(kind, told, reviewer=reviewer, at=at)
            self._acts.complete_many([{"instead of": None}] * len(new))
            standing.bring_up_to_date(self.db, written)
        return len(new)


def _alike(made: Sequence[Decision]) -> dict[tuple[Stage, str, Choice, str], list[int]]:
    """The decisions that one key could make at once; those on abstracts first, since full texts need them."""
    found: dict[tuple[Stage, str, Choice, str], list[int]] = {}
    for one in sorted(made, key=lambda one: one.stage is Stage.FULLTEXT):
        found.setdefault((one.stage, one.reviewer, one.choice, one.reason), []).append(one.record_id)
    return found
