"""Whose syntax a strategy is in, by what only that database or platform writes.

PubMed's and Ovid's are read in full. Of the others the fields, headings, sets of lines and operators are read, and what
is left is named.
"""

from __future__ import annotations

import re
from enum import StrEnum

from leads_local.strategies import fields


class Syntax(StrEnum):
    """Named as people name it. What the Cochrane Library takes is read as Ovid's, which it resembles."""

    PUBMED = "PubMed"
    OVID = "Ovid"
    EMBASE = "Embase.com"
    EBSCO = "EBSCOhost"
    WEB_OF_SCIENCE = "Web of Science"
    SCOPUS = "Scopus"
    PROQUEST = "ProQuest"
    LILACS = "LILACS"

    @property
    def phrases(self) -> bool:
        """Whether words that follow each other are a phrase, though they stand in no quotation marks."""
        return self is Syntax.OVID

    @property
    def is_other(self) -> bool:
        """Whether it is neither PubMed's nor Ovid's."""
        return self not in (Syntax.PUBMED, Syntax.OVID)


_COLON_FIELDS = re.compile(r":(?:ti|ab|kw)(?:,[a-z]{2})*(?=[\s)]|$)", re.IGNORECASE | re.MULTILINE)
_OVID = re.compile(
    r"\.(?:ti|ab|tw|mp|kw|kf|pt|af|sh|hw)(?:,[a-z]{2})*(?=[\s)]|$)|"
    r"[\w*$?#\"):]\s?\.\s?[a-z]{2}(?:,\s?[a-z]{2})*\s?\.(?=[\s)]|$)|\badj\d*\b|\bexp\s+\S|\w/(?=\s|$|[a-z]{2}\b)|\bor/\d|"
    r"^\s*(?:\d+\W?\s+)?limit\s+\d|\{(?:or|and)\s+#|\bMeSH descriptor\b",
    re.IGNORECASE | re.MULTILINE,
)
_PUBMED = re.compile(r"\[([^\[\]=]{1,40})\]")
_OTHERS = {
    Syntax.EMBASE: re.compile(r"[\w']/(?:exp|de|mj)\b|\]/lim\b|'/(?:it|ta|au)\b", re.IGNORECASE),
    Syntax.WEB_OF_SCIENCE: re.compile(r"\b(?:TS|TI|AB|AK|KP|SO|PY|DT|LA|WC|SU|ALL)\s?=\s?\S"),
    Syntax.SCOPUS: re.compile(r"\b(?:TITLE-ABS(?:-KEY)?|TITLE|ABS|KEY|AUTHKEY|LIMIT-TO|EXCLUDE)\s*\(|\bPUBYEAR\b"),
    Syntax.EBSCO: re.compile(
        r"(?:^\s*|[(\s])(?:TI|AB|MH|MM|MJ|SU|TX|KW|PT|DE|MW|ZT|XB)\s+(?=[\"(]|\w)(?!(?:AND|OR|NOT)\b)|"
        r"^\s*S\d{1,3}[\s.:].*\bS\d{1,3}\b",
        re.MULTILINE,
    ),
    Syntax.PROQUEST: re.compile(
        r"\b(?:MAINSUBJECT|SU|MESH|MJMESH)\.\w+(?:\.\w+)*\(|\b(?:ti|ab|su|noft)(?:,(?:ti|ab|su|if))*\(", re.IGNORECASE
    ),
    Syntax.LILACS: re.compile(r"\b(?:tw|mh|mj|ti|ab|db|la):\s?[(\"]", re.IGNORECASE),
}


def whose(text: str) -> Syntax:
    """The syntax that most in the text belongs to; PubMed's where nothing tells."""
    tags = [code for code in _PUBMED.findall(text) if fields.is_known(code.partition(":")[0], ovid=False)]
    ovid = len(_OVID.findall(text))
    syntax, most = max(((one, len(found.findall(text))) for one, found in _OTHERS.items()), key=lambda each: each[1])
    if most > max(len(tags), ovid):
        return syntax
    return Syntax.OVID if ovid + len(_COLON_FIELDS.findall(text)) > len(tags) else Syntax.PUBMED
