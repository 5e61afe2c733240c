"""Counts what a model got right: answers against gold, by task. Pure; an answer that can't be read counts as wrong
everywhere.

Values are compared without regard to case, white space and a full stop at the end, nothing else.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from leads_local.engine.types import Reply
from leads_local.errors import LeadsError
from leads_local.records import Eligibility
from leads_local.tasks import arms, characteristics, participants, replies, results, screening, search
from models.demo.training.items import JUDGED, Item

LABELS = tuple(Eligibility)
NAMED = {"n": "sample size", "cond": "condition", "a": "intervention", "mage": "age", "country": "country"}


@dataclass(slots=True)
class Score:
    """``right`` and ``total`` by figure; ``seen`` counts (gold label, label) for macro-F1; ``pairs`` hold the halves of
    each pair."""

    right: Counter[str] = field(default_factory=Counter)
    total: Counter[str] = field(default_factory=Counter)
    seen: Counter[tuple[Eligibility, Eligibility | None]] = field(default_factory=Counter)
    pairs: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))

    def count(self, figure: str, right: bool) -> None:
        self.total[figure] += 1
        self.right[figure] += right

    def judge(self, gold: Eligibility, found: Eligibility | None) -> None:
        self.seen[gold, found] += 1
        self.count("screening label", gold is found)

    def share(self, figure: str) -> float:
        return self.right[figure] / self.total[figure] if self.total[figure] else float("nan")

    @property
    def macro_f1(self) -> float:
        """The mean over the labels that occur in gold of the harmonic mean of precision and recall."""
        found = []
        for label in LABELS:
            hit = self.seen[label, label]
            gold = sum(n for (one, _), n in self.seen.items() if one is label)
            said = sum(n for (_, other), n in self.seen.items() if other is label)
            if gold:
                found.append(2 * hit / (gold + said))
        return sum(found) / len(found) if found else float("nan")

    def figures(self) -> dict[str, tuple[float, int]]:
        """Figure → (share, number of cases), in the order in which they first came, with macro-F1 and pairs."""
        told = {name: (self.share(name), total) for name, total in self.total.items()}
        if self.seen:
            told["screening macro-F1"] = (self.macro_f1, sum(self.seen.values()))
        if self.pairs:
            told["pairs that differ in the criterion"] = (
                sum(map(all, self.pairs.values())) / len(self.pairs),
                len(self.pairs),
            )
        return told


def same(one: str, other: str) -> bool:
    return plain(one) == plain(other)


def plain(text: str) -> str:
    return " ".join(text.split()).casefold().rstrip(".")


def score(items: Mapping[str, Item], answers: Iterable[Reply]) -> Score:
    """Score of the replies to ``items`` by request id."""
    found = Score()
    for reply in answers:
        item = items[reply.id]
        try:
            _READERS[item.task](found, item, reply)
        except LeadsError:
            _unreadable(found, item)
    return found


def _unreadable(found: Score, item: Item) -> None:
    found.count("answers that can be read", False)
    if item.task == "screening":
        if item.pair:
            found.pairs[pair_of(item)].append(False)
        for one in () if item.pair else item.about:
            found.judge(one.label, None)
    elif item.task == "characteristics":
        for key in item.about[1]:
            found.count(NAMED.get(key, "other fields"), False)
    else:
        found.count({"search": "search holds the terms and parses", "arms": "arms"}.get(item.task, item.task), False)


def pair_of(item: Item) -> str:
    """What both halves of a pair have in common."""
    return item.request.id.rpartition(":")[0]


def _screening(found: Score, item: Item, reply: Reply) -> None:
    judged = item.about
    got = screening.parse(reply, [one.criterion for one in judged])
    for one, judgement in zip(judged, got, strict=True):
        if not item.pair:  # their labels are mostly YES and would make the figure look better than it is
            found.judge(one.label, judgement.eligibility)
        _, said, quoted = judgement.rationale.partition(", the text says ")
        if said:
            found.count("values and quotes that stand in the text", plain(quoted) in plain(item.request.prompt))
    if item.pair:
        right = all(one.label is judgement.eligibility for one, judgement in zip(judged, got, strict=True))
        found.pairs[pair_of(item)].append(right)


def _characteristics(found: Score, item: Item, reply: Reply) -> None:
    fields, keys = item.about
    for key, gold, value in zip(keys, item.gold, characteristics.parse(reply, fields), strict=True):
        wanted = replies.drop_not_reported(gold["value"])
        found.count(NAMED.get(key, "other fields") if wanted else "says what is not reported", same(wanted, value.text))
        if value.text and key not in JUDGED:
            found.count("values and quotes that stand in the text", plain(value.text) in plain(item.request.prompt))


def _arms(found: Score, item: Item, reply: Reply) -> None:
    got = arms.parse(reply)
    found.count("arms", {plain(arm.label) for arm in got} == {plain(arm.label) for arm in item.about})


def _results(found: Score, item: Item, reply: Reply) -> None:
    results.parse(reply, *item.about)
    got = results.read_answer(reply)
    missing = all(row["value"] == "NA" for row in item.gold["results"])
    _values(
        found,
        "trial results",
        [row["value"] for row in got["results"]],
        [row["value"] for row in item.gold["results"]],
        missing,
    )
    if not missing:
        keys = ("paramType", "unitOfMeasure", "timeFrame", "denomValue")
        found.count("trial results: type, unit, time, number", all(same(got[key], item.gold[key]) for key in keys))


def _participants(found: Score, item: Item, reply: Reply) -> None:
    participants.parse(reply, *item.about)
    got, gold = (
        [row["value"] for row in participants.read_answer(reply)],
        [row["value"] for row in item.gold["results"]],
    )
    _values(found, "participant statistics", got, gold, all(value == "NA" for value in gold))


def _values(found: Score, figure: str, got: list[str], gold: list[str], missing: bool) -> None:
    right = len(got) == len(gold) and all(
        same(replies.drop_not_reported(a), replies.drop_not_reported(b)) for a, b in zip(got, gold, strict=True)
    )
    found.count("says what is not reported" if missing else figure, right)


def _search(found: Score, item: Item, reply: Reply) -> None:
    question, *groups = item.about
    query = search.parse(reply, question)
    text = plain(query.query)
    whole = not any("bracket" in flag or "quotation" in flag for flag in query.flags)
    found.count(
        "search holds the terms and parses", whole and all(plain(term) in text for group in groups for term in group)
    )


_READERS: dict[str, Any] = {
    "screening": _screening,
    "characteristics": _characteristics,
    "arms": _arms,
    "results": _results,
    "participants": _participants,
    "search": _search,
}
