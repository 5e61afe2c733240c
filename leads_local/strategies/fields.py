"""The field codes of PubMed (``[tiab]``) and Ovid (``.ti,ab.``), and what a term under each of them asks."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from leads_local.citations import languages
from leads_local.strategies import subheadings
from leads_local.strategies.tree import (
    EVERYWHERE,
    TOPIC,
    Field,
    HasAbstract,
    Heading,
    Join,
    Joined,
    Language,
    Node,
    Number,
    PublicationType,
    Untold,
    Words,
    Years,
    join,
)

_T, _A, _K = Field.TITLE, Field.ABSTRACT, Field.KEYWORDS
_AUTHORS, _JOURNAL = frozenset((Field.AUTHORS,)), frozenset((Field.JOURNAL,))
_WORDS: dict[str, tuple[frozenset[Field], bool]] = {
    # PubMed; True: the database looks at more than the export has
    **dict.fromkeys(("tiab", "title/abstract"), (TOPIC, False)),
    **dict.fromkeys(("ti", "title", "tt", "m_titl"), (frozenset((_T,)), False)),
    **dict.fromkeys(("ab", "abstract"), (frozenset((_A,)), False)),
    **dict.fromkeys(("ot", "other term", "kw", "kf", "keyword", "keywords", "key"), (frozenset((_K,)), False)),
    **dict.fromkeys(("tw", "text word", "text words"), (TOPIC, True)),
    **dict.fromkeys(("all", "all fields", "af", "mp", "tx"), (EVERYWHERE, True)),
    **dict.fromkeys(("au", "author", "1au", "auth", "lastau", "fau", "author - first", "as"), (_AUTHORS, False)),
    **dict.fromkeys(("ta", "journal", "jour", "jn", "jw", "so", "source"), (_JOURNAL, False)),
    **dict.fromkeys(("hw", "xs", "xm", "kp"), (frozenset((_K,)), True)),
}  # fmt: skip
_OVID_WORDS = {**_WORDS, "tw": (frozenset((_T, _A)), False), "ot": (frozenset((_T,)), False), "mp": (TOPIC, True)}
_HEADINGS = frozenset((
    "mh", "mesh", "mesh terms", "mesh term", "mesh heading", "mesh major topic", "majr", "mj", "de", "su", "sh", "exp",
    "mm",
))  # fmt: skip
_YEARS = frozenset((
    "dp", "pdat", "date - publication", "publication date", "ppdat", "epdat", "yr", "py", "year", "date of publication",
))  # fmt: skip
_ENTERED = frozenset((
    "edat", "crdt", "mhda", "dcom", "lr", "date - entry", "date - create", "date - entrez", "date - mesh", "ed", "dt",
    "up", "em", "rd", "da", "dc", "date - completion", "date - modification",
))  # fmt: skip
_TYPES = frozenset(("pt", "ptyp", "publication type"))
_LANGUAGES = frozenset(("la", "lg", "lang", "language"))
_FLAGS = frozenset(("text",))
_NUMBERS = frozenset(("pmid", "uid", "ui", "doi", "aid", "lid", "location id", "pm", "do"))
_UNTOLD = {
    **dict.fromkeys(("sb", "subset", "filter"), "a subset of the database"),
    **dict.fromkeys(("nm", "rn", "ec/rn number", "supplementary concept", "substance name", "rw", "rs", "ps", "px",
                     "pa", "pharmacological action", "ox", "rx"), "a substance, which exports rarely have"),
    **dict.fromkeys(("ad", "affiliation", "in", "cp", "pl", "place of publication", "cy", "country"),
                    "an address or country"),
    **dict.fromkeys(("subheading", "mesh subheading", "sh pubmed", "fs"), "a subheading, of which any heading may be"),
}  # fmt: skip
_OPEN_END = re.compile(r"present|current|3000(?:[/-]\d+)*|", re.IGNORECASE)
_YEAR = re.compile(r"(1[5-9]\d\d|2[01]\d\d)(?:[/-]\d{1,2}){0,2}")
_NO_END = 9999
_TAKEN_IN = "when the database took the record in"


def is_known(code: str, ovid: bool) -> bool:
    """Whether a field code of this syntax is one that something is known of."""
    code = _plain(code)
    known = (*_WORDS, *_HEADINGS, *_YEARS, *_ENTERED, *_TYPES, *_LANGUAGES, *_NUMBERS, *_FLAGS, *_UNTOLD)
    return code in known and (not ovid or len(code) == 2 or code == "m_titl")


def _plain(code: str) -> str:
    return " ".join(code.casefold().split())


def under(node: Node, codes: Iterable[str], ovid: bool) -> Node:
    """A term that had no field yet, under the fields of these codes."""
    if not isinstance(node, Words) or node.fields is not None:
        return node
    plain = [_plain(code) for code in codes]
    table = _OVID_WORDS if ovid else _WORDS
    wanted = [table[base] for code in plain if (base := code.partition(":")[0]) in table]
    if wanted:
        fields = frozenset(field for found, _ in wanted for field in found)
        more = any(mapped for _, mapped in wanted) or any(code.partition(":")[0] not in table for code in plain)
        return Words(node.patterns, node.said, fields, node.within, mapped=more)
    if any(code in _YEARS for code in plain) and len(plain) > 1:  # a year, or when the record was taken in
        told = years(node.said.strip("*$ "), node.said)
        return Joined(Join.OR, (told, Untold(node.said, _TAKEN_IN))) if isinstance(told, Years) else told
    return _of_record(node.said, plain[0], ovid)


def _of_record(said: str, code: str, ovid: bool) -> Node:
    """What asks for no words: a heading, a year, a language, a type, a number."""
    bare, name = said, said.strip("\"“”' ")
    base, _, modifier = code.partition(":")
    if base in _HEADINGS and not (base == "sh" and not ovid):
        heading, *qualifiers = name.split("/")
        explodes = modifier not in ("noexp", "no exp") and base != "sh"
        return with_subheadings(Heading(heading.strip("*"), bare, explodes, tuple(qualifiers)))
    if base in _YEARS:
        return years(name.rstrip("*$"), said)
    if base in _LANGUAGES:
        language = languages.find_language(name.rstrip(".*"))
        return Language(language, said) if language else Untold(said, "a language that is not known here")
    if base in _TYPES:
        return PublicationType(name, said)
    if base in _NUMBERS:
        return Number(name.casefold(), said)
    if code == "text" and name.casefold() == "hasabstract":
        return HasAbstract(said)
    if base in _ENTERED:
        return Untold(said, _TAKEN_IN)
    return Untold(said, _UNTOLD.get(f"{base} pubmed" if base == "sh" else base, f"the field {code} is not known here"))


def with_subheadings(heading: Heading) -> Node:
    """A heading whose subheadings are two letters or words, with all of them in words; what is not known is named."""
    names = tuple(name for said in heading.qualifiers if (name := subheadings.name_of(said)))
    node: Node = replace(heading, qualifiers=names)
    for said in heading.qualifiers:
        if not subheadings.name_of(said):
            node = join(Join.AND, node, Untold(f"{heading.name}/{said}", f"the subheading {said} is not known here"))
    return node


def years(name: str, said: str) -> Node:
    """A year, or a range of them: ``2010``, ``2010:2020``, ``2010/01/01:3000``, ``2000 -Current``."""
    first, colon, last = (
        name.partition(":") if ":" in name else name.partition("-") if " -" in name else (name, "", name)
    )
    if not colon and (found := re.fullmatch(r"\s*(\d{4})\s*-\s*(\d{4}|current|)\s*", name, re.IGNORECASE)):
        first, colon, last = found[1], "-", found[2]
    start, end = _YEAR.fullmatch(first.strip('"“” ')), _YEAR.fullmatch(last.strip('"“” '))
    open_end = bool(colon) and _OPEN_END.fullmatch(last.strip('"“” ')) is not None
    if start is None or (end is None and not open_end):
        return Untold(said, "a date that is not known here")
    return Years(int(start[1]), int(end[1]) if end and not open_end else _NO_END, said)
