"""Which citation a PDF is the full text of.

The surest evidence decides: a DOI or PMID printed on the first pages or in the file's own data, then the title on the
first page, then the file's name. Where two different citations fit equally well there is no match but a reason, because
a full text under the wrong record would be screened and extracted without anyone noticing.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rapidfuzz import fuzz, process

from leads_local import files
from leads_local.records import Citation, Document, Passage, PassageKind

_DOI = re.compile(r"\b10\.\d{4,9}/[^\s\"<>]+", re.IGNORECASE)
_BROKEN_DOI = re.compile(r"(\b10\.\d{4,9}/)\s+", re.IGNORECASE)
_PMID = re.compile(r"\bPMID:?\s*(\d{5,9})\b", re.IGNORECASE)
_FIRST_PAGES = 2
_TITLE = 90.0  # rapidfuzz ratio of a printed title and a citation's
_INSIDE = 95.0  # partial ratio of a citation's title within the first page
_LONG = 30  # characters that a title needs to be looked for within a page
_NAME = 88.0
_CLEAR = 4.0  # points by which the best must lead the second


@dataclass(frozen=True, slots=True)
class CitationMatch:
    """The citation at ``index`` fits with ``score`` (0 to 100); ``how`` says by what, for a person to read."""

    index: int
    score: float
    how: str


@dataclass(frozen=True, slots=True)
class NoMatch:
    """No citation fits, or several do equally well: ``reason`` says which, in one sentence."""

    reason: str


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
        first = [p for p in document.passages if 0 < p.page <= _FIRST_PAGES and p.section != "references"]
        for found in (
            self._by_doi(document, first),
            self._by_pmid(first),
            self._by_title(document, first),
            self._by_name(stem),
        ):
            if found is not None:
                return found
        return NoMatch("no citation has this paper's DOI, PMID or title")

    def _by_doi(self, document: Document, first: Sequence[Passage]) -> CitationMatch | NoMatch | None:
        pages = (" ".join(p.text for p in first if p.page == page) for page in range(1, _FIRST_PAGES + 1))
        for text in (" ".join(value for _, value in document.info), *pages):
            hits = {doi: self._dois[doi] for doi in find_dois(text) if doi in self._dois}
            if len(hits) == 1:
                doi, indices = next(iter(hits.items()))
                return CitationMatch(indices[0], 100.0, f"DOI {doi}")
            if hits:
                title = self._by_title(document, first, [i for indices in hits.values() for i in indices])
                return title or NoMatch(
                    f"the DOIs of several citations stand on its first pages: {', '.join(sorted(hits))}"
                )
        return None

    def _by_pmid(self, first: Sequence[Passage]) -> CitationMatch | NoMatch | None:
        hits = {pmid for p in first for pmid in _PMID.findall(p.text) if pmid in self._pmids}
        if len(hits) > 1:
            return NoMatch(f"the PMIDs of several citations stand on its first pages: {', '.join(sorted(hits))}")
        return next((CitationMatch(self._pmids[pmid][0], 100.0, f"PMID {pmid}") for pmid in hits), None)

    def _by_title(
        self, document: Document, first: Sequence[Passage], among: Sequence[int] | None = None
    ) -> CitationMatch | NoMatch | None:
        indices = range(len(self._candidates)) if among is None else among
        choices = {i: self._titles[i] for i in indices if len(self._titles[i]) >= 15}
        printed = [plain_words(p.text) for p in first if p.kind is PassageKind.TITLE]
        printed += [plain_words(value) for name, value in document.info if name == "title" and len(value) >= 20]
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


def find_dois(text: str) -> list[str]:
    """The DOIs in a text, in lower case, without the punctuation that follows them."""
    found: Iterable[str] = _DOI.findall(_BROKEN_DOI.sub(r"\1", text))
    return [_trim_doi(doi.lower()) for doi in found]


def _trim_doi(doi: str) -> str:
    doi = doi.rstrip(".,;:'’”|*")
    while doi.endswith(")") and doi.count(")") > doi.count("("):
        doi = doi[:-1].rstrip(".,;:")
    return doi.rstrip("]}")


def plain_words(text: str) -> str:
    """Letters and digits in lower case without accents, words parted by one space."""
    text = unicodedata.normalize("NFKD", text).casefold()
    return " ".join(re.findall(r"[^\W_]+", "".join(c for c in text if not unicodedata.combining(c))))


def _first_surname(citation: Citation) -> str:
    """The first author's family name, from "Family, Given" or "Family GI" or "Given Family"."""
    if not citation.authors:
        return ""
    name = citation.authors[0]
    if "," in name:
        return name.split(",")[0]
    words = name.split()
    initials = [w for w in words if w.replace(".", "").isupper() and len(w.replace(".", "")) <= 3]
    return next((w for w in words if w not in initials), name) if initials else (words[-1] if words else "")
