"""What kind of file a PDF is, by the words at its top: the paper, or something that goes with one or speaks of it.

A supplement, a protocol, a correction and an editorial print the title and the DOI of the paper that they belong to;
only words such as "Supplementary appendix to" tell them from it.
"""

from __future__ import annotations

import re
from enum import StrEnum


class FileKind(StrEnum):
    """PAPER: nothing says otherwise. COMMENT: an editorial, a letter, a reply: another report about a paper."""

    PAPER = "paper"
    SUPPLEMENT = "supplement"
    PROTOCOL = "protocol"
    CORRECTION = "correction"
    COMMENT = "comment"


_OF = r"(?:material|information|appendix|data|file|content|table|figure|method|result|document|text)e?s?"
_NUMBER = r"(?: ?[a-z]?\d{1,3}\b)?"
_LEADS = {
    FileKind.SUPPLEMENT: (
        rf"(?:(?:online|electronic|web|digital|data) )*(?:supplement(?:ary|al)?|supporting)(?: (?:online|digital))?"
        rf"(?: {_OF})*{_NUMBER}",
        rf"(?:web |online |e)?appendix(?: [a-z\d]{{1,2}}\b)?|additional files?{_NUMBER}",
    ),
    FileKind.PROTOCOL: (
        r"(?:(?:clinical|study|trial|full|final|original|redacted|research|investigational) )*protocol",
        r"statistical analysis plan",
    ),
    FileKind.CORRECTION: (
        r"(?:author |publisher['’]?s? )?corrections?|errat(?:um|a)|corrigend(?:um|a)|addendum|department of error",
        r"(?:notice of )?retraction(?: no(?:te|tice))?|(?:editorial )?expression of concern",
    ),
    FileKind.COMMENT: (
        r"(?:invited |editorial |expert |linked )?comment(?:ary|aries|s)?|editorials?(?: comment)?",
        r"letters?(?: to the editors?)?|(?:authors?['’]?s? )?(?:reply|response)|in reply|re|correspondence",
        r"viewpoint|perspectives?|journal club|research highlights?|news(?: and views)?|discussion(?: of)?",
        r"in this issue",
    ),
}
_JOINED = r"(?:(?: (?:to|for|of|on|from|accompanying|regarding|title)\b)+ ?:?| ?[:.–—|\"“'‘]|$)"
_LEAD = {kind: re.compile(rf"(?:{'|'.join(leads)}){_JOINED}", re.IGNORECASE) for kind, leads in _LEADS.items()}
_KICKER = {
    kind: re.compile(rf"(?:{'|'.join(leads)})(?: open access)?[:.]?", re.IGNORECASE) for kind, leads in _LEADS.items()
}
_SAYS_OF_ITSELF = {
    FileKind.SUPPLEMENT: re.compile(
        r"\bsupplement(?:ary appendix|ary material)? to ?:|\b(?:appendix|supplement|supplementary material) "
        r"(?:has been provided|formed part of|is part of)",
        re.IGNORECASE,
    ),
    FileKind.PROTOCOL: re.compile(r"\bprotocol (?:has been provided by|for ?:)", re.IGNORECASE),
}
_TELLING = {
    "protocol": FileKind.PROTOCOL,
    "supplementary": FileKind.SUPPLEMENT,
    "supplemental": FileKind.SUPPLEMENT,
    "appendix": FileKind.SUPPLEMENT,
    "erratum": FileKind.CORRECTION,
    "corrigendum": FileKind.CORRECTION,
    "correction": FileKind.CORRECTION,
    "retraction": FileKind.CORRECTION,
    "retracted": FileKind.CORRECTION,
    "commentary": FileKind.COMMENT,
    "editorial": FileKind.COMMENT,
}
"""Words that tell a file's kind where the paper's own title does not have them."""


def parted(title: str) -> tuple[FileKind, str]:
    """The kind that a title begins with, and the title after that: "Correction to: Water for backs" is a CORRECTION and
    "Water for backs". PAPER and the whole where it begins with none."""
    text = " ".join(title.split())
    for kind, lead in _LEAD.items():
        found = lead.match(text)
        if found:
            return kind, text[found.end() :].strip(" :.–—|\"“”'‘’")
    return FileKind.PAPER, text


def of_label(text: str) -> FileKind:
    """The kind that a short line of its own names, as journals print above a title; PAPER where it names none."""
    line = " ".join(text.split())
    return next((kind for kind, label in _KICKER.items() if label.fullmatch(line)), FileKind.PAPER)


def of_sentence(text: str) -> FileKind:
    """The kind that a file says it is in words ("This appendix has been provided by the authors"); else PAPER."""
    return next((kind for kind, says in _SAYS_OF_ITSELF.items() if says.search(text)), FileKind.PAPER)


def beside(words: set[str], title_words: set[str]) -> FileKind:
    """The kind that a printed title tells by words which the paper's own title does not have; else PAPER."""
    return next((_TELLING[word] for word in sorted(words - title_words) if word in _TELLING), FileKind.PAPER)
