"""BibTeX, as Zotero, JabRef, Mendeley and LaTeX read it. What TeX would take for a command is escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TextIO

from leads_local.citations.outgoing import rest
from leads_local.records import Citation

_SPECIAL = re.compile(r"[&%$#_{}]")
_TYPES = {
    "chapter": "incollection",
    "book": "book",
    "thesis": "phdthesis",
    "conference": "inproceedings",
    "report": "techreport",
    "web": "misc",
    "article": "article",
}
_NAME = re.compile(r"[a-z][a-z0-9_-]*", re.IGNORECASE)


def write(citations: Iterable[Citation], out: TextIO) -> int:
    """Returns how many records there were."""
    count = 0
    for count, citation in enumerate(citations, start=1):
        out.write(f"@{_TYPES[rest.kind_of_work(citation.kind)]}{{{_key(citation, count)},\n")
        for name, value in _fields(citation):
            if text := rest.plain(value):
                out.write(f"  {name} = {{{text}}},\n")
        out.write("}\n\n")
    return count


def _key(citation: Citation, number: int) -> str:
    """Of letters and digits, and no two alike."""
    surname = citation.authors[0].partition(",")[0] if citation.authors else "record"
    letters = "".join(letter for letter in surname.lower() if letter.isascii() and letter.isalnum()) or "record"
    return f"{letters}{rest.year(citation)}_{number}"


def _escape(text: str) -> str:
    return _SPECIAL.sub(lambda found: f"\\{found.group()}", text)


def _fields(citation: Citation) -> Iterator[tuple[str, str]]:
    yield "title", _escape(citation.title)
    yield "author", " and ".join(_author(author) for author in citation.authors)
    yield from (("journal", _escape(citation.journal)), ("year", rest.year(citation)))
    yield from (("volume", _escape(citation.volume)), ("number", _escape(citation.issue)))
    yield from (("pages", _escape(citation.pages)), ("doi", citation.doi), ("pmid", citation.pmid))
    yield from (("abstract", _escape(citation.abstract)), ("language", _escape(citation.language)))
    yield "keywords", "; ".join(map(_escape, citation.keywords))
    yield from (("url", url) for url in citation.urls)
    yield "type", _escape(citation.kind)
    yield from (("note", _escape(note)) for note in rest.notes(citation))


def _author(name: str) -> str:
    """A name without a comma is a group's, or has its parts in an order that nobody should change."""
    return _escape(name) if "," in name else f"{{{_escape(name)}}}"
