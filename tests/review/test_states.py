"""Whatever people do in whatever order: nothing that was decided is ever lost, what stands is what each reviewer said
last, and what holds follows from that by the rule.

The model beside the review is a stack of decisions for each record and reviewer; groups are read from the review and
checked for what may never happen to them. After each step all that stands is derived from the log anew, and the PRISMA
flow of each moment is asked for again at the end.
"""

from __future__ import annotations

import contextlib
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from leads_local import citations, files
from leads_local.citations import limits
from leads_local.citations.limits import Limit
from leads_local.errors import InputError, ReviewError
from leads_local.records import Choice, Citation, Question, Stage
from leads_local.review import act_log, acting, file_links, log_check, outcomes
from leads_local.review.acts import ActKind
from leads_local.review.annotations import Field, Priority
from leads_local.review.attachments import FilePart
from leads_local.review.outcomes import Rule, RuleKind
from leads_local.review.prisma_counts import PrismaCounts
from leads_local.review.read_models import RecordFilter, RecordOrder
from leads_local.review.review import Review
from leads_local.review.store import (
    acts,
    annotation_rows,
    decisions,
    documents,
    groups,
    protocol_rows,
    sources,
    study_rows,
    update_rows,
)
from leads_local.review.store import citations as store
from tests.review.conftest import paper
from tests.review.serving import PARTS, SAYINGS, Saying, Served, say_of_a_file

STAGES = st.sampled_from([Stage.ABSTRACT, Stage.ABSTRACT, Stage.FULLTEXT])
REVIEWERS = st.sampled_from(["Ann", "Bob"])
YEARS, OTHERS = (
    limits.parse_line(name, rule) for name, rule in (("Years", "year only 2000-"), ("Odd", "year not 1990"))
)
LIMITS = st.sampled_from(
    [(), (YEARS,), (replace(YEARS, excludes=True),), (replace(OTHERS, excludes=True), replace(YEARS, excludes=True))]
)
RULES = st.sampled_from([Rule(kind, 0.5 if kind is RuleKind.SHARE else 0.0) for kind in RuleKind])
Key = tuple[int, Stage, str]
Said = tuple[float, Choice]
"""When, of which the whole part is the same for what was decided at once; and what."""


class Clock:
    """Goes on by a minute each time that it is looked at, so that no two moments are one."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> str:
        self.now += timedelta(minutes=1)
        return self.now.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def flow_alone(counts: PrismaCounts) -> PrismaCounts:
    """What of the counts is told of a past moment, too."""
    sources = tuple((files.name_of(path), number) for path, number in counts.sources)
    return replace(counts, sources=sources, conflicts=None, progress=())


def is_within(limit: Limit, year: int) -> bool:
    return year >= 2000 if limit.name == YEARS.name else year != 1990


class Machine(RuleBasedStateMachine):
    @initialize()
    def start(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.clock, self.patches = Clock(), contextlib.ExitStack()
        for module in (act_log, acting):
            self.patches.enter_context(mock.patch.object(module, "utc_now", self.clock))
        self.moments: list[tuple[datetime, PrismaCounts]] = []
        self.review = Review.create(Path(self.folder.name) / "r.leads", Question(population="adults"))
        self.review.db._connection.execute("PRAGMA synchronous = OFF")  # faster; durability has its own tests
        self.files = self.said = self.pdfs = 0
        self.log: list[tuple[int, Stage, Choice, str]] = []
        self.stacks: dict[Key, list[Said]] = {}
        self.apart: set[frozenset[int]] = set()
        self.together: set[frozenset[int]] = set()
        self.served: dict[str, Served] = {}
        self.rules = {stage: Rule() for stage in Stage}
        self.linked: list[set[int]] = []

    @property
    def records(self) -> list[int]:
        return [member.id for member in groups.members(self.review.db)]

    @property
    def present(self) -> list[int]:
        """Records whose report is in the review."""
        absent = sources.absent_records(self.review.db)
        return [member.id for member in groups.members(self.review.db) if member.head not in absent]

    @rule(topics=st.lists(st.integers(0, 4), min_size=1, max_size=4), abstract=st.booleans())
    def import_(self, topics: list[int], abstract: bool) -> None:
        self.files += 1
        file = Path(self.folder.name) / f"{self.files}.jsonl"
        rows = [
            Citation(
                title=f"Topic {topic} in adults",
                doi=f"10.1/{topic}",
                abstract="words" * abstract,
                volume=str(self.files),
                year=(None, 1990, 2010)[(topic + self.files) % 3],
            )
            for topic in topics
        ]
        citations.write(file, rows, "jsonl")
        assert self.review.import_file(file).added == len(rows)
        assert self.review.import_file(file).added == 0

    @precondition(lambda self: self.records)
    @rule(data=st.data(), stage=STAGES, choice=st.sampled_from(list(Choice)), reviewer=REVIEWERS)
    def decide(self, data: st.DataObject, stage: Stage, choice: Choice, reviewer: str) -> None:
        record = data.draw(st.sampled_from(self.records[:5]))
        head = self.review.record(record).id
        abstract = self.review.record(head).decisions.get(Stage.ABSTRACT)
        try:
            self.review.decide(record, stage, choice, reviewer=reviewer)
        except ReviewError:
            if head in sources.absent_records(self.review.db):
                return
            assert stage is Stage.FULLTEXT
            assert abstract is None or abstract.choice is not Choice.INCLUDE
            return
        self.said += 1
        self.stacks.setdefault((head, stage, reviewer), []).append((self.said, choice))
        self.log.append((head, stage, choice, reviewer))

    @precondition(lambda self: any(self.stacks.values()))
    @rule(data=st.data(), choice=st.sampled_from(list(Choice)), reviewer=REVIEWERS)
    def change_ones_mind(self, data: st.DataObject, choice: Choice, reviewer: str) -> None:
        record, stage, _ = data.draw(st.sampled_from(sorted(key for key, stack in self.stacks.items() if stack)))
        head = self.review.record(record).id
        if stage is Stage.ABSTRACT and head not in sources.absent_records(self.review.db):
            self.review.decide(record, stage, choice, reviewer=reviewer)
            self.said += 1
            self.stacks.setdefault((head, stage, reviewer), []).append((self.said, choice))
            self.log.append((head, stage, choice, reviewer))

    @precondition(lambda self: self.present)
    @rule(data=st.data(), stage=STAGES, choice=st.sampled_from(list(Choice)), reviewer=REVIEWERS)
    def decide_many(self, data: st.DataObject, stage: Stage, choice: Choice, reviewer: str) -> None:
        records = data.draw(st.lists(st.sampled_from(self.present[:6]), min_size=1, max_size=4))
        heads = list(dict.fromkeys(self.review.record(record).id for record in records))
        if stage is Stage.FULLTEXT:
            included = set(self.review.record_ids(stage))
            if not included.issuperset(heads):
                before = self.everything()
                with pytest.raises(ReviewError):
                    self.review.decide_many(records, stage, choice, reviewer=reviewer)
                assert self.everything() == before
                return
        assert len(self.review.decide_many(records, stage, choice, reviewer=reviewer)) == len(heads)
        self.said += 1
        for place, head in enumerate(heads):
            self.stacks.setdefault((head, stage, reviewer), []).append((self.said + place / 100, choice))
            self.log.append((head, stage, choice, reviewer))

    @rule(stage=STAGES, reviewer=st.sampled_from(["", "", "Ann", "Bob"]))
    def undo(self, stage: Stage, reviewer: str) -> None:
        listed = set(self.review.record_ids(stage))
        tops = {
            key: stack[-1]
            for key, stack in self.stacks.items()
            if key[1] is stage and stack and reviewer in ("", key[2]) and self.review.record(key[0]).id in listed
        }
        taken = self.review.undo(stage, reviewer)
        if not tops:
            assert taken is None
            return
        key = max(tops, key=lambda one: tops[one][0])
        assert taken is not None
        assert (taken.record_id, taken.choice, taken.reviewer) == (self.review.record(key[0]).id, tops[key][1], key[2])
        at_once = int(tops[key][0])
        for stack in self.stacks.values():
            if stack and int(stack[-1][0]) == at_once:
                stack.pop()

    @rule(reviewer=REVIEWERS)
    def undo_anything_and_redo_it(self, reviewer: str) -> None:
        before = self.everything()
        undone = self.review.undo_last(reviewer)
        if undone:
            assert self.review.redo(reviewer)
        assert self.everything() == before

    def everything(self) -> object:
        members: dict[int, set[int]] = {}
        for member in groups.members(self.review.db):
            members.setdefault(member.head, set()).add(member.id)
        return (
            decisions.decision_rows(self.review.db),
            sorted(map(sorted, members.values())),
            self.review.rules(),
            self.review.counts(),
            annotation_rows.all_rows(self.review.db),
            self.review.attachments(),
            self.review.sources(),
            self.review.studies(),
            study_rows.distinct(self.review.db),
            self.review.ruled_out(),
        )

    @precondition(lambda self: self.present)
    @rule(data=st.data(), reviewer=REVIEWERS, text=st.sampled_from(["", "x", "10.1000/y"]))
    def add_to_a_record(self, data: st.DataObject, reviewer: str, text: str) -> None:
        record = data.draw(st.sampled_from(self.present[:5]))
        match data.draw(st.integers(0, 3)):
            case 0:
                self.review.set_note(record, text, reviewer)
                head = self.review.record(record).id
                stands = annotation_rows.text_of(self.review.db, head, ActKind.NOTE, reviewer)
                assert stands == (text or None)
            case 1:
                self.review.set_tags(record, [text], ["x", "10.1000/y"], reviewer)
                assert self.review.annotations(record).tags == (text,) * bool(text)
            case 2:
                self.review.set_priority(record, Priority.HIGH if text else None, reviewer)
                assert self.review.annotations(record).priority == (Priority.HIGH if text else None)
            case _:
                self.review.correct(record, Field.DOI, text if text != "x" else None, reviewer)
                doi = self.review.citation(record).doi
                assert doi.startswith("10.1/") if text == "x" else doi == text

    def studies(self) -> dict[int, set[int]]:
        """Of each report its study, by what was linked."""
        head_of = {member.id: member.head for member in groups.members(self.review.db)}
        study_of = {head: {head} for head in head_of.values()}
        for records in self.linked:
            whole = set().union(*(study_of[head_of[record]] for record in records))
            study_of.update(dict.fromkeys(whole, whole))
        return study_of

    @precondition(lambda self: len(self.present) > 1)
    @rule(data=st.data(), reviewer=REVIEWERS, label=st.sampled_from(["", "BIG"]))
    def link_reports(self, data: st.DataObject, reviewer: str, label: str) -> None:
        records = data.draw(st.lists(st.sampled_from(self.present), min_size=2, max_size=3, unique=True))
        heads = {self.review.record(record).id for record in records}
        if len(heads) == 1:
            with pytest.raises(InputError):
                self.review.link_reports(records, label, reviewer=reviewer)
            return
        made = self.review.link_reports(records, label, reviewer=reviewer)
        assert heads <= set(made.reports)
        assert label in ("", made.label)
        self.linked.append(heads)

    @precondition(lambda self: self.linked)
    @rule(data=st.data(), reviewer=REVIEWERS)
    def unlink_a_report(self, data: st.DataObject, reviewer: str) -> None:
        record = data.draw(st.sampled_from(sorted(self.linked[0])))
        head, absent = self.review.record(record).id, sources.absent_records(self.review.db)
        others = self.studies()[head] - {head}
        try:
            self.review.unlink_reports([record], reviewer)
        except (InputError, ReviewError):
            assert head in absent or others <= absent
            return
        members = {member.id for member in groups.members(self.review.db) if member.head == head}
        self.linked = [records - members for records in self.linked] + [others - absent]

    @precondition(lambda self: len(self.present) > 1)
    @rule(data=st.data(), reviewer=REVIEWERS)
    def tell_two_apart(self, data: st.DataObject, reviewer: str) -> None:
        records = data.draw(st.lists(st.sampled_from(self.present), min_size=2, max_size=2, unique=True))
        with contextlib.suppress(InputError):  # linked, or one report
            self.review.tell_apart(records, reviewer)
        assert not any(set(records) <= set(one.reports) for one in self.review.study_suggestions())

    @rule(stage=STAGES, decided=RULES)
    def decide_otherwise(self, stage: Stage, decided: Rule) -> None:
        self.review.set_rule(stage, decided, "Ann")
        self.rules[stage] = decided

    @rule(changed=LIMITS)
    def check_by_other_rules(self, changed: tuple[Limit, ...]) -> None:
        foreseen = self.review.preview_limits(changed).ruled_out
        self.review.set_limits(changed)
        assert self.review.limits() == changed
        assert self.review.ruled_out() == {head: answer.limit.name for head, answer in foreseen.items()}

    @precondition(lambda self: self.present)
    @rule(data=st.data(), year=st.sampled_from(["1990", "2010", None]))
    def correct_the_year(self, data: st.DataObject, year: str | None) -> None:
        self.review.correct(data.draw(st.sampled_from(self.present[:5])), Field.YEAR, year, "Ann")

    @rule(turned=st.booleans())
    def put_the_reasons_in_another_order(self, turned: bool) -> None:
        reasons = self.review.reasons()
        self.review.set_reasons(reasons[::-1] if turned else (*reasons[1:], reasons[0]))
        assert {one.key for one in self.review.reasons()} == {one.key for one in reasons}

    @precondition(lambda self: self.present)
    @rule(data=st.data(), missing=st.booleans(), reviewer=REVIEWERS)
    def say_that_it_could_not_be_had(self, data: st.DataObject, missing: bool, reviewer: str) -> None:
        record = data.draw(st.sampled_from(self.present[:5]))
        view = self.review.record(record)
        abstract, full = view.decisions.get(Stage.ABSTRACT), view.decisions.get(Stage.FULLTEXT)
        try:
            self.review.set_not_retrieved(record, missing, reviewer)
        except ReviewError:
            assert missing
            has_paper = protocol_rows.readable_fulltext(self.review.db, view.id)
            assert has_paper or full is not None or abstract is None or abstract.choice is not Choice.INCLUDE
            return
        assert (self.review.record(record).not_retrieved_by is not None) == missing

    @rule()
    def dedupe(self) -> None:
        self.review.dedupe()
        after = groups.members(self.review.db)
        self.review.dedupe()
        assert groups.members(self.review.db) == after

    @precondition(lambda self: self.records)
    @rule(data=st.data())
    def separate(self, data: st.DataObject) -> None:
        record = data.draw(st.sampled_from(self.records))
        group = self.group(record) - {record}
        if not group:
            with pytest.raises(InputError):
                self.review.separate(record)
            return
        assert set(self.review.separate(record)) == group
        self.apart |= {frozenset((record, other)) for other in group}
        self.together = {pair for pair in self.together if record not in pair}

    @precondition(lambda self: self.apart)
    @rule(data=st.data())
    def rejoin(self, data: st.DataObject) -> None:
        record = data.draw(st.sampled_from(sorted({one for pair in self.apart for one in pair})))
        own = self.group(record)
        self.review.rejoin(record)
        self.apart = {pair for pair in self.apart if len(own & pair) != 1}

    @precondition(lambda self: len(self.records) > 1)
    @rule(data=st.data())
    def join(self, data: st.DataObject) -> None:
        one, other = (data.draw(st.sampled_from(self.records)) for _ in range(2))
        halves = self.group(one), self.group(other)
        if halves[0] == halves[1]:
            with pytest.raises(InputError):
                self.review.join_records(one, other)
            return
        assert set(self.review.join_records(one, other)) == halves[0] | halves[1]
        self.apart -= {frozenset(pair) for pair in product(*halves)}

    def group(self, record: int) -> set[int]:
        heads = {member.id: member.head for member in groups.members(self.review.db)}
        return {one for one, head in heads.items() if head == heads[record]}

    @precondition(lambda self: self.files)
    @rule(data=st.data(), reviewer=REVIEWERS)
    def withdraw_a_source_or_have_it_back(self, data: st.DataObject, reviewer: str) -> None:
        source = data.draw(st.sampled_from(self.review.sources()))
        self.review.acting = reviewer
        self.review.withdraw(source.sha256, "wrong", withdrawn=not source.withdrawn)
        self.review.acting = ""

    @rule()
    def attach_a_pdf(self) -> None:
        self.pdfs += 1
        document = paper(f"Paper {self.pdfs}", ["Words."])
        before = self.review.counts()
        with self.review.db.transaction():
            documents.put(self.review.db, document)
            stored = file_links.require(self.review.db, document.sha256)
            file_links.attach(self.review.db, self.review._acts.log, stored, 0, "matched none")
        self.served[document.sha256] = Served()
        assert self.review.counts() == before

    @precondition(lambda self: self.pdfs)
    @rule(data=st.data(), what=SAYINGS, part=PARTS)
    def say_what_a_pdf_is(self, data: st.DataObject, what: Saying, part: FilePart) -> None:
        file = data.draw(st.sampled_from(self.review.attachments())).sha256
        own = documents.own_record(self.review.db, file)
        heads = {member.id: member.head for member in groups.members(self.review.db)}
        named = what in (Saying.LINK, Saying.ALSO, Saying.UNLINK_ONE)
        if named and not heads:
            return
        record = data.draw(st.sampled_from(sorted(heads))) if named else 0
        self.review.acting = "Bob"
        try:
            say_of_a_file(self.review, file, what, record, part)
        except ReviewError:
            return
        finally:
            self.review.acting = ""
        made = documents.own_record(self.review.db, file)
        first = self.served[file].say(what, record or made, part, heads)
        if first is not None and own:
            if first not in (0, own):
                self.apart -= {frozenset((own, one)) for one, head in heads.items() if head == heads[first]}
            self.together = {pair for pair in self.together if own not in pair}

    @invariant()
    def files_belong_where_people_said(self) -> None:
        for file, links in documents.all_links(self.review.db).items():
            assert (links.first, dict(links.parts)) == (self.served[file].first, self.served[file].parts)
        shown = {one.sha256: {link.record_id for link in one.links} for one in self.review.attachments()}
        for file, served in self.served.items():
            assert shown[file] == {self.review.record(record).id for record in served.parts}

    @precondition(lambda self: self.present)
    @rule(reviewer=REVIEWERS)
    def continue_as_an_update(self, reviewer: str) -> None:
        everything = self.everything_decided()
        included = set(self.review.record_ids(Stage.FULLTEXT, RecordFilter.INCLUDED))
        self.review.acting = reviewer
        self.review.begin_update(f"Update {len(self.moments)}")
        self.review.acting = ""
        counts = self.review.counts()
        update = counts.update
        assert update is not None
        assert (update.previous, update.total, update.dropped, update.unsettled) == (len(included), len(included), 0, 0)
        assert (counts.sources, counts.from_pdfs, counts.included, counts.fulltext_excluded) == ((), 0, 0, 0)
        assert self.everything_decided() == everything

    def everything_decided(self) -> object:
        lists = [self.review.record_ids(stage, show) for stage in Stage for show in RecordFilter]
        return decisions.decision_rows(self.review.db), decisions.outcome_rows(self.review.db), lists

    @rule()
    def reopen(self) -> None:
        self.review.close()
        self.review = Review.open(self.review.path)
        self.review.db._connection.execute("PRAGMA synchronous = OFF")

    @invariant()
    def nothing_decided_is_lost(self) -> None:
        db = self.review.db
        logged = [decisions.decision_of(act, record) for act, record in acts.of_kinds(db, [ActKind.DECIDE])]
        assert [(d.record_id, d.stage, d.choice, d.reviewer) for d in logged] == self.log
        heads = {member.id: member.head for member in groups.members(db)}
        for head in set(heads.values()):
            kept = [entry.decision for entry in decisions.history(db, head) if entry.action == "decided"]
            assert kept == [decision for decision in logged if heads[decision.record_id] == head]

    @invariant()
    def what_stands_is_what_was_said_last(self) -> None:
        members: dict[int, list[int]] = {}
        for member in groups.members(self.review.db):
            members.setdefault(member.head, []).append(member.id)
        absent = sources.absent_records(self.review.db)
        for head, records in members.items():
            for stage in Stage:
                said: dict[str, Said] = {}
                for (record, at, reviewer), stack in self.stacks.items():
                    if record in records and at is stage and stack:
                        said[reviewer] = max(said.get(reviewer, stack[-1]), stack[-1])
                standing = self.review.record(head).decisions.get(stage)
                expected = self.holds(stage, head, said) if set(records) - absent else None
                assert (standing.choice if standing is not None else None) == expected

    def holds(self, stage: Stage, head: int, said: dict[str, Said]) -> Choice | None:
        """What holds where each reviewer has ``said`` something, by the words of the rule."""
        kind, choices = self.rules[stage].kind, [choice for _, choice in sorted(said.values())]
        if not choices:
            return None
        if kind is RuleKind.LATEST:
            return choices[-1]
        if len(set(choices)) > 1 or head in groups.differing_by_one(self.review.db, stage, [head]):
            return None
        two = kind is RuleKind.TWO or (kind is RuleKind.SECOND_CHECK and choices[0] is Choice.EXCLUDE)
        if kind is RuleKind.SHARE:
            two = outcomes.is_drawn(self.rules[stage], store.names_of_group(self.review.db, head))
        return choices[0] if len(choices) > two else None

    @invariant()
    def all_follows_from_the_log(self) -> None:
        with contextlib.closing(self.review.db.copied()) as moment:
            assert list(log_check.find_breaks(moment)) == []

    @invariant()
    def what_could_not_be_had_is_counted_once(self) -> None:
        c, every = self.review.counts(), self.review.record_ids(Stage.FULLTEXT)
        missing = [head for head in every if self.review.record(head).not_retrieved_by is not None]
        decided = {*self.review.record_ids(Stage.FULLTEXT, RecordFilter.INCLUDED)}
        decided |= {*self.review.record_ids(Stage.FULLTEXT, RecordFilter.EXCLUDED)}
        assert c.not_retrieved_said == len(set(missing) - decided) <= c.not_retrieved

    @invariant()
    def groups_hold_together(self) -> None:
        members = {member.id: member for member in groups.members(self.review.db)}
        for member in members.values():
            assert members[member.head].head == member.head
            assert not member.separate
        assert all(len({members[one].head for one in pair}) == 2 for pair in self.apart)
        assert all(members[min(pair)].head == members[max(pair)].head for pair in self.together)
        self.together |= {
            frozenset({member.id, member.head}) for member in members.values() if member.id != member.head
        }
        grouped = {member.head for member in members.values() if member.id != member.head}
        assert grouped == set(groups.stored_groups(self.review.db))

    @invariant()
    def every_report_is_of_one_study(self) -> None:
        absent, follows = sources.absent_records(self.review.db), self.studies()
        for study in self.review.studies():
            assert set(study.reports) == follows[study.number] - absent
        listed = [report for study in self.review.studies() for report in study.reports]
        included = set(self.review.record_ids(Stage.FULLTEXT, RecordFilter.INCLUDED))
        assert len(set(listed)) == len(listed) and included <= set(listed)
        with_included = [study for study in self.review.studies() if included.intersection(study.reports)]
        counts = self.review.counts()
        if counts.update is None:
            assert (counts.studies, counts.included) == (len(with_included), len(included))
            return
        assert (counts.update.total_studies, counts.update.total) == (len(with_included), len(included))
        before = self.included_before()
        new = [study for study in with_included if not before.intersection(follows[study.number])]
        parts = {frozenset(follows[report]) for report in before}
        assert (counts.studies, counts.update.previous_studies) == (len(new), len(parts))

    def included_before(self) -> set[int]:
        """The reports that are in the review and were included in its previous version."""
        held = update_rows.read(self.review.db)[1]
        head_of = {member.id: member.head for member in groups.members(self.review.db)}
        found = {head_of[record] for record, choice in held.items() if choice == Choice.INCLUDE}
        return found - sources.absent_records(self.review.db)

    @invariant()
    def what_has_left_is_nowhere(self) -> None:
        out = {source.sha256 for source in self.review.sources() if source.withdrawn}
        absent = {
            record
            for record, (source, _) in store.all_names(self.review.db).items()
            if source in out or source in self.without_its_pdf()
        }
        assert absent == sources.absent_records(self.review.db)
        members = groups.members(self.review.db)
        assert self.records_in_boxes() == len(members) - len(absent)
        assert absent.isdisjoint(self.review.record_ids(Stage.ABSTRACT))
        assert {member.head for member in members if member.id not in absent}.isdisjoint(absent)

    def records_in_boxes(self) -> int:
        """Each record of the review once: in the flow, or of a report that an update has from before and does not count
        in it."""
        counts = self.review.counts()
        if counts.update is None:
            return counts.identified
        update, (known, _) = counts.update, update_rows.read(self.review.db)
        absent = sources.absent_records(self.review.db)
        named = store.all_names(self.review.db)
        heads = {member.id: member.head for member in groups.members(self.review.db)}
        before = {record for record, (source, _) in named.items() if source in known}
        reports, earlier = {heads[record] for record in named if record not in absent}, {heads[one] for one in before}
        assert counts.to_screen + counts.ruled_out == len(reports - earlier) + update.carried
        assert len(reports & earlier) == update.previous + update.left + update.carried
        return len(before - absent) + counts.identified - update.carried

    def without_its_pdf(self) -> set[str]:
        """The PDFs that belong to another record than that which was made for them, or to none."""
        links = documents.all_links(self.review.db)
        own = {file: documents.own_record(self.review.db, file) for file in links}
        return {file for file, found in links.items() if own[file] not in found.parts}

    @invariant()
    def the_flow_adds_up(self) -> None:
        c = self.review.counts()
        assert c.identified == c.to_screen + c.ruled_out + c.duplicates
        carried, known = (c.update.carried, c.update.known) if c.update else (0, 0)
        assert c.identified == sum(number for _, number in c.sources) + c.from_pdfs + carried
        assert known <= c.duplicates
        assert sum(number for _, number in c.ruled_out_by) == c.ruled_out <= len(self.review.ruled_out())
        assert c.update or c.ruled_out == len(self.review.ruled_out())
        assert c.to_screen == c.screened + c.unscreened
        assert c.screened == c.excluded + c.maybe + c.sought
        assert c.sought == c.not_retrieved + c.awaiting + c.assessed
        assert c.assessed == c.fulltext_excluded + c.included
        assert sum(number for _, number in c.reasons) == c.fulltext_excluded
        included = self.review.record_ids(Stage.FULLTEXT, RecordFilter.INCLUDED)
        assert (c.update.total if c.update else c.included) == len(included)

    @invariant()
    def the_log_tells_the_same_flow(self) -> None:
        stands = flow_alone(self.review.counts())
        assert flow_alone(self.review.counts_at(self.clock.now).counts) == stands
        self.moments.append((self.clock.now, stands))

    @invariant()
    def lists_are_a_partition(self) -> None:
        for stage in Stage:
            parts = [
                self.review.record_ids(stage, show)
                for show in (RecordFilter.UNDECIDED, RecordFilter.INCLUDED, RecordFilter.EXCLUDED, RecordFilter.MAYBE)
            ]
            assert (
                sorted(record for part in parts for record in part)
                == self.review.record_ids(stage)
                == sorted(self.review.record_ids(stage, order=RecordOrder.SCORE))
            )

    @invariant()
    def every_report_is_to_be_screened_or_ruled_out(self) -> None:
        """A limit takes out what is not within it and nobody has decided; no list but its own has that."""
        excluding = [limit for limit in self.review.limits() if limit.excludes]
        out = self.review.record_ids(Stage.ABSTRACT, RecordFilter.RULED_OUT)
        screened, heads = self.review.record_ids(Stage.ABSTRACT), {self.review.record(one).id for one in self.present}
        assert sorted([*out, *screened]) == sorted(heads)
        assert out == sorted(self.review.ruled_out())
        absent = sources.absent_records(self.review.db)
        for head in heads:
            view = self.review.record(head)
            members = {one.id for one in groups.members(self.review.db) if one.head == head} - absent
            years = {year for one in members if (year := self.review.citation(one).year) is not None}
            expected = [limit.name for limit in excluding if {is_within(limit, year) for year in years} == {False}]
            decided = view.states.get(Stage.ABSTRACT) is not None
            assert view.ruled_out_by == ("" if decided else (*expected, "")[0])
            assert (head in out) == bool(view.ruled_out_by)

    def teardown(self) -> None:
        if hasattr(self, "review"):
            for moment, stood in self.moments:
                assert flow_alone(self.review.counts_at(moment).counts) == stood
            self.review.close()
            self.folder.cleanup()
            self.patches.close()


TestStates = Machine.TestCase
TestStates.settings = settings(
    max_examples=15,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
