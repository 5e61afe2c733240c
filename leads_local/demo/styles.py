"""How the sample journals look. A style is a row of this table, never code of its own.

They differ in what makes PDFs hard to read: size of page, typeface, indents or gaps between paragraphs, capitals in
headings, ligatures.
"""

from __future__ import annotations

from dataclasses import dataclass

from leads_local.errors import InputError

FICTIONAL = "Fictional sample paper made for leads-local. No such trial, people or journal exist."


@dataclass(frozen=True, slots=True)
class Style:
    """Measures in points. ``text`` and ``title`` are font families of CSS."""

    page_width: float = 595.0
    page_height: float = 842.0
    margin: float = 50.0
    gutter: float = 19.0
    columns: int = 2
    size: float = 9.9
    leading: float = 12.3
    title_size: float = 17.0
    table_size: float = 7.9
    indent: float = 11.0
    after_paragraph: float = 0.0
    capitals: bool = False
    ligatures: bool = False
    facing: bool = False  # running heads alternate between left and right pages
    justified_references: bool = True
    tells_title: bool = True  # whether the PDF's metadata name the paper
    text: str = "serif"
    title: str = "serif"

    @property
    def width(self) -> float:
        """Of the text, over all columns."""
        return self.page_width - 2 * self.margin

    @property
    def column_width(self) -> float:
        return (self.width - (self.columns - 1) * self.gutter) / self.columns

    @property
    def bottom(self) -> float:
        return self.page_height - self.margin - 6

    def css(self) -> str:
        """The style sheet of every piece of a paper: its class says what it is."""
        return f"""
            body {{ font-family: {self.text}; font-size: {self.size}pt; line-height: {self.leading}pt; margin: 0 }}
            div {{ margin: 0 }}
            .paragraph {{ text-align: justify }}
            .indented {{ text-align: justify; text-indent: {self.indent}pt }}
            .reference {{ text-align: {"justify" if self.justified_references else "left"};
                font-size: {self.size - 1.2}pt; line-height: 1.2; margin-left: 11pt; text-indent: -11pt }}
            .section {{ font-family: {self.title}; font-size: {self.size + 1.5}pt; line-height: 1.25 }}
            .part {{ font-family: {self.title}; font-size: {self.size + 0.2}pt; line-height: 1.25; font-style: italic }}
            .title {{ font-family: {self.title}; font-size: {self.title_size}pt; line-height: 1.22; font-weight: bold }}
            .small {{ font-size: 8pt; line-height: 1.22 }}
            .authors {{ font-size: 10.5pt; line-height: 1.22 }}
            .caption, .note, .figure {{ font-size: {self.table_size}pt; line-height: 1.22 }}
            .figure {{ text-align: center }}
        """


STYLES = {
    "classic": Style(facing=True),
    "modern": Style(
        margin=46.0,
        indent=0.0,
        after_paragraph=4.0,
        ligatures=True,
        tells_title=False,
        title_size=18.0,
        title="sans-serif",
    ),
    "letter": Style(
        page_width=612.0,
        page_height=792.0,
        margin=52.0,
        size=9.0,
        leading=11.9,
        table_size=7.5,
        capitals=True,
        justified_references=False,
        indent=9.0,
        text="sans-serif",
        title="sans-serif",
    ),
}


def find_style(name: str) -> Style:
    """The style called ``name``. Raises InputError when there is none."""
    if name not in STYLES:
        raise InputError(f"There is no style {name!r} for sample papers; there are {', '.join(sorted(STYLES))}.")
    return STYLES[name]
