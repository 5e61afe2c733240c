"""What the reference lists of the included reports name that the review does not have yet, as a file of citations.

Nothing comes into the review by that: the file is looked at, and imported like any other, as a source of the kind
"citation searching".
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from leads_local import files
from leads_local.citations import normalise, title_notes, writers
from leads_local.documents import sections
from leads_local.documents.references import Reference, read_references
from leads_local.errors import InputError
from leads_local.export import placing
from leads_local.export.records import format_of
from leads_local.records import Citation
from leads_local.review.review import Review
from leads_local.review.store import citations, documents

_BEGIN = 4  # words by which a record's title is looked for in an entry
_LONG = 20  # characters of a title that is looked for


@dataclass(frozen=True, slots=True)
class ReferenceLists:
    """``papers`` were read, of which ``without`` (the record and its file) have no list that could be read. Of the
    ``entries`` some name records that the review has (``known``), or one another; the others are ``candidates``, some
    of which are ``untitled``: their title could not be told apart."""

    papers: int = 0
    without: tuple[str, ...] = ()
    entries: int = 0
    known: int = 0
    candidates: tuple[Citation, ...] = ()
    untitled: int = 0


@dataclass(slots=True)
class _Candidate:
    reference: Reference
    cited_by: list[int] = field(default_factory=list)


def find_candidates(review: Review) -> ReferenceLists:
    """Read the reference lists of the included reports' papers and set aside what the review has."""
    known, found = _KnownRecords(review), dict[str, _Candidate]()
    papers = entries = old = 0
    without: list[str] = []
    for head in review.included()[1]:
        paper = documents.paper_of(review.db, head)
        document = documents.read(review.db, paper.sha256) if paper is not None else None
        if paper is None or document is None:
            continue
        papers += 1
        listed = read_references(sections.on_pages(document.passages, paper.pages))
        without += [] if listed else [f"record {head} ({files.name_of(document.path)})"]
        entries += len(listed)
        for one in listed:
            if known.has(one):
                old += 1
            else:
                found.setdefault(_name(one), _Candidate(one)).cited_by.append(head)
    made = tuple(_to_citation(one, number) for number, one in enumerate(found.values(), start=1))
    untitled = sum(1 for one in found.values() if not one.reference.citation.title)
    return ReferenceLists(papers, tuple(without), entries, old, made, untitled)


def check_place(path: Path) -> str:
    """The format that the file's name asks for. Raises InputError where it asks for none, or something stands there
    already: to be asked before papers are read."""
    asked = format_of(path, writers.ENDINGS)
    if os.path.lexists(path):
        raise InputError(f"{path} is there already; it is not replaced.", "Choose another name.")
    placing.check_places(path.parent, [path.name])
    return asked


def write_candidates(path: Path, asked: str, lists: ReferenceLists) -> None:
    """Write the candidates in the format ``asked``. Raises InputError where there is none."""
    if not lists.candidates:
        raise InputError("No reference is new to this review, so nothing is written.", "It needs included papers.")
    writers.write(path, lists.candidates, asked, replace=False)


class _KnownRecords:
    """The records of a review by their DOIs, PMIDs and titles."""

    def __init__(self, review: Review) -> None:
        self._numbers: set[str] = set()
        self._titles: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
        for _, _, _, citation in citations.stream(review.db):
            self._numbers |= {citation.doi.lower(), citation.pmid}
            words = title_notes.bare_key(citation.title).split()
            self._titles[tuple(words[:_BEGIN])].append(" ".join(words))
        self._numbers.discard("")

    def has(self, reference: Reference) -> bool:
        """Whether a record has its DOI or PMID, or a title that stands in the entry as it is printed."""
        if self._numbers & {reference.citation.doi, reference.citation.pmid}:
            return True
        words = normalise.fold_words(reference.text)
        text = f" {' '.join(words)} "
        begun = (title for at in range(len(words)) for title in self._titles.get(tuple(words[at : at + _BEGIN]), ()))
        return any(len(title) >= _LONG and f" {title} " in text for title in begun)


def _name(reference: Reference) -> str:
    """What two entries for one paper have in common."""
    told = reference.citation
    return told.doi or title_notes.bare_key(told.title) or " ".join(normalise.fold_words(reference.text))


def _to_citation(candidate: _Candidate, number: int) -> Citation:
    """The candidate as a citation: with the entry as it is printed, which is its title where none could be told."""
    told, text = candidate.reference.citation, candidate.reference.text
    return replace(told, title=told.title or text, extra=tuple(_notes(candidate)), number=number)


def _notes(candidate: _Candidate) -> Iterator[tuple[str, str]]:
    cited = ", ".join(str(head) for head in dict.fromkeys(candidate.cited_by))
    yield "N1", f"In the reference list of record {cited}: {candidate.reference.text}"
