"""Signs of fonts that name none: by the font's name and the glyph's, and unknown where no table tells."""

from __future__ import annotations

import pytest

from leads_local.documents.sign_names import UNKNOWN, sign_of, signs_by_code


@pytest.mark.parametrize(
    ("font", "glyph", "sign"),
    [
        *(("ABCDEF+AdvP4C4E74", glyph, sign) for glyph, sign in [("C0", "−"), ("C2", "×"), ("C15", "•"), ("C20", "≤")]),
        *(("SjkvfkAdvP4C4E74", glyph, sign) for glyph, sign in [("C6", "±"), ("C21", "≥"), ("C14", "∘"), ("C25", "≈")]),
        *(("AdvP4C4E51", glyph, sign) for glyph, sign in [("C11", "α"), ("C22", "μ"), ("C27", "σ"), ("C62", ">")]),
        *(("ABCDEF+MTSY", glyph, sign) for glyph, sign in [("C0", "−"), ("C49", "∞"), ("C120", "§")]),
        *(("AdvSY", glyph, sign) for glyph, sign in [("C163", "≤"), ("C109", "μ"), ("C177", "±")]),
        *(("MathematicalPi-One", glyph, sign) for glyph, sign in [("H11005", "="), ("H11350", "≥"), ("H9262", "μ")]),
        ("AdvP4C4E74", "eth", "("),
        ("AdvP4C4E74", "onequarter", "="),
        ("AdvP7DA6", "m", "μ"),
        ("UniversalGreekwithMathPi", "b", "β"),
        ("AdvPi1", "e", "ε"),
        ("AdvPi1", "c", UNKNOWN),
        ("AdvOT1234", "C12", UNKNOWN),
        ("AdvP4C4E74", "C99", UNKNOWN),
        ("Times-Roman", "m", ""),
        ("Times-Roman", "eth", ""),
        ("Times-Roman", "minus", ""),
    ],
)
def test_what_a_glyph_is(font: str, glyph: str, sign: str) -> None:
    assert sign_of(font, glyph) == sign


def test_a_greek_font_has_no_latin_letters_and_other_fonts_keep_theirs() -> None:
    greek = signs_by_code("XYZABC+AdvP7DA6")
    assert greek[ord("m")] == "μ" and greek[ord("x")] == "χ" and greek[ord("c")] == UNKNOWN
    assert not any(sign.isascii() for sign in greek.values())
    assert signs_by_code("XYZABC+AdvP4C4E74")[0xF0] == "("
    assert not signs_by_code("Times-Roman") and not signs_by_code("AdvOT34fe1490.B")
