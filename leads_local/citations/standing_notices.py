"""What has become of a paper since it appeared, by the record's own fields: retracted, corrected, or under an
expression of concern; or that the record is itself such a notice about another paper.

Read from publication types and the fields in which PubMed names notices (RIN, EIN, ECI; ``RefType`` in its XML), from
what databases write into titles, and from notes that say nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum

from leads_local.records import Citation


class PaperNotice(StrEnum):
    """As it is written as a tag. NOTICE: the record is itself a retraction, an erratum or the like."""

    RETRACTED = "retracted"
    CONCERN = "expression-of-concern"
    ERRATUM = "erratum"
    REINSTATED = "reinstated"
    NOTICE = "notice-of-another-paper"


GRAVE = (PaperNotice.RETRACTED, PaperNotice.CONCERN)
"""What a reviewer who has decided before will want to know."""

_TAGS = {"RIN": PaperNotice.RETRACTED, "ECI": PaperNotice.CONCERN, "EIN": PaperNotice.ERRATUM,
         "CRI": PaperNotice.ERRATUM, "PRIN": PaperNotice.RETRACTED,
         "ROF": PaperNotice.NOTICE, "EFR": PaperNotice.NOTICE, "ECF": PaperNotice.NOTICE}  # fmt: skip
_REF_TYPES = {
    "RetractionIn": PaperNotice.RETRACTED,
    "PartialRetractionIn": PaperNotice.RETRACTED,
    "ExpressionOfConcernIn": PaperNotice.CONCERN,
    "ErratumIn": PaperNotice.ERRATUM,
    "CorrectedandRepublishedIn": PaperNotice.ERRATUM,
    "RetractionOf": PaperNotice.NOTICE,
    "ErratumFor": PaperNotice.NOTICE,
    "ExpressionOfConcernFor": PaperNotice.NOTICE,
}
_REF_TYPE = re.compile(r"RefType=(\w+)")
_KINDS = (
    (re.compile(r"retracted (?:publication|article|paper)|\bretracted\b", re.IGNORECASE), PaperNotice.RETRACTED),
    (re.compile(r"retraction (?:of publication|notice)|published erratum|expression of concern", re.IGNORECASE),
     PaperNotice.NOTICE),
)  # fmt: skip
_ITSELF = re.compile(
    r"\W*(?:notice of )?(?:retraction|withdrawal|erratum|corrigendum|(?:author |publisher )?correction|expression of "
    r"concern)(?: (?:notice|note|of|to|for))?\s*[:.–—-]",
    re.IGNORECASE,
)
_IN_TITLE = (
    (re.compile(r"^\W*retracted(?: article| paper| publication)?\s*[\])]?\s*[:.–—-]|[\[(]\s*(?:this )?"
                r"(?:article |paper )?(?:has been )?(?:retracted|retraction in)\b", re.IGNORECASE),
     PaperNotice.RETRACTED),
    (re.compile(r"[\[(]\s*expression of concern (?:in|appears in)\b", re.IGNORECASE), PaperNotice.CONCERN),
    (re.compile(r"[\[(]\s*(?:published )?(?:erratum|corrigendum|correction)s? (?:in|appears in|has been)\b",
                re.IGNORECASE), PaperNotice.ERRATUM),
)  # fmt: skip
_WITHDRAWN = re.compile(r"^\W*withdrawn\s*[:.–—-]", re.IGNORECASE)
_NOTE_TAGS = frozenset(("N1", "RN", "note", "notes", "Notes", "GN", "research-notes", "CIN", "status"))
_IN_NOTE = (
    (re.compile(r"Become of this paper: retracted"), PaperNotice.RETRACTED),  # as our own exports write it
    (re.compile(r"Become of this paper: expression of concern"), PaperNotice.CONCERN),
    (re.compile(r"\W*(?:this (?:article|paper|publication) (?:has been|was|is) )?retracted(?: (?:article|paper|"
                r"publication))?\W*|\W*retraction in\b.*", re.IGNORECASE | re.DOTALL), PaperNotice.RETRACTED),
    (re.compile(r"\W*expression of concern(?: in\b.*)?\W*", re.IGNORECASE | re.DOTALL), PaperNotice.CONCERN),
    (re.compile(r"\W*(?:erratum|corrigendum)(?: (?:in|appears in)\b.*)?\W*", re.IGNORECASE | re.DOTALL),
     PaperNotice.ERRATUM),
)  # fmt: skip


def find(citation: Citation) -> tuple[PaperNotice, ...]:
    """What the record says, each once, the gravest first."""
    found = set(_find(citation))
    if PaperNotice.NOTICE in found:  # its title and type speak of the other paper
        found = {PaperNotice.NOTICE}
    return tuple(one for one in PaperNotice if one in found)


def _find(citation: Citation) -> Iterator[PaperNotice]:
    if _ITSELF.match(citation.title):
        yield PaperNotice.NOTICE
    yield from (notice for pattern, notice in _KINDS if pattern.search(citation.kind))
    yield from (notice for pattern, notice in _IN_TITLE if pattern.search(citation.title))
    if _WITHDRAWN.match(citation.title) and not _is_cochrane(citation):
        yield PaperNotice.RETRACTED
    for tag, value in citation.extra:
        if tag in _TAGS:
            yield _TAGS[tag]
        elif (said := _REF_TYPE.search(tag)) and said[1] in _REF_TYPES:
            yield _REF_TYPES[said[1]]
        elif tag in _NOTE_TAGS:
            yield from (notice for pattern, notice in _IN_NOTE if pattern.fullmatch(value.strip()))


def _is_cochrane(citation: Citation) -> bool:
    """Cochrane withdraws reviews that are out of date, which retracts nothing."""
    return citation.doi.startswith("10.1002/14651858.") or "cochrane" in citation.journal.casefold()
