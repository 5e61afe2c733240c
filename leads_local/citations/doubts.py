"""Of which two citations it can't be told whether they are one report, and in plain words why: a person has to say.

Asked only of two that are not taken for one. Nothing may tell that they are two papers: another place, other
identifiers, abstracts or trials, or that one is a notice, a protocol or a conference abstract of the other.
"""

from __future__ import annotations

from leads_local.citations.comparing import (
    TITLE_WORDS,
    Agreement,
    Features,
    agreeing_in_words,
    is_about_the_other,
    tell_of_two_papers,
)
from leads_local.citations.titles import TitleLikeness, abstracts_begin_alike

_MOST_AGAINST = 1  # fields
_FEWEST_WORDS = 3  # of a title; there are many “Editorial” of one author and year


def find_doubt(a: Features, b: Features, e: Agreement) -> str:
    """Why the two may be one report; "" where they are two. To be asked where they were not taken for one."""
    if e.pmid or e.doi:
        return _doubt_by_number(a, b, e)
    if e.title < TitleLikeness.SIMILAR or _are_two(a, b, e):
        return ""
    if not _enough_agrees(a, b, e):
        return ""
    against = _against_in_words(a, b, e)
    told = agreeing_in_words(TITLE_WORDS[e.title], e)
    return f"{told}; but {against}" if against else f"{told}; nothing else tells"


def _doubt_by_number(a: Features, b: Features, e: Agreement) -> str:
    """One identifier on two titles: a mistake in one of them, or a number that was given to many."""
    number = f"same PMID {a.pmid}" if e.pmid else f"same DOI {a.doi}"
    if e.title > TitleLikeness.OTHER and e.pmid is False:
        return f"{number}; but the PMIDs differ ({a.pmid}, {b.pmid})"
    if a.title.markers != b.title.markers or a.title.beside != b.title.beside or a.title.numbers != b.title.numbers:
        return ""
    if e.page is False or e.author is False or (e.title is TitleLikeness.OTHER and e.author is None):
        return ""
    return "" if e.pmid is False else f"{number}; but the titles differ"


def _are_two(a: Features, b: Features, e: Agreement) -> bool:
    """Whether something tells that they are two papers, related or not."""
    if e.pmid is False or e.page is False or (e.volume is False and e.page is not True):
        return True
    if a.title.beside != b.title.beside or is_about_the_other(a, b) or a.conference != b.conference:
        return True
    if a.preprint != b.preprint or (a.doi and _without_version(a.doi) == _without_version(b.doi)):
        return True
    if a.title.serial or b.title.serial or tell_of_two_papers(a, b):
        return True
    return bool(e.issue is False and e.page is not True)


def _without_version(doi: str) -> str:
    return doi.partition(".pub")[0]


def _enough_agrees(a: Features, b: Features, e: Agreement) -> bool:
    """Whether so much agrees that a person is to be asked."""
    against = (e.doi, e.author, e.year, e.volume, e.journal).count(False)
    if against > _MOST_AGAINST:
        return False
    if a.title.generic or b.title.generic:
        named = e.author is True and e.year is True and len(a.title.words) >= _FEWEST_WORDS
        return named and e.title is TitleLikeness.SAME and not against and e.volume is not False
    if e.title >= TitleLikeness.NEAR:
        return e.author is True or (e.author is None and e.year is not False and not against)
    if e.author is not True or e.year is not True:
        return False
    if e.title is TitleLikeness.DOUBTFUL:
        return not against
    return not against and (e.page is True or abstracts_begin_alike(a.abstract, b.abstract))


def _against_in_words(a: Features, b: Features, e: Agreement) -> str:
    told = (
        ("the DOIs differ", e.doi, a.doi, b.doi),
        ("the first authors differ", e.author, " ".join(a.surnames[:1]), " ".join(b.surnames[:1])),
        ("the years differ", e.year, str(a.year), str(b.year)),
        ("the volumes differ", e.volume, a.volume, b.volume),
        ("the journals differ", e.journal, a.citation.journal, b.citation.journal),
    )
    return "; ".join(f"{what} ({one}, {other})" for what, agrees, one, other in told if agrees is False)
