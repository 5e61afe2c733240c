"""Whatever people do in copies of a review, and in whatever order these are merged: the result is the same, explains
itself, and loses nothing."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from leads_local import citations
from leads_local.citations.limits import Limit, LimitField
from leads_local.errors import InputError, LeadsError, ReviewError
from leads_local.records import Choice, Citation, Criterion, Eligibility, Question, Stage
from leads_local.review import file_links
from leads_local.review.annotations import Field
from leads_local.review.attachments import FilePart
from leads_local.review.outcomes import Rule, RuleKind
from leads_local.review.read_models import ValueStatus
from leads_local.review.review import Review
from leads_local.review.store import documents, groups, values
from tests.review.conftest import paper
from tests.review.copies import check_flow, copied, judge, merged, open_quickly, set_apart_as_before, told
from tests.review.serving import PARTS, SAYINGS, Saying, say_of_a_file

COPIES = st.integers(0, 2)
STAGES = st.sampled_from([Stage.ABSTRACT, Stage.ABSTRACT, Stage.FULLTEXT])
REVIEWERS = st.sampled_from(["Ann", "Bob"])
CHOICES = st.sampled_from(list(Choice))
RULES = st.sampled_from([Rule(kind, 0.5 if kind is RuleKind.SHARE else 0.0) for kind in RuleKind])


class Machine(RuleBasedStateMachine):
    @initialize(topics=st.lists(st.integers(0, 3), min_size=2, max_size=4))
    def start(self, topics: list[int]) -> None:
        self.place = tempfile.TemporaryDirectory()
        self.folder = Path(self.place.name)
        first = self.folder / "0.leads"
        with Review.create(first, Question(population="adults")) as review:
            review.import_file(self.file(topics, 0))
            for title in ("A congress", "A thesis"):
                document = paper(title, ["Words."])
                with review.db.transaction():
                    documents.put(review.db, document)
                    stored = file_links.require(review.db, document.sha256)
                    file_links.attach(review.db, review._acts.log, stored, 0, "matched none")
        self.paths = [first, copied(first, "1.leads"), copied(first, "2.leads")]
        self.reviews = [open_quickly(path) for path in self.paths]

    def file(self, topics: list[int], number: int) -> Path:
        file = self.folder / f"{number}.jsonl"
        rows = [
            Citation(
                title=f"Topic {topic} in adults",
                doi=f"10.1/{topic}",
                volume=str(number),
                abstract="w" * (n % 2),
                year=1990 + n,
            )
            for n, topic in enumerate(topics)
        ]
        citations.write(file, rows, "jsonl")
        return file

    def record(self, copy: int, data: st.DataObject) -> int:
        return data.draw(st.sampled_from([member.id for member in groups.members(self.reviews[copy].db)][:5]))

    @rule(copy=COPIES, topics=st.lists(st.integers(0, 3), min_size=1, max_size=3), number=st.integers(1, 3))
    def import_(self, copy: int, topics: list[int], number: int) -> None:
        self.reviews[copy].import_file(self.file(topics, number))

    @rule(copy=COPIES, data=st.data(), stage=STAGES, choice=CHOICES, reviewer=REVIEWERS)
    def decide(self, copy: int, data: st.DataObject, stage: Stage, choice: Choice, reviewer: str) -> None:
        try:
            self.reviews[copy].decide(self.record(copy, data), stage, choice, "why", reviewer)
        except ReviewError as error:
            assert stage is Stage.FULLTEXT or "its PDF belongs to another record" in str(error)

    @rule(copy=COPIES, data=st.data(), choice=CHOICES, reviewer=REVIEWERS)
    def adjudicate(self, copy: int, data: st.DataObject, choice: Choice, reviewer: str) -> None:
        try:
            self.reviews[copy].adjudicate(self.record(copy, data), Stage.ABSTRACT, choice, reviewer=reviewer)
        except ReviewError as error:
            assert "nobody has decided" in str(error) or "its PDF belongs to another record" in str(error)

    @rule(copy=COPIES, reviewer=REVIEWERS, times=st.integers(1, 3))
    def undo(self, copy: int, reviewer: str, times: int) -> None:
        for _ in range(times):
            self.reviews[copy].undo_last(reviewer)

    @rule(copy=COPIES, reviewer=REVIEWERS)
    def redo(self, copy: int, reviewer: str) -> None:
        self.reviews[copy].redo(reviewer)

    @rule(copy=COPIES, reviewer=REVIEWERS)
    def dedupe(self, copy: int, reviewer: str) -> None:
        self.reviews[copy].acting = reviewer
        self.reviews[copy].dedupe()

    @rule(
        copy=COPIES,
        data=st.data(),
        what=st.sampled_from(["all", "one", "back", "join", "as before"]),
        reviewer=REVIEWERS,
    )
    def say_of_duplicates(self, copy: int, data: st.DataObject, what: str, reviewer: str) -> None:
        review, record = self.reviews[copy], self.record(copy, data)
        review.acting = reviewer
        with contextlib.suppress(InputError):  # it is alone, or was not set apart
            match what:
                case "all":
                    review.separate(record)
                case "one":
                    review.separate(record, [self.record(copy, data)])
                case "back":
                    review.rejoin(record)
                case "join":
                    review.join_records(record, self.record(copy, data))
                case _:
                    set_apart_as_before(review, record)

    @rule(copy=COPIES, data=st.data(), what=SAYINGS, part=PARTS, reviewer=REVIEWERS)
    def say_what_a_pdf_is(self, copy: int, data: st.DataObject, what: Saying, part: FilePart, reviewer: str) -> None:
        review, record = self.reviews[copy], self.record(copy, data)
        review.acting = reviewer
        with contextlib.suppress(ReviewError):
            say_of_a_file(review, data.draw(st.sampled_from(review.attachments())).sha256, what, record, part)

    @rule(copy=COPIES, stage=STAGES, decided=RULES, reviewer=REVIEWERS)
    def decide_otherwise(self, copy: int, stage: Stage, decided: Rule, reviewer: str) -> None:
        self.reviews[copy].set_rule(stage, decided, reviewer)

    @rule(copy=COPIES, kept=st.booleans(), year=st.sampled_from(["2000-", "-1990"]), reviewer=REVIEWERS)
    def check_by_other_rules(self, copy: int, kept: bool, year: str, reviewer: str) -> None:
        self.reviews[copy].acting = reviewer
        self.reviews[copy].set_limits([Limit("Years", LimitField.YEAR, (year,), excludes=not kept)])

    @rule(copy=COPIES, data=st.data(), year=st.sampled_from(["1990", "2010", None]), reviewer=REVIEWERS)
    def correct_the_year(self, copy: int, data: st.DataObject, year: str | None, reviewer: str) -> None:
        self.reviews[copy].correct(self.record(copy, data), Field.YEAR, year, reviewer)

    @rule(copy=COPIES, words=st.sampled_from(["trials", "cohorts"]), stage=st.sampled_from([None, Stage.FULLTEXT]))
    def ask(self, copy: int, words: str, stage: Stage | None) -> None:
        self.reviews[copy].set_criteria([Criterion(f"Design {stage}", words)], stage)
        self.reviews[copy].set_question(Question(population=f"adults in {words}"))

    @rule(copy=COPIES, data=st.data(), word=st.sampled_from([Eligibility.YES, Eligibility.NO]), way=st.integers(1, 2))
    def let_the_model_judge(self, copy: int, data: st.DataObject, word: Eligibility, way: int) -> None:
        judge(self.reviews[copy], self.record(copy, data), word, f"{copy} {way}")

    @rule(copy=COPIES, data=st.data(), status=st.sampled_from(list(ValueStatus)), reviewer=REVIEWERS)
    def verify(self, copy: int, data: st.DataObject, status: ValueStatus, reviewer: str) -> None:
        found = [value.id for value in values.stream(self.reviews[copy].db)]
        if found:
            self.reviews[copy].verify(data.draw(st.sampled_from(found)), status, "edited", reviewer=reviewer)

    @rule(copy=COPIES, label=st.sampled_from(["Update 1", "Update 2"]), reviewer=REVIEWERS)
    def continue_(self, copy: int, label: str, reviewer: str) -> None:
        self.reviews[copy].acting = reviewer
        with contextlib.suppress(InputError):  # it was called so before
            self.reviews[copy].begin_update(label)

    @rule(
        copy=COPIES, data=st.data(), what=st.sampled_from(["link", "link", "unlink", "apart", "label"]), who=REVIEWERS
    )
    def say_what_is_one_study(self, copy: int, data: st.DataObject, what: str, who: str) -> None:
        review, records = self.reviews[copy], [self.record(copy, data), self.record(copy, data)]
        with contextlib.suppress(LeadsError):  # one report alone, or one study already
            match what:
                case "link":
                    review.link_reports(records, data.draw(st.sampled_from(["", "", "BIG"])), reviewer=who)
                case "unlink":
                    review.unlink_reports(records[:1], who)
                case "apart":
                    review.tell_apart(records, who)
                case _:
                    review.label_study(records[0], data.draw(st.sampled_from(["", "SMALL"])), who)

    @rule(into=COPIES, other=COPIES)
    def merge(self, into: int, other: int) -> None:
        if into != other:
            self.reviews[into].merge([self.paths[other]])

    def teardown(self) -> None:
        if not hasattr(self, "reviews"):
            return
        for review in self.reviews:
            review.close()
        a, b, c = self.paths
        merged(ab := copied(a, "ab.leads"), b)
        before = ab.read_bytes()
        assert merged(ab, b).kept is None
        assert ab.read_bytes() == before, "merging twice changes nothing"
        merged(ba := copied(b, "ba.leads"), a)
        assert told(ab) == told(ba)
        merged(ab, c)
        merged(ac := copied(a, "ac.leads"), c)
        merged(ac, b)
        merged(c_all := copied(c, "c_all.leads"), a, b)
        assert told(ab) == told(ac) == told(c_all)
        check_flow(ab)
        self.place.cleanup()


TestMerging = Machine.TestCase
TestMerging.settings = settings(
    max_examples=12,
    stateful_step_count=25,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],  # shrinking takes minutes
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
