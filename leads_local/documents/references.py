"""The reference list of a paper as candidates: each entry with the title, authors, year and DOI that can be told.

Journals print references in a hundred ways, so an entry keeps its printed words beside what was made of them; where its
title can't be told apart, there is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from leads_local.documents.identity import find_dois, find_pmids
from leads_local.records import Citation, Passage, PassageKind

_NUMBER = re.compile(r"^\s*(?:\[\d{1,3}\]|\(\d{1,3}\)|\d{1,3}\s?[.)]?(?=\s))\s*")
_YEAR = re.compile(r"(?<![\d–-])((?:19|20)\d\d)[a-z]?(?![\d–-]|\.\d)")
_LINK = re.compile(r"(?:\bdoi:?\s*|https?://\S*?)?10\.\d{4,9}/\S+|https?://\S+|\bPMID:?\s*\d+", re.IGNORECASE)
_QUOTED = re.compile(r"[“\"]([^”\"]{15,400})[”\"]")
_INITIALS = r"(?:[A-Z]\.?[ -]?){1,4}"
_SURNAME = r"(?:(?:[a-zà-ÿ]{2,4} ){0,2}[A-ZÀ-Þ][\w’'-]+(?: [A-ZÀ-Þ][\w’'-]+)?)"
_AUTHOR = rf"{_SURNAME},? {_INITIALS}(?: ?(?:Jr|Sr|II|III))?(?![\w])"
_AUTHORS = re.compile(rf"^{_AUTHOR}(?:(?:,|;|,? (?:and|&)) {_AUTHOR})*(?:,? (?:et al\.?|and others))?")
_DATED = re.compile(r"^[\s,.]*\((?:19|20)\d\d[a-z]?\)[.,:]?\s*")
_END_OF_TITLE = re.compile(r"(?<![A-Z])[.?!](?=\s+[A-ZÀ-Þ])(?<!vs\.)(?<!St\.)")
_BODY = re.compile(r"^[A-ZÀ-Þ][^.:]{8,80}?[.:]\s")
_INITIALS_FIRST = re.compile(r"^(?:[A-Z]\.[ -]?)+ ?[A-ZÀ-Þa-z].{1,40}$")
_LEAST_WORDS, _SHORTEST, _LONGEST = 2, 8, 400
_LEAST_TEXT = 20  # characters of an entry beside links


@dataclass(frozen=True, slots=True)
class Reference:
    """One entry. ``text``: as it is printed, without its number; ``citation``: what could be told of it; its title is
    "" where that could not."""

    text: str
    citation: Citation


def read_references(passages: Iterable[Passage]) -> tuple[Reference, ...]:
    """The entries among the passages of the section "references". What has neither a year nor a DOI nor a PMID is
    none."""
    entries = (p.text for p in passages if p.section == "references" and p.kind is PassageKind.PARAGRAPH)
    return tuple(found for text in entries if (found := _read(" ".join(text.split()))) is not None)


def _read(entry: str) -> Reference | None:
    text = _NUMBER.sub("", entry)
    doi, pmid = next(iter(find_dois(text)), ""), next(iter(find_pmids(text)), "")
    plain = _LINK.sub(" ", text)
    years = [int(year) for year in _YEAR.findall(plain)]
    if not (years or doi or pmid) or len(plain.strip()) < _LEAST_TEXT:
        return None
    authors, rest = _split_authors(plain)
    title = _title(plain, rest)
    if not (title or doi or pmid or authors or _NUMBER.match(entry)):
        return None
    return Reference(
        text, Citation(title=title, authors=authors, year=years[-1] if years else None, doi=doi, pmid=pmid)
    )


def _split_authors(text: str) -> tuple[tuple[str, ...], str]:
    """The authors as they are printed, and what follows them; none where the entry does not begin with any."""
    found = _AUTHORS.match(text)
    if quoted := _QUOTED.search(text):
        before = re.split(r",? and |, ", re.sub(r"\bet al\.?|\band others\b", "", text[: quoted.start()]).strip(" ,"))
        if before and all(_INITIALS_FIRST.match(name.strip()) for name in before):
            return tuple(name.strip() for name in before), text[quoted.start() :]
    if found is None:
        body = _BODY.match(text)
        return ((), text[body.end() :]) if body is not None else ((), text)
    names = re.sub(r",? (?:et al\.?|and others)$", "", found.group())
    authors = re.findall(_AUTHOR, names)
    return tuple(name.strip(" ,;.") for name in authors), text[found.end() :]


def _title(text: str, rest: str) -> str:
    """The title: what stands in quotation marks, else the sentence after the authors, and a year in brackets."""
    if quoted := _QUOTED.search(text):
        return _if_long(quoted[1].rstrip(" ,."))
    rest = _DATED.sub("", rest).lstrip(" .,:;")
    end = _END_OF_TITLE.search(rest)
    if end is None:
        return ""
    return _if_long(rest[: end.start() + (rest[end.start()] != ".")])


def _if_long(title: str) -> str:
    wanted = len(title.split()) >= _LEAST_WORDS and _SHORTEST <= len(title) <= _LONGEST
    return title.strip() if wanted else ""
