"""Whether a record from a newer export says something else of a paper than the one that is known, field by field.

Two records are of one database entry where an identifier is the same and so is the database, and their titles are
alike: then the newer text is that of the same entry. Databases word the same abstract differently, so from another one
only what was missing is taken.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from leads_local.citations import normalise
from leads_local.records import Citation

_LETTERS = re.compile(r"\W+")
_PUBMED = ("pubmed", "medline", "nlm")
_REVISED = ("LR", "DateRevised")
_SAME_TITLE = 90  # of 100
_SAME_WORDS = 97
_LAST_LINE = 300  # characters, in which the line on copyright stands
_COPYRIGHT = re.compile(r"(?:©|\(c\)|copyright\b)[^\n]{0,200}$|\S[^.\n]{0,80}all rights reserved\.?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class NewerText:
    """What the newer record has in the place of ``before``; ``field`` is a name of Citation."""

    field: str
    before: str
    after: str


def database_of(citation: Citation, format: str) -> str:
    """What the record says of its database, else the format of its file, folded."""
    said = next((value for tag, value in citation.extra if tag.casefold() in ("db", "database", "source database")), "")
    if citation.extra and any(tag == "OWN" for tag, _ in citation.extra):
        said = said or "pubmed"
    name = (said or format).casefold()
    return "pubmed" if any(word in name for word in _PUBMED) or format in ("nbib", "pubmed xml") else name


def is_older(known: Citation, new: Citation) -> bool:
    """Whether both say when they were revised, and the new one was earlier."""
    before, after = _revised(known), _revised(new)
    return bool(before and after and after < before)


def _revised(citation: Citation) -> str:
    return next((_LETTERS.sub("", value) for tag, value in citation.extra if tag.split("/")[0] in _REVISED), "")


def same_title(known: Citation, new: Citation) -> bool:
    """Whether the titles are alike but for what databases write beside them."""
    from rapidfuzz import fuzz  # which no other work on an import needs

    one, other = _plain_title(known.title), _plain_title(new.title)
    return not one or not other or one in other or other in one or fuzz.ratio(one, other) >= _SAME_TITLE


def _plain_title(title: str) -> str:
    return normalise.title_key(re.sub(r"\[[^\]]*\]|^\W*(?:retracted|withdrawn)[^:]*:", "", title, flags=re.IGNORECASE))


def compare(known: Citation, new: Citation, *, same_database: bool) -> list[NewerText]:
    """What of the paper's text is to be replaced. Spelling of the same words, white space and case are no change."""
    found: list[NewerText] = []
    for field in ("title", "abstract", "doi", "pmid", "year"):
        before, after = _text(known, field), _text(new, field)
        if not after or _words(before) == _words(after):
            continue
        if not before or (same_database and field in ("title", "abstract", "year")):
            found.append(NewerText(field, before, after))
    return found


def is_slight(one: NewerText) -> bool:
    """Whether nobody who has decided needs to look again: the same numbers, and words that differ in spelling or by a
    line on copyright only."""
    from rapidfuzz import fuzz  # which no other work on an import needs

    before, after = (
        _words(text[:-_LAST_LINE] + _COPYRIGHT.sub("", text[-_LAST_LINE:])) for text in (one.before, one.after)
    )
    numbers = (sorted(re.findall(r"\d+", text)) for text in (before, after))
    return bool(before) and len({tuple(found) for found in numbers}) == 1 and fuzz.ratio(before, after) >= _SAME_WORDS


def _words(text: str) -> str:
    return " ".join(_LETTERS.sub(" ", text).casefold().split())


def _text(citation: Citation, field: str) -> str:
    value = getattr(citation, field)
    return "" if value is None else str(value).strip()
