"""What a PDF says of itself on its first pages, and whether that fits a citation.

A DOI on a first page is often another paper's: an editorial, a follow-up and a supplement print that of the trial that
they speak of. So the title has to agree, and where there is no DOI of its own, an author and the year; what does not
agree is for a person to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

from rapidfuzz import fuzz

from leads_local.citations import normalise, title_notes
from leads_local.citations.titles import TitleLikeness, compare_titles, fold_title
from leads_local.documents import file_kinds
from leads_local.documents.file_kinds import FileKind
from leads_local.records import Citation, Document, Passage, PassageKind

FIRST_PAGES = 2
_DOI = re.compile(r"\b10\.\d{4,9}/[^\s\"<>]+", re.IGNORECASE)
_BROKEN_DOI = re.compile(r"(\b10\.\d{4,9}/)\s+", re.IGNORECASE)
_IN_BRACKETS = re.compile(r"\([^()]*\b10\.\d{4,9}/.*?\)(?![a-z\d])", re.IGNORECASE)
_PMID = re.compile(r"\bPMID:?\s*(\d{5,9})\b", re.IGNORECASE)
_REGISTRY_DOI = re.compile(r"10\.1186/isrctn\d", re.IGNORECASE)
_COMPONENT = re.compile(r"[./](?:s|t|f|supp)[\da-z_-]*$")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_CITES = re.compile(
    r"[\"“‘«]|\b(?:this issue|with interest|the article|the paper|entitled|related article)\b"
    r"|\bsee (?:the )?(?:research|article|also|page)\b",
    re.IGNORECASE,
)
_TOP = 25  # passages of the first page that may hold its title
_FEW = 8  # of them in which a file says what it is
_LINE = 200  # characters of a line in which a paper prints its own DOI
_ROOM = 260  # characters around a title in a passage that holds more than that
_BEFORE = 60  # of these before it
_LABEL = 80  # characters of a line that names the kind of the file
_ALIKE, _INSIDE, _LONG = 85.0, 95.0, 25
_TELLING_WORDS = 4
_ENOUGH_WORDS = 60  # on the first pages, for the lack of an author's name to tell anything


class Agreement(IntEnum):
    """How a printed title fits a citation's: another one; none that could be read; with words that differ, or inside
    another line; the same but for spelling."""

    DENIES = 0
    SILENT = 1
    PARTLY = 2
    AGREES = 3


@dataclass(frozen=True, slots=True)
class TitleFit:
    """``kind``: what the words around the title say that the file is. ``printed``: the title stands as one."""

    agreement: Agreement
    kind: FileKind = FileKind.PAPER
    printed: bool = True


@dataclass(frozen=True, slots=True)
class Identity:
    """``kind``: by labels and sentences at the top. ``titles``: as printed, the surest first; ``tops``: the passages of
    the first page in which a title may stand. ``dois``: that the paper prints as its own or the file stores
    (``stored_dois``). ``words`` and ``years`` of the first pages. ``has_abstract``: under a heading of its own."""

    kind: FileKind
    titles: tuple[str, ...]
    tops: tuple[str, ...]
    dois: frozenset[str]
    stored_dois: frozenset[str]
    words: frozenset[str]
    years: frozenset[int]
    has_abstract: bool

    def fits_title(self, citation: Citation) -> TitleFit:
        """How the titles that are printed fit the citation's."""
        wanted = _titles_of(citation)
        fits = [_fit(title, printed) for title in wanted for printed in self.titles]
        best = max(fits, key=lambda fit: fit.agreement, default=TitleFit(Agreement.DENIES))
        if best.agreement > Agreement.DENIES:
            return best
        if any(len(title) >= _LONG and len(title.split()) >= _TELLING_WORDS for title in self.titles):
            return TitleFit(Agreement.DENIES, printed=False)
        around = next((top for title in wanted for top in self.tops if _stands_in(title, top)), "")
        agreement = Agreement.AGREES if around else Agreement.SILENT
        return TitleFit(agreement, file_kinds.parted(around)[0], printed=False)

    def mentions(self, citation: Citation) -> bool:
        """Whether the citation's title stands anywhere in the first page."""
        page = plain_words(" ".join((*self.titles, *self.tops)))
        return any(len(title) >= _LONG and plain_words(title) in page for title in _titles_of(citation))

    def lacks_authors(self, citation: Citation) -> bool:
        """Whether there is text enough on the first pages, and none of the citation's authors in it."""
        surnames = [normalise.fold_words(normalise.surname(author)) for author in citation.authors]
        return len(self.words) >= _ENOUGH_WORDS and not any(name and self.words.issuperset(name) for name in surnames)

    def denies_people_or_year(self, citation: Citation) -> str:
        """What of authors and year stands otherwise on the first pages, a few words; "" where nothing does."""
        if citation.authors and self.lacks_authors(citation):
            return "none of its authors stands on the first pages"
        near = citation.year is None or not self.years or any(abs(year - citation.year) <= 1 for year in self.years)
        return "" if near else f"its year, {citation.year}, does not stand on the first pages"

    def owns(self, doi: str) -> bool:
        """Whether this DOI is the document's own: in the file's data, or the only one that is printed as such."""
        return bool(doi) and (doi.lower() in self.stored_dois or self.dois == {doi.lower()})

    def denies_doi(self, citation: Citation) -> str:
        """The file's own DOI where that is another one than the citation's, else ""."""
        doi = citation.doi.lower()
        if not doi or not self.dois or any(own == doi or _COMPONENT.sub("", own) == doi for own in self.dois):
            return ""
        return min(self.dois)


def first_passages(document: Document) -> list[Passage]:
    """What stands on the first pages, without references."""
    return [p for p in document.passages if 0 < p.page <= FIRST_PAGES and p.section != "references"]


def read(document: Document) -> Identity:
    """What the document says of itself."""
    first = first_passages(document)
    top = [p for p in first if p.page == 1][:_TOP]
    told = [value for name, value in document.info if name == "title" and _looks_like_title(value)]
    printed = [p.text for p in first if p.kind is PassageKind.TITLE]
    text = " ".join(p.text for p in first)
    stored = [doi for _, value in document.info for doi in find_dois(value) if not _REGISTRY_DOI.match(doi)]
    return Identity(
        kind=_kind(top),
        titles=tuple(dict.fromkeys([*_joined(printed), *told])),
        tops=tuple(p.text for p in top if p.kind is not PassageKind.TITLE),
        dois=frozenset((*stored, *_printed_dois(top))),
        stored_dois=frozenset(stored),
        words=frozenset(normalise.fold_words(text)),
        years=frozenset(int(year) for year in _YEAR.findall(text)),
        has_abstract=any(p.kind is PassageKind.HEADING and p.section == "abstract" for p in first),
    )


def find_dois(text: str) -> list[str]:
    """The DOIs in a text, in lower case, without the punctuation that follows them."""
    return [_trim_doi(doi.lower()) for doi in _DOI.findall(_BROKEN_DOI.sub(r"\1", text))]


def find_pmids(text: str) -> list[str]:
    """The numbers in a text that are said to be PMIDs."""
    return _PMID.findall(text)


def plain_words(text: str) -> str:
    """Folded letters and digits, words parted by one space."""
    return " ".join(normalise.fold_words(text))


def _trim_doi(doi: str) -> str:
    doi = doi.rstrip(".,;:'’”|*")
    while doi.endswith(")") and doi.count(")") > doi.count("("):
        doi = doi[:-1].rstrip(".,;:")
    return doi.rstrip("]}")


def _kind(top: Sequence[Passage]) -> FileKind:
    """By the lines up to the title, since headings and side notes of a paper have such words, too, and by what the
    first passages say."""
    title = next((place for place, p in enumerate(top) if p.kind is PassageKind.TITLE), _FEW)
    labels = (p.text for p in top[: title + 1] if len(p.text) <= _LABEL)
    kinds = (*map(file_kinds.of_label, labels), *(file_kinds.of_sentence(p.text) for p in top[:_FEW]))
    return next((kind for kind in kinds if kind is not FileKind.PAPER), FileKind.PAPER)


def _joined(printed: Sequence[str]) -> Iterator[str]:
    """Each title passage, and all of them together: a title may be set in several sizes."""
    yield from printed
    if len(printed) > 1:
        yield " ".join(printed)


def _looks_like_title(value: str) -> bool:
    """Files are often named there, or the page layout."""
    words = re.findall(r"[^\W\d_]{2,}", value)
    return len(words) >= _TELLING_WORDS and len(value) >= _LONG and not re.search(r"\.[a-z]{2,5}$", value.lower())


def _printed_dois(top: Sequence[Passage]) -> Iterator[str]:
    """Those in lines of a few words, as a masthead is, not in brackets as a cited one."""
    for passage in top:
        if len(passage.text) <= _LINE and passage.section == "":
            text = _IN_BRACKETS.sub(" ", passage.text)
            yield from (doi for doi in find_dois(text) if not _REGISTRY_DOI.match(doi))


def _titles_of(citation: Citation) -> list[str]:
    bare = title_notes.take_off(citation.title)
    return [title for title in (bare.text, bare.other) if title]


def _fit(title: str, printed: str) -> TitleFit:
    """How a printed title fits the paper called ``title``, and what kind of file the words beside it tell."""
    kind, rest = file_kinds.parted(printed)
    if rest and kind is not file_kinds.parted(title)[0] and (agreement := _agreement(title, rest)) > Agreement.DENIES:
        return TitleFit(agreement, kind)
    own, other = set(normalise.fold_words(printed)), set(normalise.fold_words(title))
    if file_kinds.beside(other, own) is not FileKind.PAPER:
        return TitleFit(Agreement.DENIES)
    return TitleFit(_agreement(title, printed), file_kinds.beside(own, other))


def _agreement(title: str, printed: str) -> Agreement:
    likeness = compare_titles(fold_title(title), fold_title(printed))
    if likeness >= TitleLikeness.NEAR:
        return Agreement.AGREES
    nearly = likeness > TitleLikeness.OTHER or fuzz.ratio(plain_words(title), plain_words(printed)) >= _ALIKE
    return Agreement.PARTLY if nearly else Agreement.DENIES


def _stands_in(title: str, text: str) -> bool:
    """Whether a line holds a title and little else, and does not cite it."""
    wanted, line = plain_words(title), plain_words(text)
    if len(wanted) < _LONG or not len(wanted) * 0.9 <= len(line) <= len(wanted) + _ROOM or _CITES.search(text):
        return False
    found = fuzz.partial_ratio_alignment(wanted, line, score_cutoff=_INSIDE)
    return found is not None and found.dest_start <= _BEFORE
