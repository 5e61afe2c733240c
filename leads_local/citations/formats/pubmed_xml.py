"""PubMed's XML (PubmedArticleSet), articles and book chapters.

What has no place in a Citation is kept under its path, so that MeSH qualifiers, grants, registry numbers and history
dates are not lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from leads_local.citations.formats.fields import Entry, Labels, Parsed, build
from leads_local.citations.formats.xmltree import leaves, read_records, text_of
from leads_local.citations.normalise import one_line
from leads_local.records import Citation, Problem

LABELS = Labels(
    title=("title", "vernacular title", "book title"),
    abstract=("abstract", "other abstract"),
    journal=("journal", "book title", "journal abbreviation"),
    volume=("volume",),
    issue=("issue",),
    pages=("pages",),
    language=("language",),
    year=("year", "electronic year", "book year"),
    doi=("doi",),
    pmid=("pmid",),
    kind=("type",),
    authors=("author",),
    keywords=("mesh", "keyword"),
)
RECORDS = frozenset(("PubmedArticle", "PubmedBookArticle"))
_MARKUP = frozenset(("b", "i", "u", "sub", "sup", "em", "strong", "DispFormula", "mml:math", "math"))
_PLACES = {
    "title": ("MedlineCitation/Article/ArticleTitle", "BookDocument/ArticleTitle"),
    "vernacular title": ("MedlineCitation/Article/VernacularTitle", "BookDocument/VernacularTitle"),
    "book title": ("BookDocument/Book/BookTitle",),
    "journal": ("MedlineCitation/Article/Journal/Title",),
    "journal abbreviation": (
        "MedlineCitation/Article/Journal/ISOAbbreviation",
        "MedlineCitation/MedlineJournalInfo/MedlineTA",
    ),
    "volume": ("MedlineCitation/Article/Journal/JournalIssue/Volume", "BookDocument/Book/Volume"),
    "issue": ("MedlineCitation/Article/Journal/JournalIssue/Issue",),
    "pages": ("MedlineCitation/Article/Pagination/MedlinePgn", "BookDocument/Pagination/MedlinePgn"),
    "language": ("MedlineCitation/Article/Language", "BookDocument/Language"),
    "year": (
        "MedlineCitation/Article/Journal/JournalIssue/PubDate/Year",
        "MedlineCitation/Article/Journal/JournalIssue/PubDate/MedlineDate",
    ),
    "electronic year": ("MedlineCitation/Article/ArticleDate/Year",),
    "book year": ("BookDocument/ContributionDate/Year", "BookDocument/Book/PubDate/Year"),
    "type": ("MedlineCitation/Article/PublicationTypeList/PublicationType", "BookDocument/PublicationType"),
    "keyword": ("MedlineCitation/KeywordList/Keyword", "BookDocument/KeywordList/Keyword"),
    "pmid": ("MedlineCitation/PMID", "BookDocument/PMID"),
}
_AUTHORS = ("MedlineCitation/Article/AuthorList/Author", "BookDocument/AuthorList/Author")
_ABSTRACTS = {
    "abstract": ("MedlineCitation/Article/Abstract", "BookDocument/Abstract"),
    "other abstract": ("MedlineCitation/OtherAbstract",),
}
_TOP = re.compile(r"^(?:MedlineCitation|BookDocument)(?:\[[^\]]*\])?/")


def _name(author: Element) -> str:
    """``Last, First, Suffix``, or the name of a group."""
    last, first = (
        author.findtext("LastName", "").strip(),
        (author.findtext("ForeName") or author.findtext("Initials") or "").strip(),
    )
    suffix = author.findtext("Suffix", "").strip()
    return one_line(", ".join(part for part in (last, first, suffix) if part) or author.findtext("CollectiveName", ""))


def _abstract(element: Element) -> str:
    """The parts of a structured abstract as paragraphs that begin with their label."""
    parts = []
    for part in element.iter("AbstractText"):
        label, text = part.get("Label", ""), one_line(text_of(part))
        parts.append(f"{label}: {text}" if label and label.upper() != "UNLABELLED" else text)
    return "\n".join(part for part in parts if part)


def _mesh(heading: Element) -> str:
    names = [child for child in heading if child.tag in ("DescriptorName", "QualifierName") and text_of(child)]
    return "/".join(("*" if name.get("MajorTopicYN") == "Y" else "") + one_line(text_of(name)) for name in names)


def _known(record: Element, used: set[Element]) -> Iterator[tuple[str, str]]:
    """Label and text of what has a place in a Citation; the elements that are told by it whole are added to
    ``used``."""
    for label, paths in _PLACES.items():
        for element in (found for path in paths for found in record.findall(path)):
            used.add(element)
            yield label, one_line(text_of(element))
    for author in (found for path in _AUTHORS for found in record.findall(path)):
        used.update(
            author.findall("LastName")
            + author.findall("ForeName")
            + author.findall("Suffix")
            + author.findall("CollectiveName")
        )
        yield "author", _name(author)
    for label, paths in _ABSTRACTS.items():
        for element in (found for path in paths for found in record.findall(path)):
            used.update(element.iter("AbstractText"))
            yield label, _abstract(element)
    for heading in record.findall("MedlineCitation/MeshHeadingList/MeshHeading"):
        used.update(heading)
        yield "mesh", _mesh(heading)
    ids = record.findall("MedlineCitation/Article/ELocationID") + record.findall("PubmedData/ArticleIdList/ArticleId")
    for element in (found for found in ids if "doi" in (found.get("EIdType"), found.get("IdType"))):
        used.add(element)
        yield "doi", text_of(element)


def _entries(record: Element, line: int) -> list[Entry]:
    used: set[Element] = set()
    known = [Entry(label, text, line) for label, text in _known(record, used) if text]
    parents = {child: parent for parent in record.iter() for child in parent}
    for element in used:
        if element in parents:
            parents[element].remove(element)
    dois = {entry.value.lower() for entry in known if entry.tag == "doi"}
    if len(dois) == 1:
        first = next(index for index, entry in enumerate(known) if entry.tag == "doi")
        known = [entry for index, entry in enumerate(known) if entry.tag != "doi" or index == first]
    return known + [Entry(_TOP.sub("", path), value, line) for path, value in leaves(record, _MARKUP)]


def read(text: str) -> Parsed:
    """Read PubMed XML. A record without any text is a Problem with its text."""
    citations: list[Citation] = []
    notices: list[Problem] = []

    def take(record: Element, line: int) -> None:
        whole = text_of(record)
        entries = _entries(record, line) if len(record) else []
        if not entries:
            notices.append(
                Problem(
                    "This record holds no field that PubMed writes; it was left out.",
                    line,
                    whole or f"<{record.tag}/>",
                    whole=True,
                )
            )
            return
        citation, found = build(entries, LABELS, len(citations) + 1)
        citations.append(citation)
        notices.extend(found)

    problems = read_records(text, RECORDS, take)
    return Parsed(tuple(citations), tuple(sorted([*problems, *notices], key=lambda problem: problem.line)))
