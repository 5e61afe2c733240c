"""What MuPDF says of a page while it reads it, and whether it means that something of the page is lost.

MuPDF reads on whatever it meets, with a warning. Most warnings are of what text does not depend on: colours, the shapes
of letters, curves. Others say that a part of the page's content, a font or an object could not be read, and then words
are missing or wrong, mostly without any trace in the text.
"""

from __future__ import annotations

import re

# No words depend on these: shapes, colours, curves, notes that someone stuck to the page, and what other lines tell of.
_HARMLESS = re.compile(
    r"bogus font|freetype could not find any cmaps|FT_Load_Glyph|FT_Get_Advance|too many hints|lcms|ICC"
    r"|cmsOpenProfile|cmsCreateTransform|color ?space|shading|halftone|pattern|sample function|lineto|curveto"
    r"|closepath|no current point|appearance stream|annotation|gstate|clip nesting|marked content"
    r"|non-page object|invalid page object|Page tree load failed|repeated \d+ times|outline|structure tree"
    r"|optional content|font format|broken file|broken table|jbig2|jpx|jpeg|\bimage\b"
    r"|soft ?mask|actualtext|bidirectional|outside of the codespace|widget|form field|\blink\b|destination"
    r"|ExtGState|blend|function|tint",
    re.IGNORECASE,
)
_LOSS = re.compile(
    r"error|cannot|can't|could not|premature|incorrect|corrupt|broken|too many syntax|not a stream|expected|invalid"
    r"|missing|unknown|overflow|truncated|repair|treating as end|ignor|failed",
    re.IGNORECASE,
)


def tell_of_loss(warnings: str) -> bool:
    """Whether any of MuPDF's lines says that a part of what it read is lost."""
    return any(_LOSS.search(line) and not _HARMLESS.search(line) for line in warnings.splitlines())
