"""What of a citation has no field of its own in a format: notes as they are, all else with its label before it."""

from __future__ import annotations

import re

from leads_local.citations import normalise
from leads_local.records import Citation

NOTE_TAGS = frozenset(("N1", "RN", "note", "notes", "Notes", "GN", "research-notes"))
_WORKS = (
    *(("chap", "chapter"), ("section", "chapter"), ("book", "book"), ("thes", "thesis"), ("dissert", "thesis")),
    *(("conf", "conference"), ("proceeding", "conference"), ("cpaper", "conference"), ("report", "report")),
    *(("rprt", "report"), ("web", "web"), ("elec", "web")),
)
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff\ud800-\udfff]")


def notes(citation: Citation, *placed: str) -> list[str]:
    """Each field of ``extra`` but those ``placed`` elsewhere, a note each: its value where it is a note itself, else
    ``label: value``."""
    kept = ((tag, value) for tag, value in citation.extra if tag not in placed)
    return [plain(value) if tag in NOTE_TAGS else plain(f"{tag}: {value}") for tag, value in kept]


def plain(text: str) -> str:
    """A text without the control characters that files of text can't hold."""
    return normalise.trim_lines(_UNPRINTABLE.sub("\ufffd", text))


def year(citation: Citation) -> str:
    return "" if citation.year is None else str(citation.year)


def kind_of_work(kind: str) -> str:
    """Whatever a source calls it: chapter, book, thesis, conference, report, web or article."""
    said = kind.casefold()
    return next((work for word, work in _WORKS if word in said), "article")
