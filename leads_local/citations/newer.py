"""Whether a record from a newer export says something else of a paper than the one that is known, field by field.

Two records are of one database entry where an identifier is the same and so is the database, and their titles are
alike: then the newer text is that of the same entry. Databases word the same abstract differently, so from another one,
or where it can't be told which one it is, only what was missing is taken. A DOI may be given to many, to the abstracts
of a congress or to an erratum: then the titles have to be the same but for spelling.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from leads_local.citations import normalise, standing_notices
from leads_local.citations.standing_notices import PaperNotice
from leads_local.records import Citation

_LETTERS = re.compile(r"\W+")
_PUBMED = ("pubmed", "medline", "nlm")
_OF_ANY_DATABASE = frozenset(
    ("ris", "csv", "enw", "endnote xml", "bibtex", "jsonl", "csl json", "ovid", "xlsx", "xlsb", "xls", "ods")
)
ACCESSION_TAGS = ("AN", "UT", "Accession Number", "accession number", "accession-num", "%M", "UI")
_LIBRARY = re.compile(r"\.(?:enlx?|enlp|bdb|ddb)$", re.IGNORECASE)  # a reference manager's own
_OF_ALL = re.compile(  # fields that every program writes
    r"AD|CY|D[AP]|ID|J[2AFO]|L[1-4]|N[12]|P[BPY]|S[NTP]|EP|U[R1-4]|[TY][12]|database|source-app|rec-number|"
    r"foreign-keys.*|auth-address|notes?|isbn|issn|label|id|dates/.*|urls?/.*",
    re.IGNORECASE,
)
_SAME_FIELDS = 0.75  # of those that either has
_FEWEST_FIELDS = 2
_REVISED = ("LR", "DateRevised")
_SAME_TITLE = 90  # of 100
_LONG_TITLE = 30  # characters
_SAME_WORDS = 97
_LAST_LINE = 300  # characters, in which the line on copyright stands
_COPYRIGHT = re.compile(r"(?:©|\(c\)|copyright\b)[^\n]{0,200}$|\S[^.\n]{0,80}all rights reserved\.?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class NewerText:
    """What the newer record has in the place of ``before``; ``field`` is a name of Citation."""

    field: str
    before: str
    after: str


def same_database(known: Citation, known_format: str, new: Citation, new_format: str) -> bool:
    """Whether both are from one database, by what they say, else by the number that it gave the entry, else by the
    fields that exports of the same form have. False where that can't be told."""
    named = _database_of(known, known_format), _database_of(new, new_format)
    if all(named):
        return named[0] == named[1]
    numbers = accession_number(known), accession_number(new)
    if any(named) or all(numbers):
        return numbers[0] == numbers[1] != ""
    own, other = ({tag for tag, _ in one.extra} for one in (known, new))
    return known_format == new_format and (own == other or _are_telling_fields(own, other))


def _are_telling_fields(*fields: set[str]) -> bool:
    """Whether of the fields that not every program writes most are in both."""
    own, other = ({tag for tag in tags if not _OF_ALL.fullmatch(tag)} for tags in fields)
    return len(own & other) >= max(_FEWEST_FIELDS, _SAME_FIELDS * len(own | other))


def _database_of(citation: Citation, format: str) -> str:
    """What the record says of its database, or its form does, folded; "" where neither tells."""
    told = (value for tag, value in citation.extra if tag.casefold() in ("db", "database", "source database"))
    said = next((value for value in told if not _LIBRARY.search(value)), "")
    if any(tag == "OWN" for tag, _ in citation.extra):
        said = said or "pubmed"
    name = (said or ("" if format in _OF_ANY_DATABASE else format)).casefold()
    return "pubmed" if any(word in name for word in _PUBMED) or format in ("nbib", "pubmed xml") else name


def accession_number(citation: Citation) -> str:
    """The number that a database gave the entry, or ""."""
    return next((value.strip() for tag, value in citation.extra if tag in ACCESSION_TAGS), "")


def is_older(known: Citation, new: Citation) -> bool:
    """Whether both say when they were revised, and the new one was earlier."""
    before, after = _revised(known), _revised(new)
    return bool(before and after and after < before)


def _revised(citation: Citation) -> str:
    return next((_LETTERS.sub("", value) for tag, value in citation.extra if tag.split("/")[0] in _REVISED), "")


def same_paper(known: Citation, new: Citation, *, one_database: bool) -> bool:
    """Whether two records with an identifier in common are of one paper: their titles are alike but for what databases
    write beside them."""
    if known.pmid and new.pmid and known.pmid != new.pmid:
        return False
    one, other = _plain_title(known.title), _plain_title(new.title)
    if not one or not other or one == other:
        return True
    if _is_notice(known) is not _is_notice(new):
        return False
    if known.pmid and known.pmid == new.pmid:
        return one in other or other in one or _ratio(one, other) >= _SAME_TITLE
    numbers = accession_number(known), accession_number(new)
    if one_database and all(numbers):
        return numbers[0] == numbers[1] and (one in other or other in one or _ratio(one, other) >= _SAME_TITLE)
    return _differ_in_spelling(known.title, new.title) or _is_begun(*sorted((one, other), key=len))


def _is_notice(citation: Citation) -> bool:
    return PaperNotice.NOTICE in standing_notices.find(citation)


def _ratio(one: str, other: str) -> float:
    from rapidfuzz import fuzz  # which no other work on an import needs

    return fuzz.ratio(one, other)


def _differ_in_spelling(one: str, other: str) -> bool:
    from leads_local.citations import titles  # and rapidfuzz

    return titles.compare_titles(titles.fold_title(one), titles.fold_title(other)) >= titles.TitleLikeness.NEAR


def _is_begun(short: str, long: str) -> bool:
    """Whether a title is the other one without its subtitle."""
    return len(short) >= _LONG_TITLE and long.startswith(f"{short} ")


@lru_cache(maxsize=4096)
def _plain_title(title: str) -> str:
    return normalise.title_key(re.sub(r"\[[^\]]*\]|^\W*(?:retracted|withdrawn)[^:]*:", "", title, flags=re.IGNORECASE))


def compare(known: Citation, new: Citation, *, same_database: bool) -> list[NewerText]:
    """What of the paper's text is to be replaced. Spelling of the same words, white space and case are no change, nor
    are other forms of the same names, pages and numbers; of a journal, whose names are shortened in many ways, and of
    identifiers only what was missing is taken."""
    found: list[NewerText] = []
    for field, key in _KEYS.items():
        before, after = _text(known, field), _text(new, field)
        if not after or key(before) == key(after):
            continue
        if not before or (same_database and field not in _ONLY_MISSING):
            found.append(NewerText(field, before, after))
    return found


def is_slight(one: NewerText) -> bool:
    """Whether nobody who has decided needs to look again: the same numbers, and words that differ in spelling or by a
    line on copyright only."""
    before, after = (
        _words(text[:-_LAST_LINE] + _COPYRIGHT.sub("", text[-_LAST_LINE:])) for text in (one.before, one.after)
    )
    numbers = (sorted(re.findall(r"\d+", text)) for text in (before, after))
    return bool(before) and len({tuple(found) for found in numbers}) == 1 and _ratio(before, after) >= _SAME_WORDS


def _words(text: str) -> str:
    return " ".join(_LETTERS.sub(" ", text).casefold().split())


def _text(citation: Citation, field: str) -> str:
    """As a person would correct it: authors with semicolons between."""
    value = getattr(citation, field)
    return "; ".join(value) if isinstance(value, tuple) else "" if value is None else str(value).strip()


def _surnames(authors: str) -> str:
    return " ".join(normalise.name_key(one) for one in authors.split("; "))


def _first_page(pages: str) -> str:
    return normalise.first_page_key(pages) or _words(pages)


def _number(text: str) -> str:
    return normalise.first_number(text) or _words(text)


_KEYS: Mapping[str, Callable[[str], str]] = {
    "title": _words,
    "abstract": _words,
    "authors": _surnames,
    "year": _words,
    "journal": _words,
    "volume": _number,
    "issue": _number,
    "pages": _first_page,
    "doi": _words,
    "pmid": _words,
}
_ONLY_MISSING = ("journal", "doi", "pmid")
