"""What the glyphs of fonts are that do not say it: TeX's mathematical fonts, publishers' Pi and Greek fonts.

Such a font shows a minus and calls it ``C0``, or shows a μ and calls it ``m``. Which sign it is follows from the font's
name and the glyph's. Only what a table tells is told here; every other glyph of such a font has no meaning that a
program could know, and "m" for milligram in a Greek font is no m.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

UNKNOWN = "\ufffd"

# TeX's fonts by code. Places that hold nothing which a sentence of a paper has are left out.
_SYMBOLS = dict(enumerate("−·×∗÷⋄±∓⊕⊖⊗⊘⊙◯∘•≍≡⊆⊇≤≥≼≽∼≈⊂⊃≪≫≺≻←→↑↓↔↗↘≃⇐⇒⇑⇓⇔↖↙∝′∞∈∋△▽")) | {
    56: "∀",
    57: "∃",
    58: "¬",
    59: "∅",
    91: "∪",
    92: "∩",
    94: "∧",
    95: "∨",
    102: "{",
    103: "}",
    106: "|",
    107: "‖",
}
_SYMBOLS |= {112: "√", 120: "§", 121: "†", 122: "‡", 123: "¶"}
_LETTERS = dict(enumerate("ΓΔΘΛΞΠΣΥΦΨΩαβγδεζηθικλμνξπρστυφχψω")) | {58: ".", 59: ",", 60: "<", 61: "/", 62: ">"}
_LARGE = {16: "(", 17: ")", 18: "(", 19: ")", 20: "[", 21: "]", 80: "∑", 88: "∑", 81: "∏", 82: "∫", 90: "∫"}
_MORE_SYMBOLS = {54: "≤", 62: "≥", 46: "≲", 38: "≳", 3: "□", 4: "■"}

_ADOBE_SYMBOL = dict(zip(range(97, 123), "αβχδεφγηιϕκλμνοπθρστυϖωξψζ", strict=True)) | dict(
    zip(range(65, 91), "ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ", strict=True)
)
_ADOBE_SYMBOL |= {45: "−", 0xA3: "≤", 0xA5: "∞", 0xB0: "°", 0xB1: "±", 0xB2: "″", 0xB3: "≥", 0xB4: "×", 0xB5: "∝"}
_ADOBE_SYMBOL |= {0xB7: "•", 0xB8: "÷", 0xB9: "≠", 0xBA: "≡", 0xBB: "≈", 0xA2: "′", 0xAB: "↔", 0xAC: "←", 0xAD: "↑"}
_ADOBE_SYMBOL |= {0xAE: "→", 0xAF: "↓", 0xD7: "⋅", 0xD6: "√", 0xE5: "∑", 0x7E: "∼"}

# Letters that mean the same Greek ones in all fonts of this kind; of others it depends on the font.
_GREEK = dict(zip("abgdehklmnpqrstwfDWSG", "αβγδεηκλμνπθρστωφΔΩΣΓ", strict=True))

# Glyphs that are called after letters of other alphabets.
_DISGUISED = {"eth": "(", "Thorn": ")", "thorn": "+", "onequarter": "="}
_LATIN_1 = {"onequarter": 0xBC, "Thorn": 0xDE, "eth": 0xF0, "thorn": 0xFE}

_MATHEMATICAL_PI = {
    **{f"H{9251 + place}": sign for place, sign in enumerate("αβγδεζηθικλμ")},
    "H9004": "Δ",
    "H9024": "Ω",
    "H11001": "+",
    "H11002": "−",
    "H11003": "×",
    "H11004": "÷",
    "H11005": "=",
    "H11006": "±",
    "H11011": "∼",
    "H11015": "≈",
    "H11021": "<",
    "H11022": ">",
    "H11032": "′",
    "H11034": "°",
    "H11349": "≤",
    "H11350": "≥",
    "H11554": "·",
    "H17009": "▲",
    "H17010": "▼",
    "H17012": "▶",
    "H17034": "○",
}

_FAMILIES: tuple[tuple[re.Pattern[str], Mapping[int, str]], ...] = tuple(
    (re.compile(pattern), codes)
    for pattern, codes in (
        (r"AdvP4C4E74|MTSY|MTSYN|TeX_CM_(?:Bold_)?Maths?_Symbols|AdvMT_SY|(?<![A-Za-z])CMB?SY", _SYMBOLS),
        (r"AdvP4C4E51|MTMI|TeX_CM_Maths?_Italic|AdvMT_MI|(?<![A-Za-z])CMMIB?", _LETTERS),
        (r"AdvP4C4E46|MTEX|(?<![A-Za-z])CMEX", _LARGE),
        (r"(?<![A-Za-z])MSAM", _MORE_SYMBOLS),
        (r"AdvSY(?![A-Za-z])|AdvPSSym|AdvPSSY|AdvSymb", _ADOBE_SYMBOL),
        (r"AdvP", _SYMBOLS),
    )
)
_GREEK_FONT = re.compile(
    r"AdvP7DA6|AdvPi1(?!\d)|AdvPSSym|AdvPSSY|AdvSymb|Universal-?Greek|Greek(?:with|and)?MathPi|MathPi"
)
_TEX_NAME = re.compile(r"C(\d{1,3})")
_DISGUISING = re.compile(r"AdvP4C4E74|AdvMT_SY|MTSY")


def sign_of(font: str, glyph: str) -> str:
    """The sign that a font of this name shows under a glyph's name; "" where the name may be taken at its word, and
    ``UNKNOWN`` where it may not and no table tells."""
    if glyph in _MATHEMATICAL_PI:
        return _MATHEMATICAL_PI[glyph]
    if found := _TEX_NAME.fullmatch(glyph):
        return _codes_of(font).get(int(found[1]), UNKNOWN)
    if glyph in _DISGUISED and _DISGUISING.search(font):
        return _DISGUISED[glyph]
    if len(glyph) == 1 and glyph.isalpha() and _GREEK_FONT.search(font):
        return _greek(font, glyph)
    return ""


@lru_cache(maxsize=256)
def signs_by_code(font: str) -> Mapping[int, str]:
    """What a font shows at the codes of a usual encoding, where it is none of letters: code → sign."""
    if _GREEK_FONT.search(font):
        return {ord(letter): _greek(font, letter) for letter in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"}
    if _DISGUISING.search(font):
        return {code: _DISGUISED[name] for name, code in _LATIN_1.items()}
    return {}


def _codes_of(font: str) -> Mapping[int, str]:
    return next((codes for pattern, codes in _FAMILIES if pattern.search(font)), {})


def _greek(font: str, letter: str) -> str:
    if "AdvP7DA6" in font and letter == "x":
        return "χ"
    if re.search(r"AdvPSSym|AdvPSSY|AdvSymb", font):
        return _ADOBE_SYMBOL.get(ord(letter), UNKNOWN)
    return _GREEK.get(letter, UNKNOWN)
