"""Section names, and the text of a paper as a prompt needs it.

A heading's wording is mapped to one of few names by a table. ``paper_text`` gives the running text within a budget of tokens: whole
sections go, the least useful first, and everything that went is named. Nothing is ever cut without saying so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from leads_local.records import Passage, PassageKind

Counter = Callable[[Sequence[str]], list[int]]

_NAMES: dict[str, str] = {
    "abstract": r"(?:structured |extended )?abstract|summary|synopsis",
    "introduction": r"introduction|background(?: and (?:objectives?|aims?|rationale))?|introduction and (?:objectives?|aims?)|rationale",
    "methods": r"(?:materials?|patients?|subjects?|participants?|population|experimental|study design|study|research design|design)"
    r"(?: and|,| &) (?:materials?|methods?|patients?|procedures?|analysis)(?:(?: and|,) (?:methods?|patients?))?"
    r"|methods?|methodology|methods? ?/ ?(?:study )?design|methods?(?: and|,| &) (?:analysis|design|materials?|patients?|procedures?)"
    r"|experimental(?: section| procedures?)?|research design and methods",
    "results": r"results?|findings|results? and (?:analysis|findings)|main results",
    "discussion": r"discussions?|results? and discussions?|discussion and conclusions?|comment|interpretation|discussion and limitations?",
    "conclusion": r"conclusions?|concluding remarks|summary and conclusions?"
    r"|conclusions? and (?:implications|recommendations|perspectives)",
    "references": r"references?|bibliography|literature cited|works cited|references and notes",
    "acknowledgements": r"acknowledge?ments?",
    "funding": r"funding(?: sources?| statement| information)?|financial (?:support|disclosures?)|role of (?:the )?funding source"
    r"|source of funding|funding ?/ ?support|sponsorship",
    "declarations": r"declarations?(?: of (?:competing |conflicting )?interests?)?"
    r"|(?:competing|conflicts? of|declaration of|conflicting) interests?(?: statement| disclosures?)?|disclosures?(?: statement)?"
    r"|authors?['’]? ?contributions?|author contributions?(?: statement)?|contributors?"
    r"|contributorship statement|ethics(?: approval)?(?: and (?:consent to participate|dissemination))?(?: statement)?|ethical approval"
    r"|consent for publication|(?:informed )?consent(?: statement)?|(?:availability of )?data (?:sharing|availability)?(?: ?and materials)?"
    r"(?: statement)?|availability of data and materials?|(?:list of )?abbreviations?|supplementary (?:materials?|data|information)"
    r"|supporting information|additional (?:files?|information)|author (?:details|information|affiliations)|authors['’] information"
    r"|orcid(?: ids?)?|publisher['’]s note|provenance and peer review|patient consent(?: for publication)?|open access|copyright"
    r"|trial status"
    r"|institutional review board statement",
    "appendix": r"appendix(?: [a-z0-9]+)?(?:[:.].*)?|appendices|annex(?: \d+)?",
}
_PATTERNS = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in _NAMES.items()}
_NUMBER = re.compile(r"^(?:section\s+)?(?:\d{1,2}(?:\.\d{1,2})*\.?|[IVX]{1,4}[.:]|[A-Z][.)])\s+")
_SPACED = re.compile(r"^(?:[A-Z] ){3,}[A-Z]$")

MAIN = frozenset({"introduction", "methods", "results", "discussion", "conclusion"})
MINOR = frozenset({"references", "acknowledgements", "funding", "declarations", "appendix"})

_LABELS = {
    "introduction": r"background|introduction|objectives?|aims?|purpose|context|importance|rationale|hypothesis|question",
    "methods": r"methods?|design|setting|participants?|patients?|interventions?|exposures?|main outcomes?(?: and measures?)?|measurements?"
    r"|materials? and methods?|patients and methods?|data sources?|study selection|primary outcomes?|methods/design",
    "results": r"results?|findings|main results|outcomes?",
    "conclusion": r"conclusions?(?: and relevance)?|interpretation|discussion|significance|implications",
}
_LABEL = {name: re.compile(rf"({pattern})(?P<end>[^\w\s]|$| )", re.IGNORECASE) for name, pattern in _LABELS.items()}

# Dropped first to last when a paper is longer than the budget; what is not named here ("" and unknown names) goes after "introduction".
_LEAST_USEFUL = ("references", "declarations", "acknowledgements", "funding", "appendix", "discussion", "conclusion", "introduction", "")
_READABLE = {"": "text outside of any section"}


@dataclass(frozen=True, slots=True)
class PaperText:
    """A paper's running text, what of it was left out for want of room, and its length in tokens (0 where nobody counted)."""

    text: str
    left_out: tuple[str, ...] = ()
    tokens: int = 0


def section_of(heading: str) -> str:
    """The name of the section that a heading of these words begins, or "" where it begins none that is known."""
    text = heading.strip()
    if _SPACED.match(text):
        text = text.replace(" ", "")
    text = _NUMBER.sub("", text).strip(" .:—–-|").replace("’", "'")
    text = re.sub(r"\s+", " ", text)
    if len(text) > 70:
        return ""
    return next((name for name, pattern in _PATTERNS.items() if pattern.fullmatch(text)), "")


def abstract_label(text: str) -> str:
    """The part of a structured abstract that a paragraph or heading opens ("Methods: We …"), or ""."""
    for name, pattern in _LABEL.items():
        match = pattern.match(text)
        if match and (match["end"] != " " or match[1].isupper()):
            return name
    return ""


def paper_text(passages: Iterable[Passage], budget: int | None = None, count: Counter | None = None) -> PaperText:
    """The paper's text in reading order, without furniture, one passage a line and a blank line before each heading.

    ``count`` gives the number of tokens of each text; ``budget`` is the most tokens that the result may have. Over budget, whole sections
    are left out in the order of their use; if one section alone is too long, its last passages go. Both are named in ``left_out``.
    Without ``budget`` nothing is left out. Raises ValueError for a budget without a counter.
    """
    kept = [p for p in passages if p.kind is not PassageKind.FURNITURE and p.text.strip()]
    if budget is None and count is None:
        return PaperText(_laid_out(kept))
    if count is None:
        raise ValueError("a budget needs a function that counts tokens")
    lines = [_line(p, first=place == 0) for place, p in enumerate(kept)]
    lengths = dict(zip((p.order for p in kept), count(lines), strict=True)) if kept else {}
    left_out: list[str] = []
    if budget is not None:
        kept, left_out = _within(kept, lengths, budget)
    text = _laid_out(kept)
    tokens = count([text])[0] if text else 0
    while budget is not None and tokens > budget and kept:  # counted as one text, it may be a little longer than the sum of its lines
        kept, left_out = _without_last(kept, left_out)
        text = _laid_out(kept)
        tokens = count([text])[0] if text else 0
    return PaperText(text, tuple(left_out), tokens)


def _line(passage: Passage, first: bool) -> str:
    heading = passage.kind in {PassageKind.HEADING, PassageKind.TITLE}
    return ("" if first else "\n\n" if heading else "\n") + passage.text


def _laid_out(passages: Sequence[Passage]) -> str:
    return "".join(_line(p, first=place == 0) for place, p in enumerate(passages))


def _within(kept: list[Passage], lengths: dict[int, int], budget: int) -> tuple[list[Passage], list[str]]:
    left_out: list[str] = []
    for section in _LEAST_USEFUL:
        if sum(lengths[p.order] for p in kept) <= budget:
            return kept, left_out
        rest = [p for p in kept if p.section != section or p.kind is PassageKind.TITLE]
        if len(rest) < len(kept) and rest:
            kept = rest
            left_out.append(_READABLE.get(section, section))
    while kept and sum(lengths[p.order] for p in kept) > budget:
        kept, left_out = _without_last(kept, left_out)
    return kept, left_out


def _without_last(kept: list[Passage], left_out: list[str]) -> tuple[list[Passage], list[str]]:
    """One passage fewer at the end, with what is missing said in the last entry."""
    section = kept[-1].section or "text outside of any section"
    name = f"end of {section}"
    return kept[:-1], left_out if left_out and left_out[-1] == name else [*left_out, name]
