"""What the tables of an export hold: a header and rows of plain cells, read from the review as they are written.

A model's suggestion and a person's decision are always in different columns, and the header says which is which.
Nothing is decided, rounded or left out here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from leads_local import files
from leads_local.citations.limits import LimitAnswer
from leads_local.export.study_cells import StudyCells
from leads_local.ranking.calibration import Calibration
from leads_local.records import Eligibility, Stage
from leads_local.review import limiting, suggestions
from leads_local.review.acts import ActKind
from leads_local.review.annotations import Priority
from leads_local.review.attachments import FileRole
from leads_local.review.prisma import flow_lines
from leads_local.review.read_models import StoredValue
from leads_local.review.review import Review
from leads_local.review.search_details import NOTHING
from leads_local.review.store import (
    annotation_rows,
    citations,
    decisions,
    documents,
    groups,
    protocol_rows,
    screenings,
    values,
)

Cell = str | int | float | None
Row = Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Sheet:
    """``name`` is the file's and the worksheet's name; ``about`` says in one sentence what a row is."""

    name: str
    about: str
    header: tuple[str, ...]
    rows: Callable[[], Iterator[Row]]


def records_sheet(review: Review) -> Sheet:
    """Every record as imported, or as people corrected it, with what people decided about its report and what the model
    scored."""
    stages, limits = [part for stage in Stage for part in _stage_header(stage)], review.limits()
    header = (
        "record",
        "report",
        *StudyCells.HEADER,
        "title",
        "authors",
        "year",
        "journal",
        "doi",
        "pmid",
        "source",
        "grouped because",
        *stages,
        "full text",
        *_ADDED,
        *(f"by rule: {limit.name}" for limit in limits),
        "taken out before screening by rule",
    )
    calibrations = {stage: review.calibration(stage) for stage in Stage}
    about = "One row for each record; records of the same report share the report's number and its decisions. "
    about += "".join(f"Probabilities of inclusion ({stage}): {calibrations[stage].in_words()} " for stage in Stage)
    about += "Where only a bound is given, the probability is empty and the bound is in the columns from and to."
    about += _BY_RULE if limits else ""

    def rows() -> Iterator[Row]:
        said = _Said(review, calibrations)
        stored, papers = groups.stored_groups(review.db), _main_papers(review)
        added, studies = _Added(review), StudyCells(review)
        by_rule, ruled_out = dict(limiting.all_answers(review.db, limits)) if limits else {}, review.ruled_out()
        for record, head, source, citation in citations.stream(review.db):
            reasons = "; ".join(stored[head].reasons) if head in stored else ""
            work = (
                citation.title,
                "; ".join(citation.authors),
                citation.year,
                citation.journal,
                citation.doi,
                citation.pmid,
            )
            more = (files.name_of(source), reasons, *said.cells(head), papers.get(head, ""), *added.cells(record, head))
            rules = (*map(_answer, by_rule.get(head, ())), ruled_out.get(head, ""))
            yield (record, head, *studies.of(head), *work, *more, *rules)

    return Sheet("records", about, header, rows)


def _main_papers(review: Review) -> dict[int, str]:
    """The file that is the full text of each record, by name, where it can be read."""
    return {
        link.record_id: f"{files.name_of(one.path)}{f', {link.page_range.in_words()}' if link.page_range else ''}"
        for one in documents.attachments(review.db)
        for link in one.links
        if not one.problem and link.role is FileRole.MAIN
    }


class _Said:
    """What people decided of each report and what the model scored, at each stage."""

    def __init__(self, review: Review, calibrations: Mapping[Stage, Calibration]) -> None:
        self._calibrations = calibrations
        self._standing, self._scores = decisions.all_standing(review.db), screenings.scores(review.db)

    def cells(self, head: int) -> Iterator[Cell]:
        for stage in Stage:
            decision = self._standing.get((head, stage))
            yield from (decision.choice, decision.reason, decision.reviewer, decision.at) if decision else [""] * 4
            score, expected = self._scores.get((head, stage), (None, None))
            yield from (score, _rounded(expected))
            chance = self._calibrations[stage].chance(score if expected is None else expected)
            value = None if chance is None or chance.beyond else chance.value
            yield from map(_rounded, (value, chance.low, chance.high) if chance else (None, None, None))


_BY_RULE = (
    " Columns that begin with “by rule” say whether the report is within a limit of the protocol by its records' own "
    "fields: yes, no, or not said, with what the fields say. No model and no person judged that."
)
_ADDED = (
    *("people: tags", "people: priority", "people: notes", "people: corrected", "people: not retrieved"),
    *(f"people: {stage} decided by earlier wording" for stage in Stage),
)


class _Added:
    """What people added to each report, and corrected of each record."""

    def __init__(self, review: Review) -> None:
        self._tags: dict[int, dict[str, None]] = {}
        self._priorities: dict[int, Priority] = {}
        self._notes: dict[int, list[str]] = {}
        self._corrected: dict[int, list[str]] = {}
        for head, tag, _ in annotation_rows.heads_with(review.db, ActKind.TAG):
            self._tags.setdefault(head, {})[f"#{tag}"] = None
        for head, _, said in annotation_rows.heads_with(review.db, ActKind.PRIORITY):
            self._priorities[head] = Priority.first(Priority(said), self._priorities.get(head, Priority(said)))
        for head, note in annotation_rows.all_notes(review.db):
            self._notes.setdefault(head, []).append(f"{note.reviewer or 'somebody'}: {note.text}")
        for one in annotation_rows.corrections(review.db):
            how = "from a newer export, imported by" if one.newer else "by"
            told = f"{one.field} {how} {one.reviewer or 'somebody'} (imported: {one.imported})"
            self._corrected.setdefault(one.record_id, []).append(told)
        self._missing = protocol_rows.missing_reports(review.db)
        self._earlier = [set(review.decided_earlier(stage)) for stage in Stage]

    def cells(self, record: int, head: int) -> tuple[Cell, ...]:
        tags, notes = " ".join(self._tags.get(head, ())), " | ".join(self._notes.get(head, ()))
        missing = f"by {self._missing[head] or 'somebody'}" if head in self._missing else ""
        earlier = ("yes" if head in heads else "" for heads in self._earlier)
        corrected = "; ".join(self._corrected.get(record, ()))
        return (tags, self._priorities.get(head, ""), notes, corrected, missing, *earlier)


def judgements_sheet(review: Review) -> Sheet:
    """What the model said of each criterion, and what rules say."""
    header = ("report", "stage", "criterion", "criterion text", "model: eligibility", "model: rationale")
    chances = tuple(f"model: probability of {word}" for word in Eligibility)
    rule = ("judged by", "rule: answer", "rule: the record says")
    more = ("model: score", "model", "prompt pack", "mode", "layout", "parts", "at", "not shown to the model")
    about = (
        "One row for each criterion that the model judged, or that a rule checked by the record's own fields (judged "
        "by: model or rule). The model's are suggestions, not decisions. The probabilities are the model's own "
        "and are not calibrated. In triage mode there is a rationale only where it was needed or asked for. A long "
        "paper may have been "
        "asked about in several parts; where they disagree, the rationale says what each said. Earlier wording: the "
        "criteria have changed since, so that it counts in no score."
    )

    def rows() -> Iterator[Row]:
        here = {member.id for member in groups.members(review.db) if not member.absent}
        for record, stage, screening in suggestions.stream(review.db):
            if record not in here:
                continue
            for judgement in screening.judgements:
                criterion = judgement.criterion
                known = judgement.chances
                parts = tuple(_rounded(known.of(word)) if known else None for word in Eligibility)
                said = (criterion.name, criterion.text, judgement.eligibility, judgement.rationale, *parts)
                how = (screening.score, screening.model, screening.pack, screening.way.mode, screening.way.layout)
                left_out, stale = "; ".join(screening.left_out), "yes" if screening.stale else ""
                seen = (screening.parts or 1, screening.at, left_out, stale)
                yield (record, stage, *said, *how, *seen, "model", "", "")
        limits = review.limits()
        for record, answers in limiting.all_answers(review.db, limits) if limits else ():
            for answer in answers:
                what = (answer.limit.name, answer.limit.text or answer.limit.in_words())
                nothing = ("",) * (len(header) + len(chances) + len(more) + 1 - 4)
                yield (record, "", *what, *nothing, "rule", answer.within, answer.evidence)

    return Sheet("judgements", about, (*header, *chances, *more, "earlier wording", *rule), rows)


def values_sheet(review: Review) -> Sheet:
    """Every value that was ever proposed, with its evidence and what a person made of it."""
    header = (
        "value",
        "report",
        *StudyCells.HEADER,
        "task",
        "item",
        "arm",
        "part",
        "model: value",
        "model: note",
        "quote",
        "quote found",
        "OCR confidence",
        "page",
        "file",
    )
    person = ("status", "final value", "reviewer", "reviewer's note", "verified at")
    about = (
        "One row for each value that the model proposed; a later proposal for the same place has a row of its own. "
        "“[…]” ends what is as "
        "long as the model's answer may be: read on in the paper. “ocr”: the quote stands in what OCR read from a "
        "picture, which counts as found nowhere; beside it how sure OCR is of its lines, 0 to 1."
    )

    def rows() -> Iterator[Row]:
        members = groups.members(review.db)
        left, studies = {member.id for member in members if member.absent}, StudyCells(review)
        heads = {member.id: member.head for member in members if member.head not in left}
        for one in values.stream(review.db):
            if one.record_id not in heads:
                continue
            value, quote = one.value, one.value.quote
            what = (value.task, value.item, value.group, value.part, value.text, value.note)
            evidence = (
                quote.text if quote and quote.stands else "",
                _evidence_found(one),
                quote.confidence if quote else None,
                one.page or None,
                files.name_of(one.file),
            )
            said = (one.status, one.final_text, one.reviewer, one.note, one.at, one.model, one.pack)
            yield (
                one.id,
                heads[one.record_id],
                *studies.of(heads[one.record_id]),
                *what,
                *evidence,
                *said,
                "; ".join(one.left_out),
                "yes" if one.current else "no",
            )

    return Sheet("values", about, (*header, *person, "model", "prompt pack", "not shown to the model", "current"), rows)


def searches_sheet(review: Review) -> Sheet:
    """How each imported file was searched for, for the appendix of the report."""
    about = (
        "How each imported file was searched for, as people said it (PRISMA-S); “difference”: how many records more "
        "(or, below 0, fewer) the file has than the database claimed."
    )
    header = (
        *("import", "file", "kind", "database", "platform", "searched on", "records", "hits claimed", "difference"),
        *("limits", "strategy", "imported on", "withdrawn"),
    )

    def rows() -> Iterator[Row]:
        searched = review.search_details()
        for source in review.sources():
            said = searched.get(source.sha256, NOTHING)
            difference = None if said.claimed is None else source.records - said.claimed
            yield (
                *(source.number, files.name_of(source.path), said.kind, said.database, said.platform, said.searched),
                *(source.records, said.claimed, difference, said.limits, said.strategy, source.at[:10]),
                source.reason or "yes" if source.withdrawn else "",
            )

    return Sheet("searches", about, header, rows)


def prisma_sheet(review: Review) -> Sheet:
    """The numbers of the flow diagram."""
    about = "The numbers of the PRISMA 2020 flow diagram; lines that say “yet” are work that is not finished."

    def rows() -> Iterator[Row]:
        if (package := review.package()) is not None:
            yield ("identification", "package", package.in_words(), package.reports)
        for line in flow_lines(review.counts()):
            yield (line.phase, line.key, line.label, line.number)

    return Sheet("prisma", about, ("phase", "key", "label", "number"), rows)


def _stage_header(stage: Stage) -> tuple[str, ...]:
    chance = "model probability of inclusion"
    parts = (
        "decision",
        "reason",
        "reviewer",
        "decided at",
        "model score",
        "model expected score",
        chance,
        f"{chance}, from",
        f"{chance}, to",
    )
    return tuple(f"{stage}: {part}" for part in parts)


def _answer(answer: LimitAnswer) -> str:
    return f"{answer.within} ({answer.evidence})" if answer.evidence else str(answer.within)


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, 4)


def _evidence_found(stored: StoredValue) -> str:
    """Whether the value's evidence stands in the paper."""
    if stored.value.quote is None:
        return ""
    return stored.value.quote.match or "not found"
