"""What two citations say the same, field by field, and what tells that they are two papers.

Why it exists: whether two records are one report (``similarity``), may be one (``doubts``) or are related
(``relations``) are three questions about the same comparison.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache

from rapidfuzz import fuzz

from leads_local.citations import normalise, registrations, title_notes
from leads_local.citations.titles import (
    STOP_WORDS,
    FoldedTitle,
    TitleLikeness,
    abstracts_differ,
    compare_titles,
    fold_abstract,
    fold_title,
)
from leads_local.records import Citation

_CONFERENCE = re.compile(
    r"conference (?:abstract|paper|proceeding)|meeting abstract|^(?:conf|cpaper|abst)$|congress", re.IGNORECASE
)
_PREPRINT = re.compile(
    r"^(?:bio|med|psy|chem|soc)?(?:ar|r)xiv\b|^research square|^preprints?\b|^ssrn\b|^osf\b", re.IGNORECASE
)
_PREPRINT_DOI = re.compile(
    r"10\.(?:1101/\d|21203/rs|20944/preprints|312(?:19|34)/|48550/arxiv|2139/ssrn|26434/chemrxiv)"
)
_KIND_TAGS = frozenset(("M3", "work-type", "PT", "DT", "document type", "publication type"))
_ISSN = re.compile(r"\b(\d{4})-?(\d{3}[\dXx])\b")
_ISSN_TAGS = frozenset(("SN", "IS", "isbn", "issn", "%@"))
_FIELDS = (
    *("title", "abstract", "authors", "year", "journal", "volume", "issue", "pages", "doi", "pmid", "language", "kind"),
    *("keywords", "urls"),
)
_AGREEING = 5  # fields beside the title that outvote one


@dataclass(frozen=True)
class Features:
    """What is compared of one citation, folded once; what few pairs need only when it is asked for."""

    title: FoldedTitle
    doi: str
    pmid: str
    year: int
    surnames: tuple[str, ...]
    volume: str
    issue: str
    page: str
    journal: tuple[str, ...]
    issn: frozenset[str]
    conference: bool
    preprint: bool
    foreign: bool
    language: str
    citation: Citation

    @cached_property
    def abstract(self) -> str:
        return fold_abstract(self.citation.abstract)

    @cached_property
    def registered(self) -> frozenset[str]:
        """The trials' registration numbers that the record tells."""
        return frozenset(registrations.find_in_citation(self.citation))


@lru_cache(maxsize=4096)
def _journal_words(journal: str) -> tuple[str, ...]:
    return tuple(word for word in normalise.fold_words(journal) if word not in STOP_WORDS)


@lru_cache(maxsize=1024)
def _is_conference(kind: str) -> bool:
    return bool(_CONFERENCE.search(kind))


_notice = lru_cache(maxsize=1024)(title_notes.notice_of_kind)


def fold_citation(citation: Citation) -> Features:
    """Fold a citation for comparing."""
    kinds = [citation.kind, *(value for tag, value in citation.extra if tag in _KIND_TAGS)]
    numbers = "".join(
        f"{first}{rest} "
        for tag, value in citation.extra
        if tag in _ISSN_TAGS or "ISSN" in tag
        for first, rest in _ISSN.findall(value)
    )
    page = normalise.first_page_key(citation.pages)
    return Features(
        title=fold_title(citation.title, next(filter(None, map(_notice, kinds)), "")),
        doi=citation.doi,
        pmid=citation.pmid,
        year=citation.year or 0,
        surnames=tuple(key for author in citation.authors[:3] if (key := normalise.name_key(author))),
        volume=normalise.first_number(citation.volume),
        issue=normalise.first_number(citation.issue),
        page="" if page == "1" else page,
        journal=_journal_words(citation.journal),
        issn=frozenset(numbers.upper().split()),
        conference=any(map(_is_conference, kinds)),
        preprint=bool(_PREPRINT_DOI.match(citation.doi) or _PREPRINT.search(citation.journal)),
        foreign=citation.title.startswith("["),
        language=normalise.fold(citation.language)[:2],
        citation=citation,
    )


def _is_abbreviation(short: str, long: str) -> bool:
    """Whether the letters of the one stand in the other in order and both begin alike, as ``natl`` and ``national``."""
    if short[0] != long[0]:
        return False
    letters = iter(long)
    return all(letter in letters for letter in short)


def same_journal(a: Features, b: Features) -> bool | None:
    """Whether two journals are one, abbreviated or not; None when one is not given."""
    if a.issn & b.issn or (a.journal and a.journal == b.journal):
        return True
    if not a.journal or not b.journal:
        return None
    short, long = sorted((a.journal, b.journal), key=lambda words: (len(words), sum(map(len, words))))
    if len(short) == 1 and len(long) > 2 and short[0] == "".join(word[0] for word in long):
        return True
    position = 0
    for word in short:
        while position < len(long) and not (
            _is_abbreviation(word, long[position]) or _is_abbreviation(long[position], word)
        ):
            position += 1
        if position == len(long):
            return False
        position += 1
    return True


def _same_if_given(a: str, b: str) -> bool | None:
    return a == b if a and b else None


def same_first_author(a: Features, b: Features) -> bool | None:
    """Whether the first author of one is among the first of the other. Double names count when one holds the other."""
    if not a.surnames or not b.surnames:
        return None
    if a.surnames[0] in b.surnames or b.surnames[0] in a.surnames:
        return True
    one, other = a.surnames[0], b.surnames[0]
    return (min(len(one), len(other)) > 3 and (one in other or other in one)) or fuzz.ratio(one, other) >= 85


def count_equal_fields(a: Citation, b: Citation) -> int:
    """How many fields are given and the very same."""
    return sum(1 for name in _FIELDS if (value := getattr(a, name)) and value == getattr(b, name))


@dataclass(frozen=True, slots=True)
class Agreement:
    """What agrees (True), speaks against (False) or can't be compared (None)."""

    title: TitleLikeness
    doi: bool | None
    pmid: bool | None
    author: bool | None
    year: bool | None
    volume: bool | None
    issue: bool | None
    page: bool | None
    journal: bool | None

    @property
    def outvoted(self) -> bool:
        """Whether one field at most speaks against all the others, which are given and agree."""
        fields = (self.author, self.year, self.volume, self.issue, self.page, self.journal)
        return fields.count(True) >= _AGREEING and fields.count(False) <= 1 and self.title is TitleLikeness.SAME

    @property
    def placed(self) -> bool:
        """Whether they stand at one place. A journal's name in another language is outweighed by all the rest."""
        somewhere = self.page is True and (self.volume is True or (self.volume is None and self.year is True))
        return somewhere and (
            self.journal is not False or (self.volume is True and self.author is True and self.year is True)
        )

    @property
    def against(self) -> bool:
        other_issue = self.issue is False and self.page is not True
        return other_issue or False in (self.author, self.year, self.volume, self.page, self.journal)


def compare_fields(a: Features, b: Features) -> Agreement:
    pages = _same_if_given(a.page, b.page)
    if pages is False and re.sub(r"\D", "", a.page) == re.sub(r"\D", "", b.page):
        pages = True
    return Agreement(
        title=compare_titles(a.title, b.title),
        doi=_same_if_given(a.doi, b.doi),
        pmid=_same_if_given(a.pmid, b.pmid),
        author=same_first_author(a, b),
        year=abs(a.year - b.year) <= 1 if a.year and b.year else None,
        volume=_same_if_given(a.volume, b.volume),
        issue=_same_if_given(a.issue, b.issue),
        page=pages,
        journal=same_journal(a, b),
    )


def agreeing_in_words(start: str, e: Agreement) -> str:
    named = (
        ("first author", e.author),
        ("year", e.year),
        ("journal", e.journal),
        ("volume", e.volume),
        ("first page", e.page),
    )
    agreeing = [name for name, value in named if value]
    return (
        f"{start}; {', '.join(agreeing)} agree"
        if len(agreeing) > 1
        else f"{start}; {agreeing[0]} agrees"
        if agreeing
        else start
    )


def tell_of_two_papers(a: Features, b: Features) -> bool:
    """Whether the abstracts have nothing in common, or tell of trials with different numbers of registration."""
    if abstracts_differ(a.abstract, b.abstract):
        return True
    return bool(a.registered and b.registered) and not a.registered & b.registered


def is_about_the_other(a: Features, b: Features) -> bool:
    """Whether one is a notice that says to be about the paper at the other's place."""
    return any(
        one.title.about != ("", "") and one.title.about == (other.volume, other.page) for one, other in ((a, b), (b, a))
    )


TITLE_WORDS = {
    TitleLikeness.SAME: "same title",
    TitleLikeness.NEAR: "same title but for spelling",
    TitleLikeness.DOUBTFUL: "same title but for a few letters",
    TitleLikeness.SIMILAR: "similar title",
    TitleLikeness.OTHER: "title in another language",
}
