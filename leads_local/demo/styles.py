"""How the sample journals look. A layout is a row of this table, never code of its own.

They differ in what makes PDFs hard to read: size of page, typeface, indents or gaps between paragraphs, capitals in
headings, ligatures.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from leads_local.errors import InputError

FICTIONAL = "Fictional sample paper made for leads-local. No such trial, people or journal exist."


@dataclass(frozen=True, slots=True)
class Style:
    """Measures in points. ``fonts`` maps the roles used in a layout to PyMuPDF's names of the standard fonts."""

    width_of_page: float = 595.0
    height: float = 842.0
    margin: float = 50.0
    gutter: float = 19.0
    columns: int = 2
    size: float = 9.9
    leading: float = 12.3
    title_size: float = 17.0
    table_size: float = 7.9
    table_leading: float = 9.6
    indent: float = 11.0
    after_paragraph: float = 0.0
    capitals: bool = False
    ligatures: bool = False
    facing: bool = False  # running heads alternate between left and right pages
    justified_references: bool = True
    tells_title: bool = True  # whether the PDF's metadata name the paper
    fonts: dict[str, str] = field(default_factory=dict)

    @property
    def width(self) -> float:
        return self.width_of_page - 2 * self.margin

    @property
    def column_width(self) -> float:
        return (self.width - (self.columns - 1) * self.gutter) / self.columns

    @property
    def top(self) -> float:
        return self.margin + 4

    @property
    def bottom(self) -> float:
        return self.height - self.margin - 6


_SERIF = {"regular": "tiro", "bold": "tibo", "italic": "tiit", "title": "tibo", "heading": "tibo", "subheading": "tibi"}
_MIXED = {"regular": "tiro", "bold": "tibo", "italic": "tiit", "title": "hebo", "heading": "hebo", "subheading": "hebo"}
_SANS = {"regular": "helv", "bold": "hebo", "italic": "heit", "title": "hebo", "heading": "hebo", "subheading": "heit"}

STYLES = {
    "classic": Style(facing=True, fonts=_SERIF),
    "modern": Style(
        margin=46.0, indent=0.0, after_paragraph=4.0, ligatures=True, tells_title=False, title_size=18.0, fonts=_MIXED
    ),
    "letter": Style(
        width_of_page=612.0,
        height=792.0,
        margin=52.0,
        size=9.0,
        leading=11.9,
        table_size=7.5,
        capitals=True,
        justified_references=False,
        indent=9.0,
        fonts=_SANS,
    ),
}


def find_style(name: str) -> Style:
    """The layout called ``name``. Raises InputError when there is none."""
    if name not in STYLES:
        raise InputError(f"There is no layout {name!r} for sample papers; there are {', '.join(sorted(STYLES))}.")
    return STYLES[name]
