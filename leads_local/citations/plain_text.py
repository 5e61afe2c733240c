"""The words of a field without what a web page would have made of them: entities as characters, tags of markup away.

Databases export titles and abstracts as they show them on their pages, with ``&alpha;`` and ``<i>``, sometimes encoded
twice. Only what is certainly an entity or a tag is touched: ``p < 0.05 and b > 3`` stays.
"""

from __future__ import annotations

import html
import re
from html.entities import html5

_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_BREAK = re.compile(r"<(?:br|/(?:[a-z]{1,4}:)?(?:p|div|sec|title))\s*/?>", re.IGNORECASE)
_TAG = re.compile(
    r"</?(?:[a-z]{1,4}:)?(?:i|b|u|em|strong|sub|sup|inf|span|sc|scp|p|div|sec|title|font|italic|bold|underline)"
    r"(?:\s+[\w:-]+\s*=\s*(?:\"[^\"<>]*\"|'[^'<>]*'))*\s*/?>",
    re.IGNORECASE,
)
_DEEPEST = 3
_NO_ABSTRACT = re.compile(
    r"\W*(?:n\s*/\s*a|na|none|null|nan|no abstract(?: is)?(?: available| provided| supplied)?|"
    r"(?:the )?abstract (?:is )?not (?:available|provided|supplied)|not available|not applicable)\W*",
    re.IGNORECASE,
)


def _character(match: re.Match[str]) -> str:
    entity = match.group()
    return html.unescape(entity) if entity[1] == "#" else html5.get(entity[1:], entity)


def _once(text: str) -> str:
    if "&" in text:
        text = _ENTITY.sub(_character, text)
    if "<" in text:
        text = _TAG.sub("", _BREAK.sub("\n", text))
    return text


def plain(text: str) -> str:
    """The text with entities as characters and tags away; what holds neither comes back as it is."""
    if "&" not in text and "<" not in text:
        return text
    for _ in range(_DEEPEST):
        before, text = text, _once(text)
        if text == before:
            break
    return text.replace("\xa0", " ").strip()


def is_no_abstract(text: str) -> bool:
    """Whether the text says that there is no abstract, in place of one."""
    return len(text) < 60 and bool(_NO_ABSTRACT.fullmatch(text))
