"""Tables of many layouts with known cells, each on a page of a made-up paper: what tests/bench/tables.py reads back.

Everything is drawn at random from a seed: how rows are parted (rules, a grid, filled bands, white space alone), the
caption's language and spelling, wrapped labels and heads, heads that span columns, narrow gaps, notes, groups, empty
cells, the place of the table on the page, its turn, and whether it goes on overleaf.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pymupdf

WIDTH, HEIGHT = 595.0, 842.0
CAPTIONS = (
    *("Table {n}. {title}", "TABLE {n} {title}", "Table {n}: {title}", "TA B L E {n} {title}", "T A B L E {n} {title}"),
    *("eTable {n}. {title}", "Supplementary Table S{n}. {title}", "Table S{n} {title}", "Tabelle {n} {title}"),
    *("Tab. {n} {title}", "Tableau {n}. {title}", "Tabla {n}. {title}", "Tabela {n} - {title}", "Table {n}a {title}"),
    *("Table {n} | {title}", "Table A{n}. {title}", "Table {roman}. {title}", "", ""),
)
ROMAN = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")
LABELS = (
    *("Age, years", "Women, n (%)", "Body mass index", "Systolic blood pressure", "Smoker", "Diabetes", "Pain score"),
    *("Quality of life at twelve weeks", "Length of stay", "Adverse events", "Nausea", "Serious adverse events"),
    *("Change from baseline to week 24", "Hospital admission", "Death from any cause", "Haemoglobin", "HbA1c, %"),
    *("Low-density lipoprotein cholesterol", "Previous treatment with corticosteroids", "Duration of disease"),
)
ARMS = ("Exercise", "Control", "Placebo", "Usual care", "Low dose", "High dose", "Drug A", "Surgery")
WORDS = (
    *("trial", "patients", "outcome", "analysis", "mean", "difference", "secondary", "events", "treatment", "placebo"),
    *("interval", "confidence", "of", "the", "and", "were", "randomised", "weeks", "group", "baseline", "in", "dose"),
)
GROUPS = ("Demographics", "Laboratory", "Outcomes at six months", "Safety")


@dataclass
class Layout:
    """One page layout. ``place`` is full, left or beside (two tables side by side)."""

    seed: int
    parting: str = "rules"
    caption: str = CAPTIONS[0]
    place: str = "full"
    columns: int = 4
    rows: int = 9
    gap: float = 12.0
    align: str = "left"
    wrapped: bool = False
    spanning: bool = False
    head_lines: int = 1
    groups: bool = False
    empty: bool = False
    notes: bool = False
    marks: bool = False
    turned: bool = False
    continued: bool = False
    size: float = 8.0


@dataclass
class Sample:
    """A file with what its tables hold, row by row, and the sentences that stand around them."""

    path: Path
    layout: Layout
    tables: list[list[list[str]]] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)


def draw_layout(seed: int) -> Layout:
    """The layout of this seed."""
    pick = random.Random(seed)
    return Layout(
        seed,
        pick.choice(["rules", "rules", "rules", "grid", "zebra", "none", "row rules"]),
        pick.choice(CAPTIONS),
        pick.choice(["full", "full", "left", "beside"]),
        pick.choice([3, 4, 4, 5, 6]),
        pick.randrange(6, 14),
        pick.choice([12.0, 12.0, 7.0, 4.5]),
        pick.choice(["left", "centre", "right"]),
        pick.random() < 0.4,
        pick.random() < 0.3,
        pick.choice([1, 1, 2]),
        pick.random() < 0.25,
        pick.random() < 0.25,
        pick.random() < 0.5,
        pick.random() < 0.25,
        pick.random() < 0.1,
        pick.random() < 0.15,
        pick.choice([7.0, 8.0, 8.0, 9.0]),
    )


def write_sample(layout: Layout, folder: Path) -> Sample:
    """The page or pages of this layout as a PDF in ``folder``."""
    sample = Sample(folder / f"{layout.seed}.pdf", layout)
    _Writer(layout, sample).write()
    return sample


@dataclass
class _Part:
    """One cell's printed lines, over ``span`` columns. ``mark`` is a raised letter or figure behind it."""

    lines: list[str]
    span: int = 1
    mark: str = ""

    @property
    def text(self) -> str:
        return " ".join(self.lines)


class _Writer:
    def __init__(self, layout: Layout, sample: Sample) -> None:
        self.layout, self.sample = layout, sample
        self.pick = random.Random(layout.seed + 10**6)
        self.pdf: Any = pymupdf.open()
        self.leading = 1.2 * layout.size
        self.page: Any = None

    def write(self) -> None:
        layout = self.layout
        if layout.turned:
            layout.place, layout.continued = "full", False
        width = (HEIGHT if layout.turned else WIDTH) - 100
        self.begin_page()
        left = 50.0
        if layout.place == "full":
            bottom = self.table(left, 80.0, width, 1)
            if not layout.turned:
                self.running_text(50, bottom + 30, 240)
                self.running_text(305, bottom + 30, 240)
        elif layout.place == "left":
            bottom = self.table(left, 80.0, 238, 1)
            self.running_text(50, bottom + 24, 240)
            self.running_text(305, 80, 240)
        else:
            bottoms = [self.table(left, 80.0, 236, 1), self.table(307, 80.0, 236, 2)]
            self.running_text(50, max(bottoms) + 24, 240)
            self.running_text(305, max(bottoms) + 24, 240)
        if layout.turned:  # running text of other pages says what the type of the paper is
            self.pdf[0].set_rotation(90)
        self.page = self.pdf.new_page(width=WIDTH, height=HEIGHT)
        self.running_text(50, 80, 240)
        self.running_text(305, 80, 240)
        self.pdf.save(self.sample.path)
        self.pdf.close()

    def begin_page(self) -> None:
        size = (HEIGHT, WIDTH) if self.layout.turned else (WIDTH, HEIGHT)
        self.page = self.pdf.new_page(width=size[0], height=size[1])

    def put(self, x: float, base: float, text: str, size: float, font: str = "helv") -> None:
        self.page.insert_text((x, base), text, fontsize=size, fontname=font)

    def rule(self, x0: float, x1: float, y: float) -> None:
        self.page.draw_line((x0, y), (x1, y), width=0.6)

    def running_text(self, x: float, top: float, width: float) -> None:
        words: list[str] = []
        base = top
        while base < HEIGHT - 80:
            line: list[str] = []
            word = self.pick.choice(WORDS)
            while _width(" ".join([*line, word]), 10) < width:
                line.append(word)
                word = self.pick.choice(WORDS)
            self.put(x, base, " ".join(line), 10)
            words += line
            base += 12
        if words:
            self.sample.sentences.append(" ".join(words))

    def value(self) -> str:
        pick = self.pick
        return pick.choice(
            [
                f"{pick.uniform(0, 90):.1f}",
                f"{pick.randrange(1, 300)}",
                f"{pick.uniform(10, 90):.1f} ({pick.uniform(1, 20):.1f})",
                f"{pick.randrange(1, 99)} ({pick.randrange(1, 99)}%)",
                f"{pick.uniform(0.2, 3):.2f} ({pick.uniform(0.1, 1):.2f}-{pick.uniform(1, 4):.2f})",
                f"0.{pick.randrange(1, 999):03d}",
            ]
        )

    def contents(self) -> tuple[list[list[_Part]], list[list[_Part]]]:
        """Head and body rows of a table."""
        layout, pick = self.layout, self.pick
        columns = min(layout.columns, 4) if layout.place != "full" else layout.columns
        arms = pick.sample(ARMS, columns - 1)
        sizes = [f"(n={pick.randrange(20, 300)})" for _ in arms]
        heads: list[list[_Part]] = []
        if layout.spanning and columns >= 5:
            pairs = (columns - 1) // 2
            rest = columns - 1 - 2 * pairs
            heads.append([_Part([""]), *(_Part([arms[n]], 2) for n in range(pairs)), *[_Part([""])] * rest])
            heads.append([_Part(["Measure"]), *[_Part([w]) for _ in range(pairs) for w in ("Mean", "SD")]])
            heads[-1] += [_Part(["P value"])] * rest
        else:
            several = layout.head_lines > 1
            names = [_Part([a, n] if several else [a]) for a, n in zip(arms, sizes, strict=True)]
            heads.append([_Part([pick.choice(["Characteristic", "Outcome", ""])]), *names])
        body: list[list[_Part]] = []
        labels = pick.sample(LABELS, layout.rows)
        longest = max(_width(label, 10) for label in labels)
        for place, label in enumerate(labels):
            if layout.groups and place % 4 == 0:
                body.append([_Part([GROUPS[(place // 4) % 4]]), *[_Part([""])] * (columns - 1)])
            cells = [_Part(["" if layout.empty and pick.random() < 0.2 else self.value()]) for _ in range(columns - 1)]
            if layout.marks and cells[0].text and pick.random() < 0.4:
                cells[0].mark = pick.choice(["a", "b", "2", "*"])
            body.append([_Part(_wrap(label, 0.45 * longest) if layout.wrapped else [label]), *cells])
        return heads, body

    def table(self, x: float, top: float, width: float, number: int) -> float:
        layout = self.layout
        heads, body = self.contents()
        columns = len(body[0])
        size = min(layout.size, 7.5) if layout.place != "full" else layout.size
        need = [0.0] * columns
        for row in [*heads, *body]:
            at = 0
            for part in row:
                if part.span == 1:
                    need[at] = max(need[at], max(_width(line, size) for line in part.lines) + (4 if part.mark else 0))
                at += part.span
        gap = layout.gap
        while sum(need) + gap * (columns - 1) + 8 > width and size > 5:
            size -= 0.25
            need = [n * size / (size + 0.25) for n in need]
            gap = min(gap, 6.0)
        slack = max(0.0, width - 8 - sum(need) - gap * (columns - 1)) / (columns - 1) if layout.gap > 5 else 0.0
        starts = [x + 4]
        for n in range(columns - 1):
            starts.append(starts[-1] + need[n] + gap + slack)
        x1 = starts[-1] + need[-1] + 4
        title = "Characteristics of the patients" if number == 1 else "Results of the trial"
        caption = layout.caption.format(n=number, roman=ROMAN[number], title=title)
        if caption:
            self.put(x, top, caption, 8.5, "hebo" if layout.seed % 2 else "helv")
        y = top + 10
        truth: list[list[str]] = []
        cut = len(body) // 2 if layout.continued and layout.place == "full" else 0
        y = self.block(heads, y, starts, need, x, x1, size, head=True)
        y = self.block(body[:cut] if cut else body, y, starts, need, x, x1, size)
        if cut:
            self.begin_page()
            if caption:
                self.put(x, 80, f"{caption} (continued)", 8.5, "hebo" if layout.seed % 2 else "helv")
            y = 90
            if self.layout.seed % 3:
                y = self.block(heads, y, starts, need, x, x1, size, head=True)
            y = self.block(body[cut:], y, starts, need, x, x1, size)
        if layout.notes:
            self.put(x, y + size, "Values are mean (SD) or number (%). n, number.", size - 1)
            y += self.leading
        truth.append(_whole_heads(heads))
        for row in body:
            truth.append([part.text + (f" {part.mark}" if part.mark else "") for part in row if part.text])
        self.sample.tables.append(truth)
        return y

    def block(
        self,
        rows: list[list[_Part]],
        y: float,
        starts: list[float],
        need: list[float],
        x: float,
        x1: float,
        size: float,
        head: bool = False,
    ) -> float:
        """The rows printed from ``y`` down, with what parts them. The y under them."""
        layout = self.layout
        ruled = layout.parting in {"rules", "grid", "row rules"}
        if ruled and (head or layout.parting == "grid"):
            self.rule(x, x1, y)
        begun = y
        leading = 1.2 * size
        for place, row in enumerate(rows):
            deep = max(len(part.lines) for part in row)
            height = leading * deep + (2 if layout.parting in {"rules", "none"} else 5)
            if layout.parting == "zebra" and (place % 2 == 0) != head:
                self.page.draw_rect((x, y, x1, y + height), color=None, fill=(0.9, 0.9, 0.9))
            at = 0
            for part in row:
                end = starts[at + part.span - 1] + need[at + part.span - 1]
                self.cell(part, starts[at], end, y + leading * (deep - len(part.lines)) * head, size, at)
                if head and part.span > 1 and ruled:
                    self.rule(starts[at], end, y + height - 0.5)
                at += part.span
            y += height
            if layout.parting in {"grid", "row rules"} and not head:
                self.rule(x, x1, y)
        if ruled:
            self.rule(x, x1, y)
        if layout.parting == "grid":
            for start in [x, *(s - 2 for s in starts[1:]), x1]:
                self.page.draw_line((start, begun), (start, y), width=0.6)
        return y

    def cell(self, part: _Part, x0: float, x1: float, y: float, size: float, column: int) -> None:
        align = "left" if column == 0 else self.layout.align
        for n, line in enumerate(part.lines):
            width = _width(line, size)
            x = {"left": x0, "centre": (x0 + x1 - width) / 2, "right": x1 - width}[align]
            base = y + 1.2 * size * (n + 1) - 0.2 * size
            if line:
                self.put(x, base, line, size)
            if part.mark and n == len(part.lines) - 1:
                self.put(x + width + 0.2, base - 0.35 * size, part.mark, 0.65 * size)


def _whole_heads(heads: list[list[_Part]]) -> list[str]:
    """For each column all that stands over it."""
    columns = [[part.text for part in row for _ in range(part.span)] for row in heads]
    return [text for parts in zip(*columns, strict=True) if (text := " ".join(part for part in parts if part))]


def _wrap(text: str, width: float) -> list[str]:
    """The text in lines no wider than this at ten points, as a typesetter fills them."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if _width(longer, 10) > width and lines[-1]:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _width(text: str, size: float) -> float:
    return float(pymupdf.get_text_length(text, fontname="helv", fontsize=size))


def write_samples(count: int, folder: Path, first: int = 0) -> Iterator[Sample]:
    """``count`` files of consecutive seeds."""
    for seed in range(first, first + count):
        yield write_sample(draw_layout(seed), folder)
