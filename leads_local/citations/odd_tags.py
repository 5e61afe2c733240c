"""Tagged lines that a word processor, a web page or a script has changed on the way: small letters, no-break and other
spaces, other dashes. Where most tags of a file are written so, they become what the readers know.

Only the tag of a line is touched, and only one that its format has; a text keeps its lines.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

from leads_local.citations.formats import nbib, wos

_LOOKED_AT = 80  # lines that are not blank
_FEWEST = 3
_SPACE = r"[ \t\u00a0\u2000-\u200a\u202f\u205f\u3000]"
_NOTHING = r"[\u200b\u2060\ufeff]*"  # characters without any width
_STRANGE = r"\u00ad\ufe58\ufe63\uff0d"  # dashes that no reader takes for one
_DASH = rf"[-\u2010-\u2015\u2212{_STRANGE}]"
_TAG = rf"{_NOTHING}{_SPACE}{{0,3}}{_NOTHING}(?P<tag>[A-Z][A-Z0-9]{{1,3}}|[a-z][a-z0-9]{{1,3}})"
_PUBMED = re.compile(rf"^{_TAG}{_SPACE}{{0,4}}{_DASH}(?:{_SPACE}{{1,4}}|$)", re.MULTILINE)
_RIS = re.compile(
    rf"^(?={_NOTHING}\w{{2}}{_SPACE}{{0,4}}[{_STRANGE}]|[\u200b\u2060]){_PUBMED.pattern[1:]}", re.MULTILINE
)
_REFER = re.compile(rf"^{_NOTHING}%(?P<tag>[0-9A-Za-z!@#$&()*+<=>?\[\]^~]){_SPACE}{{1,4}}", re.MULTILINE)
_ISI = re.compile(rf"^{_NOTHING}(?P<tag>[A-Z][A-Z0-9]|[a-z][a-z0-9])(?!{_SPACE}*{_DASH})(?:{_SPACE}|$)", re.MULTILINE)
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_DIGITS = "0123456789"
_TWO = frozenset(one + two for one in _LETTERS for two in _LETTERS + _DIGITS)
_ONLY_PUBMED = frozenset(tag for tag in nbib.TAGS if len(tag) > 2)


@dataclass(frozen=True, slots=True)
class _Form:
    """How the tags of a format can look, which there are, of which one has to be there, and how they should look."""

    pattern: re.Pattern[str]
    known: frozenset[str]
    telling: frozenset[str]
    usual: Callable[[str], str]

    def written(self, match: re.Match[str]) -> str:
        """The tag as the readers know it; as it stands where the format has none of the kind."""
        tag = match["tag"].upper()
        return self.usual(tag) if tag in self.known else match[0]


_FORMS = (
    _Form(_PUBMED, frozenset(nbib.TAGS), _ONLY_PUBMED, lambda tag: f"{tag:<4}- "),
    _Form(_RIS, _TWO, frozenset(("TY",)), lambda tag: f"{tag}  - "),
    _Form(_REFER, frozenset(_DIGITS + _LETTERS + "!@#$&()*+<=>?[]^~"), frozenset("0T"), "%{} ".format),
    _Form(_ISI, frozenset(wos.TAGS), frozenset(("PT", "TI")), "{} ".format),
)


def as_usual(text: str) -> str:
    """The text with its tags as their format has them, where most of the first lines have them in another way."""
    lines = list(islice((line for line in text[: 400 * _LOOKED_AT].split("\n") if line.strip()), _LOOKED_AT))
    for form in _FORMS:
        found = [match for line in lines if (match := form.pattern.match(line)) and match["tag"].upper() in form.known]
        odd = {match["tag"].upper() for match in found if not _is_usual(form, match)}
        fine = {match["tag"].upper() for match in found if _is_usual(form, match)}
        if len(odd) >= _FEWEST and len(odd) > len(fine) and odd & form.telling:
            return form.pattern.sub(form.written, text)
    return text


def _is_usual(form: _Form, match: re.Match[str]) -> bool:
    return form.written(match).rstrip(" ") == match[0].rstrip(" ")
