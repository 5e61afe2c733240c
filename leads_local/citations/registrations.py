"""Registration numbers of trials in a text, each in one spelling: ``NCT 01234567`` and ``nct01234567`` are one.

Reports of one trial share hardly anything as surely as its number in a register. Only numbers that a register's own
form proves are found; what could be any number is not guessed at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from leads_local.records import Citation

_FORMS = {
    "NCT": r"NCT[\s:#-]{0,2}(\d{8})",
    "ISRCTN": r"ISRCTN[\s:#-]{0,2}(\d{8})",
    "EudraCT ": r"(20[0-2]\d-[0-4]\d{5}-\d{2})",
    "EUCT ": r"(20[2-4]\d-5\d{5}-\d{2})(?:-\d{2})?",
    "ACTRN": r"ACTRN[\s:#-]{0,2}(\d{14})p?",
    "DRKS": r"DRKS[\s:#-]{0,2}(?:ID[\s:#-]{0,2})?(\d{8})",
    "ChiCTR": r"ChiCTR[\s:#-]{0,2}(?:[A-Z]{2,5}[\s-]?)?(\d{8,10})",
    "UMIN": r"UMIN(?:[\s-]?CTR)?[\s:#-]{0,2}(?:UMIN|ID)?[\s:#-]{0,2}(\d{9})",
    "jRCT": r"jRCT[\s:#-]{0,2}(s?\d{9,10})",
    "JapicCTI-": r"JapicCTI[\s:#-]{0,2}(\d{6})",
    "CTRI/": r"CTRI[\s:/-]{1,2}(\d{4}/\d{2,3}/\d{6})",
    "IRCT": r"IRCT[\s:#-]{0,2}(\d{10,20}N\d{1,3})",
    "KCT": r"KCT[\s:#-]{0,2}(\d{7})",
    "TCTR": r"TCTR[\s:#-]{0,2}(\d{11})",
    "PACTR": r"PACTR[\s:#-]{0,2}(\d{15,16})",
    "RBR-": r"RBR-([0-9a-z]{5,7})",
    "RPCEC": r"RPCEC[\s:#-]{0,2}(\d{8})",
    "SLCTR/": r"SLCTR[\s:/-]{1,2}(\d{4}/\d{3})",
    "LBCTR": r"LBCTR[\s:#-]{0,2}(\d{10})",
    "NTR": r"NTR[\s:#-]{0,2}(\d{3,5})",
}
_ANY = re.compile(rf"(?<![A-Za-z0-9])(?:{'|'.join(_FORMS.values())})(?![0-9])", re.IGNORECASE)
_PERHAPS = re.compile(r"\d{5}|\d/\d|\bRBR-|\bNTR\W{0,2}\d", re.IGNORECASE)  # quickly not found in most texts
_PREFIXES = tuple(_FORMS)
_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212"), "-")


def find(text: str) -> tuple[str, ...]:
    """The numbers in a text, each once, in their order."""
    if not _PERHAPS.search(text):
        return ()
    found = ((match, match.lastindex or 1) for match in _ANY.finditer(text.translate(_DASHES)))
    return tuple(dict.fromkeys(_PREFIXES[place - 1] + match[place] for match, place in found))


def find_in_citation(citation: Citation) -> tuple[str, ...]:
    """``find`` in all that a record says."""
    return tuple(dict.fromkeys(number for text in _texts(citation) for number in find(text)))


def _texts(citation: Citation) -> Iterator[str]:
    yield from (citation.title, citation.abstract, *citation.keywords, *citation.urls)
    yield from (text for _, text in citation.extra)
