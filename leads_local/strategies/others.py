"""The fields and limits of Embase.com, EBSCOhost, Web of Science, Scopus, ProQuest and LILACS, by those of PubMed.

They stand before a term (``TI``, ``TS=``, ``TITLE-ABS-KEY``, ``ti,ab(…)``, ``mh:``) or, in Embase.com, behind it
(``'asthma'/exp``). What has no counterpart becomes a part that can't be told.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from leads_local.strategies import fields
from leads_local.strategies.tree import Heading, Node, PublicationType, Untold, Words, Years, change

_CODES: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("ts", "tw", "title-abs-key", "title-abs-key-auth", "noft", "tiabkw"), ("tw",)),
    **dict.fromkeys(("ti", "title"), ("ti",)),
    **dict.fromkeys(("ab", "abs"), ("ab",)),
    **dict.fromkeys(("tiab", "title-abs"), ("ti", "ab")),
    **dict.fromkeys(("kw", "key", "ak", "kp", "if", "diskw", "authkey"), ("kf",)),
    **dict.fromkeys(("su", "mw", "subject"), ("hw",)),
    **dict.fromkeys(("tx", "all", "ft"), ("all",)),
    **dict.fromkeys(("au", "auth"), ("au",)),
    **dict.fromkeys(("so", "pub", "srctitle", "ta", "jt"), ("so",)),
    **dict.fromkeys(("la", "language"), ("la",)),
    **dict.fromkeys(("py", "yr"), ("py",)),
    **dict.fromkeys(("pt", "dt", "zt", "dtype", "stype", "rtype", "it"), ("pt",)),
}  # fmt: skip
_HEADINGS = frozenset(("mh", "mm", "mj", "de", "mesh", "mjmesh", "mainsubject", "indexterms", "exp", "br"))
_PUBYEAR = re.compile(r"PUBYEAR\s*(<|>|=|AFT|BEF|IS)\s*(\d{4})")
_NO_END, _NO_START = 9999, 0


def under_prefix(node: Node, prefix: str) -> Node:
    """The terms that have no field yet under the one that was named before them."""
    name = prefix.strip(" =:\n\t").casefold()
    first, *more = name.split(".")
    if first in _HEADINGS or (first == "su" and more):
        return change(node, lambda part: _heading(part, "explode" in more))
    codes = [code for one in name.split(",") for code in _CODES.get(one.partition(".")[0], ())]
    if not codes:
        return Untold(prefix.strip(), f"the field {prefix.strip(' =:')} is not known here")
    return change(node, lambda part: fields.under(part, codes, ovid=False))


def under_slash(node: Node, slash: str) -> Node:
    """A term of Embase.com under what stands behind its slash."""
    codes = [code.casefold() for code in slash.split("/") if code]
    return change(node, lambda part: _with_slash(part, codes, slash))


def _with_slash(part: Node, codes: list[str], slash: str) -> Node:
    if not isinstance(part, Words) or part.fields is not None:
        return part
    links = tuple(code.partition("_")[2] for code in codes if "_" in code)
    if links or not _HEADINGS.isdisjoint(codes):
        name = part.said.strip("'\" ")
        return fields.with_subheadings(Heading(name, f"{part.said}{slash}", "exp" in codes, links))
    if codes[0] == "it":
        return PublicationType(part.said.strip("'\" "), f"{part.said}{slash}")
    if codes[0] in _CODES:
        return fields.under(part, _CODES[codes[0]], ovid=False)
    why = "when the database took the record in" if codes[0] in ("sd", "dd") else f"the field {slash} is not known here"
    return Untold(f"{part.said}{slash}", why)


def _heading(part: Node, explodes: bool) -> Node:
    """Of CINAHL, PsycInfo and their like: a plus behind it explodes."""
    if not isinstance(part, Words) or part.fields is not None:
        return part
    name, *qualifiers = part.said.strip("'\" ").split("/")
    explodes = explodes or name.endswith(("+", "*"))
    parts = tuple(one.strip() for each in qualifiers for one in each.split(","))
    return fields.with_subheadings(Heading(name.rstrip("+* "), part.said, explodes, parts))


def scopus_limit(text: str) -> Node:
    """``PUBYEAR > 2009``, or a limit that was clicked beside the query."""
    found = _PUBYEAR.fullmatch(text)
    if found is None:
        return Untold(" ".join(text.split()), "a limit of the database")
    year = int(found[2])
    if found[1] in (">", "AFT"):
        return Years(year + 1, _NO_END, text)
    return Years(_NO_START, year - 1, text) if found[1] in ("<", "BEF") else Years(year, year, text)
