"""Section names, and the text of a paper as a prompt needs it.

A heading's wording is mapped to one of few names by a table. ``paper_text`` gives the running text within a budget of
tokens: the most useful sections first, and everything that is missing is named. ``paper_windows`` gives it in parts
where even those do not fit. Nothing is ever cut without saying so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from leads_local.documents import section_words
from leads_local.records import PageRange, Passage, PassageKind

TokenCounter = Callable[[Sequence[str]], list[int]]

_NAMES: dict[str, str] = {
    "abstract": r"(?:structured |extended )?abstract|summary|synopsis",
    "introduction": r"introduction|background(?: and (?:objectives?|aims?|rationale))?|introduction and "
    r"(?:objectives?|aims?)|rationale",
    "methods": r"(?:materials?|patients?|subjects?|participants?|population|experimental|study "
    r"design|study|research design|design)"
    r"(?: and|,| &) (?:materials?|methods?|patients?|procedures?|analysis)(?:(?: and|,) (?:methods?|patients?))?"
    r"|methods?|methodology|methods? ?/ ?(?:study )?design|methods?(?: and|,| &) "
    r"(?:analysis|design|materials?|patients?|procedures?)"
    r"|experimental(?: section| procedures?)?|research design and methods",
    "results": r"results?|findings|results? and (?:analysis|findings)|main results",
    "discussion": r"discussions?|results? and discussions?|discussion and "
    r"conclusions?|comment|interpretation|discussion and limitations?",
    "conclusion": r"conclusions?|concluding remarks|summary and conclusions?"
    r"|conclusions? and (?:implications|recommendations|perspectives)",
    "references": r"references?|bibliography|literature cited|works cited|references and notes",
    "acknowledgements": r"acknowledge?ments?",
    "funding": r"funding(?: sources?| statement| information)?|financial (?:support|disclosures?)|role of (?:the "
    r")?funding source"
    r"|source of funding|funding ?/ ?support|sponsorship",
    "declarations": r"declarations?(?: of (?:competing |conflicting )?interests?)?"
    r"|(?:competing|conflicts? of|declaration of|conflicting) interests?(?: statement| "
    r"disclosures?)?|disclosures?(?: statement)?"
    r"|authors?['’]? ?contributions?|author contributions?(?: statement)?|contributors?"
    r"|contributorship statement|ethics(?: approval)?(?: and (?:consent to participate|dissemination))?(?: "
    r"statement)?|ethical approval"
    r"|consent for publication|(?:informed )?consent(?: statement)?|(?:availability of )?data "
    r"(?:sharing|availability)?(?: ?and materials)?"
    r"(?: statement)?|availability of data and materials?|(?:list of )?abbreviations?|supplementary "
    r"(?:materials?|data|information)"
    r"|supporting information|additional (?:files?|information)|author "
    r"(?:details|information|affiliations)|authors['’] information"
    r"|orcid(?: ids?)?|publisher['’]s note|provenance and peer review|patient consent(?: for publication)?|open "
    r"access|copyright"
    r"|trial status"
    r"|institutional review board statement",
    "appendix": r"appendix(?: [a-z0-9]+)?(?:[:.].*)?|appendices|annex(?: \d+)?",
}
_PATTERNS = {
    name: re.compile(f"{pattern}|{section_words.NAMES.get(name, pattern)}", re.IGNORECASE)
    for name, pattern in _NAMES.items()
}
_NUMBER = re.compile(
    r"^(?:section\s+)?(?:\d{1,2}(?:\.\d{1,2})*\.?|[IVX]{1,4}[.:]|[A-Z][.)])\s+"
    r"|^(?:\d{1,2}(?:\.\d{1,2})*[.．、]?|[一二三四五六七八九十]{1,2}、)\s*(?=[\u3040-\u9fff])"
)
_SPACED = re.compile(r"^(?:[A-Z] ){3,}[A-Z]$")

MAIN_SECTIONS = frozenset({"introduction", "methods", "results", "discussion", "conclusion"})
_FURTHER_FILES = ("protocol", "supplement")  # what goes with a paper, as sections of it
MINOR_SECTIONS = frozenset({"references", "acknowledgements", "funding", "declarations", "appendix", *_FURTHER_FILES})

_LABELS = {
    "introduction": r"background|introduction|objectives?|aims?|purpose|context|importance|rationale|hypothesis"
    r"|question",
    "methods": r"methods?|design|setting|participants?|patients?|interventions?|exposures?|main outcomes?(?: and "
    r"measures?)?|measurements?"
    r"|materials? and methods?|patients and methods?|data sources?|study selection|primary outcomes?|methods/design",
    "results": r"results?|findings|main results|outcomes?",
    "conclusion": r"conclusions?(?: and relevance)?|interpretation|discussion|significance|implications",
}
_LABEL = {
    name: re.compile(rf"({pattern}|{section_words.LABELS[name]})(?P<end>[^\w\s]|$| )", re.IGNORECASE)
    for name, pattern in _LABELS.items()
}

# Most useful first. What is not named here, "" and unknown names, comes after the results; tables and captions count as
# results.
_MOST_USEFUL_FIRST = (
    *("abstract", "methods", "results", "correction", "", "introduction", "conclusion", "discussion", *_FURTHER_FILES),
    *("appendix", "funding", "acknowledgements", "declarations", "references"),
)
_LAST_CORE_RANK = _MOST_USEFUL_FIRST.index("")  # what a question about a study can't do without: up to here
_READABLE = {"": "text outside of any section"}
_OVERLAP = 8  # a window repeats up to one eighth of the one before


@dataclass(frozen=True, slots=True)
class PaperText:
    """A paper's running text, what of it was left out for want of room, and its length in tokens (0 where nobody
    counted)."""

    text: str
    left_out: tuple[str, ...] = ()
    tokens: int = 0


def section_of(heading: str) -> str:
    """The name of the section that a heading of these words begins, or "" where it begins none that is known."""
    text = heading.strip()
    if _SPACED.match(text):
        text = text.replace(" ", "")
    text = _NUMBER.sub("", text).strip(" .:：—–-|【】[]").replace("’", "'")
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


def on_pages(passages: Iterable[Passage], pages: PageRange | None) -> tuple[Passage, ...]:
    """The passages that stand on these pages, if only with some of their lines; None for all. A minor section that
    began before them is another paper's, and is none to those that follow it."""
    if pages is None:
        return tuple(passages)
    found: list[Passage] = []
    before = ""  # the section that the pages begin in, for as long as no other one begins
    for passage in passages:
        if any(pages.first <= span.page <= pages.last for span in passage.spans):
            before = before if passage.section == before else ""
            found.append(replace(passage, section="") if before in MINOR_SECTIONS else passage)
        elif not found:
            before = passage.section
    return tuple(found)


def paper_text(passages: Iterable[Passage], budget: int | None = None, count: TokenCounter | None = None) -> PaperText:
    """The paper's text in reading order, without furniture, one passage a line and a blank line before each heading.

    ``count`` gives the number of tokens of each text; ``budget`` is the most tokens that the result may have. It is
    filled with the most useful sections first (abstract, methods, results and tables; references last); of the first
    that does not fit whole, the beginning is taken. What is missing is named in ``left_out``. Without ``budget``
    nothing is left out. Raises ValueError for a budget without a counter.
    """
    kept = [p for p in passages if p.kind is not PassageKind.FURNITURE and p.text.strip()]
    if budget is None and count is None:
        return PaperText(_join_passages(kept))
    if count is None:
        raise ValueError("a budget needs a function that counts tokens")
    lines = [_passage_line(p, first=place == 0) for place, p in enumerate(kept)]
    lengths = dict(zip((p.order for p in kept), count(lines), strict=True)) if kept else {}
    left_out: list[str] = []
    if budget is not None:
        kept, left_out = _fit_into_budget(kept, lengths, budget)
    text = _join_passages(kept)
    tokens = count([text])[0] if text else 0
    while (
        budget is not None and tokens > budget and kept
    ):  # counted as one text, it may be a little longer than the sum of its lines
        kept, left_out = _drop_last_passage(kept, left_out)
        text = _join_passages(kept)
        tokens = count([text])[0] if text else 0
    return PaperText(text, tuple(left_out), tokens)


def _passage_line(passage: Passage, first: bool) -> str:
    heading = passage.kind in {PassageKind.HEADING, PassageKind.TITLE}
    return ("" if first else "\n\n" if heading else "\n") + passage.text


def _join_passages(passages: Sequence[Passage]) -> str:
    return "".join(_passage_line(p, first=place == 0) for place, p in enumerate(passages))


def paper_windows(passages: Iterable[Passage], budget: int, count: TokenCounter) -> tuple[PaperText, ...]:
    """The paper as one text where all that matters most fits into ``budget``, else as windows that overlap and miss
    nothing but minor sections, which are named.

    Each window begins with the title and repeats the end of the one before, and the caption and column heads of a table
    that it begins within. A passage that alone is too long is cut
    into pieces.
    """
    kept = [p for p in passages if p.kind is not PassageKind.FURNITURE and p.text.strip()]
    core = [p for p in kept if _usefulness_rank(p) <= _LAST_CORE_RANK]
    if not kept or count([_join_passages(core)])[0] <= budget:
        return (paper_text(kept, budget, count),)
    main = [p for p in kept if p.section not in MINOR_SECTIONS or p.kind is PassageKind.TITLE]
    left_out = tuple(
        dict.fromkeys(
            section
            for section in reversed(_MOST_USEFUL_FIRST)
            if any(p.section == section for p in kept if p not in main)
        )
    )
    title = [p for p in main if p.kind is PassageKind.TITLE]
    if count([_join_passages(title)])[0] > budget // _OVERLAP:
        title = []
    room = budget - count([_join_passages(title) + "\n\n"])[0]
    body = [p for p in main if p not in title]
    while True:
        windows = _cut_windows([piece for p in body for piece in _cut_passage(p, room // 2, count)], room, count)
        tops = [_table_top(window, body) for window in windows]
        tops = [top if count([_join_passages(top)])[0] <= budget // _OVERLAP else [] for top in tops]
        texts = [_join_passages([*title, *top, *window]) for top, window in zip(tops, windows, strict=True)]
        tokens = count(texts)
        if max(tokens) <= budget or room < 2:
            return tuple(PaperText(text, left_out, length) for text, length in zip(texts, tokens, strict=True))
        room -= max(tokens) - budget  # laid out together, lines may have a few tokens more than alone


def _table_top(window: Sequence[Passage], body: Sequence[Passage]) -> list[Passage]:
    """The caption and first row of the table that a window begins within, so that no value is without its heads."""
    at = next((n for n, p in enumerate(body) if window and p.order == window[0].order), 0)
    top = at
    while top > 0 and body[top].kind is body[top - 1].kind is PassageKind.TABLE_ROW:
        top -= 1
    if top == at:
        return []
    captioned = top > 0 and body[top - 1].kind is PassageKind.CAPTION
    return [*body[top - captioned : top], body[top]]


def _cut_windows(body: Sequence[Passage], room: int, count: TokenCounter) -> list[list[Passage]]:
    """Runs of passages of at most ``room`` tokens, each beginning with the last passages of the one before."""
    lengths = count([_passage_line(p, first=False) for p in body])
    windows: list[list[Passage]] = []
    start = end = 0
    while end < len(body):
        size, end = 0, start
        while end < len(body) and (end == start or size + lengths[end] <= room):
            size, end = size + lengths[end], end + 1
        windows.append(list(body[start:end]))
        start, again = end, 0
        while end < len(body) and start > 0:
            again += lengths[start - 1]
            if again > room // _OVERLAP or again + lengths[end] > room:
                break
            start -= 1
    return windows


def _cut_passage(passage: Passage, room: int, count: TokenCounter) -> list[Passage]:
    """The passage, or its text in pieces of at most ``room`` tokens, cut between words where there are any."""
    if len(passage.text) < 2 or count([_passage_line(passage, first=False)])[0] < room:
        return [passage]
    middle = len(passage.text) // 2
    at = passage.text.rfind(" ", 1, middle) + 1 or middle
    halves = (replace(passage, text=text) for text in (passage.text[:at].rstrip(), passage.text[at:]))
    return [piece for half in halves if half.text.strip() for piece in _cut_passage(half, room, count)]


def _usefulness_rank(passage: Passage) -> int:
    """How useful a passage is: 0 for the most."""
    if passage.kind is PassageKind.TITLE:
        return 0
    if passage.kind in {PassageKind.TABLE_ROW, PassageKind.CAPTION} and passage.section not in MINOR_SECTIONS:
        return min(
            _MOST_USEFUL_FIRST.index("results"),
            _MOST_USEFUL_FIRST.index(passage.section) if passage.section in _MOST_USEFUL_FIRST else _LAST_CORE_RANK,
        )
    return _MOST_USEFUL_FIRST.index(passage.section) if passage.section in _MOST_USEFUL_FIRST else _LAST_CORE_RANK


def _fit_into_budget(kept: list[Passage], lengths: dict[int, int], budget: int) -> tuple[list[Passage], list[str]]:
    """The most useful passages that fit together, in reading order, and what is left out, the least useful first."""
    taken: set[int] = set()
    room, left_out = budget, list[str]()
    for rank in range(len(_MOST_USEFUL_FIRST)):
        group = [p for p in kept if _usefulness_rank(p) == rank]
        inside = 0
        for passage in group:
            if left_out or lengths[passage.order] > room:
                break
            room -= lengths[passage.order]
            taken.add(passage.order)
            inside += 1
        for section in dict.fromkeys(p.section for p in group[inside:]):
            name = _READABLE.get(section, section)
            some = any(p.order in taken and p.section == section for p in kept)
            left_out.append(f"end of {name}" if some else name)
    return [p for p in kept if p.order in taken], list(dict.fromkeys(reversed(left_out)))


def _drop_last_passage(kept: list[Passage], left_out: list[str]) -> tuple[list[Passage], list[str]]:
    """One of the least useful passages fewer, the last of them, with what is missing said in the last entry."""
    worst = max(range(len(kept)), key=lambda place: (_usefulness_rank(kept[place]), place))
    section = _READABLE.get(kept[worst].section, kept[worst].section)
    name = f"end of {section}"
    rest = [*kept[:worst], *kept[worst + 1 :]]
    known = section in left_out or name in left_out
    return rest, left_out if known else [*left_out, name]
