"""Whether two citations are records of one report, and in plain words why.

Two records are never taken for one on the strength of a title alone when anything in them speaks against it: papers in
a series, errata, replies, protocols, versions of a Cochrane review and conference abstracts share titles and authors
with the paper that a reviewer wants. Merging two papers hides one of them for good; leaving two records of one paper
costs a minute. So a doubt leaves them apart.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import IntEnum

from leads_local.citations.comparing import (
    TITLE_WORDS,
    Agreement,
    Features,
    agreeing_in_words,
    compare_fields,
    count_equal_fields,
    is_about_the_other,
    tell_of_two_papers,
)
from leads_local.citations.doubts import find_doubt
from leads_local.citations.titles import TitleLikeness, abstracts_begin_alike, differing_runs

# words of a title that is enough where hardly anything else is given
_DISTINCTIVE_WORDS, _DISTINCTIVE_WORDS_WITHOUT_YEAR = 8, 10
_DISTINCTIVE_WORDS_IN_A_VOLUME = 12  # where a volume is given and no page, as of a journal's columns


class MatchStrength(IntEnum):
    """How strong a reason is; the stronger ones are followed first. UNSURE: it may be one report; a person has to
    say."""

    UNSURE = 0
    WEAK = 1
    TITLE = 2
    PLACE = 3
    DOI = 4
    PMID = 5


@dataclass(frozen=True, slots=True)
class DuplicateMatch:
    """Why two citations are one report, or may be one. ``placed``: volume and page agree, which outweighs two different
    DOIs. ``equal``: how many fields are the very same, which tells the nearest of several that are equally sure."""

    strength: MatchStrength
    reason: str
    placed: bool = False
    equal: int = 0


def _match_by_number(a: Features, b: Features, e: Agreement) -> DuplicateMatch | None:
    """One PMID or DOI is one report, unless it was given to many (a supplement's DOI) or to an erratum as well."""
    untitled = not a.title.text or not b.title.text
    supported = (
        e.title > TitleLikeness.OTHER or untitled or (e.author is True and e.page is not False and e.year is not False)
    )
    if e.pmid and (supported or (e.author is None and e.year is True)):
        return DuplicateMatch(MatchStrength.PMID, f"same PMID {a.pmid}", placed=True)
    if not e.doi or a.title.markers != b.title.markers or _are_two_abstracts(a, b, e):
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


def _are_two_abstracts(a: Features, b: Features, e: Agreement) -> bool:
    """Whether two abstracts of a congress may be of two works: several of one author stand on one page, and all of them
    may have the supplement's DOI."""
    return a.conference and b.conference and e.title is TitleLikeness.SIMILAR


def _match_by_title(a: Features, b: Features, e: Agreement) -> DuplicateMatch | None:
    start, generic = TITLE_WORDS[e.title], a.title.generic or b.title.generic
    if e.doi is False and generic:
        return None
    if e.placed and e.author is not False and e.year is not False and (e.volume is not None or e.author):
        return DuplicateMatch(MatchStrength.PLACE, agreeing_in_words(start, e), placed=True)
    if e.outvoted and not generic:
        return DuplicateMatch(MatchStrength.PLACE, agreeing_in_words(start, e), placed=True)
    if e.doi is False or tell_of_two_papers(a, b) or (a.conference != b.conference and e.volume is not True):
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
        return DuplicateMatch(MatchStrength.TITLE, agreeing_in_words(start, e)) if sure else None
    if e.placed and e.year is not False:
        return DuplicateMatch(MatchStrength.PLACE, agreeing_in_words(start, e), placed=True)
    one_issue = e.journal is True and e.volume is True and e.issue is not False and e.author is True and e.year is True
    if e.against and not (one_issue and e.title is TitleLikeness.SAME):
        return None
    alike = abstracts_begin_alike(a.abstract, b.abstract)
    long = len(a.title.words) >= _words_needed(a, b, e)
    paged = e.page or (e.volume and _same_pages(a, b))
    if e.author is True and (paged or alike or (long and _in_one_year(a, b, e))):
        return DuplicateMatch(MatchStrength.TITLE, agreeing_in_words(start, e))
    bare = e.author is None and e.page is None and not a.abstract and not b.abstract and long
    return (
        DuplicateMatch(MatchStrength.WEAK, agreeing_in_words(f"{start} and abstract" if alike else start, e))
        if alike or bare
        else None
    )


def _same_pages(a: Features, b: Features) -> bool:
    """Whether the first and the last page are given and the same, also where the first is page 1."""
    one, other = (re.findall(r"\w+", f.citation.pages.casefold()) for f in (a, b))
    return len(one) > 1 and one == other


def _words_needed(a: Features, b: Features, e: Agreement) -> int:
    """How many words make a title enough where hardly anything else is given."""
    if a.volume and b.volume and not (a.page or b.page or e.issue):
        return _DISTINCTIVE_WORDS_IN_A_VOLUME
    return _DISTINCTIVE_WORDS if e.year else _DISTINCTIVE_WORDS_WITHOUT_YEAR


def _in_one_year(a: Features, b: Features, e: Agreement) -> bool:
    """Whether the years, or else the journals, are the same; online and in print may be a year apart."""
    unplaced = [not f.volume and not f.page for f in (a, b)]
    return (e.year is True and (a.year == b.year or unplaced[0] != unplaced[1])) or (
        e.year is None and e.journal is True
    )


def _match_in_doubt(a: Features, b: Features, e: Agreement) -> DuplicateMatch | None:
    """A word that differs by a few letters is a typing mistake, or another treatment: only where all the rest agrees
    are they one."""
    if False in (e.doi, e.author, e.year) or tell_of_two_papers(a, b):
        return None
    start = TITLE_WORDS[e.title]
    if e.placed and e.author is True:
        return DuplicateMatch(MatchStrength.PLACE, agreeing_in_words(start, e), placed=True)
    if not e.against and abstracts_begin_alike(a.abstract, b.abstract) and not _tell_each_its_own(a, b):
        return DuplicateMatch(MatchStrength.WEAK, agreeing_in_words(f"{start} and abstract", e))
    return None


def _tell_each_its_own(a: Features, b: Features) -> bool:
    """Whether each abstract has the word of its own title that the other title hasn't, so that it is no mistake."""
    told = [(" ".join(one), " ".join(other)) for one, other in differing_runs(a.title.words, b.title.words)]
    texts = f" {a.abstract} ", f" {b.abstract} "
    return any(f" {one} " in texts[0] and f" {other} " in texts[1] for one, other in told if one and other)


def compare_citations(a: Features, b: Features) -> DuplicateMatch | None:
    """Why the two are one report; UNSURE where they may be; None when they are two."""
    e = compare_fields(a, b)
    found = _match(a, b, e)
    if found is None and (doubt := find_doubt(a, b, e)):
        found = DuplicateMatch(MatchStrength.UNSURE, doubt)
    return found and replace(found, equal=count_equal_fields(a.citation, b.citation))


def _match(a: Features, b: Features, e: Agreement) -> DuplicateMatch | None:
    if found := (e.pmid or e.doi) and _match_by_number(a, b, e):
        return found if e.pmid is not False or e.title is TitleLikeness.SAME else None
    if (
        e.pmid is False
        or not a.title.text
        or not b.title.text
        or re.sub(r"\.pub\d+$", "", a.doi) == re.sub(r"\.pub\d+$", "", b.doi) != ""
    ):
        return None
    if a.title.beside != b.title.beside and (not e.placed or is_about_the_other(a, b)):
        return None
    if e.title >= TitleLikeness.NEAR:
        return _match_by_title(a, b, e)
    if e.title is TitleLikeness.DOUBTFUL:
        return _match_in_doubt(a, b, e)
    return _match_by_place(a, b, e)


def contradict(a: Features, b: Features) -> bool:
    """Whether two citations can't be one report, so that a third which is like both doesn't join them."""
    e = compare_fields(a, b)
    if e.pmid or e.doi:
        return False
    elsewhere = e.volume is False and e.page is False
    return elsewhere or (not e.placed and tell_of_two_papers(a, b))


def _match_by_place(a: Features, b: Features, e: Agreement) -> DuplicateMatch | None:
    whole = e.placed and e.volume is True and e.author is True and e.year is True
    if not whole or e.doi is False or a.title.numbers != b.title.numbers or a.title.markers != b.title.markers:
        return None
    translated = a.foreign != b.foreign or bool(a.language and b.language and a.language != b.language)
    alike = e.title is TitleLikeness.SIMILAR and not tell_of_two_papers(a, b) and not _are_two_abstracts(a, b, e)
    return (
        DuplicateMatch(MatchStrength.PLACE, agreeing_in_words(TITLE_WORDS[e.title], e), placed=True)
        if alike or translated
        else None
    )
