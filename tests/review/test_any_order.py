"""Everything that people do to a review, with PDFs, undo and redo, in random orders: what stands always follows from
the log, redo brings back what undo took, and no two criteria get one name.

``test_states`` knows what must hold after each step; here more is done, by more people, and only that is looked at.
"""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from leads_local import citations
from leads_local.documents import pool
from leads_local.errors import LeadsError
from leads_local.records import Choice, Citation, Criterion, Document, Question, Stage
from leads_local.review import checking, log_check
from leads_local.review.outcomes import Rule, RuleKind
from leads_local.review.packages import PackageOrder
from leads_local.review.review import Review
from leads_local.review.store import groups
from tests.review.conftest import paper
from tests.review.copies import set_apart_as_before

STEPS = 40


def state(review: Review) -> object:
    views = [review.record(head) for head in review.record_ids(Stage.ABSTRACT)]
    plain = [(view.id, view.duplicates, view.decisions, view.votes, view.states, view.fulltext) for view in views]
    asked = [review.question, *(review.criteria(stage) for stage in Stage)]
    return plain, groups.members(review.db), asked, review.rules(), review.attachments(), review.counts()


class Walk:
    """One review and what chance does to it."""

    def __init__(self, folder: Path, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.chance, self.patch, self.files = folder, random.Random(seed), monkeypatch, 0
        self.review = Review.create(folder / "r.leads", Question(population="adults"))
        self.review.db._connection.execute("PRAGMA synchronous = OFF")
        self.import_()

    def import_(self) -> None:
        self.files += 1
        topics = self.chance.choices(range(4), k=self.chance.randint(1, 3))
        rows = [Citation(title=f"Topic {t} in adults of many kinds", doi=f"10.1/{t}", number=1) for t in topics]
        file = self.folder / f"{self.files}.jsonl"
        citations.write(file, [replace(row, volume=str(self.files)) for row in rows], "jsonl")
        self.review.import_file(file)

    def attach(self) -> None:
        self.files += 1
        file, sha256 = self.folder / f"{self.files}.pdf", f"{self.files:064d}"
        file.write_bytes(f"%PDF {self.files}".encode())
        title = self.chance.choice(["Topic 1 in adults of many kinds", f"A paper {self.files} of its own"])
        read = self.chance.choice([paper(title, ["Words."], sha256), Document("", sha256, problem="it is damaged")])
        self.patch.setattr(pool, "read_many", lambda paths: iter([replace(read, path=str(file))]))
        self.review.attach(file)

    def link(self) -> None:
        if attached := self.review.attachments():
            self.review.link(self.chance.choice(attached).sha256, self.record)

    def share(self) -> None:
        """What is given out is sound, too, whatever was done before."""
        self.files += 1
        path = self.folder / f"{self.files}.leads"
        self.review.share(path, PackageOrder("Ann", self.stage, (self.record,), decisions=self.chance.random() < 0.5))
        assert checking.check_file(path).findings == ()

    def undo_last(self) -> None:
        before = state(self.review)
        if self.review.undo_last() and self.chance.random() < 0.5:
            assert self.review.redo()
            assert state(self.review) == before

    def set_rule(self) -> None:
        kind = self.chance.choice(list(RuleKind))
        self.review.set_rule(self.stage, Rule(kind, 0.5 if kind is RuleKind.SHARE else 0.0))

    def set_criteria(self) -> None:
        names = self.chance.sample(["Design", "Population", "Setting"], self.chance.randint(0, 2))
        self.review.set_criteria([Criterion(name, "text") for name in names], self.chance.choice([None, self.stage]))

    @property
    def stage(self) -> Stage:
        return self.chance.choice([Stage.ABSTRACT, Stage.ABSTRACT, Stage.FULLTEXT])

    @property
    def record(self) -> int:
        return self.chance.choice(groups.members(self.review.db)).id

    def step(self) -> None:
        review, choice = self.review, self.chance.choice(list(Choice))
        review.acting = self.chance.choice(["Ann", "Bob", ""])
        ways: list[tuple[int, Callable[[], object]]] = [
            *((2, self.import_), (2, self.attach), (4, self.link), (2, self.set_rule), (2, self.set_criteria)),
            *((5, self.undo_last), (2, review.redo), (2, review.dedupe), (1, self.share)),
            (8, lambda: review.decide(self.record, self.stage, choice, "why")),
            (2, lambda: review.adjudicate(self.record, self.stage, choice)),
            (2, lambda: review.undo(self.stage, review.acting)),
            (3, lambda: review.separate(self.record)),
            (2, lambda: review.separate(self.record, [self.record])),
            (2, lambda: review.rejoin(self.record)),
            (2, lambda: review.join_records(self.record, self.record)),
            (1, lambda: set_apart_as_before(review, self.record)),
            (2, lambda: review.set_question(Question(population=self.chance.choice(["", "adults", "children"])))),
        ]
        with contextlib.suppress(LeadsError):
            self.chance.choices([way for _, way in ways], [weight for weight, _ in ways])[0]()


@pytest.mark.parametrize("seed", range(8))
def test_what_stands_follows_from_the_log(tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    walk = Walk(tmp_path, seed, monkeypatch)
    with walk.review as review:
        for _ in range(STEPS):
            walk.step()
            with contextlib.closing(review.db.copied()) as moment:
                assert list(log_check.find_breaks(moment)) == []
            for stage in Stage:
                names = [criterion.name.casefold() for criterion in review.criteria(stage)]
                assert len(set(names)) == len(names)
