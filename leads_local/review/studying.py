"""What people say of studies: that reports are of one, that one is not, that two are not, and how a study is called.
Each is a method here, an act of the log, and on disk when the method returns.

What is said of a report goes to the record that stands for it; where it is taken back, it is of every record of it.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from itertools import combinations

from leads_local.citations import normalise
from leads_local.errors import InputError
from leads_local.review import presence, studies, study_suggestions
from leads_local.review.acts import ActKind, canonical
from leads_local.review.annotating import AnnotatedReview, Mark
from leads_local.review.database import utc_now
from leads_local.review.store import citations, study_rows
from leads_local.review.studies import LONGEST_LABEL, Study
from leads_local.review.study_suggestions import StudySuggestion

_NAME_BYTES = 8
_LISTED = "`leads-local studies` lists them."


class StudiedReview(AnnotatedReview):
    """A review whose reports people link into studies."""

    def studies(self) -> list[Study]:
        """The studies of what is sought in full or was linked, by their numbers; each report is in exactly one."""
        with self.db.snapshot():
            return studies.read(self.db)

    def study_of(self, record_id: int) -> Study:
        """The study of the report that ``record_id`` belongs to."""
        with self.db.snapshot():
            head = self._head(record_id)
            if citations.is_absent(self.db, head):
                return Study("", studies.default_label({head: citations.read(self.db, head)}, [head]), (head,))
            return self._studies_of([head])[0]

    def count_studies(self, record_ids: Sequence[int]) -> int:
        """Of how many studies these reports are."""
        return studies.count(self.db, record_ids)

    def why_linked(self, record_id: int) -> str:
        """Why a report was linked into its study, "" where nothing was said of that."""
        head = self._head(record_id)
        return next((why for report, _, _, why in study_rows.memberships(self.db) if report == head and why), "")

    def study_suggestions(self) -> list[StudySuggestion]:
        """Which reports may be of one study, and why; nothing is linked by it."""
        with self.db.snapshot():
            return study_suggestions.find(self.db)

    def disputed_links(self) -> list[tuple[int, int]]:
        """The pairs of reports that are linked although somebody said that they are not of one study, as can be where
        copies were merged."""
        with self.db.snapshot():
            return study_suggestions.find_disputed(self.db)

    def link_reports(self, record_ids: Iterable[int], label: str = "", why: str = "", reviewer: str = "") -> Study:
        """Say that these reports are of one study, with all that are linked to any of them; ``label``: how it is called
        from now on, ``why``: what tells so. Raises InputError unless there are two, ReviewError where one has left the
        review."""
        label, why, reviewer = tidy_label(label), normalise.one_line(why), reviewer or self.acting
        said, records = {"label": label, "why": why}, list(record_ids)
        with self._many("put_in_study", records, reviewer, said):
            heads = self._present_heads(records)
            if len(heads) < 2:
                raise InputError("A study is linked from two reports or more.", f"Name another report. {_LISTED}")
            linked = list(dict.fromkeys(self._studies_of(heads)))
            name = min((study.name for study in linked if study.name), default=secrets.token_hex(_NAME_BYTES))
            self._acts.complete_many([{"study": name}] * len(records))
            new = self._join(linked, name, heads, why, reviewer)
            if not self._label(heads[0], label or None, reviewer, new) and not new:
                self._acts.drop(len(records))
            return self._studies_of(heads)[0]

    def put_in_study(self, record_id: int, study: str, label: str = "", why: str = "", reviewer: str = "") -> bool:
        """Say that a report is of the study of this name, as what was rescued has it. Returns whether that was new."""
        reviewer, said = reviewer or self.acting, {"study": study, "label": label, "why": why}
        with self._acts.recording("put_in_study", record_id, reviewer, said):
            (head,) = self._present_heads([record_id])
            marks: list[Mark] = [(ActKind.STUDY, one, study, why) for one in self._lacking([head], study)]
            new = self._write(marks, reviewer)
            if not self._label(head, label or None, reviewer, new) and not new:
                self._acts.drop()
                return False
            return True

    def unlink_reports(self, record_ids: Iterable[int], reviewer: str = "") -> list[Study]:
        """Take each of these reports out of its study, whose others stay together; it is not suggested for it again.
        Returns the studies of all that were together. Raises InputError where one is linked to no other."""
        reviewer, records = reviewer or self.acting, list(record_ids)
        with self._many("unlink_report", records, reviewer):
            heads = self._present_heads(records)
            before = list(dict.fromkeys(self._studies_of(heads)))
            for alone in (study for study in before if len(study.reports) == 1):
                raise InputError(f"Record {alone.number} is linked to no other report.", _LISTED)
            rows = study_rows.memberships(self.db)
            marks: list[Mark] = [(ActKind.STUDY, record, name, None) for one, record, name, _ in rows if one in heads]
            for study in before:
                rest = [report for report in study.reports if report not in heads]
                marks += [(ActKind.STUDY, one, study.name, "") for one in self._lacking(rest, study.name)]
                pairs = combinations(study.reports, 2)
                marks += self._distinct(pair for pair in pairs if not set(pair) <= set(rest))
            self._write(marks, reviewer)
            return list(dict.fromkeys(self._studies_of([report for study in before for report in study.reports])))

    def tell_apart(self, record_ids: Iterable[int], reviewer: str = "") -> bool:
        """Say that these reports are not of one study, each two of them that are not linked; they are not suggested
        again. Returns whether that was new. Raises InputError unless there are two that are not linked."""
        reviewer, records = reviewer or self.acting, list(record_ids)
        with self._many("tell_apart", records, reviewer):
            named = [citations.origin_of(self.db, record) for record in records]
            self._acts.complete_many([{"reports": named}] * len(records))
            heads = self._present_heads(records)
            study_of = dict(zip(heads, self._studies_of(heads), strict=True))
            pairs = [(one, other) for one, other in combinations(heads, 2) if study_of[one] != study_of[other]]
            if not pairs:
                raise InputError(
                    "These records are linked as reports of one study, or are one report.",
                    "Name reports of different studies, or take one out of its study first.",
                )
            new = self._write(self._distinct(pairs), reviewer)
            if not new:
                self._acts.drop(len(records))
            return bool(new)

    def label_study(self, record_id: int, label: str, reviewer: str = "") -> Study:
        """Call the study of a report so; "" has first author and year stand again. Raises InputError where it can't be
        called so."""
        label, reviewer = tidy_label(label), reviewer or self.acting
        with self._acts.recording("label_study", record_id, reviewer, {"label": label}):
            (head,) = self._present_heads([record_id])
            (before,) = self._studies_of([head])
            self._acts.complete(said={"instead of": before.label if before.named else ""})
            if not self._label(head, label, reviewer, 0):
                self._acts.drop()
            return self._studies_of([head])[0]

    # ------------------------------------------------------------ inside a recording

    def _many(
        self, kind: str, records: Sequence[int], reviewer: str, said: Mapping[str, str] | None = None
    ) -> AbstractContextManager[None]:
        """A recording of the same on each of these records."""
        return self._acts.recording_many(kind, [(record, said or {}) for record in records], reviewer, utc_now())

    def _present_heads(self, records: Iterable[int]) -> list[int]:
        heads = list(dict.fromkeys(self._head(record) for record in records))
        for head in heads:
            presence.require_present(self.db, head)
        return heads

    def _studies_of(self, heads: Sequence[int]) -> list[Study]:
        """The study of each of these, which are in the review."""
        found = {report: study for study in studies.read(self.db, heads) for report in study.reports}
        return [found[head] for head in heads]

    def _join(self, linked: Iterable[Study], name: str, named: Sequence[int], why: str, reviewer: str) -> int:
        """Make these studies one. What was said against that holds no longer. Returns the gesture."""
        whole = sorted(report for study in linked for report in study.reports)
        marks: list[Mark] = [
            (ActKind.STUDY, one, name, why if one in named else "") for one in self._lacking(whole, name)
        ]
        for record, about, *pair in study_rows.distinct(self.db):
            if set(pair) <= set(whole):
                marks.append((ActKind.DISTINCT, record, about, None))
        return self._write(marks, reviewer)

    def _lacking(self, reports: Sequence[int], study: str) -> list[int]:
        """Those of these reports of which it was not said that they are of the study of this name."""
        there = {report for report, _, name, _ in study_rows.memberships(self.db) if name == study}
        return [report for report in reports if report not in there]

    def _distinct(self, pairs: Iterable[tuple[int, int]]) -> Iterator[Mark]:
        """That these are not of one study, where that was not said."""
        known = study_suggestions.distinct_pairs(self.db)
        for one, other in pairs:
            if (min(one, other), max(one, other)) not in known:
                yield ActKind.DISTINCT, one, canonical(citations.name_of(self.db, other)), ""

    def _label(self, head: int, label: str | None, reviewer: str, gesture: int) -> bool:
        """Call the study of ``head`` so; one that has no name gets one. Returns whether that was new; None is not."""
        (study,) = self._studies_of([head])
        if label is None or label == (study.label if study.named else ""):
            return False
        name = study.name or secrets.token_hex(_NAME_BYTES)
        if not study.name:
            gesture = self._write([(ActKind.STUDY, head, name, "")], reviewer, gesture)
        self._acts.log.write(ActKind.LABEL, canonical([name]), {"label": label}, reviewer=reviewer, gesture=gesture)
        return True


def tidy_label(said: str) -> str:
    """A label as it is stored. Raises InputError where it is too long."""
    label = normalise.one_line(said)
    if len(label) > LONGEST_LABEL:
        raise InputError(f"The label “{label[:20]}…” is longer than {LONGEST_LABEL} characters.", "Say a shorter one.")
    return label
