"""What databases write into a title beside the title: taken off before titles are compared, and what of it tells.

PubMed and Ovid append a publication type, a number of references, a language, and where an erratum, comment or
retraction appeared; CRD the state of its abstract; Scopus the number of a letter among several, and the title in the
paper's own language; Web of Science where the paper stood that a correction or retraction is about. Of all that two
things say which record it is: that it is itself a correction, reply or retraction notice, and of what.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from leads_local.citations import normalise

_LANGUAGES = (
    "afrikaans albanian arabic armenian basque bengali bosnian bulgarian catalan chinese croatian czech danish dutch "
    "english estonian finnish flemish french galician georgian german greek hebrew hindi hungarian icelandic "
    "indonesian italian japanese kazakh korean latin latvian lithuanian macedonian malay norwegian persian polish "
    "portuguese romanian russian serbian serbo-croatian slovak slovene slovenian spanish swedish thai turkish "
    "ukrainian urdu vietnamese"
).replace(" ", "|")
_TYPES = (
    r"(?:brief |short |rapid |original |research |review |journal |meeting |historical )?"
    r"(?:article|communication|abstract|paper)s?",
    r"(?:systematic |literature |scoping |narrative |tutorial )?reviews?(?: literature)?",
    r"(?:multiple )?letters?(?: to the editor)?(?: \d+)?",
    r"comments?|commentary|editorials?|news|notes?|notice|interviews?|biography|lectures?|guidelines?|book|chapter",
    r"case reports?|classical article|proceedings?(?: paper)?|conference (?:paper|abstract|proceeding)s?",
    r"(?:controlled |randomi[sz]ed |multicenter )*(?:clinical )?(?:trial|study)(?:, phase [iv]+)?",
    r"see comments?|in process citation|corrected|republished|miscellaneous|patient education handout",
    r"author'?s? ?transl(?:ation)?\.?|transl\.?|review article|invited commentary|published erratum",
)
_TYPE = "|".join(_TYPES)
_REGISTERED = (
    r"(?:[\w ]{0,40}[:,. ])?(?:NCT|ISRCTN|ACTRN|DRKS|ChiCTR|UMIN|EudraCT|CTRI|PACTR|NTR|IRCT)[\w/:. -]*\d[\w/,; -]*"
)
_BRACKETED = (
    rf"(?:{_TYPE})(?:\s*(?:[,;/&-]|and)\s*(?:{_TYPE}))*",
    r"\d+ ref(?:erence)?s?\.?|refs?\.?: ?\d+|\d{1,2}",
    rf"(?:article |published |text )?(?:in )?(?:{_LANGUAGES})(?:\s*(?:[,;/&]|and)\s*(?:{_LANGUAGES}))*"
    r"(?:[;,] (?:\w+ )?abstract(?: in \w+)?)?",
    # where something about this paper appeared; "for", "of" and "on" would say that this is about another paper
    r"(?:published |republished |original |partial )*(?:errat(?:um|a)|corrigend(?:um|a)|corrections?|retraction|"
    r"comments?|replies|reply|expression of concern|summar(?:y|ies) for patients|updates?|reprint(?:ed)?|"
    r"republished|dosage error|corrected and republished(?: article)?)"
    r"(?: (?:has been |was |is |also )*(?:appear(?:s|ed)|published|printed))?(?: in\b| from\b|:).*",
    r"(?:republished|reprinted|updates?|original report) (?:from|in|of)\b.*\d.*",
    _REGISTERED,
    r"retracted(?: (?:article|paper|publication))?(?:[.:;,] ?see\b.*)?",
)
_PARENTHESES = (
    _REGISTERED,
    r"(?:provisional|structured|abstract|brief|full|project)(?: (?:abstract|record))",
    r"(?:multiple )?letters?|(?:cochrane )?(?:methodology )?(?:systematic )?review|cochrane protocol",
    r"author'?s? ?transl(?:ation)?\.?|review article|article|editorial|commentary",
    rf"(?:article |published |text )?in (?:{_LANGUAGES})|(?:{_LANGUAGES})",
    r"retracted(?: (?:article|paper|publication))?(?:[.:;,] ?see\b.*)?",
)
_IN_BRACKETS = re.compile("|".join(f"(?:{each})" for each in _BRACKETED), re.IGNORECASE)
_IN_PARENTHESES = re.compile("|".join(f"(?:{each})" for each in _PARENTHESES), re.IGNORECASE)
_LETTER_NUMBER = re.compile(r"\d{1,2}")
_ABOUT = re.compile(
    r"(?:(?P<what>retraction|correction|erratum|corrigendum|addendum|reply|comment)\s+(?:of|to|on)\s+)?"
    r"vol\.?\s*(?P<volume>\w+)\s*,?\s*(?:(?:no|iss(?:ue)?)\.?\s*\w+\s*,?\s*)?(?:(?:pgs?|pp?|page|art(?:icle)?\s*no)\.?\s*)"
    r"(?P<page>[\w.]+).*",
    re.IGNORECASE,
)
_TRAILING_CITATION = re.compile(
    r"[.?!]\s+[A-Z][^.;:?!]{2,90}[.,]?\s+(?:19|20)\d\d(?:\s[A-Z][a-z]{2}(?:\s\d{1,2})?)?\s?;\s?\d+\s?(?:\([^()]{1,15}\))?"
    r"\s?:\s?\w+(?:\s?[-\u2013]\s?\w+)?\.?$"
)
_CITATION = re.compile(r"\b(?:19|20)\d\d\b.*\d|\d.*\b(?:19|20)\d\d\b")  # a year and a number beside it
_UNCLOSED = re.compile(
    r"\[((?:published )?(?:erratum|comment|correction|retraction|republished)[^\]]{0,20} in\b[^\]]*)$", re.I
)
_NOTICES = {
    "correction": r"erratum|errata|corrigend(?:um|a)|corrections?|addendum|publisher'?s? (?:erratum|correction)|author "
    r"correction",
    "retraction": r"retraction(?: notice| note)?|notice of retraction|withdrawal notice",
    "reply": r"(?:authors?'?s? )?(?:reply|response)|in reply",
    "comment": r"comments?|commentary|re",
}
_NOTICE = re.compile(
    "^(?:"
    + "|".join(rf"(?P<{name}>{words})" for name, words in _NOTICES.items())
    + r")(?:\s*[:.]\s*(?:to|on|for|of)?\b|\s+(?:to|on|for|of)\s*[:\"'\u201c\u2018])[:\s\"'\u201c\u2018]*",
    re.IGNORECASE,
)
_NOTICE_KIND = re.compile(
    r"(?P<correction>erratum|corrigend|^correction)|(?P<retraction>^retraction(?: of publication| notice)?$)",
    re.IGNORECASE,
)
_RETRACTED = re.compile(r"^retracted(?: article| paper| publication)?\s*[:.]\s*", re.IGNORECASE)
_AROUND = ' .;,:"\u201c\u201d'
_LEAST_WORDS, _LEAST_OF_TWO = 2, 4


@dataclass(frozen=True, slots=True)
class BareTitle:
    """A title without its notes. ``notice``: what it is itself, "" for a paper; ``about``: volume and page of the paper
    that it is about, where it says so; ``letter``: its number among letters of one title; ``other``: the title in
    another language that stood behind it, in brackets."""

    text: str
    notice: str = ""
    about: tuple[str, str] = ("", "")
    letter: str = ""
    other: str = ""


def take_off(title: str) -> BareTitle:
    """The title without what a database wrote into it. A title that is nothing but a note stays as it is."""
    text, notice, about, letter, other = title.strip(), "", ("", ""), "", ""
    if beginning := _NOTICE.match(text):
        notice, text = beginning.lastgroup or "", _shorter(text, text[beginning.end() :])
    if text[:9].casefold() == "retracted":
        text = _shorter(text, _RETRACTED.sub("", text))
    while True:
        opener, inside, rest = _split_last(text)
        if not opener or len(rest.split()) < _LEAST_WORDS:
            break
        if found := _ABOUT.fullmatch(inside):
            notice, about = _kind_of(found["what"]) or notice or "correction", (found["volume"], found["page"])
        elif opener == "[" and _IN_BRACKETS.fullmatch(inside):
            letter = letter or (inside if _LETTER_NUMBER.fullmatch(inside) else "")
        elif (opener == "(" and _IN_PARENTHESES.fullmatch(inside)) or (notice and _CITATION.search(inside)):
            pass
        elif opener == "[" and not other and min(len(inside.split()), len(rest.split())) >= _LEAST_OF_TWO:
            other = inside
        else:
            break
        text = rest
    if "[" in text:
        text = _shorter(text, _UNCLOSED.sub("", text))
    if ";" in text:
        text = _shorter(text, _TRAILING_CITATION.sub("", text))
    return BareTitle(text.strip(_AROUND) or text, notice, about, letter, other)


def bare_key(title: str) -> str:
    """``normalise.title_key`` of the title without what a database wrote into it."""
    return normalise.title_key(take_off(title).text)


def notice_of_kind(kind: str) -> str:
    """What a publication type says that a record is: ``correction``, ``retraction``, or "" for anything else."""
    found = _NOTICE_KIND.search(kind)
    return (found.lastgroup or "") if found else ""


def _shorter(text: str, rest: str) -> str:
    return rest.strip(_AROUND) if len(rest.split()) >= _LEAST_WORDS else text


def _kind_of(word: str | None) -> str:
    return next((name for name, words in _NOTICES.items() if word and re.fullmatch(words, word, re.IGNORECASE)), "")


def _split_last(text: str) -> tuple[str, str, str]:
    """The last bracket with what it holds and what stands before it; three times "" where the text ends in none."""
    text = text.rstrip(_AROUND)
    closer = text[-1:]
    opener = {")": "(", "]": "["}.get(closer, "")
    if not opener:
        return "", "", ""
    depth = 0
    for place in range(len(text) - 1, -1, -1):
        depth += (text[place] == closer) - (text[place] == opener)
        if depth == 0:
            return opener, text[place + 1 : -1].strip(" ."), text[:place].strip(_AROUND)
    return "", "", ""
