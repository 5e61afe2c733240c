"""Which of MuPDF's warnings mean that words are gone."""

from __future__ import annotations

import pytest

from leads_local.documents.losses import tell_of_loss

LOST = [
    "library error: zlib error: invalid distance too far back",
    "read error; treating as end of file",
    "cannot load content stream part 3/41",
    "ignoring zlib error: incorrect data check",
    "encountered syntax errors; page may not be correct",
    "content stream is not a stream (12 0 R)",
    "premature end of data in flate filter",
    "ignored error when loading embedded font; attempting to load system font",
    "syntax error: cannot find XObject resource 'Fm0'",
    "format error: corrupt object stream 1178",
]
HARMLESS = [
    "bogus font (PBLBCL+AdvOTf94803d4) ascent/descent values (0 / -205)",
    "freetype could not find any cmaps",
    "ignoring broken ICC profile",
    "FT_Load_Glyph(ABC,12): too many hints",
    "gstate underflow in content stream",
    "lineto with no current point",
    "non-page object in page tree (Page)",
    "cannot create appearance stream for Link annotations",
    "ignoring CMap range (0-1) that is outside of the codespace",
    "syntax error: cannot find ExtGState resource 'GS1'",
    "... repeated 4 times...",
]


@pytest.mark.parametrize("line", LOST)
def test_content_fonts_and_objects_that_can_not_be_read(line: str) -> None:
    assert tell_of_loss(line) and tell_of_loss("\n".join([*HARMLESS, line]))


def test_colours_shapes_and_notes_hold_no_words() -> None:
    assert not tell_of_loss("") and not tell_of_loss("\n".join(HARMLESS))
