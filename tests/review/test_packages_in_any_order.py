"""Whatever people do in a review and in its work packages, and in whatever order these come back: what stands is what
would stand if all of it had been done in one copy of the review."""

from __future__ import annotations

import contextlib
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from leads_local import citations
from leads_local.errors import LeadsError
from leads_local.records import Choice, Citation, Criterion, Decision, Eligibility, Question, Stage
from leads_local.review import checking, database, deciding
from leads_local.review.acts import ActKind, canonical
from leads_local.review.annotations import Field, Priority
from leads_local.review.outcomes import Rule, RuleKind
from leads_local.review.packages import PackageOrder
from leads_local.review.read_models import ValueStatus
from leads_local.review.review import Review
from leads_local.review.store import acts, groups, package_rows, values
from tests.review.copies import check_flow, copied, judge, merged, open_quickly, told
from tests.review.test_states import flow_alone

STEPS, SEEDS = 60, range(10)
Way = Callable[[Review], object]


class _Clock(datetime):
    """One second for each look at it, in each copy the same after ``ticks`` was set back."""

    ticks = 0

    @classmethod
    def now(cls, tz: object = None) -> datetime:
        cls.ticks += 1
        return datetime.fromtimestamp(1_800_000_000 + cls.ticks, UTC)


@dataclass
class Pair:
    """The same twice: ``parts`` is the review with its packages, or one of these; ``whole`` a copy in which the same is
    done."""

    parts: Review
    whole: Review

    def do(self, way: Way) -> None:
        """In both; nothing where the first does nothing, as a package may that knows less."""
        before, ticks = self.parts.db.rows_written(), _Clock.ticks
        with contextlib.suppress(LeadsError):
            way(self.parts)
            _Clock.ticks = ticks
            if self.parts.db.rows_written() != before:
                way(self.whole)


class Walk:
    """One review, its packages, and what chance does to them."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder, self.chance, self.count = folder, random.Random(seed), 0
        first = folder / "review.leads"
        with Review.create(first, Question(population="adults")) as review:
            review.import_file(self.file())
        self.origin = Pair(*(self.open(path, "o") for path in (first, copied(first, "whole.leads"))))
        self.packages: list[Pair] = []

    def open(self, path: Path, session: str) -> Review:
        review = open_quickly(path)
        review._acts.log._session = session
        return review

    def file(self) -> Path:
        self.count += 1
        topics = self.chance.choices(range(4), k=self.chance.randint(2, 4))
        file = self.folder / f"{self.count}.jsonl"
        rows = [Citation(title=f"Topic {t} in adults", doi=f"10.1/{t}", volume=str(self.count)) for t in topics]
        citations.write(file, rows, "jsonl")
        return file

    # ------------------------------------------------------------ in the review

    def share(self) -> None:
        """The whole copy gets the same act, and a copy of it is worked on in the package's place."""
        self.count += 1
        review, who = self.origin.parts, self.chance.choice(["Ann", "Dan"])
        stage = self.chance.choice(list(Stage))
        heads = review.record_ids(stage) or review.record_ids(stage := Stage.ABSTRACT)
        chosen = tuple(self.chance.sample(heads, self.chance.randint(1, len(heads)) if heads else 0))
        path, sees = self.folder / f"p{self.count}.leads", self.chance.random() < 0.3
        before = _Clock.ticks
        try:
            package = review.share(path, PackageOrder(who, stage, chosen, decisions=sees, scores=True))
        except LeadsError as error:
            assert not chosen, error
            return
        _Clock.ticks = before
        given = package_rows.of_kind(review.db, ActKind.SHARE, lambda act, _: act)[-1]
        with self.origin.whole.db.transaction():
            self.origin.whole._acts.log.write(
                ActKind.SHARE, canonical([package.session]), given.said_parts(), reviewer=given.reviewer, at=given.at
            )
        twin = self.folder / f"t{self.count}.leads"
        self.origin.whole.db.copy_to(twin)
        pair = Pair(self.open(path, "k"), self.open(twin, f"{package.session}-k"))
        pair.parts.acting = pair.whole.acting = who
        self.packages.append(pair)

    def work_on_review(self) -> None:
        chance, choice, who = self.chance, self.chance.choice(list(Choice)), self.chance.choice(["Ann", "Ben"])
        stage, record = chance.choice([Stage.ABSTRACT, Stage.FULLTEXT]), self.record(self.origin)
        other, file, words = self.record(self.origin), self.file(), chance.choice(["trials", "cohorts"])
        rule = Rule(kind := chance.choice(list(RuleKind)), 0.5 if kind is RuleKind.SHARE else 0.0)
        source = chance.choice(self.origin.parts.sources()).sha256
        out, value = chance.random() < 0.5, self.value(self.origin)
        judged, way = chance.choice([Eligibility.YES, Eligibility.NO]), str(chance.randint(1, 2))
        ways: list[tuple[int, Way]] = [
            (8, lambda review: review.decide(record, stage, choice, "why", who)),
            (2, lambda review: review.adjudicate(record, stage, choice, reviewer="Cay")),
            (3, lambda review: review.undo_last(who)),
            (2, lambda review: review.redo(who)),
            (2, lambda review: review.import_file(file)),
            (2, lambda review: review.dedupe()),
            (2, lambda review: review.separate(record)),
            (2, lambda review: review.separate(record, [other])),
            (1, lambda review: review.rejoin(record)),
            (1, lambda review: review.join_records(record, other)),
            (1, lambda review: review.withdraw(source, "wrong", withdrawn=out)),
            (2, lambda review: review.set_rule(stage, rule, who)),
            (1, lambda review: review.set_criteria([Criterion("Design", words)])),
            (2, lambda review: judge(review, record, judged, way)),
            (2, lambda review: self.verify(review, value, who)),
            (2, lambda review: review.set_note(record, words, who)),
            (2, lambda review: review.set_tags(record, [words], reviewer=who)),
        ]
        self.origin.do(chance.choices([way for _, way in ways], [weight for weight, _ in ways])[0])

    # ------------------------------------------------------------ in a package

    def work_on_package(self) -> None:
        if not self.packages:
            return
        pair, chance = self.chance.choice(self.packages), self.chance
        record, choice = self.record(pair), chance.choice(list(Choice))
        stage, words, value = chance.choice(list(Stage)), chance.choice(["large", "small"]), self.value(pair)
        word = chance.choice([*Priority, None])
        ways: list[tuple[int, Way]] = [
            (10, lambda review: self.decide(review, record, stage, choice)),
            (4, lambda review: review.undo_last()),
            (3, lambda review: review.redo()),
            (3, lambda review: review.set_note(record, words)),
            (2, lambda review: review.set_tags(record, [words])),
            (2, lambda review: review.set_priority(record, word)),
            (1, lambda review: review.correct(record, Field.TITLE, f"Topic {words}")),
            (3, lambda review: self.verify(review, value)),
            (2, lambda review: review.separate(record)),
            (1, lambda review: judge(review, record, Eligibility.PARTIAL, "p")),
        ]
        pair.do(chance.choices([way for _, way in ways], [weight for weight, _ in ways])[0])

    def decide(self, review: Review, record: int, stage: Stage, choice: Choice) -> None:
        if review.package() is not None:
            review.decide(record, stage, choice, "mine")
            return
        decision = Decision(review._head(record), stage, choice, "mine", review.acting, database.utc_now())
        with review.db.transaction():  # whatever others have made of its abstract
            deciding.decide(review.db, review._acts.log, decision)

    def value(self, pair: Pair) -> str:
        """The name of one, "" while there is none."""
        return self.chance.choice(sorted(values.all_names(pair.parts.db).values()) or [""])

    def verify(self, review: Review, name: str, who: str = "") -> None:
        if name:
            review.verify(values.find_named(review.db, json.loads(name)), ValueStatus.EDITED, "edited", reviewer=who)

    def merge(self) -> None:
        if self.packages:
            pair = self.chance.choice(self.packages)
            self.origin.parts.merge([pair.parts.path])
            self.origin.whole.merge([pair.whole.path])

    def record(self, pair: Pair) -> int:
        return self.chance.choice(groups.members(pair.parts.db)).id

    def step(self) -> None:
        ways = [(10, self.work_on_review), (2, self.share), (12, self.work_on_package), (2, self.merge)]
        self.chance.choices([way for _, way in ways], [weight for weight, _ in ways])[0]()

    def close(self) -> None:
        for pair in (self.origin, *self.packages):
            pair.parts.close()
            pair.whole.close()


def standing(path: Path) -> dict[str, object]:
    """``told``, but that the first acts of sessions need not follow the same act."""
    found = told(path)
    with Review.read(path) as review:
        found["acts"] = {
            (act.name, act.clock, act.gesture, act.kind, act.subject, act.said, act.reviewer, act.at)
            for act, _ in acts.stream(review.db)
        }
    return found


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(database, "datetime", _Clock)
    _Clock.ticks = 0
    yield


@pytest.mark.parametrize("seed", SEEDS)
def test_packages_come_back_as_if_all_had_been_done_in_one_copy(tmp_path: Path, seed: int, clock: None) -> None:
    walk = Walk(tmp_path, seed)
    try:
        for _ in range(STEPS // 6):
            walk.work_on_review()
        walk.share()
        for _ in range(STEPS):
            walk.step()
    finally:
        walk.close()
    assert walk.packages
    parts = [pair.parts.path for pair in walk.packages]
    for part in parts:
        assert checking.check_file(part).findings == ()
        check_flow(part)
        with Review.read(part) as package:
            assert flow_alone(package.counts_at(_Clock.now(UTC)).counts) == flow_alone(package.counts())
    begun = walk.origin.parts.path
    other = copied(begun, "other.leads")
    merged(begun, *parts)
    merged(other, *reversed(parts))
    merged(walk.origin.whole.path, *(pair.whole.path for pair in walk.packages))
    assert standing(begun) == standing(other)
    assert standing(begun) == standing(walk.origin.whole.path)
    assert merged(begun, *parts).kept is None, "merging twice changes nothing"
    check_flow(begun)
    assert checking.check_file(begun).findings == ()
