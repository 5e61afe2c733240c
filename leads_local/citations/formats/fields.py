"""From labelled values to a Citation: the one place where every format's fields meet ours.

Invariant: every value that is not empty ends up in a field of the Citation or, unchanged, in ``extra``. A value is only
left out of ``extra`` when the Citation holds all of it (a DOI without its resolver, a second label with the same
words).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import NamedTuple

from leads_local.citations import normalise
from leads_local.citations.formats.column_roles import NO_TABLE, TableColumns
from leads_local.citations.plain_text import is_no_abstract, plain
from leads_local.records import Citation, ReadProblem

_DOI_NOTE = re.compile(r"^[^\w\n]{0,20}doi\b[:\s]{0,20}(\S+)", re.IGNORECASE | re.MULTILINE)
_RECORD_NUMBER_LABELS = frozenset(("id", "record id"))  # reference managers number their records here
_SURE_PMID_DIGITS = 7
_PUBMED = ("pubmed", "medline", "nlm")
AFTER_A_BLANK_LINE = (
    "This text stands after a blank line, in a field that has no paragraphs; it may be another paper's."
)

_ONE_OF_EACH: tuple[tuple[str, str, Callable[[str], str]], ...] = (
    ("titles", "title", normalise.one_line),
    ("abstracts", "abstract", normalise.one_line),
    ("years", "year", lambda text: str(normalise.find_year(text) or "")),
    ("volumes", "volume", normalise.one_line),
    ("DOIs", "doi", lambda text: normalise.find_doi(text)),
    ("PMIDs", "pmid", normalise.parse_pmid),
)
"""What a paper has one of: in the plural, the role of its labels, and what of a value is compared."""


class Entry(NamedTuple):
    """One labelled value as it stands in a file; ``line`` is 1-based, 0 where the format has none."""

    tag: str
    value: str
    line: int = 0


@dataclass(slots=True)
class Draft:
    """An Entry whose value may go on in the next line. A value of a million lines costs no more than its length.
    ``gap`` is how many blank lines stand before it."""

    tag: str
    value: str
    line: int
    gap: int = 0
    more: list[str] | None = None

    def add(self, text: str, joint: str) -> None:
        """Go on with ``text`` after ``joint``, which is left out where there is nothing yet."""
        if self.more is None:
            self.more = [joint, text] if self.value else [text]
        else:
            self.more += (joint, text)

    def entry(self) -> Entry:
        return Entry(self.tag, "".join((self.value, *self.more)) if self.more else self.value, self.line)


Labelled = Entry | Draft
"""What a Citation is made of."""


def entries_of(drafts: Sequence[Draft]) -> list[Labelled]:
    """The drafts as they now stand, each with its whole value."""
    for draft in drafts:
        if draft.more:
            draft.value, draft.more = "".join((draft.value, *draft.more)), None
    return list(drafts)


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """What a reader made of a text: its records in order, what could not be read as it should, and the columns of a
    table."""

    citations: tuple[Citation, ...]
    problems: tuple[ReadProblem, ...] = ()
    columns: TableColumns = NO_TABLE


@dataclass(frozen=True, slots=True)
class FieldLabels:
    """Which labels of a format mean what, the preferred ones first.

    Of ``title``, ``abstract`` … the first label with a value counts; a label that is repeated is joined. Of
    ``authors``, ``keywords``, ``urls`` and ``kind`` all count. Two values under ``same_title``, or under one label of
    which a paper has one, can be two papers'. ``*_hints`` may hold a DOI or PMID among other things
    and stay in ``extra``; ``doi_notes`` count only where a line of them begins with ``doi``, because a note may name
    other papers. ``accession`` is the number in the database that ``database`` names: a PMID if that is PubMed or
    MEDLINE.
    """

    title: tuple[str, ...] = ()
    same_title: tuple[str, ...] = ()
    abstract: tuple[str, ...] = ()
    journal: tuple[str, ...] = ()
    volume: tuple[str, ...] = ()
    issue: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()
    start_page: tuple[str, ...] = ()
    end_page: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    year: tuple[str, ...] = ()
    doi: tuple[str, ...] = ()
    pmid: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    doi_hints: tuple[str, ...] = ()
    doi_notes: tuple[str, ...] = ()
    pmid_hints: tuple[str, ...] = ()
    accession: tuple[str, ...] = ()
    database: tuple[str, ...] = ()
    split_authors: Callable[[str], list[str]] = field(default=normalise.split_keywords)
    split_keywords: Callable[[str], list[str]] = field(default=normalise.split_keywords)
    split_urls: Callable[[str], list[str]] = field(default=normalise.split_links)
    compared: frozenset[str] = field(init=False, repr=False)
    """The labels of what a paper has one of, whose values ``build_citation`` compares by what they mean."""

    def __post_init__(self) -> None:
        told = frozenset(label for _, role, _ in _ONE_OF_EACH for label in getattr(self, role))
        object.__setattr__(self, "compared", told)

    def only(self, tags: Collection[str]) -> FieldLabels:
        """The labels that are among the ``tags``, so that a file's records are asked for none that it has nowhere."""
        named = {role.name: getattr(self, role.name) for role in fields(self)}
        kept = {role: tuple(filter(tags.__contains__, told)) for role, told in named.items() if isinstance(told, tuple)}
        return replace(self, **kept)  # type: ignore[arg-type]  # the roles are those of its own fields


class _CitationBuilder:
    """The entries of one record while they are being given their places."""

    def __init__(self, entries: Sequence[Labelled]) -> None:
        self.entries = [entry for entry in entries if entry.value and not entry.value.isspace()]
        self.by_tag: defaultdict[str, list[int]] = defaultdict(list)
        for index, entry in enumerate(self.entries):
            self.by_tag[entry.tag].append(index)
        self.taken: set[int] = set()
        self.problems: list[ReadProblem] = []

    def places(self, tags: tuple[str, ...]) -> Sequence[int]:
        """Where values stand under the tags, in the order of the tags, then of the file."""
        if len(tags) == 1:
            found = self.by_tag.get(tags[0], [])
        else:
            found = [index for tag in tags if tag in self.by_tag for index in self.by_tag[tag]]
        return found if self.taken.isdisjoint(found) else [index for index in found if index not in self.taken]

    def values(self, tags: tuple[str, ...]) -> list[str]:
        """What stands there."""
        return [self.entries[index].value for index in self.places(tags)]

    def text(self, tags: tuple[str, ...], clean: Callable[[str], str], joint: str = "") -> str:
        """The value of the first tag that has one. With ``joint``, a repeated tag is joined; else its repetition goes
        to ``extra``."""
        found = self.places(tags) if tags else ()
        if not found:
            return ""
        if len(found) == 1:
            self.taken.add(found[0])
            return clean(self.entries[found[0]].value)
        first = self.entries[found[0]].tag
        cleaned = [(index, clean(self.entries[index].value)) for index in found]
        parts = list(dict.fromkeys(value for index, value in cleaned if self.entries[index].tag == first))
        chosen = joint.join(parts) if joint else parts[0]
        kept = {chosen, *parts} if joint else {chosen}
        self.taken.update(index for index, value in cleaned if value in kept)
        return chosen

    def all(self, tags: tuple[str, ...], split: Callable[[str], list[str]]) -> tuple[str, ...]:
        """Every value under the tags in the order of the file."""
        found = self.places(tags) if tags else ()
        if not found:
            return ()
        if len(tags) > 1:
            found = sorted(found)
        self.taken.update(found)
        values = [self.entries[index].value for index in found]
        if split is normalise.split_keywords:
            return tuple(normalise.split_all_keywords(values))
        return tuple([item for value in values for item in split(value)])

    def abstract(self, tags: tuple[str, ...], literal: bool) -> str:
        """The abstract, unless what stands in its place says that there is none; that stays in ``extra``."""
        none = {index for index in self.places(tags) if is_no_abstract(self.entries[index].value) and not literal}
        self.taken |= none
        found = self.text(tags, normalise.trim_lines, "\n")
        self.taken -= none
        return found

    def year(self, tags: tuple[str, ...]) -> int | None:
        """The first year that can be read; a fuller date stays in ``extra``."""
        found = self.places(tags)
        for place in found:
            if year := normalise.find_year(self.entries[place].value):
                alone = str(year)
                self.taken.update([index for index in found if self.entries[index].value.strip() == alone])
                return year
        if found:
            entry = self.entries[found[0]]
            shown = normalise.one_line(entry.value)[:40]
            self.problems.append(
                ReadProblem(f'The year "{shown}" can\'t be read as a year; it is kept as it stands.', entry.line)
            )
        return None

    def doi(self, labels: FieldLabels) -> str:
        for index in self.places(labels.doi):
            doi, whole = normalise.parse_doi(self.entries[index].value)
            if doi:
                if whole:
                    self.taken.add(index)
                return doi
        notes = (match.group(1) for value in self.values(labels.doi_notes) for match in _DOI_NOTE.finditer(value))
        hints = self.values(labels.doi_hints)
        return next((doi for text in (*hints, *notes) if (doi := normalise.find_doi(text))), "")

    def pmid(self, labels: FieldLabels) -> str:
        for index in self.places(labels.pmid):
            value = self.entries[index].value
            if pmid := normalise.parse_pmid(value):
                self.taken.add(index)
                return pmid
            if pmid := normalise.find_pmid(value):
                return pmid
        for value in self.values(labels.pmid_hints):
            if pmid := normalise.find_pmid(value):
                return pmid
        database = [self.entries[index].value for tag in labels.database for index in self.by_tag.get(tag, ())]
        if database and any(name in " ".join(database).lower() for name in _PUBMED):
            for index in self.places(labels.accession):
                pmid = normalise.parse_pmid(self.entries[index].value)
                if pmid and (
                    len(pmid) >= _SURE_PMID_DIGITS or self.entries[index].tag.lower() not in _RECORD_NUMBER_LABELS
                ):
                    return pmid
        return ""

    def pages(self, labels: FieldLabels) -> str:
        whole = self.text(labels.pages, normalise.one_line)
        if whole:
            return whole
        start, end = self.places(labels.start_page)[:1], self.places(labels.end_page)[:1]
        if not start:
            return ""
        first = normalise.one_line(self.entries[start[0]].value)
        last = normalise.one_line(self.entries[end[0]].value) if end else ""
        if (first, last) == ("No", "Specified"):
            return ""
        self.taken.add(start[0])
        if not last or "-" in first or "–" in first or " " in last or "-" in last:
            return first
        self.taken.add(end[0])
        return first if last == first else f"{first}-{last}"

    def doubts(self, labels: FieldLabels) -> list[ReadProblem]:
        """What a paper has one of and this record has several of: two papers may have been taken for one."""
        several = {tag for tag, indices in self.by_tag.items() if len(indices) > 1}
        two_titles = len(labels.same_title) > 1 and sum(tag in self.by_tag for tag in labels.same_title) > 1
        if not two_titles and several.isdisjoint(labels.compared):
            return []
        found = []
        for noun, role, compared in _ONE_OF_EACH:
            tags = self._compared_tags(labels, role)
            if several.isdisjoint(tags) and (len(tags) < 2 or sum(tag in self.by_tag for tag in tags) < 2):
                continue
            values: dict[str, Labelled] = {}
            for index in sorted(index for tag in tags for index in self.by_tag.get(tag, ())):
                values.setdefault(compared(self.entries[index].value), self.entries[index])
            values.pop("", None)
            values = {text: entry for text, entry in values.items() if role != "abstract" or not is_no_abstract(text)}
            if len(values) > 1:
                shown = " and ".join(f'"{text[:60]}"' for text in values)
                told = f"This record has {len(values)} {noun} ({shown}); two papers may have been taken for one."
                found.append(ReadProblem(told, list(values.values())[1].line, doubtful=True))
        return found

    def _compared_tags(self, labels: FieldLabels, role: str) -> tuple[str, ...]:
        """The tags under which a paper has one value of the role: the first of them that the record has."""
        for tag in getattr(labels, role):
            if tag in self.by_tag:
                return labels.same_title if role == "title" and tag in labels.same_title else (tag,)
        return ()

    def extra(self) -> tuple[tuple[str, str], ...]:
        taken = self.taken
        left = [entry for index, entry in enumerate(self.entries) if index not in taken]
        return tuple([(entry.tag, normalise.trim_lines(entry.value)) for entry in left])


def _plain(values: tuple[str, ...]) -> tuple[str, ...]:
    if not any("&" in value or "<" in value for value in values):
        return values
    return tuple(text for value in values if (text := normalise.one_line(plain(value))))


def plain_citation(citation: Citation) -> Citation:
    """The citation with entities and tags of HTML as what they mean, in the fields that people read."""
    texts = (citation.title, citation.journal, citation.abstract)
    whole = "\n".join((*texts, *citation.authors, *citation.keywords))
    if "&" not in whole and "<" not in whole:
        return citation
    return replace(
        citation,
        title=normalise.one_line(plain(citation.title)),
        journal=normalise.one_line(plain(citation.journal)),
        abstract=normalise.trim_lines(plain(citation.abstract)),
        authors=_plain(citation.authors),
        keywords=_plain(citation.keywords),
    )


def build_citation(
    entries: Sequence[Labelled], labels: FieldLabels, number: int, *, literal: bool = False
) -> tuple[Citation, list[ReadProblem]]:
    """The Citation that the entries describe, and notices about values that could not be understood (kept in
    ``extra``). Entities and tags of HTML become what they mean, unless the entries are ``literal``."""
    record = _CitationBuilder(entries)
    doubts = record.doubts(labels)
    doi, pmid = record.doi(labels), record.pmid(labels)
    citation = Citation(
        title=record.text(labels.title, normalise.one_line, " "),
        abstract=record.abstract(labels.abstract, literal),
        authors=record.all(labels.authors, labels.split_authors),
        year=record.year(labels.year),
        journal=record.text(labels.journal, normalise.one_line),
        volume=record.text(labels.volume, normalise.one_line),
        issue=record.text(labels.issue, normalise.one_line),
        pages=record.pages(labels),
        doi=doi,
        pmid=pmid,
        language=record.text(labels.language, normalise.one_line),
        kind="; ".join(record.all(labels.kind, lambda value: [normalise.one_line(value)])),
        keywords=record.all(labels.keywords, labels.split_keywords),
        urls=record.all(labels.urls, labels.split_urls),
        extra=record.extra(),
        number=number,
    )
    return citation if literal else plain_citation(citation), [*doubts, *record.problems]
