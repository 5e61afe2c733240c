"""Which section of the paper each passage stands in.

Headings name sections, but not each time: a structured abstract has its own "Methods", a methods section its own
"Ethics", and some papers print no heading over their abstract. What decides is the order that papers keep to, and how a
heading is set against the others. A passage whose section is not known has "", never a guess.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from leads_local.documents.captions import caption_key, mentioned
from leads_local.documents.paragraphs import Block
from leads_local.documents.reference_list import mark_references
from leads_local.documents.sections import MAIN_SECTIONS, MINOR_SECTIONS, abstract_label, section_of
from leads_local.records import Passage, PassageKind

_ABSTRACT_PARTS = ("introduction", "methods", "results", "conclusion")  # of a structured abstract, in their order
_KEYWORDS = re.compile(r"(?:key\s?words?|index terms|mesh terms)\b", re.IGNORECASE)
_LABELLED = re.compile(r"[\w /&,]{4,45}[:.—–-]\s*\S")
_LONG = 300  # characters that an abstract without a heading has at least


@dataclass
class _State:
    section: str = ""
    style: tuple[float, bool] = (0.0, False)  # size and weight of the headings of main sections
    seen: set[str] = field(default_factory=set)
    part: int = -1  # the furthest part of a structured abstract so far
    plain: bool = False  # the abstract has text without a label
    began: int = 0  # page on which the abstract begins
    small: bool = False  # a minor section in small type, as at the foot of the first page
    before: str = ""


def assign_sections(passages: Sequence[Passage], blocks: Sequence[Block], body: float) -> list[Passage]:
    """The passages with their sections. ``blocks`` are the ones that they were made of, in the same order."""
    state = _State()
    result = []
    for passage, block in zip(passages, blocks, strict=True):
        if passage.kind is not PassageKind.FURNITURE:
            if passage.kind is PassageKind.HEADING:
                _take_heading(state, passage, block, body)
            elif passage.kind is PassageKind.PARAGRAPH:
                _take_paragraph(state, passage, block, body)
            passage = replace(passage, section=state.section)
        result.append(passage)
    return _assign_tables_and_figures(_assign_abstract(mark_references(result)))


def _take_heading(state: _State, passage: Passage, block: Block, body: float) -> None:
    name = section_of(passage.text)
    if not name:
        return
    style = (round(block.size, 1), block.bold)
    if state.section == "abstract":
        label = abstract_label(passage.text)
        if label and not _leaves_abstract(state, passage.text, name, label, block.size > 1.07 * body):
            state.part = max(state.part, _ABSTRACT_PARTS.index(label))
            return
    elif (
        not state.section
        and name in MAIN_SECTIONS
        and passage.page == 1
        and _opens_abstract(state, passage.text, block, body)
    ):
        _begin_abstract(state, passage.page, abstract_label(passage.text))
        return
    if name in MINOR_SECTIONS and name != "references" and _is_subsection(state, passage.text, style):
        return
    if name == "abstract":
        _begin_abstract(state, passage.page, "")
        return
    if name in MAIN_SECTIONS:
        state.style = style
    state.small = (
        name in MINOR_SECTIONS and block.size < body - 0.3 and not state.seen & {"results", "discussion", "conclusion"}
    )
    state.before = state.section if state.section in MAIN_SECTIONS else ""
    state.section = name
    state.seen.add(name)


def _leaves_abstract(state: _State, text: str, name: str, label: str, larger: bool) -> bool:
    """Whether a heading that could label a part of the abstract begins a section of the paper instead."""
    if name in MINOR_SECTIONS or larger or text[:1].isdigit():
        return True
    return (state.plain and state.part < 0) or _ABSTRACT_PARTS.index(label) < state.part


def _opens_abstract(state: _State, text: str, block: Block, body: float) -> bool:
    """Whether the first heading of all is one of a structured abstract that has no heading itself."""
    return (
        not state.seen
        and bool(abstract_label(text))
        and not text[:1].isdigit()
        and block.size <= 1.07 * body
        and text.lower() != "introduction"
    )


def _is_subsection(state: _State, text: str, style: tuple[float, bool]) -> bool:
    """Whether a heading like "Ethics" belongs to the methods, judged by its number and by how main headings are set."""
    if re.match(r"\d{1,2}\.\d", text):
        return True
    lower = style[0] < state.style[0] - 0.3 or (state.style[1] and not style[1])
    return state.section in MAIN_SECTIONS and lower and not state.seen & {"discussion", "conclusion"}


def _begin_abstract(state: _State, page: int, label: str) -> None:
    state.section, state.began, state.plain = "abstract", page, False
    state.part = _ABSTRACT_PARTS.index(label) if label else -1
    state.seen.add("abstract")


def _take_paragraph(state: _State, passage: Passage, block: Block, body: float) -> None:
    if state.small and block.size > body - 0.3:
        state.section, state.small = state.before, False
    label = abstract_label(passage.text) if _LABELLED.match(passage.text) else ""
    if not state.section and label and not state.seen and passage.page <= 2 and len(passage.text) > 60:
        _begin_abstract(state, passage.page, label)
    if state.section != "abstract":
        return
    if _KEYWORDS.match(passage.text):
        return
    if passage.page > state.began + 1:
        state.section = ""
    elif label:
        state.part = max(state.part, _ABSTRACT_PARTS.index(label))
    elif len(passage.text) > 80:
        state.plain = True


def _assign_tables_and_figures(passages: list[Passage]) -> list[Passage]:
    """Tables and figures get the section that first speaks of them: where they are printed is the typesetter's
    choice."""
    mentions: dict[str, str] = {}
    for passage in passages:
        if passage.kind is PassageKind.PARAGRAPH and passage.section in MAIN_SECTIONS:
            for key in mentioned(passage.text):
                mentions.setdefault(key, passage.section)
    result = []
    section = ""
    for passage in passages:
        if passage.kind is PassageKind.CAPTION:
            section = mentions.get(caption_key(passage.text), "")
        if (
            section
            and passage.kind in {PassageKind.CAPTION, PassageKind.TABLE_ROW}
            and passage.section not in {"references", "appendix"}
        ):
            passage = replace(passage, section=section)
        result.append(passage)
    return result


def _assign_abstract(passages: list[Passage]) -> list[Passage]:
    """Where no abstract was found: the long paragraphs between the title and the introduction are it."""
    if any(p.section == "abstract" for p in passages):
        return passages
    title = next((n for n, p in enumerate(passages) if p.kind is PassageKind.TITLE), None)
    start = next((n for n, p in enumerate(passages) if p.section == "introduction"), None)
    if title is None or start is None or start < title:
        return passages
    result = list(passages)
    for n in range(title + 1, start):
        passage = passages[n]
        if passage.kind is PassageKind.PARAGRAPH and len(passage.text) > _LONG and not passage.section:
            result[n] = replace(passage, section="abstract")
    return result
