"""Decisions, labels and notes written into records as other screening tools write them, so that these tools, and we,
read them there: the other direction of ``screening_tools``.

What a record already holds of the same kind is replaced, so that nothing is told twice.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from leads_local.citations import screening_tools
from leads_local.citations.standing_notices import GRAVE
from leads_local.citations.told import Told, ToldDecision, each_once
from leads_local.records import Choice, Citation, Stage


class Target(StrEnum):
    """For which program a file is. PLAIN: our own marks among the notes, exact, for Zotero, EndNote, Mendeley and for
    us."""

    PLAIN = "plain"
    RAYYAN = "rayyan"
    ASREVIEW = "asreview"
    COVIDENCE = "covidence"
    EPPI = "eppi"


@dataclass(frozen=True, slots=True)
class Standing:
    """What is to be told of a record: each reviewer's decisions, tags and notes, and what ``holds`` at the stage that
    the file is about."""

    told: Told
    stage: Stage
    holds: Choice | None = None

    def decided(self) -> tuple[ToldDecision, ...]:
        """At the stage that the file is about."""
        return tuple(one for one in self.told.decisions if one.stage is self.stage)


BECOME = "Become of this paper: "
_RAYYAN_WORDS = {Choice.INCLUDE: "Included", Choice.EXCLUDE: "Excluded", Choice.MAYBE: "Maybe"}
_RAYYAN_PART = re.compile(r"\s*\|?\s*(?:RAYYAN-[A-Z-]+|USER-NOTES)\s*:.*", re.DOTALL)
_ASREVIEW_MARK = re.compile(r"\s*\bASReview_(?:relevant|irrelevant|not_seen|prior)\b")
_RAYYAN_COLUMNS = (
    *("key", "title", "year", "journal", "issn", "volume", "issue", "pages", "authors", "url", "language", "abstract"),
    *("notes", "doi", "pubmed_id", "keywords"),
)
_LABELS = frozenset(("included", "label included", "i/e/d/s flag", "covidence #"))
_NOTE_COLUMNS = frozenset(("N1", "notes", "Notes", "note"))
_COVIDENCE_COLUMNS = (
    *("Title", "Authors", "Abstract", "Published Year", "Journal", "Volume", "Issue", "Pages", "Accession Number"),
    *("DOI", "Covidence #", "Notes", "Tags", "Keywords", "URL", "Language", "Type"),
)


def mark(citation: Citation, standing: Standing, target: Target) -> Citation:
    """The record with all of this among its notes (N1), for files of text."""
    kept = tuple(_without_marks(citation.extra, target))
    notes = [*_become(standing), *(text for text in _NOTES[target](standing) if text)]
    return replace(citation, extra=(*kept, *(("N1", text) for text in notes)))


def _without_marks(extra: Sequence[tuple[str, str]], target: Target) -> Iterator[tuple[str, str]]:
    """Our own marks go; where the file is for another tool, those of all tools, which would be read there."""
    for tag, value in extra:
        left = "\n".join(line for line in value.split("\n") if not _is_ours(line.strip()))
        if target is not Target.PLAIN:
            name = screening_tools.column_name(tag)
            if name in _LABELS or name.startswith(("asreview ", "rayyan ")):
                continue
            left = _ASREVIEW_MARK.sub("", _RAYYAN_PART.sub("", left)).removeprefix(". ")
        if left.strip() or not value.strip():
            yield tag, left


def _is_ours(line: str) -> bool:
    return screening_tools.is_our_mark(line) or line.startswith(BECOME)


def _become(standing: Standing) -> list[str]:
    """That a paper was retracted is told in every file of it, whoever reads it."""
    return [f"{BECOME}{tag.replace('-', ' ')}" for tag in standing.told.tags if tag in GRAVE]


# ---------------------------------------------------------------- notes


def _our_notes(standing: Standing) -> Iterator[str]:
    for one in standing.told.decisions:
        said = {"stage": one.stage, "choice": one.choice, "reviewer": one.reviewer, "reason": one.reason, "at": one.at}
        yield f"{screening_tools.OUR_MARK}decision: {_json({name: text for name, text in said.items() if text != ''})}"
    if standing.told.tags:
        yield f"{screening_tools.OUR_MARK}tags: {_json(standing.told.tags)}"
    for note in standing.told.notes:
        yield f"{screening_tools.OUR_MARK}note: {_json({'reviewer': note.reviewer, 'text': note.text})}"


def _rayyan_notes(standing: Standing) -> Iterator[str]:
    decided, noted = standing.decided(), standing.told.notes
    excluded = each_once(part for one in decided if one.choice is Choice.EXCLUDE for part in one.reason.split("; "))
    parts = {
        "RAYYAN-INCLUSION": _hash({one.reviewer: _RAYYAN_WORDS[one.choice] for one in decided}),
        "RAYYAN-LABELS": ",".join(standing.told.tags),
        "RAYYAN-EXCLUSION-REASONS": ",".join(reason.replace(",", ";") for reason in excluded),
        "USER-NOTES": _hash({note.reviewer: [note.text] for note in noted}),
    }
    yield " | ".join(f"{name}: {text}" for name, text in parts.items() if text)


def _asreview_notes(standing: Standing) -> Iterator[str]:
    holds = asreview_choice(standing)
    mark = "not_seen" if holds is None else "relevant" if holds is Choice.INCLUDE else "irrelevant"
    yield f"ASReview_{mark}"


def _covidence_notes(standing: Standing) -> Iterator[str]:
    """For Covidence's list of excluded full texts."""
    excluded = [one for one in standing.told.decisions if (one.stage, one.choice) == (Stage.FULLTEXT, Choice.EXCLUDE)]
    reasons = each_once(one.reason or "no reason given" for one in excluded)
    where = "Screen" if standing.stage is Stage.ABSTRACT else "Select"
    noted = [
        f"{n.reviewer} ({_covidence_time(n.at)})({where}): {' '.join(n.text.split())}" for n in standing.told.notes
    ]
    yield "; ".join((*(f"Exclusion reason: {reason.replace(';', ',')}" for reason in reasons), *noted))


def _covidence_time(at: str) -> str:
    return at[:19].replace("T", " ") or "1970-01-01 00:00:00"


_NOTES = {
    Target.PLAIN: _our_notes,
    Target.RAYYAN: _rayyan_notes,
    Target.ASREVIEW: _asreview_notes,
    Target.COVIDENCE: _covidence_notes,
    Target.EPPI: _our_notes,
}


def asreview_choice(standing: Standing) -> Choice | None:
    """ASReview knows one label for a record, relevant or not: what holds, else what the only reviewer says."""
    decided = standing.decided()
    found = standing.holds or (decided[0].choice if len(decided) == 1 else None)
    return found if found is not Choice.MAYBE else None


def _hash(told: dict[str, object]) -> str:
    """As Rayyan writes what belongs to names: ``{"Ann"=>"Included"}``."""
    return f"{{{', '.join(f'{_json(name)}=>{_json(value)}' for name, value in told.items())}}}" if told else ""


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


# ---------------------------------------------------------------- tables


def table_row(citation: Citation, standing: Standing, target: Target, number: int) -> dict[str, str]:
    """The record as a row of the table that a tool exports, by column; what else came in has a column of its own."""
    kept = list(_without_marks(citation.extra, target))
    notes = [*(value for tag, value in kept if tag in _NOTE_COLUMNS), *_become(standing)]
    if target in (Target.RAYYAN, Target.COVIDENCE):
        notes += [note for note in _NOTES[target](standing) if note]
    row = dict(_ROWS[target](citation, standing, notes, number))
    for tag, value in kept:
        if tag in _NOTE_COLUMNS:
            continue
        if tag not in row:
            row[tag] = value
        elif value not in row[tag].split("; "):
            row[tag] = f"{row[tag]}; {value}" if row[tag] else value
    return row


def _rayyan_row(citation: Citation, standing: Standing, notes: list[str], number: int) -> Iterator[tuple[str, str]]:
    c = citation
    texts = (f"rayyan-{number}", c.title, _year(c), c.journal, "", c.volume, c.issue, c.pages, " and ".join(c.authors))
    more = ("; ".join(c.urls), c.language, c.abstract, "\n".join(notes), c.doi, c.pmid, "; ".join(c.keywords))
    return zip(_RAYYAN_COLUMNS, (*texts, *more), strict=True)


def _covidence_row(citation: Citation, standing: Standing, notes: list[str], number: int) -> Iterator[tuple[str, str]]:
    c = citation
    texts = (c.title, "; ".join(c.authors), c.abstract, _year(c), c.journal, c.volume, c.issue, c.pages, c.pmid, c.doi)
    more = (f"#{number}", "\n".join(notes), "; ".join(standing.told.tags), "; ".join(c.keywords), "; ".join(c.urls))
    return zip(_COVIDENCE_COLUMNS, (*texts, *more, c.language, c.kind), strict=True)


def _asreview_row(citation: Citation, standing: Standing, notes: list[str], number: int) -> Iterator[tuple[str, str]]:
    holds, decided = asreview_choice(standing), standing.decided()
    yield from _general_row(citation, [_ASREVIEW_MARK.sub("", note) for note in notes])
    label = "" if holds is None else "1" if holds is Choice.INCLUDE else "0"
    yield from (("included", label), ("asreview_label", label))
    yield "asreview_user_name", decided[0].reviewer if len(decided) == 1 else ""
    yield "asreview_note", "\n".join(note.text for note in standing.told.notes)
    yield "asreview_tags", "; ".join(standing.told.tags)


def _eppi_row(citation: Citation, standing: Standing, notes: list[str], number: int) -> Iterator[tuple[str, str]]:
    flags = {Choice.INCLUDE: "I", Choice.EXCLUDE: "E"}
    yield from (("ItemId", str(number)), *_general_row(citation, notes))
    yield "I/E/D/S flag", flags.get(standing.holds, "") if standing.holds else ""
    named: dict[str, list[str]] = {}
    for one in standing.decided():
        where = "title & abstract" if one.stage is Stage.ABSTRACT else "full text"
        code = f"EXCLUDE on {one.reason}" if one.choice is Choice.EXCLUDE and one.reason else ""
        named.setdefault(code or f"{one.choice.upper()} on {where}", []).append(one.reviewer)
    yield from ((code, "; ".join(who)) for code, who in named.items())


def _general_row(citation: Citation, notes: list[str]) -> Iterator[tuple[str, str]]:
    c = citation
    yield from (("title", c.title), ("authors", "; ".join(c.authors)), ("year", _year(c)), ("journal", c.journal))
    yield from (("volume", c.volume), ("issue", c.issue), ("pages", c.pages), ("doi", c.doi), ("pmid", c.pmid))
    yield from (("abstract", c.abstract), ("keywords", "; ".join(c.keywords)), ("urls", "; ".join(c.urls)))
    yield from (
        ("language", c.language),
        ("type", c.kind),
        ("notes", "\n".join(note for note in notes if note.strip())),
    )


def _year(citation: Citation) -> str:
    return "" if citation.year is None else str(citation.year)


_ROWS = {
    Target.RAYYAN: _rayyan_row,
    Target.COVIDENCE: _covidence_row,
    Target.ASREVIEW: _asreview_row,
    Target.EPPI: _eppi_row,
}
