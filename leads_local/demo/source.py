"""The written form of a sample paper: front matter in TOML, then headings, paragraphs and tables in plain text.

It exists so that the papers can be read and corrected by anyone, and so that the PDFs and the gold answers have one
source. Paragraphs are set apart by blank lines; ``**Methods:**`` at the start of one is a bold label; a paragraph that
starts with ``Table 1.`` is the caption of the rows that follow it, and one that starts with ``Note:`` belongs to the
table before it. Nothing else has a meaning.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, fields
from importlib import resources
from typing import Any

from leads_local.errors import InputError

_CAPTION = re.compile(r"Table \d+\. ")
_LABEL = re.compile(r"\*\*(.+?)\*\*\s*")
_RULE = re.compile(r"[|\s:-]+")


@dataclass(frozen=True, slots=True)
class Heading:
    """``level`` is 2 for a section, 3 for a part of one."""

    text: str
    level: int


@dataclass(frozen=True, slots=True)
class Paragraph:
    """``label`` is what stands in bold before the text, with its punctuation, or ""."""

    text: str
    label: str = ""

    @property
    def plain(self) -> str:
        return f"{self.label} {self.text}".strip()


@dataclass(frozen=True, slots=True)
class Table:
    """``rows`` begin with the header; all have the same number of cells. A wide table spans both columns of the
    page."""

    number: str
    caption: str
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    wide: bool = False


Block = Heading | Paragraph | Table


@dataclass(frozen=True, slots=True)
class SamplePaper:
    """One sample paper. ``file`` is the name of its PDF, ``study`` its key in the gold answers, ``style`` the name of
    its layout."""

    file: str
    study: str
    style: str
    title: str
    authors: str
    affiliation: str
    journal: str
    issue: str
    running: str
    doi: str
    kind: str
    year: int
    first_page: int
    keywords: str
    abstract: tuple[Paragraph, ...] = ()
    body: tuple[Block, ...] = ()

    def passages(self) -> Iterator[str]:
        """Everything the paper says, a paragraph, heading, caption or table row (cells joined by ``" | "``) at a
        time."""
        yield self.title
        for paragraph in self.abstract:
            yield paragraph.plain
        for block in self.body:
            if isinstance(block, Heading):
                yield block.text
            elif isinstance(block, Paragraph):
                yield block.plain
            else:
                yield f"{block.number} {block.caption}"
                yield from (" | ".join(row) for row in block.rows)
                if block.note:
                    yield block.note

    @property
    def text(self) -> str:
        return "\n".join(self.passages())

    @property
    def tables(self) -> tuple[Table, ...]:
        return tuple(block for block in self.body if isinstance(block, Table))


def load_papers() -> tuple[SamplePaper, ...]:
    """The sample papers that come with the program, by the name of their source."""
    folder = resources.files("leads_local.demo") / "papers"
    sources = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".md")), key=lambda entry: entry.name)
    return tuple(parse_paper(entry.read_text(encoding="utf-8"), entry.name) for entry in sources)


def parse_paper(source: str, name: str) -> SamplePaper:
    """The paper that ``source`` describes. Raises InputError, with ``name`` and the reason, when it does not describe
    one."""
    try:
        _, front, body = source.split("+++", 2)
        given = tomllib.loads(front)
    except ValueError as error:
        raise InputError(
            f"The sample paper {name} has no readable front matter between two lines of +++: {error}"
        ) from error
    wanted = {field.name for field in fields(SamplePaper)} - {"abstract", "body"}
    if given.keys() != wanted:
        raise InputError(
            f"The front matter of the sample paper {name} lacks or has too many of: {sorted(given.keys() ^ wanted)}."
        )
    return _build_paper(given, tuple(_parse_blocks(body, name)))


def _build_paper(front: dict[str, Any], blocks: tuple[Block, ...]) -> SamplePaper:
    abstract: list[Paragraph] = []
    body: list[Block] = []
    inside = False
    for block in blocks:
        if isinstance(block, Heading) and block.level == 2:
            inside = block.text == "Abstract"
            if inside:
                continue
        if inside and isinstance(block, Paragraph):
            abstract.append(block)
        else:
            body.append(block)
    return SamplePaper(**front, abstract=tuple(abstract), body=tuple(body))


def _parse_blocks(body: str, name: str) -> Iterator[Block]:
    chunks = [chunk.strip() for chunk in re.split(r"\n\s*\n", body) if chunk.strip()]
    at = 0
    while at < len(chunks):
        chunk = chunks[at]
        at += 1
        if chunk.startswith("#"):
            marks, text = chunk.split(maxsplit=1)
            yield Heading(text, len(marks))
        elif _CAPTION.match(chunk):
            if at == len(chunks) or not chunks[at].startswith("|"):
                raise InputError(f"In the sample paper {name}, no rows follow the caption {chunk.splitlines()[0]!r}.")
            note = chunks[at + 1] if at + 1 < len(chunks) and chunks[at + 1].startswith("Note: ") else ""
            yield _parse_table(chunk, chunks[at], _join_lines(note.removeprefix("Note: ")), name)
            at += 2 if note else 1
        else:
            yield from _parse_paragraphs(chunk)


def _parse_paragraphs(chunk: str) -> Iterator[Paragraph]:
    """One paragraph; or, in a list of references, one for each numbered line."""
    lines = chunk.splitlines()
    if len(lines) > 1 and all(re.match(r"\d+\. ", line) for line in lines):
        yield from (Paragraph(line.strip()) for line in lines)
        return
    text = _join_lines(chunk)
    label = _LABEL.match(text)
    yield Paragraph(text[label.end() :], label[1]) if label else Paragraph(text)


def _parse_table(caption: str, rows: str, note: str, name: str) -> Table:
    lines = caption.splitlines()
    wide = lines[-1] == "wide: true"
    number, text = re.match(
        r"(Table \d+\.) (.*)", _join_lines("\n".join(lines[:-1] if wide else lines)), re.DOTALL
    ).groups()  # type: ignore[union-attr]
    cells = [
        tuple(cell.strip() for cell in line.strip().strip("|").split("|"))
        for line in rows.splitlines()
        if not _RULE.fullmatch(line)
    ]
    if len({len(row) for row in cells}) != 1:
        raise InputError(f"In the sample paper {name}, the rows of {number} differ in their number of cells.")
    return Table(number, text, tuple(cells), note, wide)


def _join_lines(chunk: str) -> str:
    return " ".join(line.strip() for line in chunk.splitlines())
