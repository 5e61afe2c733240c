"""PubMed's XML (PubmedArticleSet), articles and book chapters.

What has no place in a Citation is kept under its path, so that MeSH qualifiers, grants, registry numbers and history
dates are not lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from leads_local.citations.formats.fields import Entry, FieldLabels, ParsedFile, build_citation
from leads_local.citations.formats.xmltree import element_text, leaf_texts, read_records, repeated
from leads_local.citations.normalise import one_line
from leads_local.records import Citation, ReadProblem

LABELS = FieldLabels(
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
_ONE_OF_EACH = (
    *("MedlineCitation", "MedlineCitation/PMID", "MedlineCitation/Article", "MedlineCitation/Article/ArticleTitle"),
    *("MedlineCitation/Article/Journal", "MedlineCitation/Article/Abstract", "BookDocument", "PubmedData"),
)
_TOP = re.compile(r"^(?:MedlineCitation|BookDocument)(?:\[[^\]]*\])?/")


def _author_name(author: Element) -> str:
    """``Last, First, Suffix``, or the name of a group."""
    last, first = (
        author.findtext("LastName", "").strip(),
        (author.findtext("ForeName") or author.findtext("Initials") or "").strip(),
    )
    suffix = author.findtext("Suffix", "").strip()
    return one_line(", ".join(part for part in (last, first, suffix) if part) or author.findtext("CollectiveName", ""))


def _abstract_text(element: Element) -> str:
    """The parts of a structured abstract as paragraphs that begin with their label."""
    parts = []
    for part in element.iter("AbstractText"):
        label, text = part.get("Label", ""), one_line(element_text(part))
        parts.append(f"{label}: {text}" if label and label.upper() != "UNLABELLED" else text)
    return "\n".join(part for part in parts if part)


def _mesh_heading(heading: Element) -> str:
    names = [child for child in heading if child.tag in ("DescriptorName", "QualifierName") and element_text(child)]
    return "/".join(("*" if name.get("MajorTopicYN") == "Y" else "") + one_line(element_text(name)) for name in names)


def _read_known_fields(record: Element, used: set[Element]) -> Iterator[tuple[str, str]]:
    """Label and text of what has a place in a Citation; the elements that are told by it whole are added to
    ``used``."""
    for label, paths in _PLACES.items():
        for element in (found for path in paths for found in record.findall(path)):
            used.add(element)
            yield label, one_line(element_text(element))
    for author in (found for path in _AUTHORS for found in record.findall(path)):
        used.update(
            author.findall("LastName")
            + author.findall("ForeName")
            + author.findall("Suffix")
            + author.findall("CollectiveName")
        )
        yield "author", _author_name(author)
    for label, paths in _ABSTRACTS.items():
        for element in (found for path in paths for found in record.findall(path)):
            used.update(element.iter("AbstractText"))
            yield label, _abstract_text(element)
    for heading in record.findall("MedlineCitation/MeshHeadingList/MeshHeading"):
        used.update(heading)
        yield "mesh", _mesh_heading(heading)
    ids = record.findall("MedlineCitation/Article/ELocationID") + record.findall("PubmedData/ArticleIdList/ArticleId")
    for element in (found for found in ids if "doi" in (found.get("EIdType"), found.get("IdType"))):
        used.add(element)
        yield "doi", element_text(element)


def _read_entries(record: Element, line: int) -> list[Entry]:
    used: set[Element] = set()
    known = [Entry(label, text, line) for label, text in _read_known_fields(record, used) if text]
    parents = {child: parent for parent in record.iter() for child in parent}
    for element in used:
        if element in parents:
            parents[element].remove(element)
    dois = {entry.value.lower() for entry in known if entry.tag == "doi"}
    if len(dois) == 1:
        first = next(index for index, entry in enumerate(known) if entry.tag == "doi")
        known = [entry for index, entry in enumerate(known) if entry.tag != "doi" or index == first]
    return known + [Entry(_TOP.sub("", path), value, line) for path, value in leaf_texts(record, _MARKUP)]


def read(text: str) -> ParsedFile:
    """Read PubMed XML. A record without any text is a Problem with its text."""
    citations: list[Citation] = []
    notices: list[ReadProblem] = []

    def take(record: Element, line: int) -> None:
        whole = element_text(record)
        entries = _read_entries(record, line) if len(record) else []
        if not entries:
            notices.append(
                ReadProblem(
                    "This record holds no field that PubMed writes; it was left out.",
                    line,
                    whole or f"<{record.tag}/>",
                    whole=True,
                )
            )
            return
        citation, found = build_citation(entries, LABELS, len(citations) + 1)
        citations.append(citation)
        notices.extend((*found, *repeated(record, _ONE_OF_EACH, line)))

    problems = read_records(text, RECORDS, take)
    return ParsedFile(tuple(citations), tuple(sorted([*problems, *notices], key=lambda problem: problem.line)))
