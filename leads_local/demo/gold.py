"""The right answers to the sample review, as its authors gave them: what belongs together, what is eligible, what each
paper says.

They serve tests and the figures of the demo's model. They are never shown as a model's answer, and nothing that a model
is asked may see them. Values are keyed as ``records.ExtractedValue`` is, so that the two can be laid side by side; ""
means that the paper does not report it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from leads_local.records import Arm, Choice, Citation, Eligibility, Stage

_OUTCOME_PARTS = ("type", "unit", "time frame", "denominator unit", "denominator")
_ARM_PARTS = ("label", "type", "description", "interventions")


@dataclass(frozen=True, slots=True)
class RecordPlace:
    """A record's place: the citation file and the 1-based number in it."""

    file: str
    number: int


@dataclass(frozen=True, slots=True)
class GoldJudgement:
    eligibility: Eligibility
    rationale: str


@dataclass(frozen=True, slots=True)
class GoldDecision:
    """The decision at one stage, and the judgement of each criterion by its name (PICO first, in order)."""

    choice: Choice
    reason: str
    criteria: Mapping[str, GoldJudgement]


@dataclass(frozen=True, slots=True)
class GoldRecord:
    """One report, under the wordings of its title. More than one member: duplicates of each other.

    ``fulltext`` is None where the sample has no full text of it.
    """

    study: str
    members: tuple[RecordPlace, ...]
    titles: tuple[str, ...]
    abstract: GoldDecision
    fulltext: GoldDecision | None


@dataclass(frozen=True, slots=True)
class GoldValue:
    """One right value, keyed as ``records.ExtractedValue``.

    ``spread`` is its SD, IQR or percentage where reported, ``denominator`` the number of participants in its arm that
    it is of. ``quote`` are the paper's words that bear it out (a table row's cells joined by ``" | "``), ``page`` the
    1-based page where they start; both are empty for what is not reported and for the few parts that are told by the
    whole and not by one place.
    """

    task: str
    item: str
    text: str
    group: str = ""
    part: str = "value"
    spread: str = ""
    denominator: str = ""
    quote: str = ""
    page: int = 0


@dataclass(frozen=True, slots=True)
class GoldPaper:
    study: str
    file: str
    arms: tuple[Arm, ...]
    values: tuple[GoldValue, ...]


@dataclass(frozen=True, slots=True)
class GoldAnswers:
    records: tuple[GoldRecord, ...]
    papers: tuple[GoldPaper, ...]

    def record_of(self, file: str, number: int) -> GoldRecord:
        """The report that record ``number`` of citation file ``file`` is of. Raises KeyError when the sample has no
        such record."""
        for record in self.records:
            if RecordPlace(file, number) in record.members:
                return record
        raise KeyError((file, number))

    def screened(self, stage: Stage) -> dict[str, GoldDecision]:
        """What was decided at ``stage``, by study."""
        if stage is Stage.ABSTRACT:
            return {record.study: record.abstract for record in self.records}
        return {record.study: record.fulltext for record in self.records if record.fulltext}

    def paper(self, file: str) -> GoldPaper:
        """The answers for the PDF called ``file``. Raises KeyError when the sample has no such paper."""
        for paper in self.papers:
            if paper.file == file:
                return paper
        raise KeyError(file)


@cache
def load() -> GoldAnswers:
    """The right answers that come with the sample review."""
    told = json.loads((resources.files("leads_local.demo") / "gold.json").read_text(encoding="utf-8"))
    return GoldAnswers(
        records=tuple(_parse_record(study, one) for study, one in told["records"].items()),
        papers=tuple(_parse_paper(study, one) for study, one in told["papers"].items()),
    )


def study_of(citation: Citation) -> str:
    """The study that ``citation`` is a record of, by the wording of its title; "" when the sample has none of that
    title."""
    sought = _letters_only(citation.title)
    return next((record.study for record in load().records if sought in map(_letters_only, record.titles)), "")


def decisions(stage: Stage) -> dict[str, GoldDecision]:
    """The authors' decisions at ``stage``, by study."""
    return load().screened(stage)


def judgements(stage: Stage, study: str) -> dict[str, Eligibility]:
    """The right judgement of each criterion, by its name; empty where the study was not judged at ``stage``."""
    screened = load().screened(stage).get(study)
    return {name: judged.eligibility for name, judged in screened.criteria.items()} if screened else {}


def _letters_only(title: str) -> str:
    return "".join(letter for letter in title.casefold() if letter.isalnum())


def _parse_record(study: str, told: Mapping[str, Any]) -> GoldRecord:
    full = told["fulltext"]
    members = tuple(RecordPlace(one["file"], one["number"]) for one in told["members"])
    return GoldRecord(
        study,
        members,
        tuple(told["titles"]),
        _parse_decision(told["abstract"]),
        _parse_decision(full) if full else None,
    )


def _parse_decision(told: Mapping[str, Any]) -> GoldDecision:
    criteria = {
        name: GoldJudgement(Eligibility(one["label"]), one["rationale"]) for name, one in told["eligibility"].items()
    }
    return GoldDecision(Choice(told["choice"]), told["reason"], criteria)


def _parse_paper(study: str, told: Mapping[str, Any]) -> GoldPaper:
    arms = tuple(
        Arm(one["label"], one["type"], one["description"], tuple(one["interventions"])) for one in told["arms"]
    )
    return GoldPaper(study, told["file"], arms, tuple(_parse_values(told)))


def _parse_values(told: Mapping[str, Any]) -> Iterator[GoldValue]:
    for one in told["arms"]:
        texts = {**one, "interventions": "; ".join(one["interventions"])}
        for part in _ARM_PARTS:
            yield GoldValue("arms", one["label"], texts[part], part=part, quote=one["quote"], page=one["page"])
    for name, one in told["fields"].items():
        yield GoldValue("characteristics", name, one["value"], quote=one["quote"], page=one["page"])
    for name, outcome in told["outcomes"].items():
        for part in _OUTCOME_PARTS:
            yield GoldValue("results", name, outcome[part], part=part)
        yield from _parse_values_by_arm("results", name, outcome["arms"])
    for name, arms in told["participants"].items():
        yield from _parse_values_by_arm("participants", name, arms)


def _parse_values_by_arm(task: str, item: str, arms: Mapping[str, Mapping[str, Any]]) -> Iterator[GoldValue]:
    for label, one in arms.items():
        yield GoldValue(
            task,
            item,
            one["value"],
            group=label,
            spread=one["spread"],
            denominator=one.get("denominator", ""),
            quote=one["quote"],
            page=one["page"],
        )
