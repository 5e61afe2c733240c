"""Which citation a PDF is the full text of.

The surest evidence decides: a DOI or PMID printed on the first pages or in the file's own data, then the title on the
first page, then the file's name. Where two different citations fit equally well, or where title, DOI, authors or year
of the paper itself say otherwise (see ``identity``), there is no match but a reason, because a full text under the
wrong record would be screened and extracted without anyone noticing.
"""

from __future__ import annotations

import re
import textwrap
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rapidfuzz import fuzz, process

from leads_local import files
from leads_local.citations import normalise
from leads_local.documents import file_kinds, identity
from leads_local.documents.file_kinds import FileKind
from leads_local.documents.identity import FIRST_PAGES, Agreement, Identity, find_dois, find_pmids, plain_words
from leads_local.records import Citation, Document, Passage

_TITLE = 90.0  # rapidfuzz ratio of a printed title and a citation's
_INSIDE = 95.0  # partial ratio of a citation's title within the first page
_LONG = 30  # characters that a title needs to be looked for within a page
_NAME = 88.0
_SHOWN = 90  # characters of a title in a sentence
_CLEAR = 4.0  # points by which the best must lead the second


@dataclass(frozen=True, slots=True)
class CitationMatch:
    """The citation at ``index`` fits with ``score`` (0 to 100); ``how`` says by what, for a person to read. ``kind``:
    which of its report's files the document is."""

    index: int
    score: float
    how: str
    kind: FileKind = FileKind.PAPER


@dataclass(frozen=True, slots=True)
class NoMatch:
    """No citation fits, or several do equally well, or what the document says contradicts itself: ``reason`` says so
    in one sentence. ``likely``: the index of the citation that a person should look at first, -1 for none."""

    reason: str
    likely: int = -1


def match(document: Document, candidates: Sequence[Citation], file_name: str = "") -> CitationMatch | None:
    """The citation that ``document`` is the full text of, or None. For many documents make one ``Matcher`` and use
    that."""
    found = Matcher(candidates).look(document, file_name)
    return found if isinstance(found, CitationMatch) else None


class Matcher:
    """Citations indexed once, for many documents."""

    def __init__(self, candidates: Sequence[Citation]) -> None:
        self._candidates = candidates
        self._titles = [plain_words(c.title) for c in candidates]
        self._names = [plain_words(f"{_first_surname(c)} {c.year or ''} {c.title}") for c in candidates]
        self._dois: dict[str, list[int]] = defaultdict(list)
        self._pmids: dict[str, list[int]] = defaultdict(list)
        for index, citation in enumerate(candidates):
            if citation.doi:
                self._dois[citation.doi.lower()].append(index)
            if citation.pmid:
                self._pmids[citation.pmid].append(index)

    def look(self, document: Document, file_name: str = "") -> CitationMatch | NoMatch:
        """The match, or why there is none. ``file_name`` is the document's own unless given."""
        stem = Path(file_name or files.name_of(document.path)).stem
        told = identity.read(document)
        doubts: list[NoMatch] = []
        for found in self._evidence(document, told, stem):
            checked = self._check(found, told) if isinstance(found, CitationMatch) else found
            if isinstance(checked, CitationMatch):
                return checked
            doubts.append(checked)
        return doubts[0] if doubts else NoMatch("no citation has this paper's DOI, PMID or title")

    def _evidence(self, document: Document, told: Identity, stem: str) -> Iterator[CitationMatch | NoMatch]:
        """What speaks for citations, the surest first."""
        first = identity.first_passages(document)
        finders: tuple[Callable[[], CitationMatch | NoMatch | None], ...] = (
            lambda: self._by_doi(document, told, first),
            lambda: self._by_pmid(first),
            lambda: self._by_title(told, first),
            lambda: self._by_name(stem),
        )
        return (found for find in finders if (found := find()) is not None)

    def _check(self, found: CitationMatch, told: Identity) -> CitationMatch | NoMatch:
        """The match as which file of the report, if the title and what else the document says agree."""
        citation = self._candidates[found.index]
        fit, own = told.fits_title(citation), told.owns(citation.doi)
        kind = fit.kind if fit.kind is not FileKind.PAPER else told.kind
        if kind is not FileKind.PAPER and fit.kind is FileKind.PAPER and _is_itself(citation, kind, fit, told):
            kind = FileKind.PAPER
        doubt = _doubt(citation, kind, fit.agreement, told, own=own, by_number=found.how.startswith(("DOI", "PMID")))
        return NoMatch(f"its {found.how} fits, but {doubt}", found.index) if doubt else replace(found, kind=kind)

    def _by_doi(self, document: Document, told: Identity, first: Sequence[Passage]) -> CitationMatch | NoMatch | None:
        pages = (" ".join(p.text for p in first if p.page == page) for page in range(1, FIRST_PAGES + 1))
        for text in (" ".join(value for _, value in document.info), *pages):
            hits = {doi: self._dois[doi] for doi in find_dois(text) if doi in self._dois}
            if len(hits) == 1:
                doi, indices = next(iter(hits.items()))
                return CitationMatch(indices[0], 100.0, f"DOI {doi}")
            if hits:
                title = self._by_title(told, first, [i for indices in hits.values() for i in indices])
                return title or NoMatch(
                    f"the DOIs of several citations stand on its first pages: {', '.join(sorted(hits))}"
                )
        return None

    def _by_pmid(self, first: Sequence[Passage]) -> CitationMatch | NoMatch | None:
        hits = {pmid for p in first for pmid in find_pmids(p.text) if pmid in self._pmids}
        if len(hits) > 1:
            return NoMatch(f"the PMIDs of several citations stand on its first pages: {', '.join(sorted(hits))}")
        return next((CitationMatch(self._pmids[pmid][0], 100.0, f"PMID {pmid}") for pmid in hits), None)

    def _by_title(
        self, told: Identity, first: Sequence[Passage], among: Sequence[int] | None = None
    ) -> CitationMatch | NoMatch | None:
        indices = range(len(self._candidates)) if among is None else among
        choices = {i: self._titles[i] for i in indices if len(self._titles[i]) >= 15}
        printed = dict.fromkeys(
            plain_words(text) for title in told.titles for text in (title, file_kinds.parted(title)[1])
        )
        scores: dict[int, float] = {}
        for title in printed:
            for _, score, index in process.extract(title, choices, scorer=fuzz.ratio, score_cutoff=_TITLE, limit=5):
                scores[index] = max(score, scores.get(index, 0.0))
        if not scores:
            page = plain_words(" ".join(p.text for p in first if p.page == 1))[:6000]
            long = {i: title for i, title in choices.items() if len(title) >= _LONG} if page else {}
            scores = {
                i: fuzz.partial_ratio(title, page, score_cutoff=_INSIDE)
                for i, title in long.items()
                if len(title) <= len(page)
            }
        return self._clearest({i: s for i, s in scores.items() if s}, "title", first)

    def _by_name(self, stem: str) -> CitationMatch | NoMatch | None:
        """By what people and download tools make of a file name: a DOI with its slash replaced, a PMID, author, year
        and title."""
        for candidate in (stem, stem.replace("_", "/", 1), stem.replace("-", "/", 1)):
            hits = [doi for doi in find_dois(candidate) if doi in self._dois]
            if len(hits) == 1:
                return CitationMatch(self._dois[hits[0]][0], 100.0, "DOI in the file name")
        numbers = [
            number
            for number in re.findall(r"(?<!\d)\d{7,8}(?!\d)", stem)
            if number in self._pmids and f"pmc{number}" not in stem.lower()
        ]
        if len(numbers) == 1:
            return CitationMatch(self._pmids[numbers[0]][0], 95.0, "PMID in the file name")
        name = plain_words(stem)
        if len(name.split()) < 3 or sum(c.isalpha() for c in name) < 12:
            return None
        choices = {i: text for i, text in enumerate(self._names) if text}
        found = process.extract(name, choices, scorer=fuzz.token_set_ratio, score_cutoff=_NAME, limit=5)
        words = set(name.split())
        scores = {index: score for text, score, index in found if len(words & set(text.split())) >= 3}
        return self._clearest(scores, "file name", ())

    def _clearest(self, scores: dict[int, float], how: str, first: Sequence[Passage]) -> CitationMatch | NoMatch | None:
        """The best of the scores, if it leads or the others are the same paper."""
        if not scores:
            return None
        best = max(scores, key=lambda i: (scores[i], -i))
        rivals = [i for i in scores if scores[i] > scores[best] - _CLEAR and not self._same(i, best)]
        if rivals:
            rivals = [i for i in (best, *rivals) if self._named_on(i, first)]
            if len(rivals) != 1:
                return NoMatch(f"several citations fit its {how} equally well")
            best = rivals[0]
        return CitationMatch(best, round(scores[best], 1), how)

    def _same(self, one: int, other: int) -> bool:
        a, b = self._candidates[one], self._candidates[other]
        agree = all(
            not x or not y or x == y for x, y in ((a.doi.lower(), b.doi.lower()), (a.pmid, b.pmid), (a.year, b.year))
        )
        return self._titles[one] == self._titles[other] and agree

    def _named_on(self, index: int, first: Sequence[Passage]) -> bool:
        """Whether a citation's first author and year stand on the first pages."""
        citation = self._candidates[index]
        words = set(plain_words(" ".join(p.text for p in first)).split())
        surname = plain_words(_first_surname(citation)).split()
        return bool(surname) and surname[-1] in words and (citation.year is None or str(citation.year) in words)


def _is_itself(citation: Citation, kind: FileKind, fit: identity.TitleFit, told: Identity) -> bool:
    """Whether a document whose label names a kind (“Study protocol”) is the citation's own paper: a published
    protocol or an editorial is a report of its own, and no supplement has an abstract."""
    if fit.agreement is not Agreement.AGREES or not fit.printed:
        return False
    if kind is FileKind.SUPPLEMENT:
        return told.has_abstract
    named = file_kinds.beside(set(normalise.fold_words(citation.title)), set()) is kind
    return named or (told.owns(citation.doi) and kind is not FileKind.CORRECTION)


def _doubt(
    citation: Citation, kind: FileKind, agreement: Agreement, told: Identity, *, own: bool, by_number: bool
) -> str:
    """Why a document may not be a file of this report after all, in one sentence; "" where nothing speaks against
    it. ``own``: it prints or stores the report's DOI as its own; ``by_number``: it was found by its DOI or PMID."""
    if kind is FileKind.COMMENT:
        return "it seems to be an editorial, a letter or a comment about the paper"
    if kind is not FileKind.PAPER and by_number and told.mentions(citation):
        return ""
    if agreement is Agreement.DENIES:
        return f"its own title is another one: “{_shown(told.titles[0])}”"
    if agreement is Agreement.PARTLY and not own:
        return f"its title differs: “{_shown(told.titles[0])}”"
    if agreement is Agreement.SILENT and not own and told.lacks_authors(citation):
        return "no title was read in it, and none of the authors"
    other = told.denies_doi(citation) if kind is FileKind.PAPER else ""
    if other:
        return f"it has a DOI of its own, {other}"
    return "" if own else told.denies_people_or_year(citation)


def _first_surname(citation: Citation) -> str:
    return normalise.surname(citation.authors[0]) if citation.authors else ""


def _shown(title: str) -> str:
    return textwrap.shorten(title, _SHOWN, placeholder=" …")
