"""Whether two citations are records of one report, and in plain words why.

Two records are never taken for one on the strength of a title alone when anything in them speaks against it: papers in
a series, errata, replies, protocols, versions of a Cochrane review and conference abstracts share titles and authors
with the paper that a reviewer wants. Merging two papers hides one of them for good; leaving two records of one paper
costs a minute. So a doubt leaves them apart.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum

from rapidfuzz import fuzz

from leads_local.citations import normalise, registrations, title_notes
from leads_local.citations.titles import (
    STOP_WORDS,
    FoldedTitle,
    TitleLikeness,
    abstracts_begin_alike,
    abstracts_differ,
    compare_titles,
    fold_abstract,
    fold_title,
)
from leads_local.records import Citation

_CONFERENCE = re.compile(
    r"conference (?:abstract|paper|proceeding)|meeting abstract|^(?:conf|cpaper|abst)$|congress", re.IGNORECASE
)
_KIND_TAGS = frozenset(("M3", "work-type", "PT", "DT", "document type", "publication type"))
_ISSN = re.compile(r"\b(\d{4})-?(\d{3}[\dXx])\b")
_ISSN_TAGS = frozenset(("SN", "IS", "isbn", "issn", "%@"))
# words of a title that is enough where hardly anything else is given
_DISTINCTIVE_WORDS, _DISTINCTIVE_WORDS_WITHOUT_YEAR = 8, 10
_DISTINCTIVE_WORDS_IN_A_VOLUME = 12  # where a volume is given and no page, as of a journal's columns
_AGREEING = 5  # fields beside the title that outvote one


class MatchStrength(IntEnum):
    """How strong a reason is; the stronger ones are followed first."""

    WEAK = 0
    TITLE = 1
    PLACE = 2
    DOI = 3
    PMID = 4


@dataclass(frozen=True, slots=True)
class Features:
    """What is compared of one citation, folded once."""

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
    foreign: bool
    language: str
    abstract: str
    citation: Citation


@dataclass(frozen=True, slots=True)
class DuplicateMatch:
    """Why two citations are one report. ``placed``: volume and page agree, which outweighs two different DOIs."""

    strength: MatchStrength
    reason: str
    placed: bool = False


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
        title=fold_title(citation.title, next(filter(None, map(title_notes.notice_of_kind, kinds)), "")),
        doi=citation.doi,
        pmid=citation.pmid,
        year=citation.year or 0,
        surnames=tuple(key for author in citation.authors[:3] if (key := normalise.name_key(author))),
        volume=normalise.first_number(citation.volume),
        issue=normalise.first_number(citation.issue),
        page="" if page == "1" else page,
        journal=tuple(word for word in normalise.fold_words(citation.journal) if word not in STOP_WORDS),
        issn=frozenset(numbers.upper().split()),
        conference=any(_CONFERENCE.search(kind) for kind in kinds),
        foreign=citation.title.startswith("["),
        language=normalise.fold(citation.language)[:2],
        abstract=fold_abstract(citation.abstract),
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


def _same_first_author(a: Features, b: Features) -> bool | None:
    """Whether the first author of one is among the first of the other. Double names count when one holds the other."""
    if not a.surnames or not b.surnames:
        return None
    if a.surnames[0] in b.surnames or b.surnames[0] in a.surnames:
        return True
    one, other = a.surnames[0], b.surnames[0]
    return (min(len(one), len(other)) > 3 and (one in other or other in one)) or fuzz.ratio(one, other) >= 85


@dataclass(frozen=True, slots=True)
class _Agreement:
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


def _compare_fields(a: Features, b: Features) -> _Agreement:
    pages = _same_if_given(a.page, b.page)
    if pages is False and re.sub(r"\D", "", a.page) == re.sub(r"\D", "", b.page):
        pages = True
    return _Agreement(
        title=compare_titles(a.title, b.title),
        doi=_same_if_given(a.doi, b.doi),
        pmid=_same_if_given(a.pmid, b.pmid),
        author=_same_first_author(a, b),
        year=abs(a.year - b.year) <= 1 if a.year and b.year else None,
        volume=_same_if_given(a.volume, b.volume),
        issue=_same_if_given(a.issue, b.issue),
        page=pages,
        journal=same_journal(a, b),
    )


def _reason_text(start: str, e: _Agreement) -> str:
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


_TITLE_WORDS = {
    TitleLikeness.SAME: "same title",
    TitleLikeness.NEAR: "same title but for spelling",
    TitleLikeness.DOUBTFUL: "same title but for a few letters",
    TitleLikeness.SIMILAR: "similar title",
    TitleLikeness.OTHER: "title in another language",
}


def _match_by_number(a: Features, b: Features, e: _Agreement) -> DuplicateMatch | None:
    """One PMID or DOI is one report, unless it was given to many (a supplement's DOI) or to an erratum as well."""
    untitled = not a.title.text or not b.title.text
    supported = (
        e.title > TitleLikeness.OTHER or untitled or (e.author is True and e.page is not False and e.year is not False)
    )
    if e.pmid and (supported or (e.author is None and e.year is True)):
        return DuplicateMatch(MatchStrength.PMID, f"same PMID {a.pmid}", placed=True)
    if not e.doi or a.title.markers != b.title.markers:
        return None
    translated = e.author is True and e.page is True
    if (
        e.title is TitleLikeness.SAME
        or untitled
        or translated
        or (e.title > TitleLikeness.OTHER and e.page is not False)
    ):
        return DuplicateMatch(MatchStrength.DOI, f"same DOI {a.doi}", placed=True)
    return None


def _match_by_title(a: Features, b: Features, e: _Agreement) -> DuplicateMatch | None:
    start, generic = _TITLE_WORDS[e.title], a.title.generic or b.title.generic
    if e.doi is False and generic:
        return None
    if e.placed and e.author is not False and e.year is not False and (e.volume is not None or e.author):
        return DuplicateMatch(MatchStrength.PLACE, _reason_text(start, e), placed=True)
    if e.outvoted and not generic:
        return DuplicateMatch(MatchStrength.PLACE, _reason_text(start, e), placed=True)
    if e.doi is False or _tell_of_two_papers(a, b) or (a.conference != b.conference and e.volume is not True):
        return None
    if generic:
        sure = (
            e.author is True
            and e.year is True
            and e.journal is True
            and e.volume is True
            and e.issue is True
            and e.page is not False
        )
        return DuplicateMatch(MatchStrength.TITLE, _reason_text(start, e)) if sure else None
    if e.placed and e.year is not False:
        return DuplicateMatch(MatchStrength.PLACE, _reason_text(start, e), placed=True)
    one_issue = e.journal is True and e.volume is True and e.issue is not False and e.author is True and e.year is True
    if e.against and not (one_issue and e.title is TitleLikeness.SAME):
        return None
    alike = abstracts_begin_alike(a.abstract, b.abstract)
    long = len(a.title.words) >= _words_needed(a, b, e)
    paged = e.page or (e.volume and _same_pages(a, b))
    if e.author is True and (paged or alike or (long and _in_one_year(a, b, e))):
        return DuplicateMatch(MatchStrength.TITLE, _reason_text(start, e))
    bare = e.author is None and e.page is None and not a.abstract and not b.abstract and long
    return (
        DuplicateMatch(MatchStrength.WEAK, _reason_text(f"{start} and abstract" if alike else start, e))
        if alike or bare
        else None
    )


def _same_pages(a: Features, b: Features) -> bool:
    """Whether the first and the last page are given and the same, also where the first is page 1."""
    one, other = (re.findall(r"\w+", f.citation.pages.casefold()) for f in (a, b))
    return len(one) > 1 and one == other


def _words_needed(a: Features, b: Features, e: _Agreement) -> int:
    """How many words make a title enough where hardly anything else is given."""
    if a.volume and b.volume and not (a.page or b.page or e.issue):
        return _DISTINCTIVE_WORDS_IN_A_VOLUME
    return _DISTINCTIVE_WORDS if e.year else _DISTINCTIVE_WORDS_WITHOUT_YEAR


def _in_one_year(a: Features, b: Features, e: _Agreement) -> bool:
    """Whether the years, or else the journals, are the same; online and in print may be a year apart."""
    unplaced = [not f.volume and not f.page for f in (a, b)]
    return (e.year is True and (a.year == b.year or unplaced[0] != unplaced[1])) or (
        e.year is None and e.journal is True
    )


def _match_in_doubt(a: Features, b: Features, e: _Agreement) -> DuplicateMatch | None:
    """A word that differs by a few letters is a typing mistake, or another treatment: only where all the rest agrees
    are they one."""
    if False in (e.doi, e.author, e.year) or _tell_of_two_papers(a, b):
        return None
    start = _TITLE_WORDS[e.title]
    if e.placed and e.author is True:
        return DuplicateMatch(MatchStrength.PLACE, _reason_text(start, e), placed=True)
    if not e.against and abstracts_begin_alike(a.abstract, b.abstract):
        return DuplicateMatch(MatchStrength.WEAK, _reason_text(f"{start} and abstract", e))
    return None


def _tell_of_two_papers(a: Features, b: Features) -> bool:
    """Whether the abstracts have nothing in common, or tell of trials with different numbers of registration."""
    if abstracts_differ(a.abstract, b.abstract):
        return True
    one, other = (set(registrations.find_in_citation(f.citation)) for f in (a, b))
    return bool(one and other) and not one & other


def _is_about_the_other(a: Features, b: Features) -> bool:
    """Whether one is a notice that says to be about the paper at the other's place."""
    return any(
        one.title.about != ("", "") and one.title.about == (other.volume, other.page) for one, other in ((a, b), (b, a))
    )


def compare_citations(a: Features, b: Features) -> DuplicateMatch | None:
    """Why the two are one report, or None when they are two or it can't be known."""
    e = _compare_fields(a, b)
    if found := (e.pmid or e.doi) and _match_by_number(a, b, e):
        return found if e.pmid is not False or e.title is TitleLikeness.SAME else None
    if (
        e.pmid is False
        or not a.title.text
        or not b.title.text
        or re.sub(r"\.pub\d+$", "", a.doi) == re.sub(r"\.pub\d+$", "", b.doi) != ""
    ):
        return None
    if a.title.beside != b.title.beside and (not e.placed or _is_about_the_other(a, b)):
        return None
    if e.title >= TitleLikeness.NEAR:
        return _match_by_title(a, b, e)
    if e.title is TitleLikeness.DOUBTFUL:
        return _match_in_doubt(a, b, e)
    return _match_by_place(a, b, e)


def contradict(a: Features, b: Features) -> bool:
    """Whether two citations can't be one report, so that a third which is like both doesn't join them."""
    e = _compare_fields(a, b)
    if e.pmid or e.doi:
        return False
    elsewhere = e.volume is False and e.page is False
    return elsewhere or (not e.placed and _tell_of_two_papers(a, b))


def _match_by_place(a: Features, b: Features, e: _Agreement) -> DuplicateMatch | None:
    whole = e.placed and e.volume is True and e.author is True and e.year is True
    if not whole or e.doi is False or a.title.numbers != b.title.numbers or a.title.markers != b.title.markers:
        return None
    translated = a.foreign != b.foreign or bool(a.language and b.language and a.language != b.language)
    alike = e.title is TitleLikeness.SIMILAR and not _tell_of_two_papers(a, b)
    return (
        DuplicateMatch(MatchStrength.PLACE, _reason_text(_TITLE_WORDS[e.title], e), placed=True)
        if alike or translated
        else None
    )
